//! Where the window stood, for the next start: a file of our own beside the store, so that two data folders are two
//! windows. Lengths are logical pixels.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use parlance_core::history::files;
use serde::{Deserialize, Serialize};
use tauri::{Monitor, Window};

/// The file's name in the data folder.
const FILE: &str = "window.json";
/// More than this is no placement of ours.
const LARGEST_FILE: u64 = 4_096;
/// The least a window may be.
pub(crate) const LEAST: (f64, f64) = (720.0, 560.0);
/// How large it is at first.
const FIRST: (f64, f64) = (1280.0, 832.0);
/// So much of its upper edge must be in sight for a person to take hold of it.
const GRIP: (f64, f64) = (120.0, 32.0);

/// A window's size, place and state.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The upper left corner; the system chooses where there is none.
    pub(crate) at: Option<(f64, f64)>,
    pub(crate) maximised: bool,
}

/// A monitor, as far as a window must fit on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Screen {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl From<&Monitor> for Screen {
    fn from(monitor: &Monitor) -> Self {
        let place = monitor.position().to_logical::<f64>(monitor.scale_factor());
        let size = monitor.size().to_logical::<f64>(monitor.scale_factor());
        Self { left: place.x, top: place.y, width: size.width, height: size.height }
    }
}

impl Default for Placement {
    fn default() -> Self {
        Self { width: FIRST.0, height: FIRST.1, at: None, maximised: false }
    }
}

impl Placement {
    /// What was kept in this data folder; the first size where nothing was, or nothing that can be read.
    pub(crate) fn load(data_dir: &Path) -> Self {
        read(&data_dir.join(FILE)).unwrap_or_default()
    }

    /// Keeps it, whole or not at all.
    pub(crate) fn save(&self, data_dir: &Path) -> io::Result<()> {
        let scratch = data_dir.join(format!("{FILE}.new"));
        files::remove_if_there(&scratch)?;
        let written = files::new_private_file(&scratch)
            .and_then(|mut file| file.write_all(&serde_json::to_vec(self)?))
            .and_then(|()| fs::rename(&scratch, data_dir.join(FILE)));
        if written.is_err() {
            let _gone = files::remove_if_there(&scratch);
        }
        written
    }

    /// The same, so that it can be seen and taken hold of on the screens there are now.
    pub(crate) fn on(self, screens: &[Screen]) -> Self {
        let sane = |length: f64, first: f64| if length.is_finite() && length > 0.0 { length } else { first };
        let (mut width, mut height) = (sane(self.width, FIRST.0), sane(self.height, FIRST.1));
        let largest = |length: fn(&Screen) -> f64| screens.iter().map(length).fold(0.0, f64::max);
        if !screens.is_empty() {
            width = width.min(largest(|screen| screen.width));
            height = height.min(largest(|screen| screen.height));
        }
        let in_reach = |at: &(f64, f64)| screens.iter().any(|screen| screen.shows_grip(*at, width));
        Self { width: width.max(LEAST.0), height: height.max(LEAST.1), at: self.at.filter(in_reach), ..self }
    }

    /// Takes over what a window is now. While it fills the screen, what it was before stays.
    pub(crate) fn follow(&mut self, window: &Window) -> tauri::Result<()> {
        if window.is_minimized()? {
            return Ok(());
        }
        self.maximised = window.is_maximized()?;
        if self.maximised || window.is_fullscreen()? {
            return Ok(());
        }
        let scale = window.scale_factor()?;
        let size = window.inner_size()?.to_logical::<f64>(scale);
        (self.width, self.height) = (size.width, size.height);
        let place = window.outer_position()?.to_logical::<f64>(scale);
        self.at = Some((place.x, place.y));
        Ok(())
    }
}

impl Screen {
    fn shows_grip(&self, (left, top): (f64, f64), width: f64) -> bool {
        let seen = (left + width).min(self.left + self.width) - left.max(self.left);
        let within = self.top - 1.0 <= top && top + GRIP.1 <= self.top + self.height;
        within && seen >= GRIP.0
    }
}

fn read(path: &PathBuf) -> Option<Placement> {
    if fs::metadata(path).ok()?.len() > LARGEST_FILE {
        return None;
    }
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: Screen = Screen { left: 0.0, top: 0.0, width: 1440.0, height: 900.0 };
    const BESIDE: Screen = Screen { left: 1440.0, top: -200.0, width: 2560.0, height: 1440.0 };

    fn placed(width: f64, height: f64, at: (f64, f64)) -> Placement {
        Placement { width, height, at: Some(at), maximised: false }
    }

    #[test]
    fn it_stands_where_it_stood() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Placement::load(folder.path()), Placement::default());
        let kept = Placement { maximised: true, ..placed(900.0, 700.0, (1500.0, -100.0)) };
        kept.save(folder.path()).unwrap();
        kept.save(folder.path()).unwrap();
        assert_eq!(Placement::load(folder.path()), kept);
        assert_eq!(kept.on(&[LAPTOP, BESIDE]), kept);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        for broken in ["", "{", "[]", "{\"width\":1}", &" ".repeat(5_000)] {
            fs::write(folder.path().join(FILE), broken).unwrap();
            assert_eq!(Placement::load(folder.path()), Placement::default(), "{broken:.10}");
        }
    }

    #[test]
    fn it_can_be_seen_though_the_monitor_is_gone() {
        assert_eq!(placed(900.0, 700.0, (1500.0, -100.0)).on(&[LAPTOP]).at, None);
        assert_eq!(placed(900.0, 700.0, (-850.0, 10.0)).on(&[LAPTOP]).at, None);
        assert_eq!(placed(900.0, 700.0, (-700.0, 10.0)).on(&[LAPTOP]).at, Some((-700.0, 10.0)));
        assert_eq!(placed(900.0, 700.0, (10.0, 890.0)).on(&[LAPTOP]).at, None);
        assert_eq!(placed(900.0, 700.0, (10.0, -50.0)).on(&[LAPTOP]).at, None);
        assert_eq!(placed(900.0, 700.0, (f64::MAX, 0.0)).on(&[LAPTOP]).at, None);
        assert_eq!(placed(900.0, 700.0, (0.0, 0.0)).on(&[]).at, None);
    }

    #[test]
    fn it_is_never_too_small_nor_larger_than_a_screen() {
        let size = |width, height| {
            let placement = placed(width, height, (0.0, 0.0)).on(&[LAPTOP]);
            (placement.width, placement.height)
        };
        assert_eq!(size(1.0, 1.0), LEAST);
        assert_eq!(size(9_000.0, 9_000.0), (1440.0, 900.0));
        assert_eq!(size(-5.0, f64::NAN), (1280.0, 832.0));
        let tiny = Screen { width: 400.0, height: 300.0, ..LAPTOP };
        let placement = placed(1000.0, 700.0, (0.0, 0.0)).on(&[tiny]);
        assert_eq!((placement.width, placement.height), LEAST);
    }
}
