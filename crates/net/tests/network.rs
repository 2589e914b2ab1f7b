//! What reaches whom on a network, and what does not.

extern crate alloc;

use alloc::collections::BTreeSet;

use tiebreak::{
    End, Fingerprint, Fingerprinter, Instant, Name, Names, Ratio, Record, Recorder, Settings, Simulation,
    Span, Term, Traced as _, check, monitor, outcome, prove, terms,
};
use tiebreak_net::{
    About, COMMAND, CRASH, CUT_OFF, DUPLICATED, LOST, Label, Link, MISSED, Network, Node, NodeId, Port, When,
};

terms! { HEARD = "heard", FIRED = "fired", STARTED = "started", PING = "ping", FACE = "face", WAKE = "wake" }

/// A node that does as it is told, and notes everything.
#[derive(Debug, Clone, Default, Hash)]
struct Obedient;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Command {
    /// Send so many numbered messages to a node.
    Send(NodeId, u64),
    /// Arm a timer.
    Arm(u64, Span),
    /// Submit a timer beside all others.
    Submit(u64, Span),
    /// Submit a timer that outlives the node.
    Detach(u64, Span),
    /// Disarm a timer.
    Disarm(u64),
    /// Draw from a generator of its own, and note what.
    Draw,
}

impl Node for Obedient {
    type Message = u64;
    type Timer = u64;
    type Command = Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        port.note(STARTED, u64::from(port.life()), &[]);
    }

    fn receive(&mut self, _from: NodeId, message: u64, port: &mut Port<'_, Self>) {
        port.note(HEARD, message, &[]);
    }

    fn expire(&mut self, timer: u64, port: &mut Port<'_, Self>) {
        port.note(FIRED, timer, &[]);
    }

    fn command(&mut self, command: Command, port: &mut Port<'_, Self>) {
        match command {
            Command::Send(to, count) => (0..count).for_each(|number| port.send(to, number)),
            Command::Arm(timer, span) => port.arm_after(span, timer),
            Command::Submit(timer, span) => port.submit_after(span, timer),
            Command::Detach(timer, span) => port.submit_detached(span, timer),
            Command::Disarm(timer) => {
                let was_armed = port.disarm(&timer);
                port.note(WAKE, u64::from(was_armed), &[]);
            }
            Command::Draw => {
                let drawn = port.stream(FACE).number(0, u64::MAX);
                port.note(FACE, drawn, &[]);
            }
        }
    }

    fn name_of_message(_message: &u64) -> Label {
        Label::new(PING)
    }

    fn name_of_command(command: &Command) -> Label {
        let label = Label::new(COMMAND);
        if let Command::Arm(timer, _) = command { label.number(*timer) } else { label }
    }

    fn name_of_timer(timer: &u64) -> Label {
        Label::new(WAKE).number(*timer)
    }
}

/// What was noted: when, by whom, what and with which number.
#[derive(Debug, Default)]
struct Notes(Vec<(u64, String, Term, u64)>);

impl Recorder<About> for Notes {
    fn record(&mut self, names: &Names, record: &Record<'_, About>) {
        let number = if let About::Number(number) = record.name.subject { number } else { 0 };
        let at = record.instant.as_nanos() / 1_000_000;
        self.0.push((at, names.text(record.name.actor).to_owned(), record.name.kind, number));
    }
}

const A: &str = "a";
const B: &str = "b";

const fn ms(count: u64) -> Span {
    Span::from_millis(count)
}

const fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// Two nodes and a link, what is done to them, and what they note of some kind.
#[derive(Clone)]
struct Story {
    network: Network<Obedient>,
    a: NodeId,
    b: NodeId,
}

impl Story {
    fn over(link: Link) -> Self {
        let mut network = Network::new(link);
        let [a, b] = [A, B].map(|name| network.add(name, Obedient));
        Self { network, a, b }
    }

    fn tell(mut self, millis: u64, node: NodeId, command: Command) -> Self {
        self.network.command(at(millis), node, command);
        self
    }

    fn crash(mut self, millis: u64, node: NodeId, down: Span) -> Self {
        self.network.crash(at(millis), node, down);
        self
    }

    /// The notes of a kind, as when and which number.
    fn notes(self, seed: u64, kinds: &[Term]) -> Vec<(u64, u64)> {
        let mut simulation =
            Simulation::new(self.network, Settings::new(seed)).with_recorder(Notes::default());
        simulation.act(Network::begin);
        assert_eq!(simulation.run(), End::Quiescent);
        let notes = simulation.recorder().0.iter().filter(|(_, _, kind, _)| kinds.contains(kind));
        notes.map(|(at, _, _, number)| (*at, *number)).collect()
    }
}

