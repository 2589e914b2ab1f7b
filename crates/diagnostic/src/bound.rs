//! The most that is read of something, so that an endless or huge file costs a sentence and no memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most that is read of something that somebody else wrote.
///
/// ```
/// use tiebreak_diagnostic::Bound;
///
/// const NOTE: Bound = Bound::new("a note", 1, "write less");
/// let endless = NOTE.read_text(std::io::repeat(b'x')).unwrap_err();
/// assert_eq!(endless.to_string(), "it is larger than 1 MiB, the limit for a note; write less");
/// assert_eq!(NOTE.read_text(&b"short"[..]).unwrap(), "short");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// What is read, with its article.
    what: &'static str,
    mebibytes: u64,
    /// What to do if there is more.
    help: &'static str,
}

impl Bound {
    /// A bound of so many MiB on something, named with its article; `help` says what to do if there is more.
    #[must_use]
    pub const fn new(what: &'static str, mebibytes: u64, help: &'static str) -> Self {
        Self { what, mebibytes, help }
    }

    /// Returns how many bytes are within the bound.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.mebibytes << 20
    }

    /// Checks that this many bytes are within the bound.
    ///
    /// # Errors
    /// A sentence, if they are not.
    pub fn check(self, bytes: u64) -> Result<(), String> {
        let Self { what, mebibytes, help } = self;
        if bytes <= self.bytes() {
            return Ok(());
        }
        Err(format!("it is larger than {mebibytes} MiB, the limit for {what}; {help}"))
    }

    /// Opens a file, if it is not a regular one that is larger: then nothing need be read to refuse it.
    ///
    /// # Errors
    /// If it is larger, or cannot be opened.
    pub fn open(self, path: &Path) -> io::Result<File> {
        let file = File::open(path)?;
        self.check_file(&file)?;
        Ok(file)
    }

    /// Checks that a file is not a regular one that is larger.
    ///
    /// # Errors
    /// If it is larger, or nothing can be known of it.
    pub fn check_file(self, file: &File) -> io::Result<()> {
        let known = file.metadata()?;
        // Others say that they are empty.
        let bytes = if known.is_file() { known.len() } else { 0 };
        self.check(bytes).map_err(io::Error::other)
    }

    /// Reads until the end behind what was read already, if all of that is within the bound.
    ///
    /// # Errors
    /// If there is more, or reading fails.
    pub fn read(self, mut input: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
        let left = self.bytes().saturating_sub(bytes.len() as u64);
        input.by_ref().take(left + 1).read_to_end(bytes)?;
        self.check(bytes.len() as u64).map_err(io::Error::other)
    }

    /// Reads a text until its end, if that is within the bound.
    ///
    /// # Errors
    /// If there is more, it is not UTF-8, or reading fails.
    pub fn read_text(self, input: impl Read) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.read(input, &mut bytes)?;
        String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Bound = Bound::new("a test", 1, "write less");

    #[test]
    fn what_is_as_large_as_the_bound_is_read_and_a_byte_more_is_not() {
        let text = |bytes| SMALL.read_text(io::repeat(b'x').take(bytes));
        assert_eq!(text(1 << 20).unwrap().len(), 1 << 20);
        let message = "it is larger than 1 MiB, the limit for a test; write less";
        assert_eq!(text((1 << 20) + 1).unwrap_err().to_string(), message);
    }

    #[test]
    fn what_was_read_before_counts() {
        let mut bytes = vec![0; 1 << 20];
        assert!(SMALL.read(&b""[..], &mut bytes).is_ok());
        assert!(SMALL.read(&b"x"[..], &mut bytes).is_err());
    }

    #[test]
    fn a_text_is_utf_8() {
        assert_eq!(SMALL.read_text(&b"\xff"[..]).unwrap_err().to_string(), "it is not UTF-8");
    }
}
