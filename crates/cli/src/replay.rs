//! `tiebreak replay`: regressions come to what is expected of them, whatever decides the rest of their order.

use std::path::Path;

use tiebreak::explore::{ORDERS_CONFIRMED, ORDERS_TRIED};
use tiebreak_diagnostic::counted;
use tiebreak_regression::{self as regression, Claim, Judged, Standing};
use tiebreak_runner::{Explored, MODEL, ModelCheck, Recordings, RunOptions};
use tiebreak_scenario::plan::{Regression, TieOrder};
use tiebreak_scenario::{Plan, load, write};

use crate::arguments::Replay;
use crate::bounded::{SCENARIO, read_text};
use crate::draft::write_whole;
use crate::exit::{Error, Exit};
use crate::interrupt::{self, is_interrupted};
use crate::load::{Ready, check_file, how_to_run, is_find_of_test, scenario_files};
use crate::output::{Sink, Terminal, complain, shown_path, visible};
use crate::render;
use crate::sheet::Sheet;
use crate::test::is_set;

/// How many orders decide the rest unless all are asked for.
pub(crate) const ORDERS: u64 = ORDERS_TRIED;

/// Returns the exit that a standing leads to.
pub(crate) const fn exit_of(standing: Standing) -> Exit {
    match standing {
        Standing::AsExpected | Standing::Accepted => Exit::Fine,
        Standing::NoLongerFails | Standing::Diverged => Exit::Diverged,
        Standing::Fails => Exit::Found,
        Standing::Broken => Exit::BadInput,
        Standing::NotRun => Exit::NotRun,
    }
}

/// Returns the exit that several standings lead to: that something was not run is said if nothing else is.
fn exit_of_all(standings: &[Standing]) -> Exit {
    let ran = standings.iter().filter(|standing| **standing != Standing::NotRun).map(|one| exit_of(*one));
    let exit = ran.max().unwrap_or(Exit::Fine);
    let is_left_out = exit == Exit::Fine && standings.contains(&Standing::NotRun);
    if is_left_out { Exit::NotRun } else { exit }
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
    interrupt::stop_by_itself();
    let mut out = Sink::stdout();
    let mut standings = Vec::new();
    for file in &files {
        if is_interrupted() {
            break;
        }
        let Judged { standing, says, details, message: _, way: _ } = replay_file(file, options, terminal)?;
        if standing != Standing::AsExpected {
            let file = shown_path(file.display());
            out.line(format_args!("{} {file}: {}", standing.word().to_uppercase(), visible(says)));
            for line in details {
                out.line(format_args!("  {}", visible(line)));
            }
        }
        standings.push(standing);
    }
    let exit = exit_of_all(&standings);
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
    let checked = check_file(file, &[], terminal.reach);
    if checked.scenario.is_none() {
        let is_find = |Sheet { text, diagnostics, .. }: &Sheet| {
            let text = text.as_deref().unwrap_or_default();
            diagnostics.iter().any(|diagnostic| is_find_of_test(text, diagnostic))
        };
        if checked.sheets.iter().any(is_find) {
            let says = format!("it belongs to a Rust test; {}", how_to_run(file));
            return Ok(Judged::new(Standing::NotRun, says));
        }
        for sheet in &checked.sheets {
            complain(render::draw(sheet, terminal.stderr_paint()));
        }
        return Ok(Judged::new(Standing::Broken, "it has mistakes"));
    }
    let Ready { plan, recordings, .. } = Ready::new(checked, &[])?;
    if plan.regression.is_none() {
        let file = shown_path(file.display());
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
    let Some(Regression { expect, choices, found, .. }) = &plan.regression else {
        return Err(Error::Input("the scenario is not a regression".to_owned()));
    };
    let order = &plan.order.cause().cloned().unwrap_or_default();
    let program = unconstrained(plan, &expect.symptom().monitor, (recordings, RunOptions::default()))?;
    let mut judged =
        regression::judge(&program, Claim { expect, order, choices, found }, (plan.seed, orders));
    if judged.standing == Standing::NoLongerFails {
        judged.says.push_str(": `--accept` keeps it as a guard");
    }
    Ok(judged)
}

/// The program of a plan without its constraints, in which a monitor is to fail.
///
/// # Errors
/// If it cannot be prepared.
pub(crate) fn unconstrained<'r>(
    plan: &Plan,
    monitor: &str,
    (recordings, options): (&'r Recordings, RunOptions),
) -> Result<Explored<'r>, Error> {
    let model = if monitor == MODEL { ModelCheck::On } else { options.model };
    let mut free = plan.clone();
    free.order = TieOrder::Seeded;
    Explored::new(free, recordings, RunOptions { model, ..options })
        .map_err(|error| Error::Input(error.to_string()))
}

/// Rewrites a regression that no longer fails: from now on it must pass. Nothing else of the file changes.
fn accept(file: &Path, plan: &Plan) -> Result<(), Error> {
    let mut wanted = plan.clone();
    if let Some(Regression { expect, .. }) = &mut wanted.regression {
        *expect = expect.passes();
    }
    let source = |source| Error::Output { path: shown_path(file.display()), source };
    let text = read_text(file, SCENARIO).map_err(source)?;
    let read = |text: &str| load(text).ok().map(|loaded| loaded.plan);
    write_whole(file, &regression::accept(&text, &wanted, read, write))
}
