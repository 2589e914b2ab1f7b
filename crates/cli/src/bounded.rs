//! Reading what somebody else wrote: a file, pipe or device may be endless, and a small gzip file may hold far more than memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use tiebreak_diagnostic::Bound;
use tiebreak_recording::LINE_BYTES_MAX;

use crate::output::is_standard;

/// The first bytes of a gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
/// How many bytes are read before what is in a file is known.
const HEAD_BYTES: u64 = 4 << 10;

/// The most that is read of a scenario. Its plan takes about a hundred times as much memory.
pub(crate) const SCENARIO: Bound =
    Bound::new("a scenario", 8, "write groups, feeds and `Every` instead of single steps");
/// The most that is read of a recording, unpacked.
pub(crate) const RECORDING: Bound = Bound::new("an unpacked recording", 512, "split it");
/// The most that is read of a trace.
pub(crate) const TRACE: Bound = Bound::new("a trace", 2 << 10, "end the run earlier with `--until`");
/// The most that is read of a file of fingerprints.
pub(crate) const FINGERPRINTS: Bound =
    Bound::new("a file of fingerprints", 256, "write it again with `--fingerprints`");
/// The most that is read of a kept snapshot.
pub(crate) const SNAPSHOT: Bound =
    Bound::new("a kept snapshot", 64, "remove it, and keep it again with `tiebreak test --accept`");
/// The most that is read of a saved measurement.
pub(crate) const SAVED: Bound =
    Bound::new("a saved measurement", 64, "write it again with `tiebreak bench --save`");

/// Reads a file; `-` is standard input. The bound is chosen from how the file begins.
///
/// # Errors
/// A sentence, if it cannot be read or is larger than the bound.
pub(crate) fn read_bytes(path: &Path, bound: impl FnOnce(&[u8]) -> Bound) -> Result<Vec<u8>, String> {
    if path.is_dir() {
        return Err("it is a folder; `tiebreak test` and `tiebreak check` take folders".to_owned());
    }
    let read = if is_standard(path) {
        read_input(io::stdin().lock(), |_, head| Ok(bound(head)))
    } else {
        File::open(path).and_then(|file| {
            read_input(file, |file, head| {
                let bound = bound(head);
                bound.check_file(file).map(|()| bound)
            })
        })
    };
    read.map_err(|error| error.to_string())
}

/// Reads an input within the bound that is chosen from the input and how it begins.
fn read_input<R: Read>(
    mut input: R,
    bound: impl FnOnce(&R, &[u8]) -> io::Result<Bound>,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
    bound(&input, &bytes)?.read(input, &mut bytes)?;
    Ok(bytes)
}

/// Reads a text that is in a file.
///
/// # Errors
/// If there is more than the bound, it is not UTF-8, or it cannot be read.
pub(crate) fn read_text(path: &Path, bound: Bound) -> io::Result<String> {
    bound.read_text(bound.open(path)?)
}

/// Reads a recording, unpacked if it is gzip: that is seen from its first bytes, not from its name.
///
/// Reading stops within a line that is too long, so that whoever reads the lines can say where.
///
/// # Errors
/// A sentence, if it cannot be read, is not valid gzip, or is larger than [`RECORDING`].
pub(crate) fn read_recording(path: &Path) -> Result<Vec<u8>, String> {
    read_recording_within(path, RECORDING)
}

fn read_recording_within(path: &Path, bound: Bound) -> Result<Vec<u8>, String> {
    let mut file = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
    let head = file.fill_buf().map_err(|error| error.to_string())?;
    if head.starts_with(&GZIP_MAGIC) {
        let unpacked = BufReader::with_capacity(LINE_BYTES_MAX, MultiGzDecoder::new(file));
        read_lines(unpacked, bound)
            .map_err(|error| error.sentence("the file begins like gzip but is not valid gzip: "))
    } else {
        bound.check_file(file.get_ref()).map_err(|error| error.to_string())?;
        read_lines(file, bound).map_err(|error| error.sentence(""))
    }
}

/// Why lines cannot be read.
#[derive(Debug)]
enum Unreadable {
    Failed(io::Error),
    TooLarge(String),
}

impl Unreadable {
    /// Returns a sentence; `before` says what failed.
    fn sentence(self, before: &str) -> String {
        match self {
            Self::Failed(error) => format!("{before}{error}"),
            Self::TooLarge(sentence) => sentence,
        }
    }
}

