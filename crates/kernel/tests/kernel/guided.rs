//! Somebody outside takes part in the order: makes events wait, and chooses who is next.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak_kernel::{
    Candidate, Choices, Frontier, Guidance, Instant, Lane, Order, Phase, Place, Simulation, Site, Streams,
    mix,
};

use crate::program::{Dice, Program};
use crate::stage::{A, Act, B, DOES, Stage, event, names, order, settings, simulation};

const NOW: Instant = Instant::from_nanos(5);

/// A guide that is told by the test what to answer, by the ids of events, and notes what it is asked and told.
#[derive(Debug, Clone)]
struct Told {
    guidance: Guidance,
    /// Who waits for whom.
    waits_for: BTreeMap<u64, u64>,
    /// What is chosen, one after the other; then the first.
    chosen: Vec<usize>,
    ran: Vec<u64>,
    causes: Vec<u64>,
    released: Vec<u64>,
    frontiers: Vec<Vec<u64>>,
}

impl Told {
    fn new(guidance: Guidance, waits_for: &[(u64, u64)], chosen: &[usize]) -> Self {
        Self {
            guidance,
            waits_for: waits_for.iter().copied().collect(),
            chosen: chosen.to_vec(),
            ran: Vec::new(),
            causes: Vec::new(),
            released: Vec::new(),
            frontiers: Vec::new(),
        }
    }
}

/// The id of the only event of a frontier.
fn id(event: &Frontier<'_>) -> u64 {
    assert_eq!(event.len(), 1);
    id_of(&event[0])
}

/// The code of a number is one more, because 0 says that there is no subject.
fn id_of(event: &Candidate) -> u64 {
    event.codes.subject - 1
}

impl Choices for Told {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        low
    }

    fn guidance(&self) -> Guidance {
        self.guidance
    }

    fn must_wait(&mut self, event: &Frontier<'_>) -> bool {
        self.waits_for.get(&id(event)).is_some_and(|first| !self.ran.contains(first))
    }

    fn release(&mut self, event: &Frontier<'_>) {
        self.released.push(id(event));
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        assert!(frontier.len() > 1, "one event is no choice");
        assert!(frontier.candidates().is_sorted_by_key(|event| event.sequence));
        self.frontiers.push(frontier.candidates().iter().map(id_of).collect());
        if self.chosen.is_empty() { 0 } else { self.chosen.remove(0) }
    }

    fn run(&mut self, event: &Frontier<'_>) {
        assert_eq!(event.dispatched(), self.ran.len() as u64, "it is told of each event");
        self.ran.push(id(event));
        self.causes.push(event[0].cause);
    }
}

/// Runs to the end, and checks that guide and world saw the same.
fn guided<C: Choices + Clone>(seed: u64, policy: Order, acts: &[Act], guide: &mut C) -> Vec<(u64, u64)> {
    let mut simulation =
        Simulation::new(Stage::default(), settings(seed, policy)).with_names(names()).with_choices(guide);
    simulation.act(|stage, context| acts.iter().for_each(|act| stage.perform(act.clone(), context)));
    while simulation.step().is_continue() {
        simulation.check_invariants();
    }
    simulation.into_parts().0.log
}

fn ids(seed: u64, policy: Order, acts: &[Act], guide: &mut Told) -> Vec<u64> {
    let log = guided(seed, policy, acts, guide);
    let ids: Vec<u64> = log.into_iter().map(|(_, id)| id).collect();
    assert_eq!(guide.ran, ids, "the guide is told of each event");
    ids
}

fn free(id: u64) -> Act {
    Act::At(NOW.as_nanos(), Place::FREE, event(id))
}

fn program(number: u64) -> Vec<Act> {
    Program::write(&mut Dice(mix(number)), 0, 0)
}

#[test]
fn whoever_makes_nobody_wait_leaves_the_order_as_it_is() {
    for number in 0..2_000 {
        for policy in Order::ALL {
            let acts = program(number);
            let mut guide = Told::new(Guidance::Holds, &[], &[]);
            assert_eq!(ids(number, policy, &acts, &mut guide), order(number, policy, &acts), "{number}");
            assert!(guide.released.is_empty() && guide.frontiers.is_empty());
        }
    }
}

#[test]
fn whoever_always_chooses_the_first_has_the_order_of_scheduling() {
    let mut chosen = 0;
    for number in 0..2_000 {
        let acts = program(number);
        let mut guide = Told::new(Guidance::Chooses, &[], &[]);
        assert_eq!(
            ids(number, Order::Fifo, &acts, &mut guide),
            order(number, Order::Fifo, &acts),
            "{number}"
        );
        chosen += guide.frontiers.len();
    }
    assert!(chosen > 2_000, "there was something to choose: {chosen}");
}

