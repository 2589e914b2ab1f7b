//! How groups differ: what their nodes are configured to do, and what happens to them.

use raft::ReadOnlyOption;
use tiebreak::net::{Link, Network, When};
use tiebreak::{Instant, Ratio, Span};

use crate::replica::Replica;
use crate::world::Command;

/// The step of the grid of time: latencies, ticks and writes are multiples of it, so that much is due at one instant.
pub const STEP: Span = Span::from_millis(5);
/// The span between two ticks of a node.
pub const TICK: Span = Span::from_millis(10);
/// What the members of a group are told to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    None,
    /// Voters become learners, learners voters; any number of them, at least one voter stays.
    Roles,
    /// Voters become learners for good, until one is left.
    Shrinks,
    /// The member of this number leaves for good.
    Leaves(u64),
}

/// How a group is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "most are switches of the machine's own configuration")]
pub struct Setup {
    pub name: &'static str,
    pub members: u64,
    /// How many of them are voters at first; the others are learners.
    pub voters: u64,
    /// How many steps of the grid a message takes at most.
    pub latency: u64,
    /// How long faults last, in election timeouts.
    pub length: u64,
    /// How often each of them crashes.
    pub crashes: u64,
    pub reads: ReadOnlyOption,
    pub pre_vote: bool,
    pub check_quorum: bool,
    pub batch_append: bool,
    /// The election priority of the last member; that of the others is 0.
    pub priority: i64,
    pub changes: Changes,
    pub transfers: bool,
    /// How many ticks a follower waits at least before it stands for election.
    pub election_ticks: u64,
    /// Whether the last member but one goes down for good.
    pub loses_one: bool,
}

impl Setup {
    /// A point of the run, in election timeouts.
    const fn at(&self, elections: u64) -> Instant {
        Instant::from_millis(elections * self.election_ticks * 10)
    }

    /// When faults stop.
    pub const fn calm(&self) -> Instant {
        self.at(self.length)
    }

    /// When everybody must have served a client who came long after the faults.
    pub const fn end(&self) -> Instant {
        self.at(self.length + 30)
    }
}

/// What a careful user takes.
pub const PLAIN: Setup = Setup {
    name: "plain",
    members: 3,
    voters: 3,
    latency: 5,
    length: 25,
    crashes: 3,
    reads: ReadOnlyOption::Safe,
    pre_vote: true,
    check_quorum: true,
    batch_append: false,
    priority: 0,
    changes: Changes::None,
    transfers: true,
    election_ticks: 6,
    loses_one: false,
};

/// Without the two extensions.
pub const BARE: Setup = Setup { name: "bare", pre_vote: false, check_quorum: false, ..PLAIN };
/// Appends that wait to be sent are joined.
pub const BATCHED: Setup = Setup { name: "batched", batch_append: true, ..PLAIN };
/// One member is preferred as the leader, and another one fails for good.
pub const PREFERRED: Setup = Setup { name: "preferred", priority: 1, loses_one: true, ..PLAIN };
/// The same without a preference.
pub const BEREFT: Setup = Setup { name: "bereft", priority: 0, ..PREFERRED };
/// Members become learners and voters again.
pub const ROLES: Setup = Setup { name: "roles", changes: Changes::Roles, ..PLAIN };
/// The same, without the two extensions.
pub const BARE_ROLES: Setup = Setup { name: "bare-roles", changes: Changes::Roles, ..BARE };
/// Voters become learners, until one is left.
pub const SHRINKING: Setup = Setup { name: "shrinking", changes: Changes::Shrinks, latency: 1, ..PLAIN };
/// One of four members leaves for good.
pub const LEAVING: Setup =
    Setup { name: "leaving", members: 4, voters: 4, changes: Changes::Leaves(1), ..PLAIN };
/// One voter, two learners.
pub const ALONE: Setup = Setup { name: "alone", voters: 1, crashes: 9, ..PLAIN };
/// Reads rely on the lease of the leader.
pub const LEASED: Setup = Setup {
    name: "leased",
    reads: ReadOnlyOption::LeaseBased,
    transfers: false,
    election_ticks: 16,
    ..PLAIN
};

/// The same, and leaders hand over.
pub const HANDED: Setup = Setup { name: "handed", transfers: true, ..LEASED };

/// All of them.
pub const ALL: [Setup; 12] =
    [PLAIN, BARE, BATCHED, PREFERRED, BEREFT, ROLES, BARE_ROLES, SHRINKING, LEAVING, ALONE, LEASED, HANDED];

/// Adds a group to a network, with what happens to it.
pub fn add(network: &mut Network<Replica>, group: &'static str, setup: Setup) {
    let ids: Vec<_> = (1..=setup.members)
        .map(|id| network.add(format!("{group}{id}"), Replica::new(group, id, setup)))
        .collect();
    let span = |elections: u64| setup.at(elections).saturating_since(Instant::START);
    // Some instant of an election timeout, on the grid.
    let within =
        |elections: u64| When::within(setup.at(elections)..=setup.at(elections + 1)).in_steps_of(STEP);
    // The same, between two points of the grid: with a crash nothing is due.
    let between = |elections: u64| {
        let shifted = |at: Instant| at.saturating_add(Span::from_millis(2));
        When::within(shifted(setup.at(elections))..=shifted(setup.at(elections + 1))).in_steps_of(STEP)
    };
    for (place, id) in (0..).zip(&ids) {
        // Everybody has a client, and clients are not in step with each other.
        let mut at = setup.at(2).saturating_add(STEP.saturating_mul(place));
        while at < setup.calm() {
            network.command(at, *id, Command::Act);
            at = at.saturating_add(TICK.saturating_mul(3));
        }
        network.command(setup.at(setup.length + 12), *id, Command::Probe);
        for crash in 0..setup.crashes {
            let first = 6 + 2 * place + (setup.length - 7) * crash / setup.crashes;
            network.crash(between(first), *id, Span::from_millis(40 + 60 * (crash % 3)));
        }
    }
    let turns = 0..(setup.length - 5) / 3;
    for (turn, one) in turns.zip(ids.iter().cycle()) {
        let others: Vec<_> = ids.iter().filter(|other| *other != one).copied().collect();
        let at = within(3 + 3 * turn);
        network.partition(at, format!("{group}-split{turn}"), [&[*one], &others], span(2 + turn % 3));
    }
    if setup.loses_one {
        network.crash(between(setup.length - 7), ids[ids.len() - 2], Span::MAX);
    }
}

/// The link between any two members. It is not in order: raft does not ask for that.
pub fn link(setup: &Setup) -> Link {
    let latency = STEP..=STEP.saturating_mul(setup.latency);
    Link::new(STEP).latency(latency).in_steps_of(STEP).loss(Ratio::percent(5)).duplication(Ratio::percent(5))
}

/// A network of one group.
pub fn network(setup: Setup) -> Network<Replica> {
    let mut network = Network::new(link(&setup));
    network.calm(setup.calm());
    add(&mut network, "a", setup);
    network
}
