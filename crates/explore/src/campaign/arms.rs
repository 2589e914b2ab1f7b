//! Which strategy gets how many runs.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_trace::Digest;

use crate::calibration::Calibration;
use crate::campaign::Chance;
use crate::strategy::Tactic;
use crate::unseen::Unseen;

/// What a strategy has found counts half as much after each round.
const HALF_LIFE: u64 = 2;

/// One of so many runs turns a race round: enough to come through the nearest soon, and little for what no race shows.
const RUNS_OF_A_RACE: u64 = 8;

/// ln(20 · k) in tenths, rounded up, for k strategies from 1 to 8: with each of k getting its share of 5 %.
const TENTHS: [u64; 8] = [30, 37, 41, 44, 47, 48, 50, 51];
/// ln 2 in tenths, rounded up: how much more it is for twice as many.
const TENTHS_OF_TWICE: u64 = 7;

/// Strategies, what they have found lately, and how many runs they have made.
#[derive(Debug, Clone)]
pub(super) struct Arms {
    arms: Vec<Arm>,
}

#[derive(Debug, Clone)]
struct Arm {
    tactic: Tactic,
    turns: u64,
    /// In how many turns it has tried all that it tries.
    turns_max: Option<u64>,
    independent: u64,
    /// In how many of those each behaviour was seen.
    behaviours: BTreeMap<Digest, u64>,
    /// Runs that showed something new, older ones counting less.
    credit: u64,
    fresh_credit: u64,
}

impl Arm {
    /// How many of so many runs it makes as long as it has something left to try, where others make so many; `None` if its
    /// runs are samples.
    fn enumerated(&self, count: u64, even: u64) -> Option<u64> {
        match self.tactic {
            Tactic::Races => Some(count / RUNS_OF_A_RACE),
            Tactic::Fifo | Tactic::Delay(_) => Some(even),
            Tactic::Clocks | Tactic::Rounds | Tactic::Walk | Tactic::Pos | Tactic::Urw | Tactic::Pct(_) => {
                None
            }
        }
    }
}

impl Arms {
    pub(super) fn new(tactics: &[Tactic], calibration: &Calibration) -> Self {
        // Who turns races round begins with the order of scheduling as it is, and so would who deviates from it.
        let is_made = |tactic| matches!(tactic, Tactic::Delay(_)) && tactics.contains(&Tactic::Races);
        let arm = |tactic: &Tactic| Arm {
            tactic: *tactic,
            turns: u64::from(is_made(*tactic)),
            turns_max: tactic.runs_max(calibration),
            independent: 0,
            behaviours: BTreeMap::new(),
            credit: 0,
            fresh_credit: 0,
        };
        Self { arms: tactics.iter().map(arm).collect() }
    }

    /// Shares out so many runs: half of those of samplers evenly, the rest by what was found. Returns the strategies with their turns,
    /// spread over the round.
    pub(super) fn share_out(&mut self, count: u64) -> Vec<(Tactic, u64)> {
        for arm in &mut self.arms {
            arm.credit = arm.credit / HALF_LIFE + 64 * core::mem::take(&mut arm.fresh_credit);
        }
        if self.arms.is_empty() {
            return Vec::new();
        }
        let mut left = self.shares(count);
        let even = self.even_share(count);
        // What has little left to try does not wait with it until the end of the round.
        let pace = |(arm, share): (&Arm, &u64)| u128::from(arm.enumerated(count, even).unwrap_or(*share));
        let paces: Vec<u128> = self.arms.iter().zip(&left).map(pace).collect();
        // Whoever has made the smallest part of what it makes in a round is next; of several, the first. So whatever part of
        // the round is made, each has had its share of that part.
        let mut made = alloc::vec![0u128; left.len()];
        let next = |_| {
            let going = (0..left.len()).filter(|at| left[*at] > 0);
            let next = going.min_by_key(|at| (made[*at] << 64) / paces[*at].max(1))?;
            made[next] += 1;
            left[next] -= 1;
            let arm = &mut self.arms[next];
            arm.turns += 1;
            Some((arm.tactic, arm.turns - 1))
        };
        (0..count).map_while(next).collect()
    }

