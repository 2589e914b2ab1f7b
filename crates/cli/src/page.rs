//! Pages for browsers: a trace, or two side by side.

use std::path::{Path, PathBuf};

use tiebreak::Trace;
use tiebreak_inquiry::Comparison as Found;
use tiebreak_report::page::{Comparison, write_comparison_page, write_page};

use crate::exit::{Error, Exit};
use crate::output::{Sink, is_standard};
use crate::place::{Wanted, refuse_same_files};
use crate::source::Source;

/// Opens the file that a page goes to.
///
/// # Errors
/// If it is standard output, or a file that is read, or cannot be written.
pub(crate) fn open(path: &Path, reads: &[PathBuf]) -> Result<Sink, Error> {
    if is_standard(path) {
        return Err(Error::Input("`--html` takes a file: open it in a browser".to_owned()));
    }
    refuse_same_files(&[Wanted { option: "--html", path }], reads)?;
    Sink::open(path)
}

/// Writes the page of a trace to the file at a path, which was opened as `sink`.
///
/// # Errors
/// If the file is read, or cannot be written.
pub(crate) fn write(source: &Source, path: &Path, mut sink: Sink) -> Result<Exit, Error> {
    refuse_same_files(&[Wanted { option: "--html", path }], &source.scenario_files())?;
    // The sink keeps its own error.
    let _ = write_page(&source.title, &source.trace, &mut sink);
    sink.finish()?;
    Ok(Exit::Fine)
}

/// Writes the page of two traces, A first, of which `found` says what differs.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_both(
    traces: [&Trace; 2],
    titles: [&str; 2],
    found: &Found,
    mut sink: Sink,
) -> Result<(), Error> {
    let (title, names) = heading(titles);
    // The sink keeps its own error.
    let _ = write_comparison_page(&title, names, &Comparison::of(traces, found), &mut sink);
    sink.finish()
}

/// What a page with two traces is called, and what each of the two is: what they have in common need not be said twice.
fn heading([left, right]: [&str; 2]) -> (String, [&str; 2]) {
    match (left.split_once(", "), right.split_once(", ")) {
        (Some((file, own)), Some((other, others))) if file == other => (file.to_owned(), [own, others]),
        _ => (format!("{left} and {right}"), [left, right]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_runs_have_in_common_is_said_once() {
        let (title, names) = heading(["a.ron, seed 1, order fifo", "a.ron, seed 2, order fifo"]);
        assert_eq!((&*title, names), ("a.ron", ["seed 1, order fifo", "seed 2, order fifo"]));
        let (title, names) = heading(["a.ron, seed 1", "b.ron, seed 1"]);
        assert_eq!((&*title, names), ("a.ron, seed 1 and b.ron, seed 1", ["a.ron, seed 1", "b.ron, seed 1"]));
    }
}
