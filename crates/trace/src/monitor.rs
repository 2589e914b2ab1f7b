//! Checkers that read records as they are made.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_kernel::{Instant, Names, Record, Recorder, Subject};

/// Checks one rule on the records of a run, and sees nothing else.
///
/// An instant is over when a record of a later one comes, or none any more. A world with several monitors makes them
/// one closed enum and gives a list of them to [`Watch`].
pub trait Monitor<S: Subject> {
    /// Returns what it is called in reports.
    fn name(&self) -> &'static str;

    /// Returns the rule it checks, as the world's documentation numbers it: `RTM-017`.
    fn rule(&self) -> &'static str;

    /// Looks at the next record.
    fn observe(&mut self, names: &Names, record: &Record<'_, S>);

    /// Returns how the rule stands after what was seen so far. A monitor that fails keeps its first failure.
    fn verdict(&self, names: &Names) -> Verdict;
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was kept.
    Holds,
    /// It was kept so far, but something is still owed: what. At the end of a run that ran dry, a liveness failure.
    Waits(String),
    /// It was broken.
    Fails(Failure),
}

/// Where and how a rule was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The number of the record that broke it.
    pub record: u64,
    /// When.
    pub at: Instant,
    /// What happened and what should have.
    pub message: String,
}

impl Failure {
    /// A failure at this record.
    #[must_use]
    pub const fn at<S>(record: &Record<'_, S>, message: String) -> Self {
        Self { record: record.number, at: record.instant, message }
    }
}

impl fmt::Display for Failure {
    /// Writes `record 18 at 30s: message`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "record {} at {}: {}", self.record, self.at, self.message)
    }
}

/// What one monitor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The monitor.
    pub monitor: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// How it stands.
    pub verdict: Verdict,
}

impl fmt::Display for Report {
    /// Writes `RTM-017 (fifo-callbacks) fails: record 18 at 30s: message`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}) ", self.rule, self.monitor)?;
        match &self.verdict {
            Verdict::Holds => out.write_str("holds"),
            Verdict::Waits(owed) => write!(out, "waits: {owed}"),
            Verdict::Fails(failure) => write!(out, "fails: {failure}"),
        }
    }
}

/// Runs monitors as a recorder. A list of one type: one monitor, or a world's closed enum of them. It forks with the
/// simulation if they are `Clone`.
#[derive(Debug, Clone, Default)]
pub struct Watch<M> {
    monitors: Vec<M>,
}

impl<M> Watch<M> {
    /// Watches with these monitors.
    #[must_use]
    pub fn new(monitors: impl IntoIterator<Item = M>) -> Self {
        Self { monitors: monitors.into_iter().collect() }
    }

    /// Returns the monitors, in the order given.
    #[must_use]
    pub fn monitors(&self) -> &[M] {
        &self.monitors
    }

    /// Returns what each monitor says, in the order given.
    #[must_use]
    pub fn reports<S: Subject>(&self, names: &Names) -> Vec<Report>
    where
        M: Monitor<S>,
    {
        let report = |monitor: &M| Report {
            monitor: monitor.name(),
            rule: monitor.rule(),
            verdict: monitor.verdict(names),
        };
        self.monitors.iter().map(report).collect()
    }
}

impl<S: Subject, M: Monitor<S>> Recorder<S> for Watch<M> {
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        for monitor in &mut self.monitors {
            monitor.observe(names, record);
        }
    }
}
