//! The folder with the files: `<wire>/<number>-<vendor>-<kind>.json`. Other files in it are nobody's business here.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::exchange::Draft;
use super::{MOST_FILES, file};

/// Digits of a number; more are fine, too.
const DIGITS: usize = 8;
/// The longest name of a vendor in a file's name, in characters.
const LONGEST_VENDOR: usize = 40;

/// The end of the name of a file that is not whole yet.
const PART: &str = ".part";

/// A file that the recorder wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Counts up; the oldest has the least.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The files of a recorder, the oldest first. A folder that is not there has none.
///
/// # Errors
/// Where the folder cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<Kept>> {
    let mut files = Vec::new();
    for wire in entries(folder)? {
        if wire.file_type()?.is_dir() {
            for entry in entries(&wire.path())? {
                // Neither a folder nor a link is a file of ours, whatever its name.
                let number = entry.file_name().to_str().and_then(number);
                if let (Some(number), true) = (number, entry.file_type()?.is_file()) {
                    files.push(Kept { number, bytes: entry.metadata()?.len(), path: entry.path() });
                }
            }
        }
    }
    files.sort_by(|a, b| a.number.cmp(&b.number).then_with(|| a.path.cmp(&b.path)));
    Ok(files)
}

fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The number in a name of ours.
fn number(name: &str) -> Option<u64> {
    let (number, rest) = name.strip_suffix(".json")?.split_once('-')?;
    let ours = number.len() >= DIGITS
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    ours.then(|| number.parse().ok()).flatten()
}

/// A file of ours over which the app was killed.
fn is_unfinished(name: &str) -> bool {
    name.strip_suffix(PART).is_some_and(|name| number(&format!("{name}.json")).is_some())
}

/// Deletes the files of a recorder, and the folders that are empty then.
///
/// # Errors
/// Where one cannot be deleted.
pub fn clear(folder: &Path) -> io::Result<()> {
    for file in list(folder)? {
        gone(fs::remove_file(&file.path))?;
    }
    for wire in entries(folder)? {
        if wire.file_type()?.is_dir() {
            for entry in entries(&wire.path())? {
                if entry.file_name().to_str().is_some_and(is_unfinished) && entry.file_type()?.is_file() {
                    gone(fs::remove_file(entry.path()))?;
                }
            }
            // One with something else in it stays.
            let _kept = fs::remove_dir(wire.path());
        }
    }
    Ok(())
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Copies the files of a recorder to `to`, which must not be there yet, with an `index.jsonl` of all. Gives their count.
///
/// # Errors
/// Where something cannot be read or written. What was written by then stays.
pub fn export(folder: &Path, to: &Path) -> io::Result<u32> {
    fs::create_dir(to)?;
    let mut index = BufWriter::new(File::create_new(to.join("index.jsonl"))?);
    let mut count = 0;
    for file in list(folder)? {
        let Ok(text) = fs::read(&file.path) else { continue };
        // What is not whole is nobody's exchange: the app may have been killed over it.
        let Ok(exchange) = serde_json::from_slice::<Value>(&text) else { continue };
        let Some(wire) = file.path.parent().and_then(Path::file_name) else { continue };
        fs::create_dir_all(to.join(wire))?;
        let name = file.path.file_name().unwrap_or_default();
        fs::write(to.join(wire).join(name), text)?;
        let member = |name: &str| exchange.get(name).cloned().unwrap_or_default();
        let line = json!({
            "name": member("name"), "wire": member("wire"), "kind": member("kind"), "provider": member("provider"),
            "model": member("model"), "fidelity": member("fidelity"), "features": member("features"),
            "outcome": member("outcome"),
        });
        writeln!(index, "{line}")?;
        count += 1;
    }
    index.flush()?;
    Ok(count)
}

/// The folder as the thread that writes knows it.
pub(super) struct Folder {
    path: PathBuf,
    most: u64,
}

impl Folder {
    pub(super) fn new(path: PathBuf, most: u64) -> Self {
        Self { path, most }
    }

    /// Writes an exchange down and makes room for it.
    pub(super) fn keep(&mut self, draft: &Draft) -> io::Result<()> {
        // Looked up each time: a person may have cleared it meanwhile.
        let mut files: VecDeque<Kept> = list(&self.path)?.into();
        let next = files.back().map_or(1, |last| last.number + 1);
        let vendor: String = draft.about.provider.to_ascii_lowercase().chars().take(LONGEST_VENDOR).collect();
        let vendor = vendor.replace(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit(), "-");
        let name = format!("{next:0DIGITS$}-{vendor}-{}", file::kind(draft));
        let text = file::text(draft, &name);
        let mut held: u64 = files.iter().map(|file| file.bytes).sum();
        while held + text.len() as u64 > self.most || files.len() >= MOST_FILES {
            let Some(oldest) = files.pop_front() else { break };
            gone(fs::remove_file(&oldest.path))?;
            held -= oldest.bytes;
        }
        let wire = self.path.join(draft.about.wire);
        private_folder(&wire)?;
        let unfinished = wire.join(format!("{name}{PART}"));
        // One that a killed app left behind.
        gone(fs::remove_file(&unfinished))?;
        let mut part = private_file().open(&unfinished)?;
        part.write_all(&text)?;
        drop(part);
        fs::rename(&unfinished, wire.join(format!("{name}.json")))
    }
}

/// Chats are in it: nobody else on this computer reads it.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_have_a_number() {
        assert_eq!(number("00000012-openai-chat-stream.json"), Some(12));
        assert_eq!(number("123456789-a-models.json"), Some(123_456_789));
        for other in
            ["12-openai-chat.json", "00000012.json", "00000012-a.json.part", "00000012-../a.json", "notes.json"]
        {
            assert_eq!(number(other), None, "{other}");
        }
        assert!(is_unfinished("00000012-a-chat.part") && !is_unfinished("notes.part"));
    }
}
