//! Which known word an unknown one was probably meant to be.

/// Returns the candidate nearest to `word` by edit distance, if one is near enough to have been meant: something of the word
/// must be left in it.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let len = word.chars().count();
    let limit = (len / 3).max(1).min(len.saturating_sub(1));
    if word.len() > 64 {
        return None;
    }
    let near = candidates.into_iter().filter(|candidate| candidate.len() <= 80 && *candidate != word);
    let scored = near.map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate));
    scored
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, found)| found)
}

/// Returns the help for a word that is not one of those there are: the one that was meant, or what else is to be said.
#[must_use]
pub fn meant<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(word, candidates).map_or_else(otherwise, |meant| format!("did you mean `{meant}`?"))
}

/// Returns how many insertions, deletions, replacements and swaps of neighbours lead from one word to the other.
fn distance(source: &str, target: &str) -> usize {
    let source: Vec<char> = source.chars().collect();
    let target: Vec<char> = target.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=target.len()).collect();
    for (row, from) in source.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in target.iter().enumerate() {
            let replaced = last[column] + usize::from(from != to);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swap = row > 0 && column > 0 && *from == target[column - 1] && source[row - 1] == *to;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = core::mem::replace(&mut last, current);
    }
    last[target.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_if_it_is_near() {
        let words = ["metric", "name", "dest", "via"];
        assert_eq!(nearest("metrc", words), Some("metric"));
        assert_eq!(nearest("Name", words), Some("name"));
        assert_eq!(nearest("dset", words), Some("dest"));
        assert_eq!(nearest("colour", words), None);
        assert_eq!(nearest("via", words), None);
        assert_eq!(nearest("a", ["b", "ab"]), None);
        assert_eq!(nearest("A", ["b", "a"]), Some("a"));
        assert_eq!(nearest("ab", ["b"]), Some("b"));
    }
}
