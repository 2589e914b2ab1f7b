//! `tiebreak replay`: regressions come to what is expected of them, whatever decides the rest of their order.

use std::fs;
use std::path::Path;

use tiebreak::explore::{
    Calibration, Cause, Directory, Job, ORDERS_CONFIRMED, ORDERS_TRIED, Symptom, Tactic, default_orders,
    try_cause,
};
use tiebreak_diagnostic::counted;
use tiebreak_runner::{Explored, MODEL, ModelCheck, Recordings, RunOptions, Unkept};
use tiebreak_scenario::plan::{FoundBy, Outcome, Regression, TieOrder};
use tiebreak_scenario::{Plan, load, write};

use crate::arguments::Replay;
use crate::draft::write_whole;
use crate::exit::{Error, Exit};
use crate::interrupt::{self, is_interrupted};
use crate::load::{Ready, check_file, scenario_files};
use crate::output::{Sink, Terminal, complain, visible};
use crate::render;
use crate::test::is_set;

/// How many orders decide the rest unless all are asked for.
pub(crate) const ORDERS: u64 = ORDERS_TRIED;

/// How a regression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It comes to what is expected.
    AsExpected,
    /// It no longer fails, and was rewritten to say so.
    Accepted,
    /// It should fail and passes in every order.
    NoLongerFails,
    /// It is not the run any more that it was: its events do not happen, or it fails in some orders only.
    Diverged,
    /// It fails, but should pass or fail otherwise.
    Fails,
    /// Its file has mistakes.
    Broken,
}

impl Standing {
    const ALL: [Self; 6] =
        [Self::AsExpected, Self::Accepted, Self::NoLongerFails, Self::Diverged, Self::Fails, Self::Broken];

    /// Returns the exit that it leads to.
    pub(crate) const fn exit(self) -> Exit {
        match self {
            Self::AsExpected | Self::Accepted => Exit::Fine,
            Self::NoLongerFails | Self::Diverged => Exit::Diverged,
            Self::Fails => Exit::Found,
            Self::Broken => Exit::BadInput,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::Accepted => "accepted",
            Self::NoLongerFails => "no longer failing",
            Self::Diverged => "diverged",
            Self::Fails => "failing",
            Self::Broken => "broken",
        }
    }
}

/// What came of a replay.
#[derive(Debug)]
pub(crate) struct Judged {
    /// How the regression stands.
    pub(crate) standing: Standing,
    /// That in words.
    pub(crate) says: String,
    /// What there is to say besides, one line each.
    pub(crate) details: Vec<String>,
}

impl Judged {
    fn new(standing: Standing, says: impl Into<String>) -> Self {
        Self { standing, says: says.into(), details: Vec::new() }
    }
}

/// Replays regressions.
pub(crate) fn replay(options: &Replay, terminal: Terminal) -> Result<Exit, Error> {
    if options.accept && is_set("CI") {
        let message = "`--accept` keeps nothing where CI is set: what is kept is looked at by a person first";
        return Err(Error::Input(message.to_owned()));
    }
    let mut files = Vec::new();
    for path in &options.paths {
        files.extend(scenario_files(path)?);
    }
    interrupt::stop_by_itself(1);
    let mut out = Sink::stdout();
    let mut standings = Vec::new();
    for file in &files {
        if is_interrupted() {
            break;
        }
        let Judged { standing, says, details } = replay_file(file, options, terminal)?;
        if standing != Standing::AsExpected {
            let file = visible(file.display());
            out.line(format_args!("{} {file}: {}", standing.word().to_uppercase(), visible(says)));
            for line in details {
                out.line(format_args!("  {}", visible(line)));
            }
        }
        standings.push(standing);
    }
    let exit = standings.iter().map(|standing| standing.exit()).max().unwrap_or(Exit::Fine);
    let is_cut = standings.len() < files.len();
    if is_cut {
        out.line(format_args!("interrupted after {} of {} regressions", standings.len(), files.len()));
    }
    if exit != Exit::Fine || !terminal.is_quiet {
        out.line(summary(&standings));
    }
    out.finish()?;
    Ok(if is_cut { Exit::Interrupted } else { exit })
}

