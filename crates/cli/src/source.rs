//! Where a trace comes from: a scenario, which is run now, or a file that holds the trace of a run. They are told apart by
//! what is in them, not by their names.

use core::fmt;
use std::path::Path;

use tiebreak::trace::{Malformed, PACKED_MAGIC, Unpacked, UnpackedEnd};
use tiebreak::{Trace, Verbosity};
use tiebreak_inquiry::{ReadBack, read_ndjson};
use tiebreak_runner::{Recorded, RunOptions, RunReport};

use crate::arguments::{ScenarioOptions, SourceOptions};
use crate::exit::Error;
use crate::load::{Ready, read_bytes, to_text};
use crate::output::{Terminal, complain, is_standard, visible};
use crate::sheet::Sheet;

/// How a trace as text begins, and a snapshot.
const TEXTS: [&str; 2] = ["# tiebreak trace", "# tiebreak snapshot"];

/// A trace and where it comes from.
#[derive(Debug)]
pub(crate) struct Source {
    /// What it is called: its path, or that it is standard input.
    pub(crate) title: String,
    /// The trace.
    pub(crate) trace: Trace,
    /// Whether it says what is pending at the end.
    pub(crate) knows_pending: bool,
    /// The run that made it, if it was made now.
    pub(crate) ran: Option<Box<Ran>>,
}

/// A run of a scenario.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The scenario, ready to be run again: its plan, world and recordings.
    pub(crate) ready: Ready,
    /// Its file and what was asked of it.
    pub(crate) scenario: ScenarioOptions,
    /// How it was run.
    pub(crate) how: RunOptions,
    /// The report of the run.
    pub(crate) report: RunReport,
    /// What had begun and not ended, a sentence each.
    pub(crate) unfinished: Vec<String>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Packed,
    Ndjson,
    /// A trace or a snapshot for people.
    Text,
    Scenario,
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        let text = bytes.trim_ascii_start();
        if bytes.starts_with(&PACKED_MAGIC[..4]) {
            Self::Packed
        } else if text.starts_with(b"{") {
            Self::Ndjson
        } else if TEXTS.iter().any(|head| text.starts_with(head.as_bytes())) {
            Self::Text
        } else {
            Self::Scenario
        }
    }
}

impl Source {
    /// Reads a trace, or runs a scenario with these options; `-` is standard input. Of the changes of pending events a run
    /// records what the verbosity says.
    ///
    /// # Errors
    /// If the file cannot be read or has mistakes, or if it is a trace and an option is for scenarios.
    pub(crate) fn open(
        path: &Path,
        options: &SourceOptions,
        verbosity: Verbosity,
        terminal: Terminal,
    ) -> Result<Self, Error> {
        let unreadable = |cause: String| Error::Files(vec![Sheet::unreadable(path, &cause)]);
        let title = if is_standard(path) { "standard input".to_owned() } else { visible(path.display()) };
        let bytes = read_bytes(path).map_err(unreadable)?;
        let content = Content::of(&bytes);
        if let (Content::Packed | Content::Ndjson, Some(option)) = (content, options.first_given()) {
            return Err(Error::Input(format!("{option} is for scenarios, but {title} holds a trace")));
        }
        match content {
            Content::Packed => {
                let trace = unpacked(&bytes, &title).map_err(|wrong| unreadable(wrong.to_string()))?;
                Ok(Self { title, trace, knows_pending: true, ran: None })
            }
            Content::Ndjson => {
                let text = to_text(bytes).map_err(unreadable)?;
                let trace = from_ndjson(text, &title)?;
                Ok(Self { title, trace, knows_pending: false, ran: None })
            }
            Content::Text => Err(unreadable(
                "it is a trace as text, which cannot be read back: write it with `tiebreak run --format ndjson`"
                    .to_owned(),
            )),
            Content::Scenario => {
                let scenario = options.of(path);
                let ready = Ready::of_text(to_text(bytes).map_err(unreadable)?, &scenario, terminal)?;
                let how = options.how(verbosity);
                let Recorded { report, trace, unfinished, .. } = ready.prepared.record(how);
                let ran = Box::new(Ran { ready, scenario, how, report, unfinished });
                Ok(Self { title, trace, knows_pending: true, ran: Some(ran) })
            }
        }
    }
}

/// Says that a trace was cut, or is still being written.
fn warn(title: &str, how_far: fmt::Arguments<'_>) {
    complain(format_args!("warning: {title} is not whole: {how_far}"));
}

/// Unpacks a trace; says so if it was cut.
fn unpacked(bytes: &[u8], title: &str) -> Result<Trace, Malformed> {
    let Unpacked { trace, checkpoints: _, end } = Trace::unpack(bytes)?;
    if let UnpackedEnd::Cut { record, offset } = end {
        warn(
            title,
            format_args!(
                "it is read up to record {record}, where the last whole block ends, at byte {offset}"
            ),
        );
    }
    Ok(trace)
}

/// Reads a trace as NDJSON; says so if it was cut.
fn from_ndjson(text: String, title: &str) -> Result<Trace, Error> {
    match read_ndjson(&text) {
        Ok(ReadBack { trace, is_whole }) => {
            if !is_whole {
                warn(
                    title,
                    format_args!("it is read up to record {}, behind which there is no footer", trace.len()),
                );
            }
            Ok(trace)
        }
        Err(wrong) => Err(Error::Files(vec![Sheet {
            path: title.to_owned(),
            text: Some(text),
            diagnostics: vec![wrong],
        }])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_what_is_in_it() {
        let cases: [(&[u8], Content); 6] = [
            (b"\x89tbt\x01", Content::Packed),
            (b"{\"type\":\"header\"", Content::Ndjson),
            (b"# tiebreak trace \xC2\xB7 format 2", Content::Text),
            (b"# tiebreak snapshot", Content::Text),
            (b"// a comment\nScenario(", Content::Scenario),
            (b"", Content::Scenario),
        ];
        for (bytes, content) in cases {
            assert_eq!(Content::of(bytes), content, "{bytes:?}");
        }
    }
}
