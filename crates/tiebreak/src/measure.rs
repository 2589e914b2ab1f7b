//! Statistics of measured times, in whole numbers: quartiles, and how much longer one of two things takes.
//!
//! Times of runs are not normally distributed: whatever else the machine does makes some of them longer, never shorter. So
//! nothing here is a mean with a deviation. Intervals come from ranks alone:
//!
//! * Two sides that were measured in turn give one ratio for each *block* of runs. If they were equally fast, each ratio would be
//!   above one as probably as below. So how many of the ordered ratios may be left out at each end follows from the binomial
//!   distribution (the interval of the sign test).
//! * Two sides that were measured apart give some *sittings* each. If they were equally fast, every arrangement of the sittings
//!   by time would be equally probable. So how many of the ordered ratios of all pairs may be left out follows from counting
//!   arrangements (the interval of Mann and Whitney, around the estimate of Hodges and Lehmann).
//!
//! Both hold the true ratio in 99 of 100 cases, if blocks, or sittings, do not depend on each other.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// The ratio of two equal times, in parts per million.
const ONE: u64 = 1_000_000;

/// Differences up to this ratio, in parts per million, are not called differences: where things lie in memory makes as much.
const RESOLUTION: u64 = 10_000;

/// An interval misses the true ratio at most once in so many cases.
const ONCE_IN: u128 = 100;

/// The most samples of which arrangements are counted exactly.
const COUNTED_MAX: usize = 100;

/// The most sittings of one side that are used.
const SITTINGS_MAX: usize = 20;

/// How many blocks a comparison aims at.
const BLOCKS: u64 = 31;

/// The fewest blocks an interval can be given for: of seven, all lie on one side once in 64 cases.
pub const BLOCKS_MIN: usize = 8;

/// The quartiles of some samples: a quarter of them is below `lower`, half below `median`, a quarter above `upper`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quartiles {
    /// The lower quartile.
    pub lower: u64,
    /// The median.
    pub median: u64,
    /// The upper quartile.
    pub upper: u64,
}

impl Quartiles {
    /// Returns the quartiles of samples, in their unit; each is one of the samples. `None` if there are none.
    #[must_use]
    pub fn of(samples: &[u64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable();
        let at = |quarters: usize| sorted.get((sorted.len().checked_sub(1)? * quarters + 2) / 4).copied();
        Some(Self { lower: at(1)?, median: at(2)?, upper: at(3)? })
    }
}

/// What a comparison of two sides comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// They may be equally fast: the interval holds a ratio between 0.99 and 1.01.
    NotSeen,
    /// The second takes less time.
    Faster,
    /// The second takes more time.
    Slower,
}

/// How many times as long the second of two sides takes as the first, in parts per million: a 99 % interval and an estimate in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatioInterval {
    /// The lower end of the interval.
    pub lower: u64,
    /// The estimate.
    pub estimate: u64,
    /// The upper end of the interval.
    pub upper: u64,
}

impl RatioInterval {
    /// Returns the interval of the median of ratios of blocks. `None` if there are fewer than [`BLOCKS_MIN`].
    #[must_use]
    pub fn of_blocks(ratios: &[u64]) -> Option<Self> {
        let mut sorted = ratios.to_vec();
        sorted.sort_unstable();
        Self::leaving_out(&sorted, left_out_of_blocks(sorted.len())?)
    }

    /// Returns the interval of two sides that were measured apart, by the times of sittings of each; at most 20 of each are used.
    /// `None` if there are too few of them: five of each are enough.
    #[must_use]
    pub fn of_sittings(first: &[u64], second: &[u64]) -> Option<Self> {
        let [first, second] = [first, second].map(|side| &side[..side.len().min(SITTINGS_MAX)]);
        let pairs = second.iter().flat_map(|after| first.iter().map(|before| ratio(*after, *before)));
        let mut sorted: Vec<u64> = pairs.collect();
        sorted.sort_unstable();
        Self::leaving_out(&sorted, left_out_of_pairs(first.len(), second.len())?)
    }

    /// The interval that is left of ordered ratios without so many at each end.
    fn leaving_out(sorted: &[u64], left_out: usize) -> Option<Self> {
        let median = Quartiles::of(sorted)?.median;
        let kept = sorted.get(left_out..sorted.len().checked_sub(left_out)?)?;
        Some(Self { lower: *kept.first()?, estimate: median, upper: *kept.last()? })
    }

