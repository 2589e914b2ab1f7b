//! What is not records: checkpoints, pending events, and the end.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{Instant, PartCodes};

use super::block::PACKED_PAYLOAD_MAX;
use super::numbers::{Filling, NUMBER_LENGTH_MAX, Rest};
use crate::builder::Pending;
use crate::digest::Digest;

/// The last bytes of a whole packed trace.
const END_MAGIC: [u8; 8] = *b"\n\x1A\n\rtbt\x89";

pub(crate) const TRAILER_LENGTH: usize = 16;

/// The state of a run right after event 1024, 2048 and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The number of the record that is this event.
    pub record: u64,
    /// Where in the file the block that has this record begins.
    pub offset: u64,
    /// When it happened, in nanoseconds.
    pub instant: u64,
    /// The digest of the run up to there.
    pub digest: Digest,
}

impl Checkpoint {
    /// Writes the payload of a block of checkpoints: where the block of checkpoints before it begins, and for each the
    /// differences to the one before it.
    pub(crate) fn write_all(checkpoints: &[Self], before: u64, payload: &mut Filling) {
        payload.number(before);
        let mut last = (0, 0, 0);
        for Self { record, offset, instant, digest } in checkpoints {
            payload.number(record.wrapping_sub(last.0));
            payload.number(offset.wrapping_sub(last.1));
            payload.number(instant.wrapping_sub(last.2));
            payload.bytes(&digest.value().to_le_bytes());
            last = (*record, *offset, *instant);
        }
    }

    /// Reads such a payload; returns where the block of checkpoints before it begins, and the checkpoints.
    pub(crate) fn read_all(payload: &[u8]) -> Option<(u64, Vec<Self>)> {
        let mut rest = Rest(payload);
        let before = rest.number()?;
        let (mut checkpoints, mut last) = (Vec::new(), (0u64, 0u64, 0u64));
        while !rest.is_empty() {
            last.0 = last.0.wrapping_add(rest.number()?);
            last.1 = last.1.wrapping_add(rest.number()?);
            last.2 = last.2.wrapping_add(rest.number()?);
            let digest = Digest::new(u128::from_le_bytes(rest.array()?));
            checkpoints.push(Self { record: last.0, offset: last.1, instant: last.2, digest });
        }
        Some((before, checkpoints))
    }
}

/// What a whole packed trace says of itself at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) records: u64,
    pub(crate) events: u64,
    pub(crate) checkpoints: u64,
    /// Where the last block of checkpoints begins; 0 if there is none.
    pub(crate) checkpoints_offset: u64,
    pub(crate) pending: u64,
    pub(crate) run: Digest,
}

const CLOSING_LENGTH: usize = 56;

impl Closing {
    pub(crate) fn to_bytes(self) -> [u8; CLOSING_LENGTH] {
        let Self { records, events, checkpoints, checkpoints_offset, pending, run } = self;
        let mut bytes = [0; CLOSING_LENGTH];
        let numbers = [records, events, checkpoints, checkpoints_offset, pending];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes[40..].copy_from_slice(&run.value().to_le_bytes());
        bytes
    }
}

/// The bytes behind the closing block: where it begins, and the last magic.
pub(crate) fn trailer(closing_offset: u64) -> [u8; TRAILER_LENGTH] {
    let mut bytes = [0; TRAILER_LENGTH];
    bytes[..8].copy_from_slice(&closing_offset.to_le_bytes());
    bytes[8..].copy_from_slice(&END_MAGIC);
    bytes
}

/// The longest a text of a pending event is written, in bytes; what is longer is cut.
const TEXT_MAX: usize = 8 << 10;

/// The longest a pending event is, in bytes.
const PENDING_MAX: usize = 1 + 5 * 8 + 3 * (NUMBER_LENGTH_MAX + TEXT_MAX);

/// Writes payloads of pending events.
pub(crate) fn write_pending(pending: &[Pending], mut write: impl FnMut(&[u8])) {
    let mut payload = Filling::with_size(PACKED_PAYLOAD_MAX);
    for Pending { codes, actor, kind, subject, due, cause } in pending {
        if payload.len() + PENDING_MAX > PACKED_PAYLOAD_MAX {
            write(payload.as_bytes());
            payload.clear();
        }
        payload.byte(u8::from(cause.is_some()));
        for word in [codes.actor, codes.kind, codes.subject, due.as_nanos()].into_iter().chain(*cause) {
            payload.bytes(&word.to_le_bytes());
        }
        for text in [actor, kind, subject] {
            let text = cut(text);
            payload.number(text.len() as u64);
            payload.bytes(text.as_bytes());
        }
    }
    if payload.len() > 0 {
        write(payload.as_bytes());
    }
}

/// Cuts a text between two characters.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Reads one pending event.
pub(crate) fn read_pending(rest: &mut Rest<'_>) -> Option<Pending> {
    let has_cause = match rest.byte()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let codes = PartCodes { actor: rest.word()?, kind: rest.word()?, subject: rest.word()? };
    let due = Instant::from_nanos(rest.word()?);
    let cause = if has_cause { Some(rest.word()?) } else { None };
    let mut text = || -> Option<String> {
        let length = rest.place()?;
        core::str::from_utf8(rest.bytes(length)?).ok().map(str::to_owned)
    };
    Some(Pending { codes, actor: text()?, kind: text()?, subject: text()?, due, cause })
}
