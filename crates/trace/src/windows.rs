//! What a long snapshot keeps of the records it does not show: enough to find the first one that differs.
//!
//! Records are cut into windows. Where a window ends depends on its last record alone, so that one more record, or one
//! less, changes the window it lies in and no other. Each window is a line: when it begins, how many records it has, and a
//! hash of each. Of a very long trace it has one hash of them all.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use xxhash_rust::xxh3::xxh3_64;

/// A snapshot of more records than this has one hash a window, not one a record.
pub const SNAPSHOT_HASHED_MAX: usize = 20_000;

/// What the line before the windows begins with.
const TITLE: &str = "# windows of all records:";
/// What the line of a window begins with.
const MARK: &str = "#   ";

/// How a trace is cut into windows.
struct Cut {
    /// A window ends behind a record whose hash is divisible by this, so that it has about so many records.
    ends_at: u16,
    /// How many records a window has at most.
    records_max: usize,
}

impl Cut {
    /// How a trace of this many records is cut: so that the line of a window can be read, or so that there are not too
    /// many lines.
    const fn of(records: usize) -> Self {
        if records <= SNAPSHOT_HASHED_MAX {
            Self { ends_at: 12, records_max: 32 }
        } else {
            Self { ends_at: 256, records_max: 1024 }
        }
    }
}

/// A part of a trace, as a long snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// When its first record happened, as text.
    pub at: String,
    /// What is kept of its records.
    pub records: Hashes,
}

/// What is kept of the records of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hashes {
    /// A hash of each.
    Each(Vec<u16>),
    /// How many there are, and one hash of them all.
    All(usize, u64),
}

/// Returns the hash by which a long snapshot knows a record: of its line in a snapshot. A tie is not part of it.
#[must_use]
pub fn record_hash(line: &str) -> u16 {
    // The upper half of a hash is as good as the lower.
    (xxh3_64(without_tie(line).as_bytes()) >> 48) as u16
}

/// Returns the line of a record in a snapshot with the mark of a tie blanked out: whether an event had alternatives is no
/// part of what happened.
#[must_use]
pub fn without_tie(line: &str) -> String {
    line.replacen(" [tie] ", "       ", 1)
}

/// Cuts the lines of all records of a snapshot ([`snapshot_lines`](crate::snapshot_lines)) into windows.
#[must_use]
pub fn snapshot_windows(lines: &[String]) -> Vec<Window> {
    let Cut { ends_at, records_max } = Cut::of(lines.len());
    let mut windows = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let is_end = |line: &String| record_hash(line) % ends_at == 0;
        let longest = &rest[..rest.len().min(records_max)];
        let end = longest.iter().position(is_end).map_or(longest.len(), |last| last + 1);
        let (window, behind) = rest.split_at(end);
        windows.push(Window::new(window, lines.len()));
        rest = behind;
    }
    windows
}

/// Returns the windows that a snapshot keeps; none if it shows all of its records, or is no snapshot.
#[must_use]
pub fn read_windows(snapshot: &str) -> Vec<Window> {
    let lines = snapshot.lines().skip_while(|line| !line.starts_with(TITLE)).skip(1);
    lines.map_while(|line| line.strip_prefix(MARK).and_then(Window::read)).collect()
}

/// Writes the windows as lines of a snapshot.
pub(crate) fn write_windows(windows: &[Window], out: &mut dyn fmt::Write) -> fmt::Result {
    writeln!(out, "{TITLE} when, how many, hashes")?;
    windows.iter().try_for_each(|window| writeln!(out, "{MARK}{window}"))
}

impl Window {
    /// The window of some lines of a snapshot, of which there are `all`.
    fn new(lines: &[String], all: usize) -> Self {
        let at = lines.first().and_then(|line| line.split(' ').next()).unwrap_or_default().to_string();
        let hashes = lines.iter().map(|line| record_hash(line));
        let records = if all <= SNAPSHOT_HASHED_MAX {
            Hashes::Each(hashes.collect())
        } else {
            let bytes: Vec<u8> = hashes.flat_map(u16::to_be_bytes).collect();
            Hashes::All(lines.len(), xxh3_64(&bytes))
        };
        Self { at, records }
    }

