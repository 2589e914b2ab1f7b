//! Limits of a run, and how a run ends.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::time::Instant;

/// How much a run may do. All are on by default: a run that goes in circles ends with a verdict, it does not hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Events in all.
    pub events: u64,
    /// Events at one instant.
    pub events_at_instant: u64,
    /// Pending events.
    pub pending: u64,
    /// The last instant that may open.
    pub time: Instant,
    /// Bytes of trace kept.
    pub trace_bytes: u64,
}

impl Limits {
    /// 100 million events, a million at one instant, 16 million pending, ten years of virtual time, 1 GiB of trace.
    pub const DEFAULT: Self = Self {
        events: 100_000_000,
        events_at_instant: 1_000_000,
        pending: 16_000_000,
        time: Instant::from_nanos(10 * 365 * 24 * 3_600_000_000_000),
        trace_bytes: 1 << 30,
    };
}

impl Default for Limits {
    /// [`Limits::DEFAULT`].
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Which limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::events`].
    Events,
    /// [`Limits::events_at_instant`].
    EventsAtInstant,
    /// [`Limits::pending`].
    Pending,
    /// [`Limits::time`].
    Time,
    /// [`Limits::trace_bytes`].
    TraceBytes,
}

/// A limit was hit: which, when, and what repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// Its value (nanoseconds for [`Limit::Time`]).
    pub allowed: u64,
    /// The last instant that opened: what the limit forbids did not happen.
    pub at: Instant,
    /// The event names (without repeats) of the causal cycle that was going on, each led to by the one before it and
    /// the first by the last; empty if nothing repeated within the last thousand events, or, for the limits on time and
    /// on trace, within the second half of what they allow.
    pub cycle: Vec<String>,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Limit::Events => write!(out, "more than {} events", self.allowed)?,
            Limit::EventsAtInstant => write!(out, "more than {} events at one instant", self.allowed)?,
            Limit::Pending => write!(out, "more than {} pending events", self.allowed)?,
            Limit::Time => write!(out, "an event due after {}", Instant::from_nanos(self.allowed))?,
            Limit::TraceBytes => write!(out, "more than {} bytes of trace", self.allowed)?,
        }
        write!(out, ", at {}", self.at)?;
        if let Some(first) = self.cycle.first() {
            write!(out, "; it repeats ")?;
            for name in &self.cycle {
                write!(out, "{name} → ")?;
            }
            write!(out, "{first}")?;
        }
        Ok(())
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// No primary work is left.
    Quiescent,
    /// The horizon was reached with work left after it.
    Horizon,
    /// A limit was hit.
    Limit(Exceeded),
}
