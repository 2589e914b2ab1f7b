//! Virtual time as the standard library has it.
#![expect(
    clippy::disallowed_types,
    reason = "the clock's type cannot be made without the clock; no run depends on its value"
)]

extern crate std;

use core::time::Duration;

use tiebreak_kernel::Instant;

/// Virtual time as `std::time::Instant`, for machines that ask for it: a point of the machine's own clock that stands for
/// the start of the run.
///
/// Spans convert by `Into` in both directions. Differences of instants are what a machine can see, and they are those of
/// virtual time. A machine that prints an instant, or asks the clock itself, is not deterministic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(std::time::Instant);

/// How long after the machine's own present the run starts. A machine may subtract spans from an instant, and the clock of a
/// computer may have begun a moment ago.
const AHEAD: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Default for Epoch {
    fn default() -> Self {
        Self::new()
    }
}

impl Epoch {
    /// Chooses what stands for the start of the run.
    #[must_use]
    pub fn new() -> Self {
        Self(std::time::Instant::now() + AHEAD)
    }

    /// Returns an instant as the standard library has it.
    ///
    /// # Panics
    /// If the computer's clock cannot hold it; on most it can hold every one.
    #[must_use]
    pub fn to_std(self, instant: Instant) -> std::time::Instant {
        self.0 + Duration::from_nanos(instant.as_nanos())
    }

    /// Returns an instant of the standard library as virtual time: the start of the run if it is before that, and
    /// [`Instant::NEVER`] if it is past the end of time.
    #[must_use]
    pub fn from_std(self, instant: std::time::Instant) -> Instant {
        let since = instant.saturating_duration_since(self.0);
        Instant::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}
