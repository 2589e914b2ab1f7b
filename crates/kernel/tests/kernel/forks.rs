//! Forks: what belongs to which.

use tiebreak_kernel::{Attempt, End, Settings, Simulation};
#[cfg(debug_assertions)]
use tiebreak_kernel::{Handle, Span};

use crate::board::{Board, after, at, board, idle};

fn two() -> Simulation<Board> {
    board(Settings::default(), |board, context| {
        for id in 0..2 {
            board.handles.push(context.schedule_after(after(5), idle(id)));
        }
    })
}

/// Schedules one event more.
fn more(simulation: &mut Simulation<Board>, id: u64) {
    simulation.act(|board, context| board.handles.push(context.schedule_after(after(9), idle(id))));
}

#[test]
fn a_handle_from_before_the_fork_names_its_event_in_both() {
    let mut original = two();
    let mut fork = original.clone();
    for (simulation, other) in [(&mut original, 10), (&mut fork, 20)] {
        more(simulation, other);
        simulation.act(|board, context| {
            assert_eq!(context.due(board.handles[0]), Some(at(5)));
            assert_eq!(context.cancel(board.handles[0]).map(|step| step.id), Some(0));
            assert_eq!(context.reschedule_after(board.handles[1], after(7)), Attempt::Done);
            assert!(context.is_pending(board.handles[2]));
        });
        assert_eq!(simulation.run(), End::Quiescent);
        assert_eq!(simulation.world().log, [(7, 1), (9, other)]);
    }
}

#[test]
fn forks_of_forks_share_what_was_before_each_parting() {
    let mut original = two();
    let mut fork = original.clone();
    more(&mut fork, 2);
    let mut fork_of_fork = fork.clone();
    more(&mut fork_of_fork, 3);
    more(&mut original, 4);
    fork_of_fork.act(|board, context| {
        for handle in &board.handles {
            assert!(context.cancel(*handle).is_some());
        }
    });
    assert_eq!((fork_of_fork.pending(), fork.pending(), original.pending()), (0, 3, 3));
}

/// Two forks, each of which has scheduled an event at the same time, and the handle that it got.
#[cfg(debug_assertions)]
fn twins() -> [(Simulation<Board>, Handle); 2] {
    let original = two();
    let fork = original.clone();
    [(original, 10), (fork, 20)].map(|(mut simulation, id)| {
        more(&mut simulation, id);
        let handle = *simulation.world().handles.last().expect("it was scheduled");
        (simulation, handle)
    })
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "Handle(2:0) belongs to another simulation, or fork of this one")]
fn a_handle_of_one_fork_cancels_nothing_in_its_twin() {
    let [(_, handle), (mut fork, _)] = twins();
    fork.act(|_, context| context.cancel(handle));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "Handle(2:0) belongs to another simulation, or fork of this one")]
fn a_handle_of_the_clone_moves_nothing_in_the_original() {
    let [(mut original, _), (_, handle)] = twins();
    let _ = original.act(|_, context| context.reschedule_after(handle, Span::ZERO));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "belongs to another simulation, or fork of this one")]
fn a_handle_of_one_fork_is_not_looked_up_in_its_twin() {
    let [(_, handle), (mut fork, _)] = twins();
    fork.act(|_, context| assert!(context.is_pending(handle)));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "belongs to another simulation, or fork of this one")]
fn a_handle_of_another_simulation_is_refused() {
    let (one, mut other) = (two(), two());
    let handle = one.world().handles[0];
    other.act(|_, context| context.cancel(handle));
}

#[test]
#[cfg(not(debug_assertions))]
fn in_release_a_handle_of_a_twin_names_what_was_scheduled_in_its_place() {
    let mut original = two();
    let mut fork = original.clone();
    more(&mut original, 10);
    more(&mut fork, 20);
    let handle = original.world().handles[2];
    assert_eq!(fork.act(|_, context| context.cancel(handle)).map(|step| step.id), Some(20));
}

#[test]
fn a_handle_of_a_twin_that_has_nothing_in_its_place_is_gone() {
    let mut original = two();
    let mut fork = original.clone();
    more(&mut original, 10);
    let handle = original.world().handles[2];
    fork.act(|_, context| {
        assert!(!context.is_pending(handle) && context.cancel(handle).is_none());
    });
    assert_eq!(fork.pending(), 2);
}

#[test]
fn names_from_before_a_fork_belong_to_both_and_later_ones_to_one() {
    let mut original = two();
    let before = original.act(|_, context| context.intern("before"));
    let mut fork = original.clone();
    let (own, other) = (original.act(|_, c| c.intern("own")), fork.act(|_, c| c.intern("other")));
    assert_eq!([&original, &fork].map(|simulation| simulation.names().text(before)), ["before"; 2]);
    assert_eq!((original.names().text(own), fork.names().text(other)), ("own", "other"));
    assert_eq!((fork.names().find("own"), original.names().find("other")), (None, None));
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "Symbol(0) belongs to the names of another simulation")]
fn a_symbol_of_one_fork_names_nothing_in_its_twin() {
    let mut original = two();
    let mut fork = original.clone();
    let own = original.act(|_, context| context.intern("own"));
    fork.act(|_, context| context.intern("other"));
    let _ = fork.names().text(own);
}
