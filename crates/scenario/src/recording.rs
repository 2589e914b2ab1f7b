//! Recorded routing updates: the CSV that feeds replay.
//!
//! The raw lines of `bgpdump -m` are read as well. Columns, found by name: `unix_s`, `us`, `peer`, `op` (`A` announce, `W` withdraw,
//! `S` session), `prefix` (for `S` the states `old>new`), and for `A` alone `next_hop`, `as_path_len`, `origin_as`. Lines end with LF
//! or CR LF.

mod bgpdump;

use alloc::borrow::Cow;
use core::net::IpAddr;
use core::ops::Range;
use core::str::FromStr;

use tiebreak_kernel::Span;

use crate::code;
use crate::diagnostic::{Diagnostic, counted, meant};
use crate::plan::Prefix;

/// The columns a recording must have.
const COLUMNS: [&str; 8] = ["unix_s", "us", "peer", "op", "prefix", "next_hop", "as_path_len", "origin_as"];

/// What the cells of a CSV are called in messages.
const CELL_NAMES: [&str; 8] =
    ["`unix_s`", "`us`", "`peer`", "`op`", "`prefix`", "`next_hop`", "`as_path_len`", "`origin_as`"];

/// The last state of a session that there is: 8, deleted.
const STATE_MAX: u8 = 8;

/// The most mistakes of one recording that are reported one by one.
pub const MISTAKES_MAX: usize = 100;

/// A recording: rows in the order in which they were received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    /// The rows; their times never go backwards, the first one's is zero.
    pub rows: Vec<Row>,
}

/// One recorded update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, from 1; the header is line 1.
    pub line: u64,
    /// When it was received, since the first row.
    pub at: Span,
    /// The neighbour it came from: who the route belongs to.
    pub peer: IpAddr,
    /// What it says.
    pub update: Update,
}

/// What a recorded update says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// The peer has this route now.
    Announce {
        /// The destination.
        prefix: Prefix,
        /// The next hop.
        next_hop: IpAddr,
        /// The number of AS in the path, repeats included.
        as_path_len: u32,
        /// The last AS of the path.
        origin_as: u32,
    },
    /// The peer has no route there any more.
    Withdraw {
        /// The destination.
        prefix: Prefix,
    },
    /// The session with the peer changed: 0 unknown, 1 Idle, 2 Connect, 3 Active, 4 `OpenSent`, 5 `OpenConfirm`, 6 Established,
    /// 7 clearing, 8 deleted.
    Session {
        /// The state before.
        old: u8,
        /// The state after.
        new: u8,
    },
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// Every malformed row up to [`MISTAKES_MAX`], then how many more there are; or that there is no row.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut parser = Parser { start: None, last: None, mistakes: Vec::new(), more: 0 };
        let rows = if bgpdump::is_raw(text) {
            bgpdump::rows(text, &mut parser)
        } else {
            Self::csv(text, &mut parser)?
        };
        let end = text.len();
        let Parser { mut mistakes, more, .. } = parser;
        if more > 0 {
            mistakes.push(Diagnostic::more(more, end));
        } else if rows.is_empty() && mistakes.is_empty() {
            let empty = Diagnostic::error(code::ROW, end..end, "the recording has no rows");
            mistakes.push(empty.help("write one line for each update"));
        }
        if mistakes.is_empty() { Ok(Self { rows }) } else { Err(mistakes) }
    }

    /// Reads the rows of a CSV.
    fn csv(text: &str, parser: &mut Parser) -> Result<Vec<Row>, Vec<Diagnostic>> {
        let mut lines = lines(text);
        let header = lines.next().unwrap_or_default();
        let width = header.fields(',').count();
        let columns = columns(&header)?;
        let mut rows = Vec::new();
        for line in lines {
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
}

/// A line of a recording.
#[derive(Debug, Clone, Copy, Default)]
struct Line<'t> {
    /// Which one it is, from 1.
    number: u64,
    /// Where it starts.
    at: usize,
    /// What it says, without the line break.
    text: &'t str,
}

