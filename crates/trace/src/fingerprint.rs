//! The layered fingerprint: what happened, in 128 bits, as a whole, by actor and by kind.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashTable;
use tiebreak_kernel::{Actor, Names, Origin, Record, Recorder, Subject, Term};

use crate::canonical::{choice_of, encode_layered};
use crate::dictionary::write_subject;
use crate::digest::{Chain, Digest};
use crate::text::clean;
use crate::twins::{Twin, Twins};

/// A checkpoint is taken every 2^`CHECKPOINT_BITS` events.
pub const CHECKPOINT_BITS: u32 = 10;

/// What happened in a run, in short.
///
/// Equal fingerprints mean equal records in equal order, equal choices included. Layers leave out record numbers and
/// the numbers of alternatives: an unrelated event changes no layer but its own.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Fingerprints a run and keeps nothing else. Cost: one XXH3 over some 50 bytes, three folds and two probes a record.
///
/// Of one simulation (and its forks) only: it remembers that simulation's symbols.
#[derive(Debug, Clone, Default)]
pub struct Fingerprinter {
    buffer: Vec<u8>,
    tally: Tally<Actor, Term>,
    twins: Twins,
}

impl Fingerprinter {
    /// Returns the digest of the run so far, without its layers.
    #[must_use]
    pub fn run(&self) -> Digest {
        self.tally.run.0.digest()
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
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        self.buffer.clear();
        encode_layered(names, record, &mut self.buffer);
        let actor = (names.code(record.name.actor), record.name.actor);
        let kind = (record.name.kind.code(), record.name.kind);
        self.tally.absorb(&self.buffer, actor, kind, record.origin);
        if choice_of(record.origin).is_some_and(|choice| choice.is_twin) {
            self.twins.count(record.name.code(names), || spell(names, record));
        }
    }
}

/// The name of an event without its repeat, as a trace spells it.
fn spell<S: Subject>(names: &Names, record: &Record<'_, S>) -> String {
    let name = &record.name;
    let mut text = format!("{}/{}", names.text(name.actor), name.kind.text());
    if name.subject.code(names) != 0 {
        text.push('(');
        write_subject(names, name.subject, &mut text);
        text.push(')');
    }
    clean(&text)
}

/// Digests a run as a whole and keeps nothing else: [`Fingerprinter::run`] for less. Cost: one XXH3 over some 50 bytes and
/// one fold a record.
#[derive(Debug, Clone, Default)]
pub struct RunFingerprinter {
    buffer: Vec<u8>,
    run: RunChain,
}

impl RunFingerprinter {
    /// Returns the digest of the run so far.
    #[must_use]
    pub fn run(&self) -> Digest {
        self.run.0.digest()
    }
}

impl<S: Subject> Recorder<S> for RunFingerprinter {
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        self.buffer.clear();
        encode_layered(names, record, &mut self.buffer);
        self.run.absorb(Digest::of(&self.buffer), record.origin);
    }
}

/// The chain of a whole run.
#[derive(Debug, Clone, Copy)]
struct RunChain(Chain);

impl Default for RunChain {
    fn default() -> Self {
        Self(Chain::START)
    }
}

impl RunChain {
    /// Absorbs the digest of a record's layered part, and the choice it was.
    fn absorb(&mut self, layered: Digest, origin: Origin) {
        self.0.absorb(layered);
        if let Some(choice) = choice_of(origin) {
            let mark = if choice.is_twin { 2 << 64 } else { 1 << 64 };
            self.0.absorb(Digest::new(mark | u128::from(choice.index) << 32 | u128::from(choice.of)));
        }
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
    /// Folds one record in; `actor` and `kind` come with their codes.
    pub(crate) fn absorb(&mut self, layered: &[u8], actor: (u64, A), kind: (u64, K), origin: Origin) {
        let digest = Digest::of(layered);
        self.actors.absorb(actor, digest);
        self.kinds.absorb(kind, digest);
        self.run.absorb(digest, origin);
        self.records += 1;
        let Origin::Dispatch { repeat: _, choice } = origin else { return };
        self.dispatches += 1;
        self.ties += u64::from(choice.is_some());
        if self.dispatches % (1 << CHECKPOINT_BITS) == 0 {
            self.checkpoints.push(self.run.0.digest());
        }
    }

    pub(crate) fn finish(&self, actor: impl Fn(A) -> String, kind: impl Fn(K) -> String) -> Fingerprint {
        Fingerprint {
            run: self.run.0.digest(),
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

#[derive(Debug, Clone)]
struct Link<L> {
    code: u64,
    label: L,
    chain: Chain,
    records: u64,
}

/// One chain for each code.
#[derive(Debug, Clone)]
struct Layers<L> {
    links: Vec<Link<L>>,
    /// Places in `links`, by code. Looked up, never walked over.
    places: HashTable<usize>,
}

impl<L> Default for Layers<L> {
    fn default() -> Self {
        Self { links: Vec::new(), places: HashTable::new() }
    }
}

impl<L: Copy> Layers<L> {
    /// The codes are hashes of texts: they are their own hashes here.
    fn absorb(&mut self, (code, label): (u64, L), digest: Digest) {
        let at = match self.places.find(code, |at| self.links[*at].code == code) {
            Some(at) => *at,
            None => self.add(code, label),
        };
        let link = &mut self.links[at];
        link.chain.absorb(digest);
        link.records += 1;
    }

    fn add(&mut self, code: u64, label: L) -> usize {
        let at = self.links.len();
        self.links.push(Link { code, label, chain: Chain::START, records: 0 });
        let links = &self.links;
        self.places.insert_unique(code, at, |other| links[*other].code);
        at
    }

    fn finish(&self, text: impl Fn(L) -> String) -> Vec<Layer> {
        let layer = |link: &Link<L>| Layer {
            name: text(link.label),
            digest: link.chain.digest(),
            records: link.records,
        };
        let mut layers: Vec<Layer> = self.links.iter().map(layer).collect();
        layers.sort_by(|a, b| a.name.cmp(&b.name));
        layers
    }
}
