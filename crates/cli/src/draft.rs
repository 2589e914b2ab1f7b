//! Files that are written as a whole or not at all: a draft is written beside the file and then renamed.

use core::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use crate::exit::Error;
use crate::interrupt;
use crate::output::Sink;

/// What the names of drafts begin with.
const PREFIX: &str = ".tiebreak-";

/// Writes a text file as a whole or not at all.
///
/// # Errors
/// If it cannot be written; then it is as it was.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let mut sink = Sink::open(path)?;
    // The sink keeps its own error.
    let _ = sink.write_str(text);
    sink.finish()
}

/// A file that is being written. Publishing it replaces the file at its place; dropping it before removes it and leaves that
/// file as it was.
#[derive(Debug)]
pub(crate) struct Draft {
    file: TempPath,
    place: PathBuf,
}

impl Draft {
    /// Opens a draft of the file at a path. If the path is a link, the file that it leads to will be replaced. If it is no
    /// regular file but a device or a pipe, it is opened itself, without a draft.
    ///
    /// # Errors
    /// If the folder does not exist, or the folder or the file is read-only.
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
        // The error would name the draft, which the user does not know: only its kind is kept.
        let (file, draft) =
            builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?.into_parts();
        interrupt::remove_if_interrupted(&draft);
        if let Some(present) = present {
            file.set_permissions(present.permissions())?;
        }
        Ok((file, Some(Self { file: draft, place })))
    }

    /// Replaces the file at its place.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub(crate) fn publish(self) -> io::Result<()> {
        self.file.persist(&self.place).map_err(|error| error.error)
    }
}
