//! Recorders that tell events of different kinds apart, and what they measure.

use std::time::Instant;

use tiebreak::kernel::Origin;
use tiebreak::measure::Quartiles;
use tiebreak::{Digest, Names, Record, Recorder, RunFingerprinter, Subject, Term};
use tiebreak_runner::{Amounts, Prepared, RunOptions, RunReport};

use super::solve::{Batch, Costs, solve};
use crate::counting::{self, Counts};

/// The kind of the event that is running.
#[derive(Debug, Default)]
struct Running(Option<Term>);

impl<S: Subject> Recorder<S> for Running {
    fn record(&mut self, _: &Names, record: &Record<'_, S>) {
        if matches!(record.origin, Origin::Dispatch { .. }) {
            self.0 = Some(record.name.kind);
        }
    }
}

/// What events of one kind have allocated in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfKind {
    /// The kind.
    pub(super) kind: Term,
    /// How many events there were.
    pub(super) events: u64,
    /// How often they asked for memory.
    pub(super) allocations: u64,
    /// For how many bytes in all.
    pub(super) bytes: u64,
}

/// What one run has allocated, and how much there was.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// How it went.
    pub(super) report: RunReport,
    /// Its fingerprint.
    pub(super) fingerprint: Digest,
    /// By kind, in order of their names.
    pub(super) kinds: Vec<OfKind>,
    /// The allocations and bytes of the whole run, with building the world and judging.
    pub(super) all: Counts,
    /// After which event memory was highest, and how much there was then.
    pub(super) at_peak: (u64, Amounts),
    /// The most that was ever there.
    pub(super) most: Amounts,
}

impl Counted {
    /// Makes one run and counts what it allocates.
    pub(super) fn of(prepared: &Prepared, options: RunOptions) -> Self {
        let mut kinds: Vec<OfKind> = Vec::new();
        let (mut before, mut event) = (Counts::default(), 0);
        let (mut at_peak, mut most) = ((0, Amounts::default()), Amounts::default());
        counting::start();
        let keeper = (RunFingerprinter::default(), Running::default());
        let (report, (fingerprinter, _)) = prepared.step_with(options, keeper, |(_, running), now| {
            counting::pause(|counts| {
                if let Some(kind) = running.0 {
                    event += 1;
                    let at = kinds.iter().position(|known| known.kind == kind).unwrap_or(kinds.len());
                    if at == kinds.len() {
                        kinds.push(OfKind { kind, events: 0, allocations: 0, bytes: 0 });
                    }
                    let of_kind = &mut kinds[at];
                    of_kind.events += 1;
                    of_kind.allocations += counts.allocations - before.allocations;
                    of_kind.bytes += counts.bytes - before.bytes;
                }
                if counts.peak > before.peak {
                    at_peak = (event, now);
                }
                most =
                    Amounts { pending: most.pending.max(now.pending), routes: most.routes.max(now.routes) };
                before = counts;
            });
        });
        let mut all = counting::stop();
        // Judging comes after the last event: what it takes for a moment belongs to no event.
        all.peak = before.peak;
        kinds.sort_by_key(|of_kind| of_kind.kind.text());
        Self { report, fingerprint: fingerprinter.run(), kinds, all, at_peak, most }
    }
}

/// Cuts a run into batches, each with a count of its kinds and a look at the clock behind it. The events that are left at the end
/// are in none: what comes after them is judging.
#[derive(Debug)]
struct Batcher<'k> {
    kinds: &'k [Term],
    size: u32,
    /// How many events the first batch has.
    first: u32,
    /// How many events are left of this batch.
    left: u32,
    /// Which kind was last.
    last: usize,
    counts: Vec<u32>,
    began: Option<Instant>,
    batches: Vec<(Vec<u32>, u64)>,
}

impl<S: Subject> Recorder<S> for Batcher<'_> {
    #[inline]
    fn record(&mut self, _: &Names, record: &Record<'_, S>) {
        if !matches!(record.origin, Origin::Dispatch { .. }) {
            return;
        }
        if self.left == 0 {
            self.cut();
        }
        self.left -= 1;
        let kind = record.name.kind;
        if self.kinds[self.last].code() != kind.code() {
            // Every kind is known from the run before, which was the same.
            self.last = self.kinds.iter().position(|known| *known == kind).unwrap_or(self.last);
        }
        self.counts[self.last] += 1;
    }
}

