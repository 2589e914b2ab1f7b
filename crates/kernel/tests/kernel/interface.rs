//! Running on, looking, stopping, crashing, drawing: what users of such tools expect.

use core::ops::ControlFlow::{Break, Continue};
use core::time::Duration;

use tiebreak_kernel::{
    Attempt, End, Exceeded, InThePast, Instant, Lane, Limit, Limits, Name, NameError, Order, OrderError,
    Place, Settings, Simulation, Span, Streams,
};

use crate::board::{Board, CLIENT, SERVER, Step, Within, after, at, board, idle, step};

/// Does something every 10 ns, for ever, as background work: ids count up.
fn ticks(board: &mut Board, context: &mut Within<'_>) {
    let id = board.log.last().map_or(0, |(_, id)| id + 1);
    context.on(Place::FREE.background()).schedule_after(after(10), step(id, ticks));
}

#[test]
fn running_until_an_instant_leaves_the_clock_there_and_goes_on() {
    let mut simulation = board(Settings::default(), |_, context| {
        for nanos in [5, 10, 15] {
            context.schedule_after(after(nanos), idle(nanos));
        }
    });
    assert_eq!((simulation.run_until(at(10)), simulation.now()), (Continue(()), at(10)));
    assert_eq!(simulation.world().log, [(5, 5), (10, 10)]);
    assert_eq!((simulation.run_for(after(3)), simulation.now()), (Continue(()), at(13)));
    assert_eq!(simulation.next_instant(), Some(at(15)));
    simulation.act(|_, context| context.schedule_after(after(1), idle(14)));
    assert_eq!((simulation.run_for(after(7)), simulation.now()), (Continue(()), at(20)));
    assert_eq!(simulation.world().log[2..], [(14, 14), (15, 15)]);
    assert_eq!(
        (simulation.run(), simulation.now()),
        (End::Quiescent, at(20)),
        "nothing moves the clock back"
    );
    simulation.check_invariants();
}

#[test]
fn running_until_an_instant_runs_background_work_too() {
    let mut simulation = board(Settings::default(), ticks);
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.run_until(at(45)), Continue(()));
    assert_eq!(simulation.world().log, [(10, 0), (20, 1), (30, 2), (40, 3)]);
    assert_eq!((simulation.run(), simulation.now()), (End::Quiescent, at(45)));
}

#[test]
fn running_until_the_end_of_time_ends_there() {
    let mut simulation = board(Settings::default(), |_, context| {
        context.schedule_after(after(1), idle(1));
    });
    assert_eq!((simulation.run_until(Instant::NEVER), simulation.now()), (Continue(()), Instant::MAX));
    simulation.act(|_, context| context.schedule_after(after(1), idle(2)));
    assert_eq!((simulation.run_for(Span::MAX), simulation.pending()), (Continue(()), 1));
}

#[test]
fn running_until_an_instant_that_has_passed_runs_nothing() {
    let mut simulation = board(Settings::default(), |_, context| {
        for id in 0..4 {
            context.schedule_after(after(5), idle(id));
        }
    });
    assert!(simulation.step().is_continue());
    assert!(simulation.is_instant_unfinished());
    assert_eq!(
        (simulation.run_until(at(4)), simulation.now()),
        (Continue(()), at(5)),
        "the instant stays open"
    );
    assert_eq!((simulation.dispatched(), simulation.is_instant_unfinished()), (1, true));
    assert_eq!((simulation.run_until(at(5)), simulation.dispatched()), (Continue(()), 4));
    assert_eq!((simulation.run_until(at(4)), simulation.now()), (Continue(()), at(5)));
    simulation.check_invariants();
}

