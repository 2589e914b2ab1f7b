//! Packed traces of any bytes: reading them ends, takes a bounded amount of memory, and makes traces that can be asked and packed
//! again. Checksums are put right first, so that what lies behind them is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tiebreak_inquiry::{chain_lines, compare};
use tiebreak_trace::{Causes, Digest, Header, Projection, Trace, Tracer, write_text};
use xxhash_rust::xxh3::xxh3_64;

/// What a trace may take that is read.
const BYTES_MAX: u64 = 1 << 22;
/// The first bytes of a file, before its blocks.
const START: usize = 59;
/// The bytes of a block in front of its payload.
const HEAD: usize = 10;

/// A good start, and then blocks as the bytes have them, with the checksums that they should have.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let header = Header::new(1, Digest::of(b""), &tiebreak_kernel::Settings::new(1));
    let mut file = Tracer::new(header).into_trace().pack();
    file.truncate(START);
    let mut rest = bytes;
    while rest.len() > HEAD {
        let (head, behind) = rest.split_at(HEAD);
        let stored = usize::from(u16::from_le_bytes([head[6], head[7]])).min(behind.len());
        let start = file.len();
        file.extend_from_slice(head);
        file[start + 6..start + 10].copy_from_slice(&u32::try_from(stored).unwrap().to_le_bytes());
        file.extend_from_slice(&behind[..stored]);
        let checksum = xxh3_64(&file[start..]);
        file.extend_from_slice(&checksum.to_le_bytes());
        rest = behind.get(stored + 8..).unwrap_or_default();
    }
    file
}

fn read(bytes: &[u8]) {
    let Ok(read) = Trace::unpack_within(bytes, BYTES_MAX) else { return };
    let trace = read.trace;
    let mut text = String::new();
    write_text(&trace, &Projection::Whole, &mut text).unwrap();
    let again = Trace::unpack(&trace.pack()).unwrap().trace;
    assert_eq!(again.fingerprint(), trace.fingerprint());
    assert_eq!(again.pending(), trace.pending());
    let causes = Causes::of(&trace);
    assert!(chain_lines(&trace, &causes, trace.len(), 12).len() <= 12);
    assert!(compare(&trace, &again).is_equal());
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    read(&mended(bytes.get(START..).unwrap_or(bytes)));
});
