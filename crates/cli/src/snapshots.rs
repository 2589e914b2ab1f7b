//! Snapshots as files: where they are kept, and how insta writes them.

use alloc::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tiebreak::{Projection, snapshot_name};

use crate::bounded::{SNAPSHOT, read_text};
use crate::exit::Error;
use crate::output::{Sink, json, shown_path};
use crate::place::{Wanted, refuse_same_files};

/// What insta writes before and behind what it says about a snapshot.
const FENCE: &str = "---\n";
/// What the name of a snapshot ends with.
pub(crate) const ENDING: &str = "snap";
/// What is added to it while nobody has looked at it, as `cargo insta review` expects.
const PENDING: &str = "new";

/// Where snapshots are kept.
#[derive(Debug, Clone)]
pub(crate) struct Keeping {
    /// The folder of all; without one, each lies beside its scenario.
    root: Option<PathBuf>,
}

/// The files of the snapshots of scenarios: whose they are.
#[derive(Debug, Default)]
pub(crate) struct Owners(BTreeMap<PathBuf, PathBuf>);

impl Keeping {
    pub(crate) const fn new(root: Option<PathBuf>) -> Self {
        Self { root }
    }

    /// Returns the folder in which the snapshots of a scenario are kept.
    ///
    /// # Errors
    /// If the scenario's folder has no name.
    pub(crate) fn folder(&self, scenario: &Path) -> Result<PathBuf, Error> {
        let own = scenario.parent().unwrap_or(Path::new(""));
        match &self.root {
            None => Ok(own.to_owned()),
            Some(root) => Ok(root.join(family(scenario)?)),
        }
    }

    /// Returns the file of a snapshot: `NAME.snap` or `NAME.PROJECTION.snap` in the folder of its scenario.
    ///
    /// # Errors
    /// If the scenario's folder has no name.
    pub(crate) fn file(&self, scenario: &Path, projection: &Projection) -> Result<PathBuf, Error> {
        let name = snapshot_name(&stem(scenario), projection);
        Ok(self.folder(scenario)?.join(format!("{name}.{ENDING}")))
    }
}

impl Owners {
    /// Notes whose a snapshot is.
    ///
    /// # Errors
    /// If it is already another one's, or is kept twice.
    pub(crate) fn enter(&mut self, snapshot: PathBuf, scenario: &Path) -> Result<(), Error> {
        let shown = shown_path(snapshot.display());
        match self.0.insert(snapshot, scenario.to_owned()) {
            None => Ok(()),
            Some(other) if other == scenario => {
                Err(Error::Input(format!("{} keeps {shown} twice", shown_path(scenario.display()))))
            }
            Some(other) => {
                let (scenario, other) = (shown_path(scenario.display()), shown_path(other.display()));
                Err(Error::Input(format!(
                    "{scenario} and {other} would both keep {shown}; rename one of them"
                )))
            }
        }
    }

    /// Returns the snapshots in a folder that nobody keeps, in the order of their names.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(crate) fn strangers(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let names = match fs::read_dir(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing.and_then(|entries| {
                entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<Vec<_>, _>>()
            }),
        };
        let names = names
            .map_err(|error| Error::Input(format!("cannot read {}: {error}", shown_path(place.display()))))?;
        let files = names.into_iter().map(|name| folder.join(name));
        let is_snapshot = |file: &PathBuf| file.extension().is_some_and(|extension| extension == ENDING);
        let mut strangers: Vec<PathBuf> =
            files.filter(|file| is_snapshot(file) && !self.0.contains_key(file)).collect();
        strangers.sort();
        Ok(strangers)
    }
}

/// Returns the name of the folder in which a scenario lies.
///
/// # Errors
/// If it has none.
pub(crate) fn family(scenario: &Path) -> Result<String, Error> {
    let place = fs::canonicalize(scenario).or_else(|_| std::path::absolute(scenario));
    let place = place.unwrap_or_else(|_| scenario.to_owned());
    let folder = place.parent().and_then(Path::file_name);
    folder.map(|name| name.to_string_lossy().into_owned()).ok_or_else(|| {
        Error::Input(format!("{} lies in no folder with a name", shown_path(scenario.display())))
    })
}

