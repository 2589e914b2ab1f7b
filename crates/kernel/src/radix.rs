//! The calendar's entries in the order of their instants: a radix heap.
//!
//! A few entries are sorted, the *bottom*, and are handed out from its end. All others lie in buckets, in no order. The
//! bucket of an entry says at which digit its instant differs first from a *base*, counted from the top, and which digit it
//! has there. So the lowest bucket of the lowest level holds what comes next. When the bottom is used up, that bucket
//! becomes the bottom if it is small; else its range becomes the base, and its entries go to buckets of lower levels. An
//! entry is moved at most once for each digit, and mostly two or three times, whatever is scheduled. No comparison decides
//! where it goes, so there is nothing that a processor could guess wrongly; the memory of a bucket is written and read in a
//! row.
//!
//! The base moves only when an entry is taken out, up to that entry at most. So nothing is ever scheduled before the base,
//! and buckets never have to be put together again.
//!
//! A cancelled event leaves its entry behind, which is known to be dead by its link and dropped when it is met. When more
//! are dead than live, all dead ones are swept out.
//!
//! Invariants: what is due before `end` is in the bottom, all else in the bucket that its instant says; the bottom falls, and
//! ends in a live entry; a bucket knows its smallest entry; it is marked as used if there is something in it.

mod bucket;

use alloc::vec::Vec;

use bucket::{Bucket, Spare};

use crate::due::{Due, Link};
use crate::prefetch::AHEAD;
use crate::time::Instant;

/// Bits of a digit.
const DIGIT: u32 = 5;
/// Buckets of a level, one for each digit.
const DIGITS: usize = 1 << DIGIT;
/// More than an instant has digits; a power of two.
const LEVELS: usize = 16;
/// A bucket with more entries is split rather than sorted.
const SORTED_MAX: usize = 64;
/// Small buckets are sorted together up to this many entries, which a simple sort does best.
const SIMPLE_MAX: usize = 24;
/// The bottom takes newcomers up to this length; then it goes to the buckets.
const BOTTOM_MAX: usize = 96;
/// So many dead entries are tolerated beyond the number of live ones.
const DEAD_MAX: usize = 1024;
/// Memory is asked for ahead from this many entries on.
const MANY: usize = 1024;

/// A minimum queue of entries. Links belong to the calendar and are handed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct RadixHeap {
    /// The last comes first.
    bottom: Vec<Due>,
    /// In nanoseconds; 0 in the beginning, when nothing is before it.
    end: u64,
    base: u64,
    /// By level and digit; none before the first is needed.
    buckets: Vec<Bucket>,
    spare: Spare,
    /// The digits of a level whose buckets are used.
    digits: [u32; LEVELS],
    /// The levels with used buckets.
    levels: u32,
    /// Live and dead.
    len: usize,
    dead: usize,
}

impl RadixHeap {
    /// How many live entries there are.
    pub(crate) const fn live(&self) -> usize {
        self.len - self.dead
    }

    /// The smallest entry.
    #[inline]
    pub(crate) fn first(&self, links: &[Link]) -> Option<Due> {
        match self.bottom.last() {
            Some(first) => Some(*first),
            None => self.first_of_buckets(links),
        }
    }

    /// The slot of an entry that comes soon, if there are many.
    #[inline]
    pub(crate) fn soon(&self) -> Option<u32> {
        if self.len < MANY {
            return None;
        }
        let at = self.bottom.len().checked_sub(AHEAD)?;
        self.bottom.get(at).map(|entry| entry.slot())
    }

    /// All live entries, in no order.
    pub(crate) fn entries(&self, links: &[Link]) -> impl Iterator<Item = Due> {
        let all = self.buckets.iter().flat_map(Bucket::entries).chain(&self.bottom).copied();
        all.filter(|entry| is_live(links, *entry))
    }

    /// Enters an entry that is due no earlier than the one that was taken out last.
    #[inline]
    pub(crate) fn push(&mut self, links: &mut [Link], entry: Due) {
        links[entry.slot() as usize].set_at(entry.sequence());
        self.enter(entry);
    }

    #[inline]
    fn enter(&mut self, entry: Due) {
        self.len += 1;
        if entry.instant().as_nanos() < self.end {
            self.push_to_bottom(entry);
        } else {
            self.put(entry);
        }
    }

    /// Takes the smallest entry out.
    #[inline]
    pub(crate) fn pop(&mut self, links: &[Link]) -> Option<Due> {
        // If all are dead nothing is taken out, and the base stays where it is.
        if self.bottom.is_empty() && self.live() > 0 {
            self.refill(links);
        }
        let first = self.bottom.pop()?;
        self.len -= 1;
        self.settle(links);
        Some(first)
    }

