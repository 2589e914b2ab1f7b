//! What a trace depends on.

use core::fmt;

use tiebreak_kernel::{FORMAT, Order, Settings};

use crate::digest::Digest;

/// What has to be equal for two traces to be equal. It is printed with a trace and is in no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format number: keys, streams, record bytes and fingerprints.
    pub format: u32,
    /// The model number: it changes when the world's behaviour is meant to.
    pub model: u32,
    /// The digest of what was run: the checked plan, not the bytes of its file.
    pub plan: Digest,
    /// The seed of tie keys and streams.
    pub seed: u64,
    /// How ties were ordered.
    pub order: Order,
}

impl Header {
    /// The header of a run under these settings, in the present format.
    #[must_use]
    pub const fn new(model: u32, plan: Digest, settings: &Settings) -> Self {
        Self { format: FORMAT, model, plan, seed: settings.seed, order: settings.order }
    }

    /// The order policy as it is written everywhere.
    pub(crate) const fn order_text(&self) -> &'static str {
        match self.order {
            Order::Fifo => "fifo",
            Order::Seeded => "seeded",
        }
    }
}

impl fmt::Display for Header {
    /// Writes `format 1 · model 1 · plan 3f9a… · seed 1 · order seeded`, with all digits of the plan.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, model, plan, seed, order: _ } = self;
        write!(
            out,
            "format {format} · model {model} · plan {plan} · seed {seed} · order {}",
            self.order_text()
        )
    }
}
