//! The files of a house.

use alloc::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that are no part of the house wherever they stand: what builds and tools leave.
const NOT_OURS: [&str; 3] = ["target", ".git", ".tiebreak"];

/// A root folder and the files below it.
#[derive(Debug, Clone)]
pub struct House {
    root: PathBuf,
    files: Vec<String>,
}

impl House {
    /// Opens the house this crate stands in.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn ours() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let house = Self::at(&root);
        assert!(house.has("crates/tidy/src/house.rs"), "{} is not the root of the house", root.display());
        house
    }

    /// Opens the house at `root`: walks it, build folders and git's own things left out, links not followed.
    ///
    /// # Panics
    /// If a folder cannot be read.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(root.join(&folder)).expect("a folder that was just seen can be read");
            for entry in entries {
                let entry = entry.expect("an entry of a readable folder can be read");
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                let kind = entry.file_type().expect("an entry has a type");
                if NOT_OURS.contains(&name.as_str()) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files.sort();
        Self { root: root.to_owned(), files }
    }

    /// Returns the paths of all files, relative to the root, with `/` between folders, in order.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Iterates over the paths that end with `ending`.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.iter().map(String::as_str).filter(move |path| path.ends_with(ending))
    }

    /// Tells whether there is a file at `path`.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Reads the file at `path`; bytes that are no UTF-8 are replaced.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let bytes =
            fs::read(self.root.join(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Asks git which files it keeps; `None` where git does not know the house, or keeps nothing of it yet.
    #[must_use]
    pub fn tracked(&self) -> Option<BTreeSet<String>> {
        let listing = Command::new("git").arg("-C").arg(&self.root).args(["ls-files", "-z"]).output().ok()?;
        let text = String::from_utf8_lossy(&listing.stdout).into_owned();
        let files: BTreeSet<String> =
            text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        (listing.status.success() && !files.is_empty()).then_some(files)
    }
}
