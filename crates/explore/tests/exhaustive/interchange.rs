//! Actors that can change places, and some that are only said to.

use core::hash::Hash as _;
use core::ops::ControlFlow;

use tiebreak_explore::{
    Exploration, Failure, Forking, Group, Orders, Picker, Scope, Setup, Stepping, explore,
};
use tiebreak_kernel::{Context, End, Name, Order, Settings, Silent, Simulation, Span, Term, World, terms};

terms! { NORTH = "north", EAST = "east", SOUTH = "south", KNOCK = "knock", ENTER = "enter", LEAVE = "leave" }

const ACTORS: [Term; 3] = [NORTH, EAST, SOUTH];

/// How one of the three is not like the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Odd {
    Nobody,
    /// The first comes earlier.
    Earlier,
    /// The last leaves again.
    Leaves,
    /// The last does not find the way in if it is not the first.
    Fails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Step {
    actor: usize,
    kind: Term,
}

/// A house, and who is in it, in the order in which they came.
#[derive(Debug, Clone, Hash)]
struct House {
    odd: Odd,
    inside: Vec<usize>,
    is_lost: bool,
}

impl World for House {
    type Event = Step;
    type Subject = ();

    fn name(&self, event: &Step) -> Name<()> {
        Name::of(ACTORS[event.actor], event.kind, ())
    }

    fn handle(&mut self, step: Step, context: &mut Context<'_, Step, ()>) {
        if step.kind == KNOCK {
            context.schedule_after(Span::ZERO, Step { kind: ENTER, ..step });
        } else if step.kind == ENTER {
            self.is_lost |= self.odd == Odd::Fails && step.actor == 2 && !self.inside.is_empty();
            self.inside.push(step.actor);
            if self.odd == Odd::Leaves && step.actor == 2 {
                context.schedule_after(Span::ZERO, Step { kind: LEAVE, ..step });
            }
        }
    }
}

struct Visit(Odd);

impl Stepping for Visit {
    type Run = Simulation<House, Silent, Picker>;

    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run {
        let house = House { odd: self.0, inside: Vec::new(), is_lost: false };
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation = Simulation::new(house, settings).with_choices(picker);
        simulation.act(|house, context| {
            for actor in 0..3 {
                let is_early = house.odd == Odd::Earlier && actor == 1;
                context.schedule_after(
                    Span::from_secs(if is_early { 1 } else { 2 }),
                    Step { actor, kind: KNOCK },
                );
            }
        });
        simulation
    }

    fn step(&self, run: &mut Self::Run) -> ControlFlow<End> {
        run.step()
    }

    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker {
        run.choices_mut()
    }

    fn failures(&self, run: &Self::Run, _end: Option<&End>) -> Vec<Failure> {
        let failure = Failure { monitor: "lost".into(), event: None, message: "somebody is lost".into() };
        if run.world().is_lost { vec![failure] } else { Vec::new() }
    }
}

impl Forking for Visit {
    fn fork(&self, run: &mut Self::Run) -> Self::Run {
        run.clone()
    }

    fn digest(&self, run: &Self::Run) -> Option<u128> {
        Some(run.state_digest(|_, picker, state| picker.hash(state)))
    }

    fn groups(&self) -> Vec<Group> {
        vec![Group { name: "visitors".into(), members: ACTORS.iter().map(|actor| actor.code()).collect() }]
    }
}

/// All orders, and all but those that follow from others.
fn explored(odd: Odd) -> [Exploration; 2] {
    let setup = Setup { order: Order::Seeded, seed: 3 };
    let scope = |leaves_out| Scope { leaves_out, ..Scope::default() };
    [false, true].map(|leaves_out| explore(&Visit(odd), setup, scope(leaves_out), &|| true))
}

#[test]
fn each_order_in_which_they_begin_in_turn_counts_for_all_that_follow_from_it() {
    let [every, found] = explored(Odd::Nobody);
    assert_eq!((every.groups.len(), found.groups.len()), (0, 1));
    // Of three that knock and enter: 6! / 2³.
    assert_eq!(every.orders.and_then(|orders| orders.all), Some(90));
    assert_eq!(found.orders.and_then(|orders| orders.all), Some(90));
    assert!(found.states < every.states, "{found} {every}");
    assert!(found.to_string().ends_with("; the 3 of visitors can change places"), "{found}");
}

#[test]
fn those_who_are_not_alike_are_gone_through_in_every_order() {
    for odd in [Odd::Earlier, Odd::Leaves, Odd::Fails] {
        let [every, found] = explored(odd);
        assert_eq!(found, every, "{odd:?}");
        assert!(found.groups.is_empty(), "{odd:?}");
        assert_eq!(found.is_proof(), odd != Odd::Fails, "{odd:?}");
    }
}

#[test]
fn whoever_wants_an_end_is_heard_before_the_first_state() {
    let setup = Setup { order: Order::Seeded, seed: 3 };
    let found = explore(&Visit(Odd::Nobody), setup, Scope::default(), &|| false);
    assert_eq!((found.orders, found.steps), (None::<Orders>, 0));
}
