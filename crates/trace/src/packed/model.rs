//! What writer and reader of a packed trace both know, so that what is as expected takes no bytes.
//!
//! Of each name: how often it was dispatched, its last event, which name's event caused it last, and which facts its notes
//! had. Both sides do the same with each record; what is expected of the next one is then the same on both sides. The
//! reader keeps names in the order of first sight, here; the writer looks them up, in `names.rs`.

use alloc::vec::Vec;

use tiebreak_kernel::PartCodes;

/// How a record is told, in the two low bits of its first number. The name stands above them.
pub(crate) mod form {
    /// A dispatch as expected: by an event of the expected name, with the next repeat, without facts and choice.
    pub(crate) const EVENT: u64 = 0;
    /// The same with a choice.
    pub(crate) const TIE: u64 = 1;
    /// A note at the instant of the record before it, under the last event, with the expected keys.
    pub(crate) const NOTE: u64 = 2;
    /// Anything: a byte says what.
    pub(crate) const ANY: u64 = 3;
    /// How many bits a form takes.
    pub(crate) const BITS: u32 = 2;
}

/// The byte of a record of the form [`form::ANY`].
pub(crate) mod details {
    /// Origin: dispatched, noted, cancelled, moved.
    pub(crate) const ORIGIN: u8 = 0b11;
    pub(crate) const DISPATCHED: u8 = 0;
    pub(crate) const NOTED: u8 = 1;
    pub(crate) const CANCELLED: u8 = 2;
    pub(crate) const MOVED: u8 = 3;
    /// How the cause is told.
    pub(crate) const CAUSE: u8 = 0b1100;
    /// It came from outside.
    pub(crate) const OUTSIDE: u8 = 0;
    /// It is the expected event.
    pub(crate) const EXPECTED: u8 = 0b0100;
    /// It is so many events back.
    pub(crate) const BACK: u8 = 0b1000;
    /// It has this code.
    pub(crate) const CODE: u8 = 0b1100;
    /// There is a choice.
    pub(crate) const CHOICE: u8 = 1 << 4;
    /// The repeat is another than the next.
    pub(crate) const REPEAT: u8 = 1 << 5;
    /// The keys and tags of the facts are others than expected.
    pub(crate) const SHAPE: u8 = 1 << 6;
}

/// What the reader knows of a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) codes: PartCodes,
    /// The code of the name.
    pub(crate) code: u64,
    /// The code of its last event; nothing if the repeat is 0.
    pub(crate) event: u64,
    /// The repeat of its last event; 0 if it was never dispatched.
    pub(crate) repeat: u32,
    /// The place of the name whose event caused the last one; its own at first.
    pub(crate) cause: u32,
    /// The place of the shape of its last note; 0 at first.
    pub(crate) shape: u32,
}

/// The keys and tags of the facts of a record, in order.
pub(crate) type Shape = Vec<(u64, u8)>;

/// All that the reader knows.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) names: Vec<Known>,
    /// The first one is empty.
    pub(crate) shapes: Vec<Shape>,
    /// The instant of the last record, in nanoseconds.
    pub(crate) instant: u64,
    /// The code of the last event; nothing if there was none.
    pub(crate) last_event: u64,
    pub(crate) records: u64,
    pub(crate) events: u64,
}

/// What a name counts towards a limit, in bytes.
pub(crate) const NAME_BYTES: u64 = 64;
/// What a shape, and each key of it, counts.
pub(crate) const SHAPE_BYTES: u64 = 24;

impl Default for Model {
    fn default() -> Self {
        let shapes = alloc::vec![Shape::new()];
        Self { names: Vec::new(), shapes, instant: 0, last_event: 0, records: 0, events: 0 }
    }
}

impl Model {
    /// Adds a name; returns its place.
    #[expect(clippy::cast_possible_truncation, reason = "four thousand million names do not fit in memory")]
    pub(crate) fn add_name(&mut self, codes: PartCodes) -> u32 {
        let place = self.names.len() as u32;
        let code = codes.name();
        self.names.push(Known { codes, code, event: 0, repeat: 0, cause: place, shape: 0 });
        place
    }

    /// The code of the event that is expected to have caused a dispatch of this name.
    #[inline]
    pub(crate) fn expected_cause(&self, name: &Known) -> Option<u64> {
        self.names.get(name.cause as usize).filter(|cause| cause.repeat > 0).map(|cause| cause.event)
    }

    /// The code of the last event.
    #[inline]
    pub(crate) fn running(&self) -> Option<u64> {
        Some(self.last_event).filter(|_| self.events > 0)
    }
}
