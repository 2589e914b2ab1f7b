//! Files that are written as a whole or not at all: a draft is written beside the file, synced, and then renamed.
//!
//! ```text
//! .tiebreak-a1B2c3.draft   what is of no use before it is whole; removed if the process fails or is interrupted
//! OUT.part                 what can be read while it grows; stays if the process is interrupted or killed
//! ```
//! A process that is killed cannot remove its draft. Each draft is locked by whoever writes it, so one that is not locked has no
//! writer any more: the next draft in the same folder removes it. A file may be called `OUT.part` and be no draft: it is removed
//! only if it begins like a packed trace, or is empty.

use alloc::collections::BTreeSet;
use core::fmt::Write as _;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::{Builder, TempPath};
use tiebreak::trace::PACKED_MAGIC;

use crate::exit::Error;
use crate::interrupt;
use crate::output::{Sink, shown_path};
use crate::place::{folder_of, is_at, place_of};

/// What the names of drafts begin with.
const PREFIX: &str = ".tiebreak-";
/// What the names of drafts end with.
const SUFFIX: &str = ".draft";
/// What the names of files end with that can be read while they grow.
const PART: &str = "part";
/// How many processes may let one file grow at the same time.
const PARTS_MAX: u32 = 100;
/// How many bytes the name of a file has at most, on the disks that are usual.
const NAME_BYTES_MAX: usize = 255;

/// The folders from which drafts without a writer were removed.
static CLEANED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

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

/// Writes a text file as a whole, unless there is a file of this name already.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<Written, Error> {
    let mut sink = Sink::open(path)?;
    // The sink keeps its own error.
    let _ = sink.write_str(text);
    sink.settle()?.publish_new()
}

/// What became of a file that must not replace another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is in its place.
    Yes,
    /// Another file was there, and still is.
    PlaceIsTaken,
}

/// A file that is being written. Publishing it replaces the file at its place; dropping it before removes it and leaves that
/// file as it was.
#[derive(Debug)]
pub(crate) struct Draft {
    file: TempPath,
    /// The same file, open: it carries the lock.
    open: File,
    place: PathBuf,
}

impl Draft {
    /// Opens a draft of the file at a path. If the path is a link, the file that it leads to will be replaced. If it is no
    /// regular file but a device or a pipe, it is opened itself, without a draft.
    ///
    /// # Errors
    /// If the folder does not exist, or the folder or the file is read-only.
    pub(crate) fn beside(path: &Path) -> io::Result<(File, Option<Self>)> {
        Self::open(path, |place, folder| {
            remove_stale(folder);
            let draft = hidden(folder)?;
            interrupt::remove_if_interrupted(&draft.0);
            Ok((draft.0, draft.1, place))
        })
    }

    /// Opens a draft that has the name of its file with `.part` behind it, so that it can be read while it is written. It stays
    /// if the process is interrupted or killed; the next one for the same file replaces it, unless it is still being written.
    ///
    /// # Errors
    /// As for [`Draft::beside`].
    pub(crate) fn growing(path: &Path) -> io::Result<(File, Option<Self>)> {
        Self::open(path, |place, _| {
            let (draft, file) = part(&place)?;
            interrupt::tell_if_interrupted(&draft);
            Ok((draft, file, place))
        })
    }

