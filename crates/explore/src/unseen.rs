//! How probable it is that the next run shows a behaviour that was not seen.
//!
//! The runs of a strategy are drawn alike and independently. Let `n` be their number, `c(k)` the number of behaviours that `k` of
//! them showed, and `M` the probability that the next run shows another one. Good and Turing's estimate of `M` is `c(1) / n`.
//! The bounds hold for every distribution, each but with a probability of 2.5 %, for an `n` that does not depend on what was seen.
//! `t` runs over [`GRID`], and each of its values has an even share of the doubt: `D = ln(40 · |GRID|)`.
//!
//! * **Above.** Of the runs, hold each out with probability `t`. That no run that is held out shows what no other run does has the
//!   probability `Π (1 − t^k)^c(k)`, given what was seen; and `(1 − M)^K`, given the runs that are not held out, if `K` are. So the
//!   expectation of `(1 − M)^−K`, where that is so, is at most 1. By Jensen's and Markov's inequalities
//!   `−ln(1 − M) ≤ (D − Σ c(k) ln(1 − t^k)) / Σ c(k) t k (1 − t^(k−1)) / (1 − t^k)`.
//! * **Below.** If `n` were drawn from a Poisson distribution, the expectation of `e^(−t n M) (1 + t)^c(1) (1 − t²)^c(2)` would be at
//!   most 1, since `e^−x ≤ 1 − x + x²/2`. It has the value `n` with a probability of at least `1 / (√(2πn) e^(1/12n))`. So
//!   `n M ≥ (c(1) ln(1 + t) + c(2) ln(1 − t²) − D − ln √(2πn) − 1/12n) / t`.
//!
//! All is computed in fixed point, so that it is the same everywhere.

use alloc::collections::BTreeMap;

use crate::strategy::Tactic;

/// In 64ths: for few behaviours that all came often a large `t` is best, for many that came once a small one.
const GRID: [u128; 6] = [60, 44, 24, 10, 4, 1];
/// The denominator of the grid.
const PARTS: u128 = 64;
/// Fixed-point numbers count in units of 2⁻⁴⁰.
const POINT: u32 = 40;
const ONE: u128 = 1 << POINT;
/// ln(40 · 6).
const DOUBT: u128 = 6_026_026_223_857;
const LN_2: u128 = 762_123_384_786;
const TWO_PI: u128 = 6_908_435_304_716;
const BILLION: u128 = 1_000_000_000;

/// The probability that the next run of a strategy shows a behaviour that none of its runs has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unseen {
    /// The strategy.
    pub tactic: Tactic,
    /// How many independent runs it has made.
    pub runs: u64,
    /// How many behaviours one of them alone has shown: divided by the number of runs, an estimate of the probability.
    pub once: u64,
    /// It is at least so many billionths, and at most so many, with a certainty of 95 %.
    pub between: [u64; 2],
}

impl Unseen {
    /// Returns what follows for a strategy of which so many runs have shown each behaviour; `None` if it has made none.
    pub(crate) fn of(tactic: Tactic, behaviours: impl Iterator<Item = u64>) -> Option<Self> {
        // How many behaviours so many runs have shown.
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for runs in behaviours {
            *counts.entry(runs).or_default() += 1;
        }
        let runs: u64 = counts.iter().map(|(runs, behaviours)| runs * behaviours).sum();
        let once = counts.get(&1).copied().unwrap_or(0);
        let grid = || GRID.map(|part| part * ONE / PARTS).into_iter();
        let low = grid().map(|t| low(&counts, runs, t)).max()?;
        let high = grid().map(|t| high(&counts, t)).min()?;
        let billionths = |of_one: u128| u64::try_from(of_one).unwrap_or(u64::MAX);
        let between = [low * BILLION / ONE, (high * BILLION).div_ceil(ONE)].map(billionths);
        (runs > 0).then_some(Self { tactic, runs, once, between })
    }
}

/// The upper bound with one `t`.
fn high(counts: &BTreeMap<u64, u64>, t: u128) -> u128 {
    let (mut surprise, mut held_out) = (DOUBT, 0);
    for (runs, behaviours) in counts {
        let (all, but_one) = (power(t, *runs), power(t, runs - 1));
        surprise += u128::from(*behaviours) * below_one(ONE - all);
        let share = times(t, ONE - but_one) * u128::from(*runs) * ONE / (ONE - all);
        held_out += u128::from(*behaviours) * share;
    }
    (surprise * ONE).checked_div(held_out).map_or(ONE, |exponent| ONE - falling(exponent))
}

