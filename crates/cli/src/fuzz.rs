//! `tiebreak fuzz`: a campaign of runs; what fails is made small and shrunk to the orderings that it needs.

use core::cmp::Reverse;
use core::time::Duration;
use std::panic::resume_unwind;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tiebreak::explore::{
    Campaign, Cause, Chance, Coverage, Directory, Effort, Found, Job, Noted, OneOrder, Plan, Symptom, Tactic,
    Unseen, fails_with, is_alert,
};
use tiebreak_diagnostic::counted;
use tiebreak_runner::Explored;

use crate::arguments::{Fuzz, ScenarioOptions};
use crate::exit::{Error, Exit};
use crate::find::{Find, Wanted, minimize};
use crate::hunt::{Hunt, Hunted};
use crate::interrupt::{self, interruptions};
use crate::keep::{Kept, keep};
use crate::load::Ready;
use crate::output::{Sink, Terminal, complain, shown_path, visible};
use crate::test::is_set;

/// How many names that tied with themselves are shown.
const TWINS_SHOWN: usize = 3;
/// How many finds are shown and shrunk.
const FINDS_SHOWN: usize = 10;
/// How many pairs of kinds are shown that ran in one order only.
const PAIRS_SHOWN: usize = 10;

/// Searches the orders of a scenario.
pub(crate) fn fuzz(options: &Fuzz, terminal: Terminal) -> Result<Exit, Error> {
    let Fuzz { scenario, runs, seed, .. } = options;
    if seed.checked_add(*runs - 1).is_none() {
        return Err(Error::Input(format!(
            "there are fewer than {runs} seeds from {seed} on; write a smaller --seed or --runs"
        )));
    }
    let ready = Ready::read(scenario, terminal)?;
    let program = ready.explored(scenario.of_a_search());
    // The search, and making small what it has found.
    interrupt::stop_by_itself(2);
    let start = Instant::now();
    let hunt = Hunt {
        program: &program,
        plan: Plan {
            tactics: options.strategy.0.clone(),
            seed: *seed,
            runs: *runs,
            until_quiet: options.until_quiet,
            stops_at_failure: options.stop_at_failure,
            noted: if options.coverage { Noted::Coverage } else { Noted::Failures },
        },
        jobs: options.threads(),
        deadline: options.time.map(|time| start + Duration::from_nanos(time.as_nanos())),
    };
    let bar = progress(*runs, terminal);
    let hunted = hunt.run(|runs| bar.inc(runs));
    bar.finish_and_clear();
    terminal.note(rate(hunted.campaign.runs(), start, hunt.jobs));
    let report = Report { options, ready: &ready, program: &program, terminal };
    report.conclude(hunted)
}

fn progress(runs: u64, terminal: Terminal) -> ProgressBar {
    let template = "{wide_bar} {human_pos} of {human_len} runs, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(runs), draw_target(terminal)).with_style(style)
}

fn draw_target(terminal: Terminal) -> ProgressDrawTarget {
    if terminal.shows_progress() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

/// Returns how fast it was. That is wall-clock time, and therefore a note and not a result.
fn rate(runs: u64, start: Instant, jobs: u16) -> String {
    let millis = start.elapsed().as_millis().max(1);
    format!("{} runs/min on {}", u128::from(runs) * 60_000 / millis, counted(jobs, "thread"))
}

/// Prints what came of a campaign.
struct Report<'a> {
    options: &'a Fuzz,
    ready: &'a Ready,
    program: &'a Explored<'a>,
    terminal: Terminal,
}