    fn open(
        path: &Path,
        make: impl FnOnce(PathBuf, &Path) -> io::Result<(TempPath, File, PathBuf)>,
    ) -> io::Result<(File, Option<Self>)> {
        let place = place_of(path);
        let present = match fs::metadata(&place) {
            Ok(present) => Some(present),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // No file of this name can be written either: it is too long, or leads through what is no folder.
            Err(error) => return Err(error),
        };
        if present.as_ref().is_some_and(|present| !present.is_file()) {
            return Ok((File::create(&place)?, None));
        }
        if present.is_some() {
            // A file that must not be written to must not be replaced either.
            drop(File::options().append(true).open(&place)?);
        }
        let folder = folder_of(&place).to_owned();
        if fs::metadata(&folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            let sentence = format!("there is no folder `{}`", shown_path(folder.display()));
            return Err(io::Error::new(io::ErrorKind::NotFound, sentence));
        }
        // The error would name the draft, which the user does not know: only its kind is kept.
        let (file, open, place) = make(place, &folder).map_err(|error| io::Error::from(error.kind()))?;
        if let Some(present) = present {
            open.set_permissions(present.permissions())?;
        }
        Ok((open.try_clone()?, Some(Self { file, open, place })))
    }

    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// If it cannot be written there.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.open.sync_all()
    }

    /// Replaces the file at its place.
    ///
    /// # Errors
    /// If it cannot be renamed, or is not there any more.
    pub(crate) fn publish(self) -> io::Result<()> {
        if !is_at(&self.open, &self.file) {
            // Dropping the draft would remove the other file.
            let _ = self.file.keep();
            return Err(io::Error::other("another file was put where it was being written"));
        }
        self.file.persist(&self.place).map_err(|error| error.error)?;
        sync_folder(folder_of(&self.place))
    }

    /// Puts the file in its place, unless there is one.
    ///
    /// # Errors
    /// If it cannot be renamed for another reason.
    pub(crate) fn publish_new(self) -> io::Result<Written> {
        match self.file.persist_noclobber(&self.place) {
            Ok(()) => sync_folder(folder_of(&self.place)).map(|()| Written::Yes),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::PlaceIsTaken),
            Err(error) => Err(error.error),
        }
    }
}

/// Makes a draft with a name of its own, locked.
fn hidden(folder: &Path) -> io::Result<(TempPath, File)> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let (file, path) = builder.tempfile_in(folder)?.into_parts();
        wait_for_lock(&file);
        // Before it was locked, another process may have taken it for one without a writer.
        if is_at(&file, &path) {
            return Ok((path, file));
        }
    }
}

/// Makes a draft with a name that can be told from its place, locked.
fn part(place: &Path) -> io::Result<(TempPath, File)> {
    let numbers = core::iter::once(None).chain((2..=PARTS_MAX).map(Some));
    for number in numbers {
        let path = part_of(place, number);
        if let Ok(present) = fs::symlink_metadata(&path) {
            if !present.is_file() || !remove_unlocked(&path, is_left_part) {
                continue;
            }
        }
        let file = match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        wait_for_lock(&file);
        if is_at(&file, &path) {
            return Ok((TempPath::try_from_path(path)?, file));
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Where the file at a path grows, unless another one has that name.
pub(crate) fn grows_at(path: &Path) -> PathBuf {
    part_of(&place_of(path), None)
}

/// The name of a file that grows: with a number if there are several for one place. If it would be too long, the end of what
/// comes before that is left out.
fn part_of(place: &Path, number: Option<u32>) -> PathBuf {
    let mut name = place.file_name().map(OsString::from).unwrap_or_default();
    let end = number.map_or_else(|| format!(".{PART}"), |number| format!(".{number}.{PART}"));
    if name.len() + end.len() > NAME_BYTES_MAX {
        let mut text = name.to_string_lossy().into_owned();
        let room = (0..=NAME_BYTES_MAX - end.len()).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(room.unwrap_or(0));
        name = text.into();
    }
    name.push(end);
    place.with_file_name(name)
}

/// Whether a file is a packed trace that a process was writing; it may not have come to the first byte.
fn is_left_part(mut file: &File) -> bool {
    let mut head = Vec::new();
    let read = file.by_ref().take(PACKED_MAGIC.len() as u64).read_to_end(&mut head);
    read.is_ok() && (head.is_empty() || head == PACKED_MAGIC)
}

/// Removes the drafts in a folder whose writers are gone: once in the life of this process.
fn remove_stale(folder: &Path) {
    if !CLEANED.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned()) {
        return;
    }
    // It is a favour: a folder that cannot be listed can be written to all the same.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_draft(&entry.file_name().to_string_lossy())) {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            remove_unlocked(&entry.path(), |_| true);
        }
    }
}

