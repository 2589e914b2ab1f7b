//! Where an event stands among simultaneous ones: lanes, and kinds of work.

/// A first-in-first-out queue of simultaneous events, numbered by the world; small numbers, because tables are indexed
/// by them. Lanes order only events of one instant among each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane(u32);

impl Lane {
    /// The lane with this number.
    ///
    /// # Panics
    /// If the number is 2³² − 1.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        assert!(number != u32::MAX, "the last number stands for no lane");
        Self(number)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// Whether an event keeps the run alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Work {
    /// The run goes on while such work is pending.
    #[default]
    Primary,
    /// A periodic timer and the like: it runs as long as something primary is pending.
    Background,
}

/// Where an event stands among simultaneous ones, and whether it keeps the run alive. The default is free and primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub(crate) lane: Option<Lane>,
    pub(crate) work: Work,
}

impl Place {
    /// In no lane, primary.
    pub const FREE: Self = Self { lane: None, work: Work::Primary };

    /// In a lane, primary.
    #[must_use]
    pub const fn lane(lane: Lane) -> Self {
        Self { lane: Some(lane), work: Work::Primary }
    }

    /// The same place, as background work.
    #[must_use]
    pub const fn background(self) -> Self {
        Self { lane: self.lane, work: Work::Background }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "the last number stands for no lane")]
    fn the_last_number_is_no_lane() {
        let _ = Lane::new(u32::MAX);
    }
}
