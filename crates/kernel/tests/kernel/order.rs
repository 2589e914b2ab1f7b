//! The order of simultaneous events.

use proptest::prelude::*;
use tiebreak_kernel::{Instant, Lane, Names, Order, Place, Simulation, instant_key, tie_key};

use crate::record::Log;
use crate::stage::{ACTORS, Act, Event, Stage, event, names, order, recorded, settings, simulation};

const FREE: Place = Place::FREE;

fn lane(number: u32) -> Place {
    Place::lane(Lane::new(number))
}

/// Acts that schedule ids 0.. at one instant, in the given places.
fn at_once(places: impl IntoIterator<Item = Place>) -> Vec<Act> {
    (0..).zip(places).map(|(id, place)| Act::At(5, place, event(id))).collect()
}

#[test]
fn fifo_is_the_order_of_scheduling_across_lanes_children_and_instants() {
    let child = |id| Act::After(0, lane(1), event(id));
    let acts = [
        Act::At(9, FREE, event(0)),
        Act::At(5, lane(1), event(1).then(child(10)).then(Act::After(4, FREE, event(11)))),
        Act::At(5, FREE, event(2)),
        Act::At(5, lane(0), event(3).then(child(12))),
        Act::At(5, lane(1), event(4)),
    ];
    assert_eq!(order(1, Order::Fifo, &acts), [1, 2, 3, 4, 10, 12, 0, 11]);
}

#[test]
fn seeded_is_the_order_of_tie_keys() {
    for seed in 0..200 {
        let shared = instant_key(seed, Instant::from_nanos(5));
        let stage = Stage::default();
        let key = |id: u64| tie_key(shared, tiebreak_kernel::World::name(&stage, &event(id)).code(&names()));
        let mut expected: Vec<u64> = (0..8).collect();
        expected.sort_by_key(|id| key(*id));
        assert_eq!(order(seed, Order::Seeded, &at_once([FREE; 8])), expected);
    }
}

#[test]
fn the_order_of_scheduling_does_not_matter_to_names() {
    let acts = at_once([FREE; 8]);
    let mut reversed = acts.clone();
    reversed.reverse();
    for seed in 0..100 {
        assert_eq!(order(seed, Order::Seeded, &acts), order(seed, Order::Seeded, &reversed));
    }
}