/// The lower bound with one `t`.
fn low(counts: &BTreeMap<u64, u64>, runs: u64, t: u128) -> u128 {
    let count = |runs| u128::from(counts.get(&runs).copied().unwrap_or(0));
    let runs = u128::from(runs.max(1));
    // ln(1 + t) is −ln(1 / (1 + t)).
    let gain = count(1) * below_one(ONE * ONE / (ONE + t));
    let of_poisson = above_one(TWO_PI * runs) / 2 + ONE / (12 * runs);
    let loss = count(2) * below_one(ONE - times(t, t)) + DOUBT + of_poisson;
    gain.saturating_sub(loss) * ONE / (t * runs)
}

fn times(one: u128, other: u128) -> u128 {
    (one * other) >> POINT
}

/// `base` multiplied so often with itself.
fn power(base: u128, exponent: u64) -> u128 {
    let (mut power, mut square, mut left) = (ONE, base, exponent);
    while left > 0 && power > 0 {
        if left % 2 == 1 {
            power = times(power, square);
        }
        square = times(square, square);
        left /= 2;
    }
    power
}

/// ln of a number from 1 on, digit by digit: a square has twice the logarithm.
fn above_one(number: u128) -> u128 {
    let whole = number.ilog2() - POINT;
    let (mut mantissa, mut binary) = (number >> whole, u128::from(whole));
    for _ in 0..POINT {
        mantissa = times(mantissa, mantissa);
        binary *= 2;
        if mantissa >= 2 * ONE {
            mantissa /= 2;
            binary += 1;
        }
    }
    times(binary, LN_2)
}

/// −ln of a number between 0 and 1.
fn below_one(number: u128) -> u128 {
    above_one(ONE * ONE / number.max(1))
}

/// e to the power of minus a number, or a little less: (1 − x / 2²⁰) to the power of 2²⁰.
fn falling(number: u128) -> u128 {
    (0..20).fold(ONE.saturating_sub(number >> 20), |power, _| times(power, power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    fn between(behaviours: &[u64]) -> [u64; 2] {
        Unseen::of(Tactic::Walk, behaviours.iter().copied()).expect("there are runs").between
    }

    #[test]
    fn logarithms_and_powers_are_those_of_the_tables() {
        let about = |found: u128, millionths: u128| (found * 1_000_000 / ONE).abs_diff(millionths) <= 1;
        assert!(about(above_one(10 * ONE), 2_302_585) && above_one(ONE) == 0, "ln 10");
        assert!(
            about(below_one(ONE / 2), 693_147) && about(below_one(ONE / 1000), 6_907_755),
            "ln 2, ln 1000"
        );
        assert!(about(falling(ONE), 367_879) && about(falling(3 * ONE), 49_787), "1 / e, 1 / e³");
        assert_eq!((falling(ONE << 30), falling(0)), (0, ONE));
        assert!(about(power(ONE * 15 / 16, 100), 1_574) && power(ONE / 2, u64::MAX) == 0);
        assert!(about(DOUBT, 5_480_639) && about(TWO_PI, 6_283_185) && about(LN_2, 693_147));
    }

    #[test]
    fn what_was_seen_once_is_what_is_said_to_be_unseen() {
        assert_eq!(Unseen::of(Tactic::Walk, [].into_iter()), None);
        let some = Unseen::of(Tactic::Walk, [1, 1, 5, 1].into_iter()).expect("there are runs");
        assert_eq!((some.runs, some.once), (8, 3));
        // What the formulas are in floating point.
        let is_about = |found: u64, billionths: u64| found.abs_diff(billionths) <= 1_000;
        let [low, high] = between(&[1; 1000]);
        assert!(is_about(low, 866_102_217) && high == 1_000_000_000, "{low} {high}");
        let several = [vec![1; 30], vec![2; 20], vec![47; 10]].concat();
        assert!(between(&several)[0] == 0 && is_about(between(&several)[1], 113_802_678), "{several:?}");
    }

    #[test]
    fn more_runs_say_more() {
        // One behaviour alone, again and again.
        let always: Vec<u64> = [100, 1_000, 10_000].map(|runs| between(&[runs])[1]).to_vec();
        assert!(always.is_sorted_by(|few, many| few > many) && always[2] < 1_000_000, "{always:?}");
        // A tenth of all runs show something new.
        let tenth = |runs: u64| {
            between(&[vec![1; usize::try_from(runs / 10).expect("few")], vec![runs * 9 / 10]].concat())
        };
        let [few, many] = [1_000, 100_000].map(tenth);
        assert!(few[0] < many[0] && many[1] < few[1], "{few:?} {many:?}");
        assert!(many[0] > 90_000_000 && many[1] < 110_000_000, "{many:?}");
    }
}
