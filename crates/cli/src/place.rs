//! Which file a path leads to: files that are read are not replaced, and no file is written twice.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::{Actor, Entry};

use crate::arguments::ScenarioOptions;
use crate::exit::Error;
use crate::output::{is_standard, shown_path};

/// How many links are followed to a file that does not exist.
const LINKS_MAX: u32 = 40;

/// Returns where a file is, or would be if it were written, whatever links lead there.
pub(crate) fn place_of(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        if let Ok(place) = fs::canonicalize(&path) {
            return place;
        }
        let Ok(target) = fs::read_link(&path) else { break };
        path = folder_of(&path).join(target);
    }
    match (fs::canonicalize(folder_of(&path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        (Ok(_) | Err(_), _) => path,
    }
}

/// Returns the folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a path leads to something that is neither a file nor a folder: a pipe, a socket or a device.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|present| !present.is_file() && !present.is_dir())
}

/// Whether an open file is the one that a path names, as far as the system numbers files.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => cfg!(not(unix)) || is_one_file(&open, &named),
        (Ok(_) | Err(_), _) => false,
    }
}

/// Returns the files that a scenario is read from: itself, and the recordings that its feeds replay.
pub(crate) fn files_of(scenario: &ScenarioOptions, plan: &Plan) -> Vec<PathBuf> {
    let folder = scenario.file.parent().unwrap_or(Path::new(""));
    let feeds = plan.clients.iter().filter_map(|entry| match entry {
        Entry::One(Actor::Feed(feed)) => Some(feed),
        Entry::One(Actor::Client(_) | Actor::Observer(_)) | Entry::Group(_) => None,
    });
    let recordings = feeds.map(|feed| {
        let given = scenario.input.iter().find(|input| input.name == feed.name);
        given.map_or_else(|| folder.join(&feed.file), |input| input.path.clone())
    });
    core::iter::once(scenario.file.clone()).chain(recordings).collect()
}

/// A file that an option asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The option, or what else writes it.
    pub(crate) option: &'a str,
    /// Where it goes.
    pub(crate) path: &'a Path,
}

impl<'a> Wanted<'a> {
    /// Returns the file, if the option was given.
    pub(crate) fn given(option: &'a str, path: Option<&'a Path>) -> Option<Self> {
        path.map(|path| Self { option, path })
    }
}

/// Refuses to write over a file that is read, or to write two things to one file, of which one may be what is printed. Devices and
/// pipes may be named twice.
///
/// # Errors
/// If one path leads to the file of another, directly, by a link or as a second name of it; if `-` or what is printed does.
pub(crate) fn refuse_same_files(writes: &[Wanted<'_>], reads: &[PathBuf]) -> Result<(), Error> {
    let input = || Identity::of_stream(io::stdin());
    let of_read = |path: &PathBuf| if is_standard(path) { input() } else { Identity::of(path) };
    let read: Vec<Identity> = reads.iter().filter_map(of_read).collect();
    let printed = [
        ("standard output", Identity::of_stream(io::stdout())),
        ("standard error", Identity::of_stream(io::stderr())),
    ];
    let printed = printed.into_iter().filter_map(|(name, stream)| Some((name, stream?)));
    let mut written: Vec<(&str, Identity)> = printed.collect();
    for Wanted { option, path } in writes {
        let Some(own) = Identity::of(path).filter(|_| !is_standard(path)) else { continue };
        let shown = shown_path(path.display());
        if read.iter().any(|other| own.is_same(other)) {
            return Err(Error::Input(format!("{option} would replace {shown}, which is read")));
        }
        if let Some((other, _)) = written.iter().find(|(_, other)| own.is_same(other)) {
            return Err(Error::Input(format!("{other} and {option} would both be written to {shown}")));
        }
        written.push((option, own));
    }
    Ok(())
}

/// Refuses a path as that of a folder if it leads to something else, or through something else.
///
/// # Errors
/// If no folder can be there.
pub(crate) fn refuse_other_than_folder(option: &str, path: &Path) -> Result<(), Error> {
    let present = path.ancestors().find(|part| fs::symlink_metadata(part).is_ok());
    match present {
        Some(part) if !part.is_dir() => {
            Err(Error::Input(format!("{option} needs a folder, and {} is none", shown_path(part.display()))))
        }
        Some(_) | None => Ok(()),
    }
}

/// What tells regular files apart.
#[derive(Debug)]
struct Identity {
    /// `None` if it was opened by who started the command.
    place: Option<PathBuf>,
    /// `None` if there is no such file yet.
    present: Option<Metadata>,
}

impl Identity {
    /// Returns the identity of the file at a path; `None` for what is no regular file.
    fn of(path: &Path) -> Option<Self> {
        let place = place_of(path);
        let present = fs::metadata(&place).ok();
        let is_other = present.as_ref().is_some_and(|present| !present.is_file());
        (!is_other).then_some(Self { place: Some(place), present })
    }

    /// Returns the identity of the file that a standard stream leads to; `None` for what is no regular file.
    #[cfg(unix)]
    fn of_stream(stream: impl std::os::fd::AsFd) -> Option<Self> {
        let open = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        let present = open.metadata().ok().filter(Metadata::is_file);
        present.map(|present| Self { place: None, present: Some(present) })
    }

    /// It is not known where files have no numbers.
    #[cfg(not(unix))]
    fn of_stream(_: impl io::IsTerminal) -> Option<Self> {
        None
    }

    fn is_same(&self, other: &Self) -> bool {
        let is_second_name = match (&self.present, &other.present) {
            (Some(own), Some(other)) => is_one_file(own, other),
            (Some(_) | None, _) => false,
        };
        (self.place.is_some() && self.place == other.place) || is_second_name
    }
}

/// Whether two names are of one file: it has a number, and its disk has one.
#[cfg(unix)]
fn is_one_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Two names are not known to be of one file where files have no numbers.
#[cfg(not(unix))]
fn is_one_file(_: &Metadata, _: &Metadata) -> bool {
    false
}
