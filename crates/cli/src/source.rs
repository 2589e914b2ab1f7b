//! Where a trace comes from: a scenario, which is run now, or a file that holds the trace of a run. They are told apart by
//! what is in them, not by their names.

use std::path::{Path, PathBuf};

use tiebreak::trace::{Malformed, PACKED_MAGIC, Unpacked, UnpackedEnd};
use tiebreak::{Trace, Verbosity};
use tiebreak_diagnostic::Bound;
use tiebreak_inquiry::{NdjsonEnd, NdjsonPart, NdjsonTrace, read_ndjson};
use tiebreak_rtm_sim::Unfinished;
use tiebreak_runner::{Recorded, RunOptions, RunReport};

use crate::arguments::{ScenarioOptions, SourceOptions};
use crate::bounded::{self, read_bytes};
use crate::exit::Error;
use crate::load::{FIND, Ready, to_text, whole_characters};
use crate::output::{Terminal, complain, is_standard, shown_path, visible};
use crate::place::files_of;
use crate::root::root_start;
use crate::sheet::Sheet;

/// So many bytes are looked at for a trace as text that begins after something else, such as what a test has printed.
const PREAMBLE: usize = 4_096;
/// How a trace as text begins, and a snapshot.
const TEXTS: [&str; 2] = ["# tiebreak trace", "# tiebreak snapshot"];

/// How a scenario begins behind comments, and a kept find.
const ROOTS: [&str; 3] = ["Scenario", FIND, "("];
/// What an editor may have put before a text.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

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
    /// What had begun and not ended.
    pub(crate) unfinished: Vec<Unfinished>,
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
        let text = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes).trim_ascii_start();
        // What follows the first half is different in a copy that was made as if it were text: its reader says so.
        if bytes.starts_with(&PACKED_MAGIC[..4]) {
            Self::Packed
        } else if text.starts_with(b"{") {
            Self::Ndjson
        } else if text[..text.len().min(PREAMBLE)].split(|byte| *byte == b'\n').any(is_of_text)
            && !is_of_scenario(text)
        {
            Self::Text
        } else {
            Self::Scenario
        }
    }

    /// The most that is read of such a file.
    const fn bound(self) -> Bound {
        match self {
            Self::Packed | Self::Ndjson | Self::Text => bounded::TRACE,
            Self::Scenario => bounded::SCENARIO,
        }
    }
}

/// Whether a trace as text, or a snapshot, begins with this line.
fn is_of_text(line: &[u8]) -> bool {
    TEXTS.iter().any(|head| line.starts_with(head.as_bytes()))
}

