//! What the recorder of traffic learns of a program: how it was started, what it was told, and the lines it wrote.

use std::ffi::OsString;
use std::sync::Arc;

use bytes::Bytes;

use super::process::Launch;
use crate::ProviderError;
use crate::catalog::Vendor;
use crate::dialect::ResponseHead;
use crate::traffic::{About, Exchange, Mask, Recorder, Sent};
use crate::transport::{ByteStream, Hidden};

/// Variables whose values say whose machine it is: the program writes paths below them.
const HOMES: [&str; 2] = ["HOME", "USERPROFILE"];

/// The recorder of one program.
pub(super) struct Recording {
    to: Arc<Recorder>,
    mask: Arc<Mask>,
}

impl Recording {
    /// What is hidden in errors is masked, and where the person's files are.
    pub(super) fn new(to: &Arc<Recorder>, hidden: &Hidden, environment: &[(OsString, OsString)]) -> Self {
        let is_home = |name: &OsString| HOMES.iter().any(|home| name.eq_ignore_ascii_case(home));
        let homes = environment.iter().filter(|(name, _)| is_home(name)).filter_map(|(_, value)| value.to_str());
        Self { to: Arc::clone(to), mask: Arc::new(hidden.mask(homes)) }
    }

    /// The record of a start, where one is kept. Of the environment nothing is.
    pub(super) fn begin(&self, vendor: &Vendor, model: &str, launch: &Launch) -> Option<Exchange> {
        let exchange = self.to.begin(About {
            provider: vendor.id.clone(),
            wire: vendor.dialect_of(model).as_str(),
            kind: "chat-stream",
            model: Some(model.to_owned()),
            mask: Arc::clone(&self.mask),
        })?;
        let name = launch.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let arguments: Vec<_> = launch.arguments.iter().map(|argument| quoted(&argument.to_string_lossy())).collect();
        exchange.sent(Sent {
            method: "RUN".to_owned(),
            host: "localhost".to_owned(),
            path: format!("{name} {}", arguments.join(" ")),
            auth: None,
            headers: Vec::new(),
            body: Some(Bytes::copy_from_slice(&launch.input)),
        });
        Some(exchange)
    }
}

/// Notes whether it was started: a program has no head of an answer, so that one stands for it.
pub(super) fn begun(exchange: &Exchange, started: &Result<ByteStream, ProviderError>) {
    match started {
        Ok(_) => exchange.head(&ResponseHead { status: 200, ..ResponseHead::default() }),
        Err(_) => exchange.ended(started),
    }
}

/// An argument so that one can see where it ends.
fn quoted(argument: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(plain) { argument.to_owned() } else { format!("{argument:?}") }
}
