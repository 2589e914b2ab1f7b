//! Where a byte of a text stands, as people count.

/// A place in a file as people count: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Returns the place of a byte of `source`; past the end it is the end.
///
/// Its cost is proportional to the offset; for many places of one text see [`Places`].
#[must_use]
pub fn location(source: &str, offset: usize) -> Location {
    Places::new(source).locate(offset)
}

/// The places of many bytes of one text. In ascending order of the offsets all of them cost one pass over the text.
#[derive(Debug, Clone)]
pub struct Places<'t> {
    source: &'t str,
    /// The offset that was asked for last, and its place.
    offset: usize,
    last: Location,
    /// Where the line of that place starts.
    line_start: usize,
}

impl<'t> Places<'t> {
    /// The places of a text.
    #[must_use]
    pub const fn new(source: &'t str) -> Self {
        Self { source, offset: 0, last: Location { line: 1, column: 1 }, line_start: 0 }
    }

    /// Returns the place of a byte of the text; past the end it is the end.
    ///
    /// Its cost is the distance from the place that was asked for before. An earlier line is counted from the beginning.
    pub fn locate(&mut self, offset: usize) -> Location {
        let offset = if self.source.is_char_boundary(offset) { offset } else { self.source.len() };
        if offset < self.line_start {
            *self = Self::new(self.source);
        } else if offset < self.offset {
            (self.offset, self.last.column) = (self.line_start, 1);
        }
        let between = &self.source[self.offset..offset];
        if let Some(newline) = between.rfind('\n') {
            self.last.line += between.bytes().filter(|byte| *byte == b'\n').count();
            self.line_start = self.offset + newline + 1;
            self.last.column = 1 + self.source[self.line_start..offset].chars().count();
        } else {
            self.last.column += between.chars().count();
        }
        self.offset = offset;
        self.last
    }
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
    fn the_order_of_the_questions_does_not_matter() {
        let source = "äö\n\nüxy\nz";
        let offsets: Vec<usize> = (0..=source.len()).filter(|at| source.is_char_boundary(*at)).collect();
        for first in &offsets {
            for second in &offsets {
                let mut places = Places::new(source);
                assert_eq!(places.locate(*first), location(source, *first));
                assert_eq!(places.locate(*second), location(source, *second), "{first} {second}");
            }
        }
    }
}
