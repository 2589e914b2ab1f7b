//! What a run depends on beside its world.

use crate::limits::Limits;
use crate::order::Order;
use crate::record::Verbosity;
use crate::time::Instant;

/// What a run depends on beside its world. `Settings::new(7).with_order(Order::Fifo)` makes some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The seed of the order of simultaneous events.
    pub seed: u64,
    /// The seed of draws.
    pub draws: u64,
    /// How simultaneous events are ordered.
    pub order: Order,
    /// The last instant that opens; [`Instant::MAX`] unless it is set, and what is due later stays pending.
    pub horizon: Instant,
    /// How much the run may do.
    pub limits: Limits,
    /// What is recorded beside dispatches and notes.
    pub verbosity: Verbosity,
}

impl Settings {
    /// Seeded order, no horizon, default limits; ties and draws from one seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            draws: seed,
            order: Order::Seeded,
            horizon: Instant::MAX,
            limits: Limits::DEFAULT,
            verbosity: Verbosity::Usual,
        }
    }

    /// The same settings, with draws from another seed than ties.
    #[must_use]
    pub const fn with_draws(self, draws: u64) -> Self {
        Self { draws, ..self }
    }

    /// The same settings, with this order policy.
    #[must_use]
    pub const fn with_order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// The same settings, with this last instant.
    #[must_use]
    pub const fn with_horizon(self, horizon: Instant) -> Self {
        Self { horizon, ..self }
    }

    /// The same settings, with these limits.
    #[must_use]
    pub const fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same settings, with this verbosity.
    #[must_use]
    pub const fn with_verbosity(self, verbosity: Verbosity) -> Self {
        Self { verbosity, ..self }
    }
}

impl Default for Settings {
    /// Those of seed 1.
    fn default() -> Self {
        Self::new(1)
    }
}
