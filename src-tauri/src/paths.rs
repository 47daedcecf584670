//! Where the data lies.

use std::path::PathBuf;

use parlance_core::Outside;

/// Moves the data folder elsewhere: for a second profile, and for tests.
const OVERRIDE: &str = "PARLANCE_DATA_DIR";

fn moved() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os(OVERRIDE).filter(|value| !value.is_empty())?);
    Some(std::path::absolute(&dir).unwrap_or(dir))
}

/// The data folder, absolute: `PARLANCE_DATA_DIR`, else the platform's place for an app of this identifier.
pub(crate) fn data_dir(identifier: &str) -> PathBuf {
    moved().unwrap_or_else(|| dirs::data_dir().unwrap_or_else(|| PathBuf::from(".")).join(identifier))
}

/// The platform's folders for configuration and for files a person takes along; with a data folder elsewhere, that.
pub(crate) fn outside(identifier: &str) -> Outside {
    if let Some(dir) = moved() {
        return Outside::below(&dir);
    }
    let here = || PathBuf::from(".");
    Outside {
        vendors: dirs::config_dir().unwrap_or_else(here).join(identifier).join("vendors"),
        exports: dirs::download_dir().or_else(dirs::home_dir).unwrap_or_else(here),
        model_data: Outside::MODELS_DEV.to_owned(),
        prices: Outside::PRICES.to_owned(),
    }
}
