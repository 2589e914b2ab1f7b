//! What of a network counts when states are compared.

use tiebreak::{Instant, Span, prove};
use tiebreak_net::{Link, Network, Node, NodeId, Port};

/// Sends one message to whom it is told.
#[derive(Debug, Clone, Hash)]
struct Sender;

impl Node for Sender {
    type Message = ();
    type Timer = ();
    type Command = NodeId;

    fn start(&mut self, _port: &mut Port<'_, Self>) {}
    fn receive(&mut self, _from: NodeId, (): (), _port: &mut Port<'_, Self>) {}
    fn expire(&mut self, (): (), _port: &mut Port<'_, Self>) {}
    fn command(&mut self, to: NodeId, port: &mut Port<'_, Self>) {
        port.send(to, ());
    }
}

#[test]
fn it_does_not_matter_over_which_of_several_links_something_was_sent_first() {
    for link in [Link::new(Span::from_millis(1)), Link::new(Span::from_millis(1)).in_order()] {
        let report = prove(|begin| {
            let mut network = Network::new(link);
            let hub = network.add("hub", Sender);
            for name in ["a", "b", "c", "d"] {
                let sender = network.add(name, Sender);
                network.command(Instant::from_millis(5), sender, hub);
            }
            let mut simulation = begin.simulation(network, ());
            simulation.act(Network::begin);
            simulation
        })
        .explore();
        assert!(report.is_proof());
        // Sets of nodes that have started, then of those that have sent, then of messages that have arrived.
        assert!(report.states < 80, "{}", report.states);
    }
}
