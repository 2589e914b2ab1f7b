//! What a kept snapshot says of the records it is about.

use alloc::collections::BTreeMap;

use similar::DiffOp;
use tiebreak_trace::{Hashes, Window, read_windows, record_hash, snapshot_windows, without_tie};

use crate::align::align;

/// The records of a kept snapshot.
#[derive(Debug)]
pub(crate) enum Kept<'a> {
    /// All their lines.
    Lines(Vec<&'a str>),
    /// A hash of each.
    Hashes(Vec<u16>),
    /// Hashes of many together.
    Windows(Vec<Window>),
    /// Lines of some, and nothing of the others: what was kept before there were windows.
    Some,
}

/// What the line begins with that stands for records that are not shown.
const LEFT_OUT: &str = "# … ";

impl<'a> Kept<'a> {
    /// Reads a snapshot, without what insta writes before it.
    pub(crate) fn read(snapshot: &'a str) -> Self {
        let windows = read_windows(snapshot);
        if windows.is_empty() && snapshot.lines().any(|line| line.starts_with(LEFT_OUT)) {
            return Self::Some;
        }
        if windows.is_empty() {
            return Self::Lines(record_lines(snapshot).collect());
        }
        let each = windows.iter().map(|window| match &window.records {
            Hashes::Each(hashes) => Some(hashes.as_slice()),
            Hashes::All(..) => None,
        });
        match each.collect::<Option<Vec<_>>>() {
            Some(hashes) => Self::Hashes(hashes.concat()),
            None => Self::Windows(windows),
        }
    }
}

/// Records of then and of now, aligned: which are the same, which are gone, which are new.
#[derive(Debug)]
pub(crate) struct Aligned<'a> {
    /// The lines of then; `None` is one of which only a hash is kept that no line of now has.
    pub(crate) then: Vec<Option<&'a str>>,
    /// The lines of now.
    pub(crate) now: &'a [String],
    /// What is the same and what is not, in order.
    pub(crate) ops: Vec<DiffOp>,
}

impl<'a> Aligned<'a> {
    /// Aligns lines that were kept.
    pub(crate) fn lines(then: &[&'a str], now: &'a [String]) -> Self {
        let without_ties = |line: &str| without_tie(line);
        let keys: Vec<String> = then.iter().map(|line| without_ties(line)).collect();
        let now_keys: Vec<String> = now.iter().map(|line| without_ties(line)).collect();
        let ops = align(&keys, &now_keys);
        Self { then: then.iter().map(|line| Some(*line)).collect(), now, ops }
    }

    /// Aligns hashes that were kept. What a record was is known if it happens elsewhere now.
    pub(crate) fn hashes(then: &[u16], now: &'a [String]) -> Self {
        let now_keys: Vec<u16> = now.iter().map(|line| record_hash(line)).collect();
        let ops = align(then, &now_keys);
        // Hashes are short: a record is looked for only where something is new.
        let moved = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).flat_map(DiffOp::new_range);
        let known: BTreeMap<u16, &'a str> = moved.map(|line| (now_keys[line], now[line].as_str())).collect();
        let mut lines: Vec<Option<&'a str>> = then.iter().map(|hash| known.get(hash).copied()).collect();
        for op in &ops {
            if matches!(op, DiffOp::Equal { .. }) {
                for (then, here) in op.old_range().zip(op.new_range()) {
                    lines[then] = Some(&now[here]);
                }
            }
        }
        Self { then: lines, now, ops }
    }
}

/// Returns the records of now that lie in the first window that is not as it was, and the window.
pub(crate) fn first_other_window<'a>(then: &[Window], now: &'a [String]) -> Option<(Window, &'a [String])> {
    let windows = snapshot_windows(now);
    let same = windows.iter().zip(then).take_while(|(now, then)| now == then).count();
    let start: usize = windows[..same].iter().map(Window::len).sum();
    let window = windows.get(same)?;
    Some((window.clone(), &now[start..start + window.len()]))
}

/// The lines of a snapshot that are records.
pub(crate) fn record_lines(snapshot: &str) -> impl Iterator<Item = &str> {
    snapshot.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}
