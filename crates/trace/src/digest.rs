//! 128-bit digests: of bytes, and of a chain of digests.

use core::fmt;

use tiebreak_kernel::{hash_text, mix};
use xxhash_rust::xxh3::xxh3_128;

/// A 128-bit digest, printed as 32 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    /// Returns the digest with this value.
    #[must_use]
    pub const fn new(value: u128) -> Self {
        Self(value)
    }

    /// Returns the digest of `bytes`: XXH3 with 128 bits and seed 0. About 20 GB/s on long inputs.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
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
    use tiebreak_kernel::fold;

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
