//! The mixers under keys, streams and event codes. Part of the format: golden tests pin every constant.

use core::fmt;

/// Mixes 64 bits so that every input bit reaches every output bit (splitmix64's finaliser, a bijection).
#[must_use]
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// Folds `value` into `state`; the order of folding matters.
#[must_use]
pub const fn fold(state: u64, value: u64) -> u64 {
    mix(state.rotate_left(25) ^ mix(value))
}

/// Hashes a text by its UTF-8 bytes (FNV-1a, then mixed): the stable identity of a name.
#[must_use]
pub const fn hash_text(text: &str) -> u64 {
    TextHasher::new().and(text).finish()
}

/// Hashes a text that is written piece by piece, as [`hash_text`] does the whole: so that a text need not be put together to
/// be hashed.
///
/// ```
/// use core::fmt::Write as _;
/// use tiebreak_kernel::{TextHasher, hash_text};
///
/// let mut hasher = TextHasher::new();
/// write!(hasher, "{}#{}", "tick", 7)?;
/// assert_eq!(hasher.finish(), hash_text("tick#7"));
/// # Ok::<(), core::fmt::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TextHasher {
    hash: u64,
    /// How many bytes were written.
    bytes: u64,
}

impl TextHasher {
    /// A hasher to which nothing was written.
    #[must_use]
    pub const fn new() -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, bytes: 0 }
    }

    /// Returns the hash of what was written.
    #[must_use]
    pub const fn finish(self) -> u64 {
        mix(self.hash ^ self.bytes)
    }

    const fn and(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            self.hash = (self.hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01B3);
            at += 1;
        }
        self.bytes += bytes.len() as u64;
        self
    }
}

impl Default for TextHasher {
    /// [`TextHasher::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Write for TextHasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        *self = self.and(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The values were worked out by a few lines of another language from the definitions above.

    #[test]
    fn the_mixer_is_pinned() {
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(1), 0x910A_2DEC_8902_5CC1);
        assert_eq!(mix(u64::MAX), 0xE4D9_7177_1B65_2C20);
    }

    #[test]
    fn folding_is_pinned_and_has_an_order() {
        assert_eq!(fold(0, 0), 0xA706_DD2F_4D19_7E6F);
        assert_eq!(fold(0, 1), 0x5E41_AB08_7439_611E);
        assert_eq!(fold(1, 0), 0x1DA3_15D7_96D7_5D92);
        assert_eq!(fold(1, 2), 0x9A52_7057_83A5_883C);
        assert_eq!(fold(u64::MAX, u64::MAX), 0x6309_143E_67A4_7936);
    }

    #[test]
    fn hashes_of_texts_are_pinned() {
        assert_eq!(hash_text(""), 0xC381_7C01_6BA4_FF30);
        assert_eq!(hash_text("a"), 0xC0FC_99FE_A7AB_959C);
        assert_eq!(hash_text("rip1"), 0xFCE5_F890_63E4_990A);
        assert_eq!(hash_text("rip2"), 0xAEE3_F92C_7A0A_3235);
        assert_eq!(hash_text("ospf2.callbacks"), 0xDF12_8335_ECEF_0F3B);
        assert_eq!(hash_text("zürich"), 0x1E59_ED9F_48C1_4E0F);
    }
}
