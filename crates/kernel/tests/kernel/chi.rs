//! The chi-squared test in whole numbers: bounds in thousandths.

/// Asserts that counts agree with their weights; `bound` is where 99.9 % of fair ones stay below, in thousandths.
///
/// With N observations, weights summing to W and counts O, chi squared is W/N · Σ O²/w − N.
pub(crate) fn check_weighted(counts: &[u64], weights: &[u64], bound: u128) {
    let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    let weight: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let scaled: u128 = counts
        .iter()
        .zip(weights)
        .map(|(count, share)| u128::from(*count).pow(2) * weight * 1000 / u128::from(*share))
        .sum();
    let chi = (scaled / total).saturating_sub(total * 1000);
    assert!(chi < bound, "chi squared {chi}/1000 is beyond {bound}/1000: {counts:?}");
}

/// The same for counts that should be alike; the bound follows from their number.
pub(crate) fn check_even(counts: &[u64]) {
    let bound = match counts.len() {
        2 => 10_828,
        3 => 13_816,
        4 => 16_266,
        6 => 20_515,
        16 => 37_697,
        24 => 49_728,
        100 => 148_230,
        576 => 685_600,
        other => panic!("no bound is written down for {other} counts"),
    };
    check_weighted(counts, &vec![1; counts.len()], bound);
}

/// The rank of a permutation of 0..n among all, from 0.
pub(crate) fn rank(order: &[u64]) -> usize {
    let smaller_behind = |at: usize| order[at..].iter().filter(|other| **other < order[at]).count();
    (0..order.len()).fold(0, |rank, at| rank * (order.len() - at) + smaller_behind(at))
}

#[test]
fn permutations_are_ranked_without_gaps() {
    assert_eq!(
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(|order| rank(&order)),
        [0, 1, 2, 3, 4, 5]
    );
}

#[test]
fn even_counts_pass() {
    check_even(&[1000, 1030]);
    check_weighted(&[1000, 2040], &[1, 2], 10_828);
}

#[test]
#[should_panic(expected = "is beyond")]
fn uneven_counts_fail() {
    check_even(&[1000, 1160]);
}

#[test]
#[should_panic(expected = "is beyond")]
fn wrong_weights_fail() {
    check_weighted(&[1000, 1000], &[1, 2], 10_828);
}