#[test]
fn what_is_scheduled_from_outside_at_the_target_runs_at_it() {
    for is_due_at_target in [false, true] {
        let mut simulation = board(Settings::default(), |_, context| {
            context.schedule_after(after(5), idle(0));
            context.schedule_after(after(10), idle(1));
        });
        let target = if is_due_at_target { 10 } else { 7 };
        assert_eq!(simulation.run_until(at(target)), Continue(()));
        simulation.act(|board, context| {
            context.schedule_after(Span::ZERO, idle(2));
            context.schedule_after(Span::ZERO, idle(3));
            board.see(context.next_instant());
        });
        simulation.check_invariants();
        assert_eq!(
            (simulation.world().seen.clone(), simulation.next_instant()),
            (vec![Some(target)], Some(at(target)))
        );
        assert_eq!((simulation.run_until(at(target)), simulation.now()), (Continue(()), at(target)));
        let ran = simulation.world().log.iter().filter(|(nanos, id)| *id > 1 && *nanos == target).count();
        assert_eq!(ran, 2);
        let past = simulation.act(|_, context| context.schedule_at(at(target - 1), idle(4)));
        assert_eq!(past, Err(InThePast { at: at(target - 1), now: at(target) }));
        assert_eq!(simulation.run(), End::Quiescent);
        simulation.check_invariants();
    }
}

#[test]
fn an_instant_that_the_clock_was_brought_to_opens_as_any_other() {
    // The order of what is then scheduled at it is that of events that were pending when it opened.
    for seed in 0..100 {
        let setup: crate::board::Deed = |_, context| {
            for id in 0..4 {
                let _ = context.schedule_at(at(7), idle(id)).expect("not past");
            }
        };
        let earlier: crate::board::Deed = |_, context| {
            context.schedule_after(after(3), idle(9));
        };
        let mut before = board(Settings::new(seed), earlier);
        before.act(setup);
        let mut at_target = board(Settings::new(seed), earlier);
        assert_eq!(at_target.run_until(at(7)), Continue(()));
        at_target.act(setup);
        assert_eq!((before.run(), at_target.run()), (End::Quiescent, End::Quiescent));
        assert_eq!(before.world().log, at_target.world().log);
    }
}

#[test]
fn a_horizon_that_is_moved_lets_the_run_go_on() {
    let settings = Settings::default().with_horizon(at(25));
    let mut simulation = board(settings, |board, context| {
        ticks(board, context);
        context.schedule_after(after(100), idle(1000));
    });
    assert_eq!((simulation.run(), simulation.now()), (End::Horizon, at(20)));
    assert_eq!((simulation.run_until(at(50)), simulation.now()), (Break(End::Horizon), at(20)));
    assert_eq!((simulation.run_until(at(24)), simulation.now()), (Continue(()), at(24)));
    simulation.set_horizon(at(40));
    assert_eq!((simulation.run_until(at(50)), simulation.now()), (Break(End::Horizon), at(40)));
    simulation.set_horizon(Instant::MAX);
    assert_eq!((simulation.run(), simulation.now()), (End::Quiescent, at(100)));
    assert_eq!(simulation.settings().horizon, Instant::MAX);
}

/// Ten events at each of ten instants, each with a child.
fn crowd(_: &mut Board, context: &mut Within<'_>) {
    for id in 0..100 {
        context.schedule_after(
            after(id / 10),
            step(id, |board, context| {
                let (_, id) = *board.log.last().expect("it runs");
                context.schedule_after(Span::ZERO, idle(id + 1000));
            }),
        );
    }
}

#[test]
fn limits_that_are_raised_let_the_run_go_on_as_if_they_had_not_been() {
    let mut unlimited = board(Settings::default(), crowd);
    assert_eq!(unlimited.run(), End::Quiescent);
    let tight = Limits::DEFAULT;
    for (limits, limit, ran) in [
        (tight.with_events(37), Limit::Events, 37),
        (tight.with_events_at_instant(7), Limit::EventsAtInstant, 7),
        (tight.with_time(at(3)), Limit::Time, 80),
        (tight.with_pending(99), Limit::Pending, 0),
    ] {
        let mut simulation = board(Settings::default().with_limits(limits), crowd);
        for _ in 0..2 {
            let end = simulation.run();
            assert!(matches!(&end, End::Limit(Exceeded { limit: hit, .. }) if *hit == limit), "{end:?}");
            assert_eq!(simulation.run_until(at(99)), Break(end));
            assert_eq!(simulation.dispatched(), ran);
        }
        simulation.set_limits(Limits::DEFAULT);
        assert_eq!(simulation.run(), End::Quiescent);
        assert_eq!(simulation.world(), unlimited.world());
    }
}