fn a_to_b(link: Link) -> Story {
    let story = Story::over(link);
    let (a, b) = (story.a, story.b);
    story.tell(10, a, Command::Send(b, 3))
}

#[test]
fn what_is_sent_arrives_after_the_latency() {
    let mut heard = a_to_b(Link::new(ms(7))).notes(1, &[HEARD]);
    heard.sort_unstable();
    assert_eq!(heard, [(17, 0), (17, 1), (17, 2)]);
}

#[test]
fn messages_of_one_instant_arrive_in_any_order_unless_their_link_keeps_it() {
    let orders = |link: Link| {
        let mut seen: Vec<Vec<u64>> = (0..200)
            .map(|seed| a_to_b(link).notes(seed, &[HEARD]).into_iter().map(|(_, number)| number).collect())
            .collect();
        seen.sort();
        seen.dedup();
        seen
    };
    assert_eq!(orders(Link::new(ms(7))).len(), 6, "three messages have six orders");
    assert_eq!(orders(Link::new(ms(7)).in_order()), [[0, 1, 2]]);
    let drawn = Link::new(ms(0)).latency(ms(1)..=ms(100));
    assert_eq!(orders(drawn).len(), 6);
    assert_eq!(orders(drawn.in_order()), [[0, 1, 2]], "a link that is in order is so under drawn latencies");
}

#[test]
fn latencies_are_drawn_from_the_whole_range_and_no_other() {
    let link = Link::new(ms(0)).latency(ms(5)..=ms(9));
    let heard: Vec<u64> =
        (0..200).flat_map(|seed| a_to_b(link).notes(seed, &[HEARD])).map(|(at, _)| at).collect();
    assert_eq!(
        (heard.iter().min(), heard.iter().max()),
        (Some(&15), Some(&18)),
        "down to the nanosecond below 19"
    );
}

#[test]
fn latencies_in_steps_fall_on_the_grid_and_reach_its_ends() {
    let link = Link::new(ms(0)).latency(ms(5)..=ms(9)).in_steps_of(ms(2));
    let mut heard: Vec<u64> =
        (0..50).flat_map(|seed| a_to_b(link).notes(seed, &[HEARD])).map(|(at, _)| at).collect();
    heard.sort_unstable();
    heard.dedup();
    assert_eq!(heard, [15, 17, 19]);
}