    /// Returns what it comes to.
    #[must_use]
    pub const fn difference(&self) -> Difference {
        if self.lower > ONE + RESOLUTION {
            Difference::Slower
        } else if self.upper < ONE - RESOLUTION {
            Difference::Faster
        } else {
            Difference::NotSeen
        }
    }

    /// Returns what it comes to as a sentence; `second` and `first` name the sides.
    #[must_use]
    pub fn sentence(&self, second: &str, first: &str) -> String {
        let Self { lower, estimate, upper } = self;
        let [lower, estimate, upper] = [lower, estimate, upper].map(|ratio| decimal(*ratio));
        match self.difference() {
            Difference::NotSeen => format!("no difference seen (ratio {lower} … {upper})"),
            Difference::Faster | Difference::Slower => {
                format!("{second} takes {estimate} times as long as {first} ({lower} … {upper})")
            }
        }
    }
}

impl fmt::Display for RatioInterval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lower, estimate, upper } = self;
        write!(out, "{} ({} … {})", decimal(*estimate), decimal(*lower), decimal(*upper))
    }
}

/// A ratio in parts per million as people read it, with three digits behind the point.
fn decimal(ratio: u64) -> String {
    let thousandths = ratio.saturating_add(500) / 1_000;
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// Returns how many times as much `of` is as `to`, in parts per million, rounded down; a `to` of 0 counts as 1.
#[must_use]
pub fn ratio(of: u64, to: u64) -> u64 {
    let ratio = u128::from(of) * u128::from(ONE) / u128::from(to.max(1));
    u64::try_from(ratio).unwrap_or(u64::MAX)
}

/// How many of the ordered ratios of so many blocks are left out at each end; `None` if there are too few blocks.
fn left_out_of_blocks(blocks: usize) -> Option<usize> {
    if blocks > COUNTED_MAX {
        // Of many, the number above the median is normally distributed, with half the root of `blocks` as its deviation:
        // 2.58 deviations hold 99 of 100 cases, and 2.58 squared is 6.66. Rounded so that rather too few are left out.
        return Some((blocks - (blocks * 666 / 100).isqrt() - 2) / 2);
    }
    let all = 1_u128.checked_shl(u32::try_from(blocks).ok()?)?;
    let (mut choose, mut cases) = (1_u128, 0);
    let mut left_out = None;
    for outside in 0..blocks {
        // So many blocks, or fewer, lie below the true ratio.
        cases += choose;
        if 2 * ONCE_IN * cases > all {
            break;
        }
        left_out = Some(outside);
        choose = choose * (blocks - outside) as u128 / (outside + 1) as u128;
    }
    left_out
}

/// How many of the ordered ratios of all pairs are left out at each end; `None` if there are too few sittings.
fn left_out_of_pairs(first: usize, second: usize) -> Option<usize> {
    let arrangements = arrangements(first, second);
    let all: u128 = arrangements.iter().sum();
    let (mut cases, mut left_out) = (0, None);
    for (pairs, count) in arrangements.iter().enumerate() {
        cases += count;
        if 2 * ONCE_IN * cases > all {
            break;
        }
        left_out = Some(pairs);
    }
    left_out
}

/// In how many arrangements of two sides by time so many pairs have the second in front, for each number of pairs.
fn arrangements(first: usize, second: usize) -> Vec<u128> {
    // The place of a sitting of the second side is how many of the first it is in front of, and places do not rise: this counts
    // the partitions of the sum of places. `counts[taken][sum]` has `taken` sittings with places up to the one at hand.
    let mut counts = vec![vec![0_u128; first * second + 1]; second + 1];
    counts[0][0] = 1;
    for place in 0..=first {
        for taken in 1..=second {
            for sum in place..=first * second {
                counts[taken][sum] += counts[taken - 1][sum - place];
            }
        }
    }
    counts.pop().unwrap_or_default()
}

/// Two sides that are measured in turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paired {
    samples: [Vec<u64>; 2],
    ratios: Vec<u64>,
}

