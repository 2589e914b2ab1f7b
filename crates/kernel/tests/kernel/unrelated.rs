//! No unrelated event can change the order of others: random programs run with and without others beside them.

use tiebreak_kernel::{Order, Place, Simulation, mix};

use crate::program::{Dice, Program};
use crate::stage::{Act, Stage, event, perform, settings, simulation};

/// Ids from here on belong to the others.
const OTHERS: u64 = 10_000;
/// What the driver schedules from outside has the id of the event after which it does, and this.
const FROM_OUTSIDE: u64 = 5_000;

/// Runs step by step. Right after some of our events a driver acts from outside; after some others it goes on with a fork.
fn run(seed: u64, policy: Order, acts: &[Act]) -> Vec<(u64, u64)> {
    let mut simulation: Simulation<Stage> = simulation(settings(seed, policy), acts);
    while simulation.step().is_continue() {
        simulation.check_invariants();
        let (_, id) = *simulation.world().log.last().expect("an event ran");
        if id < FROM_OUTSIDE && id % 4 == 0 {
            perform(
                &mut simulation,
                &[Act::After(0, Place::FREE, event(FROM_OUTSIDE + id)), Act::Cancel(id + 1)],
            );
        }
        if id < OTHERS && id % 4 == 1 {
            simulation = simulation.clone();
        }
    }
    let Stage { log, .. } = simulation.world().clone();
    log.into_iter().filter(|(_, id)| *id < OTHERS).collect()
}

/// Both programs, in an order of scheduling that the dice decide; each keeps its own.
fn interleave(dice: &mut Dice, ours: Vec<Act>, others: Vec<Act>) -> Vec<Act> {
    let (mut ours, mut others) = (ours.into_iter().peekable(), others.into_iter().peekable());
    let mut both = Vec::new();
    while ours.peek().is_some() || others.peek().is_some() {
        let next = if dice.roll(2) == 0 { ours.next() } else { others.next() };
        both.extend(next);
    }
    both
}

#[test]
fn no_unrelated_event_changes_the_order_of_others_under_any_policy() {
    let (mut ran, mut moved_by_seed) = (0, 0);
    for number in 0..6_000 {
        let mut dice = Dice(mix(number));
        let ours = Program::write(&mut dice, 0, 0);
        let others = Program::write(&mut dice, OTHERS, 100);
        let both = interleave(&mut dice, ours.clone(), others);
        for policy in Order::ALL {
            let alone = run(number, policy, &ours);
            assert_eq!(run(number, policy, &both), alone, "program {number} under {policy}");
            ran += alone.len();
            moved_by_seed += usize::from(run(number + 1, policy, &ours) != alone);
        }
    }
    assert!(ran > 100_000, "the programs do something: {ran} events");
    assert!(moved_by_seed > 4_000, "and the seed matters to them: {moved_by_seed} of 18,000");
}
