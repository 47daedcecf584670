//! The recorder of traffic.

use std::{io, path::Path, sync::Arc};

use parlance_providers::traffic::{self, Recorder};

use super::App;
use crate::{
    error::Error,
    history::error::StoreError,
    view::{ExportView, SettingChange, Settings, TrafficView},
};

/// The recorder's folder in the data folder.
pub(super) const FOLDER: &str = "traffic";
/// Exports of one day.
const MOST_OF_A_DAY: u32 = 1_000;

impl App {
    /// What is recorded.
    ///
    /// # Errors
    /// [`Error::Store`] where the folder cannot be read.
    pub async fn traffic(&self) -> Result<TrafficView, Error> {
        self.with_recorder(|recorder| {
            let kept = traffic::list(recorder.folder())?;
            Ok(TrafficView {
                recording: recorder.is_on(),
                exchanges: u32::try_from(kept.len()).unwrap_or(u32::MAX),
                bytes: kept.iter().map(|file| file.bytes as f64).sum(),
                most_bytes: recorder.most_of_all() as f64,
            })
        })
        .await
    }

    /// Writes what was recorded into the host's folder for such files: one folder with an index and a file an exchange.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `traffic` / `empty` where there is nothing; [`Error::Store`] where it cannot be written.
    pub async fn export_traffic(&self) -> Result<ExportView, Error> {
        if self.traffic().await?.exchanges == 0 {
            return Err(Error::invalid("traffic", "empty"));
        }
        let exports = self.inner.outside.exports.clone();
        let day = self.inner.clock.local_day(self.inner.clock.now_ms());
        self.with_recorder(move |recorder| {
            std::fs::create_dir_all(&exports)?;
            export(recorder.folder(), &exports, &day)
        })
        .await
    }

    /// Deletes what was recorded. Whether it records stays as it is.
    ///
    /// # Errors
    /// [`Error::Store`] where it cannot be deleted.
    pub async fn clear_traffic(&self) -> Result<TrafficView, Error> {
        self.with_recorder(|recorder| traffic::clear(recorder.folder())).await?;
        self.traffic().await
    }

    /// Records from now on what the settings say.
    pub(super) fn follow_settings(&self, change: Option<&SettingChange>, settings: &Settings) {
        if change.is_none_or(|change| matches!(change, SettingChange::RecordTraffic(_))) {
            self.inner.recorder.switch(settings.record_traffic);
        }
        if matches!(change, Some(SettingChange::WeeklyPrices(true))) {
            self.inner.refreshing.look_again();
        }
    }

    /// Works on the files once all that is over is written.
    async fn with_recorder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Recorder) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let recorder = Arc::clone(&self.inner.recorder);
        let done = tokio::task::spawn_blocking(move || {
            recorder.settle();
            work(&recorder)
        });
        let done = done.await.map_err(|_| StoreError::Panicked)?;
        Ok(done.map_err(StoreError::from)?)
    }
}

/// Into a folder that is not there yet.
fn export(folder: &Path, exports: &Path, day: &str) -> io::Result<ExportView> {
    for number in 1..=MOST_OF_A_DAY {
        let name = match number {
            1 => format!("parlance-traffic-{day}"),
            again => format!("parlance-traffic-{day}-{again}"),
        };
        let path = exports.join(name);
        match traffic::export(folder, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Ok(count) => return Ok(ExportView { path: path.display().to_string(), count, keys_missing: 0 }),
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
