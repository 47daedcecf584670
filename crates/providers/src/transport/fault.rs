//! Reads what went wrong below HTTP into our own words. Nothing of an address, a header or a body is repeated.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::proxy::Fault;
use crate::{Category, ProviderError};

/// Where in the exchange it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the head of an answer.
    Head,
    /// In its body.
    Body,
}

/// Maps an error of the HTTP client. `peer` is `host:port` for the message.
pub(super) fn read(error: &reqwest::Error, stage: Stage, peer: &str) -> ProviderError {
    let (category, cause, words) = classify(error, stage);
    ProviderError::because(category, cause, format!("{words} ({peer})"))
}

type Reading = (Category, &'static str, &'static str);

fn classify(error: &reqwest::Error, stage: Stage) -> Reading {
    if stage == Stage::Body {
        return (Category::BrokenStream, "connection_lost", "the connection broke off in the middle of the answer");
    }
    if let Some(reading) = find(error, tls) {
        return reading;
    }
    if error.is_dns() {
        return (Category::Network, "dns", "the host name could not be resolved");
    }
    if error.is_timeout() {
        return (Category::Timeout, "connect_timeout", "the connection could not be made in time");
    }
    find(error, socket)
        .or_else(|| find(error, http))
        .or_else(|| error.is_connect().then_some((Category::Network, "connect", "the connection could not be made")))
        .unwrap_or((Category::Network, "network", "the request could not be sent"))
}

/// Walks the chain of sources, and into the errors that `io::Error` wraps but does not name as its source.
pub(super) fn find<T>(
    error: &(dyn StdError + 'static),
    read: impl Fn(&(dyn StdError + 'static)) -> Option<T>,
) -> Option<T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(reading) = read(error) {
            return Some(reading);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// The server wants to be spoken to in TLS, and was not.
pub(super) fn needs_tls(peer: &str) -> ProviderError {
    ProviderError::because(Category::Network, "needs_tls", format!("the server speaks TLS on this port ({peer})"))
}

/// Whether TLS was not agreed on with a proxy.
pub(super) fn is_tls(error: &(dyn StdError + 'static)) -> Option<Fault> {
    error.is::<rustls::Error>().then_some(Fault::Tls)
}

/// Whether a proxy answered in something else than HTTP.
pub(super) fn is_not_http(error: &(dyn StdError + 'static)) -> Option<Fault> {
    error.downcast_ref::<hyper::Error>()?.is_parse().then_some(Fault::NotOne)
}

fn tls(error: &(dyn StdError + 'static)) -> Option<Reading> {
    let network = |cause, words| Some((Category::Network, cause, words));
    match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(bad) => match bad {
            CertificateError::UnknownIssuer => {
                network("tls_unknown_issuer", "the server's certificate comes from an unknown issuer")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                network("tls_wrong_name", "the server's certificate belongs to another name")
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                network("tls_expired", "the server's certificate has expired, or this computer's clock is wrong")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => network(
                "tls_not_yet_valid",
                "the server's certificate is not valid yet: this computer's clock may be wrong",
            ),
            _ => network("tls_bad_certificate", "the server's certificate is not good"),
        },
        rustls::Error::InvalidMessage(_) => network("tls_plain_http", "the server does not speak TLS on this port"),
        _ => network("tls", "no TLS connection could be agreed on"),
    }
}

fn socket(error: &(dyn StdError + 'static)) -> Option<Reading> {
    let network = |cause, words| Some((Category::Network, cause, words));
    match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => network("refused", "nothing answers at this address"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            network("reset", "the server closed the connection without an answer")
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            network("unreachable", "the network or host cannot be reached")
        }
        io::ErrorKind::TimedOut => {
            Some((Category::Timeout, "connect_timeout", "the connection could not be made in time"))
        }
        _ => None,
    }
}

fn http(error: &(dyn StdError + 'static)) -> Option<Reading> {
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse() {
        Some((Category::BrokenStream, "not_http", "the server's answer is not HTTP"))
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Some((Category::Network, "reset", "the server closed the connection without an answer"))
    } else {
        None
    }
}
