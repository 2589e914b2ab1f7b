//! Limits end a run with a verdict that shows what went in circles.

use core::ops::ControlFlow::Break;

use tiebreak_kernel::{
    Context, End, Exceeded, Instant, Limit, Limits, Name, Place, Recorder, Settings, Silent, Simulation,
    Span, Term, World,
};

use crate::record::Log;
use crate::stage::{ACTORS, Act, event, perform, simulation};

/// Events go round in a ring of actors; each may also do something beside.
#[derive(Debug, Clone)]
struct Ring {
    actors: Vec<Term>,
    /// From one to the next.
    span: Span,
    beside: Beside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// Each event of the ring schedules a bystander at once.
    Bystander,
    /// Each event of the ring schedules a bystander that is not due for long.
    Leak,
    /// Each event of the ring schedules the next three times.
    Breeding,
    /// The first event of the ring starts a slower ring of one.
    SlowLoop,
    /// The first event of the ring starts a loop of one that stops within its instant.
    Burst,
    /// The subject counts: no name comes twice.
    Counting,
}

#[derive(Debug, Clone, Copy)]
struct Hop {
    at: usize,
    count: u64,
    is_bystander: bool,
}

impl World for Ring {
    type Event = Hop;
    type Subject = u64;

    fn name(&self, hop: &Hop) -> Name<u64> {
        let kind = Term::new(if hop.is_bystander { "looks" } else { "hops" });
        let is_counted = match self.beside {
            Beside::Counting => true,
            Beside::Burst => false,
            Beside::Nothing | Beside::Bystander | Beside::Leak | Beside::Breeding | Beside::SlowLoop => {
                hop.is_bystander
            }
        };
        let subject = if is_counted { hop.count } else { 7 };
        Name::of(self.actors[hop.at], kind, subject)
    }

    fn handle(&mut self, hop: Hop, context: &mut Context<'_, Hop, u64>) {
        if hop.is_bystander {
            if self.beside == Beside::SlowLoop {
                context.schedule_after(Span::from_nanos(7), hop);
            }
            if self.beside == Beside::Burst && hop.count < 1500 {
                context.schedule_after(Span::ZERO, Hop { count: hop.count + 1, ..hop });
            }
            return;
        }
        let next = Hop { at: (hop.at + 1) % self.actors.len(), count: hop.count + 1, is_bystander: false };
        context.schedule_after(self.span, next);
        let bystander = Hop { is_bystander: true, ..hop };
        let beside: &[(Span, Hop)] = match self.beside {
            Beside::Nothing | Beside::Counting => &[],
            Beside::SlowLoop | Beside::Burst if hop.count > 0 => &[],
            Beside::Bystander | Beside::SlowLoop | Beside::Burst => &[(Span::ZERO, bystander)],
            Beside::Leak => &[(Span::from_secs(1), bystander)],
            Beside::Breeding => &[(self.span, next); 2],
        };
        for (span, hop) in beside {
            context.schedule_after(*span, *hop);
        }
    }
}

fn ring(limits: Limits, actors: usize, span: u64, beside: Beside) -> Simulation<Ring> {
    let actors = ACTORS[..actors].to_vec();
    let world = Ring { actors, span: Span::from_nanos(span), beside };
    let settings = Settings::default().with_limits(limits);
    let mut simulation = Simulation::new(world, settings);
    simulation.act(|_, context| {
        context.schedule_after(Span::from_nanos(5), Hop { at: 0, count: 0, is_bystander: false })
    });
    simulation
}

fn exceeded<W: World, R: Recorder<W::Subject>>(simulation: &mut Simulation<W, R>) -> Exceeded {
    let end = simulation.run();
    assert_eq!(
        (simulation.run(), simulation.step()),
        (end.clone(), Break(end.clone())),
        "asking again gives the same"
    );
    let End::Limit(exceeded) = end else { panic!("{end:?} is no limit") };
    exceeded
}

/// Asserts that a cycle consists of these names in this order, wherever it begins.
fn check_cycle(cycle: &[String], expected: &[&str]) {
    assert_eq!(cycle.len(), expected.len(), "{cycle:?}");
    let start = expected.iter().position(|name| *name == cycle[0]);
    let mut expected = expected.to_vec();
    expected.rotate_left(start.unwrap_or_else(|| panic!("{} is in no cycle", cycle[0])));
    assert_eq!(cycle, expected);
}

