//! Where results and notes go. If nobody reads on, writing stops, and nothing else does.

use alloc::collections::VecDeque;
use alloc::string::String;
use core::fmt::{self, Display, Write as _};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{MAIN_SEPARATOR, Path};

use tiebreak::BlockOutput;
use tiebreak::kernel::is_invisible;

use crate::arguments::Color;
use crate::draft::{Draft, Written};
use crate::exit::Error;
use crate::load::Reach;

/// The path that means standard output, or standard input where something is read.
const STANDARD: &str = "-";

/// Returns whether the path means standard output or input.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == STANDARD
}

/// Takes results. The first error is kept until [`Sink::finish`]; what is written after it is dropped.
pub(crate) struct Sink {
    path: String,
    out: BufWriter<Box<dyn Write>>,
    error: Option<io::Error>,
    /// What replaces the file at the path when all is written.
    draft: Option<Draft>,
}

impl Sink {
    /// Writes to standard output.
    pub(crate) fn stdout() -> Self {
        Self::new("standard output".to_owned(), Box::new(io::stdout()), None)
    }

    /// Writes to a file; `-` is standard output. The file stays as it was until [`Sink::finish`] replaces it as a whole.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        if is_standard(path) {
            return Ok(Self::stdout());
        }
        Self::of_draft(path, Draft::beside(path))
    }

    /// Writes to a file that can be read while it is written: until [`Sink::finish`] it has `.part` behind its name. What was
    /// written stays there if the process is ended. `-` is standard output.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn growing(path: &Path) -> Result<Self, Error> {
        if is_standard(path) {
            return Ok(Self::stdout());
        }
        Self::of_draft(path, Draft::growing(path))
    }

    fn of_draft(path: &Path, opened: io::Result<(File, Option<Draft>)>) -> Result<Self, Error> {
        let name = shown_path(path.display());
        match opened {
            Ok((file, draft)) => Ok(Self::new(name, Box::new(file), draft)),
            Err(error) => Err(Error::Input(format!("cannot write {name}: {error}"))),
        }
    }

    fn new(path: String, out: Box<dyn Write>, draft: Option<Draft>) -> Self {
        Self { path, out: BufWriter::with_capacity(1 << 16, out), error: None, draft }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: impl Display) {
        // The error is kept for `finish`.
        let _ = writeln!(self, "{line}");
    }

    /// Writes bytes that are no text.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.out.write_all(bytes).err();
        }
    }

    /// Writes out what was kept back, so that others see it.
    pub(crate) fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.flush().err();
        }
    }

    /// Writes out what is left, and puts the file in its place.
    ///
    /// # Errors
    /// If something could not be written; then the file is as it was. That nobody reads the output is no error.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.settle()?.publish()
    }

    /// Writes out what is left, and does not put the file in its place yet: where several files are written, none of them is
    /// replaced before all are on the disk.
    ///
    /// # Errors
    /// As for [`Sink::finish`].
    pub(crate) fn settle(mut self) -> Result<Settled, Error> {
        self.flush();
        // The rest could not be written either: dropping the buffer must not try again.
        let (_, _) = self.out.into_parts();
        let written = self.error.map_or(Ok(()), Err);
        match written.and_then(|()| self.draft.as_ref().map_or(Ok(()), Draft::sync)) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::Output { path: self.path, source: error })
            }
            Err(_) | Ok(()) => Ok(Settled { path: self.path, draft: self.draft }),
        }
    }
}

/// Results that are written as a whole. A file is not in its place yet; dropping it leaves the one there as it was.
#[derive(Debug)]
pub(crate) struct Settled {
    path: String,
    draft: Option<Draft>,
}

impl Settled {
    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be put there; then the file there is as it was.
    pub(crate) fn publish(self) -> Result<(), Error> {
        let Self { path, draft } = self;
        draft.map_or(Ok(()), Draft::publish).map_err(|source| Error::Output { path, source })
    }

    /// Puts the file in its place, unless there is one already.
    ///
    /// # Errors
    /// If it cannot be put there for another reason.
    pub(crate) fn publish_new(self) -> Result<Written, Error> {
        let Self { path, draft } = self;
        draft.map_or(Ok(Written::Yes), Draft::publish_new).map_err(|source| Error::Output { path, source })
    }
}

impl BlockOutput for Sink {
    fn write(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        self.flush();
    }
}

impl fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        if self.error.is_none() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Passes on the head and the last records of a trace, and says how many it has left out: for a run that did not end.
pub(crate) struct Tail<'a> {
    sink: &'a mut Sink,
    line: String,
    /// The last lines: records, then the footer.
    last: VecDeque<String>,
    left_out: u64,
}

