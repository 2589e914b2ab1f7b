//! Finding a smallest part that still does it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Returns a part of `items` that still fails and of which no single item can be left out (delta debugging; Zeller and
/// Hildebrandt, 2002). All of them together fail. `fails` is asked about parts, in the order of the items.
pub(crate) fn smallest<T: Clone>(items: &[T], fails: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = items.to_vec();
    if kept.is_empty() || fails(&[]) {
        return Vec::new();
    }
    let mut parts = 2;
    while kept.len() > 1 {
        match smaller(&kept, parts, fails) {
            Some((found, is_one_part)) => {
                kept = found;
                parts = if is_one_part { 2 } else { (parts - 1).max(2) };
            }
            None if parts >= kept.len() => break,
            None => parts = (2 * parts).min(kept.len()),
        }
    }
    kept
}

/// One of so many parts that fails alone, or what is left without one of them; and whether it is one part.
fn smaller<T: Clone>(
    items: &[T],
    parts: usize,
    fails: &mut dyn FnMut(&[T]) -> bool,
) -> Option<(Vec<T>, bool)> {
    let size = items.len().div_ceil(parts);
    if parts < items.len() {
        if let Some(part) = items.chunks(size).find(|part| fails(part)) {
            return Some((part.to_vec(), true));
        }
    }
    (0..items.len()).step_by(size).find_map(|start| {
        let end = (start + size).min(items.len());
        let rest: Vec<T> = items[..start].iter().chain(&items[end..]).cloned().collect();
        fails(&rest).then_some((rest, false))
    })
}

/// Returns every part of `items` that fails and of which no item can be left out, given one of them. For few items: it may
/// ask about all parts.
///
/// A part that does not contain a found one lacks one of its items. So leaving each out in turn leads to all of them.
pub(crate) fn all_smallest<T: Clone + Ord>(
    items: &[T],
    fails: &mut dyn FnMut(&[T]) -> bool,
) -> BTreeSet<Vec<T>> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut open = Vec::from([items.to_vec()]);
    while let Some(part) = open.pop() {
        if !seen.insert(part.clone()) || !fails(&part) {
            continue;
        }
        let smallest = smallest(&part, fails);
        for item in &smallest {
            open.push(part.iter().filter(|other| *other != item).cloned().collect());
        }
        found.insert(smallest);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use tiebreak_kernel::mix;

    /// A monotone condition: one of some sets is contained.
    fn contains_one(causes: &[Vec<u32>], part: &[u32]) -> bool {
        causes.iter().any(|cause| cause.iter().all(|item| part.contains(item)))
    }

    fn is_minimal(causes: &[Vec<u32>], part: &[u32]) -> bool {
        let without = |item: &u32| part.iter().copied().filter(|other| other != item).collect::<Vec<u32>>();
        contains_one(causes, part) && part.iter().all(|item| !contains_one(causes, &without(item)))
    }

    fn random_causes(seed: u64, items: u64) -> Vec<Vec<u32>> {
        (0..=mix(seed) % 4)
            .map(|cause| {
                let size = 1 + mix(seed ^ cause << 8) % 4;
                let item = |at| u32::try_from(mix(seed ^ cause << 16 ^ at << 24) % items).unwrap_or(0);
                (0..size).map(item).collect()
            })
            .collect()
    }

    #[test]
    fn nothing_can_be_left_out_of_what_is_found() {
        let items: Vec<u32> = (0..40).collect();
        for seed in 0..500 {
            let causes = random_causes(seed, 40);
            let mut asked = 0;
            let found = smallest(&items, &mut |part| {
                asked += 1;
                contains_one(&causes, part)
            });
            assert!(is_minimal(&causes, &found), "{seed}: {found:?} of {causes:?}");
            assert!(asked < 400, "{seed}: {asked}");
        }
    }

    #[test]
    fn what_fails_without_anything_needs_nothing() {
        assert_eq!(smallest(&[1, 2, 3], &mut |_| true), Vec::<i32>::new());
        assert_eq!(smallest(&[], &mut |_: &[i32]| unreachable!("there is nothing to leave out")), vec![]);
    }

    #[test]
    fn all_smallest_are_those_that_brute_force_finds() {
        let items: Vec<u32> = (0..9).collect();
        for seed in 0..200 {
            let causes = random_causes(seed, 9);
            let found = all_smallest(&items, &mut |part| contains_one(&causes, part));
            let part =
                |bits: u32| items.iter().copied().filter(|item| bits >> item & 1 == 1).collect::<Vec<u32>>();
            let expected: BTreeSet<Vec<u32>> =
                (0..1 << 9).map(part).filter(|part| is_minimal(&causes, part)).collect();
            assert_eq!(found, expected, "{seed}: {causes:?}");
        }
    }
}