#[test]
fn a_limit_inside_an_open_instant_stops_running_until_a_target_there_and_goes_on() {
    let mut simulation = board(Settings::default().with_limits(Limits::DEFAULT.with_events(5)), crowd);
    assert!(matches!(simulation.run_until(at(2)), Break(End::Limit(_))));
    assert_eq!((simulation.now(), simulation.is_instant_unfinished()), (at(0), true));
    simulation.set_limits(Limits::DEFAULT);
    assert_eq!((simulation.run_until(at(2)), simulation.now()), (Continue(()), at(2)));
    assert_eq!(simulation.dispatched(), 60);
}

#[test]
fn an_event_can_stop_the_run_and_the_run_can_go_on() {
    let setup: crate::board::Deed = |_, context| {
        context.schedule_after(after(1), idle(0));
        context.schedule_after(
            after(2),
            step(1, |_, context| {
                context.schedule_after(Span::ZERO, idle(2));
                context.stop("seen enough");
            }),
        );
        context.schedule_after(after(3), idle(3));
    };
    let stopped = || End::Stopped("seen enough".into());
    let mut simulation = board(Settings::default(), setup);
    assert_eq!((simulation.run(), simulation.world().ids()), (stopped(), vec![0, 1]));
    assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![0, 1, 2, 3]));
    let mut by_step = board(Settings::default(), setup);
    let ends: Vec<bool> = (0..5).map(|_| by_step.step().is_break()).collect();
    assert_eq!(ends, [false, false, true, false, false], "a step after the stop goes on");
    let mut until = board(Settings::default(), setup);
    assert_eq!((until.run_until(at(2)), until.now()), (Break(stopped()), at(2)), "also at the target itself");
    assert_eq!((until.run_until(at(2)), until.world().ids()), (Continue(()), vec![0, 1, 2]));
    let mut by_instant = board(Settings::default(), setup);
    assert_eq!((by_instant.run_instant(), by_instant.run_instant()), (Continue(at(1)), Break(stopped())));
    let mut last = board(Settings::default(), |_, context| {
        context.schedule_after(after(1), step(0, |_, context| context.stop("at last")));
    });
    assert_eq!((last.run(), last.run()), (End::Stopped("at last".into()), End::Quiescent));
    last.act(|_, context| context.stop("from outside"));
    assert_eq!((last.run(), last.run()), (End::Stopped("from outside".into()), End::Quiescent));
}

#[test]
fn the_world_is_shown_at_the_end_of_each_instant() {
    let mut simulation = board(Settings::default(), crowd);
    let mut shown = Vec::new();
    let end = simulation.run_inspecting(|board, names, now| {
        assert_eq!(names.text(CLIENT), "client");
        shown.push((now.as_nanos(), board.log.len()));
        if now == at(6) { Break("enough".into()) } else { Continue(()) }
    });
    assert_eq!(end, End::Stopped("enough".into()));
    assert_eq!(shown, (0..7u64).map(|at| (at, 20 * (usize::try_from(at).unwrap() + 1))).collect::<Vec<_>>());
    let end = simulation.run_inspecting(|_, _, _| Continue(()));
    assert_eq!((end, simulation.dispatched()), (End::Quiescent, 200));
}

