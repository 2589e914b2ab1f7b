//! The order of simultaneous events, format 2: policies, hashes, waits.
//!
//! An instant is a small simulation of its own. Every event waits a while, drawn by hash from its name, from the moment
//! at which nothing but the order holds it back; the event whose wait is over first runs first. Waits are exponential,
//! hence without memory: of the events that can run, those of equal speed are equally likely to be next.
//! `docs/ORDER.md` explains the rules and proves that no unrelated event changes the order of others.

use core::fmt;
use core::str::FromStr;

use crate::codes::NameCodes;
use crate::mix::{fold, mix};
use crate::time::Instant;

/// How simultaneous events of one phase are ordered.
///
/// `Seeded` is not a uniform draw over interleavings: some kinds of event of some actors are slow, so that others overtake
/// them many times; long lanes interleave as by a fair coin only where both are equally fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Order {
    /// In the order of scheduling.
    Fifo,
    /// By waits drawn from the seed; what an event schedules at its own instant may overtake what was due before.
    #[default]
    Seeded,
    /// By waits drawn from the seed, round by round: what an event schedules at its own instant runs after everything
    /// that was there before it, as in a loop over a queue.
    Rounds,
}

impl Order {
    /// All policies.
    pub const ALL: [Self; 3] = [Self::Fifo, Self::Seeded, Self::Rounds];

    /// Returns the word for the policy: `fifo`, `seeded` or `rounds`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Seeded => "seeded",
            Self::Rounds => "rounds",
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

/// A text is not an order policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderError;

impl fmt::Display for OrderError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("unknown order policy; expected ")?;
        let last = Order::ALL.len() - 1;
        for (index, order) in Order::ALL.iter().enumerate() {
            let separator = if index == 0 {
                ""
            } else if index == last {
                " or "
            } else {
                ", "
            };
            write!(out, "{separator}{order}")?;
        }
        Ok(())
    }
}

impl core::error::Error for OrderError {}

impl FromStr for Order {
    type Err = OrderError;

    fn from_str(text: &str) -> Result<Self, OrderError> {
        Self::ALL.into_iter().find(|order| order.word() == text).ok_or(OrderError)
    }
}

/// Returns the part of the hashes that all events of an instant share: `fold(mix(seed), instant)`.
#[must_use]
pub const fn instant_key(seed: u64, instant: Instant) -> u64 {
    fold(mix(seed), instant.as_nanos())
}

/// Returns the hash of a name within an instant at a turn: `fold(fold(instant_key, turn), name_code)`.
///
/// A bijection of the code: only equal names have equal hashes. The turn counts the dispatches at the instant that lead to
/// this one, through parents and lanes, from 0; with it, an event that schedules its own name anew draws anew.
#[must_use]
pub const fn tie_hash(instant_key: u64, turn: u32, name_code: u64) -> u64 {
    fold(turn_key(instant_key, turn), name_code)
}

const fn turn_key(instant_key: u64, turn: u32) -> u64 {
    fold(instant_key, turn as u64)
}

/// How much longer a slow event waits: 2⁷ times.
const SLOWNESS: u32 = 7;
/// How many of sixteen pairs of actor and kind are slow.
const SLOW_OF_SIXTEEN: u64 = 5;
/// Sets the hashes for slowness apart from those for waits.
const SLOWNESS_OF_RUN: u64 = 0x51_0E;
const SLOWNESS_OF_INSTANT: u64 = 0x51_01;

/// What the slowness at an instant is drawn from: in half of the seeds the whole run has one, in the other half each
/// instant has its own.
const fn slowness_key(seed: u64, instant_key: u64) -> u64 {
    let of_run = fold(mix(seed), SLOWNESS_OF_RUN);
    if of_run & 1 == 0 { of_run } else { fold(instant_key, SLOWNESS_OF_INSTANT) }
}

/// Whether the events of this actor and kind are slow.
const fn is_slow(slowness_key: u64, actor_kind: u64) -> bool {
    fold(slowness_key, actor_kind) & 15 < SLOW_OF_SIXTEEN
}

/// The unit of waits: this many of them are one bit of surprise, −log₂ of a draw of one half.
const UNIT_BITS: u32 = 24;

/// log₂(1 + i/64) · 2³¹ for i from 0 to 64, rounded down.
static LOGARITHMS: [u32; 65] = logarithms();

/// Works out [`LOGARITHMS`] by repeated squaring: squaring a number doubles its logarithm, and each time that it passes 2
/// the next bit of the logarithm is 1.
const fn logarithms() -> [u32; 65] {
    let mut table = [1 << 31; 65];
    let mut at = 0;
    while at < 64 {
        // A fixed-point number of [1, 2) with 63 bits behind the point.
        let mut square: u128 = (64 + at as u128) << 57;
        let (mut logarithm, mut bit) = (0u32, 0);
        while bit < 31 {
            square = (square * square) >> 63;
            logarithm <<= 1;
            if square >> 64 != 0 {
                logarithm |= 1;
                square >>= 1;
            }
            bit += 1;
        }
        table[at] = logarithm;
        at += 1;
    }
    table
}

