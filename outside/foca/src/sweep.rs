//! Many seeds, each a cluster of its own, and the smallest cluster that fails as one of them does.

use std::collections::BTreeMap;

use tiebreak::{Fingerprint, Fingerprinter, Settings, Simulation, Verdict, Watch};
use tiebreak::net::Network;

use crate::invariants::Watcher;
use crate::node::{Care, Restart};
use crate::world::{Incident, Latency, Shape};

/// Runs a cluster under a seed; returns what it broke, and the fingerprint of the run.
#[must_use]
pub fn judged(shape: &Shape, seed: u64) -> (BTreeMap<&'static str, String>, Fingerprint) {
    let recorder = (Watch::new(Watcher::all(shape.promise())), Fingerprinter::default());
    let mut simulation = Simulation::new(shape.network(0), Settings::new(seed)).with_recorder(recorder);
    simulation.act(Network::begin);
    let end = simulation.run_until(shape.end());
    let (watch, prints) = simulation.recorder();
    let mut broken = BTreeMap::new();
    if let std::ops::ControlFlow::Break(end) = end {
        broken.insert("limit", format!("{end:?}"));
    }
    for report in watch.reports(simulation.names()) {
        match report.verdict {
            Verdict::Holds => {}
            Verdict::Waits(message) => _ = broken.insert(report.monitor, message),
            Verdict::Fails(failure) => _ = broken.insert(report.monitor, failure.to_string()),
        }
    }
    (broken, prints.fingerprint(simulation.names()))
}

/// Returns clusters that are a little simpler.
fn simpler(shape: &Shape) -> Vec<Shape> {
    let mut found = Vec::new();
    let incidents = &shape.incidents;
    for place in 0..incidents.len() {
        let mut fewer = incidents.clone();
        fewer.remove(place);
        found.push(Shape { incidents: fewer, ..shape.clone() });
    }
    if shape.nodes > 2 {
        let nodes = shape.nodes - 1;
        let moved = |node: u16| node.min(nodes - 1);
        let incidents = incidents.iter().map(|(at, incident)| {
            let incident = match *incident {
                Incident::Crash(node, down) => Incident::Crash(moved(node), down),
                Incident::Split(below, lasts) => Incident::Split(below.min(nodes - 1), lasts),
                Incident::Order(node, command) => Incident::Order(moved(node), command),
            };
            (*at, incident)
        });
        found.push(Shape { nodes, incidents: incidents.collect(), ..shape.clone() });
    }
    found.push(Shape { duplication: 0, ..shape.clone() });
    found.push(Shape { loss: 0, ..shape.clone() });
    found.push(Shape { latency: Latency::Near, ..shape.clone() });
    found.push(Shape { restart: Restart::Anew, ..shape.clone() });
    found.push(Shape { care: Care::UntilMember, ..shape.clone() });
    found.retain(|simpler| simpler != shape);
    found
}

/// Returns the simplest cluster found that breaks the rule under one of some seeds.
#[must_use]
pub fn simplest(shape: &Shape, rule: &str, seeds: &[u64]) -> Shape {
    let breaks = |shape: &Shape| seeds.iter().any(|seed| judged(shape, *seed).0.contains_key(rule));
    let mut simplest = shape.clone();
    while let Some(next) = simpler(&simplest).into_iter().find(|shape| breaks(shape)) {
        simplest = next;
    }
    simplest
}