#[test]
fn everything_of_an_actor_is_cancelled_and_its_next_life_is_counted() {
    let mut simulation = board(Settings::default(), |board, context| {
        let lane = Place::lane(Lane::new(0));
        for (nanos, actor, id) in
            [(5, SERVER, 0), (5, CLIENT, 1), (5, SERVER, 2), (9, SERVER, 3), (9, CLIENT, 4)]
        {
            board.handles.push(context.on(lane).schedule_after(after(nanos), Step { actor, ..idle(id) }));
        }
        board.handles.push(context.every(after(2), Step { actor: SERVER, ..idle(5) }));
        board.handles.push(context.schedule_after(Span::MAX, Step { actor: SERVER, ..idle(6) }));
        context.schedule_after(
            after(5),
            step(7, |board, context| {
                // What has just been scheduled at this instant is among it.
                context.schedule_after(Span::ZERO, Step { actor: SERVER, ..idle(8) });
                assert_eq!((context.incarnation(SERVER), context.incarnation(CLIENT)), (0, 0));
                let left = board.handles.iter().filter(|handle| context.is_pending(**handle)).count() as u64;
                let cancelled = context.cancel_all(board, SERVER);
                board.seen = vec![Some(cancelled), Some(left)];
                assert_eq!(context.incarnation(SERVER), 1);
                assert_eq!(context.cancel_all(board, SERVER), 0);
                assert_eq!((context.incarnation(SERVER), context.incarnation(CLIENT)), (2, 0));
                let symbol = context.intern("server");
                assert_eq!(context.incarnation(symbol), 2, "however the actor is called");
                context.schedule_after(Span::ZERO, Step { actor: SERVER, ..idle(9) });
            }),
        );
    });
    // Let the one that cancels run first, in a lane that stands before everything else.
    assert_eq!(simulation.run(), End::Quiescent);
    let ran = simulation.world().ids();
    let at_crash = ran.iter().position(|id| *id == 7).expect("it ran");
    let of_former_life = |id: &u64| [0, 2, 3, 5, 6, 8].contains(id);
    assert!(!ran[at_crash..].iter().any(of_former_life), "nothing of the former life arrives: {ran:?}");
    assert_eq!(ran[at_crash..].iter().filter(|id| **id == 9).count(), 1);
    assert_eq!(ran.iter().filter(|id| [1, 4].contains(*id)).count(), 2, "lanes advance");
    let [cancelled, left] = [0, 1].map(|at| simulation.world().seen[at].expect("told"));
    let clients = 2 - ran[..at_crash].iter().filter(|id| **id == 1).count() as u64;
    assert_eq!(cancelled, left - clients + 1);
    simulation.check_invariants();
}

#[test]
fn a_crash_lets_the_lanes_of_an_actor_advance_at_the_open_instant() {
    for seed in 0..50 {
        let mut simulation = board(Settings::new(seed), |_, context| {
            let lane = Lane::new(3);
            for (actor, id) in [(SERVER, 0), (SERVER, 1), (CLIENT, 2), (SERVER, 3), (CLIENT, 4)] {
                context.on(lane).schedule_after(after(5), Step { actor, ..idle(id) });
            }
            context.schedule_after(
                after(5),
                step(9, |board, context| {
                    let _ = context.cancel_all(board, SERVER);
                }),
            );
        });
        while simulation.step().is_continue() {
            simulation.check_invariants();
        }
        let ran: Vec<u64> = simulation.world().ids();
        let at_crash = ran.iter().position(|id| *id == 9).expect("it ran");
        let expected: Vec<u64> =
            (0..5).filter(|id| ran[..at_crash].contains(id) || [2, 4].contains(id)).collect();
        assert_eq!(ran.iter().copied().filter(|id| *id != 9).collect::<Vec<_>>(), expected, "seed {seed}");
    }
}

#[test]
fn a_handle_tells_whether_and_when_its_event_is_due() {
    let mut simulation = board(Settings::default(), |board, context| {
        let handle = context.schedule_after(after(5), idle(0));
        let gone = context.schedule_after(after(5), idle(1));
        let never = context.schedule_after(Span::MAX, idle(2));
        let _ = context.reschedule_after(never, Span::MAX);
        assert_eq!(context.cancel(gone).map(|step| step.id), Some(1));
        assert_eq!([handle, gone, never].map(|handle| context.is_pending(handle)), [true, false, true]);
        assert_eq!(
            [handle, gone, never].map(|handle| context.due(handle)),
            [Some(at(5)), None, Some(Instant::NEVER)]
        );
        assert_eq!(context.reschedule_after(handle, after(8)), Attempt::Done);
        assert_eq!(context.due(handle), Some(at(8)));
        assert_eq!(context.reschedule_after(gone, after(8)), Attempt::Gone);
        board.handles = vec![handle, gone, never];
    });
    assert_eq!(simulation.run_until(at(6)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.reschedule_after(board.handles[0], after(3)), Attempt::Done);
        assert_eq!(context.due(board.handles[0]), Some(at(9)), "from now on");
    });
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(9, 0)]));
    simulation.act(|board, context| {
        assert_eq!((context.is_pending(board.handles[0]), context.due(board.handles[0])), (false, None));
    });
}

