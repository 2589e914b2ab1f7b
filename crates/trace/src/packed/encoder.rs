//! The one way into a packed trace: records told by codes become blocks.

use alloc::vec::Vec;

use hashbrown::HashTable;
use tiebreak_kernel::{Choice, Instant, Origin, PartCodes, fold};

use super::BlockOutput;
use super::block::{PACKED_PAYLOAD_MAX, Tag, frame};
use super::closing::{Checkpoint, Closing, write_pending};
use super::entries::Entries;
use super::model::{Known, Model, NAME_BYTES, SHAPE_BYTES, Shape, details, form};
use super::numbers::Filling;
use super::window::Window;
use crate::builder::Pending;
use crate::canonical::{Code, choice_of};
use crate::dictionary::{Dictionary, Space};
use crate::digest::{Digest, Link};
use crate::fingerprint::{CHECKPOINT_BITS, RunChain};
use crate::guesses::Guesses;
use crate::header::Header;

/// A block is written when its records have so many bytes. One record has less than 8 KiB.
const RECORDS_FULL: usize = 48 << 10;

/// So many checkpoints make a block.
const CHECKPOINTS_FULL: usize = 1024;

/// Makes blocks of records.
#[derive(Debug, Clone)]
pub(crate) struct Encoder<O> {
    output: O,
    /// How many bytes were written.
    offset: u64,
    pub(crate) dictionary: Dictionary,
    model: Model,
    /// Places of names by their codes, which are hashes. Looked up, never walked over.
    names: HashTable<u32>,
    guesses: Guesses,
    /// Places of shapes. Looked up, never walked over.
    shapes: HashTable<u32>,
    /// How many keys all shapes have.
    keys: u64,
    window: Window,
    entries: Entries,
    records: Filling,
    /// How many records there are in `records`.
    count: u64,
    chain: RunChain,
    checkpoints: Vec<Checkpoint>,
    /// How many of the checkpoints are of the block that is being filled.
    unplaced: usize,
    /// Where the last block of checkpoints is; 0 if there is none.
    checkpoints_offset: u64,
    checkpoints_count: u64,
    block: Vec<u8>,
}

impl<O: BlockOutput> Encoder<O> {
    pub(crate) fn new(header: &Header, mut output: O) -> Self {
        let start = super::start::start_bytes(header);
        output.write(&start);
        Self {
            output,
            offset: start.len() as u64,
            dictionary: Dictionary::default(),
            model: Model::default(),
            names: HashTable::new(),
            guesses: Guesses::default(),
            shapes: HashTable::new(),
            keys: 0,
            window: Window::default(),
            entries: Entries::default(),
            records: Filling::with_size(PACKED_PAYLOAD_MAX),
            count: 0,
            chain: RunChain::default(),
            checkpoints: Vec::new(),
            unplaced: 0,
            checkpoints_offset: 0,
            checkpoints_count: 0,
            block: Vec::new(),
        }
    }

    /// Returns the digest of the run so far.
    pub(crate) fn run(&self) -> Digest {
        self.chain.digest()
    }

    /// How large the tables that grow count towards the limit on kept trace, in bytes.
    pub(crate) fn size(&self) -> u64 {
        let shapes = self.model.shapes.len() as u64 + self.keys;
        self.dictionary.size() + self.model.names.len() as u64 * NAME_BYTES + shapes * SHAPE_BYTES
    }

    /// Returns the place of a name with this code.
    #[inline]
    pub(crate) fn find_name(&self, code: u64) -> Option<u32> {
        let guess = self.guesses.get(code);
        if self.model.names.get(guess).is_some_and(|name| name.code == code) {
            #[expect(clippy::cast_possible_truncation, reason = "places are numbers of 32 bits")]
            return Some(guess as u32);
        }
        self.names.find(code, |at| self.model.names[*at as usize].code == code).copied()
    }

    /// Adds a name, whose codes are in the dictionary.
    pub(crate) fn add_name(&mut self, codes: PartCodes) -> u32 {
        let place = self.model.add_name(codes);
        let names = &self.model.names;
        self.names.insert_unique(codes.name(), place, |at| names[*at as usize].code);
        place
    }

    /// Remembers where a name is, so that it is found at once the next time.
    #[inline]
    pub(crate) fn guess(&mut self, code: u64, place: u32) {
        if self.guesses.get(code) != place as usize {
            self.guesses.set(code, place as usize, self.model.names.len());
        }
    }

