//! Same seed, same run; and what an unrelated group changes.

use tiebreak::net::{Network, Node};
use tiebreak::{Fingerprint, Fingerprinter, Instant, Settings, Simulation};

/// How a network is run: what it is, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Drive<F> {
    /// Makes the network, as it is before the run.
    pub network: F,
    /// How far it runs.
    pub until: Instant,
}

impl<N: Node, F: Fn() -> Network<N>> Drive<F> {
    /// Runs under a seed, in seeded order.
    pub fn fingerprint(&self, seed: u64) -> Fingerprint {
        let simulation = Simulation::new((self.network)(), Settings::new(seed));
        let mut simulation = simulation.with_recorder(Fingerprinter::default());
        simulation.act(Network::begin);
        let _ = simulation.run_until(self.until);
        simulation.recorder().fingerprint(simulation.names())
    }
}

/// Runs each seed twice; returns those seeds whose two runs differ.
pub fn unrepeated<N: Node>(seeds: u64, drive: &Drive<impl Fn() -> Network<N>>) -> Vec<u64> {
    (0..seeds).filter(|seed| drive.fingerprint(*seed) != drive.fingerprint(*seed)).collect()
}

/// Runs each seed with a group alone, and with another group beside it; returns the seeds in which the layer of an actor of
/// the first group is another one, with the name of that actor.
pub fn disturbed<N: Node>(
    seeds: u64,
    alone: &Drive<impl Fn() -> Network<N>>,
    together: &Drive<impl Fn() -> Network<N>>,
) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    for seed in 0..seeds {
        let [alone, together] = [alone.fingerprint(seed), together.fingerprint(seed)];
        assert!(alone.records < together.records, "the other group does nothing under seed {seed}");
        let moved = alone.actors.iter().filter(|layer| together.actor(&layer.name) != Some(layer));
        found.extend(moved.map(|layer| (seed, layer.name.clone())));
    }
    found
}
