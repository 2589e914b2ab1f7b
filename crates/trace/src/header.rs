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
    /// The seed of the order of simultaneous events.
    pub seed: u64,
    /// The seed of draws.
    pub draws: u64,
    /// How ties were ordered.
    pub order: Order,
}

impl Header {
    /// The header of a run under these settings, in the present format.
    #[must_use]
    pub const fn new(model: u32, plan: Digest, settings: &Settings) -> Self {
        let Settings { seed, draws, order, .. } = *settings;
        Self { format: FORMAT, model, plan, seed, draws, order }
    }

    /// Writes `seed 1 · order seeded`, with the seed of draws where it is another: `seed 1 · draws 2 · order seeded`.
    pub(crate) fn write_settings(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "seed {}", self.seed)?;
        if self.draws != self.seed {
            write!(out, " · draws {}", self.draws)?;
        }
        write!(out, " · order {}", self.order)
    }
}

impl fmt::Display for Header {
    /// Writes `format 2 · model 1 · plan 3f9a… · seed 1 · order seeded`, with all digits of the plan, and `draws 2` behind
    /// the seed if draws have another.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, model, plan, .. } = self;
        write!(out, "format {format} · model {model} · plan {plan} · ")?;
        self.write_settings(out)
    }
}
