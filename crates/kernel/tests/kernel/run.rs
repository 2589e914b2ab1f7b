//! Time, handles, kinds of work, horizons, forks, and acting between steps.

use core::ops::ControlFlow::{Break, Continue};

use rand::RngExt as _;
use tiebreak_kernel::{
    Attempt, Choices, Context, End, InThePast, Instant, Lane, Limits, Name, Names, Order, Place, Recorder,
    Settings, Simulation, Site, Span, Term, World,
};

use crate::record::Log;
use crate::stage::{Act, event, order, perform, recorded, settings, simulation};

const FREE: Place = Place::FREE;
const BACKGROUND: Place = Place::FREE.background();

fn at(nanos: u64) -> Instant {
    Instant::from_nanos(nanos)
}

fn until(horizon: u64) -> Settings {
    Settings::default().with_horizon(at(horizon))
}

#[test]
fn cancelling_what_has_run_or_was_cancelled_does_nothing() {
    let mut simulation =
        simulation(Settings::default(), &[Act::At(1, FREE, event(0)), Act::At(2, FREE, event(1))]);
    assert!(simulation.step().is_continue());
    perform(
        &mut simulation,
        &[Act::Cancel(0), Act::Cancel(1), Act::Cancel(1), Act::Reschedule(0, 9), Act::Reschedule(1, 9)],
    );
    assert_eq!(simulation.world().cancelled, [None, Some(1), None]);
    assert_eq!(simulation.world().rescheduled, [Ok(Attempt::Gone); 2]);
    assert_eq!(
        (simulation.run(), simulation.world().ids(), simulation.now()),
        (End::Quiescent, vec![0], at(1))
    );
}

#[test]
fn an_event_cannot_cancel_itself_while_it_runs() {
    let acts = [Act::At(1, FREE, event(0).then(Act::Cancel(0)).then(Act::Reschedule(0, 5)))];
    let mut simulation = simulation(Settings::default(), &acts);
    simulation.run();
    assert_eq!((simulation.world().ids(), simulation.world().cancelled.clone()), (vec![0], vec![None]));
    assert_eq!(simulation.world().rescheduled, [Ok(Attempt::Gone)]);
}

#[test]
fn an_old_handle_never_hits_the_event_that_took_its_slot() {
    let mut simulation = simulation(Settings::default(), &[Act::At(1, FREE, event(0)), Act::Cancel(0)]);
    for id in 1..100 {
        // Each takes the slot of the one before; all older handles are tried on it.
        perform(&mut simulation, &[Act::At(1, FREE, event(id))]);
        let old: Vec<Act> = (0..id).flat_map(|old| [Act::Cancel(old), Act::Reschedule(old, 7)]).collect();
        perform(&mut simulation, &old);
        assert_eq!(simulation.pending(), 1);
        perform(&mut simulation, &[Act::Cancel(id)]);
    }
    assert_eq!(simulation.world().cancelled.iter().flatten().count(), 100);
    assert!(simulation.world().rescheduled.iter().all(|attempt| *attempt == Ok(Attempt::Gone)));
}

#[test]
fn scheduling_in_the_past_is_refused_and_changes_nothing() {
    let acts = [Act::At(5, FREE, event(0)), Act::At(9, FREE, event(1))];
    let mut simulation = simulation(Settings::default(), &acts);
    assert!(simulation.step().is_continue());
    let (pending, reference) = (simulation.pending(), simulation.clone());
    perform(&mut simulation, &[Act::At(4, FREE, event(2)), Act::Reschedule(1, 4), Act::Reschedule(0, 4)]);
    let refused = InThePast { at: at(4), now: at(5) };
    assert_eq!(simulation.world().refused, [refused]);
    assert_eq!(simulation.world().rescheduled, [Err(refused), Err(refused)]);
    assert_eq!(refused.to_string(), "cannot schedule at 4ns: it is 5ns already");
    assert_eq!(simulation.pending(), pending);
    let mut others = [simulation, reference];
    let [log, expected] = others.each_mut().map(|simulation| {
        perform(simulation, &[Act::At(9, FREE, event(3))]);
        simulation.run();
        simulation.world().log.clone()
    });
    assert_eq!((log.len(), log), (3, expected));
}

