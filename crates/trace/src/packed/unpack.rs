//! Reading a packed trace: blocks become records again. Nothing panics, and what bytes claim is not believed.

use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{Choice, Instant, Origin, PartCodes, Span, Text, fold, hash_text};

use super::block::{Block, Tag, read};
use super::closing::{Checkpoint, Closing, TRAILER_LENGTH, read_pending, trailer};
use super::entries::{SPACES, entry};
use super::model::{Known, Model, NAME_BYTES, SHAPE_BYTES, Shape, details, form};
use super::numbers::Rest;
use super::start::read_start;
use super::{Malformed, Unpacked, UnpackedEnd};
use crate::builder::{IllFormed, Pending, TraceBuilder};
use crate::canonical::{self, Code, Coded};
use crate::dictionary::Space;
use crate::digest::{Digest, Link};
use crate::fingerprint::{CHECKPOINT_BITS, RunChain};
use crate::header::Header;

/// What an event counts towards the greatest size: its place in the list by which causes are found.
const EVENT_BYTES: u64 = 16;

const ENTRY: &str = "an entry is not as entries are written";
const RECORD: &str = "a record is not as records are written";
pub(super) const TOO_LARGE: &str =
    "as a trace it is larger than what may be read at once, 1 GiB unless the reader says otherwise";

type Result<T> = core::result::Result<T, &'static str>;

/// Reads a packed trace of at most that size.
pub(super) fn unpack(bytes: &[u8], bytes_max: u64) -> core::result::Result<Unpacked, Malformed> {
    let mut rest = Rest(bytes);
    let header = read_start(&mut rest).map_err(|what| Malformed { offset: 0, what })?;
    let mut reader = Reader::new(header, bytes_max);
    loop {
        let offset = (bytes.len() - rest.len()) as u64;
        let at = |what| Malformed { offset, what };
        let Some(block) = read(&mut rest).map_err(at)? else {
            let end = UnpackedEnd::Cut { record: reader.model.records, offset };
            return Ok(reader.into_unpacked(Vec::new(), end));
        };
        if block.tag != Tag::Closing {
            reader.block(&block, offset).map_err(at)?;
            continue;
        }
        reader.close(&block.payload).map_err(at)?;
        if rest.len() < TRAILER_LENGTH {
            let end = UnpackedEnd::Cut { record: reader.model.records, offset: offset_of(bytes, rest) };
            return Ok(reader.into_unpacked(Vec::new(), end));
        }
        if rest.0 != trailer(offset) {
            let what = "the last 16 bytes are not as they are written, or bytes follow them";
            return Err(Malformed { offset: offset_of(bytes, rest), what });
        }
        let pending = core::mem::take(&mut reader.pending);
        return Ok(reader.into_unpacked(pending, UnpackedEnd::Whole));
    }
}

const fn offset_of(bytes: &[u8], rest: Rest<'_>) -> u64 {
    (bytes.len() - rest.len()) as u64
}

/// What is known between blocks.
struct Reader {
    builder: TraceBuilder,
    model: Model,
    /// The codes of all events and the places of their names, in order.
    events: Vec<(u64, u32)>,
    /// The first bytes of a text.
    part: Vec<u8>,
    facts: Vec<(u64, Code)>,
    chain: RunChain,
    /// Where the digests of the run are computed anew.
    taken: Vec<Checkpoint>,
    checkpoints: Vec<Checkpoint>,
    checkpoints_offset: u64,
    pending: Vec<Pending>,
    /// What names, shapes and events count.
    tables: u64,
    bytes_max: u64,
}

impl Reader {
    fn new(header: Header, bytes_max: u64) -> Self {
        Self {
            builder: TraceBuilder::new(header),
            model: Model::default(),
            events: Vec::new(),
            part: Vec::new(),
            facts: Vec::new(),
            chain: RunChain::default(),
            taken: Vec::new(),
            checkpoints: Vec::new(),
            checkpoints_offset: 0,
            pending: Vec::new(),
            tables: 0,
            bytes_max,
        }
    }

    fn into_unpacked(self, pending: Vec<Pending>, end: UnpackedEnd) -> Unpacked {
        let Self { builder, checkpoints, .. } = self;
        Unpacked { trace: builder.into_trace(pending), checkpoints, end }
    }

    /// Counts what a table takes, and stops before it is too much.
    fn count(&mut self, bytes: u64) -> Result<()> {
        self.tables = self.tables.saturating_add(bytes);
        let size = self.builder.trace().size().saturating_add(self.tables);
        if size > self.bytes_max { Err(TOO_LARGE) } else { Ok(()) }
    }