/// Reads lines until the end, or until a line is longer than [`LINE_BYTES_MAX`].
fn read_lines(mut input: impl BufRead, bound: Bound) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let mut line_start = 0;
    loop {
        let piece = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            piece => piece.map_err(Unreadable::Failed)?,
        };
        if piece.is_empty() {
            return Ok(bytes);
        }
        let first_end = piece.iter().position(|byte| *byte == b'\n');
        let first_len = bytes.len() - line_start + first_end.unwrap_or(piece.len());
        if let Some(last_end) = piece.iter().rposition(|byte| *byte == b'\n') {
            line_start = bytes.len() + last_end + 1;
        }
        // Before it is taken: what is full would otherwise grow to twice its size.
        bound.check((bytes.len() + piece.len()) as u64).map_err(Unreadable::TooLarge)?;
        bytes.extend_from_slice(piece);
        let taken = piece.len();
        input.consume(taken);
        if first_len > LINE_BYTES_MAX {
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const SMALL: Bound = Bound::new("a test", 1, "write less");

    #[test]
    fn an_endless_input_is_read_up_to_the_bound() {
        let read = |input| read_input(input, |_, _| Ok(SMALL));
        let message = read(io::repeat(b'x').take(u64::MAX)).unwrap_err().to_string();
        assert_eq!(message, "it is larger than 1 MiB, the limit for a test; write less");
        assert_eq!(read(io::repeat(b'x').take(1 << 20)).unwrap().len(), 1 << 20);
        assert!(read(io::repeat(b'x').take((1 << 20) + 1)).is_err());
    }

    #[test]
    fn the_bound_is_chosen_by_the_head() {
        let mut seen = Vec::new();
        let choose = |_: &&[u8], head: &[u8]| {
            seen = head.to_vec();
            Ok(SMALL)
        };
        assert_eq!(read_input(&b"Scenario("[..], choose).unwrap(), b"Scenario(");
        assert_eq!(seen, b"Scenario(");
    }

    #[test]
    fn reading_stops_within_a_line_that_is_too_long() {
        let read = read_lines(BufReader::new(io::repeat(b'x')), RECORDING).unwrap();
        assert!((LINE_BYTES_MAX + 1..=2 * LINE_BYTES_MAX).contains(&read.len()), "{}", read.len());
        let text = [b"a\n".repeat(3), vec![b'x'; LINE_BYTES_MAX], b"\nb\n".to_vec()].concat();
        assert_eq!(read_lines(BufReader::new(text.as_slice()), RECORDING).unwrap(), text);
    }

    #[test]
    fn many_short_lines_are_read_up_to_the_bound() {
        let lines = b"abc\n".repeat((1 << 18) + 1);
        let error = read_lines(lines.as_slice(), SMALL).unwrap_err();
        assert_eq!(error.sentence("?"), "it is larger than 1 MiB, the limit for a test; write less");
        assert_eq!(read_lines(&lines[4..], SMALL).unwrap().len(), 1 << 20);
    }

    #[test]
    fn a_packed_recording_is_unpacked_up_to_the_bound_and_a_plain_one_is_not_read() {
        let folder = std::env::temp_dir();
        let path = |name: &str| folder.join(format!("tiebreak-bounded-{}-{name}", std::process::id()));
        let [packed, plain] = [path("packed"), path("plain")];
        let mut writer = GzEncoder::new(File::create(&packed).unwrap(), Compression::fast());
        writer.write_all(&b"abc\n".repeat((1 << 18) + 1)).unwrap();
        writer.finish().unwrap();
        File::create(&plain).and_then(|file| file.set_len((1 << 20) + 1)).unwrap();
        let expected = "it is larger than 1 MiB, the limit for a test; write less";
        for path in [packed, plain] {
            let message = read_recording_within(&path, SMALL).unwrap_err();
            std::fs::remove_file(path).unwrap();
            assert_eq!(message, expected);
        }
    }

    #[test]
    fn of_a_packed_line_without_end_little_is_unpacked() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..1 << 10 {
            packed.write_all(&[b','; 1 << 10]).unwrap();
        }
        let packed = packed.finish().unwrap();
        let unpacked = BufReader::with_capacity(LINE_BYTES_MAX, MultiGzDecoder::new(packed.as_slice()));
        let read = read_lines(unpacked, RECORDING).unwrap();
        assert!(read.len() <= 3 * LINE_BYTES_MAX, "{}", read.len());
    }
}
