//! Long secrets in numbered items.
//!
//! Windows keeps at most 2,560 bytes an item, and half as many characters where it is given text. What is longer than
//! [`WHOLE`] goes into numbered parts, and the item itself becomes an index: which generation of parts, how many,
//! how long together. There are two generations, so that the next value is complete before the index moves to it;
//! parts are written upwards and removed downwards, so that what a crash leaves can be found from the first on.

use zeroize::Zeroizing;

use super::{Connection, Item, SecretError};
use crate::secrets::LONGEST;

/// Bytes in one item.
const WHOLE: usize = 1_200;
/// How an index begins; a secret that begins like one is kept in a part.
const INDEX: &str = "parlance-parts:1:";
/// A part may be cut up to 3 bytes short, at a character.
const MOST: usize = LONGEST.div_ceil(WHOLE - 3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    A,
    B,
}

impl Generation {
    fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
        }
    }

    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn part(self, item: &Item, number: usize) -> Item {
        Item {
            account: format!("{}#{}{number}", item.account, self.letter()),
            label: format!("{} (part {number})", item.label),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Index {
    generation: Generation,
    parts: usize,
    bytes: usize,
}

impl Index {
    fn text(&self) -> String {
        format!("{INDEX}{}:{}:{}", self.generation.letter(), self.parts, self.bytes)
    }

    /// `None` for a secret that stands for itself.
    fn read(kept: &[u8]) -> Result<Option<Self>, SecretError> {
        let Some(rest) = kept.strip_prefix(INDEX.as_bytes()) else { return Ok(None) };
        let fields = || {
            let mut fields = std::str::from_utf8(rest).ok()?.split(':');
            let generation = match fields.next()? {
                "a" => Generation::A,
                "b" => Generation::B,
                _ => return None,
            };
            let mut number = || fields.next()?.parse::<usize>().ok();
            let index = Self { generation, parts: number()?, bytes: number()? };
            (fields.next().is_none() && index.parts <= MOST && index.bytes <= LONGEST).then_some(index)
        };
        fields().map(Some).ok_or(SecretError::Damaged)
    }
}

/// Reads a secret, whole or not at all.
pub(super) fn read(connection: &mut dyn Connection, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let kept = connection.read(item)?;
    let Some(index) = Index::read(&kept)? else { return Ok(kept) };
    // The room at once: a vector that grows leaves copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(index.bytes));
    for number in 1..=index.parts {
        let part = connection.read(&index.generation.part(item, number)).map_err(|error| match error {
            SecretError::NotFound => SecretError::Damaged,
            other => other,
        })?;
        if secret.len() + part.len() > index.bytes {
            return Err(SecretError::Damaged);
        }
        secret.extend_from_slice(&part);
    }
    if secret.len() == index.bytes { Ok(secret) } else { Err(SecretError::Damaged) }
}

/// Writes a secret. Until the item itself is written, what was there before is read.
pub(super) fn write(connection: &mut dyn Connection, item: &Item, secret: &[u8]) -> Result<(), SecretError> {
    if secret.len() <= WHOLE && !secret.starts_with(INDEX.as_bytes()) {
        connection.write(item, secret)?;
        clear(connection, item, Generation::A)?;
        return clear(connection, item, Generation::B);
    }
    let generation = match connection.read(item) {
        Ok(kept) => Index::read(&kept).ok().flatten().map_or(Generation::A, |index| index.generation.other()),
        Err(SecretError::NotFound | SecretError::Damaged) => Generation::A,
        Err(other) => return Err(other),
    };
    clear(connection, item, generation)?;
    let mut parts = 0;
    for part in cut(secret) {
        parts += 1;
        connection.write(&generation.part(item, parts), part)?;
    }
    connection.write(item, Index { generation, parts, bytes: secret.len() }.text().as_bytes())?;
    clear(connection, item, generation.other())
}

/// Removes a secret; the item itself last, so that what is broken off can be repeated.
pub(super) fn remove(connection: &mut dyn Connection, item: &Item) -> Result<(), SecretError> {
    clear(connection, item, Generation::A)?;
    clear(connection, item, Generation::B)?;
    connection.remove(item)
}

fn clear(connection: &mut dyn Connection, item: &Item, generation: Generation) -> Result<(), SecretError> {
    let mut there = 0;
    loop {
        match connection.read(&generation.part(item, there + 1)) {
            Ok(_) | Err(SecretError::Damaged) if there < MOST => there += 1,
            Ok(_) | Err(SecretError::NotFound | SecretError::Damaged) => break,
            Err(other) => return Err(other),
        }
    }
    (1..=there).rev().try_for_each(|number| connection.remove(&generation.part(item, number)))
}

/// Cuts between characters: some keyrings keep text only.
fn cut(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = secret;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let inside = |at: usize| rest.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
        let end = WHOLE.min(rest.len());
        let end = (end.saturating_sub(3)..=end).rev().find(|at| !inside(*at)).unwrap_or(end);
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}
