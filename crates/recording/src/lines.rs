//! Lines of a recording and their fields, with where they stand.

use core::ops::Range;

/// A line of a recording.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Line<'t> {
    /// Which one it is, from 1.
    pub(crate) number: u64,
    /// Where it starts.
    pub(crate) at: usize,
    /// What it says, without the line break.
    pub(crate) text: &'t str,
}

/// Returns the lines of a recording that are not empty. A byte order mark before them is nothing.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let content = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut next = text.len() - content.len();
    let lines = (1..).zip(content.split_inclusive('\n')).map(move |(number, line)| {
        let at = next;
        next += line.len();
        Line { number, at, text: line.trim_end() }
    });
    lines.filter(|line| !line.text.is_empty())
}

impl<'t> Line<'t> {
    /// Returns where it stands.
    pub(crate) fn span(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// Returns what stands between separators, and where.
    pub(crate) fn fields(self, separator: char) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        let mut next = self.at;
        self.text.split(separator).map(move |field| {
            let span = next..next + field.len();
            next = span.end + separator.len_utf8();
            (field, span)
        })
    }
}
