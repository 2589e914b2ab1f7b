//! One thing to measure.

use core::fmt;
use core::str::FromStr;

/// What is computed; see the crate's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "described in the documentation of the crate")]
pub enum Workload {
    Hold,
    Churn,
    Actors,
    FanOut,
    Burst,
}

/// How delays are distributed; the mean is a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distribution {
    /// Exponential.
    Exponential,
    /// Nine of ten are short, one is long.
    Bimodal,
    /// All the same, so that all pending events are simultaneous.
    Constant,
    /// Exponential, rounded up to a whole millisecond: many are simultaneous.
    Tick,
    /// Even between half a second and one and a half: time-outs.
    Timeout,
}

const WORKLOADS: [(Workload, &str); 5] = [
    (Workload::Hold, "hold"),
    (Workload::Churn, "churn"),
    (Workload::Actors, "actors"),
    (Workload::FanOut, "fan-out"),
    (Workload::Burst, "burst"),
];

const DISTRIBUTIONS: [(Distribution, &str); 5] = [
    (Distribution::Exponential, "exp"),
    (Distribution::Bimodal, "bim"),
    (Distribution::Constant, "const"),
    (Distribution::Tick, "tick"),
    (Distribution::Timeout, "timeout"),
];

impl Workload {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(&WORKLOADS, self)
    }
}

impl Distribution {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(&DISTRIBUTIONS, self)
    }
}

fn word_of<T: Copy + PartialEq>(words: &[(T, &'static str)], wanted: T) -> &'static str {
    words.iter().find(|(value, _)| *value == wanted).map_or("", |(_, word)| word)
}

fn value_of<T: Copy>(words: &[(T, &'static str)], wanted: &str) -> Option<T> {
    words.iter().find(|(_, word)| *word == wanted).map(|(value, _)| *value)
}

/// One workload at one size, and how long it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// What is computed.
    pub workload: Workload,
    /// How delays are distributed.
    pub distribution: Distribution,
    /// Timers, actors, subscribers, or events of a burst.
    pub size: usize,
    /// Events before the clock starts: firings, hops, deliveries.
    pub warm_up: u64,
    /// Events that are measured.
    pub events: u64,
}

impl Case {
    /// The event after which the measurement ends.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.warm_up + self.events
    }

    /// Units a measured event stands for: ten settings for a firing of churn.
    #[must_use]
    pub const fn units(&self) -> u64 {
        match self.workload {
            Workload::Churn => self.events * 10,
            Workload::Hold | Workload::Actors | Workload::FanOut | Workload::Burst => self.events,
        }
    }

    /// The size as a 64-bit number.
    #[must_use]
    pub const fn size_u64(&self) -> u64 {
        self.size as u64
    }
}

/// The words a process of its own is given.
impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (workload, distribution) = (self.workload.word(), self.distribution.word());
        write!(out, "{workload} {distribution} {} {} {}", self.size, self.warm_up, self.events)
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [workload, distribution, size, warm_up, events] = words[..] else {
            return Err("expected: workload distribution size warm-up events".to_owned());
        };
        let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text}: {error}"));
        Ok(Self {
            workload: value_of(&WORKLOADS, workload).ok_or(format!("unknown workload {workload}"))?,
            distribution: value_of(&DISTRIBUTIONS, distribution)
                .ok_or(format!("unknown distribution {distribution}"))?,
            size: size.parse().map_err(|error| format!("{size}: {error}"))?,
            warm_up: number(warm_up)?,
            events: number(events)?,
        })
    }
}