#[test]
fn a_loop_of_two_at_one_instant_is_shown() {
    let limits = Limits::DEFAULT.with_events_at_instant(5000);
    let mut simulation = ring(limits, 2, 0, Beside::Nothing);
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed, exceeded.at.as_nanos()), (Limit::EventsAtInstant, 5000, 5));
    assert_eq!(simulation.dispatched(), 5000);
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)"]);
    let [one, two] = [&exceeded.cycle[0], &exceeded.cycle[1]];
    let expected = format!("more than 5000 events at one instant, at 5ns; it repeats {one} → {two} → {one}");
    assert_eq!(exceeded.to_string(), expected);
}

#[test]
fn a_loop_across_instants_is_shown() {
    let limits = Limits::DEFAULT.with_events(1500);
    let mut simulation = ring(limits, 3, 10, Beside::Nothing);
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Events, 1500));
    assert_eq!(
        (simulation.dispatched(), exceeded.at.as_nanos()),
        (1500, 5 + 1499 * 10),
        "the next instant did not open"
    );
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)", "c/hops(7)"]);
    assert!(
        exceeded.to_string().starts_with("more than 1500 events, at 14us995ns; it repeats "),
        "{exceeded}"
    );
}

#[test]
fn a_loop_of_one_is_shown() {
    let exceeded = exceeded(&mut ring(Limits::DEFAULT.with_events(3), 1, 1, Beside::Nothing));
    assert_eq!(exceeded.cycle, ["a/hops(7)"]);
}

#[test]
fn the_event_that_may_not_run_closes_the_cycle() {
    let limits = Limits::DEFAULT.with_events(2);
    check_cycle(&exceeded(&mut ring(limits, 2, 1, Beside::Nothing)).cycle, &["a/hops(7)", "b/hops(7)"]);
    let limits = Limits::DEFAULT.with_time(Instant::from_nanos(1000));
    assert_eq!(exceeded(&mut ring(limits, 1, 600, Beside::Nothing)).cycle, ["a/hops(7)"]);
}

#[test]
fn a_bystander_does_not_hide_the_loop() {
    for events in 1000..1040 {
        for span in [0, 10] {
            let limits = Limits::DEFAULT.with_events(events);
            check_cycle(
                &exceeded(&mut ring(limits, 2, span, Beside::Bystander)).cycle,
                &["a/hops(7)", "b/hops(7)"],
            );
        }
    }
}

#[test]
fn where_no_name_repeats_no_cycle_is_shown() {
    let exceeded = exceeded(&mut ring(Limits::DEFAULT.with_events(3000), 2, 0, Beside::Counting));
    assert_eq!(exceeded.cycle, [""; 0]);
    assert_eq!(exceeded.to_string(), "more than 3000 events, at 5ns");
}

#[test]
fn the_tightest_cycle_is_shown() {
    for events in 1990..2010 {
        let limits = Limits::DEFAULT.with_events(events);
        check_cycle(&exceeded(&mut ring(limits, 2, 1, Beside::SlowLoop)).cycle, &["a/hops(7)", "b/hops(7)"]);
    }
}

#[test]
fn events_at_one_instant_are_counted_for_each_instant_anew() {
    let acts: Vec<Act> = (0..12).map(|id| Act::At(id / 4, Place::FREE, event(id))).collect();
    let run = |events_at_instant| {
        let limits = Limits::DEFAULT.with_events_at_instant(events_at_instant);
        let mut simulation = simulation(Settings::default().with_limits(limits), &acts);
        (simulation.run(), simulation.dispatched())
    };
    assert_eq!(run(4), (End::Quiescent, 12));
    let (end, dispatched) = run(3);
    assert!(
        matches!(end, End::Limit(Exceeded { limit: Limit::EventsAtInstant, allowed: 3, .. }))
            && dispatched == 3
    );
    assert!(matches!(run(0), (End::Limit(_), 0)));
}

#[test]
fn a_limit_that_is_just_reached_is_kept() {
    let acts: Vec<Act> = (0..4).map(|id| Act::At(id, Place::FREE, event(id))).collect();
    for (limits, fits) in [
        (Limits::DEFAULT.with_events(4), true),
        (Limits::DEFAULT.with_events(3), false),
        (Limits::DEFAULT.with_pending(4), true),
        (Limits::DEFAULT.with_pending(3), false),
        (Limits::DEFAULT.with_time(Instant::from_nanos(3)), true),
        (Limits::DEFAULT.with_time(Instant::from_nanos(2)), false),
    ] {
        let end = simulation(Settings::default().with_limits(limits), &acts).run();
        assert_eq!(end == End::Quiescent, fits, "{limits:?}: {end:?}");
    }
}

