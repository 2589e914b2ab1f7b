//! Events that come again and again under one handle.

use core::ops::ControlFlow::Continue;

use tiebreak_kernel::{Attempt, End, Instant, Lane, Limit, Limits, Order, Place, Settings, Simulation, Span};

use crate::board::{Board, Deed, Within, after, at, board, idle, step};

/// A tick of every test below: id 1, first after 10 ns, then every 10 ns.
fn every_ten(board: &mut Board, context: &mut Within<'_>) {
    board.handles.push(context.every(after(10), idle(1)));
}

/// When id 1 ran, up to an instant.
fn ticks(mut simulation: Simulation<Board>, until: u64) -> Vec<u64> {
    assert_eq!(simulation.run_until(at(until)), Continue(()));
    simulation.check_invariants();
    simulation.world().log.iter().filter(|(_, id)| *id == 1).map(|(at, _)| *at).collect()
}

#[test]
fn it_comes_at_exact_multiples() {
    let mut simulation = board(Settings::default(), |_, _| {});
    assert_eq!(simulation.run_until(at(3)), Continue(()));
    simulation.act(every_ten);
    assert_eq!(ticks(simulation, 1003), (1..101).map(|n| 3 + 10 * n).collect::<Vec<_>>());
}

#[test]
fn it_is_background_work_unless_asked_for() {
    let mut simulation = board(Settings::default(), every_ten);
    assert_eq!((simulation.run(), simulation.dispatched()), (End::Quiescent, 0));
    simulation.act(|_, context| context.schedule_after(after(35), idle(2)));
    assert_eq!((simulation.run(), simulation.now(), simulation.dispatched()), (End::Quiescent, at(35), 4));
    let limits = Limits::DEFAULT.with_events(50);
    let mut primary = board(Settings::default().with_limits(limits), |_, context| {
        context.on(Place::FREE).every(after(10), idle(1));
    });
    assert!(matches!(primary.run(), End::Limit(_)));
    assert_eq!(primary.dispatched(), 50);
}

#[test]
fn one_handle_names_all_occurrences() {
    let mut simulation = board(Settings::default(), every_ten);
    for round in 1..20 {
        assert_eq!(simulation.run_until(at(10 * round)), Continue(()));
        simulation.act(|board, context| {
            assert!(context.is_pending(board.handles[0]));
            assert_eq!(context.due(board.handles[0]), Some(at(10 * round + 10)));
        });
        assert_eq!(simulation.pending(), 1);
    }
    let cancelled = simulation.act(|board, context| context.cancel(board.handles[0]));
    assert_eq!((cancelled.map(|step| step.id), simulation.pending()), (Some(1), 0));
    simulation.act(|board, context| {
        assert!(context.cancel(board.handles[0]).is_none() && !context.is_pending(board.handles[0]));
        assert_eq!(context.change_period(board.handles[0], after(1)), Attempt::Gone);
        // The slot is taken by others, which do not come again.
        context.schedule_after(after(3), idle(7));
    });
    assert_eq!((simulation.run(), simulation.dispatched()), (End::Quiescent, 20));
    assert_eq!((simulation.pending(), simulation.next_instant()), (0, None));
}

#[test]
fn it_can_end_itself() {
    let simulation = board(Settings::default(), |board, context| {
        let handle = context.every(
            after(10),
            step(1, |board, context| {
                assert_eq!(
                    context.due(board.handles[0]),
                    Some(context.now() + after(10)),
                    "the next is scheduled already"
                );
                if board.log.len() == 3 {
                    assert!(context.cancel(board.handles[0]).is_some());
                    assert!(!context.is_pending(board.handles[0]));
                }
            }),
        );
        board.handles.push(handle);
    });
    assert_eq!(ticks(simulation, 500), [10, 20, 30]);
}

#[test]
fn another_event_can_end_it_at_its_own_instant() {
    for seed in 0..50 {
        let mut simulation = board(Settings::new(seed), |board, context| {
            every_ten(board, context);
            context.schedule_after(
                after(30),
                step(2, |board, context| {
                    assert!(context.cancel(board.handles[0]).is_some());
                }),
            );
        });
        simulation.run();
        let ids = simulation.world().ids();
        assert!([&[1, 1, 2][..], &[1, 1, 1, 2]].contains(&&ids[..]), "{ids:?}");
        simulation.check_invariants();
    }
}

#[test]
fn moving_the_next_moves_all_later_ones() {
    let mut simulation = board(Settings::default(), every_ten);
    assert_eq!(simulation.run_until(at(25)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.reschedule_at(board.handles[0], at(34)), Ok(Attempt::Done));
    });
    assert_eq!(ticks(simulation, 60), [10, 20, 34, 44, 54]);
}

#[test]
fn it_can_be_moved_to_the_present_and_to_never_and_back() {
    let mut simulation = board(Settings::default(), every_ten);
    assert_eq!(simulation.run_until(at(15)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.reschedule_after(board.handles[0], Span::ZERO), Attempt::Done);
    });
    assert_eq!(simulation.run_until(at(26)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.reschedule_after(board.handles[0], Span::MAX), Attempt::Done);
        assert!(context.is_pending(board.handles[0]));
    });
    assert_eq!(simulation.run_until(at(90)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.reschedule_at(board.handles[0], at(91)), Ok(Attempt::Done));
    });
    assert_eq!(ticks(simulation, 102), [10, 15, 25, 91, 101]);
}

