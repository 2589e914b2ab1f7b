//! Packed traces as files.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use tiebreak::trace::BlockOutput;

use crate::exit::Error;
use crate::output::visible;

/// How the names of packed traces end.
const ENDING: &str = "tbt";

/// A packed trace that is written while its run goes on. Unlike other files it stands in its place from the start, so that it
/// can be read before the run has ended, and after a run that was killed: up to its last whole block.
#[derive(Debug)]
pub(crate) struct PackedFile {
    path: String,
    file: File,
    error: Option<io::Error>,
}

/// Whether a trace of this name is packed.
pub(crate) fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

impl PackedFile {
    /// Makes the file, or empties the one that is there; that must not be one of the files that are read.
    ///
    /// # Errors
    /// If it is one of those, or cannot be written.
    pub(crate) fn create<'a>(path: &Path, read: impl IntoIterator<Item = &'a Path>) -> Result<Self, Error> {
        let name = visible(path.display());
        let place = fs::canonicalize(path).ok();
        if place.is_some() && read.into_iter().any(|read| fs::canonicalize(read).ok() == place) {
            return Err(Error::Input(format!("the trace would replace {name}, which is read")));
        }
        match File::create(path) {
            Ok(file) => Ok(Self { path: name, file, error: None }),
            Err(error) => Err(Error::Input(format!("cannot write {name}: {error}"))),
        }
    }

    /// Says whether all of it was written.
    ///
    /// # Errors
    /// If something could not be; the file is good up to its last whole block.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.error.map_or_else(|| self.file.sync_data(), Err) {
            Ok(()) => Ok(()),
            // A device or a pipe has nothing to bring to a disk.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            Err(source) => Err(Error::Output { path: self.path, source }),
        }
    }
}

impl BlockOutput for PackedFile {
    fn write(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.file.write_all(bytes).err();
        }
    }
}