    /// Takes the smallest entry out if it stands for a single event and no other is due at its instant.
    #[inline]
    pub(crate) fn pop_lone(&mut self, links: &[Link]) -> Option<Due> {
        let first = self.pop(links)?;
        // All that is due at one instant is in the bottom, or in one bucket.
        let is_tied = self.bottom.last().is_some_and(|next| next.instant() == first.instant());
        if is_tied || links[first.slot() as usize].after().is_some() {
            self.len += 1;
            self.bottom.push(first);
            return None;
        }
        Some(first)
    }

    /// Lets the entry of a slot be dead.
    #[inline]
    pub(crate) fn remove(&mut self, links: &mut [Link], slot: u32) {
        links[slot as usize] = Link::OUT;
        self.dead += 1;
        if self.dead > self.live() + DEAD_MAX {
            self.sweep(links);
        }
        self.settle(links);
    }

    /// Whether so many are dead that they are swept out with the next one.
    pub(crate) const fn is_mostly_dead(&self) -> bool {
        self.dead + 2 > self.live() + DEAD_MAX
    }

    /// Takes all live entries out.
    pub(crate) fn drain(&mut self, links: &[Link]) -> Vec<Due> {
        let all = self.entries(links).collect();
        *self = Self { base: self.base, ..Self::default() };
        all
    }

    /// Gives every entry a new sequence; `renumber` must keep their order.
    pub(crate) fn renumber(&mut self, links: &mut [Link], renumber: impl Fn(u32) -> u32) {
        for entry in self.drain(links) {
            self.push(links, Due::new(entry.instant(), renumber(entry.slot()), entry.slot()));
        }
    }

