//! Blocks: a piece of a packed trace that is there as a whole or not at all.

use alloc::vec::Vec;

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use xxhash_rust::xxh3::xxh3_64;

use super::numbers::Rest;

/// The longest a payload can be before it is compressed, in bytes. A reader takes no longer one.
pub const PACKED_PAYLOAD_MAX: usize = 1 << 16;

/// Tag, method, two lengths.
const HEAD_LENGTH: usize = 10;

const STORED: u8 = 0;
const COMPRESSED: u8 = 1;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Records,
    Checkpoints,
    Pending,
    Closing,
}

impl Tag {
    const ALL: [Self; 4] = [Self::Records, Self::Checkpoints, Self::Pending, Self::Closing];

    const fn byte(self) -> u8 {
        match self {
            Self::Records => 1,
            Self::Checkpoints => 2,
            Self::Pending => 3,
            Self::Closing => 4,
        }
    }
}

/// Makes a block of a payload, in place of what `block` held; the payload is compressed if that makes it smaller.
///
/// # Panics
/// If the payload is longer than [`PACKED_PAYLOAD_MAX`].
pub(crate) fn frame(tag: Tag, payload: &[u8], block: &mut Vec<u8>) {
    assert!(payload.len() <= PACKED_PAYLOAD_MAX, "a payload has a greatest length");
    block.clear();
    block.resize(HEAD_LENGTH + get_maximum_output_size(payload.len()), 0);
    let compressed = compress_into(payload, &mut block[HEAD_LENGTH..]);
    let (method, length) = match compressed {
        Ok(length) if length < payload.len() => (COMPRESSED, length),
        Ok(_) | Err(_) => (STORED, payload.len()),
    };
    block.truncate(HEAD_LENGTH + length);
    if method == STORED {
        block[HEAD_LENGTH..].copy_from_slice(payload);
    }
    [block[0], block[1]] = [tag.byte(), method];
    block[2..6].copy_from_slice(&length_bytes(payload.len()));
    block[6..HEAD_LENGTH].copy_from_slice(&length_bytes(length));
    let checksum = xxh3_64(block);
    block.extend_from_slice(&checksum.to_le_bytes());
}

#[expect(clippy::cast_possible_truncation, reason = "a payload is no longer than 64 KiB")]
const fn length_bytes(length: usize) -> [u8; 4] {
    (length as u32).to_le_bytes()
}

/// A block as it was read.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) tag: Tag,
    pub(crate) payload: Vec<u8>,
}

/// Reads one block from the beginning of `rest`. `Ok(None)` if it is not there as a whole; then `rest` is as it was.
///
/// # Errors
/// What is wrong with it, as a sentence. Nothing larger than [`PACKED_PAYLOAD_MAX`] is allocated, whatever it claims.
pub(crate) fn read(rest: &mut Rest<'_>) -> Result<Option<Block>, &'static str> {
    let start = *rest;
    let Some([tag, method, lengths @ ..]) = rest.array::<HEAD_LENGTH>() else {
        *rest = start;
        return Ok(None);
    };
    let tag = Tag::ALL.into_iter().find(|known| known.byte() == tag).ok_or("unknown tag of a block")?;
    let mut lengths = Rest(&lengths);
    let mut length =
        || lengths.half_word().and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
    let (raw, stored) = (length(), length());
    if raw > PACKED_PAYLOAD_MAX || stored > raw {
        return Err("the block claims to be longer than a block can be");
    }
    let (Some(bytes), Some(checksum)) = (rest.bytes(stored), rest.word()) else {
        *rest = start;
        return Ok(None);
    };
    if xxh3_64(&start.0[..HEAD_LENGTH + stored]) != checksum {
        return Err("the checksum of the block is wrong");
    }
    let payload = match method {
        STORED if stored == raw => bytes.into(),
        COMPRESSED => {
            let mut payload = alloc::vec![0; raw];
            if !decompress_into(bytes, &mut payload).is_ok_and(|length| length == raw) {
                return Err("the block cannot be decompressed");
            }
            payload
        }
        _ => return Err("unknown compression of a block"),
    };
    Ok(Some(Block { tag, payload }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut block = alloc::vec![1, 2, 3];
        frame(Tag::Records, payload, &mut block);
        block
    }

    #[test]
    fn payloads_come_back_stored_and_compressed() {
        let noise: Vec<u8> = (0..1000u64).map(|n| tiebreak_kernel::mix(n).to_le_bytes()[0]).collect();
        let even = alloc::vec![7; 60_000];
        for (payload, stored) in [(&even[..], None), (&noise[..], Some(1000)), (&[], Some(0))] {
            let block = framed(payload);
            match stored {
                Some(stored) => assert_eq!(block.len(), HEAD_LENGTH + stored + 8),
                None => assert!(block.len() < 1000, "{}", block.len()),
            }
            let mut rest = Rest(&block);
            let read = read(&mut rest).unwrap().unwrap();
            assert_eq!((read.tag, &read.payload[..]), (Tag::Records, payload));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn a_part_of_a_block_is_none_and_a_changed_byte_is_found() {
        let block = framed(&[7; 300]);
        for end in 0..block.len() {
            let mut rest = Rest(&block[..end]);
            assert!(read(&mut rest).unwrap().is_none());
            assert_eq!(rest.len(), end, "nothing is taken");
        }
        for at in 0..block.len() {
            let mut changed = block.clone();
            changed[at] ^= 0x10;
            // A length that was changed may reach beyond the end; whatever is read is not what was written.
            assert!(!matches!(read(&mut Rest(&changed)), Ok(Some(_))), "byte {at}");
        }
    }

    #[test]
    fn a_block_that_claims_too_much_is_refused_before_it_is_read() {
        let mut block = framed(&[1, 2, 3]);
        block[2..6].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&mut Rest(&block)).unwrap_err(), "the block claims to be longer than a block can be");
    }
}
