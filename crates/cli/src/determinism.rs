//! Whether runs come to the same in a second process: `fuzz --check-determinism`.
//!
//! ```text
//!   fuzz ── a job, a line ─────────────► fuzz --repeat: the same program with the same arguments
//!        ◄── `repeated N BYTES`, trace ──
//! ```
//! What is random in a process is drawn when it starts: addresses, the seeds of hash maps, what lies in memory. So a second
//! process sees what a second run in the same process does not.

use core::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tiebreak::Trace;
use tiebreak::explore::{Calibration, Director, Directory, Job, Outcome, Ran, Setup};
use tiebreak_diagnostic::counted;
use tiebreak_runner::Explored;

use crate::exit::Error;
use crate::interrupt::is_interrupted;
use crate::output::{shown_path, visible};

/// One of so many runs is repeated, the first one in any case.
const ONE_IN: u64 = 100;
/// What the answer of the second process begins with.
const REPEATED: &str = "repeated ";
/// What stands for no choices.
const NO_CHOICES: &str = "-";

/// What repeats the runs of a campaign, in this process or in the second one.
pub(crate) trait Repeats {
    /// Returns the trace of a run.
    fn trace(&mut self, job: &Job) -> Trace;
    /// Returns what comes of a run, as the campaign sees it.
    fn outcome(&mut self, job: &Job) -> Outcome;
}

/// The runs of a scenario.
#[derive(Debug)]
pub(crate) struct Repeater<'a> {
    /// The scenario.
    pub(crate) program: &'a Explored<'a>,
    /// What the strategies know of it.
    pub(crate) calibration: Calibration,
    /// The names that were met.
    pub(crate) directory: Directory,
}

impl Repeats for Repeater<'_> {
    fn trace(&mut self, job: &Job) -> Trace {
        let kept = Mutex::new(None);
        let recorded = |setup: Setup, choices: &mut Director<'_>| {
            let (outcome, trace) = self.program.record(setup, choices);
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(trace);
            outcome
        };
        job.run(&recorded, &self.calibration, &mut self.directory);
        let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        kept.expect("a job runs its program")
    }

    fn outcome(&mut self, job: &Job) -> Outcome {
        job.run(self.program, &self.calibration, &mut self.directory).outcome
    }
}

/// Two runs of one job that went different ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    job: Job,
    /// What differs, a line each.
    lines: Vec<String>,
}

impl Difference {
    /// Returns what to print.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let head = format!("not deterministic · run {} ({})", self.job.number + 1, self.job.who());
        core::iter::once(head).chain(self.lines.iter().map(|line| format!("  {}", visible(line))))
    }

    /// Returns the run.
    pub(crate) const fn job(&self) -> &Job {
        &self.job
    }
}

/// Why a check has ended a campaign.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// A run differs.
    By(Difference),
    /// The second process could not be asked.
    Failed(Error),
}

/// The check of a campaign.
#[derive(Debug)]
pub(crate) struct Check {
    second: Second,
    files: Vec<Stamp>,
    repeated: u64,
}

impl Check {
    /// Begins a check: `command` starts the second process, and both read these files.
    ///
    /// # Errors
    /// If one of the files can be read only once, or the process cannot be started.
    pub(crate) fn begin(command: Command, files: &[PathBuf]) -> Result<Self, Error> {
        if let Some(file) = files.iter().find(|file| !file.is_file()) {
            return Err(Error::Input(format!(
                "`--check-determinism` reads the files again in a second process: {} is not a regular file",
                shown_path(file.display())
            )));
        }
        let files = files.iter().cloned().map(Stamp::of).collect();
        Ok(Self { second: Second::start(command).map_err(broken)?, files, repeated: 0 })
    }

    /// Whether a run is one of those that are repeated.
    pub(crate) const fn repeats(job: &Job) -> bool {
        job.number % ONE_IN == 0
    }

    /// Repeats a run of the campaign.
    ///
    /// # Errors
    /// If it comes to something else.
    pub(crate) fn look(&mut self, ran: &Ran, ours: &mut impl Repeats) -> Result<(), Stopped> {
        let job = &ran.job;
        let here = ours.trace(job);
        let there = match self.second.trace(job) {
            Ok(there) => there,
            // The second process was interrupted too.
            Err(_) if is_interrupted() => return Ok(()),
            Err(error) => return Err(Stopped::Failed(broken(error))),
        };
        self.repeated += 1;
        let mut lines = differences(&here, &there);
        if lines.is_empty() && ours.outcome(job) != ran.outcome {
            lines.push("it came to something else when it was run again in this process".to_owned());
        }
        if lines.is_empty() {
            return Ok(());
        }
        match self.files.iter().find(|stamp| stamp.has_changed()) {
            Some(Stamp { file, .. }) => Err(Stopped::Failed(Error::Input(format!(
                "{} has changed while it was searched",
                shown_path(file.display())
            )))),
            None => Err(Stopped::By(Difference { job: job.clone(), lines })),
        }
    }

