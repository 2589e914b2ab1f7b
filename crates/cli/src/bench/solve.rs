//! How long an event of each kind takes, from the times of batches of events of many kinds.
//!
//! Each batch is an equation: so many events of each kind took that time in all. The times of kinds are those that fit all
//! batches best (least squares), none of them negative. Two kinds of which there are always as many in a batch cannot be told
//! apart, nor can larger sets of kinds whose numbers depend on each other: such a set gets one time, the mean of its events.
//!
//! How sure a time is follows from choosing batches anew with replacement (bootstrap), in runs of neighbours, since what lies next
//! to each other in time was disturbed alike.
#![expect(clippy::float_arithmetic, reason = "least squares of measured times, which no run sees")]

/// What is left of a column of length 1 without what others explain, below which it counts as explained.
const EXPLAINED: f64 = 1e-6;
/// The share that a column must have in the explanation of another one to belong to it.
const INVOLVED: f64 = 1e-2;
/// How many runs of neighbouring batches are chosen from.
const STRETCHES: usize = 64;
/// How often they are chosen anew.
const RESAMPLES: usize = 199;
/// How many of the ordered results are left out at each end: the rest are 95 of 100.
const LEFT_OUT: usize = 5;
/// How often each time is adapted at most, and from what relative change on it is not adapted any more.
const SWEEPS: usize = 5_000;
const SETTLED: f64 = 1e-7;

/// A batch: how many events of each kind, and how long they took.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// How many events of each kind.
    pub(super) counts: Vec<u32>,
    /// Nanoseconds.
    pub(super) nanos: f64,
}

/// How long an event takes, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// The estimate.
    pub(super) estimate: f64,
    /// The ends of a 95 % interval.
    pub(super) lower: f64,
    /// Its upper end.
    pub(super) upper: f64,
}

/// How long events of each kind take.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Costs {
    /// By kind; `None` if no batch has it.
    pub(super) of_kinds: Vec<Option<Cost>>,
    /// The sets of kinds that cannot be told apart, each of two kinds or more.
    pub(super) together: Vec<Vec<usize>>,
}

/// Returns how long an event of each kind takes.
pub(super) fn solve(batches: &[Batch]) -> Costs {
    let kinds = batches.first().map_or(0, |batch| batch.counts.len());
    let sets = sets_told_apart(batches, kinds);
    let stretch = batches.len().div_ceil(STRETCHES).max(1);
    let stretches: Vec<Normal> = batches.chunks(stretch).map(|stretch| Normal::of(stretch, &sets)).collect();
    let estimate = Normal::sum(&stretches, 0..stretches.len()).times();
    let mut resampled = vec![Vec::with_capacity(RESAMPLES); sets.len()];
    let mut lots = Lots(1);
    for _ in 0..RESAMPLES {
        let chosen = (0..stretches.len()).map(|_| lots.below(stretches.len()));
        for (all, time) in resampled.iter_mut().zip(Normal::sum(&stretches, chosen).times()) {
            all.push(time);
        }
    }
    let mut of_kinds = vec![None; kinds];
    for ((set, estimate), mut times) in sets.iter().zip(estimate).zip(resampled) {
        times.sort_by(f64::total_cmp);
        let (lower, upper) = (times[LEFT_OUT].min(estimate), times[RESAMPLES - 1 - LEFT_OUT].max(estimate));
        for kind in set {
            of_kinds[*kind] = Some(Cost { estimate, lower, upper });
        }
    }
    Costs { of_kinds, together: sets.into_iter().filter(|set| set.len() > 1).collect() }
}

/// Returns sets of kinds, each with those that cannot be told apart; kinds that no batch has are in none.
///
/// Joining kinds may make sets that depend on each other in turn: it goes on until none do.
fn sets_told_apart(batches: &[Batch], kinds: usize) -> Vec<Vec<usize>> {
    let is_there = |kind: &usize| batches.iter().any(|batch| batch.counts[*kind] > 0);
    let mut sets: Vec<Vec<usize>> = (0..kinds).filter(is_there).map(|kind| vec![kind]).collect();
    loop {
        let involved = Normal::of(batches, &sets).first_dependence();
        let [first, others @ ..] = &*involved else { return sets };
        for other in others.iter().rev() {
            let joined = sets.remove(*other);
            sets[*first].extend(joined);
        }
        sets[*first].sort_unstable();
    }
}

