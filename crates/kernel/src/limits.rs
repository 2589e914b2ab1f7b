//! Limits of a run, and how a run ends.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::settings::Settings;
use crate::time::Instant;
use crate::trail;

/// How much a run may do. All are on by default: a run that goes in circles ends with a verdict, it does not hang.
///
/// A run that hit one can be continued: raise it with [`Simulation::set_limits`](crate::Simulation::set_limits). What a limit
/// allows is allowed; one more ends the run with [`End::Limit`].
///
/// ```
/// # use tiebreak_kernel::{Instant, Limits, Settings};
/// let limits = Limits::DEFAULT.with_events(10_000).with_time(Instant::from_secs(3_600));
/// let settings = Settings::new(1).with_limits(limits);
/// # assert_eq!(settings.limits.events, 10_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many events may run in all.
    pub events: u64,
    /// How many events may run at one instant.
    pub events_at_instant: u64,
    /// How many events may be pending at once, those that are never due included.
    pub pending: u64,
    /// The last instant that may open.
    pub time: Instant,
    /// How many bytes of trace recorders may keep, by what they say of themselves: see
    /// [`Recorder::bytes`](crate::Recorder::bytes).
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

    /// The same limits, with this many events in all.
    #[must_use]
    pub const fn with_events(self, events: u64) -> Self {
        Self { events, ..self }
    }

    /// The same limits, with this many events at one instant.
    #[must_use]
    pub const fn with_events_at_instant(self, events_at_instant: u64) -> Self {
        Self { events_at_instant, ..self }
    }

    /// The same limits, with this many pending events.
    #[must_use]
    pub const fn with_pending(self, pending: u64) -> Self {
        Self { pending, ..self }
    }

    /// The same limits, with this last instant.
    #[must_use]
    pub const fn with_time(self, time: Instant) -> Self {
        Self { time, ..self }
    }

    /// The same limits, with this many bytes of trace.
    #[must_use]
    pub const fn with_trace_bytes(self, trace_bytes: u64) -> Self {
        Self { trace_bytes, ..self }
    }
}

impl Default for Limits {
    /// [`Limits::DEFAULT`].
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Bounds below which no limit needs to be looked at: a trail's length before those on counts, half of the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet {
    /// Of events in all.
    events: u64,
    /// Of events at one instant.
    events_at_instant: u64,
    /// Of events in all, given the events at the present instant.
    pub(crate) dispatched: u64,
    pub(crate) pending: u64,
    pub(crate) bytes: u64,
    pub(crate) time: Instant,
    /// The last instant that may open.
    pub(crate) last: Instant,
}

impl Quiet {
    pub(crate) fn new(settings: &Settings) -> Self {
        let Limits { events, events_at_instant, pending, time, trace_bytes } = settings.limits;
        let before = |limit: u64| limit.saturating_add(1).saturating_sub(trail::LENGTH);
        Self {
            events: before(events),
            events_at_instant: before(events_at_instant),
            dispatched: before(events).min(before(events_at_instant)),
            pending: before(pending),
            bytes: trace_bytes / 2,
            time: Instant::from_nanos(time.as_nanos() / 2),
            last: settings.horizon.min(time),
        }
    }

    /// Counts events at one instant from this many events in all.
    #[inline]
    pub(crate) fn begin_instant(&mut self, began: u64) {
        self.dispatched = self.events.min(began.saturating_add(self.events_at_instant));
    }
}

/// Which limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
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
        let (allowed, plural) = (self.allowed, if self.allowed == 1 { "" } else { "s" });
        match self.limit {
            Limit::Events => write!(out, "more than {allowed} event{plural}")?,
            Limit::EventsAtInstant => write!(out, "more than {allowed} event{plural} at one instant")?,
            Limit::Pending => write!(out, "more than {allowed} pending event{plural}")?,
            Limit::Time => write!(out, "an event due after {}", Instant::from_nanos(allowed))?,
            Limit::TraceBytes => write!(out, "more than {allowed} byte{plural} of trace")?,
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

/// How a run ended. Whatever the reason but the last, it can be continued: with more events, a later horizon, higher
/// limits, or as it is after a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// No primary work is left.
    Quiescent,
    /// The horizon was reached with work left after it.
    Horizon,
    /// A limit was hit.
    Limit(Exceeded),
    /// An event, or whoever watched the run, has stopped it, for this reason.
    Stopped(String),
    /// Code of the world has panicked in the middle of an event. What the event left undone is unknown, so nothing more
    /// runs.
    Poisoned,
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quiescent => out.write_str("no primary work is left"),
            Self::Horizon => out.write_str("the horizon was reached with work left after it"),
            Self::Limit(exceeded) => write!(out, "a limit was hit: {exceeded}"),
            Self::Stopped(reason) => write!(out, "stopped: {reason}"),
            Self::Poisoned => {
                out.write_str("the world panicked during an event, so the run cannot be continued")
            }
        }
    }
}

impl core::error::Error for End {}