#[test]
fn an_event_sees_when_the_next_is_due_apart_from_itself() {
    let mut simulation = board(Settings::default(), |_, context| {
        // Alone at its instant: its entry is out of the calendar while it runs.
        context.schedule_after(
            after(1),
            step(0, |board, context| {
                board.see(context.next_instant());
                let handle = context.schedule_after(Span::ZERO, idle(10));
                board.see(context.next_instant());
                context.cancel(handle);
                board.see(context.next_instant());
                context.schedule_after(after(1), idle(11));
                board.see(context.next_instant());
            }),
        );
        context.schedule_after(after(4), idle(1));
        // Two at one instant: the first sees the second.
        for id in [2, 3] {
            context.schedule_after(after(6), step(id, |board, context| board.see(context.next_instant())));
        }
    });
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.world().seen, [Some(4), Some(1), Some(4), Some(2), Some(6), None]);
    assert_eq!(simulation.next_instant(), None);
    simulation.act(|_, context| context.schedule_after(Span::MAX, idle(4)));
    assert_eq!((simulation.next_instant(), simulation.pending()), (None, 1));
}

#[test]
fn no_earlier_is_now_or_later() {
    let mut simulation = board(Settings::default(), |_, context| {
        context.schedule_after(
            after(5),
            step(0, |_, context| {
                context.schedule_no_earlier(at(3), idle(1));
                context.on(Lane::new(0)).schedule_no_earlier(at(7), idle(2));
                context.schedule_no_earlier(Instant::NEVER, idle(3));
            }),
        );
    });
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.world().log, [(5, 0), (5, 1), (7, 2)]);
}

#[test]
fn a_lane_of_a_large_number_is_a_lane_like_any_other() {
    for number in [50_000_000, u32::MAX - 1] {
        let mut simulation = board(Settings::default(), |_, _| {});
        simulation.act(|_, context| {
            for id in 0..50 {
                context.on(Lane::new(number)).schedule_after(after(1), idle(id));
                context.on(Lane::new(number - 1)).schedule_after(after(1), idle(100 + id));
            }
        });
        simulation.run();
        let (low, high): (Vec<u64>, Vec<u64>) = simulation.world().ids().iter().partition(|id| **id < 100);
        assert!(low.is_sorted() && high.is_sorted());
    }
}

