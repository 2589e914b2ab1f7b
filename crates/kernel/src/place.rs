//! Where an event stands among simultaneous ones: lanes, phases, and kinds of work.

use core::fmt;
use core::hash::{Hash, Hasher};

/// A first-in-first-out queue of simultaneous events, numbered by the world.
///
/// Lanes order only events of one instant among each other. Any number below 2³² − 1 may be used; only lanes that have
/// events at the open instant cost memory. All events of a lane at one instant must be in one [`Phase`]: else the run panics when
/// that instant opens, and names the lane and both phases.
///
/// ```
/// # use tiebreak_kernel::{Context, Lane, Span};
/// /// The messages of one connection: they arrive as they were sent.
/// const INBOX: Lane = Lane::new(0);
/// fn send(context: &mut Context<'_, u64, ()>) {
///     for message in 1..=3 {
///         context.on(INBOX).schedule_after(Span::from_millis(5), message);
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(u32);

impl Lane {
    /// The lane with this number.
    ///
    /// # Panics
    /// If the number is 2³² − 1.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        assert!(number != u32::MAX, "a lane's number is below 2^32 - 1");
        Self(number)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// A hard order within an instant, declared by the world: the lowest phase that has an event to run goes first, under
/// every order policy.
///
/// An event may schedule into an earlier phase at the open instant; it then runs before what is left of later phases. A
/// phase hides races between its events and those of other phases: use one only if production guarantees that order.
/// Two phases of one number are the same phase; the name is for people.
///
/// ```
/// # use tiebreak_kernel::{Context, Phase, Span};
/// /// When nothing else of the instant is left: a sample of what is settled.
/// const SAMPLE: Phase = Phase::new(1, "sample");
/// fn sample(context: &mut Context<'_, (), ()>) {
///     context.on(SAMPLE).schedule_after(Span::ZERO, ());
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Phase {
    number: u8,
    name: &'static str,
}

impl Phase {
    /// The phase of events for which none is stated: number 0, without a name.
    pub const DEFAULT: Self = Self { number: 0, name: "" };

    /// The phase with this number, from 0 to 255, and a name for people.
    #[must_use]
    pub const fn new(number: u8, name: &'static str) -> Self {
        Self { number, name }
    }

    /// Returns the number: lower runs first.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.number
    }
}

impl PartialEq for Phase {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Phase {}

impl Hash for Phase {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl Default for Phase {
    /// [`Phase::DEFAULT`].
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Phase {
    /// Writes `phase 2 (cleanup)`, or `phase 0` if it has no name.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "phase {}", self.number)?;
        if self.name.is_empty() { Ok(()) } else { write!(out, " ({})", self.name) }
    }
}

/// Whether an event keeps the run alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Work {
    /// The run goes on while such work is pending.
    #[default]
    Primary,
    /// A periodic timer and the like: it runs only as long as something primary is pending.
    Background,
}

/// Where an event stands among simultaneous ones, and whether it keeps the run alive. The default is free, in the
/// default phase, primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Place {
    pub(crate) lane: Option<Lane>,
    pub(crate) phase: Phase,
    pub(crate) work: Work,
}

impl Place {
    /// In no lane, in the default phase, primary.
    pub const FREE: Self = Self { lane: None, phase: Phase::DEFAULT, work: Work::Primary };

    /// In a lane, in the default phase, primary.
    #[must_use]
    pub const fn lane(lane: Lane) -> Self {
        Self { lane: Some(lane), ..Self::FREE }
    }

    /// The same place, in this phase.
    #[must_use]
    pub const fn phase(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// The same place, as background work.
    #[must_use]
    pub const fn background(self) -> Self {
        Self { work: Work::Background, ..self }
    }
}

impl From<Lane> for Place {
    fn from(lane: Lane) -> Self {
        Self::lane(lane)
    }
}

impl From<Phase> for Place {
    fn from(phase: Phase) -> Self {
        Self::FREE.phase(phase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    #[should_panic(expected = "a lane's number is below 2^32 - 1")]
    fn the_last_number_is_no_lane() {
        let _ = Lane::new(u32::MAX);
    }

    #[test]
    fn a_phase_is_known_by_its_number_and_shown_with_its_name() {
        let cleanup = Phase::new(2, "cleanup");
        assert_eq!(cleanup, Phase::new(2, "tidying"));
        assert_eq!(
            (cleanup.to_string(), Phase::DEFAULT.to_string()),
            ("phase 2 (cleanup)".into(), "phase 0".into())
        );
        assert_eq!(Place::from(cleanup), Place::FREE.phase(cleanup));
        assert_eq!(Place::from(Lane::new(3)), Place::lane(Lane::new(3)));
    }
}
