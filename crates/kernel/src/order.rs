//! The order of simultaneous events: policies and tie keys.

use crate::mix::{fold, mix};
use crate::name::{Name, Names, Subject};
use crate::time::Instant;

/// How events of one instant are ordered.
///
/// `Seeded` is not a uniform draw over interleavings: an event cannot run before the one before it in its lane, so that
/// a late key holds up what stands behind it, and two lanes of ten events each change over about 2.8 times on average,
/// where a uniform draw has 9.9. Nor is it even between an event's child and what the event was tied with: that the
/// event ran first says that the others have late keys, and the child's key is as good as any, so that the child runs
/// before each of them two times in three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// In the order of scheduling.
    Fifo,
    /// By a keyed hash of seed, instant and event name.
    #[default]
    Seeded,
}

/// Returns the part of the tie key that all events of an instant share: `fold(mix(seed), instant)`.
#[must_use]
pub const fn instant_key(seed: u64, instant: Instant) -> u64 {
    fold(mix(seed), instant.as_nanos())
}

/// Returns the tie key of a name within an instant, the upper half of `fold(instant_key, name_code)`: the smallest runs
/// first.
///
/// It depends on seed, instant, actor, kind and subject, and on nothing else: no stranger can change it. The repeat is
/// not in it.
#[must_use]
pub const fn tie_key(instant_key: u64, name_code: u64) -> u32 {
    (fold(instant_key, name_code) >> 32) as u32
}

impl Order {
    /// The key of an event of this name, given the key of its instant.
    pub(crate) fn key<S: Subject>(self, instant_key: u64, name: &Name<S>, names: &Names) -> u32 {
        match self {
            Self::Fifo => 0,
            Self::Seeded => tie_key(instant_key, name.code(names)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Term;

    #[test]
    fn keys_are_pinned() {
        for (seed, nanos, instant, tie) in [
            (0, 0, 0x6532_7DFF_82AB_D2AC, 0x45C9_AFA2),
            (1, 0, 0x595C_9141_45BD_04F6, 0x5A98_1017),
            (1, 30_000_000_000, 0xC971_219B_ADCD_D07E, 0x07F3_954B),
            (u64::MAX, u64::MAX, 0x57EA_750C_7AB0_2E02, 0x50EE_839F),
        ] {
            let mut names = Names::default();
            let name = Name { actor: names.intern("rip1"), kind: Term::new("expiry"), subject: 7u64 };
            let shared = instant_key(seed, Instant::from_nanos(nanos));
            assert_eq!((shared, tie_key(shared, name.code(&names))), (instant, tie));
            assert_eq!(Order::Seeded.key(shared, &name, &names), tie);
            assert_eq!(Order::Fifo.key(shared, &name, &names), 0);
        }
    }
}