impl Report<'_> {
    fn conclude(&self, hunted: Hunted) -> Result<Exit, Error> {
        let Hunted { campaign, mut directory, is_interrupted, panic } = hunted;
        if let Some((job, panic)) = panic {
            complain(self.again(&job));
            resume_unwind(panic);
        }
        let mut out = Sink::stdout();
        if is_interrupted {
            out.line(format_args!("interrupted after {} of {} runs", campaign.runs(), self.options.runs));
        }
        let (mut exit, mut again) = (Exit::Fine, None);
        let mut causes: Vec<Cause> = Vec::new();
        let (bar, before) = (self.spinner(), interruptions());
        let goes_on = || {
            bar.tick();
            interruptions() == before
        };
        for (symptom, found) in first_ones(&campaign) {
            exit = exit.max(exit_of(&symptom.monitor));
            for line in what_lines(symptom, found) {
                out.line(line);
            }
            let mut effort = Effort::new(found.first.job.seed, u64::MAX).while_it(&goes_on);
            let mut comes_with =
                |cause| fails_with(self.program, cause, symptom, &mut directory, &mut effort);
            if causes.iter().any(&mut comes_with) {
                out.line("  it comes with what makes a find before it fail");
                continue;
            }
            let wanted = if self.options.all_causes { Wanted::All } else { Wanted::One };
            let how = (campaign.calibration(), wanted);
            let find = minimize(self.program, symptom, found, how, &mut directory, &goes_on);
            for line in find.lines() {
                out.line(line);
            }
            let cause = find.minimal.shrunk.as_ref().ok().map(|shrunk| shrunk.cause.clone());
            causes.extend(cause.filter(|cause| !cause.is_empty()));
            if self.is_keeping() {
                let place = self.keep((symptom, found), (&find, &mut directory), &mut out)?;
                again = again.or(place);
            }
        }
        bar.finish_and_clear();
        let is_interrupted = is_interrupted || interruptions() > before;
        let more = campaign.found().len().saturating_sub(FINDS_SHOWN);
        if more > 0 {
            out.line(format_args!("and {more} more finds, which are not shown"));
        }
        if exit == Exit::Fine && campaign.runs() > 0 {
            exit = self.nothing_found(&campaign, &mut out);
        }
        let is_wanted = exit != Exit::Fine || !self.terminal.is_quiet;
        if let Some(twins) = twins(&campaign).filter(|_| is_wanted) {
            out.line(format_args!("ties of equal names · {twins}"));
            self.terminal.note(format_args!(
                "warning: events of one name were due together: {twins}. Under every seed they run in the order of \
                 scheduling; to let them race, give them different subjects"
            ));
        }
        for line in campaign.coverage().filter(|_| is_wanted).map(coverage_lines).unwrap_or_default() {
            out.line(visible(line));
        }
        if campaign.runs() > 0 && is_wanted {
            out.line(totals(&campaign));
        }
        if let Some((_, found)) = first_ones(&campaign).next() {
            out.line(again.unwrap_or_else(|| self.again(&found.first.job)));
        }
        out.finish()?;
        Ok(if is_interrupted { Exit::Interrupted } else { exit })
    }

    /// Shows that finds are made small.
    fn spinner(&self) -> ProgressBar {
        let template = "{spinner} making finds small; Ctrl-C leaves them as they are";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        ProgressBar::with_draw_target(None, draw_target(self.terminal)).with_style(style)
    }

    /// Keeps a find, and returns the line to paste that shows it again.
    fn keep(
        &self,
        what: (&Symptom, &Found),
        find: (&Find<'_>, &mut Directory),
        out: &mut Sink,
    ) -> Result<Option<String>, Error> {
        Ok(match keep(self.options, self.ready, what, find)? {
            Kept::As(place) => {
                out.line(format_args!("  kept as {}", shown_path(place.display())));
                Some(ScenarioOptions::of(&place).paste_line_of("replay", self.program.plan(), &[]))
            }
            Kept::Not(reason) => {
                out.line(format_args!("  not kept: {}", visible(reason)));
                None
            }
        })
    }

    /// Whether finds are written as regressions.
    fn is_keeping(&self) -> bool {
        !self.options.no_regressions && !is_set("CI")
    }

    /// Says what it means that nothing was found, and whether it means anything.
    fn nothing_found(&self, campaign: &Campaign, out: &mut Sink) -> Exit {
        if !is_alert(&self.options.strategy.0, self.options.seed) {
            out.line(
                "the strategy did not find the failure that is built in: what it has not found means nothing",
            );
            return Exit::Blind;
        }
        if self.terminal.is_quiet {
            return Exit::Fine;
        }
        let runs = campaign.runs();
        match &*campaign.chances() {
            [one] if one.tactic.is_sample() => {
                out.line(format_args!("ok · no failure in {runs} runs: {}", chance(one)));
            }
            // The orders that were tried are no samples: nothing follows for others.
            several => {
                out.line(format_args!("ok · no failure in {runs} runs"));
                for one in several.iter().filter(|one| one.tactic.is_sample()) {
                    out.line(format_args!("  {}: {}", one.tactic, chance(one)));
                }
            }
        }
        for one in campaign.unseen() {
            out.line(unseen(&one));
        }
        if campaign.contended() == 0 {
            out.line("there was nothing to search: in no run could two events run at the same time");
        }
        if self.options.strategy.0 == [Tactic::Clocks] {
            let (first, last) = (self.options.seed, self.options.seed + (runs - 1));
            out.line(format_args!("seeds {first} to {last}, tried one by one, not drawn"));
        }
        Exit::Fine
    }

    /// The line to paste that shows a run again: by its seed, or as a part of the campaign.
    fn again(&self, job: &Job) -> String {
        let Fuzz { scenario, seed, .. } = self.options;
        if job.tactic.is_by_seed() {
            return scenario.paste_line(&self.ready.plan, Some(job.seed), job.tactic.order());
        }
        let options = [
            ("--strategy", self.options.strategy_word()),
            ("--seed", seed.to_string()),
            ("--runs", (job.number + 1).to_string()),
        ];
        scenario.paste_line_of("fuzz", &self.ready.plan, &options)
    }
}