    /// Writes a record, whose codes are all in the dictionary; `link` is the digest of its layered part.
    #[inline]
    pub(crate) fn record(
        &mut self,
        place: u32,
        (instant, origin, cause): (Instant, Origin, Option<u64>),
        facts: &[(u64, Code)],
        link: Link,
    ) {
        let name = self.model.names[place as usize];
        let is_expected = match origin {
            Origin::Dispatch { repeat, choice } => {
                let is_next = facts.is_empty() && Some(repeat) == name.repeat.checked_add(1);
                if is_next && cause.is_some() && cause == self.model.expected_cause(&name) {
                    let form = if choice.is_some() { form::TIE } else { form::EVENT };
                    self.records.number(u64::from(place) << form::BITS | form);
                    self.records.number(instant.as_nanos().wrapping_sub(self.model.instant));
                    if let Some(choice) = choice {
                        self.choice(choice);
                    }
                    self.dispatched(place, &name, repeat);
                    true
                } else {
                    false
                }
            }
            Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => false,
        };
        if !is_expected {
            self.other(place, &name, (instant, origin, cause), facts);
        }
        self.chain.absorb(link, origin);
        self.model.instant = instant.as_nanos();
        self.model.records += 1;
        self.count += 1;
        let is_checkpoint = self.model.events % (1 << CHECKPOINT_BITS) == 0;
        if is_checkpoint && matches!(origin, Origin::Dispatch { .. }) {
            self.checkpoint();
        }
        if self.records.len() >= RECORDS_FULL {
            self.flush();
        }
    }

    /// Remembers the event that a record dispatched.
    #[inline]
    fn dispatched(&mut self, place: u32, name: &Known, repeat: u32) {
        let code = fold(name.code, u64::from(repeat));
        let known = &mut self.model.names[place as usize];
        (known.event, known.repeat) = (code, repeat);
        self.model.last_event = code;
        self.model.events += 1;
        self.window.enter(code, self.model.events, place);
    }

    fn choice(&mut self, Choice { index, of, is_twin }: Choice) {
        self.records.number(u64::from(of) << 1 | u64::from(is_twin));
        self.records.number(u64::from(index));
    }

    /// Writes a record that is no dispatch as expected.
    #[inline(never)]
    fn other(
        &mut self,
        place: u32,
        name: &Known,
        (instant, origin, cause): (Instant, Origin, Option<u64>),
        facts: &[(u64, Code)],
    ) {
        let expected_shape = if matches!(origin, Origin::Note) { name.shape } else { 0 };
        let shape = self.shape(expected_shape, facts);
        let is_now = instant.as_nanos() == self.model.instant;
        let is_running = cause.is_some() && cause == self.model.running();
        if matches!(origin, Origin::Note) && is_now && is_running && shape == expected_shape {
            self.records.number(u64::from(place) << form::BITS | form::NOTE);
        } else {
            self.any(place, name, (instant, origin, cause), shape);
        }
        for (_, value) in facts {
            self.value(instant, *value);
        }
        if let Origin::Dispatch { repeat, choice: _ } = origin {
            self.dispatched(place, name, repeat);
        }
        if matches!(origin, Origin::Note) {
            self.model.names[place as usize].shape = shape;
        }
    }

    /// Writes the head of a record of the form [`form::ANY`].
    fn any(
        &mut self,
        place: u32,
        name: &Known,
        (instant, origin, cause): (Instant, Origin, Option<u64>),
        shape: u32,
    ) {
        let (tag, repeat, expected_cause, expected_shape) = match origin {
            Origin::Dispatch { repeat, choice: _ } => {
                let repeat = Some(repeat).filter(|repeat| Some(*repeat) != name.repeat.checked_add(1));
                (details::DISPATCHED, repeat, self.model.expected_cause(name), 0)
            }
            Origin::Note => (details::NOTED, None, self.model.running(), name.shape),
            Origin::Cancelled => (details::CANCELLED, None, self.model.running(), 0),
            Origin::Moved { to: _ } => (details::MOVED, None, self.model.running(), 0),
        };
        let found = cause.and_then(|code| self.window.find(code));
        let cause_tag = match (cause, found) {
            (None, _) => details::OUTSIDE,
            (cause, _) if cause == expected_cause => details::EXPECTED,
            (Some(_), Some(_)) => details::BACK,
            (Some(_), None) => details::CODE,
        };
        let choice = choice_of(origin);
        let flag = |is_set: Option<()>, flag: u8| is_set.map_or(0, |()| flag);
        let flags = flag(choice.map(|_| ()), details::CHOICE)
            | flag(repeat.map(|_| ()), details::REPEAT)
            | flag((shape != expected_shape).then_some(()), details::SHAPE);
        self.records.number(u64::from(place) << form::BITS | form::ANY);
        self.records.byte(tag | cause_tag | flags);
        self.records.number(instant.as_nanos().wrapping_sub(self.model.instant));
        if let Origin::Moved { to } = origin {
            self.records.difference(instant.as_nanos(), to.as_nanos());
        }
        if let Some(repeat) = repeat {
            self.records.number(u64::from(repeat));
        }
        match (cause_tag, cause, found) {
            (details::BACK, _, Some((event, cause_name))) => {
                self.records.number(self.model.events - event);
                if tag == details::DISPATCHED {
                    self.model.names[place as usize].cause = cause_name;
                }
            }
            (details::CODE, Some(code), _) => self.records.bytes(&code.to_le_bytes()),
            _ => {}
        }
        if let Some(choice) = choice {
            self.choice(choice);
        }
        if shape != expected_shape {
            self.records.number(u64::from(shape));
        }
    }

