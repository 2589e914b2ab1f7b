//! Cancelled and moved events in the record, if they are asked for.

use tiebreak_kernel::{Attempt, Order, Place, Settings, Silent, Simulation, Verbosity, event_code, mix};

use crate::board::{Board, Deed, after, at, idle, step};
use crate::record::Log;
use crate::stage::{Act, Stage, event, perform, recorded, settings};

fn verbose(setup: Deed) -> Simulation<Board, Log> {
    let settings = Settings::default().with_order(Order::Fifo).with_verbosity(Verbosity::Changes);
    let mut simulation = Simulation::new(Board::default(), settings).with_recorder(Log::default());
    simulation.act(setup);
    simulation
}

/// Three events of which the first cancels the second and moves the third.
fn changes(board: &mut Board, context: &mut crate::board::Within<'_>) {
    context.schedule_after(
        after(5),
        step(0, |board, context| {
            assert!(context.cancel(board.handles[0]).is_some());
            assert_eq!(context.reschedule_at(board.handles[1], at(20)), Ok(Attempt::Done));
        }),
    );
    board.handles = [7, 9].map(|id| context.schedule_after(after(id), idle(id))).to_vec();
}

#[test]
fn what_is_cancelled_or_moved_is_recorded_with_name_and_cause() {
    let mut simulation = verbose(changes);
    simulation.run();
    let Log { lines, causes, codes, .. } = simulation.recorder();
    assert_eq!(
        lines[..],
        [
            "1 5ns client/does(0)#1",
            "2 5ns client/does(7) cancelled",
            "3 5ns client/does(9) moved to 20ns",
            "4 20ns client/does(9)#1",
        ]
    );
    let mover = Some(codes[0]);
    assert_eq!(causes[..], [None, mover, mover, mover]);
    assert_eq!(codes[0], event_code(codes_of(0), 1));
}

/// The code of the name of a step of the client.
fn codes_of(id: u64) -> u64 {
    use tiebreak_kernel::World as _;
    Board::default().name(&idle(id)).code(&tiebreak_kernel::Names::default())
}

#[test]
fn changes_from_outside_have_no_cause() {
    let mut simulation = verbose(changes);
    simulation.act(|board, context| {
        assert!(context.cancel(board.handles[0]).is_some());
        assert!(context.cancel(board.handles[0]).is_none(), "what is gone is not cancelled again");
        assert!(context.reschedule_at(board.handles[1], at(3)).is_ok());
    });
    assert_eq!(
        simulation.recorder().lines,
        ["1 0s client/does(7) cancelled", "2 0s client/does(9) moved to 3ns"]
    );
    assert_eq!(simulation.recorder().causes, [None, None]);
}

#[test]
fn what_cannot_be_moved_is_not_recorded() {
    let mut simulation = verbose(|board, context| {
        board.handles.push(context.schedule_after(after(5), idle(0)));
        board.handles.push(context.schedule_after(after(9), idle(1)));
    });
    simulation.step().map_break(|end| panic!("{end}"));
    simulation.act(|board, context| {
        assert!(context.reschedule_at(board.handles[1], at(4)).is_err(), "in the past");
        assert_eq!(context.reschedule_at(board.handles[0], at(9)), Ok(Attempt::Gone));
        assert!(context.cancel(board.handles[0]).is_none());
    });
    assert_eq!(simulation.recorder().lines.len(), 1);
}

#[test]
fn a_slot_that_is_used_again_has_the_name_of_its_present_event() {
    let mut simulation = verbose(|board, context| {
        board.handles.push(context.schedule_after(after(5), idle(0)));
    });
    for id in 1..20 {
        simulation.act(|board, context| {
            let last = *board.handles.last().expect("there is one");
            assert!(context.cancel(last).is_some());
        });
        // In an act of its own: the name is known once that one is over.
        let handle = simulation.act(|board, context| {
            let handle = context.schedule_after(after(5), idle(id));
            assert!(context.cancel(board.handles[0]).is_none());
            board.handles.push(handle);
            handle
        });
        let line = simulation.recorder().lines.last().cloned().expect("one line");
        assert!(line.ends_with(&format!("client/does({}) cancelled", id - 1)), "{line} for {handle:?}");
    }
}

#[test]
fn what_is_cancelled_by_the_event_that_scheduled_it_is_left_out() {
    let mut simulation = verbose(|board, context| {
        let handle = context.schedule_after(after(5), idle(0));
        assert!(context.cancel(handle).is_some());
        // The slot is taken at once by another.
        board.handles.push(context.schedule_after(after(6), idle(1)));
    });
    assert_eq!(simulation.recorder().lines, [""; 0]);
    simulation.act(|board, context| {
        let _ = context.cancel(board.handles[0]);
    });
    assert_eq!(simulation.recorder().lines, ["1 0s client/does(1) cancelled"]);
}

#[test]
fn the_name_of_a_former_event_of_a_slot_is_not_taken_for_that_of_a_new_one() {
    let mut simulation = verbose(|board, context| {
        board.handles.push(context.schedule_after(after(5), idle(0)));
    });
    simulation.act(|board, context| {
        assert!(context.cancel(board.handles[0]).is_some());
        let handle = context.schedule_after(after(6), idle(1));
        assert!(context.cancel(handle).is_some());
    });
    assert_eq!(simulation.recorder().lines, ["1 0s client/does(0) cancelled"]);
}