impl Batcher<'_> {
    /// Ends a batch: an event is about to run that belongs to the next.
    fn cut(&mut self) {
        let now = Instant::now();
        if let Some(began) = self.began {
            let counts = core::mem::replace(&mut self.counts, vec![0; self.kinds.len()]);
            self.batches.push((counts, nanos(now - began)));
        }
        self.left = if self.began.is_some() { self.size } else { self.first };
        // What was done to end the batch is in none.
        self.began = Some(Instant::now());
    }
}

/// The batches of runs that all do the same: each cut lies where it lay before, so that of each batch the median counts.
#[derive(Debug)]
pub(super) struct Batches {
    kinds: Vec<Term>,
    size: u32,
    /// By how many events the cuts of a run are later than those of the run before it.
    shift: u32,
    /// How long each run took, building the world and judging included.
    runs: Vec<u64>,
    /// For each place of the first cut: the batches, each with the times it took.
    rows: Vec<Vec<(Vec<u32>, Vec<u64>)>>,
}

impl Batches {
    /// The most events of a batch.
    const SIZE_MAX: u64 = 256;
    /// The fewest: fewer take hardly longer than looking at the clock.
    const SIZE_MIN: u64 = 8;
    /// How many batches a run is cut into, if it is long enough.
    const WANTED: u64 = 64;

    /// Of runs like this one.
    pub(super) fn of(counted: &Counted) -> Self {
        let kinds: Vec<Term> = counted.kinds.iter().map(|of_kind| of_kind.kind).collect();
        let size = (counted.report.events / Self::WANTED).clamp(Self::SIZE_MIN, Self::SIZE_MAX);
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        // A short run has few batches; they are others if it is cut elsewhere.
        let places = if counted.report.events / u64::from(size) < Self::WANTED { 8 } else { 1 };
        Self { kinds, size, shift: size / places, runs: Vec::new(), rows: vec![Vec::new(); places as usize] }
    }

    /// Makes one run.
    pub(super) fn run(&mut self, prepared: &Prepared, options: RunOptions) {
        if self.kinds.is_empty() {
            return;
        }
        let place = self.runs.len() % self.rows.len();
        let first = self.size - self.shift * u32::try_from(place).unwrap_or(0);
        let batcher = Batcher {
            kinds: &self.kinds,
            size: self.size,
            first,
            left: 0,
            last: 0,
            counts: vec![0; self.kinds.len()],
            began: None,
            batches: Vec::new(),
        };
        let keeper = (RunFingerprinter::default(), batcher);
        let begin = Instant::now();
        let (_, (_, Batcher { batches, .. }), _) = prepared.record_with(options, keeper);
        self.runs.push(nanos(begin.elapsed()));
        let rows = &mut self.rows[place];
        for (at, (counts, nanos)) in batches.into_iter().enumerate() {
            match rows.get_mut(at) {
                Some((_, times)) => times.push(nanos),
                None => rows.push((counts, vec![nanos])),
            }
        }
    }

    /// Returns how many events a batch has.
    pub(super) const fn size(&self) -> u32 {
        self.size
    }

    /// Returns how many batches there are, each of which was timed in several runs.
    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Returns how long a run took that was cut into batches, the median, in nanoseconds; zero if none was.
    pub(super) fn run_time(&self) -> u64 {
        Quartiles::of(&self.runs).map_or(0, |times| times.median)
    }

    /// Returns how long events take.
    pub(super) fn costs(&self) -> Costs {
        let median = |times: &[u64]| Quartiles::of(times).map_or(0, |times| times.median);
        #[expect(clippy::cast_precision_loss, reason = "a batch does not take months")]
        let batch = |(counts, times): &(Vec<u32>, Vec<u64>)| Batch {
            counts: counts.clone(),
            nanos: median(times).saturating_sub(clock_cost()) as f64,
        };
        let batches: Vec<Batch> = self.rows.iter().flatten().map(batch).collect();
        let mut costs = solve(&batches);
        costs.of_kinds.resize(self.kinds.len(), None);
        costs
    }
}

/// How long looking at the clock takes, in nanoseconds: each batch has one look in it.
fn clock_cost() -> u64 {
    let look = || {
        let before = Instant::now();
        nanos(before.elapsed())
    };
    let looks: Vec<u64> = (0..101).map(|_| look()).collect();
    Quartiles::of(&looks).map_or(0, |looks| looks.median)
}

/// Nanoseconds; 585 years at most.
pub(super) fn nanos(time: core::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
