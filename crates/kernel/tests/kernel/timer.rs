//! A slot for one timer.

use tiebreak_kernel::{End, Instant, Lane, Order, Place, Settings, Span, Timer};

use crate::board::{Board, Deed, Within, after, at, board, idle, step};

#[test]
fn a_timer_fires_once_and_is_empty_again() {
    let mut simulation = board(Settings::default(), |board, context| {
        assert_eq!((board.timer.due(context), board.timer.clone()), (None, Timer::default()));
        board.timer.arm(context, at(5), step(1, |board, context| board.see(board.timer.due(context))));
        board.see(board.timer.due(context));
    });
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!((simulation.world().ids(), simulation.world().seen.clone()), (vec![1], vec![Some(5), None]));
    simulation.act(|board, context| {
        assert!(board.timer.cancel(context).is_none(), "nothing is left to cancel");
        assert!(board.timer.arm_earlier(context, at(9), idle(2)), "any instant is earlier than none");
    });
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(5, 1), (9, 2)]));
}

#[test]
fn arming_an_armed_timer_replaces_it() {
    let mut simulation = board(Settings::default(), |board, context| {
        board.timer.arm(context, at(5), idle(1));
        board.timer.arm(context, at(3), idle(2));
        board.timer.arm(context, at(7), idle(3));
        board.see(board.timer.due(context));
    });
    assert_eq!((simulation.pending(), simulation.run()), (1, End::Quiescent));
    assert_eq!(
        (simulation.world().log.clone(), simulation.world().seen.clone()),
        (vec![(7, 3)], vec![Some(7)])
    );
}

#[test]
fn arming_earlier_moves_a_timer_forward_only() {
    let mut simulation = board(Settings::default(), |board, context| {
        let armed = [5, 5, 9, 4, 4, 2].map(|nanos| board.timer.arm_earlier(context, at(nanos), idle(nanos)));
        assert_eq!(armed, [true, false, false, true, false, true]);
        assert!(!board.timer.arm_earlier(context, Instant::NEVER, idle(0)));
    });
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(2, 2)]));
}

#[test]
fn a_cancelled_timer_hands_its_event_back_and_does_not_fire() {
    let mut simulation = board(Settings::default(), |board, context| {
        board.timer.arm(context, at(5), idle(1));
        assert_eq!(board.timer.cancel(context).map(|step| step.id), Some(1));
        assert_eq!((board.timer.due(context), board.timer.cancel(context).is_none()), (None, true));
    });
    assert_eq!((simulation.run(), simulation.dispatched()), (End::Quiescent, 0));
}

fn again(board: &mut Board, context: &mut Within<'_>) {
    assert_eq!(board.timer.due(context), None, "it is empty while its event runs");
    if board.log.len() < 5 {
        let next = context.now() + after(10);
        board.timer.arm(context, next, step(board.log.len() as u64, again));
    }
}

#[test]
fn a_timer_can_be_armed_anew_by_its_own_event() {
    let mut simulation = board(Settings::default(), again);
    assert_eq!(simulation.run(), End::Quiescent);
    assert_eq!(simulation.world().log, [(10, 0), (20, 1), (30, 2), (40, 3), (50, 4)]);
}

#[test]
fn a_timer_for_an_instant_that_has_passed_fires_now_and_one_for_never_does_not() {
    let mut simulation = board(Settings::default(), |_, context| {
        context.schedule_after(
            after(5),
            step(0, |board, context| {
                board.timer.arm(
                    context,
                    at(1),
                    step(1, |board, context| {
                        board.timer.arm(context, Instant::NEVER, idle(2));
                        assert_eq!(board.timer.due(context), Some(Instant::NEVER));
                    }),
                );
                assert_eq!(board.timer.due(context), Some(at(5)));
            }),
        );
    });
    assert_eq!((simulation.run(), simulation.world().log.clone()), (End::Quiescent, vec![(5, 0), (5, 1)]));
}

#[test]
fn a_timer_stands_in_its_place() {
    let in_lane: Deed = |board, context| {
        board.timer = Timer::on(Place::lane(Lane::new(2)).background());
        board.timer.arm(context, at(5), idle(0));
        for id in 1..6 {
            context.on(Lane::new(2)).schedule_after(after(5), idle(id));
        }
    };
    for seed in 0..20 {
        let mut simulation = board(Settings::new(seed).with_order(Order::Seeded), in_lane);
        assert_eq!((simulation.run(), simulation.world().ids()), (End::Quiescent, vec![0, 1, 2, 3, 4, 5]));
    }
    let mut alone = board(Settings::default(), |board, context| {
        board.timer = Timer::on(Place::FREE.background());
        board.timer.arm(context, context.now() + Span::from_nanos(1), idle(0));
    });
    assert_eq!((alone.run(), alone.dispatched()), (End::Quiescent, 0), "background work keeps no run alive");
}
