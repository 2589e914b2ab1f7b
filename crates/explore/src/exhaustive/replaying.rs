//! Runs that cannot be copied: a fork of one is run from the beginning.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use tiebreak_kernel::End;

use super::fork::{Forking, Path, Picker, Stepping};
use super::graph::replay;
use crate::program::{Failure, Setup};

/// A program whose runs are forked although they cannot be copied. A fork that goes on costs all events before it once more, and
/// no states are merged: so [`explore`](super::explore) goes through all orders one by one.
#[derive(Debug, Clone)]
pub struct Replaying<P>(
    /// The program.
    pub P,
);

/// A run, or how to come to it.
///
/// It is the `Run` of [`Replaying`], for which it has to be public; nobody else needs it.
#[doc(hidden)]
#[derive(Debug)]
pub struct ReplayedRun<R> {
    setup: Setup,
    picker: Picker,
    path: Path,
    /// The run itself, unless another fork goes on with it.
    live: Option<R>,
}

impl<P: Stepping> Replaying<P> {
    /// The run itself, made again if another fork has gone on with it.
    fn live<'r>(&self, run: &'r mut ReplayedRun<P::Run>) -> &'r mut P::Run {
        let ReplayedRun { setup, picker, path, live } = run;
        live.get_or_insert_with(|| {
            let again = self.0.begin(*setup, picker.clone());
            replay(&self.0, again, path)
        })
    }
}

impl<P: Stepping> Stepping for Replaying<P> {
    type Run = ReplayedRun<P::Run>;

    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run {
        let live = Some(self.0.begin(setup, picker.clone()));
        ReplayedRun { setup, picker, path: Path::default(), live }
    }

    fn step(&self, run: &mut Self::Run) -> ControlFlow<End> {
        let live = self.live(run);
        let stepped = self.0.step(live);
        let path = self.0.picker(live).path().clone();
        run.path = path;
        stepped
    }

    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker {
        self.0.picker(self.live(run))
    }

    fn failures(&self, run: &Self::Run, end: Option<&End>) -> Vec<Failure> {
        let Some(live) = &run.live else { unreachable!("who is judged has gone on itself") };
        self.0.failures(live, end)
    }
}

impl<P: Stepping> Forking for Replaying<P> {
    /// The new one takes the run along.
    fn fork(&self, run: &mut Self::Run) -> Self::Run {
        let ReplayedRun { setup, picker, path, live } = run;
        ReplayedRun { setup: *setup, picker: picker.clone(), path: path.clone(), live: live.take() }
    }

    fn digest(&self, _run: &Self::Run) -> Option<u128> {
        None
    }
}