#[test]
fn a_new_period_counts_from_the_last_occurrence() {
    for (changed_at, period, expected) in [
        // Between two occurrences: from the last one on.
        (24, 7, vec![10, 20, 27, 34, 41]),
        // When a new period has passed already: now.
        (28, 3, vec![10, 20, 28, 31, 34, 37, 40]),
        // Before the first: from the start on.
        (4, 7, vec![7, 14, 21, 28, 35, 42]),
        (24, 15, vec![10, 20, 35]),
    ] {
        let mut simulation = board(Settings::default(), every_ten);
        assert_eq!(simulation.run_until(at(changed_at)), Continue(()));
        simulation.act(|board, context| {
            assert_eq!(context.change_period(board.handles[0], after(period)), Attempt::Done);
        });
        assert_eq!(ticks(simulation, 42), expected, "changed to {period} at {changed_at}");
    }
}

#[test]
fn it_can_change_its_own_pace() {
    let simulation = board(Settings::default(), |board, context| {
        let handle = context.every(
            after(1),
            step(1, |board, context| {
                let period = after(2 * board.log.len() as u64);
                assert_eq!(context.change_period(board.handles[0], period), Attempt::Done);
            }),
        );
        board.handles.push(handle);
    });
    assert_eq!(ticks(simulation, 40), [1, 3, 7, 13, 21, 31]);
}

#[test]
fn only_periodic_events_have_a_period() {
    board(Settings::default(), |_, context| {
        let once = context.schedule_after(after(5), idle(0));
        assert_eq!(context.change_period(once, after(1)), Attempt::Gone);
        assert_eq!(context.due(once), Some(at(5)));
    });
}

#[test]
fn an_endless_period_is_never() {
    let mut simulation = board(Settings::default(), |board, context| {
        board.handles.push(context.on(Place::FREE).every(Span::MAX, idle(1)));
        context.schedule_after(
            after(5),
            step(2, |board, context| {
                board.handles.push(context.on(Place::FREE).every(Span::MAX, idle(3)));
            }),
        );
    });
    assert_eq!((simulation.run(), simulation.now(), simulation.pending()), (End::Quiescent, at(5), 2));
    assert_eq!((simulation.run_until(Instant::MAX), simulation.dispatched()), (Continue(()), 1));
    simulation.check_invariants();
    simulation.act(|board, context| {
        assert_eq!(context.due(board.handles[0]), Some(Instant::NEVER));
        assert!(context.cancel(board.handles[0]).is_some());
    });
}

#[test]
fn an_endless_period_can_be_changed_and_a_period_made_endless() {
    let mut simulation = board(Settings::default(), |board, context| {
        board.handles.push(context.every(Span::MAX, idle(1)));
    });
    assert_eq!(simulation.run_until(at(5)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.change_period(board.handles[0], after(10)), Attempt::Done);
    });
    assert_eq!(simulation.run_until(at(30)), Continue(()));
    simulation.act(|board, context| {
        assert_eq!(context.change_period(board.handles[0], Span::MAX), Attempt::Done);
    });
    assert_eq!((simulation.pending(), ticks(simulation, 1000)), (1, vec![15, 25]));
}

#[test]
fn a_period_of_nothing_ends_in_a_limit() {
    let limits = Limits::DEFAULT.with_events_at_instant(100);
    for policy in Order::ALL {
        let settings = Settings::default().with_limits(limits).with_order(policy);
        let mut simulation = board(settings, |_, context| {
            context.on(Place::FREE).every(Span::ZERO, idle(1));
        });
        let End::Limit(exceeded) = simulation.run() else { panic!("it ends in a limit") };
        assert_eq!(
            (exceeded.limit, &exceeded.cycle[..]),
            (Limit::EventsAtInstant, &["client/does(1)".into()][..])
        );
        simulation.check_invariants();
    }
    // As background work it stops with the last primary event.
    let mut background = board(Settings::default().with_limits(limits), |_, context| {
        context.every(Span::ZERO, idle(1));
        context.schedule_after(Span::ZERO, idle(2));
    });
    assert_eq!(background.run(), End::Quiescent);
}

#[test]
fn it_keeps_its_lane_and_is_the_cause_of_the_next() {
    let mut simulation = board(Settings::default(), |board, context| {
        board.handles.push(context.on(Lane::new(1)).every(after(10), idle(1)));
        for id in 2..5 {
            let _ = context.on(Lane::new(1)).schedule_at(at(20), idle(id)).expect("not past");
        }
    });
    assert_eq!(simulation.run_until(at(20)), Continue(()));
    assert_eq!(simulation.world().ids(), [1, 2, 3, 4, 1], "its second occurrence was scheduled after them");
}

#[test]
fn a_fork_takes_it_along() {
    let mut original = board(Settings::default(), every_ten);
    assert_eq!(original.run_until(at(15)), Continue(()));
    let mut fork = original.clone();
    let cancel: Deed = |board, context| {
        let _ = context.cancel(board.handles[0]);
    };
    fork.act(cancel);
    assert_eq!((fork.pending(), original.pending()), (0, 1));
    assert_eq!((ticks(fork, 50), ticks(original, 50)), (vec![10], vec![10, 20, 30, 40, 50]));
}