#[test]
fn events_of_one_name_run_in_the_order_of_scheduling() {
    // Which twin runs is seen by what it cancels.
    let victims = (100..110).map(|id| Act::At(1000, FREE, event(id)));
    let twins = (100..110).map(|id| Act::At(5, FREE, event(3).then(Act::Cancel(id))));
    let acts: Vec<Act> = victims.chain(twins).collect();
    for seed in 0..20 {
        let mut simulation = simulation(settings(seed, Order::Seeded), &acts);
        simulation.run();
        assert_eq!(simulation.world().cancelled, (100..110).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn lanes_are_first_in_first_out_under_every_seed() {
    for seed in 0..500 {
        let log = order(
            seed,
            Order::Seeded,
            &at_once((0..12).map(|id| if id % 4 == 3 { FREE } else { lane(id % 3) })),
        );
        for number in 0..3 {
            let of_lane: Vec<_> = log.iter().filter(|id| *id % 4 != 3 && *id % 3 == number).collect();
            assert!(of_lane.is_sorted(), "seed {seed}: {log:?}");
        }
    }
}

#[test]
fn background_work_keeps_its_place_in_its_lane() {
    for seed in 0..50 {
        let acts = at_once((0..6).map(|id| if id % 2 == 0 { lane(0).background() } else { lane(0) }));
        assert_eq!(order(seed, Order::Seeded, &acts), [0, 1, 2, 3, 4, 5]);
    }
}

#[test]
fn a_late_key_holds_up_what_stands_behind_it_until_it_has_run_or_is_cancelled() {
    // Of many seeds some give the lane's first event the latest key and its second the earliest.
    let acts = at_once([lane(0), lane(0), FREE]);
    let free = |seed| order(seed, Order::Seeded, &at_once([FREE; 3]));
    let seeds: Vec<u64> = (0..200).filter(|seed| free(*seed) == [1, 2, 0]).collect();
    assert!(seeds.len() > 10);
    for seed in seeds {
        assert_eq!(order(seed, Order::Seeded, &acts), [2, 0, 1]);
        let mut cancelled = simulation(settings(seed, Order::Seeded), &acts);
        crate::stage::perform(&mut cancelled, &[Act::Cancel(0)]);
        cancelled.run();
        assert_eq!(cancelled.world().ids(), [1, 2], "a cancelled event leaves no trace");
    }
}

#[test]
fn an_event_that_has_run_holds_up_nothing() {
    // 0 runs and schedules the free 2; behind it in the lane stands 1. Only their own keys count.
    let (mut seen, both) = ([false; 2], [lane(0), lane(0)]);
    for seed in 0..200 {
        let mut acts = at_once(both);
        acts[0] = Act::At(5, lane(0), event(0).then(Act::After(0, FREE, event(2))));
        let own = order(seed, Order::Seeded, &[Act::At(5, FREE, event(1)), Act::At(5, FREE, event(2))]);
        let log = order(seed, Order::Seeded, &acts);
        assert_eq!(log, [vec![0], own].concat(), "seed {seed}");
        seen[usize::from(log[1] == 1)] = true;
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn an_event_cancelled_at_the_open_instant_leaves_no_trace() {
    // 0 runs, schedules 2 behind 1 in the lane and cancels 1: as if 1 had never been.
    for seed in 0..300 {
        let child =
            |first: Event| first.then(Act::After(0, lane(0), event(2))).then(Act::After(0, FREE, event(3)));
        let with = [
            Act::At(5, lane(0), child(event(0)).then(Act::Cancel(1))),
            Act::At(5, lane(0), event(1)),
            Act::At(5, FREE, event(4)),
        ];
        let without = [Act::At(5, lane(0), child(event(0))), Act::At(5, FREE, event(4))];
        assert_eq!(order(seed, Order::Seeded, &with), order(seed, Order::Seeded, &without), "seed {seed}");
    }
}

#[test]
fn cancelling_in_the_middle_and_at_the_end_of_a_lane_keeps_the_rest_in_order() {
    for seed in 0..100 {
        let canceller = |ids: &[u64]| ids.iter().fold(event(9), |event, id| event.then(Act::Cancel(*id)));
        for ids in [&[1][..], &[3], &[2, 1], &[1, 2, 3], &[0], &[0, 1], &[3, 2, 1, 0]] {
            let mut acts = at_once([lane(7); 4]);
            acts.push(Act::At(5, FREE, canceller(ids).then(Act::After(0, lane(7), event(20)))));
            let log = order(seed, Order::Seeded, &acts);
            let of_lane: Vec<_> = log.iter().copied().filter(|id| *id != 9).collect();
            let at = log.iter().position(|id| *id == 9).expect("it ran");
            let expected: Vec<u64> = [0, 1, 2, 3, 20]
                .into_iter()
                .filter(|id| log[..at].contains(id) || !ids.contains(id))
                .collect();
            assert_eq!(of_lane, expected, "seed {seed}");
        }
    }
}

#[test]
fn two_lanes_of_ten_change_over_two_point_eight_times_on_average() {
    let mut switches = 0;
    for seed in 0..4096 {
        let log = order(seed, Order::Seeded, &at_once((0..20).map(|id| lane(id % 2))));
        switches += log.windows(2).filter(|pair| pair[0] % 2 != pair[1] % 2).count();
    }
    assert_eq!((switches * 10 + 2048) / 4096, 28, "{switches} in 4096 runs");
}

/// The orders of the members of one cast, with strangers and without.
#[derive(Debug, Clone)]
struct Cast {
    id: u64,
    at: u64,
    lane: Option<u32>,
}

fn casts(ids: core::ops::Range<u64>, lanes: core::ops::Range<u32>) -> impl Strategy<Value = Vec<Cast>> {
    let one = (ids, 0u64..3, prop::option::of(lanes)).prop_map(|(id, at, lane)| Cast { id, at, lane });
    prop::collection::vec(one, 0..12)
}

fn schedule(casts: &[Cast]) -> Vec<Act> {
    casts.iter().map(|cast| Act::At(cast.at, cast.lane.map_or(FREE, lane), event(cast.id))).collect()
}

proptest! {
    #[test]
    fn strangers_and_their_lanes_reorder_nobody(
        ours in casts(0..50, 0..3), strangers in casts(1000..1050, 3..6), seed: u64, mixing in prop::collection::vec(any::<bool>(), 24),
    ) {
        // Interleave the strangers with ours in the order of scheduling.
        let (mut ours_left, mut strangers_left) = (ours.iter(), strangers.iter());
        let mut mixed: Vec<Cast> = Vec::new();
        for is_stranger in mixing {
            mixed.extend(if is_stranger { strangers_left.next() } else { ours_left.next() }.cloned());
        }
        mixed.extend(ours_left.cloned());
        let crowd = order(seed, Order::Seeded, &schedule(&mixed));
        let seen: Vec<u64> = crowd.into_iter().filter(|id| *id < 1000).collect();
        prop_assert_eq!(seen, order(seed, Order::Seeded, &schedule(&ours)));
    }

    #[test]
    fn the_order_of_interning_reorders_nobody(ours in casts(0..50, 0..3), seed: u64) {
        let mut shuffled = Names::default();
        for actor in ["stranger", "f", "b", "a", "e", "c", "d"] {
            shuffled.intern(actor);
        }
        let translate = |mut act: Act| {
            if let Act::At(_, _, event) = &mut act {
                event.actor = shuffled.find(names().text(event.actor)).expect("interned");
            }
            act
        };
        let acts: Vec<Act> = schedule(&ours).into_iter().map(translate).collect();
        let mut simulation = Simulation::new(Stage::default(), shuffled.clone(), settings(seed, Order::Seeded));
        simulation.act(|stage, context| acts.into_iter().for_each(|act| stage.perform(act, context)));
        simulation.run();
        prop_assert_eq!(simulation.world().ids(), order(seed, Order::Seeded, &schedule(&ours)));
    }

    #[test]
    fn recording_reorders_nobody(ours in casts(0..50, 0..3), seed: u64) {
        let mut loud = recorded(settings(seed, Order::Seeded), &schedule(&ours), Log::default());
        loud.run();
        prop_assert_eq!(loud.world().ids(), order(seed, Order::Seeded, &schedule(&ours)));
    }
}

#[test]
fn every_actor_of_the_stage_is_interned() {
    assert!(ACTORS.iter().all(|actor| names().find(actor).is_some()));
}
