//! The entries that stand before the records of a block: texts, names and shapes that are new in it.

use tiebreak_kernel::{PartCodes, hash_text};

use super::block::PACKED_PAYLOAD_MAX;
use super::model::Shape;
use super::numbers::{Filling, NUMBER_LENGTH_MAX};
use crate::dictionary::{Dictionary, Space};

/// The first byte of an entry.
pub(crate) mod entry {
    /// No more entries; the number of records follows, and the records.
    pub(crate) const END: u8 = 0;
    /// A text of the space of names whose code is its hash. The next two are those of terms and of subjects.
    pub(crate) const TEXT: u8 = 1;
    /// A text of the space of names, with its code. The next two are those of terms and of subjects.
    pub(crate) const TEXT_WITH_CODE: u8 = 4;
    /// The first bytes of the text that comes next.
    pub(crate) const PART: u8 = 7;
    /// A name.
    pub(crate) const NAME: u8 = 8;
    /// A shape.
    pub(crate) const SHAPE: u8 = 9;
}

/// The spaces in the order of the tags of texts.
pub(crate) const SPACES: [Space; 3] = [Space::Name, Space::Term, Space::Subject];

/// A longer text is told in parts of this length, so that a payload has a greatest length.
const PART_LENGTH: usize = 16 << 10;

/// What stands behind the entries at least: their end, and the number of records.
const END_LENGTH: usize = 1 + NUMBER_LENGTH_MAX;

/// Writes entries, and remembers which were written.
#[derive(Debug, Clone)]
pub(crate) struct Entries {
    texts: usize,
    /// The first shape is known to everybody.
    shapes: usize,
    payload: Filling,
}

impl Default for Entries {
    fn default() -> Self {
        Self { texts: 0, shapes: 1, payload: Filling::with_size(PACKED_PAYLOAD_MAX) }
    }
}

impl Entries {
    /// Adds what is new: texts and shapes that were not added yet, and these names; `write` takes the payloads that are full.
    pub(crate) fn add_new(
        &mut self,
        dictionary: &Dictionary,
        names: &[PartCodes],
        shapes: &[Shape],
        write: &mut impl FnMut(&[u8]) -> u64,
    ) {
        while let Some((space, code, text)) = dictionary.entry(self.texts) {
            self.text(space, code, text.as_bytes(), write);
            self.texts += 1;
        }
        for codes in names {
            self.name(dictionary, *codes, write);
        }
        while let Some(shape) = shapes.get(self.shapes) {
            self.shape(dictionary, shape, write);
            self.shapes += 1;
        }
    }

    /// Writes the last payload, with so many records; returns where its block is.
    pub(crate) fn finish(&mut self, count: u64, records: &[u8], write: &mut impl FnMut(&[u8]) -> u64) -> u64 {
        self.make_room(records.len(), write);
        self.end(count, records, write)
    }

    fn text(&mut self, space: Space, code: u64, mut text: &[u8], write: &mut impl FnMut(&[u8]) -> u64) {
        let is_hash = core::str::from_utf8(text).is_ok_and(|text| hash_text(text) == code);
        while let Some((part, rest)) = text.split_at_checked(PART_LENGTH) {
            self.make_room(PART_LENGTH + END_LENGTH, write);
            self.payload.byte(entry::PART);
            self.payload.number(part.len() as u64);
            self.payload.bytes(part);
            text = rest;
        }
        self.make_room(PART_LENGTH + 2 * END_LENGTH, write);
        let tag = if is_hash { entry::TEXT } else { entry::TEXT_WITH_CODE };
        self.payload.byte(tag + space as u8);
        self.payload.number(text.len() as u64);
        self.payload.bytes(text);
        if !is_hash {
            self.payload.bytes(&code.to_le_bytes());
        }
    }

    fn name(&mut self, dictionary: &Dictionary, codes: PartCodes, write: &mut impl FnMut(&[u8]) -> u64) {
        self.make_room(1 + 3 * NUMBER_LENGTH_MAX, write);
        self.payload.byte(entry::NAME);
        self.payload.number(place(dictionary, Space::Name, codes.actor));
        self.payload.number(place(dictionary, Space::Term, codes.kind));
        let subject =
            if codes.subject == 0 { 0 } else { place(dictionary, Space::Subject, codes.subject) + 1 };
        self.payload.number(subject);
    }

    fn shape(&mut self, dictionary: &Dictionary, shape: &Shape, write: &mut impl FnMut(&[u8]) -> u64) {
        self.make_room((1 + NUMBER_LENGTH_MAX) * (1 + shape.len()), write);
        self.payload.byte(entry::SHAPE);
        self.payload.number(shape.len() as u64);
        for (key, tag) in shape {
            self.payload.number(place(dictionary, Space::Term, *key));
            self.payload.byte(*tag);
        }
    }

    /// Writes a payload without records, if so many bytes more are too many.
    fn make_room(&mut self, bytes: usize, write: &mut impl FnMut(&[u8]) -> u64) {
        if self.payload.len() + bytes + END_LENGTH > PACKED_PAYLOAD_MAX {
            self.end(0, &[], write);
        }
    }

    fn end(&mut self, count: u64, records: &[u8], write: &mut impl FnMut(&[u8]) -> u64) -> u64 {
        self.payload.byte(entry::END);
        self.payload.number(count);
        self.payload.bytes(records);
        let start = write(self.payload.as_bytes());
        self.payload.clear();
        start
    }
}

fn place(dictionary: &Dictionary, space: Space, code: u64) -> u64 {
    match dictionary.place(space, code) {
        Some(place) => place as u64,
        None => unreachable!("the codes of names and keys are entered before them"),
    }
}
