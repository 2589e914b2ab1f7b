//! Packed traces of any bytes: what is read is well-formed, comes back from another packing, and takes no more memory than was
//! allowed. The bytes are a packed trace without checksums, which no fuzzer would find; the first one says how it ends.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use tiebreak_trace::{
    Causes, PACKED_MAGIC, PACKED_PAYLOAD_MAX, Projection, Trace, UnpackedEnd, write_ndjson,
};
use xxhash_rust::xxh3::xxh3_64;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How large a trace may become.
const BYTES_MAX: usize = 1 << 20;
/// How many bytes one byte of a compressed block can stand for.
const EXPANSION_MAX: usize = 256;

/// The lengths of the start without its magic and checksum, and of the head of a block.
const START: usize = 43;
const HEAD: usize = 10;

/// How a packed trace ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Behind a block.
    Cut,
    /// With the place of its last block.
    Closed,
}

/// Puts magic and checksums into a packed trace that has none.
fn with_checksums(end: End, bytes: &[u8]) -> Vec<u8> {
    let mut packed = PACKED_MAGIC.to_vec();
    let seal = |packed: &mut Vec<u8>, from: usize| {
        let checksum = xxh3_64(&packed[from..]);
        packed.extend_from_slice(&checksum.to_le_bytes());
    };
    let (start, mut rest) = bytes.split_at(START.min(bytes.len()));
    packed.extend_from_slice(start);
    seal(&mut packed, 0);
    let mut last = packed.len();
    while let Some((head, behind)) = rest.split_first_chunk::<HEAD>() {
        last = packed.len();
        let stored = u32::from_le_bytes([head[6], head[7], head[8], head[9]]);
        let stored = usize::try_from(stored).unwrap_or(usize::MAX).min(behind.len());
        packed.extend_from_slice(head);
        packed.extend_from_slice(&behind[..stored]);
        seal(&mut packed, last);
        rest = &behind[stored..];
    }
    if end == End::Closed {
        packed.extend_from_slice(&(last as u64).to_le_bytes());
        packed.extend_from_slice(b"\n\x1A\n\rtbt\x89");
    }
    packed
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let [first, rest @ ..] = bytes else { return Corpus::Reject };
    let packed = match first {
        0 => rest.to_vec(),
        1 => with_checksums(End::Cut, rest),
        _ => with_checksums(End::Closed, rest),
    };
    let region = Region::new(ALLOCATOR);
    let read = Trace::unpack_within(&packed, BYTES_MAX as u64);
    let allocated = region.change().bytes_allocated;
    let allowed = 3 * BYTES_MAX + 2 * PACKED_PAYLOAD_MAX + EXPANSION_MAX * packed.len();
    assert!(allocated <= allowed, "{allocated} bytes for {} of a file", packed.len());
    let Ok(read) = read else { return Corpus::Keep };
    let trace = &read.trace;
    let again = Trace::unpack(&trace.pack());
    let again = again.unwrap_or_else(|found| panic!("a trace that was read is packed anew: {found}"));
    assert_eq!(again.end, UnpackedEnd::Whole);
    assert!(again.trace.bytes() == trace.bytes() && again.trace.header() == trace.header());
    assert_eq!(again.trace.pending(), trace.pending());
    let mut out = trace.to_string();
    let written = write_ndjson(trace, &Projection::Whole, &mut out);
    assert!(written.is_ok(), "a text takes everything");
    let chain = Causes::of(trace).chain(trace, trace.len());
    assert!(chain.len() as u64 <= trace.len());
    Corpus::Keep
});
