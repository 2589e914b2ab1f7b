//! No unrelated event can change the order of others: random programs run with and without others beside them.

use tiebreak_kernel::{Lane, Order, Phase, Place, Simulation, mix};

use crate::stage::{Act, Event, Stage, event, perform, settings, simulation};

/// Ids from here on belong to the others.
const OTHERS: u64 = 10_000;
/// What the driver schedules from outside has the id of the event after which it does, and this.
const FROM_OUTSIDE: u64 = 5_000;

/// A generator of programs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0) % sides
    }
}

/// One of the two programs: ids and lanes of its own, phases and actors shared with the other.
struct Program<'a> {
    dice: &'a mut Dice,
    first: u64,
    made: u64,
    lane: u32,
}

impl Program<'_> {
    fn write(dice: &mut Dice, first: u64, lane: u32) -> Vec<Act> {
        let count = 1 + dice.roll(6);
        let mut program = Program { dice, first, made: 0, lane };
        (0..count).map(|_| Act::At(program.dice.roll(2), program.place(), program.event(3))).collect()
    }

    fn event(&mut self, depth: u64) -> Event {
        // Few names, so that some are alike; ids stay apart.
        let id = self.first + self.made;
        self.made += 1;
        let mut made = Event { id, ..event(self.dice.roll(6)) };
        for _ in 0..self.dice.roll(4) {
            if depth > 0 {
                let act = self.act(depth - 1);
                made = made.then(act);
            }
        }
        made
    }

    fn act(&mut self, depth: u64) -> Act {
        let known = self.first + self.dice.roll(self.made);
        match self.dice.roll(8) {
            0 | 1 => Act::Cancel(known),
            2 => Act::Reschedule(known, self.dice.roll(3)),
            3 => Act::After(1, self.place(), self.event(depth)),
            _ => Act::After(0, self.place(), self.event(depth)),
        }
    }

    /// Free in one of three phases, or in one of three lanes, each in a phase of its own.
    fn place(&mut self) -> Place {
        let number = u8::try_from(self.dice.roll(3)).expect("small");
        let phase = Phase::new(number, "drawn");
        if self.dice.roll(2) == 0 {
            return Place::FREE.phase(phase);
        }
        Place::lane(Lane::new(self.lane + u32::from(number))).phase(phase)
    }
}

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
