//! The order of simultaneous events.

use alloc::collections::BTreeSet;

use proptest::prelude::*;
use tiebreak_kernel::{Lane, Names, Order, Phase, Place, Simulation, Term};

use crate::record::Log;
use crate::stage::{Act, Event, Stage, event, names, order, recorded, settings, simulation};

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
fn the_order_of_scheduling_does_not_matter_to_names() {
    let acts = at_once([FREE; 8]);
    let mut reversed = acts.clone();
    reversed.reverse();
    for policy in [Order::Seeded, Order::Rounds] {
        for seed in 0..100 {
            assert_eq!(order(seed, policy, &acts), order(seed, policy, &reversed));
        }
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
fn what_stands_behind_a_cancelled_event_begins_to_wait_when_that_is_cancelled() {
    // 0 runs first and cancels 1, the head of a lane, behind which 2 stands: 2 then races 3 as a child of 0 would.
    let canceller = event(0).then(Act::Cancel(1));
    let first = Phase::new(0, "first");
    let later = Place::FREE.phase(Phase::new(1, "later"));
    let mut seen = [false; 2];
    for seed in 0..300 {
        let of = |acts: &[Act]| order(seed, Order::Seeded, acts);
        let by_cancelling = of(&[
            Act::At(5, first.into(), canceller.clone()),
            Act::At(5, later, event(3)),
            Act::At(5, Place::lane(Lane::new(0)).phase(Phase::new(1, "later")), event(1)),
            Act::At(5, Place::lane(Lane::new(0)).phase(Phase::new(1, "later")), event(2)),
        ]);
        let by_scheduling = of(&[
            Act::At(5, first.into(), event(0).then(Act::After(0, later, event(2)))),
            Act::At(5, later, event(3)),
        ]);
        assert_eq!(by_cancelling, by_scheduling, "seed {seed}");
        seen[usize::from(by_cancelling[1] == 3)] = true;
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn an_event_cancelled_at_the_open_instant_leaves_no_trace_but_enabling() {
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
fn the_lowest_phase_with_an_event_runs_under_every_policy() {
    let phase = |number| Place::FREE.phase(Phase::new(number, "numbered"));
    for policy in Order::ALL {
        for seed in 0..100 {
            // 4 is of phase 2 and schedules into phase 1 and 0: both run before 5, which was there before them.
            let back =
                event(4).then(Act::After(0, phase(1), event(6))).then(Act::After(0, phase(0), event(7)));
            let acts = [
                Act::At(5, phase(9), event(5)),
                Act::At(5, phase(2), back),
                Act::At(5, phase(1), event(3)),
                Act::At(5, phase(0), event(0).then(Act::After(0, phase(3), event(8)))),
                Act::At(5, phase(1), event(2)),
            ];
            let log = order(seed, policy, &acts);
            assert_eq!(log[0], 0, "{policy} {seed}: {log:?}");
            assert_eq!(log[3..], [4, 7, 6, 8, 5], "{policy} {seed}: {log:?}");
        }
    }
}

#[test]
fn another_phase_changes_nothing_within_a_phase() {
    let late = Place::FREE.phase(Phase::new(1, "late"));
    for seed in 0..200 {
        let own = order(seed, Order::Seeded, &at_once([FREE; 4]));
        let mut acts = at_once([FREE; 4]);
        acts.insert(2, Act::At(5, late, event(9).then(Act::After(0, FREE, event(10)))));
        let seen: Vec<u64> = order(seed, Order::Seeded, &acts).into_iter().filter(|id| *id < 9).collect();
        assert_eq!(seen, own);
    }
}

#[test]
#[should_panic(
    expected = "Lane(3) has events of phase 0 and phase 2 (late) at 5ns: a lane lies in one phase"
)]
fn a_second_phase_in_a_lane_is_refused() {
    order(1, Order::Fifo, &at_once([lane(3), lane(3).phase(Phase::new(2, "late"))]));
}

#[test]
fn rounds_run_what_was_there_before_what_it_leads_to() {
    let mut orders = BTreeSet::new();
    for seed in 0..200 {
        let parent = |id| {
            event(id).then(Act::After(0, FREE, event(id + 10).then(Act::After(0, FREE, event(id + 20)))))
        };
        let acts = [0, 1, 2].map(|id| Act::At(5, FREE, parent(id)));
        let log = order(seed, Order::Rounds, &acts);
        let rounds: Vec<u64> = log.iter().map(|id| id / 10).collect();
        assert!(rounds.is_sorted(), "{log:?}");
        orders.insert(log);
    }
    assert!(orders.len() > 100, "each round has an order of its own: {}", orders.len());
    let overtakes = |seed| {
        let acts =
            [Act::At(5, FREE, event(0).then(Act::After(0, FREE, event(9)))), Act::At(5, FREE, event(1))];
        order(seed, Order::Seeded, &acts) == [0, 9, 1]
    };
    assert!((0..200).any(overtakes), "seeded also shows a callback that overtakes");
}

#[test]
fn two_lanes_of_six_reach_all_interleavings_also_if_their_events_are_named_alike() {
    for is_alike in [false, true] {
        let mut seen = BTreeSet::new();
        for seed in 0..400_000 {
            if seen.len() == 924 {
                break;
            }
            // Ids tell who runs, actors and ids make names: alike are the n-th events of both lanes but for the actor.
            let id = |number: u64| if is_alike { number % 2 } else { number };
            let acts: Vec<Act> = (0..12)
                .map(|number| Act::At(7, lane(u32::try_from(number % 2).expect("small")), event(id(number))))
                .collect();
            let log = order(seed, Order::Seeded, &acts);
            seen.insert(log.iter().map(|id| id % 2).collect::<Vec<_>>());
        }
        assert_eq!(seen.len(), 924, "named alike: {is_alike}");
    }
}

#[test]
fn equal_names_are_reported_as_twins() {
    let acts = [event(3), event(3), event(4), event(3)].map(|event| Act::At(5, FREE, event));
    for seed in 0..50 {
        let mut simulation = recorded(settings(seed, Order::Seeded), &acts, Log::default());
        simulation.run();
        let log = simulation.recorder();
        let twins: Vec<&String> = log
            .lines
            .iter()
            .zip(&log.choices)
            .filter(|(_, choice)| choice.is_some_and(|choice| choice.is_twin))
            .map(|(line, _)| line)
            .collect();
        assert_eq!(twins.len(), 2, "the third has no twin left: {twins:?}");
        assert!(twins.iter().all(|line| line.contains("does(3)")));
    }
    let mut fifo = recorded(settings(1, Order::Fifo), &acts, Log::default());
    fifo.run();
    assert!(
        fifo.recorder().choices.iter().flatten().all(|choice| !choice.is_twin),
        "fifo promises that order"
    );
}

#[test]
fn names_that_shared_a_key_in_format_1_are_ordered_by_themselves() {
    // In format 1 these two had one 32-bit key at seed 1 and 1 ns, so that the order of scheduling decided.
    let client = Term::new("client");
    let named = |id| Event { actor: client.into(), id, script: Vec::new() };
    let acts = [80_074, 126_284].map(|id| Act::At(1, FREE, named(id)));
    for seed in 0..100 {
        let mut reversed = acts.clone();
        reversed.reverse();
        assert_eq!(order(seed, Order::Seeded, &acts), order(seed, Order::Seeded, &reversed));
    }
}

#[test]
fn the_order_of_scheduling_does_not_matter_to_a_crowd_of_names() {
    let client = Term::new("client");
    for seed in 0..3 {
        let named = |id| Act::At(1, FREE, Event { actor: client.into(), id, script: Vec::new() });
        let [up, down]: [Vec<Act>; 2] =
            [(0..65_536).map(named).collect(), (0..65_536).rev().map(named).collect()];
        assert!(order(seed, Order::Seeded, &up) == order(seed, Order::Seeded, &down), "seed {seed}");
    }
}

/// The orders of the members of one cast, with others and without.
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
    fn unrelated_events_and_their_lanes_do_not_matter(
        ours in casts(0..50, 0..3), others in casts(1000..1050, 3..6), seed: u64, mixing in prop::collection::vec(any::<bool>(), 24),
    ) {
        // Interleave the others with ours in the order of scheduling.
        let (mut ours_left, mut others_left) = (ours.iter(), others.iter());
        let mut mixed: Vec<Cast> = Vec::new();
        for is_other in mixing {
            mixed.extend(if is_other { others_left.next() } else { ours_left.next() }.cloned());
        }
        mixed.extend(ours_left.cloned());
        let crowd = order(seed, Order::Seeded, &schedule(&mixed));
        let seen: Vec<u64> = crowd.into_iter().filter(|id| *id < 1000).collect();
        prop_assert_eq!(seen, order(seed, Order::Seeded, &schedule(&ours)));
    }

    #[test]
    fn the_order_of_interning_does_not_matter(ours in casts(0..50, 0..3), seed: u64) {
        let mut shuffled = Names::default();
        for actor in ["other", "f", "b", "a", "e", "c", "d"] {
            shuffled.intern(actor);
        }
        let translate = |mut act: Act| {
            if let Act::At(_, _, event) = &mut act {
                event.actor = shuffled.find(names().text(event.actor)).expect("interned").into();
            }
            act
        };
        let acts: Vec<Act> = schedule(&ours).into_iter().map(translate).collect();
        let settings = settings(seed, Order::Seeded);
        let mut simulation = Simulation::new(Stage::default(), settings).with_names(shuffled.clone());
        simulation.act(|stage, context| acts.into_iter().for_each(|act| stage.perform(act, context)));
        simulation.run();
        prop_assert_eq!(simulation.world().ids(), order(seed, Order::Seeded, &schedule(&ours)));
    }

    #[test]
    fn recording_does_not_matter(ours in casts(0..50, 0..3), seed: u64) {
        let mut loud = recorded(settings(seed, Order::Seeded), &schedule(&ours), Log::default());
        loud.run();
        prop_assert_eq!(loud.world().ids(), order(seed, Order::Seeded, &schedule(&ours)));
    }
}
