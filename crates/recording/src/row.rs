//! One row at a time: what its cells say, and every mistake in them.

use alloc::borrow::Cow;
use core::net::IpAddr;
use core::ops::Range;
use core::str::FromStr;

use tiebreak_diagnostic::{Diagnostic, code};
use tiebreak_kernel::Span;
use tiebreak_rtm::NetAddress;

use crate::lines::Line;
use crate::recording::{LINE_BYTES_MAX, MISTAKES_MAX, Row, Update};

/// The columns a recording must have.
pub(crate) const COLUMNS: [&str; 8] =
    ["unix_s", "us", "peer", "op", "prefix", "next_hop", "as_path_len", "origin_as"];

/// The last state of a session that there is: 8, deleted.
const STATE_MAX: u8 = 8;

/// What reading the rows carries along.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    /// The time of the first row, in nanoseconds.
    start: Option<u64>,
    /// The time of the row before, in nanoseconds.
    last: Option<u64>,
    mistakes: Vec<Diagnostic>,
    more: usize,
}

/// A row at hand: the cells of [`COLUMNS`], where they stand, and what they are called in messages.
#[derive(Debug)]
pub(crate) struct Cells<'r> {
    pub(crate) values: [(Cow<'r, str>, Range<usize>); 8],
    pub(crate) names: [&'static str; 8],
    /// The line of the file, from 1.
    pub(crate) line: u64,
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
    pub(crate) fn report(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: impl Into<String>,
    ) {
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push(Diagnostic::error(code, span, message).help(help));
        } else {
            self.more += 1;
        }
    }

    /// Returns whether a line is short enough to be read; reports it if it is not.
    pub(crate) fn can_read(&mut self, line: Line<'_>) -> bool {
        let is_short = line.text.len() <= LINE_BYTES_MAX;
        if !is_short {
            let message = format!("the line is longer than {LINE_BYTES_MAX} bytes");
            let help = "write one update a line";
            self.report(code::TOO_LONG, line.at..line.at, message, help);
        }
        is_short
    }

    /// Returns the mistakes, and how many more there are if there are too many, at the end of the text.
    pub(crate) fn into_mistakes(self, end: usize) -> Vec<Diagnostic> {
        let mut mistakes = self.mistakes;
        mistakes.extend((self.more > 0).then(|| Diagnostic::more(self.more, end)));
        mistakes
    }

    /// Reads a row; every mistake in it is reported.
    pub(crate) fn row(&mut self, cells: &Cells<'_>) -> Option<Row> {
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
    fn of_one_family(&mut self, cells: &Cells<'_>, prefix: NetAddress, next_hop: IpAddr) -> Option<IpAddr> {
        if prefix.ip().is_ipv4() == next_hop.is_ipv4() {
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

    fn prefix(&mut self, cells: &Cells<'_>) -> Option<NetAddress> {
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
pub(crate) fn digits<T: FromStr>(text: &str) -> Option<T> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Reads the number of an AS: `65546`, or its halves, `1.10`.
pub(crate) fn as_number(text: &str) -> Option<u32> {
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
