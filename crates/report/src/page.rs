//! A picture of a trace, or of two and how they differ: one HTML file that needs nothing else.
//!
//! ```text
//!   Trace ─────────────┐            ┌─ page.html, page.css, *.js, as they stand in page/assets
//!   Comparison ──► data (JSON) ──► one file, written to a fmt::Write
//! ```
//!
//! The page gets no markup from a trace. All of it is one JSON text in an element that browsers do not run, and the scripts
//! put it on the page as text. So a name such as `</script>` is shown, and does nothing.
//!
//! # What it lacks
//! Parts of the page for browsers without scripts. A page shows what it holds at once; there is no paging and no server.

mod data;
mod json;
mod rows;

use core::fmt;

use tiebreak_trace::Trace;

use self::data::{write_comparison, write_trace};

/// The page with marks where the other parts go.
const FRAME: &str = include_str!("page/assets/page.html");
/// How it looks.
const STYLE: &str = include_str!("page/assets/page.css");
/// What it does: one script, in the order in which its parts need each other.
const SCRIPTS: [&str; 14] = [
    include_str!("page/assets/data.js"),
    include_str!("page/assets/state.js"),
    include_str!("page/assets/words.js"),
    include_str!("page/assets/query.js"),
    include_str!("page/assets/address.js"),
    include_str!("page/assets/diagram.js"),
    include_str!("page/assets/rows.js"),
    include_str!("page/assets/overview.js"),
    include_str!("page/assets/details.js"),
    include_str!("page/assets/compare.js"),
    include_str!("page/assets/panel.js"),
    include_str!("page/assets/keys.js"),
    include_str!("page/assets/print.js"),
    include_str!("page/assets/main.js"),
];

/// Two traces and how their records pair; [`Comparison::of`] makes it from what `tiebreak_inquiry::compare` has found.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The trace on the left, called A on the page.
    pub left: &'a Trace,
    /// The trace on the right, called B on the page.
    pub right: &'a Trace,
    /// The rows from top to bottom. Each record should stand in one row; what stands in none is not shown.
    pub rows: Vec<Row>,
    /// The index of the row, from 0, at which the traces part: the page opens there.
    pub divergence: Option<usize>,
}

/// A record of the left trace beside one of the right, or alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The number of the record in the left trace, from 1.
    pub left: Option<u64>,
    /// The number of the record in the right trace, from 1.
    pub right: Option<u64>,
    /// How they differ.
    pub mark: Mark,
}

/// How the records of a row differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// They are the same.
    Same,
    /// They are the same event or note with other facts, another cause or another instant.
    Changed,
    /// It ran elsewhere in the order. Such a record has two rows with both of its numbers: one at its place in the left
    /// trace, one at its place in the right. The row shows the record of this side only, and where the other one stands.
    Moved(Side),
    /// Only the left trace has it.
    OnlyLeft,
    /// Only the right trace has it.
    OnlyRight,
}

/// One of the two traces of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one on the left.
    Left,
    /// The one on the right.
    Right,
}

/// Writes the picture of a trace as one HTML file. The title says what was run, such as the path of a scenario.
///
/// ```
/// # use tiebreak_kernel::Settings;
/// # use tiebreak_trace::{Digest, Header, Tracer};
/// # let trace = Tracer::new(Header::new(1, Digest::of(b""), &Settings::default())).into_trace();
/// let mut page = String::new();
/// tiebreak_report::page::write_page("scenarios/quickstart/first-route.ron", &trace, &mut page)?;
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// # Ok::<(), core::fmt::Error>(())
/// ```
///
/// # Cost
/// Reads each record once. The file has some 100 KB without records, and some 15 to 30 bytes for each.
///
/// # Errors
/// Only those of `out`.
pub fn write_page(title: &str, trace: &Trace, out: &mut dyn fmt::Write) -> fmt::Result {
    write_frame(title, out, &|out| write_trace(title, trace, out))
}

/// Writes two traces side by side as one HTML file. The title says what was compared; the names say what each trace is, left
/// first, such as `seed 1` and `seed 2`. Numbers of records that a trace does not have are left out.
///
/// # Cost
/// Reads each record of both once.
///
/// # Errors
/// Only those of `out`.
pub fn write_comparison_page(
    title: &str,
    names: [&str; 2],
    comparison: &Comparison<'_>,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    write_frame(title, out, &|out| write_comparison(title, names, comparison, out))
}

/// Writes the frame and what belongs at its marks.
fn write_frame(
    title: &str,
    out: &mut dyn fmt::Write,
    write_data: &dyn Fn(&mut dyn fmt::Write) -> fmt::Result,
) -> fmt::Result {
    // Text between two marks, each mark by its word: `@@style@@`.
    for (index, piece) in FRAME.split("@@").enumerate() {
        match piece {
            _ if index % 2 == 0 => out.write_str(piece)?,
            "title" => write_html_text(title, out)?,
            "style" => out.write_str(STYLE)?,
            "data" => write_data(out)?,
            "scripts" => SCRIPTS.iter().try_for_each(|script| out.write_str(script))?,
            other => unreachable!("the frame has an unknown mark: {other}"),
        }
    }
    Ok(())
}

/// Writes text between tags.
fn write_html_text(text: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    for character in text.chars() {
        match character {
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '&' => out.write_str("&amp;")?,
            _ => out.write_char(character)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