    /// Returns what to say if no run differs.
    pub(crate) fn says(&self) -> String {
        format!(
            "deterministic · {} repeated in a second process, with the same traces",
            counted(self.repeated, "run")
        )
    }
}

fn broken(source: io::Error) -> Error {
    Error::Output { path: "to the second process of `--check-determinism`".to_owned(), source }
}

/// What two traces of one job differ in: the first record that does, of both. Empty if they are the same.
fn differences(here: &Trace, there: &Trace) -> Vec<String> {
    if here.fingerprint() == there.fingerprint() {
        return Vec::new();
    }
    let line = |trace: &Trace, record| {
        trace.line(record).map_or_else(
            || format!("ended after {}", counted(trace.len(), "record")),
            |line| line.trim().to_owned(),
        )
    };
    let last = here.len().max(there.len()) + 1;
    let first = (1..=last).find(|record| here.line(*record) != there.line(*record)).unwrap_or(last);
    vec![
        format!("two processes differ from record {first} on"),
        format!("this one:   {}", line(here, first)),
        format!("the second: {}", line(there, first)),
    ]
}

/// What tells whether a file has changed.
#[derive(Debug)]
struct Stamp {
    file: PathBuf,
    state: Option<(u64, SystemTime)>,
}

impl Stamp {
    fn of(file: PathBuf) -> Self {
        let present = file.metadata().ok();
        let state = present.and_then(|present| Some((present.len(), present.modified().ok()?)));
        Self { file, state }
    }

    fn has_changed(&self) -> bool {
        Self::of(self.file.clone()).state != self.state
    }
}

/// The second process.
#[derive(Debug)]
struct Second {
    child: Child,
    jobs: ChildStdin,
    traces: BufReader<ChildStdout>,
}