    /// Returns the place of the shape of facts; adds it if it is new.
    fn shape(&mut self, expected: u32, facts: &[(u64, Code)]) -> u32 {
        let shapes = &self.model.shapes;
        let is_it = |at: u32| {
            let shape = &shapes[at as usize];
            shape.len() == facts.len()
                && shape
                    .iter()
                    .zip(facts)
                    .all(|((key, tag), (other, value))| key == other && *tag == value.tag())
        };
        if is_it(expected) {
            return expected;
        }
        if facts.is_empty() {
            return 0;
        }
        let shape: Shape = facts.iter().map(|(key, value)| (*key, value.tag())).collect();
        let hash = hash_of(&shape);
        if let Some(at) = self.shapes.find(hash, |at| is_it(*at)) {
            return *at;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "four thousand million shapes do not fit in memory"
        )]
        let place = self.model.shapes.len() as u32;
        self.keys += shape.len() as u64;
        self.model.shapes.push(shape);
        let shapes = &self.model.shapes;
        self.shapes.insert_unique(hash, place, |at| hash_of(&shapes[*at as usize]));
        place
    }

    /// Writes the value of a fact; its tag is part of the shape.
    fn value(&mut self, now: Instant, value: Code) {
        match value {
            Code::Word(code) => self.entry(Space::Term, code),
            Code::Name(code) => self.entry(Space::Name, code),
            Code::Subject(0) => self.records.number(0),
            Code::Subject(code) => {
                let place = self.place(Space::Subject, code);
                self.records.number(place + 1);
            }
            Code::Number(number) => self.records.number(number),
            Code::Span(span) => self.records.number(span.as_nanos()),
            Code::Signed(number) => self.records.difference(0, u64::from_le_bytes(number.to_le_bytes())),
            Code::Truth(truth) => self.records.byte(u8::from(truth)),
            Code::Instant(instant) => self.records.difference(now.as_nanos(), instant.as_nanos()),
            Code::Text(text) => {
                self.records.number(text.as_str().len() as u64);
                self.records.bytes(text.as_str().as_bytes());
            }
            Code::Absent => {}
        }
    }

    fn entry(&mut self, space: Space, code: u64) {
        let place = self.place(space, code);
        self.records.number(place);
    }

    fn place(&self, space: Space, code: u64) -> u64 {
        match self.dictionary.place(space, code) {
            Some(place) => place as u64,
            None => unreachable!("the codes of a record are entered before it is written"),
        }
    }

    #[inline(never)]
    fn checkpoint(&mut self) {
        self.checkpoints.push(Checkpoint {
            record: self.model.records,
            offset: 0,
            instant: self.model.instant,
            digest: self.chain.digest(),
        });
        self.unplaced += 1;
    }

    /// Writes what is there as a block, and the dictionary entries before it.
    #[inline(never)]
    fn flush(&mut self) {
        if self.count > 0 {
            let Self { entries, dictionary, model, records, count, output, offset, block, .. } = self;
            let mut write = |payload: &[u8]| {
                frame(Tag::Records, payload, block);
                output.write(block);
                let start = *offset;
                *offset += block.len() as u64;
                start
            };
            entries.add_new(dictionary, model, &mut write);
            let start = entries.finish(*count, records.as_bytes(), &mut write);
            records.clear();
            *count = 0;
            let placed = self.checkpoints.len() - self.unplaced;
            for checkpoint in &mut self.checkpoints[placed..] {
                checkpoint.offset = start;
            }
            self.unplaced = 0;
        }
        if self.checkpoints.len() >= CHECKPOINTS_FULL {
            self.write_checkpoints();
        }
    }

    fn write_checkpoints(&mut self) {
        let mut payload = Filling::with_size(PACKED_PAYLOAD_MAX);
        Checkpoint::write_all(&self.checkpoints, self.checkpoints_offset, &mut payload);
        self.checkpoints_offset = self.offset;
        self.checkpoints_count += self.checkpoints.len() as u64;
        self.checkpoints.clear();
        self.write(Tag::Checkpoints, payload.as_bytes());
    }

    fn write(&mut self, tag: Tag, payload: &[u8]) {
        frame(tag, payload, &mut self.block);
        self.output.write(&self.block);
        self.offset += self.block.len() as u64;
    }

    /// Writes what is left, the pending events, and the end.
    pub(crate) fn finish(mut self, pending: &[Pending]) -> O {
        self.flush();
        if !self.checkpoints.is_empty() {
            self.write_checkpoints();
        }
        write_pending(pending, |payload| self.write(Tag::Pending, payload));
        let start = self.offset;
        let closing = Closing {
            records: self.model.records,
            events: self.model.events,
            checkpoints: self.checkpoints_count,
            checkpoints_offset: self.checkpoints_offset,
            pending: pending.len() as u64,
            run: self.chain.digest(),
        };
        self.write(Tag::Closing, &closing.to_bytes());
        self.output.write(&super::closing::trailer(start));
        self.output
    }
}

/// The fixed hash of the table of shapes.
fn hash_of(shape: &Shape) -> u64 {
    shape.iter().fold(0, |hash, (key, tag)| fold(fold(hash, *key), u64::from(*tag)))
}
