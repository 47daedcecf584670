//! Where the data lies.

use std::path::PathBuf;

/// Moves the data folder elsewhere: for a second profile, and for tests.
const OVERRIDE: &str = "PARLANCE_DATA_DIR";

/// The data folder, absolute: `PARLANCE_DATA_DIR`, else the platform's place for an app of this identifier.
pub(crate) fn data_dir(identifier: &str) -> PathBuf {
    let dir = match std::env::var_os(OVERRIDE).filter(|value| !value.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join(identifier),
    };
    std::path::absolute(&dir).unwrap_or(dir)
}
