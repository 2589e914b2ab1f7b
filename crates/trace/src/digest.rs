//! 128-bit digests: of bytes, and of a chain of digests.

use core::fmt;

use tiebreak_kernel::{hash_text, mix};
use xxhash_rust::xxh3::xxh3_128;

/// The first words of XXH3's secret.
const SECRET: [u64; 8] = [
    0xBE4B_A423_396C_FEB8,
    0x1CAD_21F7_2C81_017C,
    0xDB97_9083_E96D_D4DE,
    0x1F67_B3B7_A4A4_4072,
    0x78E5_C0CC_4EE6_79CB,
    0x2172_FFCC_7DD0_5A82,
    0x8E24_43F7_7446_08B8,
    0x4C26_3A81_E690_35E0,
];

/// XXH3's primes of 64 bits: the first, the second, the fourth.
const PRIMES: [u64; 3] = [0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x85EB_CA77_C2B2_AE63];

/// The halves of the product of two words, each mixed with a word of the secret, folded into one.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
const fn multiply((first, second): (u64, u64), secret: (u64, u64)) -> u64 {
    let product = ((first ^ secret.0) as u128) * ((second ^ secret.1) as u128);
    product as u64 ^ (product >> 64) as u64
}

/// What XXH3 does at its end, so that every bit reaches every other.
#[inline]
const fn avalanche(word: u64) -> u64 {
    let word = (word ^ word >> 37).wrapping_mul(0x1656_6791_9E37_79F9);
    word ^ word >> 32
}

/// A 128-bit digest, printed as 32 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    /// Returns the digest with this value.
    #[must_use]
    pub const fn new(value: u128) -> Self {
        Self(value)
    }

    /// Returns the digest of `bytes`: XXH3 with 128 bits and seed 0. Walks over them once.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The digest of 39 or 47 bytes that are in registers already: those of the first words, and the first seven of the last.
    /// It is what [`Digest::of`] says of them, without writing them to memory and reading them from there.
    ///
    /// XXH3 takes up to 64 bytes as four pairs of words: two from the beginning, two up to the end. Each pair is
    /// multiplied with what a secret makes of it, and added to what the other pair says.
    #[inline]
    #[must_use]
    pub(crate) fn of_words<const WORDS: usize>(words: [u64; WORDS]) -> Self {
        const {
            assert!(
                WORDS == 5 || WORDS == 6,
                "33 to 64 bytes are digested so, and no word twice at the beginning"
            );
        }
        let bytes = 8 * WORDS as u64 - 1;
        let begin = [(words[0], words[1]), (words[2], words[3])];
        // The last 32 bytes: one byte before a word, and its first seven.
        let shifted = |at: usize| words[WORDS + at - 6] >> 56 | words[WORDS + at - 5] << 8;
        let end = [(shifted(1), shifted(2)), (shifted(3), shifted(4))];
        let (mut low, mut high) = (bytes.wrapping_mul(PRIMES[0]), 0u64);
        for (at, secret) in [(1, 4), (0, 0)] {
            // The pair behind the begin at 16 ends before the one behind the begin at 0.
            let (one, other) = (begin[at], end[1 - at]);
            low = low.wrapping_add(multiply(one, (SECRET[secret], SECRET[secret + 1])));
            low ^= other.0.wrapping_add(other.1);
            high = high.wrapping_add(multiply(other, (SECRET[secret + 2], SECRET[secret + 3])));
            high ^= one.0.wrapping_add(one.1);
        }
        let length = bytes.wrapping_mul(PRIMES[1]);
        let sum = low.wrapping_mul(PRIMES[0]).wrapping_add(high.wrapping_mul(PRIMES[2])).wrapping_add(length);
        let halves = [avalanche(low.wrapping_add(high)), avalanche(sum).wrapping_neg()];
        Self(u128::from(halves[1]) << 64 | u128::from(halves[0]))
    }

    /// Returns the number that the digest is.
    #[must_use]
    pub const fn value(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Digest({self})")
    }
}

/// Digests folded one after the other. Order matters and nothing cancels: each half is a chain of the kernel's
/// [`fold`], so that swapping, doubling or leaving out a link changes what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    low: u64,
    high: u64,
}