/// The normal equations of some batches: for each two sets of kinds the sum of the products of their counts, and for each the
/// sum of the products with the times.
#[derive(Debug, Clone)]
struct Normal {
    products: Vec<Vec<f64>>,
    with_times: Vec<f64>,
}

impl Normal {
    fn zero(sets: usize) -> Self {
        Self { products: vec![vec![0.0; sets]; sets], with_times: vec![0.0; sets] }
    }

    fn of(batches: &[Batch], sets: &[Vec<usize>]) -> Self {
        let mut normal = Self::zero(sets.len());
        for batch in batches {
            let count = |set: &Vec<usize>| set.iter().map(|kind| f64::from(batch.counts[*kind])).sum();
            let counts: Vec<f64> = sets.iter().map(count).collect();
            for (at, count) in counts.iter().enumerate() {
                normal.with_times[at] += count * batch.nanos;
                for (product, other) in normal.products[at].iter_mut().zip(&counts) {
                    *product += count * other;
                }
            }
        }
        normal
    }

    fn sum(parts: &[Self], chosen: impl IntoIterator<Item = usize>) -> Self {
        let mut sum = Self::zero(parts.first().map_or(0, |part| part.with_times.len()));
        for part in chosen.into_iter().map(|at| &parts[at]) {
            for (sum, part) in sum.products.iter_mut().flatten().zip(part.products.iter().flatten()) {
                *sum += part;
            }
            for (sum, part) in sum.with_times.iter_mut().zip(&part.with_times) {
                *sum += part;
            }
        }
        sum
    }

    /// Returns the first column that others before it explain, and those others, in order; empty if there is none.
    ///
    /// The columns are taken one after the other (Cholesky); each is a combination of those before it and a rest that stands
    /// at right angles to them. `factor[at]` says how; a column without a rest depends on those before it, and solving for it
    /// backwards gives the shares of each.
    fn first_dependence(&self) -> Vec<usize> {
        let sets = self.with_times.len();
        let lengths: Vec<f64> = (0..sets).map(|at| self.products[at][at].sqrt()).collect();
        let mut factor: Vec<Vec<f64>> = Vec::new();
        for at in 0..sets {
            let mut row: Vec<f64> = Vec::with_capacity(at + 1);
            for before in 0..at {
                let known: f64 = row.iter().zip(&factor[before]).map(|(a, b)| a * b).sum();
                let product = self.products[at][before] / (lengths[at] * lengths[before]);
                row.push((product - known) / factor[before][before]);
            }
            let rest = 1.0 - row.iter().map(|part| part * part).sum::<f64>();
            if rest < EXPLAINED {
                let mut shares = row;
                for before in (0..at).rev() {
                    let later: f64 =
                        (before + 1..at).map(|later| factor[later][before] * shares[later]).sum();
                    shares[before] = (shares[before] - later) / factor[before][before];
                }
                let involved = (0..at).filter(|before| shares[*before].abs() > INVOLVED);
                return involved.chain([at]).collect();
            }
            row.push(rest.sqrt());
            factor.push(row);
        }
        Vec::new()
    }

    /// Returns the times that fit best of those that are not negative: each is adapted to the others in turn, until none changes.
    fn times(&self) -> Vec<f64> {
        let mut times = vec![0.0; self.with_times.len()];
        for _ in 0..SWEEPS {
            let mut is_settled = true;
            for at in 0..times.len() {
                let weight = self.products[at][at];
                if weight <= 0.0 {
                    continue;
                }
                let fitted: f64 =
                    self.products[at].iter().zip(&times).map(|(product, time)| product * time).sum();
                let time: f64 = (times[at] + (self.with_times[at] - fitted) / weight).max(0.0);
                is_settled &= (time - times[at]).abs() <= SETTLED * time.max(1.0);
                times[at] = time;
            }
            if is_settled {
                break;
            }
        }
        times
    }
}

