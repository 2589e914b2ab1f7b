//! `tiebreak fuzz`: a campaign of runs; what fails is made small and shrunk to the orderings that it needs.

use core::cmp::Reverse;
use core::time::Duration;
use std::ffi::OsString;
use std::io;
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
use crate::determinism::{self, Check, Difference, Repeater, Stopped};
use crate::exit::{Error, Exit};
use crate::find::{Find, Wanted, minimize};
use crate::hunt::{Hunt, Hunted};
use crate::interrupt::{self, Part};
use crate::keep::{Kept, keep, must_take_finds};
use crate::load::Ready;
use crate::memory;
use crate::output::{Sink, Terminal, complain, is_standard, shown_path, visible};
use crate::place::files_of;
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
    if is_keeping(options) {
        must_take_finds(&options.regressions)?;
    }
    if options.check_determinism && is_standard(&scenario.file) {
        let message =
            "`--check-determinism` reads the scenario in a second process: give a file, not standard input";
        return Err(Error::Input(message.to_owned()));
    }
    let ready = Ready::read(scenario, terminal)?;
    let program = ready.explored(scenario.of_a_search());
    if options.repeat {
        return repeat_jobs(options, &program);
    }
    interrupt::stop_by_itself();
    let start = Instant::now();
    let mut check = options.check_determinism.then(|| begin_check(scenario, &ready)).transpose()?;
    // More threads than runs have nothing to do.
    let wanted = options.threads().min(u16::try_from(*runs).unwrap_or(u16::MAX));
    let hunt = Hunt {
        program: &program,
        plan: plan(options),
        jobs: memory::affordable(wanted, terminal, || drop(ready.prepared.sweep(scenario.of_a_search()))),
        deadline: options.time.map(|time| start + Duration::from_nanos(time.as_nanos())),
    };
    let bar = progress(*runs, terminal);
    let hunted = hunt.run_watched(
        |runs| bar.inc(runs),
        |ran, calibration| match &mut check {
            Some(check) if Check::repeats(&ran.job) => {
                let calibration = calibration.clone();
                check.look(
                    ran,
                    &mut Repeater { program: &program, calibration, directory: Directory::default() },
                )
            }
            Some(_) | None => Ok(()),
        },
    );
    bar.finish_and_clear();
    let report = Report { options, ready: &ready, program: &program, terminal };
    match hunted {
        Ok(hunted) => {
            if hunted.threads < hunt.jobs {
                let threads = counted(hunted.threads, "thread");
                terminal.note(format_args!("only {threads} of {} could be started", hunt.jobs));
            }
            terminal.note(rate(hunted.campaign.runs(), start, hunted.threads));
            report.conclude(hunted, check.as_ref())
        }
        Err(Stopped::By(difference)) => report.nondeterministic(&difference),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

/// Whether finds are written as regressions.
fn is_keeping(options: &Fuzz) -> bool {
    !options.no_regressions && !is_set("CI")
}

/// What is searched.
fn plan(options: &Fuzz) -> Plan {
    Plan {
        tactics: options.strategy.0.clone(),
        seed: options.seed,
        runs: options.runs,
        until_quiet: options.until_quiet,
        stops_at_failure: options.stop_at_failure,
        noted: if options.coverage { Noted::Coverage } else { Noted::Failures },
    }
}

/// Begins to compare runs with those of a second process.
fn begin_check(scenario: &ScenarioOptions, ready: &Ready) -> Result<Check, Error> {
    let own = std::env::current_exe()
        .map_err(|error| Error::Input(format!("cannot start a second process: {error}")))?;
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let behind_options = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.insert(behind_options, OsString::from("--repeat"));
    let mut second = std::process::Command::new(own);
    second.args(words);
    Check::begin(second, &files_of(scenario, &ready.plan))
}

/// Repeats the runs that another process asks for.
fn repeat_jobs(options: &Fuzz, program: &Explored<'_>) -> Result<Exit, Error> {
    let mut directory = Directory::default();
    let campaign = Campaign::new(program, plan(options), &mut directory);
    let mut ours = Repeater { program, calibration: campaign.calibration().clone(), directory };
    let repeated = determinism::repeat(io::stdin().lock(), io::stdout().lock(), &mut ours);
    let failed = |source| Error::Output { path: "to the other process".to_owned(), source };
    repeated.map(|()| Exit::Fine).map_err(failed)
}

fn progress(runs: u64, terminal: Terminal) -> ProgressBar {
    let template = progress_template(terminal_width());
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(runs), draw_target(terminal)).with_style(style)
}

/// How many characters a line of the terminal has; as many as those that draw progress take for granted if it does not tell.
fn terminal_width() -> u16 {
    console::Term::stderr().size_checked().map_or(80, |(_, width)| width)
}

