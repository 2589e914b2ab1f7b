//! Work that re-creates itself at its own instant does not keep what is due from running.

use tiebreak_kernel::{
    Context, End, Lane, Name, Order, Place, Settings, Simulation, Span, Term, World, terms,
};

terms! { CLIENT = "client", SERVER = "server", DOES = "does" }

/// What is busy until `Done` has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Busy {
    /// One event re-creates its own name.
    Free,
    /// The same, in a lane, against another lane.
    InLane,
    /// Two names create each other.
    PingPong,
    /// Each event leaves two children.
    Doubling,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Poll(u64),
    Done(u64),
}

/// `Done` counts down through some events that wait for one another.
struct Waiting {
    busy: Busy,
    is_done: bool,
    polls: u64,
}

impl World for Waiting {
    type Event = Event;
    type Subject = u64;

    fn name(&self, event: &Event) -> Name<u64> {
        match *event {
            Event::Poll(subject) => Name::of(CLIENT, DOES, subject),
            Event::Done(left) => Name::of(SERVER, DOES, left),
        }
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
        match event {
            Event::Done(0) => self.is_done = true,
            Event::Done(_) => {}
            Event::Poll(_) if self.is_done => {}
            Event::Poll(subject) => {
                self.polls += 1;
                let place = if self.busy == Busy::InLane { Place::lane(Lane::new(0)) } else { Place::FREE };
                let children: &[u64] = match self.busy {
                    Busy::Free | Busy::InLane => &[subject],
                    Busy::PingPong => &[1 - subject],
                    Busy::Doubling => &[0, 1],
                };
                for child in children {
                    context.on(place).schedule_after(Span::ZERO, Event::Poll(*child));
                }
            }
        }
    }
}

fn run(busy: Busy, order: Order, seed: u64) -> (End, u64) {
    let world = Waiting { busy, is_done: false, polls: 0 };
    let mut simulation = Simulation::new(world, Settings::new(seed).with_order(order));
    simulation.act(|_, context| {
        context.schedule_after(Span::from_nanos(9), Event::Poll(0));
        for left in (0..3).rev() {
            context.on(Lane::new(1)).schedule_after(Span::from_nanos(9), Event::Done(left));
        }
    });
    let end = simulation.run();
    (end, simulation.world().polls)
}

/// Asserts that no seed ends in a limit, and that no `Done` waits longer than bands allow: of each of its three steps a
/// band of 16 generations.
fn check(busy: Busy, seeds: u64, polls_max: u64) {
    for order in Order::ALL {
        let mut most = 0;
        for seed in 0..seeds {
            let (end, polls) = run(busy, order, seed);
            assert_eq!(end, End::Quiescent, "{busy:?} {order} {seed}");
            most = most.max(polls);
        }
        assert!(most <= polls_max, "{busy:?} {order}: {most} polls");
        assert!(order != Order::Seeded || most > 4, "{busy:?}: the busy one does overtake: {most} polls");
    }
}

#[test]
fn an_event_that_creates_itself_anew_overtakes_at_most_sixteen_times() {
    check(Busy::Free, 10_000, 16);
}

#[test]
fn an_event_that_creates_itself_anew_in_a_lane_overtakes_at_most_sixteen_times() {
    check(Busy::InLane, 10_000, 16);
}

#[test]
fn two_events_that_create_each_other_overtake_at_most_sixteen_times() {
    check(Busy::PingPong, 10_000, 16);
}

#[test]
fn events_that_leave_two_children_each_end_before_the_next_band() {
    // 10,000 seeds take a minute in a debug build; `.ci/full` runs the test below.
    check(Busy::Doubling, 200, (1 << 16) - 1);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "minutes in a debug build: .ci/full runs it in release")]
fn events_that_leave_two_children_each_end_before_the_next_band_in_ten_thousand_seeds() {
    check(Busy::Doubling, 10_000, (1 << 16) - 1);
}

#[test]
fn the_slowest_term_is_not_left_out_of_the_test() {
    // In some seeds the server is slow, in some the client: both kinds are among those above.
    let polls: Vec<u64> = (0..200).map(|seed| run(Busy::Free, Order::Seeded, seed).1).collect();
    assert!(polls.contains(&16) && polls.contains(&0), "{polls:?}");
    assert_ne!(Term::code(CLIENT), SERVER.code());
}
