//! The one way into a packed trace: records told by codes become blocks.

use alloc::vec::Vec;

use tiebreak_kernel::{Choice, Instant, Origin, PartCodes};

use super::BlockOutput;
use super::block::{PACKED_PAYLOAD_MAX, Tag, frame};
use super::closing::{Checkpoint, Closing, write_pending};
use super::entries::Entries;
use super::model::{details, form};
use super::names::NameTable;
use super::numbers::Filling;
use super::past::Past;
use super::shapes::ShapeTable;
use crate::builder::Pending;
use crate::canonical::{Code, choice_of};
use crate::dictionary::{Dictionary, Space};
use crate::digest::{Digest, Link};
use crate::fingerprint::{CHECKPOINT_BITS, RunChain};
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
    /// The shapes of facts; the first one is empty.
    shapes: ShapeTable,
    /// The instant of the last record, in nanoseconds.
    instant: u64,
    records_count: u64,
    events: u64,
    /// The code of the last event.
    running: u64,
    names: NameTable,
    size: u64,
    past: Past,
    entries: Entries,
    records: Filling,
    /// How many records were written in blocks.
    written: u64,
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
            shapes: ShapeTable::default(),
            instant: 0,
            records_count: 0,
            events: 0,
            running: 0,
            names: NameTable::default(),
            size: 0,
            past: Past::default(),
            entries: Entries::default(),
            records: Filling::with_size(PACKED_PAYLOAD_MAX),
            written: 0,
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
    #[inline]
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Counts how large the tables are. Only names and facts make them grow.
    fn count_size(&mut self) {
        self.size = self.dictionary.size() + self.names.size() + self.shapes.size();
    }

    /// Returns where the name with these codes is, if it is known.
    pub(crate) fn find_name(&self, codes: PartCodes) -> Option<usize> {
        self.names.find_exact(codes)
    }

    /// Adds a name that is not known, whose codes are in the dictionary; returns where it is.
    pub(crate) fn add_name(&mut self, codes: PartCodes) -> usize {
        self.names.add(codes)
    }

    /// Returns where the name of a dispatch is, if it is as expected: by an event of the expected name, with the next
    /// repeat. Of the codes of a run that goes on.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most records are such, and stay in registers")]
    pub(crate) fn expects(
        &mut self,
        hint: u64,
        codes: PartCodes,
        (repeat, cause): (u32, u64),
    ) -> Option<usize> {
        let at = self.names.find(hint, codes.lookup())?;
        self.is_expected(at, repeat, cause).then_some(at)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most records are such, and stay in registers")]
    fn is_expected(&self, at: usize, repeat: u32, cause: u64) -> bool {
        let known = self.names.get(at);
        // A repeat of 0 follows nothing: neither is it expected, nor does any event have it.
        known.repeat.wrapping_add(1) == repeat
            && repeat > 0
            && self.names.expected_cause(known) == Some(cause)
    }

    /// Writes a dispatch that is as expected, without a choice and facts; `event` is its code, `link` the digest of its
    /// layered part.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most records are such, and stay in registers")]
    pub(crate) fn expected(&mut self, at: usize, instant: Instant, (repeat, event): (u32, u64), link: Link) {
        let known = self.names.get(at);
        let head = u64::from(known.place()) << form::BITS | form::EVENT;
        self.records.numbers(head, instant.as_nanos().wrapping_sub(self.instant));
        self.dispatched(at, repeat, event);
        self.chain.absorb_lone(link);
        self.instant = instant.as_nanos();
        self.records_count += 1;
        let is_checkpoint = self.events % (1 << CHECKPOINT_BITS) == 0;
        if is_checkpoint {
            self.checkpoint();
        }
        if self.records.len() >= RECORDS_FULL {
            self.flush();
        }
    }

    /// Writes a record, whose codes are all in the dictionary and whose name is at this place; `link` is the digest of its
    /// layered part.
    pub(crate) fn record(
        &mut self,
        at: usize,
        (instant, origin, cause): (Instant, Origin, Option<u64>),
        facts: &[(u64, Code)],
        link: Link,
    ) {
        match (origin, cause.filter(|_| facts.is_empty())) {
            (Origin::Dispatch { repeat, choice }, Some(cause)) if self.is_expected(at, repeat, cause) => {
                let event = self.names.event_code(at, repeat);
                let Some(choice) = choice else { return self.expected(at, instant, (repeat, event), link) };
                self.head(at, form::TIE);
                self.records.number(instant.as_nanos().wrapping_sub(self.instant));
                self.choice(choice);
                self.dispatched(at, repeat, event);
            }
            _ => self.other(at, (instant, origin, cause), facts),
        }
        self.count_size();
        self.chain.absorb(link, origin);
        self.instant = instant.as_nanos();
        self.records_count += 1;
        let is_checkpoint =
            self.events % (1 << CHECKPOINT_BITS) == 0 && matches!(origin, Origin::Dispatch { .. });
        if is_checkpoint {
            self.checkpoint();
        }
        if self.records.len() >= RECORDS_FULL {
            self.flush();
        }
    }

    /// Remembers the event that a record dispatched, by its code.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most records are such, and stay in registers")]
    fn dispatched(&mut self, at: usize, repeat: u32, event: u64) {
        self.names.dispatched(at, repeat, event);
        self.events += 1;
        self.past.keep(self.events, event, self.names.get(at).place());
        self.running = event;
    }

    /// The code of the last event.
    fn running(&self) -> Option<u64> {
        Some(self.running).filter(|_| self.events > 0)
    }

    /// Writes what each record begins with.
    fn head(&mut self, at: usize, form: u64) {
        self.records.number(u64::from(self.names.get(at).place()) << form::BITS | form);
    }

    fn choice(&mut self, Choice { index, of, is_twin }: Choice) {
        self.records.number(u64::from(of) << 1 | u64::from(is_twin));
        self.records.number(u64::from(index));
    }

    /// Writes a record that is no dispatch as expected.
    fn other(
        &mut self,
        at: usize,
        (instant, origin, cause): (Instant, Origin, Option<u64>),
        facts: &[(u64, Code)],
    ) {
        let is_note = matches!(origin, Origin::Note);
        let expected_shape = if is_note { self.names.get(at).shape } else { 0 };
        let shape = self.shapes.place(expected_shape, facts);
        let is_now = instant.as_nanos() == self.instant;
        let is_running = cause.is_some() && cause == self.running();
        if is_note && is_now && is_running && shape == expected_shape {
            self.head(at, form::NOTE);
        } else {
            self.any(at, (instant, origin, cause), shape);
        }
        for (_, value) in facts {
            self.value(instant, *value);
        }
        if let Origin::Dispatch { repeat, choice: _ } = origin {
            self.dispatched(at, repeat, self.names.event_code(at, repeat));
        }
        if is_note {
            self.names.get_mut(at).shape = shape;
        }
    }

    /// Writes the head of a record of the form [`form::ANY`].
    fn any(&mut self, at: usize, (instant, origin, cause): (Instant, Origin, Option<u64>), shape: u32) {
        let known = *self.names.get(at);
        let (tag, repeat, expected_cause, expected_shape) = match origin {
            Origin::Dispatch { repeat, choice: _ } => {
                let repeat = Some(repeat).filter(|repeat| Some(*repeat) != known.repeat.checked_add(1));
                (details::DISPATCHED, repeat, self.names.expected_cause(&known), 0)
            }
            Origin::Note => (details::NOTED, None, self.running(), known.shape),
            Origin::Cancelled => (details::CANCELLED, None, self.running(), 0),
            Origin::Moved { to: _ } => (details::MOVED, None, self.running(), 0),
        };
        let told = match cause {
            None => Cause::Outside,
            cause if cause == expected_cause => Cause::Expected,
            Some(code) => match self.past.find(code, self.events) {
                Some((event, name)) => Cause::Back { events: self.events - event, name },
                None => Cause::Code(code),
            },
        };
        let choice = choice_of(origin);
        let flag = |is_set: Option<()>, flag: u8| is_set.map_or(0, |()| flag);
        let flags = flag(choice.map(|_| ()), details::CHOICE)
            | flag(repeat.map(|_| ()), details::REPEAT)
            | flag((shape != expected_shape).then_some(()), details::SHAPE);
        self.head(at, form::ANY);
        self.records.byte(tag | told.tag() | flags);
        self.records.number(instant.as_nanos().wrapping_sub(self.instant));
        if let Origin::Moved { to } = origin {
            self.records.difference(instant.as_nanos(), to.as_nanos());
        }
        if let Some(repeat) = repeat {
            self.records.number(u64::from(repeat));
        }
        match told {
            Cause::Back { events, name } => {
                self.records.number(events);
                if tag == details::DISPATCHED {
                    self.names.expect_cause(at, name);
                }
            }
            Cause::Code(code) => self.records.bytes(&code.to_le_bytes()),
            Cause::Outside | Cause::Expected => {}
        }
        if let Some(choice) = choice {
            self.choice(choice);
        }
        if shape != expected_shape {
            self.records.number(u64::from(shape));
        }
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

    #[cold]
    fn checkpoint(&mut self) {
        self.checkpoints.push(Checkpoint {
            record: self.records_count,
            offset: 0,
            instant: self.instant,
            digest: self.chain.digest(),
        });
        self.unplaced += 1;
    }

    /// Writes what is there as a block, and the dictionary entries before it.
    #[cold]
    fn flush(&mut self) {
        if self.records_count > self.written {
            let Self { entries, dictionary, names, shapes, records, output, offset, block, .. } = self;
            let count = self.records_count - self.written;
            let mut write = |payload: &[u8]| {
                frame(Tag::Records, payload, block);
                output.write(block);
                let start = *offset;
                *offset += block.len() as u64;
                start
            };
            entries.add_new(dictionary, &names.take_fresh(), shapes.shapes(), &mut write);
            let start = entries.finish(count, records.as_bytes(), &mut write);
            records.clear();
            self.written = self.records_count;
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
            records: self.records_count,
            events: self.events,
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

/// How the cause of a record is told.
#[derive(Debug, Clone, Copy)]
enum Cause {
    Outside,
    Expected,
    /// So many events before the last one; its name has this place.
    Back {
        events: u64,
        name: u32,
    },
    Code(u64),
}

impl Cause {
    const fn tag(self) -> u8 {
        match self {
            Self::Outside => details::OUTSIDE,
            Self::Expected => details::EXPECTED,
            Self::Back { .. } => details::BACK,
            Self::Code(_) => details::CODE,
        }
    }
}