/// Whether a file of this name is a draft.
fn is_draft(name: &str) -> bool {
    let middle = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    middle.is_some_and(|middle| middle.len() == 6 && middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Removes a file if it is a draft and nobody has locked it; returns whether it is gone.
fn remove_unlocked(path: &Path, is_draft: impl FnOnce(&File) -> bool) -> bool {
    let Ok(file) = File::open(path) else { return false };
    try_lock(&file) == Lock::Ours && is_draft(&file) && is_at(&file, path) && fs::remove_file(path).is_ok()
}

/// Whose a lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Ours,
    /// Another process has it, or there are no locks here.
    NotOurs,
}

#[cfg(unix)]
fn try_lock(file: &File) -> Lock {
    match rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Lock::Ours,
        Err(_) => Lock::NotOurs,
    }
}

#[cfg(not(unix))]
fn try_lock(_: &File) -> Lock {
    Lock::NotOurs
}

/// Locks a draft. Whoever looks whether it has a writer holds the lock for a moment.
fn wait_for_lock(file: &File) {
    #[cfg(unix)]
    // Where there are no locks, nobody removes what is not locked.
    let _ = rustix::fs::flock(file, rustix::fs::FlockOperation::LockExclusive);
    #[cfg(not(unix))]
    let _ = file;
}

/// Waits until the names in a folder are on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Not every file system can, and not every folder may be read.
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            return Err(error);
        }
        Err(_) | Ok(()) => {}
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drafts_are_called_so() {
        assert!(is_draft(".tiebreak-a1B2c3.draft"));
        for name in [".tiebreak-a1B2c3", ".tiebreak-.draft", ".tiebreak-my-own.draft", "a.draft", ".tiebreak"]
        {
            assert!(!is_draft(name), "{name}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_draft_without_a_writer_is_removed_and_one_with_a_writer_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let stale = folder.path().join(".tiebreak-a1B2c3.draft");
        let own = folder.path().join("notes.draft");
        for file in [&stale, &own] {
            fs::write(file, "half").unwrap();
        }
        let (written, _file) = hidden(folder.path()).unwrap();
        remove_stale(folder.path());
        assert!(!stale.exists() && own.exists() && written.exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_part_that_is_being_written_is_left_alone_and_one_that_was_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.tbt");
        let name = |path: &TempPath| path.file_name().unwrap().to_string_lossy().into_owned();
        let (first, _file) = part(&place).unwrap();
        let (second, file) = part(&place).unwrap();
        assert_eq!((name(&first), name(&second)), ("a.tbt.part".to_owned(), "a.tbt.2.part".to_owned()));
        drop(file);
        let left = second.keep().unwrap();
        for content in [&PACKED_MAGIC[..], b""] {
            fs::write(&left, content).unwrap();
            let (third, _file) = part(&place).unwrap();
            assert_eq!((name(&third), fs::read(&*third).unwrap().len()), ("a.tbt.2.part".to_owned(), 0));
        }
        for content in [&PACKED_MAGIC[..7], b"left"] {
            fs::write(&left, content).unwrap();
            let (third, _file) = part(&place).unwrap();
            assert_eq!((name(&third), &*fs::read(&left).unwrap()), ("a.tbt.3.part".to_owned(), content));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_was_put_where_a_draft_grew_is_not_published() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.tbt");
        fs::write(&place, "old").unwrap();
        let (_file, draft) = Draft::growing(&place).unwrap();
        let other = folder.path().join("other");
        fs::write(&other, "other").unwrap();
        fs::rename(other, grows_at(&place)).unwrap();
        assert!(draft.unwrap().publish().is_err());
        let left = [&place, &grows_at(&place)].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(left, ["old", "other"]);
    }

    #[test]
    fn the_name_of_a_part_is_not_too_long() {
        for (name, number, part) in [
            ("a.tbt".to_owned(), None, "a.tbt.part".to_owned()),
            ("a.tbt".to_owned(), Some(2), "a.tbt.2.part".to_owned()),
            ("a".repeat(250), None, "a".repeat(250) + ".part"),
            ("a".repeat(251), None, "a".repeat(250) + ".part"),
            ("a".repeat(250), Some(100), "a".repeat(246) + ".100.part"),
            ("ä".repeat(127) + "a", None, "ä".repeat(125) + ".part"),
            ("a".to_owned() + &"ä".repeat(127), None, "a".to_owned() + &"ä".repeat(124) + ".part"),
        ] {
            assert_eq!(part_of(Path::new(&name), number), Path::new(&part), "{name}");
        }
    }
}
