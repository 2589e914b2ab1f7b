//! Numbers of variable length: the bytes that are left of a word, and how many, in one write and one read.
//!
//! A number below 2^(7n) takes n bytes, at most 8: n − 1 zero bits, a one, and the number above them, little-endian. A
//! larger one takes a zero byte and its 8 bytes. So the length stands in the first byte, and nothing loops.

/// The longest a number can be, in bytes.
pub(crate) const NUMBER_LENGTH_MAX: usize = 9;

/// Bytes to which numbers are added: of a fixed size, so that adding one is a store and no growth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filling {
    /// Filled up to `length`; what is behind it is left from before.
    bytes: alloc::vec::Vec<u8>,
    length: usize,
}

impl Filling {
    /// Space for so many bytes; adding more panics.
    pub(crate) fn with_size(size: usize) -> Self {
        Self { bytes: alloc::vec![0; size + NUMBER_LENGTH_MAX], length: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(crate) const fn clear(&mut self) {
        self.length = 0;
    }

    /// Adds a number.
    #[inline]
    pub(crate) fn number(&mut self, number: u64) {
        let length = number_length(number);
        let place = &mut self.bytes[self.length..self.length + NUMBER_LENGTH_MAX];
        if length < NUMBER_LENGTH_MAX {
            place[..8].copy_from_slice(&word_of(number, short_length(number)).to_le_bytes());
        } else {
            place[0] = 0;
            place[1..].copy_from_slice(&number.to_le_bytes());
        }
        self.length += length;
    }

    /// Adds two numbers: by two writes if the first is below 2^49 and the second below 2^56, as most are.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most records are two numbers")]
    pub(crate) fn numbers(&mut self, first: u64, second: u64) {
        let lengths = [short_length(first), short_length(second)];
        match self.bytes.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut::<16>) {
            Some(place) if lengths[0] < 8 && lengths[1] <= 8 => {
                let words = [word_of(first, lengths[0]), word_of(second, lengths[1])];
                let bits = lengths[0].wrapping_mul(8);
                // At least one byte and at most seven stand before the second number, so that no shift is by 64.
                let low = words[0] | words[1].wrapping_shl(bits);
                let high = words[1].wrapping_shr(64u32.wrapping_sub(bits));
                place[..8].copy_from_slice(&low.to_le_bytes());
                place[8..].copy_from_slice(&high.to_le_bytes());
                self.length = self.length.wrapping_add(lengths[0].wrapping_add(lengths[1]) as usize);
            }
            Some(_) | None => {
                self.number(first);
                self.number(second);
            }
        }
    }

    /// Adds the difference of two instants, which may be negative: small ones are short.
    pub(crate) fn difference(&mut self, from: u64, to: u64) {
        self.number(zigzag(to.wrapping_sub(from)));
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

/// The bytes of a number that takes so many of them, at most 8.
#[inline]
const fn word_of(number: u64, length: u32) -> u64 {
    (number << 1 | 1).wrapping_shl(length.wrapping_sub(1))
}

/// How many bytes a number takes if that is at most 8; a number of more than 56 bits has 9 or 10 here.
#[inline]
const fn short_length(number: u64) -> u32 {
    // A seventh, for bits from 0 to 63. Nothing here can overflow, and the checks would be measured.
    (((number | 1).ilog2().wrapping_mul(37)) >> 8).wrapping_add(1)
}

/// How many bytes a number takes.
#[inline]
pub(crate) const fn number_length(number: u64) -> usize {
    let length = short_length(number);
    // Above 56 bits, the length no longer fits in the first byte with any bit of the number.
    if length > 8 { NUMBER_LENGTH_MAX } else { length as usize }
}

/// A signed number as one whose size follows its absolute value.
pub(crate) const fn zigzag(bits: u64) -> u64 {
    bits << 1 ^ (bits >> 63).wrapping_neg()
}

/// The number behind a [`zigzag`].
pub(crate) const fn unzigzag(number: u64) -> u64 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

/// Bytes that are read from the beginning. What is not there is `None`; nothing panics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a>(pub(crate) &'a [u8]);

impl<'a> Rest<'a> {
    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    pub(crate) fn word(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn half_word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Reads a number.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let first = *self.0.first()?;
        if first == 0 {
            self.byte()?;
            return self.word();
        }
        let length = first.trailing_zeros() as usize + 1;
        let mut word = [0; 8];
        word[..length].copy_from_slice(self.bytes(length)?);
        Some(u64::from_le_bytes(word) >> length)
    }

    /// Reads a number that is a place in a list or a count.
    pub(crate) fn place(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// Reads a number of 32 bits.
    pub(crate) fn number_u32(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// Reads a number that differs from another by what stands here.
    pub(crate) fn difference(&mut self, from: u64) -> Option<u64> {
        Some(from.wrapping_add(unzigzag(self.number()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of(number: u64) -> alloc::vec::Vec<u8> {
        let mut filling = Filling::with_size(NUMBER_LENGTH_MAX);
        filling.number(number);
        filling.as_bytes().into()
    }

    #[test]
    fn bytes_of_numbers_are_pinned() {
        assert_eq!(bytes_of(0), [1]);
        assert_eq!(bytes_of(127), [255]);
        assert_eq!(bytes_of(128), [0b10, 0b10]);
        assert_eq!(bytes_of((1 << 56) - 1), [0x80, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!(bytes_of(1 << 56), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(bytes_of(u64::MAX), [0, 255, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!([0, u64::MAX, 1, 1 << 63].map(zigzag), [0, 1, 2, u64::MAX]);
    }

    proptest! {
        #[test]
        fn two_numbers_are_one_and_another(bits: [u64; 2], shifts in [0..64u32, 0..64u32], before in 0..20usize) {
            let [first, second] = [bits[0] >> shifts[0], bits[1] >> shifts[1]];
            // With room behind them, and with none.
            for size in [100, before + number_length(first) + number_length(second)] {
                let [mut together, mut apart] = [Filling::with_size(size), Filling::with_size(size)];
                together.bytes(&alloc::vec![7; before]);
                apart.bytes(&alloc::vec![7; before]);
                together.numbers(first, second);
                apart.number(first);
                apart.number(second);
                prop_assert_eq!(together.as_bytes(), apart.as_bytes());
            }
        }

        #[test]
        fn numbers_come_back(bits: u64, shift in 0..64u32, other: u64) {
            let number = bits >> shift;
            let mut filling = Filling::with_size(20);
            filling.number(number);
            prop_assert_eq!(filling.len(), number_length(number));
            filling.difference(other, number);
            let whole = filling.as_bytes();
            let mut rest = Rest(whole);
            prop_assert_eq!(rest.number(), Some(number));
            prop_assert_eq!(rest.difference(other), Some(number));
            prop_assert!(rest.is_empty());
            for end in 0..number_length(number) {
                prop_assert_eq!(Rest(&whole[..end]).number(), None);
            }
        }
    }
}
