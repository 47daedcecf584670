//! Looks at a database file without SQLite, so that a file we refuse keeps every byte and gains no companion (DB-7).

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use super::error::OpenError;
use super::files;

/// "PARL": SQLite's application id of our files.
pub const APPLICATION_ID: u32 = 0x5041_524C;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER: usize = 100;
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// What the first page says, as of the last commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whose file it is.
    pub application_id: u32,
    /// `user_version`: the last migration that ran.
    pub version: u32,
    /// Whether commits wait in the write-ahead log: the last user of the file did not close it.
    pub unclean: bool,
}

/// Reads who wrote a database and in which version; `None` where there is no file.
///
/// # Errors
/// [`OpenError::NotADatabase`] for anything but an SQLite header, [`OpenError::Orphan`] for a log without its database,
/// [`OpenError::Folder`] where a file cannot be read.
pub fn identify(database: &Path) -> Result<Option<Identity>, OpenError> {
    let wal = files::companion(database, "-wal");
    let unclean = std::fs::metadata(&wal).is_ok_and(|found| found.len() > 0);
    let file = match File::open(database) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && unclean => {
            return Err(OpenError::Orphan { path: wal });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::folder(database)(error)),
    };
    let mut header = [0; HEADER];
    match { file }.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(OpenError::NotADatabase),
        Err(error) => return Err(OpenError::folder(database)(error)),
    }
    if header[..16] != MAGIC[..] {
        return Err(OpenError::NotADatabase);
    }
    if unclean && let Some(newer) = File::open(&wal).and_then(first_page).map_err(OpenError::folder(&wal))? {
        header = newer;
    }
    Ok(Some(Identity { application_id: word(&header, 68), version: word(&header, 60), unclean }))
}

/// The header in the newest committed copy of page 1 in a write-ahead log, checked as SQLite checks it when it recovers.
/// Format: <https://sqlite.org/fileformat2.html#the_write_ahead_log>.
fn first_page(wal: File) -> io::Result<Option<[u8; HEADER]>> {
    let mut wal = BufReader::with_capacity(1 << 20, wal);
    let mut start = [0; WAL_HEADER];
    if !fill(&mut wal, &mut start)? {
        return Ok(None);
    }
    let magic = word(&start, 0);
    let page_size = word(&start, 8) as usize;
    if magic & !1 != 0x377F_0682 || !(512..=65_536).contains(&page_size) || !page_size.is_power_of_two() {
        return Ok(None);
    }
    let big_endian = magic & 1 == 1;
    let mut sum = checksum((0, 0), &start[..24], big_endian);
    if sum != (word(&start, 24), word(&start, 28)) {
        return Ok(None);
    }
    let (mut committed, mut pending) = (None, None);
    let mut frame = vec![0; FRAME_HEADER + page_size];
    while fill(&mut wal, &mut frame)? {
        let (head, page) = frame.split_at(FRAME_HEADER);
        sum = checksum(checksum(sum, &head[..8], big_endian), page, big_endian);
        if head[8..16] != start[16..24] || sum != (word(head, 16), word(head, 20)) {
            break;
        }
        if word(head, 0) == 1 {
            pending = page.first_chunk::<HEADER>().copied();
        }
        if word(head, 4) != 0 {
            committed = pending.or(committed);
        }
    }
    Ok(committed)
}

/// False at the end of the file, also in the middle of the buffer.
fn fill(reader: &mut impl io::Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn checksum(start: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let (words, _) = bytes.as_chunks::<4>();
    let (pairs, _) = words.as_chunks::<2>();
    pairs.iter().fold(start, |(a, b), [x, y]| {
        let a = a.wrapping_add(read(*x)).wrapping_add(b);
        (a, b.wrapping_add(read(*y)).wrapping_add(a))
    })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_be_bytes(*word))
}
