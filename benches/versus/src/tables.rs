//! Delays and choices that all peers share; the programs in other languages build the same.

use crate::case::Distribution;

/// Entries of a table.
const ENTRIES: usize = 1 << 16;
/// What a cursor is masked with.
pub const MASK: usize = ENTRIES - 1;
/// A second in nanoseconds: the mean of the delays of every distribution.
pub const SECOND: u64 = 1_000_000_000;

/// Splitmix64.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The table of delays of a distribution, in nanoseconds.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and far below 2^64")]
pub fn delays(distribution: Distribution) -> Vec<u64> {
    let mut generator = Generator(0x1234);
    let mut draw = || match distribution {
        Distribution::Exponential => -(1.0 - generator.fraction()).ln() * 1e9,
        Distribution::Bimodal => {
            let (which, how_long) = (generator.fraction(), generator.fraction());
            if which < 0.9 { how_long * 0.2e9 } else { how_long * 18.2e9 }
        }
        Distribution::Constant => 1e9,
        Distribution::Tick => ((-(1.0 - generator.fraction()).ln() * 1e3).floor() + 1.0) * 1e6,
        Distribution::Timeout => 0.5e9 + generator.fraction() * 1e9,
    };
    (0..ENTRIES).map(|_| (draw() as u64).max(1)).collect()
}

/// The table of choices among `size`.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "sizes fit in 32 bits")]
pub fn picks(size: usize) -> Vec<u32> {
    let mut generator = Generator(0x777);
    (0..ENTRIES).map(|_| (generator.next() % size as u64) as u32).collect()
}

/// A place in the tables.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cursor(usize);

impl Cursor {
    /// Returns the index of the next entry and moves on.
    #[inline]
    pub fn advance(&mut self) -> usize {
        let index = self.0 & MASK;
        self.0 += 1;
        index
    }
}
