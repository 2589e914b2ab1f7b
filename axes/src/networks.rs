//! Machines on networks that lose, duplicate and delay, and a crowd of clients written in Rust.

use tiebreak::net::{Link, Network, Node, NodeId, Port};
use tiebreak::{
    Digest, Fact, Fingerprinter, Header, Instant, Order, Ratio, Settings, Simulation, Span, Tracer, terms,
};
use tiebreak_churn::Churn;

use crate::packed::digest_of_packed;
use crate::scenarios::digest_of_layers;
use crate::{Job, Lines};

terms! { TOKEN = "token", HELD = "held", PATIENCE = "patience", AGAIN = "again" }

const SEEDS: u64 = 4;
const NODES: u32 = 5;
const HORIZON: Instant = Instant::from_secs(20);

/// Returns a job for each network, each order, and for the crowd.
pub(crate) fn jobs() -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for (name, link) in links() {
        for order in Order::ALL {
            jobs.push(Box::new(move |lines| add(lines, name, link, order)));
        }
    }
    for seed in 1..=SEEDS {
        jobs.push(Box::new(move |lines| add_churn(lines, seed)));
    }
    jobs
}

fn links() -> [(&'static str, Link); 3] {
    let usual = Link::new(Span::from_millis(10));
    [
        ("ring/even", usual),
        ("ring/lossy", usual.loss(Ratio::percent(10)).duplication(Ratio::percent(5))),
        (
            "ring/late",
            usual
                .latency(Span::from_millis(1)..=Span::from_millis(40))
                .in_steps_of(Span::from_millis(1))
                .in_order(),
        ),
    ]
}

/// A node of a ring: hands a token on, and makes a new one if none has come for a while.
#[derive(Debug, Clone, Default)]
struct Handing {
    seen: u64,
}

impl Handing {
    fn hand_on(&mut self, token: u64, port: &mut Port<'_, Self>) {
        self.seen = self.seen.max(token);
        port.note(HELD, port.symbol(port.id()), &[Fact::number(TOKEN, token)]);
        let ids: Vec<NodeId> = port.ids().collect();
        let next = ids.iter().position(|id| *id == port.id()).map_or(0, |at| (at + 1) % ids.len());
        port.send(ids[next], token + 1);
        let patience = port.draw_span(PATIENCE, Span::from_millis(150)..=Span::from_millis(300));
        port.arm_after(patience, 0);
    }
}

impl Node for Handing {
    type Message = u64;
    type Timer = u64;
    type Command = u64;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        port.arm_after(Span::from_millis(500), 0);
    }

    fn command(&mut self, token: u64, port: &mut Port<'_, Self>) {
        self.hand_on(token, port);
    }

    fn expire(&mut self, _timer: u64, port: &mut Port<'_, Self>) {
        if port.chance(AGAIN, Ratio::percent(75)) {
            self.hand_on(self.seen + 1, port);
        } else {
            port.arm_after(Span::from_millis(100), 0);
        }
    }

    fn receive(&mut self, _from: NodeId, token: u64, port: &mut Port<'_, Self>) {
        // Of two tokens the older one is dropped.
        if token > self.seen {
            self.hand_on(token, port);
        }
    }
}

fn ring(link: Link) -> Network<Handing> {
    let mut network = Network::new(link);
    let ids: Vec<NodeId> =
        (0..NODES).map(|number| network.add(format!("n{number}"), Handing::default())).collect();
    network.command(Instant::from_millis(5), ids[0], 1);
    network.crash(Instant::from_secs(3), ids[2], Span::from_secs(1));
    network.crash(Instant::from_secs(6), ids[4], Span::from_secs(2));
    network
}

fn add(lines: &mut Lines, name: &str, link: Link, order: Order) {
    for seed in 1..=SEEDS {
        let settings = Settings::new(seed).with_order(order).with_horizon(HORIZON);
        let header = Header::new(1, Digest::of(name.as_bytes()), &settings);
        let recorder = (Tracer::new(header), Fingerprinter::default());
        let mut simulation = Simulation::new(ring(link), settings).with_recorder(recorder);
        simulation.act(Network::begin);
        simulation.run();
        let (_, names, (tracer, fingerprinter)) = simulation.into_parts();
        let fingerprint = fingerprinter.fingerprint(&names);
        lines.add("run", name, order.word(), seed, fingerprint.run);
        lines.add("layers", name, order.word(), seed, digest_of_layers(&fingerprint));
        let packed = tracer.into_trace().pack();
        lines.add("packed", name, order.word(), seed, digest_of_packed(&packed));
    }
}

fn add_churn(lines: &mut Lines, seed: u64) {
    let churn = Churn { statics: 8, rips: 16, redistributors: 2 };
    let run = churn.run(seed);
    lines.add("run", "churn", "seeded", seed, run.fingerprint.run);
    lines.add("layers", "churn", "seeded", seed, digest_of_layers(&run.fingerprint));
    lines.add_bytes("snapshot", "churn/rip1", "seeded", seed, churn.projection(seed, "rip1"));
}
