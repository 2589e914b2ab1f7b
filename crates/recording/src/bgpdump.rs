//! The raw lines of `bgpdump -m`: fields parted by bars, one line an update. Empty lines and lines with `#` say nothing.
//!
//! ```text
//! BGP4MP|946844090|A|192.0.2.1|64500|10.0.0.0/8|64500 1.10 (65001 65002) {64512,64513}|IGP|192.0.2.9|0|0||NAG||
//! BGP4MP|946844091|W|192.0.2.1|64500|10.0.0.0/8
//! BGP4MP|946844092|STATE|192.0.2.1|64500|6|1
//! ```

use alloc::borrow::Cow;

use tiebreak_diagnostic::code;

use crate::lines::{Line, lines};
use crate::recording::Row;
use crate::row::{Cells, Parser, as_number, digits};

/// What the lines of updates and of tables begin with.
const PREFIXES: [&str; 2] = ["BGP4MP", "TABLE_DUMP"];
/// The fields of a line, by number from 0.
const TIME: usize = 1;
const KIND: usize = 2;
const PEER: usize = 3;
const PEER_AS: usize = 4;
const PREFIX: usize = 5;
const PATH: usize = 6;
const NEXT_HOP: usize = 8;

/// What the cells of a row are called in messages: people count fields from 1.
const FIELD_NAMES: [&str; 8] = [
    "field 2 of the line",
    "field 2 of the line",
    "field 4 of the line",
    "field 3 of the line",
    "field 6 of the line",
    "field 9 of the line",
    "field 7 of the line",
    "field 7 of the line",
];

/// Whether a text is what `bgpdump -m` writes: its first line that says something says so.
pub(crate) fn is_raw(text: &str) -> bool {
    let first = lines_but_comments(text).next().unwrap_or_default().text;
    first.contains('|') && PREFIXES.iter().any(|prefix| first.starts_with(prefix))
}

fn lines_but_comments(text: &str) -> impl Iterator<Item = Line<'_>> {
    lines(text).filter(|line| !line.text.starts_with('#'))
}

/// Reads all lines; mistakes go to the parser.
pub(crate) fn rows(text: &str, parser: &mut Parser) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in lines_but_comments(text) {
        if !parser.can_read(line) {
            continue;
        }
        if let Some(cells) = cells(line, parser) {
            rows.extend(parser.row(&cells));
        } else {
            let message = "the line is not one of `bgpdump -m`".to_owned();
            let help =
                "expected BGP4MP|seconds|A, W or STATE|peer|AS|prefix, and for A |path|origin|next hop";
            parser.report(code::ROW, line.span(), message, help);
        }
    }
    rows
}

/// Takes a line apart into the cells of a recording; `None` if it has too few fields or is of another kind.
fn cells<'t>(line: Line<'t>, parser: &mut Parser) -> Option<Cells<'t>> {
    let fields: Vec<_> = line.fields('|').collect();
    let field = |place: usize| fields.get(place).cloned();
    let cell = |place: usize| field(place).map(|(text, span)| (Cow::Borrowed(text), span));
    let (time, time_span) = field(TIME)?;
    let parts = time.split_once('.').filter(|(_, fraction)| digits::<u64>(fraction).is_some());
    let (seconds, fraction) = parts.unwrap_or((time, "0"));
    let mut names = FIELD_NAMES;
    let (op, prefix) = match field(KIND)?.0 {
        "A" | "B" => ("A", cell(PREFIX)?),
        "W" => ("W", cell(PREFIX)?),
        "STATE" => {
            let ((old, span), (new, end)) = (field(PREFIX)?, field(PATH)?);
            names[4] = "the change in fields 6 and 7 of the line";
            ("S", (Cow::Owned(format!("{old}>{new}")), span.start..end.end))
        }
        _ => return None,
    };
    let nothing = || (Cow::Borrowed(""), line.at..line.at);
    let (mut next_hop, mut length, mut origin) = (nothing(), nothing(), nothing());
    if op == "A" {
        next_hop = cell(NEXT_HOP)?;
        let ((text, span), peer_as) = (field(PATH)?, field(PEER_AS)?);
        let Path { length: counted, origin: last } = path(text).unwrap_or_else(|| {
            let message = format!("field 7 of the line is \"{text}\", which is not a path of AS");
            let help =
                "write numbers of AS, sets such as {64512,64513}, confederations such as (65001 65002)";
            parser.report(code::CELL, span.clone(), message, help);
            Path::default()
        });
        length = (Cow::Owned(counted.to_string()), span.clone());
        origin = (Cow::Owned(last.to_string()), span);
        if counted == 0 {
            // Such a path says that the peer itself is the origin.
            names[7] = "field 5 of the line";
            origin =
                (as_number(peer_as.0).map_or(peer_as.0.into(), |peer| peer.to_string().into()), peer_as.1);
        }
    }
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
    Some(Cells { values, names, line: line.number })
}