#[test]
fn every_way_to_cancel_or_move_is_recorded() {
    let mut simulation = verbose(|board, context| {
        board.handles.push(context.every(after(10), idle(1)));
        board.timer.arm(context, at(6), idle(2));
        board.handles.push(context.schedule_after(after(7), idle(3)));
    });
    assert!(simulation.run_until(at(5)).is_continue());
    simulation.act(|board, context| {
        assert_eq!(context.change_period(board.handles[0], after(30)), Attempt::Done);
        board.timer.arm(context, at(9), idle(4));
        assert_eq!(context.reschedule_after(board.handles[1], after(4)), Attempt::Done);
    });
    simulation.act(|board, context| {
        assert_eq!(context.cancel_all(board, crate::board::CLIENT), 3);
    });
    assert_eq!(
        simulation.recorder().lines,
        [
            "1 5ns client/does(1) moved to 30ns",
            "2 5ns client/does(2) cancelled",
            "3 5ns client/does(3) moved to 9ns",
            "4 5ns client/does(1) cancelled",
            "5 5ns client/does(4) cancelled",
            "6 5ns client/does(3) cancelled",
        ]
    );
}

#[test]
fn an_occurrence_of_a_periodic_event_is_known_by_name_for_ever() {
    let mut simulation = verbose(|board, context| board.handles.push(context.every(after(10), idle(1))));
    assert!(simulation.run_until(at(45)).is_continue());
    simulation.act(|board, context| {
        let _ = context.cancel(board.handles[0]);
    });
    let log = simulation.recorder();
    assert_eq!(log.lines.last().map(String::as_str), Some("5 45ns client/does(1) cancelled"));
    assert_eq!(log.causes[..4], [None, Some(log.codes[0]), Some(log.codes[1]), Some(log.codes[2])]);
}

/// A program of cancels, moves and children, drawn from a number.
fn program(number: u64) -> Vec<Act> {
    let roll = |at: u64, sides: u64| mix(number << 16 | at) % sides;
    (0..20)
        .map(|id| {
            let mut event = event(id);
            for at in 0..roll(id, 4) {
                let drawn = mix(number << 32 | id << 8 | at);
                event = event.then(match drawn % 4 {
                    0 => Act::Cancel(drawn >> 20 & 31),
                    1 => Act::Reschedule(drawn >> 20 & 31, (drawn >> 40) % 5),
                    _ => Act::After(
                        (drawn >> 40) % 2,
                        Place::FREE,
                        crate::stage::event(100 + (drawn >> 50) % 16),
                    ),
                });
            }
            Act::At(1 + roll(id + 100, 3), Place::FREE, event)
        })
        .collect()
}

#[test]
fn asking_for_changes_changes_nothing_else() {
    let (mut changes, mut dispatches) = (0, 0);
    for number in 0..300 {
        for policy in Order::ALL {
            let acts = program(number);
            let run = |verbosity| {
                let settings = settings(number, policy).with_verbosity(verbosity);
                let mut simulation = recorded(settings, &acts, Log::default());
                while simulation.step().is_continue() {
                    let last = simulation.world().log.len();
                    if last % 7 == 0 {
                        perform(&mut simulation, &[Act::Cancel(3), Act::Reschedule(5, 99)]);
                    }
                }
                simulation.check_invariants();
                let (world, _, log) = simulation.into_parts();
                (world, log)
            };
            let (usual, verbose) = (run(Verbosity::Usual), run(Verbosity::Changes));
            assert!(usual.0 == verbose.0, "the world is the same");
            let is_change = |line: &String| line.ends_with("cancelled") || line.contains(" moved to ");
            let without_number = |line: &String| line.split_once(' ').map(|(_, rest)| rest.to_owned());
            let rest: Vec<_> =
                verbose.1.lines.iter().filter(|line| !is_change(line)).map(without_number).collect();
            assert_eq!(rest, usual.1.lines.iter().map(without_number).collect::<Vec<_>>());
            assert_eq!((&usual.1.choices, &usual.1.codes), (&verbose.1.choices, &verbose.1.codes));
            let of_run = verbose.1.lines.iter().filter(|line| is_change(line)).count();
            let Stage { cancelled, rescheduled, .. } = &verbose.0;
            let done = cancelled.iter().flatten().count()
                + rescheduled.iter().filter(|attempt| **attempt == Ok(Attempt::Done)).count();
            assert!(of_run <= done);
            (changes, dispatches) = (changes + of_run, dispatches + verbose.0.log.len());
        }
    }
    assert!(changes > 1000 && dispatches > 10_000, "the programs do something: {changes} of {dispatches}");
}

#[test]
fn who_records_nothing_is_not_asked_for_names() {
    let settings = Settings::default().with_order(Order::Fifo).with_verbosity(Verbosity::Changes);
    let mut simulation = Simulation::new(Board::default(), settings).with_recorder(Silent);
    simulation.act(changes);
    simulation.run();
    assert_eq!(simulation.world().log, [(5, 0), (20, 9)]);
}
