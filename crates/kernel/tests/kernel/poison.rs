//! After a panic in code of the world nothing runs any more, and the simulation says so.

use core::ops::ControlFlow::{Break, Continue};
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, panic_any};

use tiebreak_kernel::{
    Context, End, Instant, Name, Names, Order, Record, Recorder, Settings, Silent, Simulation, Span, Term,
    World,
};

/// Where the world panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    /// While event 1 happens, after it has scheduled a child at its own instant and one later.
    Handling,
    /// When the name of event 1 is asked for.
    Naming,
    /// When the name of its child is asked for.
    NamingChild,
    /// When event 1, which is periodic, is copied.
    Copying,
}

/// The payload of a panic that is meant, which no hook needs to print.
struct Meant;

#[derive(Debug)]
struct Ill {
    when: When,
    log: Vec<(u64, u64)>,
}

#[derive(Debug)]
struct Event {
    id: u64,
    when: When,
}

impl Clone for Event {
    fn clone(&self) -> Self {
        if self.when == When::Copying {
            std::panic::resume_unwind(Box::new(Meant));
        }
        Self { id: self.id, when: self.when }
    }
}

impl World for Ill {
    type Event = Event;
    type Subject = u64;

    fn name(&self, event: &Event) -> Name<u64> {
        let panics = match self.when {
            When::Naming => event.id == 1,
            When::NamingChild => event.id == 10,
            When::Never | When::Handling | When::Copying => false,
        };
        if panics {
            std::panic::resume_unwind(Box::new(Meant));
        }
        Name::of(Term::new("a"), Term::new("does"), event.id)
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
        self.log.push((context.now().as_nanos(), event.id));
        if event.id == 1 {
            context.schedule_after(Span::ZERO, Event { id: 10, when: self.when });
            context.schedule_after(Span::from_nanos(4), Event { id: 11, when: self.when });
            if self.when == When::Handling {
                std::panic::resume_unwind(Box::new(Meant));
            }
        }
    }
}

/// Event 1 with `others` beside it at 5 ns.
fn ill<R: Recorder<u64>>(when: When, others: u64, order: Order, recorder: R) -> Simulation<Ill, R> {
    let world = Ill { when, log: Vec::new() };
    let mut simulation =
        Simulation::new(world, Settings::default().with_order(order)).with_recorder(recorder);
    simulation.act(|_, context| {
        if when == When::Copying {
            context.on(tiebreak_kernel::Place::FREE).every(Span::from_nanos(5), Event { id: 1, when });
        } else {
            context.schedule_after(Span::from_nanos(5), Event { id: 1, when });
        }
        for id in 2..2 + others {
            context.schedule_after(Span::from_nanos(5), Event { id, when });
        }
    });
    simulation
}

/// Asserts that nothing runs any more.
fn check_poisoned<R: Recorder<u64>>(simulation: &mut Simulation<Ill, R>) {
    let (log, now) = (simulation.world().log.clone(), simulation.now());
    for _ in 0..2 {
        assert_eq!(simulation.step(), Break(End::Poisoned));
        assert_eq!(simulation.run(), End::Poisoned);
        assert_eq!(simulation.run_instant(), Break(End::Poisoned));
        assert_eq!(simulation.run_until(Instant::from_nanos(100)), Break(End::Poisoned));
        assert_eq!(simulation.run_for(Span::ZERO), Break(End::Poisoned));
        assert_eq!(simulation.run_inspecting(|_, _, _| Continue(())), End::Poisoned);
    }
    // Also after something is done from outside.
    simulation.act(|_, context| context.stop("it does not matter"));
    assert_eq!(simulation.run(), End::Poisoned);
    assert_eq!((&simulation.world().log, simulation.now()), (&log, now), "nothing ran late");
}

#[test]
fn a_panic_while_an_event_happens_poisons_the_simulation() {
    for order in Order::ALL {
        for others in 0..3 {
            let mut simulation = ill(When::Handling, others, order, Silent);
            assert!(catch_unwind(AssertUnwindSafe(|| simulation.run())).is_err());
            assert!(simulation.world().log.contains(&(5, 1)));
            check_poisoned(&mut simulation);
            let ran: Vec<u64> = simulation.world().log.iter().map(|(_, id)| *id).collect();
            assert!(!ran.contains(&10) && !ran.contains(&11), "no child runs, neither in time nor late");
        }
    }
}

