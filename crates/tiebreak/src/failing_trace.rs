//! The trace of a failing run, for those who ask for it: `TIEBREAK_TRACE=path`. What the path ends with says in which form.

extern crate std;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use tiebreak_explore::{Calibration, Cause, Directory, Job, Outcome, default_orders, try_cause};
use tiebreak_kernel::{Names, Record, Recorder, Settings, Subject};
use tiebreak_trace::{Projection, Trace, Tracer, write_ndjson};

use crate::run::{Checked, Run};
use crate::traced::tracer;

/// What says where the trace goes.
const VARIABLE: &str = "TIEBREAK_TRACE";

/// Where the trace of the first find goes.
#[derive(Debug)]
pub(crate) struct Destination(PathBuf);

impl Destination {
    /// What the environment says; `None` if no trace is wanted.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is steered by its environment; what a run does is not"
    )]
    pub(crate) fn from_environment() -> Option<Self> {
        std::env::var(VARIABLE).ok().filter(|path| !path.is_empty()).map(|path| Self(path.into()))
    }

    /// Runs what was found once more and writes its trace: with what it needs and everything else in the order of scheduling,
    /// or as it was found if that is not known. Returns what there is to say of it.
    pub(crate) fn write<F: Fn(&mut Run<'_, '_>) -> Outcome>(
        self,
        program: &Checked<F>,
        cause: Option<&Cause>,
        (job, calibration): (&Job, &Calibration),
        directory: &mut Directory,
    ) -> String {
        self.write_run(program, |traced| match cause {
            Some(cause) => {
                // One order: the first is that of scheduling.
                for order in default_orders(job.seed, 1) {
                    let _ = try_cause(traced, cause, order, directory);
                }
            }
            None => _ = job.watch(traced, calibration, directory),
        })
    }

    /// Writes the trace of one run of a program, which `run` makes. Returns what there is to say of it.
    pub(crate) fn write_run<F>(self, program: &Checked<F>, run: impl FnOnce(&Checked<&F>)) -> String {
        let Self(path) = self;
        // What was there is not to be taken for the trace of this run.
        if let Err(error) = fs::write(&path, "") {
            return format!("no trace: cannot write {}: {error}", path.display());
        }
        run(&program.traced(path.clone()));
        format!("trace: {}", path.display())
    }
}

/// A recorder that keeps the trace of a run of a search, if it is to be shown, and writes it when the run is over: also if it
/// panics.
///
/// What it keeps does not count towards the limit on traces, so that the run is the one that was found.
#[derive(Default)]
pub struct FailingTrace(Option<(Tracer, PathBuf)>);

impl fmt::Debug for FailingTrace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("FailingTrace").field(&self.0.as_ref().map(|(_, path)| path)).finish()
    }
}

impl FailingTrace {
    pub(crate) fn to(path: &Path, settings: &Settings) -> Self {
        Self(Some((tracer(settings), path.into())))
    }
}

/// Without what was kept so far: the trace is written once, by the run itself.
impl Clone for FailingTrace {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<S: Subject> Recorder<S> for FailingTrace {
    #[inline]
    fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        if let Some((tracer, _)) = &mut self.0 {
            tracer.record(names, record);
        }
    }
}

impl Drop for FailingTrace {
    fn drop(&mut self) {
        if let Some((tracer, path)) = self.0.take() {
            // It could be written to a moment ago. There is nobody to tell of it here.
            let bytes = bytes_for(&path, &tracer.into_trace());
            let _ = fs::write(path, bytes);
        }
    }
}

/// A trace in the form that the name of its file asks for: as the command writes and reads it if it ends in `.ndjson` or `.tbt`,
/// else as text.
fn bytes_for(path: &Path, trace: &Trace) -> Vec<u8> {
    let ends_in = |end: &str| path.extension().is_some_and(|extension| extension == end);
    if ends_in("tbt") {
        return trace.pack();
    }
    if !ends_in("ndjson") {
        return trace.to_string().into_bytes();
    }
    let mut text = String::new();
    write_ndjson(trace, &Projection::Whole, &mut text).expect("a string takes all that is written");
    text.into_bytes()
}