fn summary(standings: &[Standing]) -> String {
    let count = |one: Standing| standings.iter().filter(|standing| **standing == one).count();
    let counts = Standing::ALL.map(|standing| (count(standing), standing.word()));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    format!("{}: {}", counted(standings.len(), "regression"), counts.join(", "))
}

fn replay_file(file: &Path, options: &Replay, terminal: Terminal) -> Result<Judged, Error> {
    let checked = check_file(file, &[]);
    if checked.scenario.is_none() {
        for sheet in &checked.sheets {
            complain(render::draw(sheet, terminal.stderr_paint()));
        }
        return Ok(Judged::new(Standing::Broken, "it has mistakes"));
    }
    let Ready { plan, recordings, .. } = Ready::new(checked, &[])?;
    if plan.regression.is_none() {
        let file = visible(file.display());
        return Err(Error::Input(format!("{file} is not a regression: it has no field `regression`")));
    }
    let orders = if options.all { ORDERS_CONFIRMED } else { ORDERS };
    let judged = judge(&plan, &recordings, orders)?;
    if judged.standing == Standing::NoLongerFails && options.accept {
        accept(file, &plan)?;
        return Ok(Judged::new(Standing::Accepted, "from now on it must pass"));
    }
    Ok(judged)
}

/// Runs a regression under its constraints, with several orders that decide the rest.
///
/// # Errors
/// If the plan has no regression, or cannot be prepared.
pub(crate) fn judge(plan: &Plan, recordings: &Recordings, orders: u64) -> Result<Judged, Error> {
    let Some(Regression { expect, found, .. }) = &plan.regression else {
        return Err(Error::Input("the scenario is not a regression".to_owned()));
    };
    let (Outcome::Fails { monitor, event } | Outcome::Passes { monitor, event }) = expect;
    let symptom = Symptom { monitor: monitor.clone(), event: event.clone() };
    let model = if monitor == MODEL { ModelCheck::On } else { ModelCheck::Off };
    let cause = plan.order.cause().cloned().unwrap_or_default();
    let mut free = plan.clone();
    free.order = TieOrder::Seeded;
    let program = Explored::new(free, recordings, RunOptions { model, ..RunOptions::default() });
    let program = program.map_err(|error| Error::Input(error.to_string()))?;
    let mut directory = Directory::default();
    let mut tally = Tally { orders, ..Tally::default() };
    for order in default_orders(plan.seed, orders) {
        let trial = try_cause(&program, &cause, order, &mut directory);
        let unkept = Unkept::of(&cause, &trial.broken, &trial.history, &directory);
        // As the shrinker has it: whoever had to run too early is not in the order that is asked for.
        if trial.symptoms.contains(&symptom) && trial.broken.is_empty() {
            tally.fail_so += 1;
        } else if let Some(failure) = trial.outcome.failures().first() {
            tally.fail_otherwise += 1;
            tally.otherwise.get_or_insert_with(|| failure.message.clone());
        } else {
            tally.pass += 1;
        }
        tally.keep += u64::from(unkept.is_empty());
        if tally.unkept.is_empty() {
            tally.unkept = unkept.iter().map(ToString::to_string).collect();
        }
    }
    let seed_fails = || by_seed(&program, found, &mut directory).contains(&symptom);
    Ok(match expect {
        Outcome::Fails { .. } => tally.of_failing(&cause, found, seed_fails),
        Outcome::Passes { .. } => tally.of_passing(),
    })
}

/// What fails in the run that has found a regression, if that depends on the order policy and the seed alone.
fn by_seed(program: &Explored<'_>, found: &FoundBy, directory: &mut Directory) -> Vec<Symptom> {
    let FoundBy { strategy, seed, run, .. } = *found;
    match strategy {
        Tactic::Clocks | Tactic::Fifo | Tactic::Rounds => {
            let turn = run.saturating_sub(1);
            let job = Job { number: turn, tactic: strategy, turn, seed, prefix: Vec::new() };
            job.watch(program, &Calibration::default(), directory).symptoms
        }
        Tactic::Walk | Tactic::Pos | Tactic::Urw | Tactic::Pct(_) | Tactic::Delay(_) => Vec::new(),
    }
}

