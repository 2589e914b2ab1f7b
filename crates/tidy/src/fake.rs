//! Small houses to plant breaches in.

use crate::house::House;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A house in a folder of its own, removed when dropped.
#[derive(Debug)]
pub struct FakeHouse {
    root: PathBuf,
}

impl FakeHouse {
    /// Builds an empty house in the folder `name` below `parent`; what was left there is removed first.
    ///
    /// # Panics
    /// If the folder cannot be made.
    #[must_use]
    pub fn new(parent: &str, name: &str) -> Self {
        assert!(!name.is_empty() && !name.contains(['/', '.']), "`{name}` must name one folder");
        let root = Path::new(parent).join("fake-houses").join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("an old fake house can be removed");
        }
        fs::create_dir_all(&root).expect("a fake house can be built");
        Self { root }
    }

    /// Writes a file, and the folders it stands in.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn with(self, path: &str, text: &str) -> Self {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(file, text).expect("a file can be written");
        self
    }

    /// Removes a file.
    ///
    /// # Panics
    /// If it cannot be removed.
    #[must_use]
    pub fn without(self, path: &str) -> Self {
        fs::remove_file(self.root.join(path)).expect("the file was there");
        self
    }

    /// Has git keep all that stands in it now.
    ///
    /// # Panics
    /// If there is no git.
    #[must_use]
    pub fn kept_by_git(self) -> Self {
        for step in [["init", "--quiet"], ["add", "--all"]] {
            let done = Command::new("git").arg("-C").arg(&self.root).args(step).status();
            assert!(done.is_ok_and(|status| status.success()), "git {step:?} failed");
        }
        self
    }

    /// Opens it as it stands now.
    #[must_use]
    pub fn open(&self) -> House {
        House::at(&self.root)
    }
}

impl Drop for FakeHouse {
    fn drop(&mut self) {
        // A folder that stays behind lies in the build folder and is replaced by the next run.
        drop(fs::remove_dir_all(&self.root));
    }
}
