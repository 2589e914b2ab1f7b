//! The most pairs that stand in the same order on two sides.

/// Returns a longest selection of pairs, given in the order of the second side, that is in order on the first side too:
/// a longest increasing subsequence, by patience sorting. A pair goes on the first pile whose top stands behind it, and
/// remembers the top of the pile before.
///
/// # Cost
/// Of `n` pairs, about `n · log n` comparisons; as many as there are pairs if they are in order.
#[must_use]
pub fn in_same_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The first number of the top of each pile, and which pair that is.
    let mut tops: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (first, _)) in pairs.iter().enumerate() {
        let is_behind_all = tops.last().is_none_or(|(top, _)| top < first);
        let pile = if is_behind_all { tops.len() } else { tops.partition_point(|(top, _)| top < first) };
        before.push(pile.checked_sub(1).map(|pile| tops[pile].1));
        if is_behind_all {
            tops.push((*first, index));
        } else {
            tops[pile] = (*first, index);
        }
    }
    let mut longest = Vec::with_capacity(tops.len());
    let mut next = tops.last().map(|(_, index)| *index);
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