#[test]
fn the_present_instant_is_not_past() {
    let acts = [Act::At(
        5,
        FREE,
        event(0)
            .then(Act::At(5, FREE, event(1)))
            .then(Act::At(9, FREE, event(2)))
            .then(Act::Reschedule(2, 5)),
    )];
    let mut simulation = simulation(Settings::default(), &acts);
    simulation.run();
    assert_eq!(simulation.world().log.len(), 3);
    assert_eq!(simulation.now(), at(5));
}

#[test]
fn what_is_due_past_the_end_of_time_is_never_due_and_lets_the_run_end() {
    let acts = [
        Act::At(5, FREE, event(0).then(Act::After(u64::MAX, FREE, event(1)))),
        Act::At(u64::MAX, FREE, event(2)),
    ];
    let mut simulation = simulation(Settings::default(), &acts);
    assert_eq!((simulation.run(), simulation.now(), simulation.pending()), (End::Quiescent, at(5), 2));
    perform(&mut simulation, &[Act::Reschedule(1, 9), Act::Cancel(2)]);
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(5, 0), (9, 1)]));
    perform(&mut simulation, &[Act::At(10, FREE, event(3)), Act::Reschedule(3, u64::MAX)]);
    assert_eq!(
        (simulation.run(), simulation.pending(), simulation.next_instant()),
        (End::Quiescent, 1, None)
    );
    simulation.check_invariants();
}

#[test]
fn a_rescheduled_event_is_the_last_of_its_instant_and_keeps_handle_name_and_place() {
    let acts = [
        Act::At(5, FREE, event(0)),
        Act::At(5, FREE, event(1)),
        Act::At(5, FREE, event(2)),
        Act::Reschedule(0, 5),
        Act::Reschedule(1, 7),
        Act::Reschedule(1, 5),
    ];
    assert_eq!(order(1, Order::Fifo, &acts), [2, 0, 1]);
    for seed in 0..50 {
        assert_eq!(
            order(seed, Order::Seeded, &acts),
            order(seed, Order::Seeded, &acts[..3]),
            "the name decides"
        );
    }
    let place = Place::lane(Lane::new(3));
    let acts = [0, 1, 2].map(|id| Act::At(5, place, event(id)));
    let moved = [&acts[..], &[Act::Reschedule(0, 5)]].concat();
    for seed in 0..50 {
        assert_eq!(order(seed, Order::Seeded, &moved), [1, 2, 0], "it went to the end of its lane");
    }
}

#[test]
fn an_event_moved_within_the_open_instant_runs_once() {
    for seed in 0..100 {
        let mover =
            (0..5).fold(event(9), |event, _| event.then(Act::Reschedule(0, 5)).then(Act::Reschedule(1, 5)));
        let acts = [
            Act::At(5, FREE, event(0)),
            Act::At(6, FREE, event(1)),
            Act::At(5, FREE, mover.then(Act::Reschedule(1, 8)).then(Act::Reschedule(1, 5))),
            Act::At(5, FREE, event(2)),
        ];
        let mut log = order(seed, Order::Seeded, &acts);
        log.sort_unstable();
        assert_eq!(log, [0, 1, 2, 9]);
    }
}

#[test]
fn the_horizon_is_included() {
    let acts = [4, 5, 6].map(|nanos| Act::At(nanos, FREE, event(nanos)));
    let mut simulation = simulation(until(5), &acts);
    assert_eq!((simulation.run(), simulation.now(), simulation.pending()), (End::Horizon, at(5), 1));
    assert_eq!(simulation.world().ids(), [4, 5]);
    assert_eq!(simulation.run(), End::Horizon, "asking again gives the same");
}