    fn block(&mut self, block: &Block, offset: u64) -> Result<()> {
        match block.tag {
            Tag::Records => self.records(&block.payload, offset),
            Tag::Checkpoints => self.checkpoints(&block.payload, offset),
            Tag::Pending => {
                let mut rest = Rest(&block.payload);
                while !rest.is_empty() {
                    let length = rest.len();
                    let pending = read_pending(&mut rest).ok_or("a pending event is not as it is written")?;
                    self.pending.push(pending);
                    self.count(2 * (length - rest.len()) as u64 + 64)?;
                }
                Ok(())
            }
            Tag::Closing => unreachable!("the closing block ends the file"),
        }
    }

    /// Compares the end with what was read.
    fn close(&self, payload: &[u8]) -> Result<()> {
        let read = Closing {
            records: self.model.records,
            events: self.model.events,
            checkpoints: self.checkpoints.len() as u64,
            checkpoints_offset: self.checkpoints_offset,
            pending: self.pending.len() as u64,
            run: self.chain.digest(),
        };
        if self.checkpoints.len() != self.taken.len() {
            return Err("checkpoints are missing");
        }
        if payload == read.to_bytes() {
            Ok(())
        } else {
            Err("the counts or the digest at the end are not those of the records")
        }
    }

    fn checkpoints(&mut self, payload: &[u8], offset: u64) -> Result<()> {
        let (before, checkpoints) =
            Checkpoint::read_all(payload).ok_or("checkpoints are not as they are written")?;
        let expected = self.taken.get(self.checkpoints.len()..).unwrap_or_default();
        if before != self.checkpoints_offset || !expected.starts_with(&checkpoints) {
            return Err("a checkpoint is not that of the records");
        }
        self.count(2 * size_of::<Checkpoint>() as u64 * checkpoints.len() as u64)?;
        self.checkpoints.extend(checkpoints);
        self.checkpoints_offset = offset;
        Ok(())
    }

    /// Reads entries and records.
    fn records(&mut self, payload: &[u8], offset: u64) -> Result<()> {
        let mut rest = Rest(payload);
        while self.entry(&mut rest)? {}
        let count = rest.number().ok_or(RECORD)?;
        let mut read = 0u64;
        while !rest.is_empty() {
            self.record(&mut rest, offset)?;
            read += 1;
        }
        if count == read { Ok(()) } else { Err("a block has another number of records than it says") }
    }

    /// Reads an entry; returns whether more may follow.
    fn entry(&mut self, rest: &mut Rest<'_>) -> Result<bool> {
        match rest.byte().ok_or(ENTRY)? {
            entry::END => return Ok(false),
            entry::PART => {
                let part = rest.place().and_then(|length| rest.bytes(length)).ok_or(ENTRY)?;
                self.count(2 * part.len() as u64)?;
                self.part.extend_from_slice(part);
            }
            entry::NAME => {
                let codes = self.name_codes(rest).ok_or(ENTRY)?;
                self.count(NAME_BYTES)?;
                self.model.add_name(codes);
            }
            entry::SHAPE => {
                let shape = self.shape(rest).ok_or(ENTRY)?;
                self.count(SHAPE_BYTES * (1 + shape.len() as u64))?;
                self.model.shapes.push(shape);
            }
            tag @ entry::TEXT..entry::PART => self.text(tag, rest)?,
            _ => return Err("unknown tag of an entry"),
        }
        Ok(true)
    }

    fn text(&mut self, tag: u8, rest: &mut Rest<'_>) -> Result<()> {
        let text = rest.place().and_then(|length| rest.bytes(length)).ok_or(ENTRY)?;
        self.part.extend_from_slice(text);
        let text = String::from_utf8(core::mem::take(&mut self.part)).map_err(|_| "a text is not UTF-8")?;
        let (tag, code) = if tag < entry::TEXT_WITH_CODE {
            (tag - entry::TEXT, hash_text(&text))
        } else {
            (tag - entry::TEXT_WITH_CODE, rest.word().ok_or(ENTRY)?)
        };
        let space = SPACES.get(usize::from(tag)).copied().ok_or(ENTRY)?;
        self.builder.enter(space, code, &text).map_err(IllFormed::text)?;
        self.count(0)
    }

    fn name_codes(&self, rest: &mut Rest<'_>) -> Option<PartCodes> {
        let [actor, kind] = [Space::Name, Space::Term].map(|space| self.code(space, rest));
        Some(PartCodes { actor: actor?, kind: kind?, subject: self.subject(rest)? })
    }

