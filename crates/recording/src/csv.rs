//! Rows of a CSV, whose columns are found by the names in its header.
//!
//! Columns: `unix_s`, `us`, `peer`, `op` (`A` announce, `W` withdraw, `S` session), `prefix` (for `S` the states `old>new`), and
//! for `A` alone `next_hop`, `as_path_len`, `origin_as`.

use alloc::borrow::Cow;

use tiebreak_diagnostic::{Diagnostic, code, counted, meant};

use crate::lines::{Line, lines};
use crate::recording::{MISTAKES_MAX, Row};
use crate::row::{COLUMNS, Cells, Parser};

/// What the cells are called in messages.
const CELL_NAMES: [&str; 8] =
    ["`unix_s`", "`us`", "`peer`", "`op`", "`prefix`", "`next_hop`", "`as_path_len`", "`origin_as`"];

/// Reads the rows of a CSV.
pub(crate) fn rows(text: &str, parser: &mut Parser) -> Result<Vec<Row>, Vec<Diagnostic>> {
    let mut lines = lines(text);
    let header = lines.next().unwrap_or_default();
    if !parser.can_read(header) {
        return Ok(Vec::new());
    }
    let width = header.fields(',').count();
    let columns = columns(&header)?;
    let mut rows = Vec::new();
    for line in lines {
        if !parser.can_read(line) {
            continue;
        }
        let fields: Vec<_> = line.fields(',').collect();
        if fields.len() == width {
            let values =
                columns.map(|place| (Cow::Borrowed(fields[place].0.trim()), fields[place].1.clone()));
            let cells = Cells { values, names: CELL_NAMES, line: line.number };
            rows.extend(parser.row(&cells));
        } else {
            let message =
                format!("the row has {}, but the header has {width}", counted(fields.len(), "cell"));
            let help = "an announcement fills all of them, other rows leave the last ones empty";
            parser.report(code::ROW, line.span(), message, help);
        }
    }
    Ok(rows)
}

/// Returns where each of [`COLUMNS`] is.
fn columns(line: &Line<'_>) -> Result<[usize; 8], Vec<Diagnostic>> {
    let span = line.span();
    let header: Vec<&str> = line.fields(',').map(|(name, _)| name.trim()).collect();
    if !header.iter().any(|name| COLUMNS.contains(name)) {
        let help = format!("write this as the first line: `{}`", COLUMNS.join(","));
        let message = "the recording has no header, and its lines are not those of `bgpdump -m`".to_owned();
        return Err(Vec::from([Diagnostic::error(code::HEADER, span, message).help(help)]));
    }
    let mut mistakes = Vec::new();
    let places = COLUMNS.map(|name| {
        let mut places = header.iter().enumerate().filter(|(_, found)| **found == name);
        let place = places.next().map(|(place, _)| place);
        let problem = match (place, places.next()) {
            (None, _) => format!("the recording has no column `{name}`"),
            (Some(_), Some(_)) => format!("the recording has the column `{name}` twice"),
            (Some(place), None) => return place,
        };
        let help = format!("the first line must be `{}`", COLUMNS.join(","));
        mistakes.push(Diagnostic::error(code::HEADER, span.clone(), problem).help(help));
        0
    });
    let unknown = header.iter().filter(|name| !COLUMNS.contains(name));
    let more = unknown.clone().count().saturating_sub(MISTAKES_MAX);
    for name in unknown.take(MISTAKES_MAX) {
        let message = format!("unknown column `{name}` in the recording");
        let help = meant(name, COLUMNS, || "remove it".to_owned());
        mistakes.push(Diagnostic::error(code::HEADER, span.clone(), message).help(help));
    }
    mistakes.extend((more > 0).then(|| Diagnostic::more(more, span.end)));
    if mistakes.is_empty() { Ok(places) } else { Err(mistakes) }
}