#[test]
fn the_last_instant_of_time_can_be_the_horizon() {
    let settings = Settings::default().with_limits(Limits::DEFAULT.with_time(Instant::MAX));
    let last = Act::At(
        u64::MAX - 1,
        FREE,
        event(0).then(Act::After(0, FREE, event(1))).then(Act::After(1, FREE, event(2))),
    );
    let mut simulation = simulation(settings, &[last]);
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![0, 1]));
    assert_eq!((simulation.now(), simulation.pending()), (Instant::MAX, 1));
}

#[test]
fn cancelled_events_advance_no_time() {
    let acts = [Act::At(1, FREE, event(0).then(Act::Cancel(1))), Act::At(5, FREE, event(1))];
    let mut simulation = simulation(until(9), &acts);
    assert_eq!((simulation.run(), simulation.now()), (End::Quiescent, at(1)));
    let mut beyond = crate::stage::simulation(until(9), &[Act::At(50, FREE, event(1)), Act::Cancel(1)]);
    assert_eq!(
        (beyond.run(), beyond.now()),
        (End::Quiescent, at(0)),
        "it does not count as work after the horizon either"
    );
}

#[test]
fn background_work_alone_keeps_no_run_alive() {
    let periodic = Act::At(2, BACKGROUND, event(2).then(Act::After(2, BACKGROUND, event(4))));
    let mut simulation = simulation(until(100), &[periodic, Act::At(3, FREE, event(3))]);
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![2, 3]));
    assert_eq!((simulation.now(), simulation.pending()), (at(3), 1));
    perform(&mut simulation, &[Act::At(9, FREE, event(9))]);
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![2, 3, 4, 9]));
}

#[test]
fn background_work_at_the_start_waits_for_primary_work() {
    let mut simulation = simulation(Settings::default(), &[Act::At(0, BACKGROUND, event(0))]);
    assert!(!simulation.is_instant_unfinished());
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![]));
    perform(&mut simulation, &[Act::At(0, FREE, event(1))]);
    assert_eq!((simulation.run(), simulation.world().log.len()), (End::Quiescent, 2));
}

#[test]
fn background_work_stops_with_the_last_primary_event_also_within_its_instant() {
    for seed in 0..50 {
        let again = (0..2000).fold(event(1), |next, _| event(1).then(Act::After(0, BACKGROUND, next)));
        let acts = [Act::At(5, FREE, event(0)), Act::At(5, BACKGROUND, again)];
        let mut simulation = simulation(settings(seed, Order::Seeded), &acts);
        assert_eq!(simulation.run(), End::Quiescent);
        assert_eq!(simulation.world().ids().last(), Some(&0), "nothing runs after the last primary event");
        assert_eq!(simulation.pending(), 1);
        perform(&mut simulation, &[Act::At(6, FREE, event(2))]);
        assert_eq!(
            (simulation.run(), simulation.now()),
            (End::Quiescent, at(6)),
            "more primary work lets it go on"
        );
    }
}

#[test]
fn background_work_stays_background_when_rescheduled_and_stops_counting_when_cancelled() {
    let acts = [
        Act::At(2, BACKGROUND, event(0)),
        Act::At(2, FREE, event(1)),
        Act::Reschedule(0, 3),
        Act::Reschedule(1, 4),
        Act::Cancel(1),
    ];
    let mut simulation = simulation(Settings::default(), &acts);
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![]));
}

#[test]
fn work_is_primary_in_lanes_too() {
    let place = Place::lane(Lane::new(0));
    assert_eq!(
        order(1, Order::Seeded, &[Act::At(2, place, event(0)), Act::At(3, place.background(), event(1))]),
        [0]
    );
    assert_eq!(Place::default(), Place::FREE);
}

