//! How long to wait for what. There is no total limit: an answer may take as long as it makes progress.

use std::time::Duration;

use crate::catalog::{Vendor, VendorCategory, VendorTimeouts};

/// The waiting times of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// To connect, TLS and proxy included.
    pub connect: Duration,
    /// From the request to the first parsed event.
    pub first_event: Duration,
    /// Between parsed events; comments and pings do not count.
    pub idle: Duration,
    /// Between pieces of content, counted from the first event on.
    pub progress: Duration,
    /// For a whole free request: model list, check.
    pub lookup: Duration,
    /// To read the body of a refusal; what has come by then is used.
    pub error_body: Duration,
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Vendors on the network.
const REMOTE: Clocks = Clocks {
    connect: seconds(10),
    first_event: seconds(120),
    idle: seconds(90),
    progress: seconds(300),
    lookup: seconds(30),
    error_body: seconds(10),
};

/// Servers on the user's machine load models and read long prompts for minutes.
const LOCAL: Clocks = Clocks { first_event: seconds(600), idle: seconds(600), progress: seconds(600), ..REMOTE };

impl Clocks {
    /// The defaults of the vendor's category, then the vendor's own times, then the endpoint's.
    pub fn of(vendor: &Vendor, endpoint: &VendorTimeouts) -> Self {
        let defaults = if vendor.category == VendorCategory::Local { LOCAL } else { REMOTE };
        defaults.with(&vendor.timeouts).with(endpoint)
    }

    fn with(self, times: &VendorTimeouts) -> Self {
        let pick = |own: Option<u64>, default| own.map_or(default, Duration::from_secs);
        Self {
            connect: pick(times.connect_s, self.connect),
            first_event: pick(times.first_event_s, self.first_event),
            idle: pick(times.idle_s, self.idle),
            progress: pick(times.progress_s, self.progress),
            ..self
        }
    }

    /// How long an answer that does not stream may keep us waiting for its head: it comes only when it is whole.
    pub fn whole_answer(&self) -> Duration {
        self.first_event.max(self.progress)
    }
}
