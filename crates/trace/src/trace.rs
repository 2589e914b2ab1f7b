//! A kept trace, and the recorder that keeps it.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_kernel::{Names, Record, Recorder, Subject};

use crate::builder::Pending;
use crate::canonical::{Code, Coded, Parts, encode_codes, encode_layered, encode_tail};
use crate::dictionary::{Dictionary, OtherText, Space};
use crate::digest::{Digest, Link};
use crate::fingerprint::{Fingerprint, Layered, RunChain, Tally};
use crate::header::Header;
use crate::projection::Projection;
use crate::text::{Form, Lines, clean, push_value, write_text};
use crate::twins::{Twin, TwinCounter};
use crate::walk::{push_event, push_name, walk};

/// All records of a run: header, dictionary and canonical bytes. Text, NDJSON and fingerprint are derived from these
/// alone; the world that made them may be gone.
#[derive(Debug, Clone)]
pub struct Trace {
    header: Header,
    dictionary: Dictionary,
    bytes: Vec<u8>,
    /// Where each record begins in `bytes`.
    starts: Vec<usize>,
    pending: Vec<Pending>,
}

impl Trace {
    /// Returns what the trace depends on.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the texts of the codes in it.
    #[must_use]
    pub const fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Returns the canonical bytes of all records, one after the other.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns how many records there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.starts.len() as u64
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Returns the record with this number, from 1.
    #[must_use]
    pub fn record(&self, number: u64) -> Option<Parts<'_>> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        self.starts.get(at).map(|start| self.read(*start))
    }

    /// Returns all records in order, each with its number.
    pub fn records(&self) -> impl Iterator<Item = (u64, Parts<'_>)> {
        (1..).zip(self.starts.iter().map(|start| self.read(*start)))
    }

    /// Returns the events that are pending at the end, if somebody has said which. They are in no digest.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// Returns the trace with these events pending at its end, and no others.
    #[must_use]
    pub fn with_pending(mut self, pending: Vec<Pending>) -> Self {
        self.pending = pending;
        self
    }

    /// A trace without records.
    pub(crate) fn empty(header: Header) -> Self {
        let (dictionary, bytes, starts, pending) = Default::default();
        Self { header, dictionary, bytes, starts, pending }
    }

    /// Enters the text of a code.
    ///
    /// # Errors
    /// If the code has another text.
    pub(crate) fn enter(&mut self, space: Space, code: u64, text: &str) -> Result<(), OtherText> {
        self.dictionary.enter_code(space, code, text)
    }

    /// Adds a record, all of whose codes have texts.
    pub(crate) fn push(&mut self, record: &Coded<'_>) {
        self.starts.push(self.bytes.len());
        encode_codes(record, &mut self.bytes);
    }

    /// How large the trace counts towards a limit, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.bytes.len() as u64 + self.starts.len() as u64 * START_BYTES + self.dictionary.size()
    }

    /// Returns the fingerprint of the whole run: that which a [`Fingerprinter`](crate::Fingerprinter) gives. Walks over
    /// all records.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.tally().fingerprint(self)
    }

    /// Returns the checkpoints of the run: those a [`Fingerprinter`](crate::Fingerprinter) takes. Walks over all
    /// records.
    #[must_use]
    pub fn checkpoints(&self) -> Vec<Digest> {
        self.tally().tally.into_checkpoints()
    }

    /// Returns the names that tied with themselves, the most frequent first. Walks over all records.
    #[must_use]
    pub fn twins(&self) -> Vec<Twin> {
        self.tally().twins.list()
    }

    /// Returns the line of the record with this number, from 1, as [`write_text`](crate::write_text) has it where its event
    /// is not shown above it. Walks over all records before it.
    #[must_use]
    pub fn line(&self, number: u64) -> Option<String> {
        let step = walk(self, &Projection::Whole).find(|step| step.number == number)?;
        Some(Lines::new(self, Form::Run).line(&step).to_owned())
    }

    /// Returns the name of the event a record is about, with all that cannot be seen escaped: `actor/kind(subject)#repeat` of
    /// a dispatch, and the same without repeat of all others.
    #[must_use]
    pub fn spelling(&self, parts: &Parts<'_>) -> String {
        let mut name = String::new();
        push_event(self, parts, &mut name);
        clean(&name).into_owned()
    }

    /// Returns the value of a fact as text has it: with units, quoted where it has spaces, with all that cannot be seen
    /// escaped.
    #[must_use]
    pub fn value(&self, value: Code) -> String {
        let mut out = String::new();
        push_value(self, value, &mut out);
        out
    }

    /// Returns the text of a code as people read it: as [`Trace::text`] has it, with all that cannot be seen escaped.
    #[must_use]
    pub fn shown(&self, space: Space, code: u64) -> String {
        clean(&self.text(space, code)).into_owned()
    }

    /// The digest of the whole run, without its layers.
    pub(crate) fn run(&self) -> Digest {
        let mut run = RunChain::default();
        for (_, parts) in self.records() {
            run.absorb(Link::of(Digest::of(parts.layered())), parts.origin);
        }
        run.digest()
    }

    fn tally(&self) -> PartsTally {
        let mut tally = PartsTally::default();
        self.records().for_each(|(_, parts)| tally.absorb(self, &parts));
        tally
    }

    /// Returns the text of a code, or a question mark and the code in hexadecimal where the trace has none. It may contain
    /// any characters: what a person reads goes through [`Trace::spelling`] or [`Trace::value`].
    pub fn text(&self, space: Space, code: u64) -> Cow<'_, str> {
        self.dictionary.text(space, code).map_or_else(|| format!("?{code:016x}").into(), Cow::Borrowed)
    }

    fn read(&self, start: usize) -> Parts<'_> {
        match Parts::decode(&self.bytes[start..]) {
            Some((parts, _)) => parts,
            None => unreachable!("a trace holds whole records"),
        }
    }
}

