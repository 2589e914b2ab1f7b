//! What is sent: streams that say which they are, so that the receiver can tell whether each byte is the right one.

/// How many bytes at the beginning of a stream are its key.
const HEAD: usize = 4;

/// The byte at a place of the stream with this key.
pub fn byte(key: u32, place: u64) -> u8 {
    if let Some(byte) = usize::try_from(place).ok().and_then(|place| key.to_le_bytes().get(place).copied()) {
        return byte;
    }
    let mixed = (u64::from(key) << 32 | place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // Never zero: a zero in a stream comes from elsewhere.
    u8::try_from(mixed >> 57).unwrap_or_default() | 0x80
}

/// A stream that is being sent.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing {
    pub key: u32,
    pub total: u64,
}

impl Outgoing {
    /// The next so many bytes; only what the socket took is then [`sent`](Self::sent).
    pub fn next(&self, length: u64) -> Vec<u8> {
        (self.total..self.total + length).map(|place| byte(self.key, place)).collect()
    }

    pub fn sent(&mut self, length: usize) {
        self.total += length as u64;
    }
}

/// A stream that is being received.
#[derive(Debug, Clone, Copy, Default)]
pub struct Incoming {
    head: [u8; HEAD],
    pub total: u64,
    /// The place of the first wrong byte.
    pub wrong: Option<u64>,
}

impl Incoming {
    pub fn take(&mut self, bytes: &[u8]) {
        for received in bytes {
            if let Some(slot) = usize::try_from(self.total).ok().and_then(|place| self.head.get_mut(place)) {
                *slot = *received;
            } else if *received != byte(u32::from_le_bytes(self.head), self.total) {
                self.wrong.get_or_insert(self.total);
            }
            self.total += 1;
        }
    }

    /// The key of the stream, once it is known.
    pub fn key(&self) -> Option<u32> {
        (self.total >= HEAD as u64).then(|| u32::from_le_bytes(self.head))
    }
}
