//! Aligning the records of two traces, at a cost that stays bounded where nearly nothing is the same any more.
//!
//! A shortest difference costs the product of the lengths in the worst case. Where that is too much, records that occur
//! once on each side are matched first: as many of them as stand in the same order on both. A shortest difference is then
//! looked for between two matches only, and a part that is still too long counts as replaced.

use alloc::collections::BTreeMap;
use core::convert::Infallible;
use core::hash::Hash;
use core::ops::Range;

use similar::algorithms::{Capture, Compact, DiffHook, NoFinishHook, Replace, myers};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use tiebreak_inquiry::in_same_order;

/// The largest product of two lengths of which a shortest difference is looked for.
const PRODUCT_MAX: usize = 4_000_000;

/// Returns what is the same and what is not, in order.
pub(crate) fn align<K: Ord + Hash>(then: &[K], now: &[K]) -> Vec<DiffOp> {
    if is_affordable(then.len(), now.len()) {
        return capture_diff_slices(Algorithm::Myers, then, now);
    }
    let mut hook = Compact::new(Replace::new(Capture::new()), then, now);
    let Ok(()) = through_matches((then, now), &mut hook);
    hook.into_inner().into_inner().into_ops()
}

const fn is_affordable(then: usize, now: usize) -> bool {
    then.saturating_mul(now) <= PRODUCT_MAX
}

/// Tells the hook what is the same and what is not, part by part.
fn through_matches<K: Ord>(
    (then, now): (&[K], &[K]),
    hook: &mut impl DiffHook<Error = Infallible>,
) -> Result<(), Infallible> {
    let alike = then.iter().zip(now).take_while(|(then, now)| then == now).count();
    hook.equal(0, 0, alike)?;
    let (mut old, mut new) = (alike, alike);
    for (matched_old, matched_new) in in_same_order(&unique_matches((then, now), alike)) {
        part((then, now), (old..matched_old, new..matched_new), hook)?;
        hook.equal(matched_old, matched_new, 1)?;
        (old, new) = (matched_old + 1, matched_new + 1);
    }
    part((then, now), (old..then.len(), new..now.len()), hook)?;
    hook.finish()
}

/// Tells the hook how a part differs: exactly, unless that costs too much.
fn part<K: Ord>(
    (then, now): (&[K], &[K]),
    (old, new): (Range<usize>, Range<usize>),
    hook: &mut impl DiffHook<Error = Infallible>,
) -> Result<(), Infallible> {
    if is_affordable(old.len(), new.len()) {
        return myers::diff(&mut NoFinishHook::new(hook), then, old, now, new);
    }
    hook.delete(old.start, old.len(), new.start)?;
    hook.insert(old.end, new.start, new.len())
}

/// Returns where the keys stand that occur once on each side behind the first so many, in the order of the new side.
fn unique_matches<K: Ord>((then, now): (&[K], &[K]), skipped: usize) -> Vec<(usize, usize)> {
    // Where a key stands if it occurs once.
    fn places<K: Ord>(keys: &[K], skipped: usize) -> BTreeMap<&K, Option<usize>> {
        let mut places = BTreeMap::new();
        for (index, key) in keys.iter().enumerate().skip(skipped) {
            places.entry(key).and_modify(|place| *place = None).or_insert(Some(index));
        }
        places
    }
    let (old_places, new_places) = (places(then, skipped), places(now, skipped));
    let mut matches: Vec<(usize, usize)> =
        new_places.iter().filter_map(|(key, new)| Some(((*old_places.get(key)?)?, (*new)?))).collect();
    matches.sort_by_key(|(_, new)| *new);
    matches
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering;
    use core::hash::Hasher;
    use core::sync::atomic::{AtomicU64, Ordering as Atomic};

    use super::*;

    /// What is kept on both sides, in order.
    fn kept(then: &[u32], now: &[u32]) -> Vec<u32> {
        let ops = align(then, now);
        let (mut old, mut new) = (0, 0);
        for op in &ops {
            assert_eq!((op.old_range().start, op.new_range().start), (old, new), "nothing is left out");
            (old, new) = (op.old_range().end, op.new_range().end);
        }
        assert_eq!((old, new), (then.len(), now.len()));
        let same = ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. }));
        same.flat_map(|op| {
            assert_eq!(then[op.old_range()], now[op.new_range()]);
            op.old_range().map(|index| then[index])
        })
        .collect()
    }

    #[test]
    fn few_changes_in_much_are_found_exactly() {
        let then: Vec<u32> = (0..5_000).collect();
        let mut now = then.clone();
        now.remove(4_000);
        now.insert(1_000, 9_999);
        now.swap(2_000, 2_001);
        let kept = kept(&then, &now);
        assert_eq!(kept.len(), 4_998);
        assert!(!kept.contains(&4_000) && !kept.contains(&9_999));
    }

    #[test]
    fn keys_that_occur_twice_are_found_between_those_that_occur_once() {
        let then: Vec<u32> = (0..5_000).map(|number| if number % 3 == 0 { 0 } else { number }).collect();
        let mut now = then.clone();
        now.remove(3_000);
        now.insert(1, 7_777);
        assert_eq!(kept(&then, &now).len(), 4_999);
    }

    /// A key that counts how often it is compared.
    #[derive(Clone)]
    struct Counted(u32);

    static COMPARED: AtomicU64 = AtomicU64::new(0);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other) == Ordering::Equal
        }
    }
    impl Eq for Counted {}
    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> Ordering {
            COMPARED.fetch_add(1, Atomic::Relaxed);
            self.0.cmp(&other.0)
        }
    }
    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn where_all_is_other_the_cost_is_not_the_product() {
        let then: Vec<Counted> = (0..20_000).map(Counted).collect();
        let backwards: Vec<Counted> = then.iter().rev().cloned().collect();
        let others: Vec<Counted> = (20_000..40_000).map(Counted).collect();
        let twice: Vec<Counted> = (0..20_000).map(|number| Counted(number % 500)).collect();
        let thrice: Vec<Counted> = (0..20_000).map(|number| Counted(number * 7 % 500)).collect();
        for (then, now) in [(&then, &backwards), (&then, &others), (&twice, &thrice)] {
            let before = COMPARED.load(Atomic::Relaxed);
            assert!(!align(then, now).is_empty());
            let compared = COMPARED.load(Atomic::Relaxed) - before;
            assert!(compared < 50_000_000, "{compared} comparisons");
        }
    }
}
