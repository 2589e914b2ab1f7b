//! How much may be spent on a find.

use crate::history::History;

/// How many runs are spent on a find, unless the runs are long.
const RUNS_MAX: u64 = 40_000;
/// How many events all those runs have, about.
const EVENTS: u64 = 5_000_000;

/// How many runs may be spent on making a find small, and whether somebody wants an end before that.
#[derive(Clone)]
pub struct Effort<'e> {
    seed: u64,
    left: u64,
    spent: u64,
    goes_on: &'e dyn Fn() -> bool,
}

impl core::fmt::Debug for Effort<'_> {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { seed, left, spent, .. } = self;
        out.debug_struct("Effort").field("seed", seed).field("left", left).field("spent", spent).finish()
    }
}

impl Effort<'static> {
    /// What is spent on the find of a run: 40,000 runs, or about 5 million events if that is less. The orders that are
    /// tried follow from the seed.
    #[must_use]
    pub fn on(history: &History, seed: u64) -> Self {
        let events = history.dispatches.len() as u64;
        Self::new(seed, (EVENTS / events.max(1)).min(RUNS_MAX))
    }

    /// So many runs; the orders that are tried follow from the seed.
    #[must_use]
    pub fn new(seed: u64, runs: u64) -> Self {
        Self { seed, left: runs, spent: 0, goes_on: &|| true }
    }
}

impl Effort<'_> {
    /// The same effort, as long as `goes_on` says so: it is asked before each run, and now and then.
    #[must_use]
    pub fn while_it(self, goes_on: &dyn Fn() -> bool) -> Effort<'_> {
        let Self { seed, left, spent, .. } = self;
        Effort { seed, left, spent, goes_on }
    }

    /// Returns how many runs were spent.
    #[must_use]
    pub const fn spent(&self) -> u64 {
        self.spent
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// Half of what is left, to be [taken back](Effort::take_back) when it was used.
    pub(crate) fn half(&self) -> Self {
        Self { left: self.left / 2, spent: 0, ..self.clone() }
    }

    pub(crate) const fn take_back(&mut self, half: &Self) {
        self.spent += half.spent;
        self.left -= half.spent;
    }

    /// Whether nothing may be spent any more.
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0 || !(self.goes_on)()
    }

    /// Whether one more run may be made; it counts as spent.
    pub(crate) fn spend(&mut self) -> bool {
        let may_run = !self.is_over();
        self.left -= u64::from(may_run);
        self.spent += u64::from(may_run);
        may_run
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use tiebreak_kernel::Instant;

    use super::*;
    use crate::directory::Directory;
    use crate::history::Dispatch;

    /// How many runs may be made.
    fn runs(effort: &mut Effort<'_>) -> u64 {
        let before = effort.spent();
        while effort.spend() {}
        effort.spent() - before
    }

    #[test]
    fn long_runs_are_made_fewer_times() {
        let name = Directory::default().intern("a/does");
        let event = Dispatch {
            name,
            actor: 1,
            repeat: 1,
            repeat_of_cause: 1,
            cause: 0,
            at: Instant::from_nanos(1),
            lane: None,
            phase: 0,
        };
        for (events, expected) in [(0, 40_000), (125, 40_000), (5_000, 1_000), (20_000, 250)] {
            let mut history = History::default();
            history.dispatches.resize(events, event);
            assert_eq!(runs(&mut Effort::on(&history, 1)), expected, "{events} events");
        }
    }

    #[test]
    fn what_is_left_of_a_half_is_given_back() {
        let mut effort = Effort::new(9, 20);
        assert!(effort.spend() && effort.spend());
        assert_eq!((effort.half().seed(), effort.seed()), (9, 9));
        let mut half = effort.half();
        assert!(half.spend() && half.spend() && half.spend());
        effort.take_back(&half);
        assert_eq!((effort.spent(), effort.is_over()), (5, false));
        assert_eq!(runs(&mut effort.half()), 7, "half of 15");
        assert_eq!(runs(&mut effort), 15);
        assert!(effort.is_over());
    }

    #[test]
    fn nothing_is_spent_when_somebody_wants_an_end() {
        let left = Cell::new(3);
        let goes_on = || left.replace(left.get() - 1) > 0;
        let mut effort = Effort::new(1, 20).while_it(&goes_on);
        assert_eq!(runs(&mut effort), 3);
    }
}
