//! Texts by the cells of a terminal that they take.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands for what was left out of a text.
const CUT: char = '…';

/// Returns how many cells of a terminal a text takes: wide characters take two, and what joins the character before it none.
#[must_use]
pub fn cells(text: &str) -> usize {
    text.width()
}

/// Returns a text with blanks behind it, so that it takes at least so many cells.
#[must_use]
pub fn padded(text: &str, width: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(core::iter::repeat_n(' ', width.saturating_sub(cells(text))));
    padded
}

/// Returns a text in at most so many cells, with its end and its beginning: what stands at the end tells events apart.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else { return String::new() };
    let behind = room / 3;
    let pieces: Vec<&str> = pieces(text).collect();
    let fitting = |pieces: &mut dyn Iterator<Item = &&str>, room: usize| {
        let mut taken = 0;
        let fits = |piece: &&&str| {
            taken += cells(piece);
            taken <= room
        };
        pieces.take_while(fits).count()
    };
    let head = fitting(&mut pieces.iter(), room - behind);
    let tail = fitting(&mut pieces[head..].iter().rev(), behind);
    let mut short: String = pieces[..head].concat();
    short.push(CUT);
    short.push_str(&pieces[pieces.len() - tail..].concat());
    short
}

/// The characters of a text, each with what joins it and takes no cell.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.char_indices().filter(|(at, c)| *at == 0 || c.width() != Some(0));
    let mut starts = starts.map(|(at, _)| at).peekable();
    core::iter::from_fn(move || {
        let start = starts.next()?;
        Some(&text[start..starts.peek().copied().unwrap_or(text.len())])
    })
}

/// One line of a terminal, in cells: texts are written over each other.
#[derive(Debug)]
pub(crate) struct Line {
    /// What stands in each cell; nothing where a wide character goes on.
    cells: Vec<String>,
}

impl Line {
    /// A line of so many blanks.
    pub(crate) fn new(width: usize) -> Self {
        Self { cells: vec![" ".to_owned(); width] }
    }

    /// Writes a text from a cell on. What does not fit is left out.
    pub(crate) fn write(&mut self, start: usize, text: &str) {
        let mut place = start;
        for piece in pieces(text) {
            let width = cells(piece);
            let Some(own) = self.cells.get_mut(place..place + width) else { return };
            own.fill(String::new());
            if let Some(first) = own.first_mut() {
                piece.clone_into(first);
            }
            place += width;
        }
    }

    /// The text of the line, without blanks at its end.
    pub(crate) fn text(&self) -> String {
        self.cells.concat().trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_cells_and_accents_none() {
        assert_eq!((cells("rip"), cells("路由"), cells("e\u{301}te"), cells("│…·")), (3, 4, 3, 3));
        assert_eq!((padded("路", 4), padded("rip1", 2)), ("路  ".to_owned(), "rip1".to_owned()));
        assert_eq!(pieces("路e\u{301}x").collect::<Vec<_>>(), ["路", "e\u{301}", "x"]);
    }

    #[test]
    fn what_is_cut_fits_whatever_its_characters_are() {
        let said = "· RtmAddRouteToDest(10.0.0.0/8) metric=3 change=best";
        assert_eq!(cut(said, 30), "· RtmAddRouteToDest(…ange=best");
        assert_eq!([cut(said, 1), cut(said, 0), cut("as it is", 8)], ["…", "", "as it is"]);
        assert_eq!(cut("路由路由路由", 8), "路由…由");
        let mixed = "a路e\u{301}由b路由c路由d";
        for width in 1..=cells(mixed) {
            let short = cut(mixed, width);
            assert!(
                cells(&short) <= width && cells(&short) + 2 >= width.min(cells(mixed)),
                "{width} {short}"
            );
        }
    }

    #[test]
    fn what_is_written_over_a_line_stands_where_it_was_put() {
        let mut line = Line::new(9);
        line.write(0, "│");
        line.write(6, "│");
        line.write(2, "路e\u{301}");
        assert_eq!(line.text(), "│ 路e\u{301} │");
        line.write(6, "路由");
        assert_eq!(line.text(), "│ 路e\u{301} 路");
    }
}
