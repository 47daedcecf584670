//! Reads what a process did to the files of one folder from the output of strace.

use std::collections::BTreeMap;

/// A file, whatever its names.
pub(crate) type FileId = usize;

/// One thing done to the folder, in the order it was finished.
#[derive(Clone, Debug, Hash)]
pub(crate) enum Op {
    Link {
        name: String,
        file: FileId,
    },
    Unlink {
        name: String,
    },
    Rename {
        from: String,
        to: String,
        file: FileId,
    },
    Write {
        file: FileId,
        at: usize,
        bytes: Vec<u8>,
    },
    Resize {
        file: FileId,
        length: usize,
    },
    Sync {
        file: FileId,
    },
    SyncFolder,
    /// The process told the world that a commit is safe.
    Ack(u32),
}

/// The calls that strace has to record.
pub(crate) const CALLS: &str = "trace=openat,open,creat,pwrite64,pwritev,write,writev,fdatasync,fsync,ftruncate,fallocate,\
                                unlink,unlinkat,rename,renameat,renameat2";

/// Turns strace's lines (`-f -y -xx`) into operations on `folder`; `known` are the files it begins with.
pub(crate) fn parse(text: &str, folder: &str, known: &BTreeMap<String, FileId>) -> Vec<Op> {
    let mut reader = Reader { folder, names: known.clone(), next: known.len(), ops: Vec::new() };
    let mut begun: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines() {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(start) = call.strip_suffix("<unfinished ...>") {
            begun.insert(pid, start.to_owned());
        } else if let Some((_, end)) = call.split_once(" resumed>") {
            let whole = begun.remove(pid).unwrap_or_default() + end;
            reader.take(&whole);
        } else {
            reader.take(call);
        }
    }
    reader.ops
}

struct Reader<'a> {
    folder: &'a str,
    names: BTreeMap<String, FileId>,
    next: FileId,
    ops: Vec<Op>,
}

impl Reader<'_> {
    fn take(&mut self, call: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return };
        if result.starts_with('-') || result.starts_with('?') {
            return;
        }
        let strings = strings(arguments);
        match name {
            "openat" | "open" | "creat" => self.open(arguments, &strings),
            "unlink" | "unlinkat" => self.unlink(&strings),
            "rename" | "renameat" | "renameat2" => self.rename(&strings),
            "fsync" | "fdatasync" => self.sync(&strings),
            "ftruncate" => self.resize(arguments, &strings),
            "pwrite64" => self.write(arguments, result, &strings),
            "write" => self.say(&strings),
            _ => {
                let here = strings.first().is_some_and(|path| self.name_of(path).is_some());
                assert!(!here, "{name} on the store is not understood by this replay");
            }
        }
    }

    /// The name within the folder of a path that belongs to the store; the shared memory never counts.
    fn name_of(&self, path: &[u8]) -> Option<String> {
        let path = String::from_utf8_lossy(path);
        let name = path.strip_prefix(self.folder)?.strip_prefix('/')?;
        let ours = name.starts_with("parlance.db") && !name.ends_with("-shm") && !name.ends_with("(deleted)");
        ours.then(|| name.to_owned())
    }

    fn file_of(&self, path: Option<&Vec<u8>>) -> Option<FileId> {
        self.names.get(&self.name_of(path?)?).copied()
    }

    fn open(&mut self, arguments: &str, strings: &[Vec<u8>]) {
        let path = strings.iter().find(|string| self.name_of(string).is_some());
        let Some(name) = path.and_then(|path| self.name_of(path)) else { return };
        if arguments.contains("O_CREAT") && !self.names.contains_key(&name) {
            self.names.insert(name.clone(), self.next);
            self.ops.push(Op::Link { name, file: self.next });
            self.next += 1;
        }
        assert!(!arguments.contains("O_TRUNC"), "the store never truncates by opening");
    }

    fn unlink(&mut self, strings: &[Vec<u8>]) {
        if let Some(name) = strings.iter().find_map(|path| self.name_of(path)) {
            self.names.remove(&name);
            self.ops.push(Op::Unlink { name });
        }
    }

    fn rename(&mut self, strings: &[Vec<u8>]) {
        let mut names = strings.iter().filter_map(|path| self.name_of(path));
        if let (Some(from), Some(to)) = (names.next(), names.next())
            && let Some(file) = self.names.remove(&from)
        {
            self.names.insert(to.clone(), file);
            self.ops.push(Op::Rename { from, to, file });
        }
    }

    fn sync(&mut self, strings: &[Vec<u8>]) {
        if let Some(file) = self.file_of(strings.first()) {
            self.ops.push(Op::Sync { file });
        } else if strings.first().is_some_and(|path| path == self.folder.as_bytes()) {
            self.ops.push(Op::SyncFolder);
        }
    }

    fn resize(&mut self, arguments: &str, strings: &[Vec<u8>]) {
        if let Some(file) = self.file_of(strings.first()) {
            self.ops.push(Op::Resize { file, length: last_number(arguments) });
        }
    }

    fn write(&mut self, arguments: &str, result: &str, strings: &[Vec<u8>]) {
        if let Some(file) = self.file_of(strings.first()) {
            let mut bytes = strings[1].clone();
            bytes.truncate(result.trim().parse().unwrap());
            self.ops.push(Op::Write { file, at: last_number(arguments), bytes });
        }
    }

    fn say(&mut self, strings: &[Vec<u8>]) {
        assert!(self.file_of(strings.first()).is_none(), "the store is written with pwrite64 alone");
        let Some(said) = strings.get(1) else { return };
        let said = String::from_utf8_lossy(said);
        let acks =
            said.lines().filter_map(|line| line.strip_prefix("ACK ")).map(|number| Op::Ack(number.parse().unwrap()));
        self.ops.extend(acks);
    }
}

/// Every run of `\xNN`, quoted or as the path of a descriptor.
fn strings(arguments: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = arguments;
    while let Some(start) = rest.find(['"', '<']) {
        let close = if rest.as_bytes()[start] == b'"' { '"' } else { '>' };
        let body = &rest[start + 1..];
        let Some(end) = body.find(close) else { break };
        let digits = |at: &str| u8::from_str_radix(at, 16).ok();
        found.push(body[..end].split("\\x").filter_map(digits).collect());
        rest = &body[end + 1..];
    }
    found
}

fn last_number(arguments: &str) -> usize {
    let tail = arguments.trim_end().trim_end_matches(')');
    tail.rsplit(", ").next().unwrap().trim().parse().unwrap()
}