#[test]
fn pending_events_that_breed_are_stopped() {
    let limits = Limits::DEFAULT.with_pending(2000);
    let mut simulation = ring(limits, 2, 10, Beside::Breeding);
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Pending, 2000));
    assert!(simulation.pending() <= 2003);
}

#[test]
fn a_loop_that_leaks_pending_events_is_shown() {
    let limits = Limits::DEFAULT.with_pending(2000);
    let mut simulation = ring(limits, 2, 10, Beside::Leak);
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Pending, 2000));
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)"]);
    assert!(exceeded.to_string().starts_with("more than 2000 pending events, at "), "{exceeded}");
}

#[test]
fn a_run_goes_on_when_enough_pending_events_are_cancelled() {
    let acts: Vec<Act> = (0..4).map(|id| Act::At(5, Place::FREE, event(id))).collect();
    let limits = Limits::DEFAULT.with_pending(3);
    let mut simulation = simulation(Settings::default().with_limits(limits), &acts);
    assert_eq!((exceeded(&mut simulation).limit, simulation.now()), (Limit::Pending, Instant::START));
    perform(&mut simulation, &[Act::Cancel(1), Act::At(3, Place::FREE, event(9)), Act::Cancel(2)]);
    assert_eq!((simulation.run(), simulation.dispatched()), (End::Quiescent, 3));
    assert_eq!(simulation.world().log[0], (3, 9), "no instant had opened");
}

#[test]
fn the_limit_on_time_shows_the_timer_that_goes_on() {
    let limits = Limits::DEFAULT.with_time(Instant::from_nanos(1000));
    let mut simulation = ring(limits, 2, 100, Beside::Nothing);
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed, exceeded.at.as_nanos()), (Limit::Time, 1000, 905));
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)"]);
    assert!(exceeded.to_string().starts_with("an event due after 1us, at 905ns; it repeats "), "{exceeded}");
}

#[test]
fn a_burst_that_was_over_long_ago_is_not_shown() {
    let limits = Limits::DEFAULT.with_events(5000).with_events_at_instant(2000);
    let exceeded = exceeded(&mut ring(limits, 2, 1, Beside::Burst));
    assert_eq!(exceeded.limit, Limit::Events);
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)"]);
}

#[test]
fn however_long_a_limit_was_near_the_cycle_is_shown() {
    // Events are remembered for the second half of the time: some 2,000, more than are kept.
    for nanos in 4080..4120 {
        let limits = Limits::DEFAULT.with_time(Instant::from_nanos(nanos));
        check_cycle(&exceeded(&mut ring(limits, 2, 1, Beside::Nothing)).cycle, &["a/hops(7)", "b/hops(7)"]);
    }
}

#[test]
fn the_limit_on_trace_shows_what_fills_it() {
    let limits = Limits::DEFAULT.with_trace_bytes(10_000);
    let Ring { actors, .. } = ring(limits, 2, 100, Beside::Nothing).into_parts().0;
    let world = Ring { actors, span: Span::from_nanos(1), beside: Beside::Nothing };
    let settings = Settings::default().with_limits(limits);
    let mut simulation = Simulation::new(world, settings).with_recorder((Log::default(), Silent));
    simulation
        .act(|_, context| context.schedule_after(Span::ZERO, Hop { at: 0, count: 0, is_bystander: false }));
    let exceeded = exceeded(&mut simulation);
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::TraceBytes, 10_000));
    let bytes: usize = simulation.recorder().0.lines.iter().map(String::len).sum();
    assert!((10_001..10_100).contains(&bytes));
    check_cycle(&exceeded.cycle, &["a/hops(7)", "b/hops(7)"]);
    assert!(exceeded.to_string().starts_with("more than 10000 bytes of trace, at "), "{exceeded}");
}

#[test]
fn quiescence_and_the_horizon_come_before_limits() {
    let limits = Limits::DEFAULT.with_events(2);
    let run = |horizon| {
        let settings = Settings::default().with_limits(limits).with_horizon(Instant::from_nanos(horizon));
        let acts: Vec<Act> = (0..3).map(|id| Act::At(id, Place::FREE, event(id))).collect();
        simulation(settings, &acts).run()
    };
    assert_eq!(run(1), End::Horizon);
    assert!(matches!(run(2), End::Limit(_)));
    let mut quiet = simulation(
        Settings::default().with_limits(limits),
        &[Act::At(0, Place::FREE, event(0)), Act::At(1, Place::FREE, event(1))],
    );
    assert_eq!(quiet.run(), End::Quiescent);
}