#[test]
fn what_happens_from_outside_may_happen_at_an_instant_that_is_drawn() {
    let run = |seed| {
        let mut network = Network::new(Link::new(ms(1)));
        let [a, b] = [A, B].map(|name| network.add(name, Obedient));
        network.crash(When::within(at(10)..=at(30)).in_steps_of(ms(10)), a, ms(5));
        network.command(at(50)..=at(60), b, Command::Draw);
        Story { network, a, b }.notes(seed, &[CRASH, FACE]).into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    let seen: Vec<_> = (0..100).map(run).collect();
    assert_eq!(seen.iter().map(|noted| noted[0]).collect::<BTreeSet<u64>>(), BTreeSet::from([10, 20, 30]));
    let draws: BTreeSet<u64> = seen.iter().map(|noted| noted[1]).collect();
    assert!(draws.len() > 8 && draws.iter().all(|at| (50..=60).contains(at)), "{draws:?}");
}

#[test]
fn after_calm_everything_arrives_once() {
    let link = Link::new(ms(7)).loss(Ratio::percent(50)).duplication(Ratio::percent(50));
    let count = |calm_at: u64| -> usize {
        let heard = |seed| {
            let mut story = a_to_b(link);
            story.network.calm(at(calm_at));
            story.notes(seed, &[HEARD]).len()
        };
        (0..100).map(heard).filter(|heard| *heard == 3).count()
    };
    assert_eq!(count(9), 100);
    assert!(count(11) < 60, "it is not calm before");
}

#[test]
fn steps_and_range_of_a_latency_may_be_said_in_any_order() {
    let link = Link::new(ms(0)).in_steps_of(ms(2)).latency(ms(5)..=ms(9));
    assert_eq!(link, Link::new(ms(0)).latency(ms(5)..=ms(9)).in_steps_of(ms(2)));
}

#[test]
fn a_link_loses_and_duplicates_its_share() {
    let count = |link: Link, kinds: &[Term]| -> usize {
        (0..1_000).map(|seed| a_to_b(link).notes(seed, kinds).len()).sum()
    };
    let lossy = Link::new(ms(7)).loss(Ratio::percent(20));
    let (heard, lost) = (count(lossy, &[HEARD]), count(lossy, &[LOST]));
    assert_eq!(heard + lost, 3_000);
    assert!((540..660).contains(&lost), "{lost} of 3000 are lost, of which a fifth should be");
    let doubling = Link::new(ms(7)).duplication(Ratio::percent(20));
    let (heard, doubled) = (count(doubling, &[HEARD]), count(doubling, &[DUPLICATED]));
    assert_eq!(heard, 3_000 + doubled);
    assert!((540..660).contains(&doubled), "{doubled} of 3000 come twice, of which a fifth should");
    assert_eq!(count(Link::new(ms(7)).loss(Ratio::ONE), &[HEARD]), 0);
}

#[test]
fn a_partition_cuts_both_directions_between_its_sides_and_heals() {
    let mut network = Network::new(Link::new(ms(7)));
    let [a, b, c] = [A, B, "c"].map(|name| network.add(name, Obedient));
    for millis in [9, 15, 30] {
        for (from, to) in [(a, b), (b, a), (a, c), (c, b)] {
            network.command(at(millis), from, Command::Send(to, 1));
        }
    }
    network.partition(at(10), "split", [&[a], &[b]], ms(10));
    let story = Story { network, a, b };
    let notes = story.notes(3, &[HEARD]);
    let heard = |millis| notes.iter().filter(|(at, _)| *at == millis).count();
    assert_eq!((heard(16), heard(22), heard(37)), (4, 2, 4), "what was on its way arrives");
    let mut network = Network::new(Link::new(ms(7)));
    let [a, b] = [A, B].map(|name| network.add(name, Obedient));
    network.command(at(15), a, Command::Send(b, 2));
    network.partition(at(10), "split", [&[b], &[a]], ms(10));
    assert_eq!(Story { network, a, b }.notes(3, &[CUT_OFF]), [(15, 0), (15, 0)]);
}

#[test]
fn timers_fire_once_are_replaced_if_equal_and_can_be_disarmed() {
    let story = Story::over(Link::new(ms(1)));
    let a = story.a;
    let fired = story
        .tell(0, a, Command::Arm(1, ms(10)))
        .tell(5, a, Command::Arm(1, ms(10)))
        .tell(5, a, Command::Arm(2, ms(1)))
        .tell(5, a, Command::Submit(3, ms(4)))
        .tell(6, a, Command::Submit(3, ms(4)))
        .tell(0, a, Command::Arm(4, ms(100)))
        .tell(50, a, Command::Disarm(4))
        .tell(51, a, Command::Disarm(4))
        .notes(1, &[FIRED, WAKE]);
    let fired: Vec<_> = fired.into_iter().filter(|(at, _)| *at != 0).collect();
    // The events `wake(n)` are noted as well as what is noted in them; the last two are the answers of `disarm`.
    let once = |at, timer| [(at, timer), (at, timer)];
    let expected = [once(6, 2), once(9, 3), once(10, 3), once(15, 1)].concat();
    assert_eq!(fired[..8], expected);
    assert_eq!(fired[8..], [(50, 1), (51, 0)]);
}

#[test]
fn nothing_of_a_former_life_reaches_the_next() {
    let story = Story::over(Link::new(ms(20)));
    let (a, b) = (story.a, story.b);
    let heard = story
        .tell(0, b, Command::Arm(1, ms(30)))
        .tell(0, b, Command::Submit(2, ms(30)))
        .tell(1, a, Command::Send(b, 1)) // arrives after the restart, but was meant for the former life
        .tell(11, a, Command::Send(b, 1)) // is sent while the node is down, and arrives in its next life
        .tell(12, b, Command::Draw) // nobody is there to draw
        .crash(10, b, ms(5))
        .notes(1, &[HEARD, FIRED, STARTED, MISSED, FACE]);
    assert_eq!(heard, [(0, 0), (0, 0), (12, 0), (15, 1), (21, 0), (31, 0)]);
}

#[test]
fn a_link_can_deliver_to_the_next_life_and_a_timer_can_outlive_its_node() {
    let story = Story::over(Link::new(ms(20)).outlives_crashes());
    let (a, b) = (story.a, story.b);
    let heard = story
        .tell(0, b, Command::Detach(7, ms(12)))
        .tell(0, b, Command::Detach(8, ms(30)))
        .tell(1, a, Command::Send(b, 1))
        .crash(10, b, ms(5))
        .notes(1, &[HEARD, FIRED, MISSED]);
    assert_eq!(heard, [(12, 0), (21, 0), (30, 8)], "the first timer fires while nobody is there");
}

#[test]
fn a_node_that_is_down_does_not_crash_again_and_may_stay_down() {
    let story = Story::over(Link::new(ms(1)));
    let b = story.b;
    let noted = story
        .crash(10, b, ms(10))
        .crash(15, b, ms(50))
        .crash(30, b, Span::MAX)
        .tell(99, b, Command::Draw)
        .notes(1, &[STARTED, MISSED]);
    assert_eq!(noted, [(0, 0), (0, 0), (15, 0), (20, 1), (99, 0)]);
}

#[test]
fn each_life_draws_otherwise_and_each_run_alike() {
    let drawn = |seed| {
        let story = Story::over(Link::new(ms(1)));
        let b = story.b;
        story.tell(1, b, Command::Draw).crash(2, b, ms(1)).tell(4, b, Command::Draw).notes(seed, &[FACE])
    };
    let (first, again, other) = (drawn(1), drawn(1), drawn(2));
    assert_eq!(first, again);
    assert_ne!(first[0].1, first[1].1);
    assert_ne!(first[0].1, other[0].1);
}

/// A pair that talks over a link on which everything goes wrong.
fn talk(network: &mut Network<Obedient>, names: [&str; 2]) {
    let [one, other] = names.map(|name| network.add(name, Obedient));
    for millis in (0..100).step_by(5) {
        network.command(at(millis), one, Command::Send(other, 3));
        network.command(at(millis), other, Command::Send(one, 2));
        network.command(at(millis), one, Command::Submit(millis, ms(10)));
    }
    network.partition(at(30), names.concat(), [&[one], &[other]], ms(10));
    network.crash(at(60), other, ms(10));
}

fn bad_link() -> Link {
    let link = Link::new(ms(0)).latency(ms(5)..=ms(15));
    link.loss(Ratio::percent(10)).duplication(Ratio::percent(10))
}

fn talking(seed: u64, pairs: &[[&str; 2]]) -> Fingerprint {
    let mut network = Network::new(bad_link());
    for names in pairs {
        talk(&mut network, *names);
    }
    let mut simulation =
        Simulation::new(network, Settings::new(seed)).with_recorder(Fingerprinter::default());
    simulation.act(Network::begin);
    assert_eq!(simulation.run(), End::Quiescent);
    simulation.recorder().fingerprint(simulation.names())
}

#[test]
fn an_unrelated_pair_changes_no_layer_of_another() {
    for seed in 0..200 {
        let alone = talking(seed, &[[A, B]]);
        for pairs in [[[A, B], ["c", "d"]], [["c", "d"], [A, B]]] {
            let together = talking(seed, &pairs);
            assert!(together.records > alone.records + 100, "the other pair talks");
            for layer in &alone.actors {
                assert_eq!(together.actor(&layer.name), Some(layer), "seed {seed}");
            }
        }
    }
}

#[test]
fn what_a_network_does_is_pinned() {
    let found = talking(1, &[[A, B]]);
    assert_eq!((found.run.to_string().as_str(), found.records), ("27e80238789b7931fd98bf7bff21408d", 305));
}

#[test]
fn which_of_two_messages_of_one_name_comes_first_can_be_searched_and_is_said() {
    let overtaken = |_: &Names, record: &Record<'_, About>| match record.name {
        Name { kind: HEARD, subject: About::Number(1), .. } if record.number < 9 => {
            Err("1 comes first".into())
        }
        Name { .. } => Ok(()),
    };
    let report = check(move |run| {
        let story = Story::over(Link::new(ms(7)));
        let (a, b) = (story.a, story.b);
        let network = story.tell(10, a, Command::Send(b, 2)).network;
        let mut simulation = run.simulation(network, [monitor("in-order", overtaken)]);
        simulation.act(Network::begin);
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    })
    .search()
    .expect_err("some order turns them round")
    .to_string();
    assert!(report.contains("b/ping(a+1) of a/command#1 before b/ping(a) of a/command#1"), "{report}");
}