/// Returns the name of a scenario.
pub(crate) fn stem(scenario: &Path) -> String {
    scenario.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads a kept snapshot, without what insta says about it; `None` if there is none.
///
/// # Errors
/// If there is one and it cannot be read.
pub(crate) fn read(file: &Path) -> Result<Option<String>, Error> {
    if fs::metadata(file).is_ok_and(|present| !present.is_file()) {
        return Err(Error::Input(format!("{} is no file", shown_path(file.display()))));
    }
    match read_text(file, SNAPSHOT) {
        Ok(text) => {
            // An editor may have put a byte order mark before it, and ended lines in its own way.
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
            Ok(Some(contents(&text).to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Input(format!("cannot read {}: {error}", shown_path(file.display())))),
    }
}

/// What stands behind the two fences; all of it if there are none.
fn contents(text: &str) -> &str {
    let behind = text.strip_prefix(FENCE).and_then(|rest| rest.split_once(&format!("\n{FENCE}")));
    behind.map_or(text, |(_, contents)| contents)
}

/// Keeps a snapshot of a scenario.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn keep(file: &Path, scenario: &Path, snapshot: &str) -> Result<(), Error> {
    write(file, scenario, snapshot)?;
    forget_pending(file);
    Ok(())
}

/// Writes what a snapshot would be now beside the one that is kept, for `cargo insta review`, if it can be written there.
pub(crate) fn propose(file: &Path, scenario: &Path, snapshot: &str) {
    // It is an offer: that a snapshot differs is said anyhow.
    let _ = write(&pending(file), scenario, snapshot);
}

/// Removes what was proposed for a snapshot that is in order now.
pub(crate) fn forget_pending(file: &Path) {
    // As a rule nothing was.
    let _ = fs::remove_file(pending(file));
}

fn pending(file: &Path) -> PathBuf {
    file.with_extension(format!("{ENDING}.{PENDING}"))
}

fn write(file: &Path, scenario: &Path, snapshot: &str) -> Result<(), Error> {
    refuse_same_files(&[Wanted { option: "the snapshot", path: file }], &[scenario.to_owned()])?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| {
            Error::Input(format!("cannot make {}: {error}", shown_path(folder.display())))
        })?;
    }
    let mut sink = Sink::open(file)?;
    sink.line(format_args!("{FENCE}source: {}\n{FENCE}{}", source(scenario), snapshot.trim_end()));
    sink.finish()
}

/// A scenario as a snapshot names it, in YAML: by the path that was asked for, unless that is one of this machine.
fn source(scenario: &Path) -> String {
    let path =
        if scenario.is_absolute() { Path::new(scenario.file_name().unwrap_or_default()) } else { scenario };
    let parts: Vec<_> = path.iter().filter(|part| *part != ".").map(|part| part.to_string_lossy()).collect();
    let name = parts.join("/");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    // In YAML a JSON string is itself.
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_plain) {
        name
    } else {
        json(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_names_its_scenario_and_no_folder_of_this_machine() {
        for (path, name) in [
            ("scenarios/a/b.ron", "scenarios/a/b.ron"),
            ("./b.ron", "b.ron"),
            ("/somewhere/else/b.ron", "b.ron"),
            ("a: b.ron", "\"a: b.ron\""),
            ("-.ron", "\"-.ron\""),
        ] {
            assert_eq!(source(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn what_insta_writes_before_a_snapshot_is_no_part_of_it() {
        for text in
            ["---\nsource: x\n---\n# a\n---\nb\n", "---\nsource: x\nexpression: y\n---\n# a\n---\nb\n"]
        {
            assert_eq!(contents(text), "# a\n---\nb\n");
        }
        for text in ["# a\n---\nb\n", "---\nnever closed\n", ""] {
            assert_eq!(contents(text), text);
        }
    }
}