    /// How many of so many runs each gets that does not turn races round and has something left to try, if each gets as many.
    fn even_share(&self, count: u64) -> u64 {
        let has_races = self.arms.iter().any(|arm| arm.tactic == Tactic::Races && !self.is_done(arm));
        let others = self.arms.iter().filter(|arm| arm.tactic != Tactic::Races && !self.is_done(arm)).count();
        let for_others = if has_races { count - count / RUNS_OF_A_RACE } else { count };
        for_others.checked_div(others as u64).unwrap_or(0)
    }

    /// Whether it has tried all, and there is somebody who may have its share.
    fn is_done(&self, arm: &Arm) -> bool {
        let has_samples = self.arms.iter().any(|arm| arm.tactic.is_sample());
        has_samples && arm.turns_max.is_some_and(|most| arm.turns >= most)
    }

    /// How many of so many runs each gets; they add up.
    ///
    /// What enumerates shows something new by construction: that says nothing about it, and it gets a share that stays as it is until it
    /// has tried all. Then its share goes to the others, if there are any.
    fn shares(&self, count: u64) -> Vec<u64> {
        let even = self.even_share(count);
        let samples = self.arms.iter().filter(|arm| arm.tactic.is_sample());
        let (among, credits) = samples.fold((0, 0), |(among, sum), arm| (among + 1, sum + arm.credit));
        let left = |arm: &Arm| {
            arm.turns_max.filter(|_| among > 0).map_or(u64::MAX, |most| most.saturating_sub(arm.turns))
        };
        let enumerated = |arm: &Arm| arm.enumerated(count, even).map_or(0, |share| share.min(left(arm)));
        let for_samples = count - self.arms.iter().map(enumerated).sum::<u64>();
        let evenly = if credits == 0 { for_samples } else { for_samples / 2 };
        let by_credit = for_samples - evenly;
        let share = |arm: &Arm| {
            if arm.tactic.is_sample() {
                evenly / among + (by_credit * arm.credit).checked_div(credits).unwrap_or(0)
            } else {
                enumerated(arm)
            }
        };
        let mut shares: Vec<u64> = self.arms.iter().map(share).collect();
        let rest = count - shares.iter().sum::<u64>();
        // What rounding has left over goes to the first ones, and to samplers if there are any.
        let is_open = |at: &usize| among == 0 || self.arms[*at].tactic.is_sample();
        let open: Vec<usize> = (0..shares.len()).filter(is_open).collect();
        for (_, at) in (0..rest).zip(open.iter().cycle()) {
            shares[*at] += 1;
        }
        shares
    }

    /// Credits a strategy with a run that showed something new.
    pub(super) fn credit(&mut self, tactic: Tactic) {
        self.arm(tactic).for_each(|arm| arm.fresh_credit += 1);
    }

    /// Counts one more run that does not depend on others, and what it has shown.
    pub(super) fn count(&mut self, tactic: Tactic, behaviour: Digest) {
        self.arm(tactic).for_each(|arm| {
            arm.independent += 1;
            *arm.behaviours.entry(behaviour).or_default() += 1;
        });
    }

    fn arm(&mut self, tactic: Tactic) -> impl Iterator<Item = &mut Arm> {
        self.arms.iter_mut().filter(move |arm| arm.tactic == tactic)
    }

    pub(super) fn chances(&self) -> Vec<Chance> {
        let samples = self.arms.iter().filter(|arm| arm.tactic.is_sample()).count();
        let tenths = tenths(samples);
        let chance = |arm: &Arm| Chance { tactic: arm.tactic, runs: arm.independent, tenths };
        self.arms.iter().map(chance).collect()
    }

    pub(super) fn unseen(&self) -> Vec<Unseen> {
        let of = |arm: &Arm| Unseen::of(arm.tactic, arm.behaviours.values().copied());
        self.arms.iter().filter_map(of).collect()
    }
}