/// The names of the messages that `b` gets if `a` sends one every ten milliseconds, and each takes as long.
fn names_of_messages(seed: u64) -> Vec<String> {
    let mut story = Story::over(Link::new(ms(10)));
    for millis in (10..100).step_by(10) {
        let (a, b) = (story.a, story.b);
        story = story.tell(millis, a, Command::Send(b, 2));
    }
    let mut simulation = Simulation::traced(story.network, seed);
    simulation.act(Network::begin);
    assert_eq!(simulation.run(), End::Quiescent);
    let text = simulation.recorder().trace().to_string();
    let names =
        text.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with("ping(")));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn what_a_message_is_called_does_not_depend_on_who_is_first_at_an_instant() {
    let names = names_of_messages(0);
    assert_eq!(names.len(), 18);
    assert_eq!(names.iter().filter(|name| name.starts_with("ping(a+1)")).count(), 9, "{names:?}");
    assert!((1..50).all(|seed| names_of_messages(seed) == names));
}

#[test]
fn a_stream_does_not_wait_for_what_was_on_its_way_to_a_former_life() {
    let heard = |seed, link: Link| {
        let story = Story::over(link);
        let (a, b) = (story.a, story.b);
        let story = story.tell(1, a, Command::Send(b, 1)).crash(10, b, ms(5));
        story.tell(30, a, Command::Send(b, 1)).notes(seed, &[HEARD])
    };
    let free = Link::new(ms(0)).latency(ms(1)..=ms(200));
    // The same latencies are drawn. The first message is dropped if it comes after the crash, and does not hold up the second.
    assert!((0..100).all(|seed| heard(seed, free) == heard(seed, free.in_order())));
    // If it is delivered all the same, the second waits for it.
    let outliving = free.outlives_crashes();
    assert!((0..100).any(|seed| heard(seed, outliving) != heard(seed, outliving.in_order())));
}

