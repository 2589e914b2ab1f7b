//! What has changed between a kept snapshot and that of now.

use core::iter;

use similar::{DiffOp, group_diff_ops};

use crate::kept::{Aligned, Kept, first_other_window, record_lines};
use crate::sentences::sentences;

/// How many sentences a difference has; how many more there would be is said in one more.
pub const SENTENCES_MAX: usize = 3;

/// How many lines of a difference are shown; how many more there are is said in one more.
pub const LINES_MAX: usize = 40;

/// How many lines stand around one that differs.
const CONTEXT: usize = 3;

/// How many records are shown of a window in which one differs.
const WINDOW_SHOWN: usize = 12;

/// What has changed between a kept snapshot and that of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Sentences about events, what happened first first.
    pub summary: Vec<String>,
    /// The records that differ and those around them: `-` is kept and does not happen any more, `+` happens and is not
    /// kept.
    pub lines: Vec<String>,
}

/// Compares a kept snapshot with that of now, and says what has changed; `None` if nothing has. Both are without what insta
/// writes before them. `all` are the lines of all records of now, since a long snapshot shows only some
/// (`tiebreak_trace::snapshot_lines`).
///
/// # Cost
/// About proportional to the length of the traces; a part of up to some 2,000 records that differs costs its square.
#[must_use]
pub fn difference(kept: &str, now: &str, all: &[String]) -> Option<Difference> {
    if kept.trim_end() == now.trim_end() {
        return None;
    }
    let aligned = match Kept::read(kept) {
        Kept::Lines(then) => Aligned::lines(&then, all),
        Kept::Hashes(then) => Aligned::hashes(&then, all),
        Kept::Windows(then) => {
            let Some((window, records)) = first_other_window(&then, all) else {
                return Some(only_around(kept, now));
            };
            return Some(Difference::in_window(&window.at, records));
        }
        Kept::Some => {
            let summary = "kept without hashes of what it leaves out, so that nobody can say what differs: review it anew";
            return Some(Difference { summary: vec![summary.to_owned()], lines: Vec::new() });
        }
    };
    if aligned.ops.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
        return Some(only_around(kept, now));
    }
    let settings = settings_changed(kept, now);
    let summary = settings.into_iter().chain(cut_sentences(sentences(&aligned))).collect();
    Some(Difference { summary, lines: cut_lines(lines(&aligned)) })
}

/// Says which settings of the run are others than those that were kept, as the headers have them. That the scenario was
/// edited is known to who did so.
fn settings_changed(kept: &str, now: &str) -> Option<String> {
    let parts = |snapshot: &str| -> Vec<String> {
        let header = snapshot.lines().next().unwrap_or_default();
        let parts = header.split(" · ").skip(1).filter(|part| !part.starts_with("plan "));
        parts.map(str::to_owned).collect()
    };
    let (then, here) = (parts(kept), parts(now));
    let others: Vec<String> = here
        .iter()
        .zip(&then)
        .filter(|(now, then)| now != then)
        .map(|(now, then)| format!("{now} (kept: {then})"))
        .collect();
    (!others.is_empty()).then(|| format!("with other settings: {}", others.join(", ")))
}

impl Difference {
    /// One of these records differs, and the snapshot does not say which.
    fn in_window(at: &str, records: &[String]) -> Self {
        let count = records.len();
        let summary = format!(
            "the first difference is among the {count} records from {at} on; the snapshot has one hash of them"
        );
        let more = count.saturating_sub(WINDOW_SHOWN);
        let shown = records.iter().take(WINDOW_SHOWN).map(|line| format!("? {line}"));
        let more = (more > 0).then(|| more_lines(more));
        Self { summary: vec![summary], lines: shown.chain(more).collect() }
    }
}

/// Says what differs where all records are the same: the lines around them.
fn only_around(kept: &str, now: &str) -> Difference {
    let (then, here) = (around(kept), around(now));
    let summary = match (format_of(&then), format_of(&here)) {
        (Some(then), Some(now)) if then != now => {
            format!(
                "kept in format {then}, and now in format {now}, in which orders and digests are others: review it anew"
            )
        }
        _ if record_lines(kept).ne(record_lines(now)) => {
            "the same records in the same order; others of them had alternatives".to_owned()
        }
        _ => {
            let settings =
                settings_changed(kept, now).unwrap_or_else(|| "the scenario was edited".to_owned());
            format!("the same records in the same order, {settings}")
        }
    };
    let gone = then.iter().filter(|line| !here.contains(line)).map(|line| format!("- {line}"));
    let new = here.iter().filter(|line| !then.contains(line)).map(|line| format!("+ {line}"));
    Difference { summary: vec![summary], lines: cut_lines(gone.chain(new).collect()) }
}

/// The lines of a snapshot that are no records.
fn around(snapshot: &str) -> Vec<&str> {
    snapshot.lines().filter(|line| line.starts_with('#')).collect()
}

/// The number of the format, from the header.
fn format_of<'a>(around: &[&'a str]) -> Option<&'a str> {
    around.first()?.split(" · ").find_map(|part| part.strip_prefix("format "))
}

/// The lines that differ, with those around them.
fn lines(aligned: &Aligned<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for group in group_diff_ops(aligned.ops.clone(), CONTEXT) {
        if !lines.is_empty() {
            lines.push("  …".to_owned());
        }
        for op in group {
            let is_same = matches!(op, DiffOp::Equal { .. });
            let mark = if is_same { ' ' } else { '+' };
            let gone = op.old_range().filter(|_| !is_same);
            lines.extend(gone.map(|line| {
                format!("- {}", aligned.then[line].unwrap_or("(a record of which only the hash was kept)"))
            }));
            lines.extend(op.new_range().map(|line| format!("{mark} {}", aligned.now[line])));
        }
    }
    lines
}

fn cut_sentences(mut sentences: Vec<String>) -> Vec<String> {
    if sentences.len() > SENTENCES_MAX {
        let more = sentences.len() - SENTENCES_MAX;
        sentences.truncate(SENTENCES_MAX);
        sentences.push(format!("and {more} more"));
    }
    sentences
}

fn cut_lines(lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LINES_MAX);
    if more == 0 {
        return lines;
    }
    lines.into_iter().take(LINES_MAX).chain(iter::once(more_lines(more))).collect()
}

fn more_lines(count: usize) -> String {
    format!("  … {count} more line{}", if count == 1 { "" } else { "s" })
}