#[test]
fn a_run_with_nothing_to_do_is_quiescent_at_the_start() {
    let mut simulation = simulation(Settings::default(), &[]);
    assert_eq!(
        (simulation.run(), simulation.now(), simulation.dispatched()),
        (End::Quiescent, Instant::START, 0)
    );
    assert_eq!(simulation.run_instant(), Break(End::Quiescent));
}

#[test]
fn an_instant_is_run_with_the_events_scheduled_into_it() {
    let acts = [Act::At(5, FREE, event(0).then(Act::After(0, FREE, event(1)))), Act::At(7, FREE, event(2))];
    let mut simulation = simulation(Settings::default(), &acts);
    assert_eq!(simulation.run_instant(), Continue(at(5)));
    assert_eq!((simulation.world().ids(), simulation.is_instant_unfinished()), (vec![0, 1], false));
    assert_eq!(
        (simulation.run_instant(), simulation.run_instant()),
        (Continue(at(7)), Break(End::Quiescent))
    );
}

#[test]
fn acts_between_steps_take_part_in_the_open_instant() {
    for seed in 0..50 {
        let acts = [0, 1, 2].map(|id| Act::At(5, FREE, event(id)));
        let mut simulation = simulation(settings(seed, Order::Seeded), &acts);
        assert!(simulation.step().is_continue());
        assert!(simulation.is_instant_unfinished());
        let first = simulation.world().ids()[0];
        perform(&mut simulation, &[Act::At(5, FREE, event(3)), Act::Cancel((first + 1) % 3)]);
        assert_eq!(simulation.run(), End::Quiescent);
        // As if the first had done it.
        let mut acts = acts.to_vec();
        let Act::At(_, _, doer) = &mut acts[usize::try_from(first).expect("small")] else { unreachable!() };
        doer.script = vec![Act::At(5, FREE, event(3)), Act::Cancel((first + 1) % 3)];
        assert_eq!(simulation.world().ids(), order(seed, Order::Seeded, &acts));
    }
}

#[test]
fn acts_after_an_instant_is_finished_can_reopen_it() {
    let mut simulation = simulation(Settings::default(), &[Act::At(5, FREE, event(0))]);
    simulation.run();
    perform(&mut simulation, &[Act::At(5, FREE, event(1)), Act::At(5, FREE, event(2)), Act::Cancel(1)]);
    assert!(simulation.is_instant_unfinished());
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(5, 0), (5, 2)]));
}

/// Eight events a round, each of which draws when its children run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawing {
    log: Vec<(u64, u64)>,
}

impl World for Drawing {
    type Event = u64;
    type Subject = u64;

    fn name(&self, event: &u64) -> Name<u64> {
        Name::of(Term::new("a"), Term::new("draws"), *event % 8)
    }

    fn handle(&mut self, event: u64, context: &mut Context<'_, u64, u64>) {
        self.log.push((context.now().as_nanos(), event));
        let actor = self.name(&event).actor;
        let after = context.draw(actor, Term::new("after"), 0..=3);
        let more: u64 = context.draws(actor, Term::new("through-rand")).random_range(0..3);
        let mut items = [0, 1, 2];
        context.permute(actor, Term::new("items"), &mut items);
        if event < 800 {
            let span = Span::from_nanos(after + more + u64::from(items[0]));
            context.schedule_after(span, event + 8);
        }
    }
}

fn drawing<R: Recorder<u64>>(seed: u64, recorder: R) -> Simulation<Drawing, R> {
    let world = Drawing { log: Vec::new() };
    let mut simulation = Simulation::new(world, settings(seed, Order::Seeded)).with_recorder(recorder);
    simulation.act(|_, context| {
        for event in 0..8 {
            context.schedule_after(Span::ZERO, event);
        }
    });
    simulation
}

#[test]
fn the_same_seed_does_the_same_and_another_does_not() {
    let [one, same, other] = [1, 1, 2].map(|seed| {
        let mut simulation = drawing(seed, Log::default());
        simulation.run();
        (simulation.world().clone(), simulation.recorder().clone())
    });
    assert!(one == same && one.0 != other.0);
    assert_eq!(one.0.log.len(), 808);
}

