//! Which record led to which.

use alloc::vec::Vec;
use core::iter;

use crate::codes::CodeTable;
use crate::trace::Trace;

/// The events of a trace by their codes: finds the record that a cause names.
///
/// # Cost
/// Making one reads every record once; each question after that is one look-up.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    /// Event codes to the numbers of their records.
    events: CodeTable,
}

impl Causes {
    /// Reads a whole trace.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let mut causes = Self::default();
        for (number, parts) in trace.records() {
            if let Some(code) = parts.event_code() {
                causes.enter(code, number);
            }
        }
        causes
    }

    /// Returns the number of the record that dispatched the event with this code; `None` if the trace does not have it.
    #[must_use]
    pub fn event(&self, code: u64) -> Option<u64> {
        self.events.get(code)
    }

    /// Returns the number of the record that led to this one: of a note, the event during which it was made; of an event,
    /// the one that scheduled it, or moved it last. `None` if that was outside the run, or is not in the trace before it: in a
    /// trace that came from outside, a record may name a later one, or itself.
    #[must_use]
    pub fn cause(&self, trace: &Trace, number: u64) -> Option<u64> {
        self.event(trace.record(number)?.cause?).filter(|cause| *cause < number)
    }

    /// Returns a record and what led to it, back to what came from outside the run: the record itself first. Empty if there
    /// is no such record.
    #[must_use]
    pub fn chain(&self, trace: &Trace, number: u64) -> Vec<u64> {
        let start = trace.record(number).map(|_| number);
        iter::successors(start, |number| self.cause(trace, *number)).collect()
    }

    /// Enters an event. In a trace that came from outside several may have one code: the first counts.
    pub(crate) fn enter(&mut self, code: u64, number: u64) {
        self.events.enter(code, number);
    }
}
