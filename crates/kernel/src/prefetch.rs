//! Asking the processor for memory that will be read soon.
//!
//! Events that are handed out in seeded order lie anywhere in memory. Of a million of them, each costs a wait for main
//! memory unless it is asked for a few events ahead.

/// So many events ahead memory is asked for: a read of main memory takes as long as a few short events.
pub(crate) const AHEAD: usize = 8;

/// Asks for the memory of an element, if there is one and the processor can be asked.
#[inline]
#[cfg(all(target_arch = "x86_64", target_feature = "sse"))]
#[expect(unsafe_code, reason = "measured: half the time of a million simultaneous events")]
pub(crate) fn prefetch<T>(table: &[T], at: u32) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    if let Some(element) = table.get(at as usize) {
        let first: *const i8 = core::ptr::from_ref(element).cast();
        let last = first.wrapping_add(size_of::<T>().saturating_sub(1));
        // SAFETY: the instruction needs SSE, without which this function is not compiled. It is a hint: it reads nothing that
        // the program could see, writes nothing, and does not fault, whatever the address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(first);
            _mm_prefetch::<_MM_HINT_T0>(last);
        }
    }
}

/// Does nothing: the standard library has no safe way to ask this processor.
#[inline]
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse")))]
pub(crate) const fn prefetch<T>(_table: &[T], _at: u32) {}