    /// How many entries there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        let buckets = self.buckets.iter().map(Bucket::capacity).sum::<usize>();
        buckets + self.spare.capacity() + self.bottom.capacity()
    }

    /// Bytes of memory.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        let lists = self.buckets.iter().map(Bucket::bytes_of_list).sum::<usize>();
        self.capacity() * size_of::<Due>() + self.buckets.capacity() * size_of::<Bucket>() + lists
    }

    /// Asserts what always holds.
    pub(crate) fn check_invariants(&self, links: &[Link]) {
        assert!(self.bottom.is_sorted_by(|a, b| a > b), "the bottom falls");
        assert!(
            self.bottom.last().is_none_or(|last| is_live(links, *last)),
            "the bottom ends in a live entry"
        );
        let nanos = |entry: &Due| entry.instant().as_nanos();
        assert!(
            self.bottom.iter().all(|entry| (self.base..self.end).contains(&nanos(entry))),
            "it has a range"
        );
        for (at, bucket) in self.buckets.iter().enumerate() {
            let is_used = self.digits[at / DIGITS] >> (at % DIGITS) & 1 != 0;
            assert_eq!(is_used, !bucket.is_empty(), "a bucket is used if there is something in it");
            assert_eq!(bucket.entries().min().copied(), bucket.first(), "a bucket knows its smallest entry");
            assert!(
                bucket.entries().all(|entry| nanos(entry) >= self.end.max(self.base)),
                "it is above the bottom"
            );
            let place = |entry: &Due| place(self.base, entry.instant());
            assert!(
                bucket.entries().all(|entry| place(entry) == (at / DIGITS, at % DIGITS)),
                "it is as instants say"
            );
        }
        for (level, digits) in self.digits.iter().enumerate() {
            assert_eq!(self.levels >> level & 1 != 0, *digits != 0, "a level is used if a bucket of it is");
        }
        let len = self.buckets.iter().map(Bucket::len).sum::<usize>() + self.bottom.len();
        assert_eq!(len, self.len, "all entries are counted");
        assert_eq!(self.entries(links).count(), self.live(), "all dead entries are counted");
    }

    /// Moves what is sooner than a newcomer by one place, and puts it before that: few are, mostly.
    #[inline(never)]
    fn push_to_bottom(&mut self, entry: Due) {
        self.bottom.push(entry);
        sink(&mut self.bottom, entry);
        if self.bottom.len() > BOTTOM_MAX {
            self.spill();
        }
    }

    /// Puts the whole bottom into buckets.
    #[cold]
    fn spill(&mut self) {
        self.end = self.base;
        for entry in core::mem::take(&mut self.bottom) {
            self.put(entry);
        }
    }

    /// Puts an entry into its bucket.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "what is the same for all entries of a bucket is worked out once"
    )]
    fn put(&mut self, entry: Due) {
        let (level, digit) = place(self.base, entry.instant());
        self.digits[level % LEVELS] |= 1 << digit;
        self.levels |= 1 << level;
        let at = level * DIGITS + digit;
        if at >= self.buckets.len() {
            self.add_levels(level);
        }
        self.buckets[at].push(entry, &mut self.spare);
    }

    #[cold]
    #[inline(never)]
    fn add_levels(&mut self, level: usize) {
        self.buckets.resize((level + 1) * DIGITS, Bucket::EMPTY);
    }

    /// Drops what is dead at the end of the bottom.
    #[inline]
    fn settle(&mut self, links: &[Link]) {
        while self.dead > 0 && self.bottom.last().is_some_and(|last| !is_live(links, *last)) {
            self.bottom.pop();
            self.len -= 1;
            self.dead -= 1;
        }
    }

    /// The used buckets, what comes first at the beginning.
    fn used(&self) -> impl Iterator<Item = &Bucket> {
        let bits = |bits: u32| core::iter::successors(Some(bits), |left| Some(left & left.wrapping_sub(1)));
        let bits =
            move |of: u32| bits(of).take_while(|left| *left != 0).map(|left| left.trailing_zeros() as usize);
        let at = bits(self.levels)
            .flat_map(move |level| bits(self.digits[level]).map(move |digit| level * DIGITS + digit));
        at.map(|at| &self.buckets[at])
    }

    /// The smallest live entry in a bucket.
    #[inline(never)]
    fn first_of_buckets(&self, links: &[Link]) -> Option<Due> {
        self.used().find_map(|bucket| match bucket.first() {
            Some(first) if is_live(links, first) => Some(first),
            _ => bucket.entries().filter(|entry| is_live(links, **entry)).min().copied(),
        })
    }

    /// Makes a bottom of the smallest entries in buckets.
    #[inline(never)]
    fn refill(&mut self, links: &[Link]) {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let digit = self.digits[level as usize].trailing_zeros();
            let at = level as usize * DIGITS + digit as usize;
            let len = self.buckets[at].len();
            if !self.bottom.is_empty() && self.bottom.len() + len > SIMPLE_MAX {
                break;
            }
            self.digits[level as usize] ^= 1 << digit;
            self.levels ^= u32::from(self.digits[level as usize] == 0) << level;
            // The range of the bucket: the digits above are those of the base, those below are open.
            let shift = level * DIGIT;
            let above = self.base.checked_shr(shift + DIGIT).unwrap_or(0);
            let start = (above << DIGIT | u64::from(digit)) << shift;
            if self.bottom.is_empty() {
                self.base = start;
            }
            if len > SORTED_MAX && level > 0 {
                self.end = self.base;
                self.split(links, at);
            } else {
                self.end = start.saturating_add(1 << shift);
                self.collect(links, at);
            }
        }
        if self.levels == 0 {
            self.end = u64::MAX;
        }
        self.spare.shrink(self.len);
        sort(&mut self.bottom);
        self.bottom.reverse();
    }

    /// Puts a bucket's live entries into buckets of lower levels.
    fn split(&mut self, links: &[Link], at: usize) {
        let bucket = core::mem::replace(&mut self.buckets[at], Bucket::EMPTY);
        for chunk in bucket.into_chunks() {
            for entry in &chunk {
                self.put_if_live(links, *entry);
            }
            self.spare.keep(chunk);
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the same loop")]
    fn put_if_live(&mut self, links: &[Link], entry: Due) {
        if self.dead == 0 || is_live(links, entry) {
            self.put(entry);
        } else {
            self.dead -= 1;
            self.len -= 1;
        }
    }

    /// Puts a bucket's live entries into the bottom.
    fn collect(&mut self, links: &[Link], at: usize) {
        self.buckets[at].drain(&mut self.spare, |entries| self.bottom.extend_from_slice(entries));
        if self.dead > 0 {
            let before = self.bottom.len();
            self.bottom.retain(|entry| is_live(links, *entry));
            let gone = before - self.bottom.len();
            self.dead -= gone;
            self.len -= gone;
        }
    }

    #[cold]
    fn sweep(&mut self, links: &[Link]) {
        for entry in self.drain(links) {
            self.enter(entry);
        }
    }
}

/// Whether an entry is that of an event that is in.
#[inline]
fn is_live(links: &[Link], entry: Due) -> bool {
    links.get(entry.slot() as usize).is_some_and(|link| link.is_of(entry))
}

/// The level and the digit of the bucket of an instant.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower digit is what is wanted")]
fn place(base: u64, instant: Instant) -> (usize, usize) {
    let nanos = instant.as_nanos();
    let level = ((nanos ^ base) | 1).ilog2() / DIGIT;
    (level as usize, (nanos >> (level * DIGIT)) as usize % DIGITS)
}

/// Sorts entries that are in order but for neighbours.
fn sort(entries: &mut [Due]) {
    if entries.len() > SIMPLE_MAX {
        return entries.sort_unstable();
    }
    for len in 2..=entries.len() {
        let (entry, mut at) = (entries[len - 1], len - 1);
        while at > 0 && entry < entries[at - 1] {
            entries[at] = entries[at - 1];
            at -= 1;
        }
        entries[at] = entry;
    }
}

/// Puts an entry into its place among the others, which fall; it takes the place of the last.
#[inline]
fn sink(entries: &mut [Due], entry: Due) {
    let mut at = entries.len() - 1;
    while at > 0 && entries[at - 1] < entry {
        entries[at] = entries[at - 1];
        at -= 1;
    }
    entries[at] = entry;
}

#[cfg(test)]
mod tests;