/// What was found, and how often.
fn what_lines(symptom: &Symptom, found: &Found) -> [String; 2] {
    let Found { first, failure, runs } = found;
    let what = if exit_of(&symptom.monitor) == Exit::Unended { "did not end" } else { "found" };
    let times = if *runs == 1 { "1 run that fails".to_owned() } else { format!("{runs} runs that fail") };
    let head = format!("{what} · run {} ({}) is the first of {times}", first.job.number + 1, first.job.who());
    [head, format!("  {}", visible(&failure.message))]
}

/// The finds that are shown: those that were met first.
fn first_ones(campaign: &Campaign) -> impl Iterator<Item = (&Symptom, &Found)> {
    let mut finds: Vec<(&Symptom, &Found)> = campaign.found().iter().collect();
    finds.sort_by_key(|(_, found)| found.place());
    finds.into_iter().take(FINDS_SHOWN)
}

/// A run that hit a limit has not failed a check, it was cut short.
pub(crate) fn exit_of(monitor: &str) -> Exit {
    if monitor == tiebreak_runner::LIMIT { Exit::Unended } else { Exit::Found }
}

/// How surely runs of a strategy do not fail.
fn chance(Chance { runs, tenths, .. }: &Chance) -> String {
    let (whole, rest) = (tenths / 10, tenths % 10);
    let bound = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest}") };
    format!("chance of failure per run below {bound}/{runs} at 95 %")
}

/// How probable it is that the next run of a strategy shows something that was not seen.
fn unseen(Unseen { tactic, runs, once, between: [low, high] }: &Unseen) -> String {
    let estimate = u128::from(*once) * 1_000_000_000 / u128::from(*runs).max(1);
    let estimate = percent(u64::try_from(estimate).unwrap_or(u64::MAX), Rounded::Down);
    let [low, high] = [percent(*low, Rounded::Down), percent(*high, Rounded::Up)];
    format!(
        "chance that the next run of {tactic} shows a behaviour not seen before: {estimate} %, and between {low} % \
         and {high} % at 95 %"
    )
}

/// To which side a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rounded {
    Down,
    Up,
}

/// Billionths as percent, with two digits that say something.
fn percent(billionths: u64, rounded: Rounded) -> String {
    let decimals = (0..7).find(|decimals| billionths >= 10_u64.pow(8 - decimals)).unwrap_or(7);
    let unit = 10_u64.pow(7 - decimals);
    let units = match rounded {
        Rounded::Down => billionths / unit,
        Rounded::Up => billionths.div_ceil(unit),
    };
    let of_one = 10_u64.pow(decimals);
    let (whole, rest) = (units / of_one, units % of_one);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:0width$}", width = decimals as usize) }
}

/// Which kinds of events raced in which order.
fn coverage_lines(coverage: &Coverage) -> Vec<String> {
    let in_one = coverage.in_one_order();
    let mut lines = vec![format!(
        "pairs of kinds of events that raced · {} in both orders · {} in one order only · {} never",
        coverage.in_both_orders(),
        in_one.len(),
        coverage.never()
    )];
    let shown = in_one.iter().take(PAIRS_SHOWN);
    lines.extend(shown.map(|OneOrder { first, second, runs }| {
        format!("  {first} always before {second}, in {}", counted(*runs, "run"))
    }));
    let more = in_one.len().saturating_sub(PAIRS_SHOWN);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    if coverage.skipped() > 0 {
        let instants = counted(coverage.skipped(), "instant");
        lines.push(format!("  {instants} with more than 2000 events not looked at"));
    }
    lines
}

/// How many runs there were and what became of them.
fn totals(campaign: &Campaign) -> String {
    let runs = campaign.runs();
    let (failed, behaviours, digest) = (campaign.failed(), campaign.behaviours(), campaign.digest());
    format!(
        "{} · {failed} failed · {} · digest {digest:016x}",
        counted(runs, "run"),
        counted(behaviours, "different behaviour")
    )
}

/// The names that tied with themselves, the most frequent first, with how often they did in all runs.
fn twins(campaign: &Campaign) -> Option<String> {
    let mut twins: Vec<(&String, &u64)> = campaign.twins().iter().collect();
    twins.sort_by_key(|(_, count)| Reverse(**count));
    let more = if twins.len() > TWINS_SHOWN { ", …" } else { "" };
    let shown = twins.iter().take(TWINS_SHOWN).map(|(name, count)| format!("{name} ({count}×)"));
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_digits_and_are_rounded_to_the_safe_side() {
        for (billionths, down, up) in [
            (1_000_000_000, "100", "100"),
            (999_999_999, "99", "100"),
            (123_456_789, "12", "13"),
            (12_345_678, "1.2", "1.3"),
            (1_000_001, "0.10", "0.11"),
            (123_456, "0.012", "0.013"),
            (1, "0.0000001", "0.0000001"),
            (0, "0", "0"),
        ] {
            assert_eq!(percent(billionths, Rounded::Down), down, "{billionths}");
            assert_eq!(percent(billionths, Rounded::Up), up, "{billionths}");
        }
    }
}
