//! An adder whose two inputs change at one instant, and a probe that reads its output at that instant.
//!
//! Run with `cargo run -p tiebreak --example phases`. It prints one trace for each order policy, with the probe in a
//! *phase* of its own, and then what the probe reads in a hundred seeds, with and without that phase.
//!
//! A change of an input lets the adder update its output, as an event of its own at the same instant. Where the probe is
//! free, what it reads depends on the order:
//! * `fifo` runs it where it was scheduled: after both changes, before both updates. It always reads 0.
//! * `rounds` runs what an event schedules after everything that was there before it, so both updates come after the probe,
//!   wherever it stands among the changes. It always reads 0.
//! * `seeded` also lets an update overtake what was there before. It reads 0, 1 or 2.
//!
//! In the phase `sample` the probe runs when nothing of the phase before it is left, and reads 2 under every policy.
//! Hardware simulators, cleaning up at the end of an instant and the like need just that.
//!
//! # When a phase is a lie
//! A phase is a promise about production: *nothing in the earlier phase can happen after this*. If there the probe is a
//! callback or a thread of its own, nothing keeps it from reading 0 or 1, and the phase hides that race from every seed.
//! Then leave the probe free, and fix the code that fails under the order that is found.
//!
//! Read next: `stepped` of `tiebreak-net`, a machine on a network.
#![expect(clippy::print_stdout, clippy::std_instead_of_alloc, reason = "an example is a program of its own")]

use std::collections::BTreeSet;

use tiebreak::{
    Context, Fact, Name, Order, Phase, Place, Settings, Simulation, Span, Traced, Tracer, World, terms,
};

terms! {
    INPUT = "input", ADDER = "adder", PROBE = "probe",
    CHANGE = "change", UPDATE = "update", SAMPLE = "sample", READ = "Read", OUTPUT = "output",
}

// ANCHOR: phase
/// After everything else at an instant. The phase of all other events is the default one, number 0.
const AT_LAST: Phase = Phase::new(1, "sample");
// ANCHOR_END: phase

enum Event {
    Change(&'static str),
    Update(&'static str),
    Sample,
}

#[derive(Default)]
struct Adder {
    inputs: u64,
    output: u64,
    read: u64,
}

impl World for Adder {
    type Event = Event;
    type Subject = &'static str;

    fn name(&self, event: &Event) -> Name<&'static str> {
        match event {
            Event::Change(input) => Name::of(INPUT, CHANGE, input),
            Event::Update(input) => Name::of(ADDER, UPDATE, input),
            Event::Sample => Name::of(PROBE, SAMPLE, ""),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, &'static str>) {
        match event {
            Event::Change(input) => {
                self.inputs += 1;
                context.schedule_after(Span::ZERO, Event::Update(input));
            }
            Event::Update(_) => self.output = self.inputs,
            Event::Sample => {
                self.read = self.output;
                context.record(Name::of(PROBE, READ, ""), &[Fact::number(OUTPUT, self.output)]);
            }
        }
    }
}

// ANCHOR: run
fn run(order: Order, seed: u64, probe: Place) -> Simulation<Adder, Tracer> {
    let settings = Settings::new(seed).with_order(order);
    let mut simulation = Simulation::new(Adder::default(), settings).with_tracer();
    simulation.act(|_, context| {
        let instant = Span::from_nanos(10);
        context.schedule_after(instant, Event::Change("a"));
        context.schedule_after(instant, Event::Change("b"));
        context.on(probe).schedule_after(instant, Event::Sample);
    });
    simulation.run();
    simulation
}
// ANCHOR_END: run

/// Returns what the probe reads in a hundred seeds.
fn reads(order: Order, probe: Place) -> Vec<u64> {
    let read: BTreeSet<u64> = (0..100).map(|seed| run(order, seed, probe).world().read).collect();
    read.into_iter().collect()
}

fn main() {
    for order in Order::ALL {
        println!("{}", run(order, 1, AT_LAST.into()).recorder().trace());
    }
    for order in Order::ALL {
        let [free, phase] = [Place::FREE, AT_LAST.into()].map(|probe| reads(order, probe));
        println!("{order:<6} a free probe reads {free:?}, one in its phase {phase:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_probe_reads_what_the_order_makes_it_read() {
        let reads = Order::ALL.map(|order| reads(order, Place::FREE));
        assert_eq!(reads, [vec![0], vec![0, 1, 2], vec![0]]);
    }

    #[test]
    fn a_probe_in_the_last_phase_reads_what_is_settled_under_every_order() {
        assert_eq!(Order::ALL.map(|order| reads(order, AT_LAST.into())), [[2]; 3]);
    }
}
