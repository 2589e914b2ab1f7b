//! Files that are there as a whole or not at all: they are written beside their place and renamed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use crate::interrupt;

/// What the names of files begin with that are not finished.
const PREFIX: &str = ".tiebreak-";

/// A file that is being written, and becomes the one at its place when it is published. If it is dropped before, it is
/// removed, and the one at its place stays as it was.
#[derive(Debug)]
pub(crate) struct Draft {
    file: TempPath,
    place: PathBuf,
}

impl Draft {
    /// Opens a draft of the file at a path. A path that stands for something else, such as a device or a pipe, is opened
    /// itself. Of a link, the file it leads to is replaced.
    ///
    /// # Errors
    /// If there is no such folder, or it must not be written to.
    pub(crate) fn beside(path: &Path) -> io::Result<(File, Option<Self>)> {
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let present = fs::metadata(&place).ok();
        if present.as_ref().is_some_and(|present| !present.is_file()) {
            return Ok((File::create(&place)?, None));
        }
        if present.is_some() {
            // A file that must not be written to must not be replaced either.
            drop(File::options().append(true).open(&place)?);
        }
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // The name of the draft means nothing to anybody: of what went wrong, the kind is left.
        let (file, draft) =
            builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?.into_parts();
        interrupt::remove_if_interrupted(&draft);
        if let Some(present) = present {
            file.set_permissions(present.permissions())?;
        }
        Ok((file, Some(Self { file: draft, place })))
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub(crate) fn publish(self) -> io::Result<()> {
        self.file.persist(&self.place).map_err(|error| error.error)
    }
}