/// At least ln(20 · k) in tenths, for k strategies.
fn tenths(strategies: usize) -> u64 {
    let mut count = strategies.max(1);
    let mut more = 0;
    while count > TENTHS.len() {
        count = count.div_ceil(2);
        more += TENTHS_OF_TWICE;
    }
    TENTHS[count - 1] + more
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn shares_add_up_and_whoever_finds_more_gets_more() {
        let mut arms = Arms::new(&[Tactic::Clocks, Tactic::Pos, Tactic::Walk], &Calibration::default());
        let count =
            |turns: &[(Tactic, u64)], tactic| turns.iter().filter(|(other, _)| *other == tactic).count();
        let first = arms.share_out(128);
        assert_eq!(
            [Tactic::Clocks, Tactic::Pos, Tactic::Walk].map(|tactic| count(&first, tactic)),
            [43, 43, 42]
        );
        for _ in 0..10 {
            arms.credit(Tactic::Pos);
        }
        arms.credit(Tactic::Walk);
        let second = arms.share_out(128);
        assert_eq!(second.len(), 128);
        let shares = [Tactic::Clocks, Tactic::Pos, Tactic::Walk].map(|tactic| count(&second, tactic));
        assert!(shares[0] >= 21 && shares[1] > 70 && shares[2] > 21, "{shares:?}");
        assert_eq!(second.iter().find(|(tactic, _)| *tactic == Tactic::Pos), Some(&(Tactic::Pos, 43)));
        for _ in 0..20 {
            arms.share_out(3);
        }
        assert_eq!(arms.shares(9), vec![3, 3, 3], "what was found long ago does not count");
    }

    #[test]
    fn what_enumerates_gets_an_even_share() {
        let mut arms = Arms::new(&[Tactic::Clocks, Tactic::Urw, Tactic::Delay(2)], &Calibration::default());
        for tactic in [Tactic::Urw, Tactic::Delay(2), Tactic::Delay(2)] {
            arms.credit(tactic);
        }
        arms.share_out(0);
        // Without choices it has three orders: none, one, and two deviations at the one place.
        assert_eq!(arms.shares(120), vec![29, 88, 3]);
        arms.share_out(120);
        assert_eq!(arms.shares(120)[2], 0, "it has tried all");
    }

    #[test]
    fn many_strategies_get_smaller_shares_of_the_five_percent() {
        assert_eq!([1, 2, 8].map(tenths), [30, 37, 51]);
        // ln 180 is 5.19, ln 320 is 5.77, ln 2000 is 7.60.
        assert_eq!([9, 16, 100].map(tenths), [54, 58, 78]);
    }

    #[test]
    fn what_has_tried_all_leaves_its_share_to_all_others() {
        let tactics = [Tactic::Races, Tactic::Clocks, Tactic::Delay(1)];
        let mut arms = Arms::new(&tactics, &Calibration::default());
        // Without races there is the order of scheduling alone, which need not be run twice; without choices there is one
        // place at which to deviate.
        assert_eq!(arms.shares(80), vec![1, 78, 1]);
        assert_eq!(arms.share_out(80)[..3], [(Tactic::Races, 0), (Tactic::Clocks, 0), (Tactic::Delay(1), 1)]);
        assert_eq!(arms.shares(80), vec![0, 80, 0]);
        let mut alone = Arms::new(&[Tactic::Races, Tactic::Delay(1)], &Calibration::default());
        alone.share_out(80);
        assert_eq!(alone.shares(80), vec![10, 70], "they begin again if there is nobody else");
    }

    #[test]
    fn turns_are_spread_evenly_over_a_round() {
        let mut arms = Arms::new(&[Tactic::Clocks, Tactic::Pos, Tactic::Walk], &Calibration::default());
        for _ in 0..3 {
            arms.credit(Tactic::Walk);
        }
        arms.share_out(0);
        assert_eq!(arms.shares(30), vec![5, 5, 20]);
        let turns = arms.share_out(30);
        for made in 1..=30 {
            let of = |tactic| turns[..made].iter().filter(|(other, _)| *other == tactic).count();
            assert!((of(Tactic::Walk) * 3).abs_diff(made * 2) <= 4, "{made}: {turns:?}");
            assert!((of(Tactic::Pos) * 6).abs_diff(made) <= 6, "{made}: {turns:?}");
        }
    }

    #[test]
    fn few_runs_are_shared_out_too() {
        let mut arms = Arms::new(&[Tactic::Clocks, Tactic::Pos], &Calibration::default());
        assert_eq!(arms.share_out(1), vec![(Tactic::Clocks, 0)]);
        assert_eq!(arms.share_out(0), vec![]);
    }
}