impl Second {
    fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(jobs), Some(traces)) => Ok(Self { child, jobs, traces: BufReader::new(traces) }),
            (_, _) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn trace(&mut self, job: &Job) -> io::Result<Trace> {
        writeln!(self.jobs, "{}", spelled(job))?;
        let mut line = Vec::new();
        let bytes = loop {
            line.clear();
            if self.traces.read_until(b'\n', &mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // What else a process prints, such as a test, stands before it.
            let text = String::from_utf8_lossy(&line);
            let said = text.trim_end().rsplit_once(REPEATED).and_then(|(_, said)| said.split_once(' '));
            if let Some((_, bytes)) = said.filter(|(number, _)| *number == job.number.to_string()) {
                break bytes.parse::<u64>().map_err(io::Error::other)?;
            }
        };
        let mut packed = Vec::new();
        self.traces.by_ref().take(bytes).read_to_end(&mut packed)?;
        Trace::unpack(&packed).map(|unpacked| unpacked.trace).map_err(io::Error::other)
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        // It waits for the next job; it may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Repeats jobs for another process until it has no more.
///
/// # Errors
/// If the other process cannot be read from or written to.
pub(crate) fn repeat(jobs: impl BufRead, mut traces: impl Write, ours: &mut impl Repeats) -> io::Result<()> {
    for line in jobs.lines() {
        let job = parsed(&line?).ok_or(io::ErrorKind::InvalidInput)?;
        let packed = ours.trace(&job).pack();
        writeln!(traces, "{REPEATED}{} {}", job.number, packed.len())?;
        traces.write_all(&packed)?;
        traces.flush()?;
    }
    Ok(())
}

/// A job as a line.
fn spelled(job: &Job) -> String {
    let Job { number, tactic, turn, seed, prefix } = job;
    let mut line = format!("{number} {tactic} {turn} {seed} ");
    for (at, choice) in prefix.iter().enumerate() {
        // Writing to a text cannot fail.
        let _ = write!(line, "{}{choice}", if at == 0 { "" } else { "," });
    }
    if prefix.is_empty() {
        line.push_str(NO_CHOICES);
    }
    line
}

/// A line as a job; `None` if it is none.
fn parsed(line: &str) -> Option<Job> {
    let [number, tactic, turn, seed, prefix] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let choices = prefix.split(',').filter(|_| prefix != NO_CHOICES);
    Some(Job {
        number: number.parse().ok()?,
        tactic: tactic.parse().ok()?,
        turn: turn.parse().ok()?,
        seed: seed.parse().ok()?,
        prefix: choices.map(|choice| choice.parse().ok()).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak::explore::{Noted, Plan, Tactic};
    use tiebreak_runner::{Prepared, Recordings, RunOptions};

    /// Says to this test binary that it is the second process.
    const SECOND: &str = "TIEBREAK_TEST_IS_SECOND";

    fn job() -> Job {
        Job { number: 200, tactic: Tactic::Pct(3), turn: 7, seed: u64::MAX, prefix: vec![3, 0, 1] }
    }

    #[test]
    fn a_job_is_read_as_it_was_written() {
        for prefix in [vec![], vec![3, 0, 1]] {
            let job = Job { prefix, ..job() };
            assert_eq!(parsed(&spelled(&job)), Some(job));
        }
        for line in
            ["", "1 clocks 1 1", "1 clocks 1 1 x", "1 clocks 1 1 -  ", "1 nobody 1 1 -", "-1 clocks 1 1 -"]
        {
            assert_eq!(parsed(line), None, "{line}");
        }
    }

    /// A scenario that does something at an instant: the same in each process, or one that the process decides.
    fn scenario(number: u32) -> String {
        format!(
            "Scenario(format: 1, until: \"1h\", clients: [Client(name: \"a\", protocol: \"RIP\", script: [At(\"0s\", \
             Register), At(\"{number}us\", AddNextHop(name: \"gw\", address: \"192.0.2.1\", interface: 1))])])"
        )
    }

    /// A program that takes something from outside: its process.
    struct FromOutside {
        number: u32,
    }

    impl Repeats for FromOutside {
        fn trace(&mut self, job: &Job) -> Trace {
            with(&scenario(self.number), |ours| ours.trace(job))
        }

        fn outcome(&mut self, job: &Job) -> Outcome {
            with(&scenario(self.number), |ours| ours.outcome(job))
        }
    }

    fn with<T>(scenario: &str, work: impl FnOnce(&mut Repeater<'_>) -> T) -> T {
        let plan = tiebreak_scenario::load(scenario).unwrap().plan;
        let (prepared, recordings) = (Prepared::new(&plan, &Recordings::new()).unwrap(), Recordings::new());
        let program = &Explored::of(plan, prepared, &recordings, RunOptions::default());
        work(&mut Repeater { program, calibration: Calibration::default(), directory: Directory::default() })
    }

    /// Not a test of its own: the second process of the tests below.
    #[test]
    fn second_process() {
        let Some(kind) = std::env::var_os(SECOND) else { return };
        let number = if kind == "same" { 1 } else { std::process::id() };
        repeat(io::stdin().lock(), io::stdout().lock(), &mut FromOutside { number }).unwrap();
    }

    /// Checks a run against a second process of this test binary.
    fn check(kind: &str, number: u32) -> Result<(), Stopped> {
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["determinism::tests::second_process", "--exact", "--nocapture"]).env(SECOND, kind);
        let mut ours = FromOutside { number };
        let job = Job { number: 0, tactic: Tactic::Clocks, turn: 0, seed: 1, prefix: Vec::new() };
        let ran = with(&scenario(number), |ours| {
            job.run_for(Noted::Failures, ours.program, &ours.calibration, &mut ours.directory)
        });
        Check::begin(second, &[]).unwrap().look(&ran, &mut ours)
    }

    #[test]
    fn what_is_the_same_in_each_process_passes() {
        check("same", 1).unwrap();
    }

    #[test]
    fn what_depends_on_the_process_is_found_with_the_first_record_that_differs() {
        let own = std::process::id();
        let Err(Stopped::By(found)) = check("other", own) else { panic!("it depends on the process") };
        let lines: Vec<String> = found.lines().collect();
        assert_eq!(lines[0], "not deterministic · run 1 (clocks, seed 1)");
        assert!(lines[1].starts_with("  two processes differ from record "), "{lines:?}");
        assert!(lines[2].starts_with("  this one: ") && lines[3].starts_with("  the second: "), "{lines:?}");
        assert_ne!(lines[2].split_once(": "), lines[3].split_once(": "));
    }

    #[test]
    fn what_changes_within_a_process_is_found() {
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["determinism::tests::second_process", "--exact", "--nocapture"]).env(SECOND, "same");
        let job = Job { number: 0, tactic: Tactic::Clocks, turn: 0, seed: 1, prefix: Vec::new() };
        // The campaign has seen another run.
        let seen = with(&scenario(2), |ours| {
            job.run_for(Noted::Failures, ours.program, &ours.calibration, &mut ours.directory)
        });
        let seen = Ran { outcome: Outcome { contended: 9, ..seen.outcome.clone() }, ..seen };
        let looked = Check::begin(second, &[]).unwrap().look(&seen, &mut FromOutside { number: 1 });
        assert!(matches!(looked, Err(Stopped::By(_))), "{looked:?}");
    }

    #[test]
    fn one_run_in_a_hundred_is_repeated() {
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["determinism::tests::second_process", "--exact", "--nocapture"]).env(SECOND, "same");
        let (mut ours, mut check) = (FromOutside { number: 1 }, Check::begin(second, &[]).unwrap());
        let plan = Plan { tactics: vec![Tactic::Clocks], ..Plan::new(1, 250) };
        let repeated = (0..plan.runs).map(|number| Job { number, turn: number, prefix: Vec::new(), ..job() });
        for number in repeated.filter(Check::repeats).map(|job| job.number) {
            let job = Job { number, tactic: Tactic::Clocks, turn: number, seed: number, prefix: Vec::new() };
            let outcome = ours.outcome(&job);
            check
                .look(&Ran { job, outcome, symptoms: Vec::new(), prefix: None, met: None }, &mut ours)
                .unwrap();
        }
        assert_eq!(check.says(), "deterministic · 3 runs repeated in a second process, with the same traces");
    }
}
