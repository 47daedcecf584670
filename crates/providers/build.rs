//! Lists the vendor files, so that a new vendor is one file and no line of Rust. A macro crate would do the same
//! but cannot tell Cargo that a new file in the folder means a rebuild.

// Cargo reads a build script's standard output.
#![allow(clippy::print_stdout)]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=catalog");
    let missing = |_| io::Error::other("Cargo did not set its variables");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(missing)?;
    let out = env::var("OUT_DIR").map_err(missing)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(&root).join("catalog"))? {
        let name = entry?.file_name();
        let name = name.to_str().ok_or_else(|| io::Error::other("a catalogue file name is not UTF-8"))?;
        if let Some(id) = name.strip_suffix(".toml") {
            names.push(id.to_owned());
        }
    }
    names.sort();
    // Not an absolute path: a checkout may be moved together with its target folder.
    let row = |id: &String| {
        let file = format!("/catalog/{id}.toml");
        format!("    ({id:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {file:?}))),\n")
    };
    let rows: String = names.iter().map(row).collect();
    fs::write(Path::new(&out).join("catalog.rs"), format!("&[\n{rows}]\n"))
}