    /// Reads the place of a text; returns its code.
    fn code(&self, space: Space, rest: &mut Rest<'_>) -> Option<u64> {
        let (other, code, _) = self.builder.trace().dictionary().entry(rest.place()?)?;
        (other == space).then_some(code)
    }

    /// Reads a subject, of which 0 is none.
    fn subject(&self, rest: &mut Rest<'_>) -> Option<u64> {
        let Some(place) = rest.place()?.checked_sub(1) else { return Some(0) };
        let (space, code, _) = self.builder.trace().dictionary().entry(place)?;
        (space == Space::Subject).then_some(code)
    }

    fn shape(&self, rest: &mut Rest<'_>) -> Option<Shape> {
        let count = rest.number().filter(|count| u8::try_from(*count).is_ok())?;
        (0..count).map(|_| Some((self.code(Space::Term, rest)?, rest.byte()?))).collect()
    }

    fn record(&mut self, rest: &mut Rest<'_>, offset: u64) -> Result<()> {
        let head = rest.number().ok_or(RECORD)?;
        let place = u32::try_from(head >> form::BITS).map_err(|_| RECORD)?;
        let name = *self.model.names.get(place as usize).ok_or("a record has an unknown name")?;
        let told = match head & ((1 << form::BITS) - 1) {
            form::EVENT => self.event(&name, None, rest),
            form::TIE => self.event(&name, Some(()), rest),
            form::NOTE => self.note(&name),
            _ => self.any(place, &name, rest),
        };
        let Told { instant, origin, cause, shape } = told.ok_or(RECORD)?;
        let instant = Instant::from_nanos(instant);
        let mut facts = core::mem::take(&mut self.facts);
        facts.clear();
        let read = self.values(shape, instant, &mut facts, rest);
        self.facts = facts;
        read.ok_or("a value is not as values are written")?;
        let coded = Coded { instant, name: name.codes, origin, cause, facts: &self.facts };
        self.builder.push(&coded).map_err(IllFormed::text)?;
        self.remember(place, &name, (instant, origin), shape);
        self.absorb(offset)
    }

    /// Does with the model what the writer has done.
    fn remember(&mut self, place: u32, name: &Known, (instant, origin): (Instant, Origin), shape: u32) {
        self.model.instant = instant.as_nanos();
        self.model.records += 1;
        let known = &mut self.model.names[place as usize];
        match origin {
            Origin::Dispatch { repeat, choice: _ } => {
                let code = fold(name.code, u64::from(repeat));
                (known.event, known.repeat) = (code, repeat);
                self.model.last_event = code;
                self.model.events += 1;
                self.events.push((code, place));
            }
            Origin::Note => known.shape = shape,
            Origin::Cancelled | Origin::Moved { to: _ } => {}
        }
    }

    /// Folds the last record into the digest of the run, and takes a checkpoint if it is time.
    fn absorb(&mut self, offset: u64) -> Result<()> {
        let Some(parts) = self.builder.trace().record(self.model.records) else { return Err(RECORD) };
        let (link, origin) = (Link::of(Digest::of(parts.layered())), parts.origin);
        self.chain.absorb(link, origin);
        let is_dispatch = matches!(origin, Origin::Dispatch { .. });
        if is_dispatch && self.model.events % (1 << CHECKPOINT_BITS) == 0 {
            self.taken.push(Checkpoint {
                record: self.model.records,
                offset,
                instant: self.model.instant,
                digest: self.chain.digest(),
            });
        }
        self.count(if is_dispatch { EVENT_BYTES } else { 0 })
    }

    /// Reads the time since the last record.
    fn instant(&self, rest: &mut Rest<'_>) -> Option<u64> {
        self.model.instant.checked_add(rest.number()?)
    }

    fn event(&self, name: &Known, choice: Option<()>, rest: &mut Rest<'_>) -> Option<Told> {
        let instant = self.instant(rest)?;
        let choice = if choice.is_some() { Some(read_choice(rest)?) } else { None };
        let origin = Origin::Dispatch { repeat: name.repeat.checked_add(1)?, choice };
        Some(Told { instant, origin, cause: Some(self.model.expected_cause(name)?), shape: 0 })
    }

    fn note(&self, name: &Known) -> Option<Told> {
        let cause = Some(self.model.running()?);
        Some(Told { instant: self.model.instant, origin: Origin::Note, cause, shape: name.shape })
    }

