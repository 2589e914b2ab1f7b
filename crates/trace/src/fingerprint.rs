//! The layered fingerprint: what happened, in 128 bits, as a whole, by actor and by kind.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{Actor, Choice, Guesses, Name, Names, Origin, Record, Recorder, Subject, Term};

use crate::canonical::{Head, choice_of, encode_layered, words_of_dispatch};
use crate::codes::CodeTable;
use crate::digest::{Chain, Digest, Link};
use crate::twins::{Twin, TwinCounter};

/// A checkpoint is taken every 2^`CHECKPOINT_BITS` events.
pub const CHECKPOINT_BITS: u32 = 10;

/// What happened in a run, in short.
///
/// Equal fingerprints mean equal records in equal order, equal choices included. Layers leave out record numbers and
/// the numbers of alternatives: an unrelated event changes no layer but its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fingerprint {
    /// All records with their choices, in order.
    pub run: Digest,
    /// The records of each actor, sorted by its name.
    pub actors: Vec<Layer>,
    /// The records of each kind, sorted by its text.
    pub kinds: Vec<Layer>,
    /// How many records there are.
    pub records: u64,
    /// How many of them are dispatched events.
    pub dispatches: u64,
    /// How many of those were chosen among two or more.
    pub ties: u64,
}

/// The records of one actor, or of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layer {
    /// The actor's name, or the kind's text.
    pub name: String,
    /// The layered digests of the records, in order.
    pub digest: Digest,
    /// How many records there are.
    pub records: u64,
}

impl Fingerprint {
    /// Returns the layer of the actor with this name, if it has any record.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&Layer> {
        find(&self.actors, name)
    }

    /// Returns the layer of the kind with this text, if there is any record of it.
    #[must_use]
    pub fn kind(&self, text: &str) -> Option<&Layer> {
        find(&self.kinds, text)
    }
}

fn find<'a>(layers: &'a [Layer], name: &str) -> Option<&'a Layer> {
    let at = layers.binary_search_by(|layer| layer.name.as_str().cmp(name)).ok()?;
    layers.get(at)
}

/// A recorder that fingerprints a run and keeps nothing else. Cost: one XXH3 over some 50 bytes and three folds a record.
///
/// Of one simulation (and its forks) only: it remembers that simulation's symbols.
#[derive(Debug, Clone, Default)]
pub struct Fingerprinter {
    buffer: Vec<u8>,
    tally: Tally<Actor, Term>,
    twins: TwinCounter,
}

impl Fingerprinter {
    /// Returns the digest of the run so far, without its layers.
    #[must_use]
    pub fn run(&self) -> Digest {
        self.tally.run.digest()
    }

    /// Returns the fingerprint of the run so far; `names` are those of the simulation.
    #[must_use]
    pub fn fingerprint(&self, names: &Names) -> Fingerprint {
        self.tally.finish(|actor| names.text(actor).to_owned(), |kind| kind.text().to_owned())
    }

    /// Returns the digests of the run right after event 1024, 2048 and so on (every 2^[`CHECKPOINT_BITS`]): where two
    /// runs first differ lies before the first checkpoint at which they do.
    #[must_use]
    pub fn checkpoints(&self) -> &[Digest] {
        &self.tally.checkpoints
    }

    /// Returns the names that tied with themselves, the most frequent first: those that
    /// [`Trace::twins`](crate::Trace::twins) gives.
    #[must_use]
    pub fn twins(&self) -> Vec<Twin> {
        self.twins.list()
    }
}

impl<S: Subject> Recorder<S> for Fingerprinter {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "otherwise the record goes through memory: 50 instructions are measured"
    )]
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        let digest = digest_of(names, record, &mut self.buffer);
        let Name { actor, kind, subject: _ } = record.name;
        let actor = Layered { code: record.codes.actor, hint: actor.hint(), label: actor };
        let kind = Layered { code: record.codes.kind, hint: kind.code(), label: kind };
        self.tally.absorb(digest, actor, kind, record.origin);
        self.twins.record(names, record);
    }
}