/// Returns −log₂((h | 1) / 2⁶⁴) in units of 2⁻²⁴, 1 to 2³⁰: an exponentially distributed wait if `h` is uniform.
///
/// By integers only, monotone, wrong by at most 4.3 · 10⁻⁵ bits: the position of the leading one is the whole part; the
/// 32 bits below it choose a line between two entries of a table of logarithms.
#[must_use]
pub fn wait(h: u64) -> u64 {
    let g = h | 1;
    let zeros = g.leading_zeros();
    let fraction = ((g << zeros) << 1) >> 32;
    let (at, rest) = ((fraction >> 26) as usize, fraction & ((1 << 26) - 1));
    let [low, high] = [LOGARITHMS[at], LOGARITHMS[at + 1]].map(u64::from);
    let logarithm = low + (((high - low) * rest) >> 26);
    (u64::from(zeros + 1) << UNIT_BITS) - (logarithm >> (31 - UNIT_BITS))
}

/// So many generations share a band; nobody is overtaken by the work of a later band.
pub(crate) const BAND: u32 = 16;

/// What the keys of an instant are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InstantKeys {
    instant_key: u64,
    slowness_key: u64,
}

/// A name as the order knows it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keyed {
    /// The code of the name; 0 under a policy that does not ask for names.
    pub(crate) code: u64,
    pub(crate) is_slow: bool,
}

impl InstantKeys {
    pub(crate) fn new(seed: u64, instant: Instant) -> Self {
        let instant_key = instant_key(seed, instant);
        let slowness_key = slowness_key(seed, instant_key);
        Self { instant_key, slowness_key }
    }

    pub(crate) const fn keyed(&self, codes: NameCodes) -> Keyed {
        Keyed { code: codes.name, is_slow: is_slow(self.slowness_key, codes.actor_kind) }
    }

    /// The part of the hashes that all events of a turn share.
    pub(crate) const fn turn_key(&self, turn: u32) -> u64 {
        turn_key(self.instant_key, turn)
    }
}

/// The hash of an event and how long it waits.
#[inline]
pub(crate) fn draw(turn_key: u64, keyed: Keyed) -> (u64, u64) {
    let h = fold(turn_key, keyed.code);
    (h, wait(h) << if keyed.is_slow { SLOWNESS } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{Name, Names, Term};
    use alloc::string::ToString;

    #[test]
    fn hashes_and_waits_are_pinned() {
        let mut names = Names::default();
        let name = Name::of(names.intern("rip1"), Term::new("expiry"), 7u64).code(&names);
        for (seed, nanos, turn, hash, waits) in [
            (1, 0, 0, 0x72C8_3D98_3C3D_B9C3, 19_415_507),
            (1, 30_000_000_000, 0, 0x2477_A788_24E2_FC2F, 47_168_688),
        ] {
            let h = tie_hash(instant_key(seed, Instant::from_nanos(nanos)), turn, name);
            assert_eq!((h, wait(h)), (hash, waits));
        }
    }

    #[test]
    fn logarithms_are_pinned_and_waits_fall_as_hashes_rise() {
        assert_eq!(
            [0, 1, 32, 63, 64].map(|at: usize| LOGARITHMS[at]),
            [0, 48_034_512, 1_256_197_404, 2_123_184_197, 1 << 31]
        );
        assert_eq!([0, 0x1234_5678_9ABC_DEF0, u64::MAX].map(wait), [1_073_741_824, 63_984_973, 1]);
        let mut last = u64::MAX;
        for at in 0..1u64 << 20 {
            let next = wait(at << 44);
            assert!(next <= last, "{at}");
            last = next;
        }
        for zeros in 1..64 {
            assert!(wait((1 << zeros) - 1) >= wait(1 << zeros), "across a power of two");
        }
    }

    #[test]
    fn slowness_is_pinned_and_drawn_per_run_or_per_instant() {
        let slow = |seed, nanos, pair| {
            let key = instant_key(seed, Instant::from_nanos(nanos));
            is_slow(slowness_key(seed, key), mix(pair))
        };
        let of_run =
            |seed| (0..64).all(|pair| (1..8).all(|nanos| slow(seed, nanos, pair) == slow(seed, 0, pair)));
        assert_eq!((0..1000).filter(|seed| of_run(*seed)).count(), SEEDS_OF_RUN);
        let share = (0..16_000).filter(|n| slow(n / 16, n % 16, *n)).count();
        assert_eq!(share, SLOW_OF_16000);
    }

    const SEEDS_OF_RUN: usize = 505;
    const SLOW_OF_16000: usize = 4946;

    #[test]
    fn policies_are_read_as_they_are_written() {
        for order in Order::ALL {
            assert_eq!(order.to_string().parse(), Ok(order));
        }
        assert_eq!("random".parse::<Order>(), Err(OrderError));
    }
}
