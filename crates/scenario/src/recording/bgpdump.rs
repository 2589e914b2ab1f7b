//! The raw lines of `bgpdump -m`: fields parted by bars, one line an update.
//!
//! ```text
//! BGP4MP|946844090|A|192.0.2.1|64500|10.0.0.0/8|64500 64510 {64512,64513}|IGP|192.0.2.9|0|0||NAG||
//! BGP4MP|946844091|W|192.0.2.1|64500|10.0.0.0/8
//! BGP4MP|946844092|STATE|192.0.2.1|64500|6|1
//! ```

use alloc::borrow::Cow;
use core::ops::Range;

use super::{Cells, Parser, Row};
use crate::code;

/// What the lines of updates and of tables begin with.
const PREFIXES: [&str; 2] = ["BGP4MP", "TABLE_DUMP"];
/// The fields of a line, by number.
const TIME: usize = 1;
const KIND: usize = 2;
const PEER: usize = 3;
const PEER_AS: usize = 4;
const PREFIX: usize = 5;
const PATH: usize = 6;
const NEXT_HOP: usize = 8;

/// Whether a text is what `bgpdump -m` writes: its first line that is not empty says so.
pub(super) fn is_raw(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    first.contains('|') && PREFIXES.iter().any(|prefix| first.starts_with(prefix))
}

/// Reads all lines; mistakes go to the parser.
pub(super) fn rows(text: &str, parser: &mut Parser) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let (at, content) = (start, line.trim_end());
        start += line.len();
        if content.is_empty() {
            continue;
        }
        match cells(content, at, number) {
            Some(cells) => rows.extend(parser.row(&cells)),
            None => parser.report(
                code::ROW,
                at..at + content.len(),
                "the line is not one of `bgpdump -m`".to_owned(),
                "expected BGP4MP|seconds|A, W or STATE|peer|AS|prefix, and for A |path|origin|next hop",
            ),
        }
    }
    rows
}

/// Takes a line apart into the cells of a recording; `None` if it has too few fields or is of another kind.
fn cells(line: &str, at: usize, number: u64) -> Option<Cells<'_>> {
    let mut fields: Vec<(&str, Range<usize>)> = Vec::new();
    let mut start = at;
    for field in line.split('|') {
        fields.push((field, start..start + field.len()));
        start += field.len() + 1;
    }
    let field = |place: usize| fields.get(place).cloned();
    let cell = |place: usize| field(place).map(|(text, span)| (Cow::Borrowed(text), span));
    let nothing = || (Cow::Borrowed(""), at..at);
    let (time, time_span) = field(TIME)?;
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (op, prefix) = match field(KIND)?.0 {
        "A" | "B" => ("A", cell(PREFIX)?),
        "W" => ("W", cell(PREFIX)?),
        "STATE" => {
            let ((old, span), (new, end)) = (field(PREFIX)?, field(PATH)?);
            ("S", (Cow::Owned(format!("{old}>{new}")), span.start..end.end))
        }
        _ => return None,
    };
    let announced = if op == "A" {
        let (path, span) = field(PATH)?;
        // A set counts as one AS; a path of none is of the peer itself.
        let (length, origin) = (path.split_whitespace().count(), path.split_whitespace().next_back());
        let origin = origin.map_or(field(PEER_AS)?.0, |origin| origin);
        [cell(NEXT_HOP)?, (Cow::Owned(length.to_string()), span.clone()), (Cow::Borrowed(origin), span)]
    } else {
        [nothing(), nothing(), nothing()]
    };
    let [next_hop, length, origin] = announced;
    let values = [
        (Cow::Borrowed(seconds), time_span.clone()),
        (Cow::Owned(format!("{fraction:0<6.6}")), time_span),
        cell(PEER)?,
        (Cow::Borrowed(op), field(KIND)?.1),
        prefix,
        next_hop,
        length,
        origin,
    ];
    Some(Cells { found: values.len(), values, line: number, span: at..at + line.len() })
}

#[cfg(test)]
mod tests {
    use super::super::{Recording, Update};

    const RAW: &str = "BGP4MP_ET|946844090.25|A|192.0.2.1|64500|10.0.0.0/8|64500 64510 {64512,64513}|IGP|192.0.2.9|0|0||NAG||\n\
                       BGP4MP|946844091|W|192.0.2.1|64500|10.0.0.0/8\r\n\n\
                       BGP4MP|946844092|STATE|192.0.2.1|64500|6|1\n";

    #[test]
    fn raw_lines_are_read_as_the_rows_they_are() {
        let csv = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n\
                   946844090,250000,192.0.2.1,A,10.0.0.0/8,192.0.2.9,3,64512\n\
                   946844091,0,192.0.2.1,W,10.0.0.0/8,,,\n946844092,0,192.0.2.1,S,6>1,,,\n";
        let (raw, csv) = (Recording::parse(RAW).unwrap(), Recording::parse(csv).unwrap());
        let told = |recording: &Recording| -> Vec<_> {
            recording.rows.iter().map(|row| (row.at, row.peer, row.update.clone())).collect()
        };
        assert_eq!(told(&raw), told(&csv));
        assert_eq!(raw.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2, 4]);
        assert!(matches!(raw.rows[2].update, Update::Session { old: 6, new: 1 }));
    }

    #[test]
    fn a_bad_field_of_a_raw_line_is_reported_where_it_stands() {
        let text =
            RAW.replace("192.0.2.9", "2001:db8::9").replace("|W|", "|X|").replace("STATE|192", "STATE|x192");
        let mistakes = Recording::parse(&text).unwrap_err();
        let lines: Vec<String> = mistakes.iter().map(|mistake| mistake.line("r", &text)).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].starts_with("r:1:83: error[S062]: `next_hop` is 2001:db8::9, of another"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("r:2:1: error[S061]: the line is not one of `bgpdump -m`"), "{lines:?}");
        assert!(lines[2].starts_with("r:4:24: error[S062]: `peer` is \"x192.0.2.1\""), "{lines:?}");
    }
}
