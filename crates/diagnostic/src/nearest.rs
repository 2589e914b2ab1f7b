//! Which known word an unknown one was probably meant to be.

/// The longest word for which one that was meant is searched, in bytes.
const WORD_BYTES_MAX: usize = 64;
/// The longest candidate, in bytes.
const CANDIDATE_BYTES_MAX: usize = 80;
/// The most candidates that are tried for one word; those after them are not.
pub const CANDIDATES_MAX: usize = 4_096;

/// Returns the candidate nearest to `word` by edit distance, if one is near enough to have been meant: something of the word
/// must be left in it. Of equally near ones it is the first. At most [`CANDIDATES_MAX`] are tried.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let len = word.chars().count();
    let source: Vec<char> = word.to_lowercase().chars().collect();
    let mut limit = (len / 3).max(1).min(len.saturating_sub(1));
    let (mut best, mut rows) = (None, Rows::default());
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        if candidate.len() > CANDIDATE_BYTES_MAX || candidate == word {
            continue;
        }
        let Some(distance) = rows.distance(&source, candidate, limit) else { continue };
        best = Some(candidate);
        if distance == 0 {
            break;
        }
        // Only a nearer one is better.
        limit = distance - 1;
    }
    best
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

/// The rows of the table of distances between the beginnings of two words: the current one and the two before it.
#[derive(Debug, Default)]
struct Rows {
    target: Vec<char>,
    before_last: Vec<usize>,
    last: Vec<usize>,
    current: Vec<usize>,
}

impl Rows {
    /// Returns how many insertions, deletions, replacements and swaps of neighbours lead from a word in lower case to a
    /// candidate, if they are at most `limit`.
    fn distance(&mut self, source: &[char], candidate: &str, limit: usize) -> Option<usize> {
        self.target.clear();
        self.target.extend(candidate.chars().flat_map(char::to_lowercase));
        let len = self.target.len();
        // Each character more or less is an insertion or a deletion.
        if source.len().abs_diff(len) > limit {
            return None;
        }
        self.last.clear();
        self.last.extend(0..=len);
        for (row, from) in source.iter().enumerate() {
            self.current.clear();
            self.current.push(row + 1);
            for (column, to) in self.target.iter().enumerate() {
                let replaced = self.last[column] + usize::from(from != to);
                let mut best = replaced.min(self.last[column + 1] + 1).min(self.current[column] + 1);
                let is_swap =
                    row > 0 && column > 0 && *from == self.target[column - 1] && source[row - 1] == *to;
                if is_swap {
                    best = best.min(self.before_last[column - 1] + 1);
                }
                self.current.push(best);
            }
            // What follows is not less than the least of two rows: a swap steps over one of them.
            let least = self.last.iter().chain(&self.current).min();
            if least.is_some_and(|least| *least > limit) {
                return None;
            }
            core::mem::swap(&mut self.before_last, &mut self.last);
            core::mem::swap(&mut self.last, &mut self.current);
        }
        Some(self.last[len]).filter(|distance| *distance <= limit)
    }
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

    #[test]
    fn a_word_is_tried_against_a_bounded_number_of_candidates() {
        let mut tried = 0;
        let others = core::iter::repeat("zzzz").inspect(|_| tried += 1);
        assert_eq!(nearest("metrc", others), None);
        assert_eq!(tried, CANDIDATES_MAX);
        assert_eq!(nearest(&"x".repeat(WORD_BYTES_MAX + 1), core::iter::repeat_with(|| panic!())), None);
    }

    #[test]
    fn the_first_of_the_nearest_is_offered() {
        assert_eq!(nearest("metrc", ["merc", "metrics", "metric", "metra"]), Some("merc"));
        assert_eq!(nearest("metriks", ["merck", "metrics", "metrikz"]), Some("metrics"));
        assert_eq!(nearest("abcdefghi", ["badcfehgi", "abcdefxyz", "bacdfeghi"]), Some("bacdfeghi"));
        assert_eq!(nearest("abcdef", ["badcef"]), Some("badcef"));
    }
}
