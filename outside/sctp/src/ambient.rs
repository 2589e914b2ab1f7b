//! The randomness that the machine takes from the operating system, replaced by seeds.
//!
//! The machine draws sequence numbers, tags and cookies from `rand::random`: a generator of the thread that `getrandom` seeds.
//! With `--cfg getrandom_backend="custom"` (see `.cargo/config.toml`) that asks here. Without it runs are still right, but differ
//! in numbers that stand in no record.

#![expect(
    unsafe_code,
    reason = "getrandom finds what stands in for the operating system by the name of a function"
)]

use std::cell::Cell;

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Lets what the machine draws on this thread follow from a seed, from now on.
pub(crate) fn begin(seed: u64) {
    STATE.set(seed);
    let reseeded = rand::rng().reseed();
    assert!(reseeded.is_ok(), "randomness does not fail");
}

/// The next number of a sequence (splitmix64).
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What `getrandom` calls.
///
/// # Safety
/// `dest` is valid for writes of `len` bytes.
#[expect(clippy::unnecessary_wraps, reason = "getrandom says what it returns")]
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    for place in 0..len {
        let [byte, ..] = next().to_be_bytes();
        // SAFETY: `place` is below `len`, and the caller lets `len` bytes be written.
        unsafe { dest.add(place).write(byte) };
    }
    Ok(())
}