/// What runs of a regression came to.
#[derive(Debug, Default)]
struct Tally {
    orders: u64,
    /// How many fail as the regression says.
    fail_so: u64,
    /// How many fail otherwise, and how the first does.
    fail_otherwise: u64,
    otherwise: Option<String>,
    pass: u64,
    /// In how many the constraints were kept, and what was not kept in the first of the others.
    keep: u64,
    unkept: Vec<String>,
}

impl Tally {
    /// How a regression stands that should fail.
    fn of_failing(self, cause: &Cause, found: &FoundBy, seed_fails: impl FnOnce() -> bool) -> Judged {
        let Self { orders, fail_so, fail_otherwise, otherwise, pass, unkept, .. } = self;
        if fail_so == orders {
            return Judged::new(Standing::AsExpected, format!("it fails in all of {orders} orders"));
        }
        if !unkept.is_empty() {
            let says = "it is not the run any more that it was";
            return Judged { details: unkept, ..Judged::new(Standing::Diverged, says) };
        }
        let the_seed = format!("{}, seed {}", found.strategy, found.seed);
        match (cause.is_empty(), seed_fails()) {
            (true, true) => return Judged::new(Standing::AsExpected, format!("it fails by {the_seed}")),
            (false, true) => {
                let says = format!("the constraints no longer make it fail; the seed does ({the_seed})");
                return Judged::new(Standing::Diverged, says);
            }
            (_, false) => {}
        }
        if let Some(message) = otherwise {
            let says = format!("it fails otherwise in {fail_otherwise} of {orders} orders");
            return Judged { details: vec![message], ..Judged::new(Standing::Fails, says) };
        }
        if pass == orders {
            let says =
                format!("it no longer fails in any of {orders} orders: `--accept` keeps it as a guard");
            return Judged::new(Standing::NoLongerFails, says);
        }
        Judged::new(Standing::Diverged, format!("it fails in {fail_so} of {orders} orders only"))
    }

    /// How a regression stands that should pass.
    fn of_passing(self) -> Judged {
        let Self { orders, fail_so, fail_otherwise, otherwise, keep, unkept, .. } = self;
        if fail_so > 0 {
            return Judged::new(Standing::Fails, format!("it fails again in {fail_so} of {orders} orders"));
        }
        if let Some(message) = otherwise {
            let says = format!("it fails in {fail_otherwise} of {orders} orders");
            return Judged { details: vec![message], ..Judged::new(Standing::Fails, says) };
        }
        if keep == 0 {
            let says = "it passes, but is not the run any more that it was: it guards nothing";
            return Judged { details: unkept, ..Judged::new(Standing::Diverged, says) };
        }
        Judged::new(Standing::AsExpected, format!("it passes in all of {orders} orders"))
    }
}

/// Rewrites a regression that no longer fails: from now on it must pass. Nothing else of the file changes.
fn accept(file: &Path, plan: &Plan) -> Result<(), Error> {
    let mut wanted = plan.clone();
    if let Some(Regression { expect, .. }) = &mut wanted.regression {
        if let Outcome::Fails { monitor, event } = expect.clone() {
            *expect = Outcome::Passes { monitor, event };
        }
    }
    let source = |source| Error::Output { path: visible(file.display()), source };
    let text = fs::read_to_string(file).map_err(source)?;
    let is_wanted = |text: &String| load(text).is_ok_and(|loaded| loaded.plan == wanted);
    let mut replaced = text.match_indices("Fails").map(|(at, word)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        format!("{before}Passes{after}")
    });
    // The one that means it, unless somebody wrote it in a way of their own.
    let replaced = replaced.find(is_wanted).unwrap_or_else(|| write(&wanted));
    write_whole(file, &replaced)
}
