//! A network that was never begun does not pass in silence.

use tiebreak::{Instant, Settings, Simulation, Span, check, outcome};
use tiebreak_net::{Link, Network, Node, NodeId, Port};

struct Idle;

impl Node for Idle {
    type Message = ();
    type Timer = ();
    type Command = ();

    fn start(&mut self, _port: &mut Port<'_, Self>) {}
    fn receive(&mut self, _from: NodeId, (): (), _port: &mut Port<'_, Self>) {}
    fn expire(&mut self, (): (), _port: &mut Port<'_, Self>) {}
    fn command(&mut self, (): (), _port: &mut Port<'_, Self>) {}
}

fn network() -> Network<Idle> {
    let mut network = Network::new(Link::new(Span::ZERO));
    network.add("a", Idle);
    network
}

#[test]
#[should_panic(expected = "call `simulation.act(Network::begin)` before it runs")]
fn a_network_that_has_not_begun_does_not_run() {
    Simulation::new(network(), Settings::new(1)).run();
}

#[test]
#[should_panic(expected = "call `simulation.act(Network::begin)` before it runs")]
fn nor_does_it_run_until_an_instant() {
    let _ = Simulation::new(network(), Settings::new(1)).run_until(Instant::from_secs(1));
}

#[test]
fn a_search_of_it_finds_that() {
    let forgetful = check(|run| {
        let mut simulation = run.simulation(network(), ());
        let end = simulation.run();
        outcome(&simulation, Some(&end))
    });
    let report = forgetful.runs(10).search().expect_err("nothing happens").to_string();
    assert!(report.contains("the network has not begun, so nothing happens"), "{report}");
}

#[test]
fn one_that_has_begun_runs_to_its_end_and_may_be_run_again() {
    let mut simulation = Simulation::new(network(), Settings::new(1));
    simulation.act(Network::begin);
    for _ in 0..2 {
        let _ = simulation.run();
        let _ = simulation.run_until(Instant::from_secs(1));
    }
    assert_eq!(simulation.dispatched(), 1, "its node has started");
}
