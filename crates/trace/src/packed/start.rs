//! The first bytes of a packed trace: what it is, and the header of the trace.

use tiebreak_kernel::Order;
use xxhash_rust::xxh3::xxh3_64;

use super::numbers::Rest;
use crate::digest::Digest;
use crate::header::Header;

/// What every packed trace begins with: a byte that is no text, three letters, and line ends that a copy in text mode would
/// change.
pub const PACKED_MAGIC: [u8; 8] = *b"\x89tbt\r\n\x1A\n";

/// The version of packed traces. Any change of a byte is a new one.
pub const PACKED_VERSION: u16 = 1;

pub(crate) const START_LENGTH: usize = 59;

/// What is hashed into the checksum at the end.
const HASHED_LENGTH: usize = START_LENGTH - 8;

pub(crate) fn start_bytes(header: &Header) -> [u8; START_LENGTH] {
    let Header { format, model, plan, seed, draws, order } = *header;
    let mut bytes = [0; START_LENGTH];
    bytes[..8].copy_from_slice(&PACKED_MAGIC);
    bytes[8..10].copy_from_slice(&PACKED_VERSION.to_le_bytes());
    bytes[10..14].copy_from_slice(&format.to_le_bytes());
    bytes[14..18].copy_from_slice(&model.to_le_bytes());
    bytes[18..34].copy_from_slice(&plan.value().to_le_bytes());
    bytes[34..42].copy_from_slice(&seed.to_le_bytes());
    bytes[42..50].copy_from_slice(&draws.to_le_bytes());
    bytes[50] = order_byte(order);
    let checksum = xxh3_64(&bytes[..HASHED_LENGTH]);
    bytes[HASHED_LENGTH..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Reads the start.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(crate) fn read_start(rest: &mut Rest<'_>) -> Result<Header, &'static str> {
    const SHORT: &str = "the file ends before its header does";
    let all = *rest;
    if rest.bytes(PACKED_MAGIC.len()) != Some(&PACKED_MAGIC) {
        return Err("this is no packed trace: the first eight bytes are others");
    }
    let version = rest.array().map(u16::from_le_bytes).ok_or(SHORT)?;
    if version != PACKED_VERSION {
        return Err("unknown version of packed traces; this program reads version 1");
    }
    let read = || {
        let mut rest = *rest;
        let [format, model] = [rest.half_word()?, rest.half_word()?];
        let plan = Digest::new(u128::from_le_bytes(rest.array()?));
        let [seed, draws] = [rest.word()?, rest.word()?];
        Some((format, model, plan, seed, draws, rest.byte()?, rest.word()?, rest))
    };
    let (format, model, plan, seed, draws, order, checksum, behind) = read().ok_or(SHORT)?;
    if xxh3_64(&all.0[..HASHED_LENGTH]) != checksum {
        return Err("the checksum of the header is wrong");
    }
    let order = Order::ALL.into_iter().find(|known| order_byte(*known) == order);
    let order = order.ok_or("the header names an unknown order policy")?;
    *rest = behind;
    Ok(Header { format, model, plan, seed, draws, order })
}

/// The byte of an order policy.
fn order_byte(order: Order) -> u8 {
    match order {
        Order::Fifo => 0,
        Order::Seeded => 1,
        Order::Rounds => 2,
        // A policy that a later kernel adds needs its own number here.
        _ => unreachable!("every order policy has its number"),
    }
}