/// Numbers that look random and are the same every time.
struct Lots(u64);

impl Lots {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the drawn numbers are small"
)]
mod tests {
    use super::*;

    /// Batches of kinds that take so long each, with noise of this share.
    fn batches(times: &[f64], noise: f64, counts: impl Fn(&mut Lots) -> Vec<u32>) -> Vec<Batch> {
        let mut lots = Lots(7);
        let mut batch = || {
            let counts = counts(&mut lots);
            let exact: f64 = counts.iter().zip(times).map(|(count, time)| f64::from(*count) * time).sum();
            let share = 1.0 + noise * (lots.below(2_001) as f64 - 1_000.0) / 1_000.0;
            Batch { counts, nanos: exact * share }
        };
        (0..200).map(|_| batch()).collect()
    }

    fn any(lots: &mut Lots) -> u32 {
        lots.below(90) as u32
    }

    #[track_caller]
    fn assert_near(cost: Option<Cost>, time: f64, share: f64) {
        let Cost { estimate, lower, upper } = cost.unwrap();
        assert!((estimate - time).abs() <= share * time, "{estimate} is not {time}");
        assert!(lower <= estimate && estimate <= upper, "{lower} … {upper}");
        assert!(lower - share * time <= time && time <= upper + share * time, "{time} in {lower} … {upper}");
    }

    #[test]
    fn times_of_kinds_are_found() {
        let costs =
            solve(&batches(&[100.0, 700.0, 40.0], 0.02, |lots| vec![any(lots), any(lots), any(lots)]));
        assert_eq!(costs.together, Vec::<Vec<usize>>::new());
        for (cost, time) in costs.of_kinds.into_iter().zip([100.0, 700.0, 40.0]) {
            assert_near(cost, time, 0.06);
        }
    }

    #[test]
    fn kinds_that_always_come_together_get_one_time() {
        let costs = solve(&batches(&[100.0, 700.0, 300.0], 0.0, |lots| {
            let count = any(lots) + 1;
            vec![count, any(lots), 3 * count]
        }));
        assert_eq!(costs.together, [vec![0, 2]]);
        // (100 + 3 * 300) / 4
        assert_near(costs.of_kinds[0], 250.0, 1e-3);
        assert_near(costs.of_kinds[1], 700.0, 1e-3);
        assert_eq!(costs.of_kinds[2], costs.of_kinds[0]);
    }

    #[test]
    fn kinds_whose_numbers_depend_on_each_other_get_one_time_and_others_their_own() {
        let costs = solve(&batches(&[100.0, 100.0, 100.0, 900.0], 0.0, |lots| {
            let (one, other) = (any(lots), any(lots));
            vec![one, other, one + other, any(lots)]
        }));
        assert_eq!(costs.together, [vec![0, 1, 2]]);
        assert_near(costs.of_kinds[1], 100.0, 1e-3);
        assert_near(costs.of_kinds[3], 900.0, 1e-3);
    }

    #[test]
    fn fewer_batches_than_kinds_tell_less_and_what_no_batch_has_is_not_told() {
        let one = Batch { counts: vec![3, 0, 1], nanos: 800.0 };
        let costs = solve(core::slice::from_ref(&one));
        assert_eq!(costs.together, [vec![0, 2]]);
        assert_eq!(costs.of_kinds[1], None);
        assert_near(costs.of_kinds[0], 200.0, 1e-6);
        assert_eq!(solve(&[]), Costs::default());
    }

    #[test]
    fn no_time_is_negative_and_one_that_is_hardly_told_has_a_wide_interval() {
        // The second kind takes no time, and there is always one of the first for each, give or take one.
        let costs = solve(&batches(&[100.0, 0.0], 0.05, |lots| {
            let count = any(lots) + 10;
            vec![count, count + lots.below(2) as u32]
        }));
        let of_kinds: Vec<Cost> = costs.of_kinds.into_iter().flatten().collect();
        assert!(of_kinds.iter().all(|cost| cost.lower >= 0.0), "{of_kinds:?}");
        assert!(costs.together.len() == 1 || of_kinds[1].upper - of_kinds[1].lower > 20.0, "{of_kinds:?}");
    }
}
