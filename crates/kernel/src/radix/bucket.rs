//! A bucket of the radix heap: entries in no order.
//!
//! They lie in chunks of one size, so that a bucket which grows copies nothing, and one that is emptied hands its memory on
//! to others. The smallest entry stands beside them: a newcomer is compared with it without a look into the chunks.

use alloc::vec::Vec;

use crate::due::Due;

/// Entries of a chunk.
const CHUNK: usize = 32;
/// Entries of the smallest memory that is asked for.
const LEAST: usize = 4;
/// A bucket that is emptied keeps room for so many full chunks in its list.
const KEPT_MAX: usize = 4;
/// So many spare chunks are kept in any case.
const SPARE_KEPT: usize = 4;

/// Entries, and the smallest of them.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    first: Due,
    /// What came last; at most a chunk.
    open: Vec<Due>,
    full: Vec<Vec<Due>>,
}

/// Chunks that nothing is in.
#[derive(Debug, Default)]
pub(super) struct Spare(Vec<Vec<Due>>);

impl Bucket {
    pub(super) const EMPTY: Self = Self { first: Due::GREATEST, open: Vec::new(), full: Vec::new() };

    /// The smallest entry.
    pub(super) fn first(&self) -> Option<Due> {
        (!self.is_empty()).then_some(self.first)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.full.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.open.len()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Due> {
        self.full.iter().flatten().chain(&self.open)
    }

    /// Puts an entry in.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is in the middle of the loop that splits a bucket")]
    pub(super) fn push(&mut self, entry: Due, spare: &mut Spare) {
        self.first = self.first.min(entry);
        if self.open.len() == self.open.capacity() {
            self.make_room(spare);
        }
        self.open.push(entry);
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, spare: &mut Spare) {
        let len = self.open.len();
        if len < CHUNK {
            self.open.reserve_exact(len.max(LEAST).min(CHUNK - len));
        } else {
            self.full.push(core::mem::replace(&mut self.open, spare.take()));
        }
    }

    /// All entries, in chunks that go to the spare ones when they have been read.
    pub(super) fn into_chunks(self) -> impl Iterator<Item = Vec<Due>> {
        self.full.into_iter().chain(core::iter::once(self.open))
    }

    /// Takes all entries out, and keeps a little memory for the next ones.
    pub(super) fn drain(&mut self, spare: &mut Spare, mut take: impl FnMut(&[Due])) {
        for chunk in self.full.drain(..) {
            take(&chunk);
            spare.keep(chunk);
        }
        take(&self.open);
        self.open.clear();
        self.full.shrink_to(KEPT_MAX);
        self.first = Due::GREATEST;
    }

    /// Bytes of the list of its chunks.
    #[cfg(test)]
    pub(super) fn bytes_of_list(&self) -> usize {
        self.full.capacity() * size_of::<Vec<Due>>()
    }

    /// How many entries there is room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.open.capacity() + self.full.len() * CHUNK
    }
}

impl Spare {
    fn take(&mut self) -> Vec<Due> {
        self.0.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK))
    }

    /// Keeps the memory of a chunk, unless it is smaller than others.
    pub(super) fn keep(&mut self, mut chunk: Vec<Due>) {
        if chunk.capacity() == CHUNK {
            chunk.clear();
            self.0.push(chunk);
        }
    }

    /// Gives back what is more than an eighth of what so many entries need.
    pub(super) fn shrink(&mut self, entries: usize) {
        self.0.truncate(SPARE_KEPT + entries / CHUNK / 8);
    }

    /// How many entries there is room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.0.len() * CHUNK
    }
}

/// A copy begins without spare memory.
impl Clone for Spare {
    fn clone(&self) -> Self {
        Self::default()
    }
}