impl Paired {
    /// Measures one block: first, second, second, first, so many times over. `clock` returns nanoseconds since some fixed instant.
    ///
    /// What drifts slowly, such as the temperature of the machine, concerns both sides alike. Of each side the median counts, so
    /// that a run which was interrupted does not matter.
    pub fn measure(&mut self, rounds: u64, sides: [&mut dyn FnMut(); 2], clock: &mut dyn FnMut() -> u64) {
        let [first, second] = sides;
        let mut block = [Vec::new(), Vec::new()];
        for _ in 0..rounds.max(1) {
            for side in [0, 1, 1, 0] {
                let before = clock();
                if side == 0 {
                    first();
                } else {
                    second();
                }
                block[side].push(clock().saturating_sub(before));
            }
        }
        if let [Some(first), Some(second)] = block.each_ref().map(|side| Quartiles::of(side)) {
            self.ratios.push(ratio(second.median, first.median));
        }
        for (all, block) in self.samples.iter_mut().zip(block) {
            all.extend(block);
        }
    }

    /// Returns how many rounds to measure in a block so that blocks last as long as this in all, if the sides take so long.
    /// In nanoseconds.
    #[must_use]
    pub fn rounds(time: u64, once: [u64; 2]) -> u64 {
        let round = once[0].saturating_add(once[1]).saturating_mul(2);
        (time / BLOCKS / round.max(1)).max(1)
    }

    /// Returns how many blocks were measured.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.ratios.len()
    }

    /// Returns how many runs of each side were measured.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.samples[0].len() as u64
    }

    /// Returns the quartiles of the times of each side, in nanoseconds; `None` if nothing was measured.
    #[must_use]
    pub fn quartiles(&self) -> Option<[Quartiles; 2]> {
        Some([Quartiles::of(&self.samples[0])?, Quartiles::of(&self.samples[1])?])
    }

    /// Returns how many times as long the second takes as the first; `None` if there are fewer than [`BLOCKS_MIN`] blocks.
    #[must_use]
    pub fn ratio(&self) -> Option<RatioInterval> {
        RatioInterval::of_blocks(&self.ratios)
    }
}