/// Answers everything at random: who waits, for how long, who is next.
#[derive(Debug, Clone)]
struct AtRandom {
    dice: u64,
    ran: u64,
}

impl AtRandom {
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = mix(self.dice.wrapping_add(1));
        self.dice % sides
    }
}

impl Choices for AtRandom {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        low
    }

    fn guidance(&self) -> Guidance {
        Guidance::Chooses
    }

    fn must_wait(&mut self, _event: &Frontier<'_>) -> bool {
        self.roll(3) > 0
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        usize::try_from(self.roll(frontier.len() as u64 + 1)).expect("small")
    }

    fn run(&mut self, event: &Frontier<'_>) {
        assert_eq!(event.dispatched(), self.ran);
        self.ran += 1;
    }
}

#[test]
fn whatever_a_guide_answers_lanes_phases_and_time_hold_and_nothing_is_lost() {
    for number in 0..3_000 {
        // Nothing is cancelled or moved: so the same events run, in one order or another.
        let acts = program(number).into_iter().map(only_scheduling).collect::<Vec<Act>>();
        for policy in Order::ALL {
            let mut guide = AtRandom { dice: number, ran: 0 };
            let mut log = guided(number, policy, &acts, &mut guide);
            assert!(log.is_sorted_by_key(|(at, _)| *at), "{number}: time goes on");
            let mut plain = simulation(settings(number, policy), &acts);
            plain.run();
            let mut expected = plain.world().log.clone();
            log.sort_unstable();
            expected.sort_unstable();
            assert_eq!(log, expected, "{number}: the same events run at the same instants");
        }
    }
    for number in 0..3_000 {
        // Invariants hold also where events that were made to wait are cancelled and moved.
        guided(number, Order::Seeded, &program(number), &mut AtRandom { dice: number, ran: 0 });
    }
}

/// Chooses at random and lets nobody wait; notes all that it is shown.
#[derive(Debug, Clone)]
struct Shown {
    dice: u64,
    guidance: Guidance,
    frontiers: Vec<Vec<Candidate>>,
}

impl Choices for Shown {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        low
    }

    fn guidance(&self) -> Guidance {
        self.guidance
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        self.frontiers.push(frontier.candidates().to_vec());
        self.dice = mix(self.dice.wrapping_add(1));
        usize::try_from(self.dice % frontier.len() as u64).expect("small")
    }
}

/// What runs with one guidance after the other, and what is shown.
fn shown(number: u64, policy: Order, guidances: &[Guidance]) -> (Vec<(u64, u64)>, Vec<Vec<Candidate>>) {
    let choices = Shown { dice: number, guidance: Guidance::None, frontiers: Vec::new() };
    let mut simulation =
        Simulation::new(Stage::default(), settings(number, policy)).with_names(names()).with_choices(choices);
    let acts = program(number);
    simulation.act(|stage, context| acts.iter().for_each(|act| stage.perform(act.clone(), context)));
    for guidance in guidances.iter().cycle() {
        simulation.choices_mut().guidance = *guidance;
        if simulation.step().is_break() {
            break;
        }
        simulation.check_invariants();
    }
    let frontiers = simulation.choices_mut().frontiers.clone();
    (simulation.into_parts().0.log, frontiers)
}

#[test]
fn whoever_only_picks_is_shown_what_one_is_shown_who_could_let_events_wait() {
    use Guidance::{Chooses, Holds, None, Picks};
    let mut choices = 0;
    for number in 0..2_000 {
        for policy in Order::ALL {
            let run = |guidances: &[Guidance]| shown(number, policy, guidances);
            let picked = run(&[Picks]);
            assert_eq!(picked, run(&[Chooses]), "{policy} {number}");
            assert_eq!(run(&[Picks, Chooses, Chooses, Picks, Picks]), picked, "{policy} {number}");
            assert_eq!(run(&[Picks, Holds, Picks]), run(&[Chooses, Holds, Chooses]), "{policy} {number}");
            assert_eq!(run(&[Picks, None, Picks]), run(&[Chooses, None, Chooses]), "{policy} {number}");
            choices += picked.1.len();
        }
    }
    assert!(choices > 6_000, "there was something to choose: {choices}");
}

