//! The faults that a search finds, and where.

use crate::setups::{BARE_ROLES, BATCHED, HANDED, LEASED, LEAVING, PREFERRED, SHRINKING, Setup};

/// A fault: the setup in which it is found, and the monitor that notices it.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name, and that of the folder in which it is kept.
    pub name: &'static str,
    pub setup: Setup,
    /// The monitor.
    pub monitor: &'static str,
}

/// All of them, as FOUND.md numbers them.
pub const FAULTS: [Fault; 9] = [
    Fault { name: "batched-panic", setup: BATCHED, monitor: "no-panic" },
    Fault { name: "batched-differ", setup: BATCHED, monitor: "same-state" },
    Fault { name: "preferred-deadlock", setup: PREFERRED, monitor: "served" },
    Fault { name: "leaving-panic", setup: LEAVING, monitor: "no-panic" },
    Fault { name: "sole-voter-stale", setup: SHRINKING, monitor: "linearizable" },
    Fault { name: "pre-vote-deadlock", setup: SHRINKING, monitor: "served" },
    Fault { name: "later-term-unheard", setup: BARE_ROLES, monitor: "served" },
    Fault { name: "leased-stale", setup: LEASED, monitor: "linearizable" },
    Fault { name: "handed-stale", setup: HANDED, monitor: "linearizable" },
];