    /// Returns how many records it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.records {
            Hashes::Each(hashes) => hashes.len(),
            Hashes::All(count, _) => *count,
        }
    }

    /// Whether it has no records; no window of a trace is so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let at = words.next()?.to_string();
        let count: usize = words.next()?.parse().ok()?;
        let hashes: Vec<&str> = words.collect();
        let records = match hashes.as_slice() {
            [all] if all.len() > 4 => Hashes::All(count, u64::from_str_radix(all, 16).ok()?),
            each => {
                let each: Option<Vec<u16>> =
                    each.iter().map(|hash| u16::from_str_radix(hash, 16).ok()).collect();
                Hashes::Each(each.filter(|each| each.len() == count)?)
            }
        };
        Some(Self { at, records })
    }
}

impl fmt::Display for Window {
    /// Writes `1.5s 3 09af 8801 c03d`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.at, self.len())?;
        match &self.records {
            Hashes::Each(hashes) => hashes.iter().try_for_each(|hash| write!(out, " {hash:04x}")),
            Hashes::All(_, hash) => write!(out, " {hash:016x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;

    fn lines(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("{number}ms      a               step({number})#1")).collect()
    }

    fn written(lines: &[String]) -> String {
        let mut out = "# tiebreak snapshot\n".to_string();
        write_windows(&snapshot_windows(lines), &mut out).unwrap();
        out + "# at\n0s a b#1\n"
    }

    #[test]
    fn windows_hold_every_record_and_are_read_as_they_were_written() {
        for count in [1, 500, SNAPSHOT_HASHED_MAX, SNAPSHOT_HASHED_MAX + 1] {
            let lines = lines(count);
            let windows = snapshot_windows(&lines);
            assert_eq!(windows.iter().map(Window::len).sum::<usize>(), count);
            assert!(
                windows.iter().all(|window| !window.is_empty() && window.len() <= Cut::of(count).records_max)
            );
            let is_each = windows.iter().all(|window| matches!(window.records, Hashes::Each(_)));
            assert_eq!(is_each, count <= SNAPSHOT_HASHED_MAX);
            assert_eq!(read_windows(&written(&lines)), windows);
        }
    }

    #[test]
    fn one_more_record_changes_the_window_it_lies_in_and_no_other() {
        for count in [2_000, SNAPSHOT_HASHED_MAX + 10] {
            let before = lines(count);
            let mut after = before.clone();
            after.insert(1_000, "999ms      b               step(new)#1".to_string());
            let (before, after) = (snapshot_windows(&before), snapshot_windows(&after));
            let gone = before.iter().filter(|window| !after.contains(window)).count();
            let new = after.iter().filter(|window| !before.contains(window)).count();
            // A window that ends for its length moves the ends of those behind it, up to the next that ends by itself.
            assert!((1..=4).contains(&gone) && (1..=4).contains(&new), "{gone} gone, {new} new of {count}");
        }
    }

    #[test]
    fn a_tie_is_no_part_of_a_record() {
        let (tied, alone) = ("1s        rip       [tie] step(a)#1", "1s        rip             step(a)#1");
        assert_eq!(without_tie(tied), alone);
        assert_eq!(record_hash(tied), record_hash(alone));
    }

    #[test]
    fn what_is_no_window_is_not_read_as_one() {
        assert_eq!(read_windows("# tiebreak snapshot\n# at\n0s a b#1\n"), vec![]);
        for line in ["", "1s", "1s x", "1s 2 09af", "1s 1 zzzz", "1s 3 0123456789abcdefg"] {
            assert_eq!(Window::read(line), None, "{line}");
        }
    }
}
