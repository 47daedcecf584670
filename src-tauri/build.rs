//! Declares every command in the app manifest, so that a page may call only what the capability lists (TAU-2).

include!("command_names.rs");

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        panic!("the Tauri build step failed: {error:#}");
    }
}
