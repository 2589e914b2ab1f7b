//! `tiebreak fuzz`: runs under consecutive seeds, up to the first that fails.

use core::cmp::Reverse;
use std::panic::resume_unwind;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tiebreak_diagnostic::counted;
use tiebreak_runner::RunOptions;

use crate::arguments::Fuzz;
use crate::exit::{Error, Exit};
use crate::interrupt;
use crate::load::Ready;
use crate::output::{Sink, Terminal, complain};
use crate::run::finding_lines;
use crate::sweep::{AtFailure, Sweep, Tally};

/// How many names that tied with themselves are shown.
const TWINS_SHOWN: usize = 3;

/// Runs a scenario under many seeds.
pub(crate) fn fuzz(options: &Fuzz, terminal: Terminal) -> Result<Exit, Error> {
    let Fuzz { scenario, runs, seed: first, .. } = options;
    if first.checked_add(*runs - 1).is_none() {
        return Err(Error::Input(format!(
            "there are fewer than {runs} seeds from {first} on; write a smaller --seed or --runs"
        )));
    }
    let ready = Ready::read(scenario, terminal)?;
    let sweep = Sweep {
        prepared: &ready.prepared,
        options: RunOptions {
            seed: None,
            order: Some(options.order),
            until: scenario.until,
            limit: scenario.limit,
            model: scenario.model(),
        },
        first: *first,
        runs: *runs,
        at_failure: if options.keep_going { AtFailure::GoOn } else { AtFailure::Stop },
        jobs: options.jobs,
    };
    interrupt::stop_by_itself();
    let (bar, start) = (progress(*runs, terminal), Instant::now());
    let tally = sweep.run(|runs| bar.inc(runs));
    bar.finish_and_clear();
    terminal.note(rate(tally.runs, start, options.jobs));
    conclude(tally, options, &sweep, &ready, terminal)
}

fn progress(runs: u64, terminal: Terminal) -> ProgressBar {
    let is_shown = terminal.shows_progress();
    let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = "{wide_bar} {human_pos} of {human_len} runs, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(runs), target).with_style(style)
}

/// Returns how fast it was. That is wall-clock time, and therefore a note and not a result.
fn rate(runs: u64, start: Instant, jobs: u16) -> String {
    let millis = start.elapsed().as_millis().max(1);
    format!("{} runs/min on {}", u128::from(runs) * 60_000 / millis, counted(jobs, "thread"))
}

/// Prints the result of a sweep.
fn conclude(
    tally: Tally,
    options: &Fuzz,
    sweep: &Sweep<'_>,
    ready: &Ready,
    terminal: Terminal,
) -> Result<Exit, Error> {
    let again = |seed| options.scenario.paste_line(&ready.plan, Some(seed), options.order);
    if let Some((seed, panic)) = tally.panic {
        complain(again(seed));
        resume_unwind(panic);
    }
    let mut out = Sink::stdout();
    if tally.is_interrupted {
        out.line(format_args!("interrupted after {} of {} runs", tally.runs, options.runs));
    }
    let mut exit = Exit::Fine;
    if let Some(seed) = tally.failing_seeds.first() {
        let (report, _) = sweep.prepared.sweep(RunOptions { seed: Some(*seed), ..sweep.options });
        exit = Exit::of(&report);
        out.line(headline(exit, *seed, options));
        for line in finding_lines(&report) {
            out.line(line);
        }
        if options.keep_going {
            out.line(failing(&tally));
        }
    } else if tally.runs > 0 && !terminal.is_quiet {
        let (runs, last) = (tally.runs, options.seed + (tally.runs - 1));
        out.line(format_args!(
            "ok · no failure in {}: chance of failure per run below 3/{runs} at 95 %",
            counted(runs, "run")
        ));
        out.line(format_args!("seeds {} to {last}, one after the other, not drawn at random", options.seed));
    }
    let is_wanted = exit != Exit::Fine || !terminal.is_quiet;
    if let Some(twins) = twins(&tally).filter(|_| is_wanted) {
        out.line(format_args!("ties of equal names · {twins}"));
        terminal.note(format_args!(
            "warning: events of the same name were due at the same instant: {twins}. They run in the order of scheduling \
             under every seed; to let them race, give them different subjects"
        ));
    }
    if tally.runs > 0 && is_wanted {
        out.line(totals(&tally));
    }
    if let Some(seed) = tally.failing_seeds.first() {
        out.line(again(*seed));
    }
    out.finish()?;
    Ok(if tally.is_interrupted { Exit::Interrupted } else { exit })
}

/// Returns what happened under the first failing seed. A run that hit a limit was cut short, which is no failed check.
fn headline(exit: Exit, seed: u64, options: &Fuzz) -> String {
    let (run, runs) = (seed - options.seed + 1, options.runs);
    if exit == Exit::Unended {
        format!("did not end · seed {seed} hits a limit, run {run} of {runs}")
    } else {
        format!("found · seed {seed} fails, run {run} of {runs}")
    }
}

/// Returns how many seeds failed, and the first of them.
fn failing(tally: &Tally) -> String {
    let seeds: Vec<String> = tally.failing_seeds.iter().map(u64::to_string).collect();
    let more = if tally.failed > seeds.len() as u64 { ", …" } else { "" };
    format!("{} of {} runs fail: seeds {}{more}", tally.failed, tally.runs, seeds.join(", "))
}

/// Returns how many runs there were, and how many of them failed.
fn totals(tally: &Tally) -> String {
    let Tally { runs, failed, unended, digest, .. } = tally;
    let cut = if *unended == 0 { String::new() } else { format!(", {unended} of them at a limit") };
    format!("{} · {failed} failed{cut} · digest {digest}", counted(*runs, "run"))
}

/// Returns the names that tied with themselves, the most frequent first, and how often they did in all runs.
fn twins(tally: &Tally) -> Option<String> {
    let mut twins: Vec<(&String, &u64)> = tally.twins.iter().collect();
    twins.sort_by_key(|(_, count)| Reverse(**count));
    let more = if twins.len() > TWINS_SHOWN { ", …" } else { "" };
    let shown = twins.iter().take(TWINS_SHOWN).map(|(name, count)| format!("{name} ({count}×)"));
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}