/// The digest of a record's layered part. Most records are events that events have caused: their bytes stay in registers,
/// and those of others without facts on the stack.
#[inline(always)]
#[expect(clippy::inline_always, reason = "otherwise each record is written to memory")]
pub(crate) fn digest_of<S: Subject>(names: &Names, record: &Record<'_, S>, buffer: &mut Vec<u8>) -> Digest {
    if let Some(words) = words_of_dispatch(record) {
        return Digest::of_words(words);
    }
    // Of a copy, made field by field: then the record of a dispatch need not be in memory at all.
    let Record { number, instant, name, codes, event, origin, cause, facts } = *record;
    digest_of_bytes(names, &Record { number, instant, name, codes, event, origin, cause, facts }, buffer)
}

#[inline(never)]
pub(crate) fn digest_of_bytes<S: Subject>(
    names: &Names,
    record: &Record<'_, S>,
    buffer: &mut Vec<u8>,
) -> Digest {
    if record.facts.is_empty() {
        return Digest::of(Head::of(record).as_bytes());
    }
    buffer.clear();
    encode_layered(names, record, buffer);
    Digest::of(buffer)
}

/// A recorder that digests a run as a whole and keeps nothing else: [`Fingerprinter::run`] for less. Cost: one XXH3 over some
/// 50 bytes and one fold a record.
#[derive(Debug, Clone, Default)]
pub struct RunFingerprinter {
    buffer: Vec<u8>,
    run: RunChain,
}

impl RunFingerprinter {
    /// Returns the digest of the run so far.
    #[must_use]
    pub fn run(&self) -> Digest {
        self.run.digest()
    }
}

impl<S: Subject> Recorder<S> for RunFingerprinter {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "otherwise the record goes through memory: 50 instructions are measured"
    )]
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        self.run.absorb(Link::of(digest_of(names, record, &mut self.buffer)), record.origin);
    }
}

/// The chain of a whole run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunChain(Chain);

impl Default for RunChain {
    fn default() -> Self {
        Self(Chain::START)
    }
}

impl RunChain {
    pub(crate) fn digest(self) -> Digest {
        self.0.digest()
    }

    /// Absorbs the digest of a record's layered part, and the choice it was.
    #[inline]
    pub(crate) fn absorb(&mut self, layered: Link, origin: Origin) {
        self.absorb_lone(layered);
        if let Some(choice) = choice_of(origin) {
            self.absorb_choice(choice);
        }
    }

    /// Absorbs the digest of the layered part of a record that was no choice.
    #[inline]
    pub(crate) fn absorb_lone(&mut self, layered: Link) {
        self.0.absorb_link(layered);
    }

    #[inline(never)]
    fn absorb_choice(&mut self, choice: Choice) {
        let mark = if choice.is_twin { 2 << 64 } else { 1 << 64 };
        self.0.absorb(Digest::new(mark | u128::from(choice.index) << 32 | u128::from(choice.of)));
    }
}

/// The chains of a run. `A` and `K` lead from a layer back to the text of its actor or kind.
#[derive(Debug, Clone)]
pub(crate) struct Tally<A, K> {
    run: RunChain,
    actors: Layers<A>,
    kinds: Layers<K>,
    records: u64,
    dispatches: u64,
    ties: u64,
    checkpoints: Vec<Digest>,
}

impl<A, K> Default for Tally<A, K> {
    fn default() -> Self {
        Self {
            run: RunChain::default(),
            actors: Layers::default(),
            kinds: Layers::default(),
            records: 0,
            dispatches: 0,
            ties: 0,
            checkpoints: Vec::new(),
        }
    }
}