#[test]
fn what_an_unrelated_pair_does_to_a_stream_is_nothing() {
    let run = |seed: u64, pairs: &[[&str; 2]]| {
        let mut network = Network::new(bad_link().in_order());
        for names in pairs {
            talk(&mut network, *names);
        }
        let mut simulation =
            Simulation::new(network, Settings::new(seed)).with_recorder(Fingerprinter::default());
        simulation.act(Network::begin);
        assert_eq!(simulation.run(), End::Quiescent);
        simulation.recorder().fingerprint(simulation.names())
    };
    for seed in 0..100 {
        let (alone, together) = (run(seed, &[[A, B]]), run(seed, &[["c", "d"], [A, B]]));
        assert!(alone.actors.iter().all(|layer| together.actor(&layer.name) == Some(layer)), "seed {seed}");
    }
}

fn panics(act: impl FnOnce(&mut Network<Obedient>, [NodeId; 2]) + core::panic::UnwindSafe) -> String {
    let result = std::panic::catch_unwind(|| {
        let mut network = Network::new(Link::new(ms(1)));
        let nodes = [A, B].map(|name| network.add(name, Obedient));
        act(&mut network, nodes);
    });
    let payload = result.expect_err("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[test]
fn names_that_could_be_those_of_others_are_refused() {
    for name in [A, "net", "a>b", "a+1", "split"] {
        let said = panics(move |network, [a, b]| {
            network.partition(at(1), "split", [&[a], &[b]], ms(1));
            network.add(name, Obedient);
        });
        assert!(said.contains(name), "{said}");
    }
    let said = panics(|network, [a, b]| network.partition(at(1), "split", [&[a, b], &[b]], ms(1)));
    assert_eq!(said, "a node is on both sides of the partition split");
}

#[test]
fn a_network_begins_once_and_is_changed_before() {
    type Change = fn(&mut Network<Obedient>, [NodeId; 2]);
    let changes: [Change; 5] = [
        |network, [a, _]| network.command(at(1), a, Command::Draw),
        |network, [a, _]| network.crash(at(1), a, ms(1)),
        |network, [a, b]| network.link(a, b, Link::new(ms(5))),
        |network, _| network.calm(at(1)),
        |network, _| _ = network.add("c", Obedient),
    ];
    for change in changes {
        let said = panics(move |network, nodes| {
            let mut simulation = Simulation::new(network.clone(), Settings::new(1));
            simulation.act(Network::begin);
            simulation.act(|network, _| change(network, nodes));
        });
        assert!(said.starts_with("the network has begun"), "{said}");
    }
    let said = panics(|network, _| {
        let mut simulation = Simulation::new(network.clone(), Settings::new(1));
        simulation.act(Network::begin);
        simulation.act(Network::begin);
    });
    assert!(said.starts_with("the network has begun"), "{said}");
}

#[test]
fn it_does_not_matter_which_of_several_timers_was_armed_first() {
    let report = prove(|begin| {
        let story = Story::over(Link::new(ms(1)));
        let a = story.a;
        let arm = |story: Story, timer| story.tell(5, a, Command::Arm(timer, ms(10 * (timer + 1))));
        let network = (0..6).fold(story, arm).network;
        let mut simulation = begin.simulation(network, ());
        simulation.act(Network::begin);
        simulation
    })
    .explore();
    assert!(report.is_proof());
    // Each set of timers that were armed is one state, in whichever order they were: 2 to the 6th, and the starts and the ends.
    assert!(report.states < 80, "{}", report.states);
}
