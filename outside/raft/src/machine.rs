//! What a member is made of, what it can be told to change, and what its messages are called.

use raft::eraftpb::{ConfChangeSingle, ConfChangeTransition, ConfChangeType, ConfChangeV2, MessageType};
use raft::{Config, RawNode};
use slog::{Discard, Logger, o};
use tiebreak::{Term, terms};

use crate::disk::Disk;
use crate::setups::{Changes, Setup};

terms! {
    APPEND = "append", APPENDED = "appended", VOTE = "vote", VOTED = "voted", PRE_VOTE = "pre-vote",
    PRE_VOTED = "pre-voted", SNAPSHOT = "snapshot", HEARTBEAT = "heartbeat", BEATEN = "heartbeat-response",
    PROPOSE = "propose", TRANSFER = "transfer", TIMEOUT_NOW = "timeout-now", READ = "read-index",
    READ_RESPONSE = "read-index-response", LOCAL = "local",
}

/// A machine on a disk.
pub(crate) fn machine(id: u64, setup: &Setup, disk: Disk) -> RawNode<Disk> {
    let election_tick = usize::try_from(setup.election_ticks).expect("a few ticks");
    let config = Config {
        id,
        election_tick,
        heartbeat_tick: 2,
        // The machine draws from a range that is so wide that it never draws what the run has drawn: each draw shows.
        min_election_tick: election_tick,
        max_election_tick: usize::MAX,
        applied: disk.applied,
        max_size_per_msg: u64::MAX,
        max_inflight_msgs: 4,
        check_quorum: setup.check_quorum,
        pre_vote: setup.pre_vote,
        read_only_option: setup.reads,
        batch_append: setup.batch_append,
        priority: if id == setup.members { setup.priority } else { 0 },
        ..Config::default()
    };
    RawNode::new(&config, disk, &Logger::root(Discard, o!()))
        .expect("a valid configuration, and a valid disk")
}

/// The change that the members are told to make, if it is one of this member and it can be made.
pub(crate) fn change(changes: Changes, id: u64, disk: &Disk) -> Option<ConfChangeV2> {
    let is_voter = disk.voters.voters.contains(&id);
    let is_sole = disk.voters.voters.len() == 1;
    let kind = match changes {
        Changes::Roles if !is_voter => ConfChangeType::AddNode,
        Changes::Roles | Changes::Shrinks if is_voter && !is_sole => ConfChangeType::AddLearnerNode,
        Changes::Leaves(leaver) if leaver == id && is_voter => ConfChangeType::RemoveNode,
        Changes::None | Changes::Roles | Changes::Shrinks | Changes::Leaves(_) => return None,
    };
    let mut single = ConfChangeSingle { node_id: id, ..ConfChangeSingle::default() };
    single.set_change_type(kind);
    let mut change = ConfChangeV2::default();
    change.set_transition(ConfChangeTransition::Auto);
    change.set_changes(vec![single].into());
    Some(change)
}

/// What a message is called.
pub(crate) fn kind(message: MessageType) -> Term {
    match message {
        MessageType::MsgAppend => APPEND,
        MessageType::MsgAppendResponse => APPENDED,
        MessageType::MsgRequestVote => VOTE,
        MessageType::MsgRequestVoteResponse => VOTED,
        MessageType::MsgRequestPreVote => PRE_VOTE,
        MessageType::MsgRequestPreVoteResponse => PRE_VOTED,
        MessageType::MsgSnapshot => SNAPSHOT,
        MessageType::MsgHeartbeat => HEARTBEAT,
        MessageType::MsgHeartbeatResponse => BEATEN,
        MessageType::MsgPropose => PROPOSE,
        MessageType::MsgTransferLeader => TRANSFER,
        MessageType::MsgTimeoutNow => TIMEOUT_NOW,
        MessageType::MsgReadIndex => READ,
        MessageType::MsgReadIndexResp => READ_RESPONSE,
        MessageType::MsgHup
        | MessageType::MsgBeat
        | MessageType::MsgUnreachable
        | MessageType::MsgSnapStatus
        | MessageType::MsgCheckQuorum => LOCAL,
    }
}