/// Whether a text begins as a scenario does, or a kept find: a comment in it may quote the head of a trace.
fn is_of_scenario(text: &[u8]) -> bool {
    let text = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let root = &text[root_start(text)..];
    root.is_empty() || ROOTS.iter().any(|word| root.starts_with(word))
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
        let title = if is_standard(path) { "standard input".to_owned() } else { shown_path(path.display()) };
        let bytes = read_bytes(path, |head| Content::of(head).bound()).map_err(unreadable)?;
        let content = Content::of(&bytes);
        if let (Content::Packed | Content::Ndjson, Some(option)) = (content, options.first_given()) {
            return Err(Error::Input(format!("{option} is for scenarios, but {title} holds a trace")));
        }
        match content {
            Content::Packed => {
                let trace = unpack(&bytes, &title).map_err(|found| unreadable(found.to_string()))?;
                Ok(Self { title, trace, knows_pending: true, ran: None })
            }
            Content::Ndjson => {
                let mut text = to_text(whole_characters(bytes)).map_err(unreadable)?;
                if text.starts_with(BYTE_ORDER_MARK) {
                    text.drain(..BYTE_ORDER_MARK.len());
                }
                let trace = of_ndjson(text, &title)?;
                Ok(Self { title, trace, knows_pending: false, ran: None })
            }
            Content::Text => Err(unreadable(
                "it is a trace as text, which cannot be read back: write it with `tiebreak run --format ndjson`, or with `tiebreak::write_ndjson` in Rust"
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

impl Source {
    /// Returns the files that its scenario was read from; none if it is a trace.
    pub(crate) fn scenario_files(&self) -> Vec<PathBuf> {
        self.ran.as_ref().map_or_else(Vec::new, |ran| files_of(&ran.scenario, &ran.ready.plan))
    }
}

/// Reads a packed trace; warns if it was cut.
fn unpack(bytes: &[u8], title: &str) -> Result<Trace, Malformed> {
    let Unpacked { trace, end, .. } = Trace::unpack(bytes)?;
    match end {
        UnpackedEnd::Whole => {}
        UnpackedEnd::Cut { record, offset } => complain(format_args!(
            "warning: {title} was cut, or is still being written; it is read up to record {record}, because the block \
             at byte {offset} is not there as a whole"
        )),
    }
    Ok(trace)
}

/// Reads a trace from NDJSON; warns if something of it is missing.
fn of_ndjson(text: String, title: &str) -> Result<Trace, Error> {
    let NdjsonTrace { trace, part, end } = match read_ndjson(&text) {
        Ok(read) => read,
        Err(found) => {
            let sheet = Sheet { path: title.to_owned(), text: Some(text), diagnostics: vec![found] };
            return Err(Error::Files(vec![sheet]));
        }
    };
    match end {
        NdjsonEnd::Whole => {}
        NdjsonEnd::Cut { record, line } => complain(format_args!(
            "warning: {title} was cut, or is still being written; it is read up to record {record}, because line {line} \
             is not there as a whole"
        )),
    }
    match part {
        NdjsonPart::Whole => {}
        NdjsonPart::Projection(projection) => complain(visible(format_args!(
            "warning: {title} is a part of a run ({projection}); its records are numbered from 1"
        ))),
        NdjsonPart::Gaps => complain(format_args!(
            "warning: {title} lacks records of the run; those that are there are numbered from 1"
        )),
    }
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_what_is_in_it() {
        let behind = |len: usize| format!("{}\n# tiebreak trace", "x".repeat(len - 1)).into_bytes();
        let cases: [(&[u8], Content); 22] = [
            (b"\x89tbt\x01", Content::Packed),
            (b"{\"type\":\"header\"", Content::Ndjson),
            (b"# tiebreak trace \xC2\xB7 format 2", Content::Text),
            (b"# tiebreak snapshot", Content::Text),
            (b"// a comment\nScenario(", Content::Scenario),
            (b"", Content::Scenario),
            (b"\xEF\xBB\xBF{\"type\":\"header\"", Content::Ndjson),
            (b"\xEF\xBB\xBF\n # a", Content::Scenario),
            (b"\xEF\xBB\xBF# tiebreak trace", Content::Text),
            (b"running 1 test\n# tiebreak trace", Content::Text),
            (b"running 1 test\n # tiebreak trace", Content::Scenario),
            (b"running Scenario(\n# tiebreak trace", Content::Text),
            (b"// running\n# tiebreak trace", Content::Text),
            (b"/*\n# tiebreak trace\n*/\nScenario(", Content::Scenario),
            (b"/*\n# tiebreak trace\n", Content::Scenario),
            (b"/*\n# tiebreak trace\n*/\n(format: 1", Content::Scenario),
            (b"/*\n# tiebreak snapshot\n*/\nRegression(", Content::Scenario),
            (b"/*\n# tiebreak trace\n*/\n# tiebreak trace", Content::Text),
            (b"Scenario(about: r\"\n# tiebreak trace\"", Content::Scenario),
            (b"x\xFF\n# tiebreak trace", Content::Text),
            (&behind(PREAMBLE - 16), Content::Text),
            (&behind(PREAMBLE - 15), Content::Scenario),
        ];
        for (bytes, content) in cases {
            assert_eq!(Content::of(bytes), content, "{bytes:?}");
        }
    }
}