#[test]
fn a_fork_does_the_same_and_diverges_when_acted_upon() {
    let mut original = drawing(1, Log::default());
    for _ in 0..333 {
        assert!(original.step().is_continue());
    }
    let [mut fork, mut diverging] = [original.clone(), original.clone()];
    diverging.act(|_, context| context.schedule_after(Span::ZERO, 4));
    for simulation in [&mut original, &mut fork, &mut diverging] {
        simulation.run();
    }
    assert_eq!((original.world(), original.recorder()), (fork.world(), fork.recorder()));
    assert!(original.world() != diverging.world() && original.recorder() != diverging.recorder());
}

#[test]
fn a_silent_run_and_a_recorded_one_do_the_same() {
    let (mut silent, mut recorded) = (drawing(5, tiebreak_kernel::Silent), drawing(5, Log::default()));
    assert_eq!(silent.run(), recorded.run());
    assert_eq!((silent.world(), silent.dispatched()), (recorded.world(), recorded.dispatched()));
    assert_eq!(recorded.recorder().lines.len(), 808);
}

/// Answers every question with the least, and counts them.
#[derive(Debug, Default)]
struct Least(u64);

impl Choices for Least {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        self.0 += 1;
        low
    }
}

#[test]
fn every_draw_is_a_question_to_the_choices() {
    let world = Drawing { log: Vec::new() };
    let mut simulation = Simulation::new(world, Settings::default())
        .with_recorder(Log::default())
        .with_choices(Least::default());
    simulation.act(|_, context| {
        let actor = Term::new("a");
        let mut draws = context.draws(actor, Term::new("x"));
        assert_eq!((draws.random::<u64>(), draws.random::<u32>()), (0, 0));
        let mut bytes = [1; 9];
        rand::Rng::fill_bytes(&mut draws, &mut bytes);
        assert_eq!(bytes, [0; 9]);
        assert!(context.chance(
            actor,
            Term::new("x"),
            tiebreak_kernel::Ratio::new(1, 9).expect("a probability")
        ));
        context.schedule_after(Span::ZERO, 800)
    });
    simulation.run();
    assert_eq!(simulation.world().log, [(0, 800)]);
}

#[test]
fn draws_through_rand_are_those_of_the_stream() {
    let site = Site::new(tiebreak_kernel::hash_text("a"), Term::new("x"));
    let mut stream = tiebreak_kernel::Stream::open(1, site);
    let mut simulation = drawing(1, tiebreak_kernel::Silent);
    simulation.act(|world, context| {
        let actor = world.name(&0).actor;
        let mut draws = context.draws(actor, Term::new("x"));
        assert_eq!(draws.random::<u64>(), stream.number(0, u64::MAX));
        assert_eq!(u64::from(draws.random::<u32>()), stream.number(0, u64::from(u32::MAX)));
        let mut bytes = [0; 9];
        rand::Rng::fill_bytes(&mut draws, &mut bytes);
        let [first, second] = [(); 2].map(|()| stream.number(0, u64::MAX).to_le_bytes());
        assert_eq!((&bytes[..8], bytes[8]), (&first[..], second[0]));
    });
}

#[test]
fn names_can_be_interned_while_it_runs() {
    let mut simulation = recorded(Settings::default(), &[Act::At(1, FREE, event(0))], Log::default());
    let fresh = simulation.act(|_, context| context.intern("late"));
    assert_eq!((simulation.names().text(fresh), simulation.settings().seed), ("late", 1));
    simulation.recorder_mut().lines.push("told from outside".to_owned());
    let (_, names, log): (_, Names, Log) = simulation.into_parts();
    assert_eq!((names.find("late"), log.lines.len()), (Some(fresh), 1));
}
