//! A recording, its rows, and reading them from either form.

use core::net::IpAddr;

use tiebreak_diagnostic::{Diagnostic, code};
use tiebreak_kernel::Span;
use tiebreak_rtm::NetAddress;

use crate::row::Parser;
use crate::{bgpdump, csv};

/// The most mistakes of one recording that are reported one by one.
pub const MISTAKES_MAX: usize = 100;

/// The longest line of a recording, in bytes without the line break.
pub const LINE_BYTES_MAX: usize = 64 << 10;

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
        prefix: NetAddress,
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
        prefix: NetAddress,
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
        let mut parser = Parser::default();
        let rows = if bgpdump::is_raw(text) {
            bgpdump::rows(text, &mut parser)
        } else {
            csv::rows(text, &mut parser)?
        };
        let end = text.len();
        let mut mistakes = parser.into_mistakes(end);
        if rows.is_empty() && mistakes.is_empty() {
            let empty = Diagnostic::error(code::ROW, end..end, "the recording has no rows");
            mistakes.push(empty.help("write one line for each update"));
        }
        if mistakes.is_empty() { Ok(Self { rows }) } else { Err(mistakes) }
    }
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
    fn a_line_that_is_too_long_is_not_taken_apart() {
        let long = ",".repeat(LINE_BYTES_MAX + 1);
        let told =
            format!("error[S098]: the line is longer than {LINE_BYTES_MAX} bytes; write one update a line\n");
        for (text, line) in [
            (long.clone(), 1),
            (format!("{HEADER}{long}"), 2),
            (format!("{HEADER}0,0,192.0.2.1,W,10.0.0.0/8,,,\n{long}\n"), 3),
            (format!("BGP4MP|1|W|192.0.2.1|64500|10.0.0.0/8\n{}", "|".repeat(LINE_BYTES_MAX + 1)), 2),
        ] {
            assert_eq!(lines(&text), format!("r.csv:{line}:1: {told}"));
        }
    }

    #[test]
    fn a_header_of_commas_is_one_mistake_and_one_of_names_is_counted() {
        let commas = format!("{}\n", ",".repeat(20_000));
        assert_eq!(Recording::parse(&commas).unwrap_err().len(), 1);
        let names = format!("unix_s{}\n", ",a".repeat(20_000));
        let mistakes = Recording::parse(&names).unwrap_err();
        assert_eq!(mistakes.len(), 7 + MISTAKES_MAX + 1);
        assert_eq!(mistakes[7 + MISTAKES_MAX].message, "there are 19900 more mistakes");
    }

    #[test]
    fn mistakes_beyond_the_limit_are_counted() {
        let text = HEADER.to_owned() + &"x,0,192.0.2.1,W,10.0.0.0/8,,,\n".repeat(MISTAKES_MAX + 7);
        let mistakes = Recording::parse(&text).unwrap_err();
        assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
        assert_eq!(mistakes[MISTAKES_MAX].message, "there are 7 more mistakes");
    }
}
