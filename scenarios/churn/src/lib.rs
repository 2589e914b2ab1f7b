//! A thousand protocol clients that behave: static ones, RIP-like ones, and ones that redistribute.
//!
//! ```text
//!  static1 … ──▶ table of instance 0 ◀── rip1 … (refresh, time-out, garbage or hold-down)
//!                        │ change notifications
//!                        ▼
//!                 redistributor1 … ──▶ table of instance 1
//! ```
//!
//! A scenario crate: its clients are written in Rust on the facade and `tiebreak-rtm-sim`, and draw through `rand` on
//! the named streams of the run. It shows that a crowd is as repeatable as a handful: the whole run is fingerprinted,
//! one client's projection is a snapshot.
//!
//! It keeps: every client draws from its own streams, so that one more client changes nobody's draws. It lacks, on
//! purpose: packets and neighbours. What a RIP neighbour sends is drawn by the client itself.
//!
//! Start reading at [`Rip`].
//!
//! ```
//! use tiebreak_churn::Churn;
//!
//! let run = Churn { statics: 2, rips: 4, redistributors: 1 }.run(1);
//! assert!(run.findings.is_empty());
//! ```
#![no_std]

extern crate alloc;

mod fixed;
mod redistribute;
mod rip;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tiebreak::{
    Digest, End, Fingerprint, Fingerprinter, Header, Instant, Names, Projection, Recorder, Settings,
    Simulation, Tracer, Verdict, Watch,
};
use tiebreak_rtm::{AddressFamily, CallbackFrame, EntityId, NetAddress, Profile, Status, TableId, protocol};
use tiebreak_rtm_sim::{Answer, Behaviour, Delay, Desk, MODEL, RoutingMonitors, RoutingWorld, Subject};

pub use fixed::Static;
pub use redistribute::Redistributor;
pub use rip::{Rip, TimeoutStyle};

/// The table all clients meet in.
const TABLE: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };

/// How long a run lasts.
const HORIZON: Instant = Instant::from_secs(900);

/// How many destinations each RIP-like client has.
const PREFIXES: u32 = 2;

/// A client of this scenario.
#[derive(Debug, Clone)]
pub enum Client {
    /// Adds its routes once.
    Static(Static),
    /// Refreshes its routes and lets them time out.
    Rip(Rip),
    /// Copies what is best in one table into another.
    Redistributor(Redistributor),
}

impl Behaviour for Client {
    fn start(&mut self, desk: &mut Desk<'_>) {
        match self {
            Self::Static(_) => Static::start(desk),
            Self::Rip(_) => Rip::start(desk),
            Self::Redistributor(_) => Redistributor::start(desk),
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        match self {
            Self::Static(client) => client.wake(desk),
            Self::Rip(client) => client.wake(token, desk),
            Self::Redistributor(client) => client.wake(desk),
        }
    }

    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        Answer::Return(match self {
            Self::Static(_) => Status::NoError,
            Self::Rip(client) => client.called(frame, desk),
            Self::Redistributor(client) => client.called(frame, desk),
        })
    }
}

/// How many clients of each kind take part.
#[derive(Debug, Clone, Copy)]
pub struct Churn {
    /// Static clients, `static1` and so on.
    pub statics: u32,
    /// RIP-like clients, `rip1` and so on; every other one answers a time-out with hold-down.
    pub rips: u32,
    /// Redistributing clients, `redistributor1` and so on.
    pub redistributors: u32,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// How many events ran.
    pub events: u64,
    /// What the monitors found; empty if all is well.
    pub findings: Vec<String>,
    /// The layered fingerprint.
    pub fingerprint: Fingerprint,
}

impl Churn {
    /// Runs with a fingerprint and no trace.
    #[must_use]
    pub fn run(self, seed: u64) -> Run {
        let (simulation, end) = self.run_with(seed, Fingerprinter::default());
        let (watch, fingerprinter) = simulation.recorder();
        let names = simulation.names();
        let failed = |verdict: &Verdict| match verdict {
            Verdict::Holds => false,
            Verdict::Waits(_) => simulation.world().is_quiet(),
            Verdict::Fails(_) => true,
        };
        let reports = watch.reports(names).into_iter().filter(|report| failed(&report.verdict));
        Run {
            end,
            events: simulation.dispatched(),
            findings: reports.map(|report| report.to_string()).collect(),
            fingerprint: fingerprinter.fingerprint(names),
        }
    }

    /// Runs with a trace, and returns the part of it that concerns one actor, as snapshot text.
    #[must_use]
    pub fn projection(self, seed: u64, actor: &str) -> String {
        let header = Header::new(MODEL, Digest::of(format!("{self:?}").as_bytes()), &settings(seed));
        let (simulation, _) = self.run_with(seed, Tracer::new(header));
        tiebreak::snapshot(simulation.recorder().1.trace(), &Projection::Actor(actor.to_string()))
    }

    fn run_with<K: Recorder<Subject>>(self, seed: u64, keeper: K) -> (ChurnSimulation<K>, End) {
        let (world, names) = self.build();
        let recorder = (Watch::default(), keeper);
        let mut simulation = Simulation::new(world, settings(seed)).with_names(names).with_recorder(recorder);
        simulation.act(RoutingWorld::begin);
        let end = simulation.run();
        (simulation, end)
    }

    fn build(self) -> (RoutingWorld<Client>, Names) {
        let mut world = RoutingWorld::new(Profile::default());
        let mut names = Names::default();
        let mut add = |name: String, client: Client| {
            world.add(names.intern(&name), Delay::None, client);
        };
        for number in 1..=self.statics {
            add(format!("static{number}"), Client::Static(Static::new(number, prefix(200, number))));
        }
        for number in 1..=self.rips {
            let style = if number % 2 == 0 { TimeoutStyle::HoldDown } else { TimeoutStyle::Poison };
            // Neighbouring clients share destinations, so that routes compete.
            let prefixes = (0..PREFIXES).map(|offset| prefix(10, number + offset)).collect();
            add(format!("rip{number}"), Client::Rip(Rip::new(number, prefixes, style)));
        }
        for number in 1..=self.redistributors {
            add(format!("redistributor{number}"), Client::Redistributor(Redistributor::new(number)));
        }
        (world, names)
    }
}

type ChurnSimulation<K> = Simulation<RoutingWorld<Client>, (Watch<RoutingMonitors>, K)>;

const fn settings(seed: u64) -> Settings {
    Settings::new(seed).with_horizon(HORIZON)
}

/// The `number`-th /24 below `first`.0.0.0/8.
fn prefix(first: u32, number: u32) -> NetAddress {
    let bits = u128::from(first << 24 | (number & 0xFFFF) << 8) << 96;
    match NetAddress::new(AddressFamily::Ipv4, bits, 24) {
        Ok(prefix) => prefix,
        Err(error) => unreachable!("24 bits are set at most: {error}"),
    }
}

/// The address of a client's neighbour, below 192.0.0.0/8.
fn neighbour(number: u32) -> NetAddress {
    match NetAddress::new(AddressFamily::Ipv4, u128::from(192 << 24 | (number & 0xFF_FFFF)) << 96, 32) {
        Ok(address) => address,
        Err(error) => unreachable!("a host has all its bits: {error}"),
    }
}

/// A RIP-like client as an entity.
const fn rip_entity(number: u32) -> EntityId {
    EntityId { protocol: protocol::RIP, protocol_instance: number }
}
