//! The peers, one file each, and what the runner must know of them.

mod heap;
mod tiebreak;

#[cfg(feature = "peers")]
mod calandria;
#[cfg(feature = "peers")]
mod descartes;
#[cfg(feature = "peers")]
mod nexosim;
#[cfg(feature = "peers")]
mod simcore;
#[cfg(feature = "peers")]
mod simulacra;
#[cfg(feature = "peers")]
mod tokio;

mod foreign;

use tiebreak_versus::{Case, Outcome};

/// In which order simultaneous events run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ties {
    /// First scheduled, first run.
    Fifo,
    /// As a seed says.
    Seeded,
    /// The same in each run, but not promised.
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "tokio's, which is not built"))]
    Unpromised,
}

/// What the peer's clock can tell apart; it decides how closely results can agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Whole nanoseconds.
    Nanoseconds,
    /// Seconds in floating point.
    Float,
    /// Timers fire at whole milliseconds.
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "tokio's, which is not built"))]
    Milliseconds,
}

/// Whether and for how long a peer runs a case.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fit {
    /// As long as everybody.
    Runs,
    /// Shorter, because it takes long: warm-up and events.
    Shortened(u64, u64),
    /// Another model of the same thing: timed, but what it computes is not compared.
    Differs,
    /// Not at all; the reason stands below the tables.
    LeftOut(&'static str),
}

/// Where a peer runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    /// In this program, in a process of its own.
    Here(fn(&Case) -> Outcome),
    /// In a program that may be absent.
    Foreign(&'static foreign::Foreign),
}

/// One peer.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The package in the lock file whose version is printed.
    pub(crate) package: Option<&'static str>,
    pub(crate) ties: Ties,
    pub(crate) clock: Clock,
    pub(crate) fit: fn(&Case) -> Fit,
    pub(crate) program: Program,
}

/// All peers, in the order of the columns. The first is what the others are compared with; the second what they
/// compute is checked against.
pub(crate) const PEERS: &[&Peer] = &[
    &tiebreak::PEER,
    &heap::PEER,
    &tiebreak::FIFO,
    #[cfg(feature = "peers")]
    &simulacra::PEER,
    #[cfg(feature = "peers")]
    &simcore::PEER,
    #[cfg(feature = "peers")]
    &nexosim::PEER,
    #[cfg(feature = "peers")]
    &tokio::PEER,
    #[cfg(feature = "peers")]
    &descartes::PEER,
    #[cfg(feature = "peers")]
    &calandria::PEER,
    &foreign::SIMPY,
    &foreign::NS3,
];

/// Tiebreak while it records. These stand in no table, but can be run: `benches/instructions.sh` counts them.
const RECORDING: &[&Peer] = &[&tiebreak::RUN_FINGERPRINT, &tiebreak::LAYERED, &tiebreak::TEXT];

/// What everybody's results are checked against.
pub(crate) const REFERENCE: &Peer = &heap::PEER;

/// Finds a peer by its name.
pub(crate) fn find(name: &str) -> Option<&'static Peer> {
    PEERS.iter().chain(RECORDING).find(|peer| peer.name == name).copied()
}
