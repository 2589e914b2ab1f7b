//! What was tested and what came of it: what all formats are made of.

use core::time::Duration;

/// One scenario that was tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its folder: a name under which others stand beside it.
    pub family: String,
    /// Its own name.
    pub name: String,
    /// Its file, as an annotation is to point at it: with `/` between folders on every platform.
    pub file: String,
    /// How long it took.
    pub time: Duration,
    /// What is wrong; nothing if it passed.
    pub problems: Vec<Problem>,
}

impl Case {
    /// Returns the folder of its file; its file has at least a name.
    pub(crate) fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// Something wrong with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// One line.
    pub title: String,
    /// The rest, many lines perhaps.
    pub detail: String,
    /// In which line and column of the file it is, from 1, if it is in the file.
    pub place: Option<(usize, usize)>,
}