#[test]
fn a_panic_in_a_name_at_the_opening_poisons_the_simulation() {
    for order in [Order::Seeded, Order::Rounds] {
        let mut simulation = ill(When::Naming, 2, order, Silent);
        assert!(catch_unwind(AssertUnwindSafe(|| simulation.step())).is_err());
        assert_eq!(simulation.world().log, []);
        check_poisoned(&mut simulation);
    }
}

#[test]
fn a_panic_in_the_name_of_a_child_poisons_the_simulation() {
    for others in 0..2 {
        let mut simulation = ill(When::NamingChild, others, Order::Seeded, Silent);
        assert!(catch_unwind(AssertUnwindSafe(|| simulation.run())).is_err());
        assert!(simulation.world().log.contains(&(5, 1)));
        check_poisoned(&mut simulation);
    }
}

#[test]
fn a_panic_in_the_copy_of_a_periodic_event_poisons_the_simulation() {
    let mut simulation = ill(When::Copying, 0, Order::Seeded, Silent);
    assert!(catch_unwind(AssertUnwindSafe(|| simulation.run())).is_err());
    assert_eq!(simulation.world().log, []);
    check_poisoned(&mut simulation);
}

#[test]
fn a_panic_from_outside_poisons_the_simulation() {
    let mut simulation = ill(When::Never, 2, Order::Seeded, Silent);
    assert!(simulation.step().is_continue());
    let result = catch_unwind(AssertUnwindSafe(|| {
        simulation.act(|_, context| {
            context.schedule_after(Span::ZERO, Event { id: 30, when: When::Never });
            std::panic::resume_unwind(Box::new(Meant));
        });
    }));
    assert!(result.is_err());
    check_poisoned(&mut simulation);
}

/// Panics at the second record.
#[derive(Debug, Default)]
struct Jammed(u64);

impl Recorder<u64> for Jammed {
    fn record(&mut self, _names: &Names, _record: &Record<'_, u64>) {
        self.0 += 1;
        if self.0 == 2 {
            std::panic::resume_unwind(Box::new(Meant));
        }
    }
}

#[test]
fn a_panic_of_the_recorder_poisons_the_simulation() {
    let mut simulation = ill(When::Never, 2, Order::Seeded, Jammed::default());
    assert!(catch_unwind(AssertUnwindSafe(|| simulation.run())).is_err());
    assert_eq!(simulation.world().log.len(), 1);
    check_poisoned(&mut simulation);
}

#[test]
fn a_panic_of_who_inspects_the_world_between_instants_does_not_poison() {
    let mut simulation = ill(When::Never, 1, Order::Seeded, Silent);
    let result = catch_unwind(AssertUnwindSafe(|| simulation.run_inspecting(|_, _, _| panic_any(Meant))));
    assert!(result.is_err());
    assert_eq!((simulation.run(), simulation.dispatched()), (End::Quiescent, 4));
}

/// The name of its event changes when event 0 happens.
struct Fickle {
    is_changed: bool,
}

impl World for Fickle {
    type Event = u64;
    type Subject = u64;

    fn name(&self, event: &u64) -> Name<u64> {
        Name::of(Term::new("a"), Term::new("does"), if self.is_changed && *event > 0 { 99 } else { *event })
    }

    fn handle(&mut self, _event: u64, _context: &mut Context<'_, u64, u64>) {
        self.is_changed = true;
    }
}

fn fickle(seed: u64) -> Simulation<Fickle> {
    let mut simulation = Simulation::new(Fickle { is_changed: false }, Settings::new(seed));
    simulation.act(|_, context| {
        context.schedule_after(Span::ZERO, 0);
        context.schedule_after(Span::ZERO, 1);
    });
    simulation
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "the name of an event changed while it was pending: now it is a/does(99)")]
fn a_name_that_changes_while_its_event_is_pending_panics() {
    for seed in 0..20 {
        fickle(seed).run();
    }
}

#[test]
#[cfg(not(debug_assertions))]
fn a_name_that_changes_while_its_event_is_pending_goes_unnoticed_in_release() {
    for seed in 0..20 {
        assert_eq!(fickle(seed).run(), End::Quiescent);
    }
}
