//! Many seeds, each a cluster of its own, and the smallest cluster that fails as one of them does.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use tiebreak::explore::Outcome;
use tiebreak::net::Network;
use tiebreak::{Check, Run, check, outcome};
use tiebreak::{End, Fingerprint, Fingerprinter, Settings, Simulation, Verdict, Watch};

use crate::cases::Case;
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
    let has_ended = end.is_continue();
    if let ControlFlow::Break(End::Limit(exceeded)) = end {
        broken.insert("limit", exceeded.to_string());
    }
    for report in watch.reports(simulation.names()) {
        match report.verdict {
            Verdict::Holds => {}
            Verdict::Waits(_) if !has_ended => {}
            Verdict::Waits(message) => _ = broken.insert(report.monitor, message),
            Verdict::Fails(failure) => _ = broken.insert(report.monitor, failure.to_string()),
        }
    }
    (broken, prints.fingerprint(simulation.names()))
}

impl Shape {
    /// Runs the cluster, and looks at nothing.
    pub fn run(&self, settings: Settings) {
        let mut simulation = Simulation::new(self.network(0), settings);
        simulation.act(Network::begin);
        let _ = simulation.run_until(self.end());
    }
}

/// How many periods have to pass after the last incident before a cluster may be judged by how it stands.
const CALM_LEAST: u64 = 150;

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
    found.push(Shape { calm: shape.calm.min(CALM_LEAST), ..shape.clone() });
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

/// Searches clusters that are drawn, with all rules that hold for each.
pub fn search_drawn() -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    check(|run| {
        let shape = Shape::drawn(run.settings().seed);
        let mut simulation = run.simulation(shape.network(0), Watcher::all(shape.promise()));
        simulation.act(Network::begin);
        let end = simulation.run_until(shape.end());
        outcome(&simulation, end.break_value().as_ref())
    })
}

/// Searches a case: its cluster, and its rule alone.
pub fn search(case: &Case) -> Check<impl Fn(&mut Run<'_, '_>) -> Outcome> {
    let (shape, rule) = (case.shape.clone(), case.rule);
    check(move |run| {
        let watchers = [Watcher::new(rule, shape.promise())];
        let mut simulation = run.simulation(shape.network(0), watchers);
        simulation.act(Network::begin);
        let end = simulation.run_until(shape.end());
        outcome(&simulation, end.break_value().as_ref())
    })
}