/// What the progress shows, so that it fits on one line of so many characters: numbers of runs have up to 26 digits and commas.
const fn progress_template(width: u16) -> &'static str {
    match width {
        0..20 => "{percent} %",
        20..64 => "{percent} %, {eta} left",
        64..110 => "{human_pos} of {human_len} runs",
        110.. => "{wide_bar} {human_pos} of {human_len} runs, {per_sec}, {eta} left",
    }
}

/// What shows that finds are made small, on one line.
const fn spinner_template(width: u16) -> &'static str {
    match width {
        0..64 => "{spinner} making small",
        64.. => "{spinner} making finds small; Ctrl-C leaves them as they are",
    }
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
    /// Says that a run came to something else in a second process: what was found or not found means nothing then.
    fn nondeterministic(&self, difference: &Difference) -> Result<Exit, Error> {
        let mut out = Sink::stdout();
        for line in difference.lines() {
            out.line(line);
        }
        out.line("nothing that this search has found, or has not found, can be relied on: please report it");
        out.line(self.again(difference.job()));
        out.finish()?;
        Ok(Exit::Nondeterministic)
    }

    fn conclude(&self, hunted: Hunted, check: Option<&Check>) -> Result<Exit, Error> {
        let Hunted { campaign, mut directory, is_interrupted, panic, threads: _ } = hunted;
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
        let (bar, part) = (self.spinner(), Part::begin());
        let goes_on = || {
            bar.tick();
            part.goes_on()
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
            self.because(symptom, &find, &mut out);
            let cause = find.minimal.shrunk.as_ref().ok().map(|shrunk| shrunk.cause.clone());
            causes.extend(cause.filter(|cause| !cause.is_empty()));
            if is_keeping(self.options) {
                let place = self.keep((symptom, found), (&find, &mut directory), &mut out)?;
                again = again.or(place);
            }
        }
        bar.finish_and_clear();
        let is_interrupted = is_interrupted || !part.goes_on();
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
        if let Some(check) = check.filter(|_| is_wanted) {
            out.line(check.says());
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

    /// Says how a find came about.
    fn because(&self, symptom: &Symptom, find: &Find<'_>, out: &mut Sink) {
        let options = self.options.scenario.of_a_search();
        let lines = find.because(symptom, (&self.ready.recordings, options));
        if !lines.is_empty() {
            out.line("  how it came about in what is left:");
        }
        for line in lines {
            out.line(format_args!("    {}", visible(line)));
        }
    }

    /// Shows that finds are made small.
    fn spinner(&self) -> ProgressBar {
        let style = ProgressStyle::with_template(spinner_template(terminal_width()))
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
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
        let said = format!("ok · no failure in {}", counted(runs, "run"));
        // The orders that were tried are no samples where nothing follows for others.
        let of_sample = |one: &Chance| chance(one).filter(|_| one.tactic.is_sample());
        match &*campaign.chances() {
            [one] => out.line(of_sample(one).map_or(said.clone(), |chance| format!("{said}: {chance}"))),
            several => {
                out.line(said);
                for one in several {
                    if let Some(chance) = of_sample(one) {
                        out.line(format_args!("  {}: {chance}", one.tactic));
                    }
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

/// How surely runs of a strategy do not fail; `None` if they are so few that any chance would do.
fn chance(Chance { runs, tenths, .. }: &Chance) -> Option<String> {
    let (whole, rest) = (tenths / 10, tenths % 10);
    let bound = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest}") };
    let is_bound = u128::from(*tenths) < u128::from(*runs) * 10;
    is_bound.then(|| format!("chance of failure per run below {bound}/{runs} at 95 %"))
}

/// How probable it is that the next run of a strategy shows something that was not seen.
fn unseen(Unseen { tactic, runs, once, between: [low, high], .. }: &Unseen) -> String {
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
    lines.extend(shown.map(|OneOrder { first, second, runs, .. }| {
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
    fn progress_fits_on_a_line() {
        for width in 16..200 {
            // The longest that there is, and what is usual of a time and a speed; the bar takes what is left.
            let longest = [
                ("{human_pos}", "18,446,744,073,709,551,615"),
                ("{human_len}", "18,446,744,073,709,551,615"),
                ("{percent}", "100"),
                ("{per_sec}", "1,234,567.8901/s"),
                ("{eta}", "12m"),
                ("{wide_bar} ", ""),
                ("{spinner}", "x"),
            ];
            for template in [progress_template(width), spinner_template(width.max(24))] {
                let line =
                    longest.iter().fold(template.to_owned(), |line, (name, value)| line.replace(name, value));
                assert!(line.len() <= width.max(24).into() && !line.contains('{'), "{width}: {line}");
            }
        }
    }

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
