//! The clock around a run, and what comes out of it.

use core::fmt;
use core::str::FromStr;
use std::time::Instant;

use crate::case::Case;

/// How long it took, and what was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Nanoseconds of the measured part.
    pub nanoseconds: u64,
    /// The sum of all values up to the last event, the warm-up included. `None` where the peer runs past it: those who
    /// can only run whole instants.
    pub sum: Option<u64>,
    /// The instant of the last event, in nanoseconds from the start.
    pub now: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = self.sum.map_or("-".to_owned(), |sum| sum.to_string());
        write!(out, "RESULT {} {sum} {}", self.nanoseconds, self.now)
    }
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["RESULT", nanoseconds, sum, now] = words[..] else {
            return Err(format!("not a result: {line}"));
        };
        let number = |text: &str| text.parse().map_err(|error| format!("{text}: {error}"));
        let sum = if sum == "-" { None } else { Some(number(sum)?) };
        Ok(Self { nanoseconds: number(nanoseconds)?, sum, now: number(now)? })
    }
}

/// Counts events and reads the clock twice: after the warm-up and after the last event.
#[derive(Debug)]
pub struct Meter {
    warm_up: u64,
    last: u64,
    count: u64,
    sum: u64,
    began: Instant,
    nanoseconds: u64,
}

impl Meter {
    /// A meter for one case.
    #[must_use]
    pub fn new(case: &Case) -> Self {
        let began = Instant::now();
        Self { warm_up: case.warm_up, last: case.last(), count: 0, sum: 0, began, nanoseconds: 0 }
    }

    /// Counts an event and its value; tells whether the run goes on.
    #[inline]
    pub fn count(&mut self, value: u64) -> bool {
        self.sum = self.sum.wrapping_add(value);
        self.count += 1;
        if self.count == self.warm_up {
            self.began = Instant::now();
        }
        if self.count < self.last {
            return true;
        }
        self.finish();
        false
    }

    #[cold]
    fn finish(&mut self) {
        if self.count == self.last {
            self.nanoseconds = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        }
    }

    /// Whether the last event has been counted.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.count >= self.last
    }

    /// What was measured, given the instant of the last event. A meter that counted too much knows no sum.
    ///
    /// # Panics
    /// If the last event was not counted.
    #[must_use]
    pub fn outcome(&self, now: u64) -> Outcome {
        assert!(self.is_done(), "the run ended after {} of {} events", self.count, self.last);
        let sum = (self.count == self.last).then_some(self.sum);
        Outcome { nanoseconds: self.nanoseconds, sum, now }
    }
}