fn only_scheduling(act: Act) -> Act {
    let strip = |mut event: crate::stage::Event| {
        event.script.retain(|act| matches!(act, Act::At(..) | Act::After(..)));
        event.script = event.script.into_iter().map(only_scheduling).collect();
        event
    };
    match act {
        Act::At(at, place, event) => Act::At(at, place, strip(event)),
        Act::After(span, place, event) => Act::After(span, place, strip(event)),
        other @ (Act::Cancel(_) | Act::Reschedule(..)) => other,
    }
}

#[test]
fn all_orders_of_free_events_can_be_chosen() {
    let acts = [0, 1, 2, 3].map(free);
    let mut orders = BTreeSet::new();
    for choices in 0..24_usize {
        let mut guide = Told::new(Guidance::Chooses, &[], &[choices % 4, choices / 4 % 3, choices / 12]);
        orders.insert(ids(1, Order::Seeded, &acts, &mut guide));
        assert_eq!(guide.frontiers[0], [0, 1, 2, 3]);
    }
    assert_eq!(orders.len(), 24);
}

#[test]
fn a_choice_that_is_too_large_means_the_last() {
    let acts = [0, 1, 2].map(free);
    assert_eq!(ids(1, Order::Seeded, &acts, &mut Told::new(Guidance::Chooses, &[], &[9, 9])), [2, 1, 0]);
}

#[test]
fn only_heads_of_lanes_of_the_lowest_phase_can_be_chosen() {
    let lane = Place::lane(Lane::new(7));
    let later = Place::FREE.phase(Phase::new(3, "later"));
    let at = |place, id| Act::At(NOW.as_nanos(), place, event(id));
    let acts = [at(later, 0), at(lane, 1), at(lane, 2), free(3), at(later, 4)];
    let mut guide = Told::new(Guidance::Chooses, &[], &[1, 1]);
    assert_eq!(ids(1, Order::Seeded, &acts, &mut guide), [3, 1, 2, 4, 0]);
    assert_eq!(guide.frontiers, [vec![1, 3], vec![0, 4]], "what is alone in its phase is no choice");
}

#[test]
fn who_waits_runs_after_whom_it_waits_for_under_every_seed_and_policy() {
    let acts = [0, 1, 2, 3].map(free);
    let mut orders = BTreeSet::new();
    for policy in Order::ALL {
        for seed in 0..200 {
            let mut guide = Told::new(Guidance::Holds, &[(0, 2), (2, 3)], &[]);
            let ran = ids(seed, policy, &acts, &mut guide);
            let place = |id: u64| ran.iter().position(|other| *other == id);
            assert!(place(3) < place(2) && place(2) < place(0), "{policy} {seed}: {ran:?}");
            assert!(guide.released.is_empty());
            orders.insert(ran);
        }
    }
    assert_eq!(orders.len(), 4, "and all else is free: 1 can be anywhere");
}

#[test]
fn whom_an_event_waits_for_counts_as_what_enabled_it() {
    // 1 waits for 0. Had it kept its own moment, it would run at once after 0 whenever that moment has passed; as it is,
    // the eight others, which have waited as long, come in between as often as if 0 had scheduled it.
    let acts: Vec<Act> = (0..10).map(free).collect();
    let at_once = (0..2_000).filter(|seed| {
        let mut guide = Told::new(Guidance::Holds, &[(1, 0)], &[]);
        let ran = ids(*seed, Order::Seeded, &acts, &mut guide);
        ran.windows(2).any(|pair| pair == [0, 1]) && ran[9] != 1
    });
    let at_once = at_once.count();
    assert!((600..850).contains(&at_once), "{at_once} of 2,000");
}

#[test]
fn who_waits_in_vain_is_released_before_the_next_phase_and_said_to_be() {
    let late = Place::FREE.phase(Phase::new(1, "late"));
    let acts = [free(0), free(1), Act::At(NOW.as_nanos(), late, event(2)), Act::At(9, Place::FREE, event(3))];
    for policy in Order::ALL {
        // 2 is in a later phase than 0, and 3 at a later instant than 1: none of them can be waited for.
        let mut guide = Told::new(Guidance::Holds, &[(0, 2), (1, 3)], &[]);
        let log = guided(4, policy, &acts, &mut guide);
        let [first, second, third, fourth] = *log else { panic!("four events run: {log:?}") };
        assert_eq!((third, fourth), ((5, 2), (9, 3)));
        assert_eq!([first, second].map(|(at, _)| at), [5, 5]);
        guide.released.sort_unstable();
        assert_eq!(guide.released, [0, 1]);
    }
}

