//! The keyring store against Secret Services: a real gnome-keyring, and one that misbehaves. Each test has a bus of
//! its own, and the store runs in a process of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

#[cfg(target_os = "linux")]
mod keyring_fake;
#[cfg(target_os = "linux")]
mod keyring_real;

#[cfg(target_os = "linux")]
fn keys(address: Option<&str>) -> parlance_tests::desktop::Keys {
    parlance_tests::desktop::Keys::start(env!("CARGO_BIN_EXE_keys"), address)
}

#[cfg(not(target_os = "linux"))]
#[test]
fn secret_service() {
    println!("not on this platform: the Secret Service");
}

#[test]
fn entries_are_kept_under_the_identifier_of_the_app() {
    let configuration = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tauri.conf.json");
    let configuration: serde_json::Value = serde_json::from_slice(&std::fs::read(configuration).unwrap()).unwrap();
    assert_eq!(configuration["identifier"], parlance_core::secrets::keyring::APP);
}
