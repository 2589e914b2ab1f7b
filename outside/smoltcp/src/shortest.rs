//! The shortest run in which a fault shows, among many.

use tiebreak::net::{About, Network, START};
use tiebreak::{Names, Origin, Record, Recorder, Settings, Simulation, Term, Verdict, Watch};

use crate::faults::Fault;
use crate::invariants::Rule;
use crate::layout::{NAMES, network};
use crate::words::{ACK, CONNECTS, DEADLINE, SETTLE, STEP, SYN, SYN_ACK};

/// Notes the events of a run beside its set-up: starts, steps at which an application does nothing, what is before the last
/// connection, and the three packets that make one.
#[derive(Debug, Default)]
pub struct Counter {
    /// The records of what counts; `None` where a new connection begins.
    events: Vec<(u64, Option<Term>)>,
    /// The last event, if it is a step of which nothing is known yet.
    idle_step: Option<u64>,
    is_over: bool,
}

impl Counter {
    /// How many events there are up to a record.
    fn up_to(&self, last: u64) -> usize {
        let (mut count, mut handshake) = (0, Vec::new());
        for (_, kind) in self.events.iter().take_while(|(number, _)| *number <= last) {
            match kind {
                None => (count, handshake) = (0, vec![SYN, SYN_ACK, ACK]),
                Some(kind) if handshake.contains(kind) => handshake.retain(|left| left != kind),
                Some(_) => count += 1,
            }
        }
        count
    }
}

impl Recorder<About> for Counter {
    fn record(&mut self, _names: &Names, record: &Record<'_, About>) {
        let kind = record.name.kind;
        let is_event = matches!(record.origin, Origin::Dispatch { .. });
        self.is_over |= is_event && kind == DEADLINE;
        if self.is_over {
            return;
        }
        if let Some(step) = self.idle_step.take().filter(|_| !is_event) {
            self.events.push((step, (kind != CONNECTS).then_some(STEP)));
        }
        if is_event && (kind == STEP || kind == SETTLE) {
            self.idle_step = Some(record.number);
        } else if is_event && kind != START {
            self.events.push((record.number, Some(kind)));
        }
    }
}

/// Returns the seed whose run breaks the rule with the fewest events beside its set-up, and how many those are.
pub fn shortest(fault: &Fault, seeds: u64) -> Option<(u64, usize)> {
    let failing = (0..seeds).filter_map(|seed| {
        let simulation = Simulation::new(network(&fault.scene, &[NAMES]), Settings::new(seed));
        let watch = Watch::new([Rule::new(fault.rule)]);
        let mut simulation = simulation.with_recorder((watch, Counter::default()));
        simulation.act(Network::begin);
        let _ = simulation.run_until(fault.until());
        let (watch, counter) = simulation.recorder();
        let report = watch.reports(simulation.names()).pop()?;
        let Verdict::Fails(failure) = report.verdict else { return None };
        Some((counter.up_to(failure.record), seed))
    });
    failing.min().map(|(events, seed)| (seed, events))
}