/// Returns the lines of a recording that are not empty. A byte order mark before them is nothing.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
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
    fn span(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// Returns what stands between separators, and where.
    fn fields(self, separator: char) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        let mut next = self.at;
        self.text.split(separator).map(move |field| {
            let span = next..next + field.len();
            next = span.end + separator.len_utf8();
            (field, span)
        })
    }
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
    for name in header.iter().filter(|name| !COLUMNS.contains(name)) {
        let message = format!("unknown column `{name}` in the recording");
        let help = meant(name, COLUMNS, || "remove it".to_owned());
        mistakes.push(Diagnostic::error(code::HEADER, span.clone(), message).help(help));
    }
    if mistakes.is_empty() { Ok(places) } else { Err(mistakes) }
}

/// What reading the rows carries along.
struct Parser {
    /// The time of the first row, in nanoseconds.
    start: Option<u64>,
    /// The time of the row before, in nanoseconds.
    last: Option<u64>,
    mistakes: Vec<Diagnostic>,
    more: usize,
}

/// A row at hand: the cells of [`COLUMNS`], where they stand, and what they are called in messages.
struct Cells<'r> {
    values: [(Cow<'r, str>, Range<usize>); 8],
    names: [&'static str; 8],
    /// The line of the file, from 1.
    line: u64,
}

impl Cells<'_> {
    /// Returns a cell of [`COLUMNS`], where it stands, and what it is called.
    fn get(&self, column: &str) -> (&str, Range<usize>, &'static str) {
        let place = COLUMNS.iter().position(|known| *known == column).unwrap_or_default();
        let (cell, span) = &self.values[place];
        (cell, span.clone(), self.names[place])
    }
}

impl Parser {
    fn report(&mut self, code: &'static str, span: Range<usize>, message: String, help: impl Into<String>) {
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push(Diagnostic::error(code, span, message).help(help));
        } else {
            self.more += 1;
        }
    }

    /// Reads a row; every mistake in it is reported.
    fn row(&mut self, cells: &Cells<'_>) -> Option<Row> {
        let seconds = self.seconds(cells);
        let micros = self.cell(cells, "us", "microseconds, 0 to 999999", |text| {
            digits::<u32>(text).filter(|micros| *micros < 1_000_000)
        });
        let peer = self.cell(cells, "peer", "an address", |text| text.parse().ok());
        let update = self.update(cells);
        let at = self.time(cells, seconds?, micros?)?;
        Some(Row { line: cells.line, at, peer: peer?, update: update? })
    }

    fn seconds(&mut self, cells: &Cells<'_>) -> Option<u64> {
        let (cell, span, name) = cells.get("unix_s");
        if let Some((whole, fraction)) = cell.split_once('.') {
            if digits::<u64>(whole).is_some() && digits::<u64>(fraction).is_some() {
                let message = format!("{name} is \"{cell}\", which has a fraction");
                let help =
                    format!("write {whole} in `unix_s` and {fraction:0<6.6} in `us`, the microseconds");
                self.report(code::CELL, span, message, help);
                return None;
            }
        }
        self.cell(cells, "unix_s", "whole seconds since 1970", digits)
    }

    fn update(&mut self, cells: &Cells<'_>) -> Option<Update> {
        let (op, span, _) = cells.get("op");
        if op != "A" {
            self.only_announcements(cells);
        }
        match op {
            "A" => {
                let prefix = self.prefix(cells);
                let next_hop = self.cell(cells, "next_hop", "an address", |text| text.parse().ok());
                let as_path_len = self.cell(cells, "as_path_len", "a whole number", digits);
                let set = "a whole number, or a set such as {64512,64513}";
                let origin_as = self.cell(cells, "origin_as", set, origin);
                let next_hop = self.of_one_family(cells, prefix?, next_hop?);
                let (as_path_len, origin_as) = (as_path_len?, origin_as?);
                Some(Update::Announce { prefix: prefix?, next_hop: next_hop?, as_path_len, origin_as })
            }
            "W" => self.prefix(cells).map(|prefix| Update::Withdraw { prefix }),
            "S" => {
                let states = "the states before and after, 0 to 8, such as 5>6";
                let (old, new) = self.cell(cells, "prefix", states, session)?;
                Some(Update::Session { old, new })
            }
            _ => {
                let message = format!("\"{op}\" is not an operation");
                self.report(code::CELL, span, message, "write A (announce), W (withdraw) or S (session)");
                None
            }
        }
    }

    /// Checks that a next hop is of the prefix's family: the manager keeps a table for each.
    fn of_one_family(&mut self, cells: &Cells<'_>, prefix: Prefix, next_hop: IpAddr) -> Option<IpAddr> {
        if prefix.address.is_ipv4() == next_hop.is_ipv4() {
            return Some(next_hop);
        }
        let (_, span, name) = cells.get("next_hop");
        let message = format!("{name} is {next_hop}, of another address family than the prefix {prefix}");
        let help = "write a next hop of the prefix's family, or leave the row out";
        self.report(code::CELL, span, message, help);
        None
    }

    /// Reports cells that only announcements fill.
    fn only_announcements(&mut self, cells: &Cells<'_>) {
        for column in ["next_hop", "as_path_len", "origin_as"] {
            let (cell, span, name) = cells.get(column);
            if !cell.is_empty() {
                let message = format!("{name} is \"{cell}\", but the row announces nothing");
                self.report(code::CELL, span, message, "leave it empty, or write `A` in `op`");
            }
        }
    }

    fn prefix(&mut self, cells: &Cells<'_>) -> Option<Prefix> {
        let (cell, span, name) = cells.get("prefix");
        match cell.parse() {
            Ok(prefix) => Some(prefix),
            Err(error) => {
                let message = format!("{name} is \"{cell}\": {error}");
                self.report(code::CELL, span, message, "write a prefix such as 10.0.0.0/8 or 2001:db8::/32");
                None
            }
        }
    }

    /// Reads a cell; `what` says what it should be.
    fn cell<T>(
        &mut self,
        cells: &Cells<'_>,
        column: &str,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (cell, span, name) = cells.get(column);
        let found = read(cell);
        if found.is_none() {
            self.report(code::CELL, span, format!("{name} is \"{cell}\""), format!("write {what}"));
        }
        found
    }

    /// Returns the time since the first row.
    fn time(&mut self, cells: &Cells<'_>, seconds: u64, micros: u32) -> Option<Span> {
        let nanos =
            seconds.checked_mul(1_000_000_000).and_then(|nanos| nanos.checked_add(u64::from(micros) * 1_000));
        let (cell, span, name) = cells.get("unix_s");
        let Some(nanos) = nanos else {
            self.report(code::CELL, span, format!("{name} is \"{cell}\""), "write at most 18446744072");
            return None;
        };
        if self.last.is_some_and(|last| nanos < last) {
            let message = "the row is older than the one before it".to_owned();
            self.report(
                code::BACKWARDS,
                span,
                message,
                "sort the rows by time, keeping the order of equal ones",
            );
            return None;
        }
        self.last = Some(nanos);
        let start = *self.start.get_or_insert(nanos);
        Some(Span::from_nanos(nanos - start))
    }
}

