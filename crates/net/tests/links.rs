//! Links of their own, messages of a former life, and when timers are due: what a node hears and is told.

use tiebreak::{Instant, Settings, Simulation, Span, prove};
use tiebreak_net::{Link, Network, Node, NodeId, Port};

const fn ms(count: u64) -> Span {
    Span::from_millis(count)
}

const fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// Sends when it is told to, and remembers when it heard something and when its timer was due.
#[derive(Debug, Clone, Default, Hash)]
struct Listener {
    heard: Vec<Instant>,
    due: Vec<Option<Instant>>,
}

#[derive(Debug, Clone, Copy, Hash)]
enum Command {
    Send(NodeId),
    Submit(Span),
    AskWhenDue,
}

impl Node for Listener {
    type Message = ();
    type Timer = ();
    type Command = Command;

    fn start(&mut self, _port: &mut Port<'_, Self>) {}

    fn receive(&mut self, _from: NodeId, (): (), port: &mut Port<'_, Self>) {
        self.heard.push(port.now());
    }

    fn expire(&mut self, (): (), _port: &mut Port<'_, Self>) {}

    fn command(&mut self, command: Command, port: &mut Port<'_, Self>) {
        match command {
            Command::Send(to) => port.send(to, ()),
            Command::Submit(span) => port.submit_after(span, ()),
            Command::AskWhenDue => self.due.push(port.due(&())),
        }
    }
}

fn pair(link: Link) -> (Network<Listener>, [NodeId; 2]) {
    let mut network = Network::new(link);
    let ids = ["a", "b"].map(|name| network.add(name, Listener::default()));
    (network, ids)
}

/// What both nodes have heard at the end.
fn heard(network: Network<Listener>, ids: [NodeId; 2]) -> [Vec<Instant>; 2] {
    let mut simulation = Simulation::new(network, Settings::new(1));
    simulation.act(Network::begin);
    simulation.run();
    ids.map(|id| simulation.world().node(id).heard.clone())
}

#[test]
fn a_link_of_their_own_is_for_both_directions_or_for_one() {
    let (mut network, [a, b]) = pair(Link::new(ms(1)));
    network.command(at(10), a, Command::Send(b));
    network.command(at(10), b, Command::Send(a));
    let usual = network.clone();
    assert_eq!(heard(usual, [a, b]), [vec![at(11)], vec![at(11)]]);
    let mut both = network.clone();
    both.link(a, b, Link::new(ms(5)));
    assert_eq!(heard(both, [a, b]), [vec![at(15)], vec![at(15)]]);
    network.link_one_way(a, b, Link::new(ms(5)));
    assert_eq!(heard(network, [a, b]), [vec![at(11)], vec![at(15)]]);
}

#[test]
fn what_was_sent_to_a_former_life_is_heard_only_if_the_link_says_so() {
    for (link, expected) in
        [(Link::new(ms(20)), vec![]), (Link::new(ms(20)).outlives_crashes(), vec![at(21)])]
    {
        let (mut network, [a, b]) = pair(link);
        network.command(at(1), a, Command::Send(b));
        network.crash(at(10), b, ms(5));
        assert_eq!(heard(network, [a, b])[1], expected);
    }
}

#[test]
fn states_that_differ_in_the_life_that_a_message_was_sent_to_are_two() {
    for is_sent_first in [false, true] {
        let report = prove(|begin| {
            let (mut network, [a, b]) = pair(Link::new(ms(20)));
            if is_sent_first {
                network.command(at(5), a, Command::Send(b));
            }
            network.crash(at(5), b, ms(5));
            if !is_sent_first {
                network.command(at(5), a, Command::Send(b));
            }
            let mut simulation = begin.simulation(network, ());
            simulation.act(Network::begin);
            simulation
        })
        .explore();
        assert!(report.is_proof());
        // Starts in either order (4 states), both (1), one of sending and crashing (2), both in two ways (2), the next life (2), and the
        // message is heard or not (2). Were the lives not told apart, three of them would be missing.
        assert_eq!(report.states, 12, "sent first: {is_sent_first}");
    }
}

#[test]
fn of_equal_timers_the_one_that_was_submitted_first_is_said_to_be_due() {
    let (mut network, [a, _]) = pair(Link::new(ms(1)));
    for (millis, command) in [
        (1, Command::AskWhenDue),
        (2, Command::Submit(ms(20))),
        (3, Command::Submit(ms(10))),
        (4, Command::AskWhenDue),
        (14, Command::AskWhenDue),
        (30, Command::AskWhenDue),
    ] {
        network.command(at(millis), a, command);
    }
    let mut simulation = Simulation::new(network, Settings::new(1));
    simulation.act(Network::begin);
    simulation.run();
    assert_eq!(simulation.world().node(a).due, [None, Some(at(22)), Some(at(22)), None]);
}
