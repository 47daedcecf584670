//! A disk that loses power: what was synced stays, of the rest any part may.

use std::collections::BTreeMap;
use std::path::Path;

use super::trace::{FileId, Op};

const SECTOR: usize = 512;

/// The folder as it stands on a disk.
#[derive(Clone, Debug, Default, Hash, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) names: BTreeMap<String, FileId>,
    pub(crate) files: BTreeMap<FileId, Vec<u8>>,
}

/// How much of what was not synced reached the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Survives {
    Nothing,
    FirstHalf,
    Everything,
    /// Each operation by a coin, a write sector by sector.
    ByChance,
}

impl Disk {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Link { name, file } => {
                self.files.entry(*file).or_default();
                self.names.insert(name.clone(), *file);
            }
            Op::Unlink { name } => {
                self.names.remove(name);
            }
            Op::Rename { from, to, file } => {
                self.names.remove(from);
                self.names.insert(to.clone(), *file);
            }
            Op::Write { file, at, bytes } => self.write(*file, *at, bytes),
            Op::Resize { file, length } => self.files.entry(*file).or_default().resize(*length, 0),
            Op::Sync { .. } | Op::SyncFolder | Op::Ack(_) => {}
        }
    }

    fn write(&mut self, file: FileId, at: usize, bytes: &[u8]) {
        let content = self.files.entry(file).or_default();
        if content.len() < at + bytes.len() {
            content.resize(at + bytes.len(), 0);
        }
        content[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Puts the files into a folder.
    pub(crate) fn pour(&self, folder: &Path) {
        for (name, file) in &self.names {
            let empty = Vec::new();
            std::fs::write(folder.join(name), self.files.get(file).unwrap_or(&empty)).unwrap();
        }
    }
}

/// A disk with a cache: operations wait until something syncs them.
pub(crate) struct Cached {
    durable: Disk,
    waiting: Vec<Op>,
    pub(crate) acknowledged: u32,
}

impl Cached {
    pub(crate) fn new(durable: Disk) -> Self {
        Self { durable, waiting: Vec::new(), acknowledged: 0 }
    }

    pub(crate) fn take(&mut self, op: &Op) {
        match op {
            Op::Ack(number) => self.acknowledged = *number,
            Op::Sync { file } => {
                self.settle(|op| matches!(op, Op::Write { file: of, .. } | Op::Resize { file: of, .. } if of == file))
            }
            Op::SyncFolder => self.settle(|op| matches!(op, Op::Link { .. } | Op::Unlink { .. } | Op::Rename { .. })),
            other => self.waiting.push(other.clone()),
        }
    }

    fn settle(&mut self, synced: impl Fn(&Op) -> bool) {
        let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|op| synced(op));
        self.waiting = waiting;
        let settled: Vec<Op> = settled;
        settled.iter().for_each(|op| self.durable.apply(op));
    }

    /// What a power loss at this moment leaves.
    pub(crate) fn after_power_loss(&self, survives: Survives, random: &mut Random) -> Disk {
        let mut disk = self.durable.clone();
        let kept = match survives {
            Survives::Nothing => 0,
            Survives::FirstHalf => self.waiting.len() / 2,
            Survives::Everything | Survives::ByChance => self.waiting.len(),
        };
        for op in &self.waiting[..kept] {
            match op {
                _ if survives != Survives::ByChance => disk.apply(op),
                Op::Write { file, at, bytes } => scatter(&mut disk, *file, *at, bytes, random),
                other if random.coin() => disk.apply(other),
                _ => {}
            }
        }
        disk
    }
}

/// Writes all, none or some sectors.
fn scatter(disk: &mut Disk, file: FileId, at: usize, bytes: &[u8], random: &mut Random) {
    if random.coin() {
        if random.coin() {
            disk.write(file, at, bytes);
        }
        return;
    }
    let mut from = 0;
    while from < bytes.len() {
        let to = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
        if random.coin() {
            disk.write(file, at + from, &bytes[from..to]);
        }
        from = to;
    }
}

/// A small seeded generator, so that each run is the same run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn coin(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 & 0x10_0000 != 0
    }
}
