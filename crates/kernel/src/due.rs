//! A due event as one number, and what the calendar's two parts have in common.

use alloc::vec::Vec;

use crate::time::Instant;

/// A due event: the instant above the sequence above the slot. One comparison decides, and what is due at one instant
/// comes in the order of scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due(u128);

#[expect(clippy::cast_possible_truncation, reason = "parts of the number")]
impl Due {
    /// Above all others.
    pub(crate) const GREATEST: Self = Self(u128::MAX);

    pub(crate) const fn new(instant: Instant, sequence: u32, slot: u32) -> Self {
        Self((instant.as_nanos() as u128) << 64 | (sequence as u128) << 32 | slot as u128)
    }

    pub(crate) const fn instant(self) -> Instant {
        Instant::from_nanos((self.0 >> 64) as u64)
    }

    pub(crate) const fn sequence(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(crate) const fn slot(self) -> u32 {
        self.0 as u32
    }
}

/// No slot behind.
const LAST: u32 = u32::MAX >> 1;
/// Says that a slot stands behind another.
const MEMBER: u32 = 1 << 31;

/// Where a slot is in the calendar; meaningless for slots that are not in. Events of one instant may form a *chain*: its
/// head has an entry, the members are linked behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// Of a head in the heap: the place of its entry. Of one in buckets: the sequence of its entry, by which an entry is
    /// known to be live. Of a member: the slot before it.
    at: u32,
    /// The slot behind it, or `LAST`; the upper bit marks a member.
    after: u32,
}

impl Link {
    /// Of no slot that is in.
    pub(crate) const OUT: Self = Self { at: 0, after: LAST };

    /// How many slots can be linked.
    pub(crate) const SLOTS_MAX: u32 = LAST;

    /// Of the last member of a chain.
    pub(crate) const fn behind(before: u32) -> Self {
        Self { at: before, after: LAST | MEMBER }
    }

    pub(crate) const fn at(self) -> u32 {
        self.at
    }

    pub(crate) const fn set_at(&mut self, at: u32) {
        self.at = at;
    }

    pub(crate) const fn is_member(self) -> bool {
        self.after & MEMBER != 0
    }

    pub(crate) const fn after(self) -> Option<u32> {
        let after = self.after & !MEMBER;
        if after == LAST { None } else { Some(after) }
    }

    pub(crate) fn set_after(&mut self, after: Option<u32>) {
        self.after = self.after & MEMBER | after.unwrap_or(LAST);
    }

    /// Makes a member a head; its place is not known yet.
    pub(crate) const fn set_head(&mut self) {
        self.after &= !MEMBER;
    }

    /// Whether an entry in buckets is that of a head that is in.
    pub(crate) const fn is_of(self, entry: Due) -> bool {
        !self.is_member() && self.at == entry.sequence()
    }
}

/// Below this many elements a table doubles; above it grows by an eighth, so that it is never far larger than what is in it.
pub(crate) const DOUBLING_MAX: usize = 4096;

/// A table has room for so many elements as soon as it has one: in short runs, growing step by step costs more.
pub(crate) const FIRST: usize = 32;

/// Makes room for `more` elements.
#[inline]
pub(crate) fn grow<T>(table: &mut Vec<T>, more: usize) {
    if table.capacity() == 0 {
        table.reserve(more.max(FIRST));
    } else if table.capacity() - table.len() < more && table.len() >= DOUBLING_MAX {
        table.reserve_exact(more.max(table.len() / 8));
    }
}

/// Makes a table that is looked up by slot long enough for this one, and as long as it has room for, so that this is seldom
/// called.
#[cold]
pub(crate) fn reach<T: Copy>(table: &mut Vec<T>, slot: u32, empty: T) {
    let more = slot as usize + 1 - table.len();
    grow(table, more);
    table.reserve(more);
    table.resize(table.capacity(), empty);
}

/// Gives memory of a large table back of which less than a quarter was `used` lately.
#[inline]
pub(crate) fn shrink<T>(table: &mut Vec<T>, used: usize) {
    if table.capacity() > DOUBLING_MAX && used < table.capacity() / 4 {
        table.shrink_to(table.capacity() / 2);
    }
}