/// Reads a number of nothing but digits.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Reads the number of an AS: `65546`, or its halves, `1.10`.
fn as_number(text: &str) -> Option<u32> {
    match text.split_once('.') {
        Some((high, low)) => Some(u32::from(digits::<u16>(high)?) << 16 | u32::from(digits::<u16>(low)?)),
        None => digits(text),
    }
}

/// Reads the origin: the number of an AS, or a set of them, of which the first counts.
fn origin(text: &str) -> Option<u32> {
    let set = text.strip_prefix('{').and_then(|set| set.strip_suffix('}'));
    let members: Option<Vec<u32>> = set.unwrap_or(text).split([',', ' ']).map(as_number).collect();
    members.filter(|members| set.is_some() || members.len() == 1)?.first().copied()
}

/// Reads the states of a session before and after.
fn session(text: &str) -> Option<(u8, u8)> {
    let state = |text| digits::<u8>(text).filter(|state| *state <= STATE_MAX);
    let (old, new) = text.split_once('>')?;
    Some((state(old)?, state(new)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\r\n";

    fn lines(text: &str) -> String {
        let mistakes = Recording::parse(text).unwrap_err();
        mistakes.iter().map(|mistake| mistake.line("r.csv", text) + "\n").collect()
    }

    #[test]
    fn rows_are_read_with_time_since_the_first() {
        let text = format!(
            "{HEADER}946844090,0,195.211.222.254,A,203.154.93.0/24,195.211.222.255,4,4618\r\n\
             946844091,5,2001:db8::1,W,2001:db8::/32,,,\r\n946844091,5,193.0.0.8,S,3>2,,,\r\n"
        );
        for text in [text.clone(), text.replace('\r', "")] {
            let rows = Recording::parse(&text).unwrap().rows;
            assert_eq!(
                rows[0],
                Row {
                    line: 2,
                    at: Span::ZERO,
                    peer: "195.211.222.254".parse().unwrap(),
                    update: Update::Announce {
                        prefix: "203.154.93.0/24".parse().unwrap(),
                        next_hop: "195.211.222.255".parse().unwrap(),
                        as_path_len: 4,
                        origin_as: 4618
                    }
                }
            );
            assert_eq!((rows[1].line, rows[1].at), (3, Span::from_nanos(1_000_005_000)));
            assert_eq!(rows[1].update, Update::Withdraw { prefix: "2001:db8::/32".parse().unwrap() });
            assert_eq!(rows[2].update, Update::Session { old: 3, new: 2 });
            assert_eq!(rows.len(), 3);
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "op,peer,prefix,us,unix_s,origin_as,as_path_len,next_hop\nW,192.0.2.1,10.0.0.0/8,7,0,,,\n";
        let rows = Recording::parse(text).unwrap().rows;
        assert_eq!(rows[0].update, Update::Withdraw { prefix: "10.0.0.0/8".parse().unwrap() });
    }

    #[test]
    fn a_byte_order_mark_and_empty_lines_are_nothing() {
        let text =
            format!("\u{feff}{HEADER}\r\n0,0,192.0.2.1,W,10.0.0.0/8,,,\r\n\r\n1,0,x,W,10.0.0.0/8,,,\r\n");
        assert_eq!(lines(&text), "r.csv:5:5: error[S062]: `peer` is \"x\"; write an address\n");
        assert_eq!(Recording::parse(&text.replace(",x,", ",192.0.2.1,")).unwrap().rows[1].line, 5);
    }

    #[test]
    fn a_header_says_what_it_lacks() {
        assert_eq!(
            lines("unix_s,us,peer,op,prefx,next_hop,as_path_len\n"),
            "r.csv:1:1: error[S060]: the recording has no column `prefix`; the first line must be \
             `unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as`\n\
             r.csv:1:1: error[S060]: the recording has no column `origin_as`; the first line must be \
             `unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as`\n\
             r.csv:1:1: error[S060]: unknown column `prefx` in the recording; did you mean `prefix`?\n"
        );
        for headless in ["", "100,0,192.0.2.1,W,10.0.0.0/8,,,\n"] {
            assert_eq!(
                lines(headless),
                "r.csv:1:1: error[S060]: the recording has no header, and its lines are not those of `bgpdump -m`; \
                 write this as the first line: `unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as`\n"
            );
        }
    }

    #[test]
    fn every_bad_cell_is_reported_where_it_stands() {
        let text = format!(
            "{HEADER}10,0,192.0.2.1,A,10.0.0.1/8,192.0.2,x,-1\r\n9,1000000,peer,X,,,,\r\n9,0,192.0.2.1,W,10.0.0.0/8,,3,\r\n\
             8,0,192.0.2.1,S,3-2,,,\r\n11,0,192.0.2.1\r\n"
        );
        assert_eq!(
            lines(&text),
            "r.csv:2:18: error[S062]: `prefix` is \"10.0.0.1/8\": bits below its length are set; the network is \
             10.0.0.0/8; write a prefix such as 10.0.0.0/8 or 2001:db8::/32\n\
             r.csv:2:29: error[S062]: `next_hop` is \"192.0.2\"; write an address\n\
             r.csv:2:37: error[S062]: `as_path_len` is \"x\"; write a whole number\n\
             r.csv:2:39: error[S062]: `origin_as` is \"-1\"; write a whole number, or a set such as {64512,64513}\n\
             r.csv:3:3: error[S062]: `us` is \"1000000\"; write microseconds, 0 to 999999\n\
             r.csv:3:11: error[S062]: `peer` is \"peer\"; write an address\n\
             r.csv:3:16: error[S062]: \"X\" is not an operation; write A (announce), W (withdraw) or S (session)\n\
             r.csv:4:29: error[S062]: `as_path_len` is \"3\", but the row announces nothing; leave it empty, or write `A` \
             in `op`\n\
             r.csv:4:1: error[S063]: the row is older than the one before it; sort the rows by time, keeping \
             the order of equal ones\n\
             r.csv:5:17: error[S062]: `prefix` is \"3-2\"; write the states before and after, 0 to 8, \
             such as 5>6\n\
             r.csv:5:1: error[S063]: the row is older than the one before it; sort the rows by time, keeping \
             the order of equal ones\n\
             r.csv:6:1: error[S061]: the row has 3 cells, but the header has 8; an announcement fills all of them, other rows \
             leave the last ones empty\n"
        );
    }

    #[test]
    fn fractions_sets_and_families_are_told_apart() {
        let row = |cells: &str| format!("{HEADER}{cells}\r\n");
        assert_eq!(
            lines(&row("946844090.5,0,192.0.2.1,W,10.0.0.0/8,,,")),
            "r.csv:2:1: error[S062]: `unix_s` is \"946844090.5\", which has a fraction; write 946844090 in `unix_s` and \
             500000 in `us`, the microseconds\n"
        );
        assert_eq!(
            lines(&row("0,0,192.0.2.1,A,10.0.0.0/8,2001:db8::1,1,64500")),
            "r.csv:2:28: error[S062]: `next_hop` is 2001:db8::1, of another address family than the prefix 10.0.0.0/8; \
             write a next hop of the prefix's family, or leave the row out\n"
        );
        // The commas of a set would part cells, so a CSV parts its members by spaces.
        let rows =
            Recording::parse(&row("0,0,192.0.2.1,A,10.0.0.0/8,192.0.2.9,1,{64512 64513}")).unwrap().rows;
        let Update::Announce { origin_as, .. } = rows[0].update else { panic!("{rows:?}") };
        assert_eq!(origin_as, 64512);
    }

    #[test]
    fn a_recording_without_rows_and_a_state_that_is_none_are_mistakes() {
        for empty in [HEADER.to_owned(), format!("{HEADER}\r\n\r\n")] {
            assert!(
                lines(&empty)
                    .ends_with("error[S061]: the recording has no rows; write one line for each update\n")
            );
        }
        let session = |states: &str| Recording::parse(&format!("{HEADER}0,0,192.0.2.1,S,{states},,,\r\n"));
        for states in ["0>1", "6>8", "7>7"] {
            assert!(session(states).is_ok(), "{states}");
        }
        for states in ["6>9", "10>1", "255>6"] {
            assert!(session(states).is_err(), "{states}");
        }
    }

    #[test]
    fn one_of_something_is_not_spelled_as_several() {
        let text = HEADER.to_owned() + &"x,0,192.0.2.1,W,10.0.0.0/8,,,\n".repeat(MISTAKES_MAX + 1);
        assert_eq!(Recording::parse(&text).unwrap_err()[MISTAKES_MAX].message, "there is 1 more mistake");
        let text = format!("{HEADER}0\r\n");
        assert!(lines(&text).contains("the row has 1 cell, but"), "{}", lines(&text));
    }

    #[test]
    fn mistakes_beyond_the_limit_are_counted() {
        let text = HEADER.to_owned() + &"x,0,192.0.2.1,W,10.0.0.0/8,,,\n".repeat(MISTAKES_MAX + 7);
        let mistakes = Recording::parse(&text).unwrap_err();
        assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
        assert_eq!(mistakes[MISTAKES_MAX].message, "there are 7 more mistakes");
    }
}