#[test]
fn what_an_event_does_can_be_stored_without_naming_the_world() {
    type Stored = Box<dyn Fn(&mut Within<'_>)>;
    let deeds: Vec<(Span, Stored)> = vec![
        (after(1), Box::new(|context| context.stop("one"))),
        (
            after(2),
            Box::new(|context| {
                let _ = context.schedule_after(Span::ZERO, idle(2));
            }),
        ),
    ];
    let mut simulation = board(Settings::default(), |_, _| {});
    simulation.act(|_, context| deeds.iter().for_each(|(_, deed)| deed(context)));
    assert_eq!((simulation.run(), simulation.run()), (End::Stopped("one".into()), End::Quiescent));
    assert_eq!(simulation.world().log, [(0, 2)]);
}

#[test]
#[should_panic(expected = "a simulation is put together before its first event is scheduled")]
fn a_simulation_that_has_run_to_an_instant_is_not_put_together_anew() {
    let mut simulation = board(Settings::default(), |_, _| {});
    assert_eq!(simulation.run_for(after(9)), Continue(()));
    let _ = simulation.with_choices(Streams::new(1));
}

#[test]
fn the_ends_of_a_run_say_what_happened() {
    let exceeded = |limit, allowed, cycle: &[&str]| {
        let cycle = cycle.iter().map(|name| String::from(*name)).collect();
        End::Limit(Exceeded { limit, allowed, at: Instant::from_secs(3), cycle })
    };
    for (end, text) in [
        (End::Quiescent, "no primary work is left"),
        (End::Horizon, "the horizon was reached with work left after it"),
        (End::Stopped("enough".into()), "stopped: enough"),
        (End::Poisoned, "the world panicked during an event, so the run cannot be continued"),
        (exceeded(Limit::Events, 7, &[]), "a limit was hit: more than 7 events, at 3s"),
        (
            exceeded(Limit::EventsAtInstant, 7, &["a/x", "b/y"]),
            "a limit was hit: more than 7 events at one instant, at 3s; it repeats a/x → b/y → a/x",
        ),
        (exceeded(Limit::Pending, 7, &[]), "a limit was hit: more than 7 pending events, at 3s"),
        (
            exceeded(Limit::Time, 7, &["a/x"]),
            "a limit was hit: an event due after 7ns, at 3s; it repeats a/x → a/x",
        ),
        (exceeded(Limit::TraceBytes, 7, &[]), "a limit was hit: more than 7 bytes of trace, at 3s"),
        (exceeded(Limit::Events, 1, &[]), "a limit was hit: more than 1 event, at 3s"),
        (
            exceeded(Limit::EventsAtInstant, 1, &[]),
            "a limit was hit: more than 1 event at one instant, at 3s",
        ),
        (exceeded(Limit::Pending, 1, &[]), "a limit was hit: more than 1 pending event, at 3s"),
        (exceeded(Limit::TraceBytes, 1, &[]), "a limit was hit: more than 1 byte of trace, at 3s"),
    ] {
        assert_eq!(end.to_string(), text);
        let _: &dyn core::error::Error = &end;
    }
}

#[test]
fn orders_and_errors_say_what_they_are() {
    assert_eq!(Order::ALL.map(|order| order.to_string()), ["fifo", "seeded", "rounds"]);
    assert_eq!(format!("{:>8}|", Order::Fifo), "    fifo|");
    assert_eq!("rounds".parse(), Ok(Order::Rounds));
    for text in ["", "Fifo", "seeded "] {
        assert_eq!(text.parse::<Order>(), Err(OrderError));
    }
    assert_eq!(OrderError.to_string(), "unknown order policy; expected fifo, seeded or rounds");
    assert_eq!(NameError::Empty.to_string(), "a name cannot be empty");
    assert_eq!(
        NameError::Invisible('\u{200B}').to_string(),
        "a name cannot contain the invisible character U+200B"
    );
    assert_eq!(
        NameError::Reserved('#').to_string(),
        "a name cannot contain `#`: event names are spelled actor/kind(subject)#repeat"
    );
    let _: [&dyn core::error::Error; 3] =
        [&OrderError, &NameError::Empty, &InThePast { at: at(1), now: at(2) }];
}

#[test]
fn a_verdict_prints_names_that_do_not_disturb_the_terminal() {
    use tiebreak_kernel::{Context, World};
    struct Loud;
    impl World for Loud {
        type Event = ();
        type Subject = &'static str;
        fn name(&self, (): &()) -> Name<&'static str> {
            Name::of(CLIENT, SERVER, "x\n\u{1b}[31m\u{202e}")
        }
        fn handle(&mut self, (): (), context: &mut Context<'_, (), &'static str>) {
            context.schedule_after(after(1), ());
        }
    }
    let mut simulation =
        Simulation::new(Loud, Settings::default().with_limits(Limits::DEFAULT.with_events(3)));
    simulation.act(|_, context| context.schedule_after(after(1), ()));
    let text = simulation.run().to_string();
    assert!(text.contains("client/server(x\\u{a}\\u{1b}[31m\\u{202e}) →"), "{text}");
    assert!(!text.chars().any(char::is_control));
}

#[test]
fn spellings_of_different_names_differ() {
    let mut names = tiebreak_kernel::Names::default();
    for (actor, kind) in [("a/b", "c"), ("a", "b/c"), ("a(b)", "c"), ("a", "b#1")] {
        assert!(names.try_intern(actor).is_err() || names.try_intern(kind).is_err(), "{actor} and {kind}");
    }
    assert_eq!(names.try_intern("\u{200B}"), Err(NameError::Invisible('\u{200B}')));
    assert_eq!(names.try_intern(""), Err(NameError::Empty));
    assert_eq!(names.find("a/b"), None, "what is refused is not interned");
}

#[test]
fn spans_come_from_durations_and_are_multiplied() {
    assert_eq!(Span::from(Duration::from_secs(2)) * 3, Span::from_secs(6));
    assert_eq!(
        Instant::from_secs(1) + Span::from_secs(2) - Instant::from_millis(500),
        Span::from_millis(2500)
    );
}
