//! Finds are kept as regressions: scenario files that `tiebreak replay` runs again.

use std::fs;
use std::path::{Component, Path, PathBuf};

use tiebreak::explore::{Chosen, Directory, Found, History, Job, Symptom};
use tiebreak_regression::{self as regression, NotKept, file_name, free_name};
use tiebreak_runner::RunOptions;
use tiebreak_scenario::plan::{Actor, Entry, Regression, Snapshot};
use tiebreak_scenario::{Plan, load, write};

use crate::arguments::Fuzz;
use crate::bounded::{SCENARIO, read_text};
use crate::draft::{Written, write_new};
use crate::exit::Error;
use crate::find::Find;
use crate::load::Ready;
use crate::output::{shown_path, spelled};
use crate::place::is_special;
use crate::replay::{ORDERS, judge, unconstrained};
use crate::snapshots::stem;

/// What became of a find.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is a file.
    As(PathBuf),
    /// It cannot be kept, for this reason.
    Not(NotKept),
}

/// Asks before a search whether files can be written into a folder. It need not be there yet: then the nearest one above it that is
/// there is asked.
///
/// # Errors
/// If there is something else, or no file can be made there.
pub(crate) fn must_take_finds(folder: &Path) -> Result<(), Error> {
    let above =
        folder.ancestors().map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
    let Some(there) = above.clone().find(|above| fs::symlink_metadata(above).is_ok()) else { return Ok(()) };
    let refused = |why: &str| {
        let there = shown_path(there.display());
        Err(Error::Input(format!(
            "finds cannot be kept in {}: {there} {why}; give another folder with `--regressions`, or write `--no-regressions`",
            shown_path(folder.display())
        )))
    };
    if !there.is_dir() {
        return refused("is not a folder");
    }
    // The error would name the file, which nobody asked for: only its kind is kept.
    tempfile::tempfile_in(there)
        .map(drop)
        .or_else(|error| refused(&format!("cannot be written to ({})", error.kind())))
}

/// Writes a find as a regression, unless it stands there already. The directory is that of its runs.
///
/// # Errors
/// If the file or its folder cannot be written.
pub(crate) fn keep(
    options: &Fuzz,
    ready: &Ready,
    (symptom, found): (&Symptom, &Found),
    (find, directory): (&Find<'_>, &mut Directory),
) -> Result<Kept, Error> {
    let folder = &options.regressions;
    let mut plan = match regression(options, ready, (symptom, found), (find, directory))? {
        Ok(plan) => plan,
        Err(why) => return Ok(Kept::Not(why)),
    };
    let failed = |source| Error::Output { path: shown_path(folder.display()), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let scenario = options.scenario.file.parent().unwrap_or(Path::new(""));
    for entry in &mut plan.clients {
        if let Entry::One(Actor::Feed(feed)) = entry {
            let given = options.scenario.input.iter().find(|input| input.name == feed.name);
            let file = given.map_or_else(|| scenario.join(&feed.file), |input| input.path.clone());
            let way = relative(&file, folder).map_err(failed)?;
            // A scenario is UTF-8, and so are the paths in it.
            if way.to_str().is_none() {
                return Ok(Kept::Not(NotKept::Unwritable));
            }
            feed.file = spelled(way.display());
        }
    }
    let text = write(&plan);
    let Ok(read) = load(&text) else { return Ok(Kept::Not(NotKept::Unwritable)) };
    if let Err(why) = judge(&read.plan, &ready.recordings, ORDERS)?.must_be_as_expected() {
        return Ok(Kept::Not(why));
    }
    let name = file_name(&stem(&options.scenario.file), symptom);
    loop {
        let (place, is_there) = place(folder, &name, &text);
        // Another search may have kept a find of this name just now.
        if is_there || write_new(&place, &text)? == Written::Yes {
            return Ok(Kept::As(place));
        }
    }
}

/// The scenario of a find, small if it is known what makes it fail, and what is expected of it.
///
/// # Errors
/// If the scenario cannot be prepared.
fn regression(
    options: &Fuzz,
    ready: &Ready,
    (symptom, found): (&Symptom, &Found),
    (find, directory): (&Find<'_>, &mut Directory),
) -> Result<Result<Plan, NotKept>, Error> {
    let job = &found.first.job;
    let mut why = NotKept::Unrepeatable;
    for (mut plan, history, chosen) in runs(ready, job, find) {
        plan.about.clone_from(&found.failure.message);
        plan.until = options.scenario.until.unwrap_or(plan.until);
        plan.limit = options.scenario.limit.or(plan.limit);
        plan.snapshots = vec![Snapshot::Whole];
        let to_keep = regression::Find {
            symptom,
            message: &found.failure.message,
            job,
            runs: options.runs,
            cause: find.minimal.shrunk.as_ref().ok().map(|shrunk| &shrunk.cause),
            history,
            chosen,
        };
        let program = unconstrained(&plan, &symptom.monitor, (&ready.recordings, RunOptions::default()))?;
        match to_keep.regression(&program, directory) {
            Ok(regression::Regression { expect, choices, found, .. }) => {
                plan.regression = Some(Regression { expect, free: find.free.clone(), choices, found });
                return Ok(Ok(plan));
            }
            Err(not_kept) => why = not_kept,
        }
    }
    Ok(Err(why))
}

/// The scenarios that can be kept, each with a failing run and what was chosen in it; the better ones come first.
fn runs<'f>(ready: &Ready, job: &Job, find: &'f Find<'_>) -> Vec<(Plan, &'f History, &'f [Chosen])> {
    let Find { minimal, watched, .. } = find;
    let mut whole = ready.plan.clone();
    whole.seed = job.seed;
    let whole = (whole, &watched.history, &*watched.chosen);
    match find.plan() {
        Some(small) => vec![(small, &minimal.history, &[])],
        // The seed is one of the whole scenario.
        None if job.tactic.is_by_seed() => vec![whole],
        None => vec![(minimal.program.plan().clone(), &minimal.history, &[]), whole],
    }
}

/// Returns where a find goes, and whether it is there already. Another find of the same name stays.
fn place(folder: &Path, name: &str, text: &str) -> (PathBuf, bool) {
    let place = |name: &str| folder.join(format!("{name}.ron"));
    // What cannot be read is not to be overwritten either.
    let text_of = |name: &str| {
        let place = place(name);
        let is_taken = fs::symlink_metadata(&place).is_ok();
        is_taken.then(|| {
            if is_special(&place) { None } else { read_text(&place, SCENARIO).ok() }.unwrap_or_default()
        })
    };
    let (name, is_there) = free_name(name, text, text_of);
    (place(&name), is_there)
}

/// Returns the way from a folder to a file.
fn relative(file: &Path, folder: &Path) -> std::io::Result<PathBuf> {
    let (file, folder) = (fs::canonicalize(file)?, fs::canonicalize(folder)?);
    let common = file.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    Ok(up.chain(file.components().skip(common)).collect())
}