impl Chain {
    pub(crate) const START: Self =
        Self { low: hash_text("tiebreak 2 low"), high: hash_text("tiebreak 2 high") };

    pub(crate) fn absorb(&mut self, digest: Digest) {
        self.absorb_link(Link::of(digest));
    }

    #[inline]
    pub(crate) fn absorb_link(&mut self, link: Link) {
        self.low = mix(self.low.rotate_left(25) ^ link.low);
        self.high = mix(self.high.rotate_left(25) ^ link.high);
    }

    pub(crate) fn digest(self) -> Digest {
        Digest(u128::from(self.high) << 64 | u128::from(self.low))
    }
}

/// A digest on its way into chains: what the kernel's [`fold`](tiebreak_kernel::fold) does to a value before it meets
/// the state, done once for all chains that absorb it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    low: u64,
    high: u64,
}

impl Link {
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    pub(crate) const fn of(Digest(digest): Digest) -> Self {
        Self { low: mix(digest as u64), high: mix((digest >> 64) as u64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use proptest::prelude::*;
    use tiebreak_kernel::fold;

    fn digest_is_that_of_words<const WORDS: usize>(bytes: &[u8]) {
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
            let mut filled = [0; 8];
            filled[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_le_bytes(filled);
        }
        assert_eq!(Digest::of_words(words), Digest::of(bytes));
        words[WORDS - 1] |= 0xAB << 56;
        assert_eq!(Digest::of_words(words), Digest::of(bytes), "the eighth byte of the last is no part");
    }

    fn chain(digests: &[u128]) -> Digest {
        let mut chain = Chain::START;
        for digest in digests {
            chain.absorb(Digest(*digest));
        }
        chain.digest()
    }

    #[test]
    fn digests_are_pinned() {
        assert_eq!(Digest::of(b"").to_string(), "99aa06d3014798d86001c324468d497f");
        assert_eq!(Digest::of(b"tiebreak").to_string(), "ba3d55ebd6a8fae27664ffed3e9f7142");
        assert_eq!(Digest::new(1).to_string(), "00000000000000000000000000000001");
        assert_eq!(chain(&[]).to_string(), "c9bcb2f14b0d5f57933fe837c3d642be");
        assert_eq!(chain(&[1, 1 << 64]).to_string(), "6aee098c6f80f4bef46f02999714cf00");
    }

    proptest! {
        #[test]
        fn of_bytes_in_registers_the_digest_is_the_same(bytes: [u8; 47]) {
            digest_is_that_of_words::<6>(&bytes);
            digest_is_that_of_words::<5>(&bytes[..39]);
        }
    }

    #[test]
    fn a_chain_folds_as_the_kernel_does() {
        let (first, second) = (Digest::of(b"a"), Digest::of(b"b"));
        let [a, b] = [first, second].map(Digest::value);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
        let half = |start, shift: u32| fold(fold(start, (a >> shift) as u64), (b >> shift) as u64);
        let high = u128::from(half(Chain::START.high, 64)) << 64;
        assert_eq!(chain(&[a, b]).value(), high | u128::from(half(Chain::START.low, 0)));
    }

    #[test]
    fn a_chain_notices_order_and_nothing_cancels() {
        let chains = [
            &[][..],
            &[0],
            &[0, 0],
            &[1],
            &[1, 1],
            &[1, 2],
            &[2, 1],
            &[1, 2, 1],
            &[1, 1, 2],
            &[2, 1, 1],
            &[1 << 64],
            &[1 << 64 | 1],
            &[3],
            &[1 << 64 | 2],
            &[2 << 64 | 1],
        ];
        for (at, a) in chains.iter().enumerate() {
            for b in &chains[..at] {
                assert_ne!(chain(a), chain(b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn both_halves_of_a_chain_notice_a_swap() {
        let [a, b] = [[Digest::of(b"a"), Digest::of(b"b")], [Digest::of(b"b"), Digest::of(b"a")]]
            .map(|digests| chain(&digests.map(Digest::value)).value());
        assert_ne!(a >> 64, b >> 64);
        assert_ne!(a << 64, b << 64);
    }
}