#[test]
fn two_that_wait_for_each_other_are_released_one_by_one() {
    let mut guide = Told::new(Guidance::Holds, &[(0, 1), (1, 0)], &[]);
    let ran = ids(1, Order::Fifo, &[free(0), free(1)], &mut guide);
    assert_eq!((ran, guide.released), (vec![0, 1], vec![0]), "after the first the second need not wait");
}

#[test]
fn a_head_that_waits_holds_its_lane_up_until_it_is_cancelled_or_moved() {
    let lane = Place::lane(Lane::new(1));
    let at = |place, id| Act::At(NOW.as_nanos(), place, event(id));
    for (act, expected) in [
        (Act::Cancel(0), vec![(5, 2), (5, 1), (5, 3)]),
        (Act::Reschedule(0, 8), vec![(5, 2), (5, 1), (5, 3), (8, 0)]),
    ] {
        let acts = [at(lane, 0), at(lane, 1), at(Place::FREE, 2), Act::At(5, Place::FREE, event(3))];
        let [first, second, third, fourth] = acts;
        let Act::At(at, place, event) = third else { panic!("an event") };
        let third = Act::At(at, place, event.then(act));
        // 0 waits for 3, but 2 runs first and takes 0 out of the lane.
        let mut guide = Told::new(Guidance::Holds, &[(0, 3), (3, 1)], &[]);
        assert_eq!(guided(1, Order::Fifo, &[first, second, third, fourth], &mut guide), expected);
        assert!(guide.released.is_empty(), "{:?}", guide.released);
    }
}

#[test]
fn an_event_is_shown_with_its_name_its_cause_and_its_place() {
    #[derive(Debug, Clone, Default)]
    struct Look(Vec<(String, u64, Option<Lane>, u8)>);
    impl Choices for Look {
        fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
            low
        }
        fn guidance(&self) -> Guidance {
            Guidance::Chooses
        }
        fn run(&mut self, event: &Frontier<'_>) {
            let shown = event[0];
            assert_eq!(shown.codes.kind, DOES.code());
            assert_eq!(format!("{event:?}"), format!("[{:?}]", event.name(0)));
            self.0.push((event.name(0), shown.cause, shown.lane, shown.phase));
        }
    }
    let lane = Lane::new(4);
    let child = event(1).then(Act::After(0, Place::FREE.phase(Phase::new(2, "late")), event(6)));
    let acts = [Act::At(3, Place::FREE, event(0).then(Act::After(2, lane.into(), child)))];
    let mut look = Look::default();
    guided(1, Order::Seeded, &acts, &mut look);
    let [root, child, last] = [("a/does(0)", 0), ("b/does(1)", 1), ("a/does(6)", 2)];
    assert_eq!(
        look.0,
        [
            (root.0.into(), root.1, None, 0),
            (child.0.into(), child.1, Some(lane), 0),
            (last.0.into(), last.1, None, 2)
        ]
    );
}

#[test]
fn a_site_is_introduced_by_name_before_it_is_asked() {
    #[derive(Debug, Default)]
    struct Sites(Vec<String>);
    impl Choices for Sites {
        fn number(&mut self, site: Site, low: u64, _high: u64) -> u64 {
            let said = self.0.last().expect("introduced");
            assert!(said.ends_with(&site.code().to_string()), "{said}");
            low
        }
        fn introduce(
            &mut self,
            site: Site,
            names: &tiebreak_kernel::Names,
            actor: tiebreak_kernel::Actor,
            purpose: tiebreak_kernel::Term,
        ) {
            self.0.push(format!("{} {} {}", names.text(actor), purpose.text(), site.code()));
        }
    }
    let mut sites = Sites::default();
    let mut simulation =
        Simulation::new(Stage::default(), settings(1, Order::Seeded)).with_choices(&mut sites);
    simulation.act(|_, context| {
        let _ = context.draw(A, DOES, 1..=2);
        let _ = context.chance(B, DOES, tiebreak_kernel::Ratio::ONE);
        context.permute(A, DOES, &mut [1, 2]);
        let _ = context.stream(A, DOES);
    });
    let heads: Vec<&str> = sites.0.iter().map(|said| said.rsplit_once(' ').expect("a code").0).collect();
    assert_eq!(heads, ["a does", "b does", "a does", "a does"]);
}

#[test]
fn plain_streams_take_no_part() {
    assert_eq!(Streams::new(1).guidance(), Guidance::None);
}
