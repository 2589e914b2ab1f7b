//! The most pairs that stand in the same order on two sides.

/// Returns a longest selection of pairs, given in the order of the second side, that is in order on the first side too:
/// a longest increasing subsequence, by patience sorting. A pair goes on the first pile whose top stands behind it, and
/// remembers the top of the pile before.
///
/// # Cost
/// Of `n` pairs, about `n · log n` comparisons.
#[must_use]
pub fn in_same_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (first, _)) in pairs.iter().enumerate() {
        let pile = tops.partition_point(|top| pairs[*top].0 < *first);
        before.push(pile.checked_sub(1).map(|pile| tops[pile]));
        if pile == tops.len() {
            tops.push(index);
        } else {
            tops[pile] = index;
        }
    }
    let mut longest = Vec::with_capacity(tops.len());
    let mut next = tops.last().copied();
    while let Some(index) = next {
        longest.push(pairs[index]);
        next = before[index];
    }
    longest.reverse();
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longest_order_is_found() {
        let pairs = [(5, 0), (1, 1), (2, 2), (9, 3), (3, 4), (0, 5), (4, 6)];
        assert_eq!(in_same_order(&pairs), [(1, 1), (2, 2), (3, 4), (4, 6)]);
        assert_eq!(in_same_order(&[]), []);
    }
}