impl fmt::Display for Trace {
    /// Writes the whole trace as [`write_text`](crate::write_text) does.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_text(self, &Projection::Whole, out)
    }
}

/// The tally of some records of a trace.
#[derive(Debug, Default)]
pub(crate) struct PartsTally {
    tally: Tally<u64, u64>,
    twins: TwinCounter,
}

impl PartsTally {
    pub(crate) fn absorb(&mut self, trace: &Trace, parts: &Parts<'_>) {
        let Parts { actor, kind, origin, .. } = *parts;
        self.tally.absorb(
            Digest::of(parts.layered()),
            Layered::by_code(actor),
            Layered::by_code(kind),
            origin,
        );
        if parts.choice().is_some_and(|choice| choice.is_twin) {
            self.twins.count(parts.name_code(), || {
                let mut name = String::new();
                push_name(trace, parts, &mut name);
                clean(&name).into_owned()
            });
        }
    }

    pub(crate) fn fingerprint(&self, trace: &Trace) -> Fingerprint {
        let [actor, kind] =
            [Space::Name, Space::Term].map(|space| move |code| trace.text(space, code).into_owned());
        self.tally.finish(actor, kind)
    }

    pub(crate) fn twins(&self) -> Vec<Twin> {
        self.twins.list()
    }
}

/// What the place of a record counts towards the limit on kept trace: the same on every pointer width.
const START_BYTES: u64 = 8;

/// A recorder that keeps every record of a run as a [`Trace`]: some 70 bytes each, more with facts, and each text once.
#[derive(Debug, Clone)]
pub struct Tracer {
    trace: Trace,
}

impl Tracer {
    /// A tracer that has seen nothing.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { trace: Trace::empty(header) }
    }

    /// Returns the trace so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Hands over the trace.
    #[must_use]
    pub fn into_trace(self) -> Trace {
        self.trace
    }
}

impl<S: Subject> Recorder<S> for Tracer {
    /// # Panics
    /// If record numbers have a gap, that is, if it has not seen the run from its beginning.
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        let Trace { dictionary, bytes, starts, .. } = &mut self.trace;
        assert!(record.number == starts.len() as u64 + 1, "a tracer sees every record of a run");
        starts.push(bytes.len());
        dictionary.enter(names, record);
        encode_layered(names, record, bytes);
        encode_tail(record.origin, bytes);
    }

    fn bytes(&self) -> u64 {
        self.trace.size()
    }
}