impl<'a> Tail<'a> {
    /// The number of lines that are kept: forty records and the footer.
    const KEPT: usize = 41;
    /// The character that lines of the head begin with.
    const HEAD: char = '#';

    pub(crate) const fn new(sink: &'a mut Sink) -> Self {
        Self { sink, line: String::new(), last: VecDeque::new(), left_out: 0 }
    }

    /// Writes the last lines.
    ///
    /// # Errors
    /// If the sink cannot be written to.
    pub(crate) fn finish(self) -> fmt::Result {
        if self.left_out > 0 {
            writeln!(self.sink, "… {} records before these; `--trace FILE` keeps them all", self.left_out)?;
        }
        self.last.iter().try_for_each(|line| self.sink.write_str(line))
    }

    fn take_line(&mut self) -> fmt::Result {
        let line = core::mem::take(&mut self.line);
        if line.starts_with(Self::HEAD) && self.last.is_empty() {
            return self.sink.write_str(&line);
        }
        self.last.push_back(line);
        if self.last.len() > Self::KEPT {
            self.last.pop_front();
            self.left_out += 1;
        }
        Ok(())
    }
}

impl fmt::Write for Tail<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive('\n') {
            self.line.push_str(piece);
            if piece.ends_with('\n') {
                self.take_line()?;
            }
        }
        Ok(())
    }
}

/// How the command talks to the person at the terminal, and what that person allows in all that it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// When to use colour.
    pub(crate) color: Color,
    /// Whether to print only what is wrong.
    pub(crate) is_quiet: bool,
    /// Which recordings the scenarios that the person runs may name.
    pub(crate) reach: Reach,
}

impl Terminal {
    /// Writes a line to standard error unless quiet was asked for.
    pub(crate) fn note(self, note: impl Display) {
        if !self.is_quiet {
            complain(note);
        }
    }

    /// Returns how to draw on standard output.
    pub(crate) fn stdout_paint(self) -> Paint {
        self.paint(&io::stdout())
    }

    /// Returns how to draw on standard error.
    pub(crate) fn stderr_paint(self) -> Paint {
        self.paint(&io::stderr())
    }

    /// Returns whether progress is shown.
    pub(crate) fn shows_progress(self) -> bool {
        !self.is_quiet && io::stderr().is_terminal() && !is_dumb()
    }

    fn paint(self, out: &impl IsTerminal) -> Paint {
        let is_refused = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_coloured = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => out.is_terminal() && !is_refused() && !is_dumb(),
        };
        if is_coloured { Paint::Coloured } else { Paint::Plain }
    }
}

/// Whether the terminal says that it can do nothing but print lines.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// Whether a drawing is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// It is.
    Coloured,
    /// It is not.
    Plain,
}

/// Spells a path, given by its `display()`, with `/` on every platform, so that what is printed, pasted or kept on one can be used on another.
pub(crate) fn spelled(path: impl Display) -> String {
    let text = path.to_string();
    if MAIN_SEPARATOR == '/' { text } else { text.replace(MAIN_SEPARATOR, "/") }
}

/// Returns a path as it is printed: spelled with `/`, on one line, as [`visible`] says.
pub(crate) fn shown_path(path: impl Display) -> String {
    visible(spelled(path))
}

/// Returns a text that came from outside on one line that can be printed: characters that move the cursor,
/// change colours or cannot be seen are escaped.
pub(crate) fn visible(text: impl Display) -> String {
    let mut shown = String::new();
    text.to_string().chars().for_each(|c| push_visible(&mut shown, c));
    shown
}

/// Adds a character, escaped if it must not be printed.
pub(crate) fn push_visible(shown: &mut String, c: char) {
    if is_harmless(c) {
        shown.push(c);
    } else {
        shown.extend(c.escape_default());
    }
}

/// Returns whether a character can be printed as it is: no control character, and none that reorders or hides text.
pub(crate) const fn is_harmless(c: char) -> bool {
    !is_invisible(c)
}

/// Writes a line to standard error; that nobody reads it is no error.
pub(crate) fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Returns the JSON of a value, one line. What cannot be seen is escaped in it: texts may come from outside.
///
/// # Panics
/// Never: all keys are strings, and all numbers are in the range of JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    match serde_json::to_string(value) {
        // Outside its strings there are only characters that can be seen.
        Ok(text) => text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
            if is_harmless(c) {
                shown.push(c);
            } else {
                shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            shown
        }),
        Err(error) => panic!("every value that is printed must have a JSON form: {error}"),
    }
}
