//! How groups differ: what their nodes are configured to do, and what happens to them.

use raft::ReadOnlyOption;
use tiebreak::net::{Link, Network};
use tiebreak::{Instant, Span};

use crate::world::{Command, Replica};

/// The step of the grid of time: latencies, ticks and writes are multiples of it, so that much is due at one instant.
pub const STEP: Span = Span::from_millis(5);
/// The span between two ticks of a node.
pub const TICK: Span = Span::from_millis(10);
/// How many ticks a follower waits at least before it stands for election.
pub const ELECTION_TICKS: usize = 6;
/// When faults stop.
pub const CALM: Instant = Instant::from_millis(1_500);
/// When everybody is asked to serve a client: more than ten election timeouts later.
const PROBE: Instant = Instant::from_millis(2_200);
/// When everybody must have done so.
pub const END: Instant = Instant::from_millis(3_200);

/// What the members of a group are told to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    None,
    /// Voters become learners, learners voters; any number of them, at least one voter stays.
    Roles,
    /// The member of this number leaves for good.
    Leaves(u64),
}

/// How a group is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    pub name: &'static str,
    pub members: u64,
    pub reads: ReadOnlyOption,
    pub pre_vote: bool,
    pub check_quorum: bool,
    pub batch_append: bool,
    /// The election priority of the last member; that of the others is 0.
    pub priority: i64,
    pub changes: Changes,
    pub transfers: bool,
    /// The last member but one is down from here on.
    pub lost: Option<Instant>,
}

/// What a careful user takes.
pub const PLAIN: Setup = Setup {
    name: "plain",
    members: 3,
    reads: ReadOnlyOption::Safe,
    pre_vote: true,
    check_quorum: true,
    batch_append: false,
    priority: 0,
    changes: Changes::None,
    transfers: true,
    lost: None,
};

/// Without the two extensions.
pub const BARE: Setup = Setup { name: "bare", pre_vote: false, check_quorum: false, ..PLAIN };
/// Appends that wait to be sent are joined.
pub const BATCHED: Setup = Setup { name: "batched", batch_append: true, ..PLAIN };
/// One member is preferred as the leader, and another one fails for good.
pub const PREFERRED: Setup =
    Setup { name: "preferred", priority: 1, lost: Some(Instant::from_millis(1_050)), ..PLAIN };
/// The same without a preference.
pub const BEREFT: Setup = Setup { name: "bereft", priority: 0, ..PREFERRED };
/// Members become learners and voters again.
pub const ROLES: Setup = Setup { name: "roles", changes: Changes::Roles, ..PLAIN };
/// One of four members leaves for good.
pub const LEAVING: Setup = Setup { name: "leaving", members: 4, changes: Changes::Leaves(1), ..PLAIN };
/// Reads rely on the lease of the leader.
pub const LEASED: Setup =
    Setup { name: "leased", reads: ReadOnlyOption::LeaseBased, transfers: false, ..PLAIN };

/// The same, and leaders hand over.
pub const HANDED: Setup = Setup { name: "handed", transfers: true, ..LEASED };

/// All of them.
pub const ALL: [Setup; 9] = [PLAIN, BARE, BATCHED, PREFERRED, BEREFT, ROLES, LEAVING, LEASED, HANDED];

/// Adds a group to a network, with what happens to it.
pub fn add(network: &mut Network<Replica>, group: &'static str, setup: Setup) {
    let ids: Vec<_> = (1..=setup.members)
        .map(|id| network.add(format!("{group}{id}"), Replica::new(group, id, setup)))
        .collect();
    let at = |millis| Instant::from_millis(millis);
    for (place, id) in (0..).zip(&ids) {
        // Everybody has a client, and clients are not in step with each other.
        for turn in 0..40 {
            network.command(at(100 + 30 * turn + 10 * place), *id, Command::Act);
        }
        network.command(PROBE, *id, Command::Probe);
        for crash in 0..3 {
            network.crash(at(310 + 140 * place + 400 * crash), *id, Span::from_millis(40 + 60 * crash));
        }
    }
    for (turn, one) in (0..).zip(ids.iter().chain(&ids)) {
        let others: Vec<_> = ids.iter().filter(|other| *other != one).copied().collect();
        let lasts = Span::from_millis(120 + 60 * (turn % 3));
        network.partition(format!("{group}-split{turn}"), (at(200 + 180 * turn), lasts), [&[*one], &others]);
    }
    if let Some(lost) = setup.lost {
        network.crash(lost, ids[ids.len() - 2], Span::MAX);
    }
}

/// A network of one group.
pub fn network(setup: Setup) -> Network<Replica> {
    let mut network = Network::new(Link::new(STEP));
    add(&mut network, "a", setup);
    network
}
