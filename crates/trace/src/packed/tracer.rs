//! The two fronts of the encoder: a recorder, and a trace that was kept.

use alloc::vec::Vec;

use tiebreak_kernel::{Instant, Names, Origin, PartCodes, Record, Recorder, Subject};

use super::BlockOutput;
use super::encoder::Encoder;
use crate::builder::Pending;
use crate::canonical::{Code, Parts, words_of_event};
use crate::dictionary::Space;
use crate::digest::{Digest, Link};
use crate::fingerprint::digest_of;
use crate::header::Header;
use crate::trace::Trace;

/// A recorder that packs every record of a run and hands finished blocks to an output, so that what is kept does not grow
/// with the run.
///
/// What it keeps: a block that is being filled and its parts (200 KiB), the last 65,536 events (1 MiB, and 256 KiB once a
/// cause is sought among them), checkpoints of up to a million events (48 KiB), and for each distinct name, text and set of
/// keys some 150 bytes and its texts. Only the last grows, with the number of names; it counts towards the limit on kept trace.
///
/// # Cost
/// Some 240 instructions an event more than [`RunFingerprinter`](crate::RunFingerprinter), whose digest is part of it, as
/// long as causes are as expected; about 5 bytes. An event by another cause than that of the event before it of its name
/// takes 3 bytes and a search more; one by an event that is no longer kept, 9 bytes.
///
/// Of one simulation (and its forks) only.
#[derive(Debug, Clone)]
pub struct PackedTracer<O> {
    encoder: Encoder<O>,
    facts: Vec<(u64, Code)>,
    buffer: Vec<u8>,
}

impl<O: BlockOutput> PackedTracer<O> {
    /// A tracer that has seen nothing. It writes the start of the file at once.
    pub fn new(header: &Header, output: O) -> Self {
        Self { encoder: Encoder::new(header, output), facts: Vec::new(), buffer: Vec::new() }
    }

    /// Returns the digest of the run so far: what [`RunFingerprinter`](crate::RunFingerprinter) says.
    #[must_use]
    pub fn run(&self) -> Digest {
        self.encoder.run()
    }

    /// Writes what is left, the events that are pending (none if nobody knows), and the end; hands over the output.
    pub fn finish(self, pending: &[Pending]) -> O {
        self.encoder.finish(pending)
    }

    /// Packs a dispatch without a choice and facts, if it is as expected. A function of numbers, so that a record need not
    /// be in memory for it.
    #[inline(never)]
    fn event(
        &mut self,
        (hint, codes): (u64, PartCodes),
        instant: Instant,
        (repeat, event): (u32, u64),
        cause: u64,
    ) -> Option<()> {
        let at = self.encoder.expects(hint, codes, (repeat, cause))?;
        let link = Link::of(Digest::of_words(words_of_event(instant, codes, repeat, cause)));
        self.encoder.expected(at, instant, (repeat, event), link);
        Some(())
    }

    /// Packs a record that is no dispatch as expected.
    #[inline(never)]
    fn other<S: Subject>(&mut self, names: &Names, record: &Record<'_, S>) {
        let link = Link::of(digest_of(names, record, &mut self.buffer));
        let at = self.encoder.find_name(record.codes).unwrap_or_else(|| {
            self.encoder.dictionary.enter_parts(names, record.name);
            self.encoder.add_name(record.codes)
        });
        self.facts.clear();
        if !record.facts.is_empty() {
            self.encoder.dictionary.enter_facts(names, record.facts);
            self.facts.extend(record.facts.iter().map(|fact| (fact.key.code(), Code::of(names, fact.value))));
        }
        let Record { instant, origin, cause, .. } = *record;
        self.encoder.record(at, (instant, origin, cause), &self.facts, link);
    }
}

impl<S: Subject, O: BlockOutput> Recorder<S> for PackedTracer<O> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "otherwise the record goes through memory")]
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        if let (Origin::Dispatch { repeat, choice: None }, Some(event), Some(cause), []) =
            (record.origin, record.event, record.cause, record.facts)
        {
            let name = (record.name.hint(record.codes), record.codes);
            if self.event(name, record.instant, (repeat, event), cause).is_some() {
                return;
            }
        }
        // Of a copy, made field by field: then the record of a dispatch need not be in memory at all.
        let Record { number, instant, name, codes, event, origin, cause, facts } = *record;
        self.other(names, &Record { number, instant, name, codes, event, origin, cause, facts });
    }

    fn bytes(&self) -> u64 {
        self.encoder.size()
    }
}

/// Packs a trace.
pub(super) fn pack(trace: &Trace) -> Vec<u8> {
    let mut encoder = Encoder::new(trace.header(), Vec::new());
    let mut facts = Vec::new();
    for (_, parts) in trace.records() {
        facts.clear();
        facts.extend(parts.facts());
        let codes = parts.part_codes();
        let known = encoder.find_name(codes);
        if known.is_none() {
            enter(trace, &mut encoder, Space::Name, parts.actor);
            enter(trace, &mut encoder, Space::Term, parts.kind);
            enter(trace, &mut encoder, Space::Subject, parts.subject);
        }
        enter_facts(trace, &mut encoder, &facts);
        let at = known.unwrap_or_else(|| encoder.add_name(codes));
        let Parts { instant, origin, cause, .. } = parts;
        let link = Link::of(Digest::of(parts.layered()));
        encoder.record(at, (instant, origin, cause), &facts, link);
    }
    encoder.finish(trace.pending())
}

fn enter_facts(trace: &Trace, encoder: &mut Encoder<Vec<u8>>, facts: &[(u64, Code)]) {
    for (key, value) in facts {
        enter(trace, encoder, Space::Term, *key);
        match *value {
            Code::Word(code) => enter(trace, encoder, Space::Term, code),
            Code::Name(code) => enter(trace, encoder, Space::Name, code),
            Code::Subject(code) => enter(trace, encoder, Space::Subject, code),
            Code::Number(_)
            | Code::Span(_)
            | Code::Signed(_)
            | Code::Truth(_)
            | Code::Instant(_)
            | Code::Text(_)
            | Code::Absent => {}
        }
    }
}

/// Enters a code with its text of a trace.
fn enter(trace: &Trace, encoder: &mut Encoder<Vec<u8>>, space: Space, code: u64) {
    let is_nothing = space == Space::Subject && code == 0;
    if !is_nothing && encoder.dictionary.place(space, code).is_none() {
        let entered = encoder.dictionary.enter_code(space, code, &trace.text(space, code));
        assert!(entered.is_ok(), "a code that is not known has no other text");
    }
}
