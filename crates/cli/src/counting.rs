//! Counting what is allocated, for `bench`.
//!
//! The counters belong to a thread and are off unless it asks for them. So a sweep pays one look at a flag of its thread for
//! each allocation, and threads do not wait for each other.
//!
//! The counting crates that are there count with atomics of the whole process, or wrap the system's allocator only: a sweep
//! would be slower by them, or by another allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;

/// What was allocated since [`start`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// How many times memory was asked for, growing what is there included.
    pub(crate) allocations: u64,
    /// How many bytes were asked for in all.
    pub(crate) bytes: u64,
    /// How many bytes more are kept than in the beginning; less than zero if more was given back.
    live: i64,
    /// The most that was ever kept.
    pub(crate) peak: u64,
}

impl Counts {
    fn take(&mut self, bytes: usize) {
        self.allocations += 1;
        self.bytes += bytes as u64;
        self.live = self.live.saturating_add_unsigned(bytes as u64);
        self.peak = self.peak.max(u64::try_from(self.live).unwrap_or(0));
    }

    fn give_back(&mut self, bytes: usize) {
        self.live = self.live.saturating_sub_unsigned(bytes as u64);
    }
}

thread_local! {
    static IS_COUNTING: Cell<bool> = const { Cell::new(false) };
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { allocations: 0, bytes: 0, live: 0, peak: 0 }) };
}

/// Begins to count what this thread allocates, from zero.
pub(crate) fn start() {
    COUNTS.set(Counts::default());
    IS_COUNTING.set(true);
}

/// Stops counting; returns what was counted.
pub(crate) fn stop() -> Counts {
    IS_COUNTING.set(false);
    COUNTS.get()
}

/// Does something that is not counted, if it is counted at present; tells it what was counted so far.
pub(crate) fn pause(uncounted: impl FnOnce(Counts)) {
    let was_counting = IS_COUNTING.replace(false);
    uncounted(COUNTS.get());
    IS_COUNTING.set(was_counting);
}

#[inline]
fn count(note: impl FnOnce(&mut Counts)) {
    if IS_COUNTING.get() {
        let mut counts = COUNTS.get();
        note(&mut counts);
        COUNTS.set(counts);
    }
}

/// An allocator that counts for the threads that ask for it.
#[derive(Debug)]
pub(crate) struct Counting<A>(pub(crate) A);

// Proof: each function hands its arguments to the same function of the inner allocator and returns what that returns. So what
// the caller has promised holds there, and what the inner allocator promises holds for the caller. Counting touches two cells of
// the thread that are initialised by the compiler and have nothing to drop: it allocates nothing, so that it does not call
// itself, and they are there as long as the thread is. It cannot unwind: its sums saturate, or are of numbers of allocations and
// of bytes that a process can ask for, which stay below 64 bits.
#[expect(unsafe_code, reason = "an allocator is an unsafe trait; the proof is above")]
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|counts| counts.take(layout.size()));
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(|counts| counts.take(layout.size()));
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|counts| counts.give_back(layout.size()));
        unsafe { self.0.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(|counts| {
            // Both are there for a moment only if it is moved; mostly it is not.
            counts.give_back(layout.size());
            counts.take(size);
        });
        unsafe { self.0.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hint::black_box;

    #[test]
    fn what_a_thread_allocates_is_counted_exactly_and_only_if_it_asks() {
        drop(black_box(vec![0_u8; 50]));
        start();
        let mut kept: Vec<u8> = black_box(Vec::with_capacity(100));
        drop(black_box(vec![0_u8; 1_000]));
        kept.reserve_exact(300);
        let mut seen = Counts::default();
        pause(|counts| {
            seen = counts;
            drop(black_box(vec![0_u8; 5_000]));
        });
        let counts = stop();
        drop(black_box(vec![0_u8; 70]));
        assert_eq!(counts, seen);
        assert_eq!((counts.allocations, counts.bytes, counts.peak), (3, 1_400, 1_100));
        assert_eq!(counts.live, 300);
        assert_eq!(stop(), counts);
        start();
        drop(kept);
        assert_eq!(stop(), Counts { live: -300, ..Counts::default() });
    }
}