    /// Reads a record whose byte says what is told.
    fn any(&mut self, place: u32, name: &Known, rest: &mut Rest<'_>) -> Option<Told> {
        let details = rest.byte()?;
        let has = |flag| details & flag != 0;
        let instant = self.instant(rest)?;
        let origin = details & details::ORIGIN;
        let moved = if origin == details::MOVED { Some(rest.difference(instant)?) } else { None };
        let repeat = if has(details::REPEAT) { rest.number_u32()? } else { name.repeat.wrapping_add(1) };
        let is_dispatch = origin == details::DISPATCHED;
        let is_foreign = has(1 << 7) || (!is_dispatch && (has(details::REPEAT) || has(details::CHOICE)));
        if is_foreign || (is_dispatch && repeat == 0 && !has(details::REPEAT)) {
            return None;
        }
        let cause = self.cause(details & details::CAUSE, (is_dispatch, place, name), rest)?;
        let choice = if has(details::CHOICE) { Some(read_choice(rest)?) } else { None };
        let expected = if origin == details::NOTED { name.shape } else { 0 };
        let shape = if has(details::SHAPE) { rest.number_u32()? } else { expected };
        let origin = match (origin, moved) {
            (details::DISPATCHED, _) => Origin::Dispatch { repeat, choice },
            (details::NOTED, _) => Origin::Note,
            (details::CANCELLED, _) => Origin::Cancelled,
            (_, moved) => Origin::Moved { to: Instant::from_nanos(moved?) },
        };
        Some(Told { instant, origin, cause, shape })
    }

    /// Reads a cause; the outer option is whether it is well-formed.
    #[expect(clippy::option_option, reason = "no cause is one way to tell it, no bytes are none")]
    fn cause(
        &mut self,
        tag: u8,
        (is_dispatch, place, name): (bool, u32, &Known),
        rest: &mut Rest<'_>,
    ) -> Option<Option<u64>> {
        match tag {
            details::OUTSIDE => Some(None),
            details::EXPECTED if is_dispatch => Some(Some(self.model.expected_cause(name)?)),
            details::EXPECTED => Some(Some(self.model.running()?)),
            details::BACK => {
                let at = self.events.len().checked_sub(rest.place()?.checked_add(1)?)?;
                let (code, cause_name) = *self.events.get(at)?;
                if is_dispatch {
                    self.model.names.get_mut(place as usize)?.cause = cause_name;
                }
                Some(Some(code))
            }
            _ => Some(Some(rest.word()?)),
        }
    }

    /// Reads the values of facts of a shape.
    fn values(
        &self,
        shape: u32,
        now: Instant,
        facts: &mut Vec<(u64, Code)>,
        rest: &mut Rest<'_>,
    ) -> Option<()> {
        for (key, tag) in self.model.shapes.get(shape as usize)? {
            facts.push((*key, self.value(*tag, now.as_nanos(), rest)?));
        }
        Some(())
    }

    fn value(&self, tag: u8, now: u64, rest: &mut Rest<'_>) -> Option<Code> {
        Some(match tag {
            canonical::WORD => Code::Word(self.code(Space::Term, rest)?),
            canonical::NUMBER => Code::Number(rest.number()?),
            canonical::SPAN => Code::Span(Span::from_nanos(rest.number()?)),
            canonical::NAME => Code::Name(self.code(Space::Name, rest)?),
            canonical::SUBJECT => Code::Subject(self.subject(rest)?),
            canonical::SIGNED => Code::Signed(i64::from_le_bytes(rest.difference(0)?.to_le_bytes())),
            canonical::TRUTH => Code::Truth(match rest.byte()? {
                0 => false,
                1 => true,
                _ => return None,
            }),
            canonical::INSTANT => Code::Instant(Instant::from_nanos(rest.difference(now)?)),
            canonical::TEXT => {
                let length = rest.place().filter(|length| *length <= Text::LENGTH_MAX)?;
                Code::Text(Text::new(core::str::from_utf8(rest.bytes(length)?).ok()?))
            }
            canonical::ABSENT => Code::Absent,
            _ => return None,
        })
    }
}

/// What is told of a record beside its name and the values of its facts.
struct Told {
    instant: u64,
    origin: Origin,
    cause: Option<u64>,
    shape: u32,
}

fn read_choice(rest: &mut Rest<'_>) -> Option<Choice> {
    let of = rest.number()?;
    let index = rest.number_u32()?;
    Some(Choice { index, of: u32::try_from(of >> 1).ok()?, is_twin: of & 1 == 1 })
}
