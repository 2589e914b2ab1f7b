//! What is wrong with a file, where, and what would be right.

use core::fmt;
use core::ops::Range;

use tiebreak_kernel::is_invisible;

use crate::code;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but this is probably a mistake.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One mistake of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its code, `S` and three digits; docs/SCENARIO.md explains each.
    pub code: &'static str,
    /// Which bytes of the file it is about; both ends on character boundaries, within the file.
    pub span: Range<usize>,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// A few words to put below the place; may be empty.
    pub label: String,
    /// What would be right; may be empty.
    pub help: String,
}

/// A place in a file as people count: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Diagnostic {
    /// Returns an error at a place.
    pub(crate) fn error(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        let (label, help) = (String::new(), String::new());
        Self { severity: Severity::Error, code, span, message: visible(message), label, help }
    }

    /// Returns a warning at a place.
    pub(crate) fn warning(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Returns that more mistakes were found than are reported, at the end of a file.
    pub(crate) fn more(more: usize, end: usize) -> Self {
        let verb = if more == 1 { "is" } else { "are" };
        let message = format!("there {verb} {}", counted(more, "more mistake"));
        Self::error(code::MORE, end..end, message).help("fix some of these first")
    }

    /// Adds the words below the place.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = visible(label);
        self
    }

    /// Adds what would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = visible(help);
        self
    }

    /// Returns where it starts in `source`, the text it was found in.
    #[must_use]
    pub fn location(&self, source: &str) -> Location {
        location(source, self.span.start)
    }

    /// Returns one line: `file:line:column: error[S010]: message; help`.
    #[must_use]
    pub fn line(&self, file_name: &str, source: &str) -> String {
        let Location { line, column } = self.location(source);
        let Self { severity, code, message, help, .. } = self;
        let separator = if help.is_empty() { "" } else { "; " };
        format!("{file_name}:{line}:{column}: {severity}[{code}]: {message}{separator}{help}")
    }
}

/// Returns how many there are of something: `1 cell`, `2 cells`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Returns a text with what cannot be seen in it escaped: a file must not command the terminal it is reported on.
fn visible(text: impl Into<String>) -> String {
    let text: String = text.into();
    if !text.contains(is_invisible) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Returns the place of a byte of `source`; past the end it is the end.
#[must_use]
pub fn location(source: &str, offset: usize) -> Location {
    let before = source.get(..offset).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Location { line, column: before[line_start..].chars().count() + 1 }
}

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
pub(crate) fn meant<'a>(
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
    fn columns_count_characters() {
        let source = "äö\nüx";
        assert_eq!(location(source, 0), Location { line: 1, column: 1 });
        assert_eq!(location(source, 4), Location { line: 1, column: 3 });
        assert_eq!(location(source, 7), Location { line: 2, column: 2 });
        assert_eq!(location(source, 99), Location { line: 2, column: 3 });
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        let error = Diagnostic::error("S000", 0..0, "no `\u{1b}[31m`").help("write ü, not\n`\u{202E}`");
        assert_eq!(error.message, "no `\\u{1b}[31m`");
        assert_eq!(error.help, "write ü, not\\u{a}`\\u{202e}`");
    }

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
