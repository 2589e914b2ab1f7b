//! A sweep of consecutive seeds over threads, whose result does not depend on how many there are.
//!
//! The seeds are cut into chunks, which threads take in order. When a chunk has a seed that ends the sweep, chunks after it
//! are not begun, and those before it are completed. The results are added up in the order of seeds.

use alloc::collections::BTreeMap;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering};
use std::panic::{catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tiebreak::{Digest, Twin};
use tiebreak_runner::{Prepared, RunOptions};

use crate::exit::Exit;
use crate::interrupt::is_interrupted;

/// How many seeds a thread takes at a time.
const CHUNK: u64 = 32;
/// How many failing seeds are remembered one by one.
const SEEDS_KEPT: usize = 10;

/// Whether the first failing seed ends a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtFailure {
    Stop,
    GoOn,
}

/// What to run, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sweep<'a> {
    /// What is run.
    pub(crate) prepared: &'a Prepared,
    /// The options; the seed is set for each run.
    pub(crate) options: RunOptions,
    /// The first seed.
    pub(crate) first: u64,
    /// The number of seeds; the last seed fits a `u64`.
    pub(crate) runs: u64,
    /// What a failing seed does to the sweep.
    pub(crate) at_failure: AtFailure,
    /// The number of threads, from 1.
    pub(crate) jobs: u16,
}

/// The result of a sweep.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// The number of runs, up to the one that ended the sweep.
    pub(crate) runs: u64,
    /// The number of runs that failed.
    pub(crate) failed: u64,
    /// The number of failed runs that hit a limit.
    pub(crate) unended: u64,
    /// The first failing seeds.
    pub(crate) failing_seeds: Vec<u64>,
    /// How often each name tied with itself, in all runs.
    pub(crate) twins: BTreeMap<String, u64>,
    /// The fingerprints of all runs, folded in the order of seeds.
    pub(crate) digest: Digest,
    /// Whether the user interrupted it.
    pub(crate) is_interrupted: bool,
    /// Whether the run that was added last ended the sweep, so that later ones do not count.
    is_over: bool,
    /// The seed whose run panicked, and the panic.
    pub(crate) panic: Option<(u64, Panic)>,
}

/// What a panic carries.
pub(crate) type Panic = Box<dyn Any + Send>;

/// A run: its seed, and its result unless it panicked.
struct Outcome {
    seed: u64,
    result: Result<Ran, Panic>,
}

/// The result of a run.
struct Ran {
    exit: Exit,
    digest: Digest,
    twins: Vec<Twin>,
}

/// The runs of a chunk, up to the one that ends the sweep.
struct Chunk {
    index: u64,
    outcomes: Vec<Outcome>,
    ends_sweep: bool,
    is_interrupted: bool,
}

impl Sweep<'_> {
    /// Runs all seeds; `on_runs` gets the number of runs that have just been done.
    pub(crate) fn run(&self, mut on_runs: impl FnMut(u64)) -> Tally {
        let (next, last) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let (mut tally, mut waiting, mut expected) = (Tally::default(), BTreeMap::new(), 0);
        thread::scope(|scope| {
            let (send, receive) = channel();
            let start = |_| {
                let (send, next, last) = (send.clone(), &next, &last);
                scope.spawn(move || self.work(next, last, &send))
            };
            let workers: Vec<_> = (0..self.jobs).map(start).collect();
            drop(send);
            for chunk in receive {
                on_runs(chunk.outcomes.len() as u64);
                waiting.insert(chunk.index, chunk);
                while !tally.is_over {
                    let Some(chunk) = waiting.remove(&expected) else { break };
                    tally.add(chunk);
                    expected += 1;
                }
            }
            for worker in workers {
                if let Err(panic) = worker.join() {
                    resume_unwind(panic);
                }
            }
        });
        tally.is_interrupted |= !tally.is_over && tally.runs < self.runs;
        if tally.is_interrupted {
            for chunk in waiting.into_values() {
                tally.keep_failures(chunk);
            }
        }
        tally
    }

    fn work(&self, next: &AtomicU64, last: &AtomicU64, send: &Sender<Chunk>) {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= self.runs.div_ceil(CHUNK) || index > last.load(Ordering::Relaxed) || is_interrupted()
            {
                return;
            }
            let chunk = self.run_chunk(index);
            if chunk.ends_sweep {
                last.fetch_min(index, Ordering::Relaxed);
            }
            if send.send(chunk).is_err() {
                return;
            }
        }
    }

    fn run_chunk(&self, index: u64) -> Chunk {
        let mut chunk = Chunk { index, outcomes: Vec::new(), ends_sweep: false, is_interrupted: false };
        let start = index * CHUNK;
        for offset in start..self.runs.min(start + CHUNK) {
            if is_interrupted() {
                chunk.is_interrupted = true;
                break;
            }
            let seed = self.first + offset;
            let result = catch_unwind(AssertUnwindSafe(|| self.run_seed(seed)));
            chunk.ends_sweep = match &result {
                Ok(ran) => ran.exit != Exit::Fine && self.at_failure == AtFailure::Stop,
                Err(_) => true,
            };
            chunk.outcomes.push(Outcome { seed, result });
            if chunk.ends_sweep {
                break;
            }
        }
        chunk
    }

    fn run_seed(&self, seed: u64) -> Ran {
        let (report, digest) = self.prepared.sweep(RunOptions { seed: Some(seed), ..self.options });
        Ran { exit: Exit::of(&report), digest, twins: report.twins }
    }
}

impl Tally {
    fn add(&mut self, chunk: Chunk) {
        self.is_interrupted |= chunk.is_interrupted;
        self.is_over |= chunk.is_interrupted || chunk.ends_sweep;
        for Outcome { seed, result } in chunk.outcomes {
            match result {
                Ok(Ran { exit, digest, twins }) => {
                    self.runs += 1;
                    self.digest = fold(self.digest, digest);
                    for Twin { name, count } in twins {
                        *self.twins.entry(name).or_default() += count;
                    }
                    if exit != Exit::Fine {
                        self.failed += 1;
                        self.unended += u64::from(exit == Exit::Unended);
                        self.keep_seed(seed);
                    }
                }
                Err(panic) => self.panic = Some((seed, panic)),
            }
        }
    }

    /// Keeps the failing seeds of a chunk that was done although an earlier one was interrupted.
    fn keep_failures(&mut self, chunk: Chunk) {
        for Outcome { seed, result } in chunk.outcomes {
            if !matches!(result, Ok(Ran { exit: Exit::Fine, .. })) {
                self.keep_seed(seed);
            }
        }
    }

    fn keep_seed(&mut self, seed: u64) {
        if self.failing_seeds.len() < SEEDS_KEPT {
            self.failing_seeds.push(seed);
        }
    }
}

/// Folds a digest into another: the digest of the bytes of both, each with its most significant byte first.
fn fold(chain: Digest, link: Digest) -> Digest {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&chain.value().to_be_bytes());
    bytes[16..].copy_from_slice(&link.value().to_be_bytes());
    Digest::of(&bytes)
}
