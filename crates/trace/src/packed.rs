//! Packed traces: the same records in a tenth of the bytes, written while the run goes on, and read back bit by bit.
//!
//! ```text
//!  PackedTracer (a recorder) ─┐                 ┌─► start, block, block … closing, trailer ─► Trace::unpack
//!  Trace::pack ───────────────┴─► Encoder ──────┘    entries, records     counts, digest
//! ```
//!
//! The idea: what can be expected takes no bytes. Writer and reader keep the same [`model`] of the run, by which they
//! expect of each record its repeat, its cause and the keys of its facts. What is left of an event is its name, as a
//! number in the order of first sight, and the time since the record before it.
//!
//! `docs/TRACE.md` specifies the bytes, section "Packed traces".
//!
//! Start reading at `model.rs`, then `encoder.rs`, and `unpack.rs`, which undoes it.

mod block;
mod closing;
mod encoder;
mod entries;
mod model;
mod names;
mod numbers;
mod past;
mod shapes;
mod start;
mod tracer;
mod unpack;

use alloc::vec::Vec;
use core::fmt;

pub use block::PACKED_PAYLOAD_MAX;
pub use closing::Checkpoint;
pub use start::{PACKED_MAGIC, PACKED_VERSION};
pub use tracer::PackedTracer;

use crate::trace::Trace;

/// Takes the bytes of a packed trace while it is written: first the start, then a block at a time.
pub trait BlockOutput {
    /// Takes the next bytes. An output that cannot write them keeps the error for whoever asks it afterwards.
    fn write(&mut self, bytes: &[u8]);
}

impl BlockOutput for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// The greatest size of a trace that [`Trace::unpack`] makes: 1 GiB of canonical bytes, places of records, and dictionary.
pub const UNPACKED_BYTES_MAX: u64 = 1 << 30;

/// A packed trace that was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unpacked {
    /// The trace, as far as it was there.
    pub trace: Trace,
    /// The checkpoints that the file has.
    pub checkpoints: Vec<Checkpoint>,
    /// How the file ended.
    pub end: UnpackedEnd,
}

/// How a packed trace ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnpackedEnd {
    /// It is whole: its run was finished, and the counts and the digest at its end are those of its records.
    Whole,
    /// It was cut, or is still being written.
    Cut {
        /// The number of the last record that could be read; 0 if there is none.
        record: u64,
        /// Where the first block begins that is not there as a whole.
        offset: u64,
    },
}

/// Why bytes are no packed trace, or one that is too large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Where: the offset of the block, or of what is wrong between blocks.
    pub offset: u64,
    /// What is wrong, as a sentence without its full stop.
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, what } = self;
        let problem = if *what == unpack::TOO_LARGE { "too large a" } else { "malformed" };
        write!(out, "{problem} packed trace at byte {offset}: {what}")
    }
}

impl core::error::Error for Malformed {}

impl Trace {
    /// Returns the trace packed. Reads every record.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        tracer::pack(self)
    }

    /// Reads a packed trace. One that was cut is read up to its last whole block.
    ///
    /// # Errors
    /// If the bytes are no packed trace, or one that is larger than [`UNPACKED_BYTES_MAX`] as a trace.
    pub fn unpack(bytes: &[u8]) -> Result<Unpacked, Malformed> {
        Self::unpack_within(bytes, UNPACKED_BYTES_MAX)
    }

    /// Reads a packed trace that is at most so large as a trace: canonical bytes, 8 for the place of each record and 16 for
    /// each event, the dictionary, 64 for each name and 24 for each key of a shape. Allocates at most about three times as
    /// much, because lists double as they grow, and 64 KiB for a block; nothing is allocated because bytes claim a length.
    ///
    /// # Errors
    /// If the bytes are no packed trace, or one that is larger.
    pub fn unpack_within(bytes: &[u8], bytes_max: u64) -> Result<Unpacked, Malformed> {
        unpack::unpack(bytes, bytes_max)
    }
}
