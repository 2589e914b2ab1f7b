//! A campaign of runs over threads, whose result does not depend on how many there are.
//!
//! Runs are shared out in rounds. Threads take the runs of a round in order; when all are done, what came of them is added
//! to the campaign in their order, and the next round is shared out.

use core::any::Any;
use core::convert::Infallible;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::{catch_unwind, resume_unwind};
use std::thread;
use std::time::Instant;

use tiebreak::explore::{Calibration, Campaign, Directory, Job, Plan, Program, Ran};

use crate::interrupt::is_interrupted;

/// What to search, and how.
#[derive(Debug)]
pub(crate) struct Hunt<'a, P> {
    /// What is run.
    pub(crate) program: &'a P,
    /// With which strategies, for how long.
    pub(crate) plan: Plan,
    /// How many threads, from 1.
    pub(crate) jobs: u16,
    /// When to stop at the latest.
    pub(crate) deadline: Option<Instant>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Hunted {
    /// The campaign so far.
    pub(crate) campaign: Campaign,
    /// The names that were met.
    pub(crate) directory: Directory,
    /// Whether the user interrupted it.
    pub(crate) is_interrupted: bool,
    /// How many threads could be started, of those that were asked for.
    pub(crate) threads: u16,
    /// The run at which the tool itself broke, and how.
    pub(crate) panic: Option<(Job, Panic)>,
}

/// What a panic carries.
pub(crate) type Panic = Box<dyn Any + Send>;

/// How one run went.
type Done = (usize, Result<Ran, Panic>);

impl<P: Program + Sync> Hunt<'_, P> {
    /// Runs; `on_runs` is told of runs as they are done.
    pub(crate) fn run(&self, on_runs: impl FnMut(u64)) -> Hunted {
        let Ok(hunted) = self.run_watched(on_runs, |_, _| Ok::<(), Infallible>(()));
        hunted
    }

    /// Runs; `on_ran` looks at each run, in order.
    ///
    /// # Errors
    /// What `on_ran` does not let pass.
    pub(crate) fn run_watched<E>(
        &self,
        mut on_runs: impl FnMut(u64),
        mut on_ran: impl FnMut(&Ran, &Calibration) -> Result<(), E>,
    ) -> Result<Hunted, E> {
        let mut directories = vec![Directory::default(); self.jobs.into()];
        let campaign = Campaign::new(self.program, self.plan.clone(), &mut directories[0]);
        let (mut hunted, directory) = (
            Hunted {
                campaign,
                directory: Directory::default(),
                is_interrupted: false,
                threads: self.jobs,
                panic: None,
            },
            &mut directories,
        );
        while !self.is_over() {
            let jobs = hunted.campaign.round();
            if jobs.is_empty() {
                break;
            }
            let (done, threads) = self.round(&jobs, hunted.campaign.calibration(), directory);
            // What the system does not allow now, it is not asked for again.
            directory.truncate(threads);
            hunted.threads = hunted.threads.min(u16::try_from(threads).unwrap_or(u16::MAX));
            on_runs(done.len() as u64);
            hunted.is_interrupted = done.len() < jobs.len();
            for (at, ran) in done {
                match ran {
                    Ok(ran) => {
                        hunted.campaign.add(&ran);
                        on_ran(&ran, hunted.campaign.calibration())?;
                    }
                    Err(panic) if hunted.campaign.stop().is_none() => {
                        hunted.panic = Some((jobs[at].clone(), panic));
                        break;
                    }
                    // A run that does not count any more.
                    Err(_) => {}
                }
            }
            if hunted.panic.is_some() {
                break;
            }
        }
        hunted.is_interrupted |= is_interrupted() && hunted.campaign.stop().is_none();
        hunted.directory = directories.swap_remove(0);
        Ok(hunted)
    }

    fn is_over(&self) -> bool {
        is_interrupted() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Runs the jobs of a round, up to an interruption; returns what came of them, in order, and how many threads did it.
    fn round(
        &self,
        jobs: &[Job],
        calibration: &Calibration,
        directories: &mut [Directory],
    ) -> (Vec<Done>, usize) {
        let next = AtomicUsize::new(0);
        let Some((own, others)) = directories.split_first_mut() else { return (Vec::new(), 0) };
        let (mut done, threads) = thread::scope(|scope| {
            let start = |directory| {
                let next = &next;
                thread::Builder::new()
                    .spawn_scoped(scope, move || self.work(jobs, next, calibration, directory))
                    .ok()
            };
            // This thread works as well, so that there is one also if the system allows no other.
            let workers: Vec<_> = others.iter_mut().map_while(start).collect();
            let threads = workers.len() + 1;
            let mut done = self.work(jobs, &next, calibration, own);
            let others = workers.into_iter();
            done.extend(others.flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))));
            (done, threads)
        });
        done.sort_by_key(|(at, _)| *at);
        (done, threads)
    }

    fn work(
        &self,
        jobs: &[Job],
        next: &AtomicUsize,
        calibration: &Calibration,
        directory: &mut Directory,
    ) -> Vec<Done> {
        let mut done = Vec::new();
        while !is_interrupted() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { break };
            let run = AssertUnwindSafe(|| job.run_for(self.plan.noted, self.program, calibration, directory));
            done.push((at, catch_unwind(run)));
        }
        done
    }
}
