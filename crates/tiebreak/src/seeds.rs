//! Trying seeds.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use tiebreak_trace::Digest;

/// Runs every seed and returns the first of each distinct outcome, in the order given: one seed an order.
///
/// `run` returns the digest of whatever counts as an outcome: [`Fingerprinter::run`](crate::Fingerprinter::run) for
/// the whole run ([`RunFingerprinter`](crate::RunFingerprinter) takes it for less), or the digest of one actor's layer.
///
/// If seeds find fewer orders than expected, some events may share a name, so that none can swap them:
/// [`twins_warning`](crate::twins_warning) says which.
pub fn first_seeds(seeds: impl IntoIterator<Item = u64>, mut run: impl FnMut(u64) -> Digest) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    seeds.into_iter().filter(|seed| seen.insert(run(*seed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_first_seed_of_each_outcome_is_kept() {
        let run = |seed| Digest::new(u128::from(seed % 3));
        assert_eq!(first_seeds([5, 7, 8, 4, 9, 2], run), vec![5, 7, 9]);
        assert_eq!(first_seeds([], run), Vec::<u64>::new());
    }
}
