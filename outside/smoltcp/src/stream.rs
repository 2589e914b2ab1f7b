//! What is sent: streams that say which they are, so that the receiver can tell whether each byte is the right one.

/// How many bytes at the beginning of a stream are its key.
const HEAD: usize = 4;

/// The byte at a place of the stream with this key, after its key.
#[expect(clippy::cast_possible_truncation, reason = "the low bits are wanted")]
const fn byte(key: u32, place: u64) -> u8 {
    // Never zero: a zero in a stream comes from elsewhere.
    (place.wrapping_mul(0x9e37) >> 4 ^ place >> 3 ^ key as u64) as u8 | 0x80
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
        let mut bytes: Vec<u8> =
            (self.total..self.total + length).map(|place| byte(self.key, place)).collect();
        let head = self.key.to_le_bytes();
        for (slot, part) in
            bytes.iter_mut().zip(head.iter().skip(usize::try_from(self.total).unwrap_or(HEAD)))
        {
            *slot = *part;
        }
        bytes
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
        let missing = HEAD.saturating_sub(usize::try_from(self.total).unwrap_or(HEAD)).min(bytes.len());
        let (head, rest) = bytes.split_at(missing);
        for part in head {
            self.head[usize::try_from(self.total).expect("a head is short")] = *part;
            self.total += 1;
        }
        let key = u32::from_le_bytes(self.head);
        let differs = (self.total..).zip(rest).find(|(place, received)| byte(key, *place) != **received);
        self.wrong = self.wrong.or(differs.map(|(place, _)| place));
        self.total += rest.len() as u64;
    }

    /// The key of the stream, once it is known.
    pub fn key(&self) -> Option<u32> {
        (self.total >= HEAD as u64).then(|| u32::from_le_bytes(self.head))
    }
}
