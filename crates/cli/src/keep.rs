//! Finds are kept as regressions: scenario files that `tiebreak replay` runs again.

use std::fs;
use std::path::{Component, Path, PathBuf};

use tiebreak::explore::{Cause, Found, Symptom, Tactic};
use tiebreak_regression::{Expected, FoundBy, Judged, Standing, file_name, free_name};
use tiebreak_scenario::plan::{Actor, Entry, Regression, Snapshot, TieOrder};
use tiebreak_scenario::{Plan, load, write};

use crate::arguments::Fuzz;
use crate::draft::write_whole;
use crate::exit::Error;
use crate::find::Find;
use crate::load::Ready;
use crate::output::visible;
use crate::replay::{ORDERS, judge};
use crate::snapshots::stem;

/// What became of a find.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is a file.
    As(PathBuf),
    /// It cannot be kept, for this reason.
    Not(String),
}

/// Writes a find as a regression, unless it stands there already.
///
/// # Errors
/// If the file or its folder cannot be written.
pub(crate) fn keep(
    options: &Fuzz,
    ready: &Ready,
    (symptom, found): (&Symptom, &Found),
    find: &Find<'_>,
) -> Result<Kept, Error> {
    let folder = &options.regressions;
    let Some(mut plan) = regression(options, ready, (symptom, found), find) else {
        return Ok(Kept::Not(
            "what makes it fail is neither an order of events and draws nor a seed alone".to_owned(),
        ));
    };
    let failed = |source| Error::Output { path: visible(folder.display()), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let scenario = options.scenario.file.parent().unwrap_or(Path::new(""));
    for entry in &mut plan.clients {
        if let Entry::One(Actor::Feed(feed)) = entry {
            let given = options.scenario.input.iter().find(|input| input.name == feed.name);
            let file = given.map_or_else(|| scenario.join(&feed.file), |input| input.path.clone());
            feed.file = relative(&file, folder).map_err(failed)?.display().to_string();
        }
    }
    let text = write(&plan);
    // What is kept must be what a replay takes.
    let Ok(read) = load(&text) else {
        return Ok(Kept::Not("it cannot be written as a scenario".to_owned()));
    };
    let Judged { standing, says, .. } = judge(&read.plan, &ready.recordings, ORDERS)?;
    if standing != Standing::AsExpected {
        return Ok(Kept::Not(says));
    }
    let name = file_name(&[&stem(&options.scenario.file), &symptom.monitor, &symptom.event]);
    let (place, is_there) = place(folder, &name, &text);
    if !is_there {
        write_whole(&place, &text)?;
    }
    Ok(Kept::As(place))
}

/// The scenario of a find, small if it is known what makes it fail, and what is expected of it.
fn regression(
    options: &Fuzz,
    ready: &Ready,
    (symptom, found): (&Symptom, &Found),
    find: &Find<'_>,
) -> Option<Plan> {
    let job = &found.first.job;
    let mut plan = match (&find.minimal.shrunk, job.tactic) {
        (Ok(shrunk), _) => {
            let mut plan = find.minimal.program.plan().clone();
            let Cause { mut constraints, mut draws } = plan.order.cause().cloned().unwrap_or_default();
            constraints.extend(shrunk.cause.constraints.iter().cloned());
            draws.extend(shrunk.cause.draws.iter().cloned());
            plan.order = TieOrder::from(Cause { constraints, draws });
            plan
        }
        (Err(_), Tactic::Clocks | Tactic::Fifo | Tactic::Rounds) => {
            let mut plan = ready.plan.clone();
            plan.seed = job.seed;
            plan
        }
        (Err(_), Tactic::Walk | Tactic::Pos | Tactic::Urw | Tactic::Pct(_) | Tactic::Delay(_)) => {
            return None;
        }
    };
    plan.about.clone_from(&found.failure.message);
    plan.until = options.scenario.until.unwrap_or(plan.until);
    plan.limit = options.scenario.limit.or(plan.limit);
    plan.snapshots = vec![Snapshot::Whole];
    plan.regression = Some(Regression {
        expect: Expected::from(symptom.clone()),
        free: find.free.clone(),
        found: FoundBy { strategy: job.tactic, seed: job.seed, run: job.number + 1, runs: options.runs },
    });
    Some(plan)
}

/// Returns where a find goes, and whether it is there already. Another find of the same name stays.
fn place(folder: &Path, name: &str, text: &str) -> (PathBuf, bool) {
    let place = |name: &str| folder.join(format!("{name}.ron"));
    // What cannot be read is not to be overwritten either.
    let text_of = |name: &str| {
        let place = place(name);
        place.exists().then(|| fs::read_to_string(place).unwrap_or_default())
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