impl<A: Copy, K: Copy> Tally<A, K> {
    /// Folds one record in, by the digest of its layered part.
    pub(crate) fn absorb(&mut self, layered: Digest, actor: Layered<A>, kind: Layered<K>, origin: Origin) {
        let link = Link::of(layered);
        self.actors.absorb(actor, link);
        self.kinds.absorb(kind, link);
        self.run.absorb(link, origin);
        self.records += 1;
        let Origin::Dispatch { repeat: _, choice } = origin else { return };
        self.dispatches += 1;
        self.ties += u64::from(choice.is_some());
        if self.dispatches % (1 << CHECKPOINT_BITS) == 0 {
            self.checkpoints.push(self.run.digest());
        }
    }

    pub(crate) fn finish(&self, actor: impl Fn(A) -> String, kind: impl Fn(K) -> String) -> Fingerprint {
        Fingerprint {
            run: self.run.digest(),
            actors: self.actors.finish(actor),
            kinds: self.kinds.finish(kind),
            records: self.records,
            dispatches: self.dispatches,
            ties: self.ties,
        }
    }

    pub(crate) fn into_checkpoints(self) -> Vec<Digest> {
        self.checkpoints
    }
}

/// There is room for so many layers at once as soon as there is one: in short runs, growing step by step costs more.
const FIRST_LAYERS: usize = 28;

#[derive(Debug, Clone)]
struct Strand<L> {
    code: u64,
    label: L,
    chain: Chain,
    records: u64,
}

impl<L> Strand<L> {
    #[inline]
    fn absorb(&mut self, link: Link) {
        self.chain.absorb_link(link);
        self.records += 1;
    }
}

/// What a record is layered by: an actor, or a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layered<L> {
    pub(crate) code: u64,
    /// By which its layer is guessed.
    pub(crate) hint: u64,
    pub(crate) label: L,
}

impl Layered<u64> {
    /// What is known by its code alone.
    pub(crate) const fn by_code(code: u64) -> Self {
        Self { code, hint: code, label: code }
    }
}

/// One chain for each code.
#[derive(Debug, Clone)]
pub(crate) struct Layers<L> {
    strands: Vec<Strand<L>>,
    /// Places in `strands`, by code.
    places: CodeTable,
    guesses: Guesses,
}

impl<L> Default for Layers<L> {
    fn default() -> Self {
        Self { strands: Vec::new(), places: CodeTable::default(), guesses: Guesses::default() }
    }
}

impl<L: Copy> Layers<L> {
    #[inline]
    pub(crate) fn absorb(&mut self, by: Layered<L>, link: Link) {
        match self.strands.get_mut(self.guesses.get(by.hint)) {
            Some(strand) if strand.code == by.code => strand.absorb(link),
            Some(_) | None => self.absorb_unguessed(by, link),
        }
    }

    #[inline(never)]
    fn absorb_unguessed(&mut self, Layered { code, hint, label }: Layered<L>, link: Link) {
        let known = self.places.get(code).and_then(|at| usize::try_from(at).ok());
        let at = known.unwrap_or_else(|| self.add(code, label));
        self.guesses.set(hint, at, self.strands.len());
        self.strands[at].absorb(link);
    }

    fn add(&mut self, code: u64, label: L) -> usize {
        let at = self.strands.len();
        if at == 0 {
            self.strands.reserve(FIRST_LAYERS);
        }
        self.strands.push(Strand { code, label, chain: Chain::START, records: 0 });
        self.places.enter(code, at as u64);
        at
    }

    /// All layers as one digest, which does not depend on the order in which codes were met.
    pub(crate) fn combined(&self) -> Digest {
        let strands = self.strands.iter().map(|strand| {
            let mut chain = strand.chain;
            chain.absorb(Digest::new(u128::from(strand.code)));
            chain.digest().value()
        });
        Digest::new(strands.fold(0, u128::wrapping_add))
    }

    fn finish(&self, text: impl Fn(L) -> String) -> Vec<Layer> {
        let layer = |strand: &Strand<L>| Layer {
            name: text(strand.label),
            digest: strand.chain.digest(),
            records: strand.records,
        };
        let mut layers: Vec<Layer> = self.strands.iter().map(layer).collect();
        layers.sort_by(|a, b| a.name.cmp(&b.name));
        layers
    }
}