/// Returns how many events happen in a second, rounded down, if so many take that time, in nanoseconds; 0 counts as 1.
#[must_use]
pub fn events_per_second(events: u64, nanos: u64) -> u64 {
    let rate = u128::from(events) * 1_000_000_000 / u128::from(nanos.max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, below a bound.
    struct Noise(u64);

    impl Noise {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }

        /// A time around 1,000: rarely much longer, never shorter than 950.
        fn time(&mut self) -> u64 {
            let interrupted = if self.below(10) == 0 { self.below(5_000) } else { 0 };
            950 + self.below(100) + interrupted
        }
    }

    #[test]
    fn quartiles_are_samples() {
        assert_eq!(Quartiles::of(&[]), None);
        for (samples, [lower, median, upper]) in [
            (&[7][..], [7, 7, 7]),
            (&[5, 1, 4, 2, 3][..], [2, 3, 4]),
            (&[8, 7, 6, 5, 4, 3, 2, 1, 0][..], [2, 4, 6]),
        ] {
            assert_eq!(Quartiles::of(samples), Some(Quartiles { lower, median, upper }), "{samples:?}");
        }
    }

    #[test]
    fn as_many_blocks_are_left_out_as_tables_of_the_sign_test_say() {
        // The critical values of the two-sided sign test at 1 %.
        for (blocks, left_out) in [
            (7, None),
            (8, Some(0)),
            (11, Some(0)),
            (12, Some(1)),
            (20, Some(3)),
            (31, Some(7)),
            (50, Some(15)),
            (100, Some(36)),
        ] {
            assert_eq!(left_out_of_blocks(blocks), left_out, "{blocks}");
        }
        assert_eq!(left_out_of_blocks(0), None);
        // The next of them is the first that is not counted: both ways agree.
        assert!(left_out_of_blocks(101).is_some_and(|many| (35..=37).contains(&many)));
    }

    #[test]
    fn as_many_pairs_are_left_out_as_tables_of_mann_and_whitney_say() {
        assert_eq!(arrangements(2, 2), [1, 1, 2, 1, 1]);
        // The critical values of the two-sided test at 1 %.
        for ((first, second), left_out) in [
            ((4, 4), None),
            ((5, 5), Some(0)),
            ((5, 8), Some(2)),
            ((7, 7), Some(4)),
            ((10, 10), Some(16)),
            ((20, 20), Some(105)),
        ] {
            assert_eq!(left_out_of_pairs(first, second), left_out, "{first} and {second}");
        }
        assert_eq!(RatioInterval::of_sittings(&[], &[1, 2]), None);
    }

    #[test]
    fn equal_sides_are_told_apart_in_one_of_a_hundred_cases_at_most() {
        let (mut noise, mut wrong) = (Noise(1), [0, 0]);
        for _ in 0..1_000 {
            let ratios: Vec<u64> = (0..31).map(|_| ratio(noise.time(), noise.time())).collect();
            let interval = RatioInterval::of_blocks(&ratios).unwrap();
            wrong[0] += u32::from(interval.difference() != Difference::NotSeen);
            let [first, second]: [Vec<u64>; 2] = [0, 0].map(|_| (0..7).map(|_| noise.time()).collect());
            let interval = RatioInterval::of_sittings(&first, &second).unwrap();
            wrong[1] += u32::from(interval.difference() != Difference::NotSeen);
        }
        assert!(wrong.iter().all(|wrong| *wrong <= 15), "{wrong:?} of 1000");
    }

    #[test]
    fn a_side_that_takes_a_tenth_longer_is_seen() {
        let (mut noise, mut seen) = (Noise(2), [0, 0]);
        for _ in 0..100 {
            let ratios: Vec<u64> = (0..31).map(|_| ratio(noise.time() * 11 / 10, noise.time())).collect();
            let interval = RatioInterval::of_blocks(&ratios).unwrap();
            seen[0] += u32::from(interval.difference() == Difference::Slower);
            let faster: Vec<u64> = ratios.iter().map(|slower| ratio(ONE, *slower)).collect();
            let interval = RatioInterval::of_blocks(&faster).unwrap();
            seen[1] += u32::from(interval.difference() == Difference::Faster);
        }
        assert!(seen.iter().all(|seen| *seen >= 95), "{seen:?} of 100");
    }

    #[test]
    fn sides_are_measured_in_turn_by_the_clock_they_are_given() {
        let (now, order) = (core::cell::Cell::new(0), core::cell::Cell::new(Vec::new()));
        let spend = |side: char, nanos: u64| {
            let mut so_far = order.take();
            so_far.push(side);
            order.set(so_far);
            now.set(now.get() + nanos);
        };
        let mut paired = Paired::default();
        for _ in 0..BLOCKS_MIN {
            assert_eq!(paired.ratio(), None);
            paired.measure(1, [&mut || spend('a', 100), &mut || spend('b', 150)], &mut || now.get());
        }
        assert_eq!(order.take()[..8], ['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a']);
        let half_as_much_again = RatioInterval { lower: 1_500_000, estimate: 1_500_000, upper: 1_500_000 };
        assert_eq!(paired.ratio(), Some(half_as_much_again));
        assert_eq!(paired.quartiles().map(|sides| sides.map(|side| side.median)), Some([100, 150]));
        assert_eq!(Paired::rounds(31 * 500 * 6, [100, 150]), 6);
        assert_eq!(Paired::rounds(10, [100, 150]), 1);
    }

    #[test]
    fn sentences_never_call_a_difference_what_may_be_none() {
        let says = |lower, estimate, upper| RatioInterval { lower, estimate, upper }.sentence("B", "A");
        assert_eq!(says(990_000, 1_010_400, 1_030_000), "no difference seen (ratio 0.990 … 1.030)");
        // Less than the resolution.
        assert_eq!(says(1_002_000, 1_005_000, 1_009_000), "no difference seen (ratio 1.002 … 1.009)");
        assert_eq!(says(1_080_000, 1_100_000, 1_120_000), "B takes 1.100 times as long as A (1.080 … 1.120)");
        assert_eq!(says(480_000, 499_999, 520_000), "B takes 0.500 times as long as A (0.480 … 0.520)");
        assert_eq!(ratio(5, 0), 5_000_000);
        assert_eq!(events_per_second(27, 27_000), 1_000_000);
    }
}
