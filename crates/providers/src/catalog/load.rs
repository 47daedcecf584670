//! Where vendor files come from: the build, and the user's own folder.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use super::{Vendor, validate};

/// Every vendor file of `catalog/`: its name without ending, and its text.
const BUNDLED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The largest file of a user that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 20;
/// Files of a user that are looked at.
const MOST_FILES: usize = 500;

/// A vendor file that is not in use, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedFile {
    /// The file, or the bundled id.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// All vendors, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    vendors: BTreeMap<String, Arc<Vendor>>,
    rejected: Vec<RejectedFile>,
}

impl Catalog {
    /// The vendors that are part of the program.
    pub fn bundled() -> &'static Self {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
            let mut catalog = Catalog::default();
            for (id, text) in BUNDLED {
                catalog.add(Path::new(id), id, text);
            }
            catalog
        });
        &CATALOG
    }

    /// The bundled vendors and a user's own `*.toml` files in `folder`. A folder that does not exist is an empty
    /// one. A file that is wrong, or takes the id of a bundled vendor, is skipped and named in [`Self::rejected`].
    ///
    /// # Errors
    /// Where the folder exists and cannot be listed.
    pub fn with_folder(folder: &Path) -> io::Result<Self> {
        let mut catalog = Self::bundled().clone();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(catalog),
            Err(e) => return Err(e),
        };
        let mut paths = entries.map(|e| Ok(e?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
        paths.sort();
        for path in paths.drain(MOST_FILES.min(paths.len())..) {
            catalog.reject(&path, format!("there are more than {MOST_FILES} files"));
        }
        for path in paths {
            match read(&path) {
                Ok((id, text)) => catalog.add(&path, &id, &text),
                Err(reason) => catalog.reject(&path, reason),
            }
        }
        Ok(catalog)
    }

    /// As [`Self::with_folder`]; a folder that cannot be listed is named in [`Self::rejected`].
    pub fn of_user(folder: &Path) -> Self {
        Self::with_folder(folder).unwrap_or_else(|error| {
            let mut catalog = Self::bundled().clone();
            catalog.reject(folder, error.to_string());
            catalog
        })
    }

    /// A vendor by its id.
    pub fn get(&self, id: &str) -> Option<&Vendor> {
        self.vendors.get(id).map(|vendor| &**vendor)
    }

    /// A vendor by its id, to keep.
    pub fn shared(&self, id: &str) -> Option<Arc<Vendor>> {
        self.vendors.get(id).cloned()
    }

    /// Every vendor, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.values().map(|vendor| &**vendor)
    }

    /// How many vendors there are.
    pub fn len(&self) -> usize {
        self.vendors.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.vendors.is_empty()
    }

    /// Files that were skipped, and why.
    pub fn rejected(&self) -> &[RejectedFile] {
        &self.rejected
    }

    fn add(&mut self, path: &Path, id: &str, text: &str) {
        match Vendor::from_toml(id, text) {
            Ok(vendor) if self.vendors.contains_key(&vendor.id) => {
                self.reject(path, format!("there is a vendor `{}` already", vendor.id));
            }
            Ok(vendor) => {
                self.vendors.insert(vendor.id.clone(), Arc::new(vendor));
            }
            Err(reason) => self.reject(path, reason),
        }
    }

    fn reject(&mut self, path: &Path, reason: String) {
        self.rejected.push(RejectedFile { path: path.to_owned(), reason });
    }
}

impl Vendor {
    /// Reads one vendor file; `id` is the file's name without its ending.
    ///
    /// # Errors
    /// What is wrong, for a person: not TOML, a field nobody knows, or a rule of the catalogue broken.
    pub fn from_toml(id: &str, text: &str) -> Result<Self, String> {
        let vendor: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        validate::check(id, &vendor)?;
        Ok(vendor)
    }
}

fn read(path: &Path) -> Result<(String, String), String> {
    let id = path.file_stem().and_then(|s| s.to_str()).ok_or("the file name is not UTF-8")?;
    let file = fs::metadata(path).map_err(|e| e.to_string())?;
    // Reading a pipe could wait for ever.
    if !file.is_file() {
        return Err("this is no file".to_owned());
    }
    let size = file.len();
    if size > LARGEST_FILE {
        return Err(format!("the file is larger than {LARGEST_FILE} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    Ok((id.to_owned(), text))
}