/// What a recording keeps of a path.
#[derive(Debug, Default)]
struct Path {
    /// How many AS it counts: a set counts as one, the segments of a confederation not at all.
    length: u32,
    /// The last AS that counts; of a set the first.
    origin: u32,
}

/// Reads a path; `None` if something in it is no number of an AS, or a bracket is not closed.
fn path(text: &str) -> Option<Path> {
    let mut path = Path::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (segment, tail) = match rest.chars().next().zip(rest.get(1..)) {
            Some(('{', inner)) => inner.split_once('}')?,
            Some(('(', inner)) => inner.split_once(')')?,
            Some(('[', inner)) => inner.split_once(']')?,
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        let members: Option<Vec<u32>> = segment.split([',', ' ']).map(as_number).collect();
        let first = *members?.first()?;
        if !rest.starts_with(['(', '[']) {
            path = Path { length: path.length + 1, origin: first };
        }
        rest = tail.trim_start();
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use crate::{Recording, Update};

    const RAW: &str = "BGP4MP_ET|946844090.25|A|192.0.2.1|64500|10.0.0.0/8|64500 64510 {64512,64513}|IGP|192.0.2.9|0|0||NAG||\n\
                       BGP4MP|946844091|W|192.0.2.1|64500|10.0.0.0/8\r\n\n\
                       BGP4MP|946844092|STATE|192.0.2.1|64500|6|1\n";

    fn lines(text: &str) -> String {
        let mistakes = Recording::parse(text).unwrap_err();
        mistakes.iter().map(|mistake| mistake.line("r", text) + "\n").collect()
    }

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
    fn a_bad_field_of_a_raw_line_is_named_by_its_number_where_it_stands() {
        let text = RAW
            .replace("192.0.2.9", "2001:db8::9")
            .replace("|W|", "|X|")
            .replace("STATE|192", "STATE|x192")
            .replace("|6|1", "|6|9");
        assert_eq!(
            lines(&text),
            "r:1:83: error[S062]: field 9 of the line is 2001:db8::9, of another address family than the prefix \
             10.0.0.0/8; write a next hop of the prefix's family, or leave the row out\n\
             r:2:1: error[S061]: the line is not one of `bgpdump -m`; expected BGP4MP|seconds|A, W or STATE|peer|AS|prefix, \
             and for A |path|origin|next hop\n\
             r:4:24: error[S062]: field 4 of the line is \"x192.0.2.1\"; write an address\n\
             r:4:41: error[S062]: the change in fields 6 and 7 of the line is \"6>9\"; write the states before and \
             after, 0 to 8, such as 5>6\n"
        );
        let text = RAW.replace("090.25", "090.x").replace("64510", "6451O");
        assert_eq!(
            lines(&text),
            "r:1:52: error[S062]: field 7 of the line is \"64500 6451O {64512,64513}\", which is not a path of AS; write \
             numbers of AS, sets such as {64512,64513}, confederations such as (65001 65002)\n\
             r:1:11: error[S062]: field 2 of the line is \"946844090.x\"; write whole seconds since 1970\n"
        );
    }

    #[test]
    fn a_byte_order_mark_and_comments_are_nothing() {
        let third = "BGP4MP|946844092";
        let text = format!("\u{feff}# from rrc00\n\n{}", RAW.replace(third, &format!("# noise\n{third}")));
        let rows = Recording::parse(&text).unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4, 7]);
        assert!(lines(&text.replace("|W|", "|X|")).starts_with("r:4:1: error[S061]"));
    }

    #[test]
    fn a_path_counts_what_the_protocol_counts() {
        let told = |path: &str| {
            let text = RAW.replace("64500 64510 {64512,64513}", path);
            let rows = Recording::parse(&text).unwrap_or_else(|mistakes| panic!("{path}: {mistakes:?}")).rows;
            let Update::Announce { as_path_len, origin_as, .. } = rows[0].update else { panic!("{rows:?}") };
            (as_path_len, origin_as)
        };
        assert_eq!(told("64500 1.10"), (2, 65_546));
        assert_eq!(told("(65001 65002) 64500 64510"), (2, 64510));
        assert_eq!(told("64500 64510 (65001 65002)"), (2, 64510));
        assert_eq!(told("[65001,65002] 64500 {64512 64513}"), (2, 64512));
        assert_eq!(told("(65001 65002)"), (0, 64500));
        assert_eq!(told(""), (0, 64500));
        for path in ["(65001 65002", "64500 x", "1.70000", "{}", "1.2.3"] {
            let text = RAW.replace("64500 64510 {64512,64513}", path);
            assert!(lines(&text).contains("field 7 of the line is"), "{path}");
        }
    }
}
