//! The faults of FOUND.md, shown by raft alone. Each test asserts the faulty behaviour: it turns red when a version fixes it.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use protobuf::Message as _;
use raft::eraftpb::{
    ConfChangeSingle, ConfChangeType, ConfChangeV2, ConfState, Entry, EntryType, HardState, Message,
    MessageType,
};
use raft::storage::MemStorage;
use raft::{Config, RawNode, ReadOnlyOption, StateRole};
use slog::{Discard, Logger, o};

type Node = RawNode<MemStorage>;

const ELECTION: usize = 10;

fn config(id: u64) -> Config {
    Config { id, election_tick: ELECTION, heartbeat_tick: 2, max_size_per_msg: u64::MAX, ..Config::default() }
}

fn start(config: &Config, storage: MemStorage) -> Node {
    RawNode::new(config, storage, &Logger::root(Discard, o!())).unwrap()
}

/// Three members of a group of voters that has just begun; the first is made the leader.
fn group(change: impl Fn(&mut Config)) -> Vec<Node> {
    let mut nodes: Vec<Node> = (1..=3)
        .map(|id| {
            let mut config = config(id);
            change(&mut config);
            start(&config, MemStorage::new_with_conf_state((vec![1, 2, 3], vec![])))
        })
        .collect();
    nodes[0].campaign().unwrap();
    settle(&mut nodes, |_| true);
    assert_eq!(nodes[0].raft.state, StateRole::Leader);
    nodes
}

/// Sees all that is ready to its end, as the documentation says; returns what is sent.
fn turn(node: &mut Node) -> Vec<Message> {
    let mut sent = Vec::new();
    while node.has_ready() {
        let mut ready = node.ready();
        sent.extend(ready.take_messages());
        apply(node, &ready.take_committed_entries());
        node.mut_store().wl().append(ready.entries()).unwrap();
        if let Some(hard) = ready.hs() {
            node.mut_store().wl().set_hardstate(hard.clone());
        }
        sent.extend(ready.take_persisted_messages());
        let mut light = node.advance(ready);
        if let Some(commit) = light.commit_index() {
            node.mut_store().wl().mut_hard_state().commit = commit;
        }
        sent.extend(light.take_messages());
        apply(node, &light.take_committed_entries());
        node.advance_apply();
    }
    sent
}

fn apply(node: &mut Node, entries: &[Entry]) {
    for entry in entries {
        if entry.get_entry_type() == EntryType::EntryConfChangeV2 {
            let mut change = ConfChangeV2::default();
            change.merge_from_bytes(&entry.data).unwrap();
            let now = node.apply_conf_change(&change).unwrap();
            node.mut_store().wl().set_conf_state(now);
        }
    }
}

/// Delivers what may be delivered until nothing is sent any more.
fn settle(nodes: &mut [Node], may: impl Fn(&Message) -> bool) {
    loop {
        let sent: Vec<Message> = nodes.iter_mut().flat_map(turn).filter(&may).collect();
        if sent.is_empty() {
            return;
        }
        for message in sent {
            let to = nodes.iter_mut().find(|node| node.raft.id == message.to);
            let _ = to.map(|node| node.step(message));
        }
    }
}

/// One tick of every clock, and all that comes of it.
fn tick(nodes: &mut [Node], may: impl Fn(&Message) -> bool) {
    for node in nodes.iter_mut() {
        node.tick();
    }
    settle(nodes, may);
}

fn propose(node: &mut Node, data: &[u8]) {
    node.propose(vec![], data.to_vec()).unwrap();
}

fn change(kind: ConfChangeType, id: u64) -> ConfChangeV2 {
    let mut single = ConfChangeSingle { node_id: id, ..ConfChangeSingle::default() };
    single.set_change_type(kind);
    ConfChangeV2 { changes: vec![single].into(), ..ConfChangeV2::default() }
}

fn of(messages: Vec<Message>, to: u64, kind: MessageType) -> Message {
    let mut messages =
        messages.into_iter().filter(|message| message.to == to && message.get_msg_type() == kind);
    messages.next().unwrap()
}

fn last(node: &Node) -> u64 {
    node.raft.raft_log.last_index()
}

fn is_not_of(id: u64) -> impl Fn(&Message) -> bool {
    move |message| message.from != id && message.to != id
}

/// The disk of a member that has been up before, with a log of these terms.
fn disk(voters: &[u64], learners: &[u64], terms: &[u64], (term, commit): (u64, u64)) -> MemStorage {
    let storage = MemStorage::new_with_conf_state((voters.to_vec(), learners.to_vec()));
    let entries: Vec<Entry> =
        (1..).zip(terms).map(|(index, term)| Entry { index, term: *term, ..Entry::default() }).collect();
    storage.wl().append(&entries).unwrap();
    storage.wl().set_hardstate(HardState { term, commit, ..HardState::default() });
    storage
}

fn leaders(nodes: &[Node]) -> usize {
    nodes.iter().filter(|node| node.raft.state == StateRole::Leader).count()
}

// 1.
#[test]
fn with_batch_append_entries_are_committed_that_only_the_leader_has() {
    let mut nodes = group(|config| config.batch_append = true);
    let before = last(&nodes[0]);
    // Three entries. The third member gets them; what is sent to the second is delayed.
    for data in [b"x", b"y", b"z"] {
        propose(&mut nodes[0], data);
    }
    let sent = turn(&mut nodes[0]);
    let delayed = of(sent.clone(), 2, MessageType::MsgAppend);
    nodes[2].step(of(sent, 3, MessageType::MsgAppend)).unwrap();
    settle(&mut nodes, is_not_of(2));
    // A heartbeat: the second member answers, is sent an empty append, and rejects it.
    let heartbeat = |nodes: &mut [Node]| {
        nodes[0].ping();
        let message = of(turn(&mut nodes[0]), 2, MessageType::MsgHeartbeat);
        nodes[1].step(message).unwrap();
        of(turn(&mut nodes[1]), 1, MessageType::MsgHeartbeatResponse)
    };
    let response = heartbeat(&mut nodes);
    nodes[0].step(response).unwrap();
    let probe = of(turn(&mut nodes[0]), 2, MessageType::MsgAppend);
    assert!(probe.entries.is_empty());
    nodes[1].step(probe).unwrap();
    let rejection = of(turn(&mut nodes[1]), 1, MessageType::MsgAppendResponse);
    assert!(rejection.reject);
    // The next answer to a heartbeat and the rejection arrive before the leader sends anything.
    let response = heartbeat(&mut nodes);
    nodes[0].step(response).unwrap();
    nodes[0].step(rejection).unwrap();
    let wrong = of(turn(&mut nodes[0]), 2, MessageType::MsgAppend);
    assert_eq!(
        (wrong.index, wrong.entries[0].index),
        (before + 3, before + 1),
        "entries before what they are to follow"
    );
    // What was delayed arrives, then this.
    nodes[1].step(delayed).unwrap();
    nodes[1].step(wrong).unwrap();
    for answer in turn(&mut nodes[1]) {
        nodes[0].step(answer).unwrap();
    }
    assert_eq!(last(&nodes[1]), before + 3);
    // Three more entries. None leaves the leader, and all are committed.
    for data in [b"a", b"b", b"c"] {
        propose(&mut nodes[0], data);
    }
    turn(&mut nodes[0]);
    assert_eq!(nodes[0].raft.raft_log.committed, before + 6);
    // The leader fails; the others go on without what was committed.
    nodes[1].campaign().unwrap();
    settle(&mut nodes, is_not_of(1));
    assert_eq!(nodes[1].raft.state, StateRole::Leader);
    assert_eq!(nodes[1].raft.raft_log.committed, before + 4);
}

// 2.
fn electing(priority: i64) -> usize {
    let storages = [
        (1, 0, disk(&[1, 2, 3], &[], &[2, 4], (4, 1))),
        (3, priority, disk(&[1, 2, 3], &[], &[2, 3, 3], (4, 1))),
    ];
    let mut nodes: Vec<Node> = storages
        .into_iter()
        .map(|(id, priority, disk)| start(&Config { priority, ..config(id) }, disk))
        .collect();
    (0..100 * ELECTION).for_each(|_| tick(&mut nodes, |_| true));
    leaders(&nodes)
}

#[test]
fn with_a_priority_two_of_three_members_never_elect_a_leader() {
    assert_eq!(electing(0), 1, "the first member has the newer log");
    assert_eq!(electing(1), 0);
}

// 3.
#[test]
fn a_leader_that_leaves_panics_if_an_entry_is_not_yet_written() {
    let mut nodes = group(|_| {});
    nodes[0].propose_conf_change(vec![], change(ConfChangeType::RemoveNode, 1)).unwrap();
    let append = of(turn(&mut nodes[0]), 2, MessageType::MsgAppend);
    nodes[1].step(append).unwrap();
    let answer = of(turn(&mut nodes[1]), 1, MessageType::MsgAppendResponse);
    nodes[0].step(answer).unwrap();
    propose(&mut nodes[0], b"x");
    assert!(catch_unwind(AssertUnwindSafe(|| turn(&mut nodes[0]))).is_err());
}

#[test]
fn a_leader_that_leaves_panics_if_an_entry_is_committed_after_that() {
    let mut nodes = group(|_| {});
    nodes[0].propose_conf_change(vec![], change(ConfChangeType::RemoveNode, 1)).unwrap();
    propose(&mut nodes[0], b"x");
    let mut sent = turn(&mut nodes[0]);
    // The other two have both entries, and acknowledge the first; the leader leaves.
    let mut append = of(sent.clone(), 2, MessageType::MsgAppend);
    append.entries.truncate(1);
    nodes[1].step(append).unwrap();
    let answer = of(turn(&mut nodes[1]), 1, MessageType::MsgAppendResponse);
    nodes[0].step(answer).unwrap();
    sent.extend(turn(&mut nodes[0]));
    let arrived = sent.into_iter().filter(|message| message.get_msg_type() == MessageType::MsgAppend);
    for message in arrived {
        let to = usize::try_from(message.to - 1).unwrap();
        nodes[to].step(message).unwrap();
    }
    let answers: Vec<Message> = nodes[1..].iter_mut().flat_map(turn).collect();
    let step = || answers.into_iter().for_each(|answer| nodes[0].step(answer).unwrap());
    assert!(catch_unwind(AssertUnwindSafe(step)).is_err());
}

// 4.
#[test]
fn a_leader_that_is_no_voter_answers_safe_reads_alone() {
    let mut nodes = group(|_| {});
    for id in [3, 1] {
        nodes[0].propose_conf_change(vec![], change(ConfChangeType::AddLearnerNode, id)).unwrap();
        settle(&mut nodes, |_| true);
    }
    assert_eq!(nodes[0].raft.state, StateRole::Leader, "nobody has taken over from it");
    // The second member is the only voter. It is cut off from the others, leads, and commits.
    nodes[1].campaign().unwrap();
    settle(&mut nodes, is_not_of(2));
    propose(&mut nodes[1], b"new");
    settle(&mut nodes, is_not_of(2));
    nodes[0].read_index(b"read".to_vec());
    let ready = nodes[0].ready();
    assert_eq!(ready.read_states().len(), 1, "answered with no message sent");
    assert!(ready.read_states()[0].index < nodes[1].raft.raft_log.committed);
}

// 5.
fn demoted(pre_vote: bool) -> usize {
    // Entry 2 makes the third member a learner. The first one has the entry, and does not know that it is committed.
    let data = change(ConfChangeType::AddLearnerNode, 3).write_to_bytes().unwrap();
    let mut entry = Entry { index: 2, term: 2, data: data.into(), ..Entry::default() };
    entry.set_entry_type(EntryType::EntryConfChangeV2);
    let later = Entry { index: 3, term: 2, ..Entry::default() };
    let make = |id, (term, commit), more: &[Entry]| {
        let storage = disk(&[1, 3], &[], &[2], (term, commit));
        storage.wl().append(more).unwrap();
        start(&Config { applied: 1, pre_vote, ..config(id) }, storage)
    };
    let mut nodes = vec![make(1, (3, 1), &[entry.clone()]), make(3, (2, 2), &[entry.clone(), later])];
    (0..100 * ELECTION).for_each(|_| tick(&mut nodes, |_| true));
    leaders(&nodes)
}

#[test]
fn with_pre_vote_the_only_voter_is_never_elected_because_it_does_not_hear_that_it_is() {
    assert_eq!(demoted(false), 1);
    assert_eq!(demoted(true), 0);
}

// 6.
fn outdated(check_quorum: bool) -> u64 {
    let config = |id| Config { check_quorum, ..config(id) };
    let mut leader = start(&config(3), disk(&[3], &[1], &[1], (1, 1)));
    leader.campaign().unwrap();
    // The learner has heard of a later term: of a member that stood for election in a former configuration.
    let mut nodes = vec![leader, start(&config(1), disk(&[3], &[1], &[1], (9, 1)))];
    (0..100 * ELECTION).for_each(|_| tick(&mut nodes, |_| true));
    assert_eq!(leaders(&nodes), 1);
    nodes[1].raft.raft_log.committed
}

#[test]
fn without_check_quorum_a_leader_never_hears_of_a_later_term() {
    assert!(outdated(true) > 1);
    assert_eq!(outdated(false), 1);
}

// 7.
fn lease(config: &mut Config) {
    (config.check_quorum, config.read_only_option) = (true, ReadOnlyOption::LeaseBased);
}

/// The second member writes, and the first one is asked to read.
fn is_stale(nodes: &mut [Node]) -> bool {
    assert_eq!(nodes[1].raft.state, StateRole::Leader);
    propose(&mut nodes[1], b"new");
    settle(nodes, is_not_of(1));
    nodes[0].read_index(b"read".to_vec());
    let ready = nodes[0].ready();
    assert_eq!(ready.read_states().len(), 1, "answered");
    ready.read_states()[0].index < nodes[1].raft.raft_log.committed
}

#[test]
fn a_read_by_lease_is_stale_though_all_clocks_tick_alike() {
    let mut nodes = group(lease);
    // The leader has just seen that its quorum is active.
    while nodes[0].raft.election_elapsed != 0 {
        tick(&mut nodes, |_| true);
    }
    (0..2).for_each(|_| tick(&mut nodes, |_| true));
    nodes[1].raft.set_randomized_election_timeout(ELECTION);
    nodes[2].raft.set_randomized_election_timeout(2 * ELECTION - 1);
    // It is cut off, and everybody's clock makes an election timeout's ticks.
    (0..ELECTION).for_each(|_| tick(&mut nodes, is_not_of(1)));
    assert!(is_stale(&mut nodes));
}

// 8.
#[test]
fn a_read_by_lease_is_stale_while_the_leader_hands_over() {
    let mut nodes = group(lease);
    nodes[0].transfer_leader(2);
    let now = of(turn(&mut nodes[0]), 2, MessageType::MsgTimeoutNow);
    nodes[1].step(now).unwrap();
    // No clock ticks. What is sent to the old leader takes a while.
    settle(&mut nodes, is_not_of(1));
    assert!(is_stale(&mut nodes));
}

// 9.
#[test]
fn with_asynchronous_writes_the_only_voter_writes_two_entries_of_one_term_and_index() {
    let members = || ConfState { voters: vec![1], learners: vec![2], ..ConfState::default() };
    let empty = || MemStorage::new_with_conf_state(members());
    let mut nodes = vec![start(&config(1), empty()), start(&config(2), empty())];
    // Writes go to a cache, and what a leader sends may be sent at once.
    let asynchronous = |node: &mut Node| {
        let mut ready = node.ready();
        node.mut_store().wl().append(ready.entries()).unwrap();
        assert!(ready.persisted_messages().is_empty());
        let sent = ready.take_messages();
        node.advance_append_async(ready);
        sent
    };
    nodes[0].campaign().unwrap();
    let first = of(asynchronous(&mut nodes[0]), 2, MessageType::MsgAppend);
    nodes[1].step(first).unwrap();
    let answer = of(turn(&mut nodes[1]), 1, MessageType::MsgAppendResponse);
    nodes[0].step(answer).unwrap();
    propose(&mut nodes[0], b"x");
    for message in asynchronous(&mut nodes[0]) {
        nodes[1].step(message).unwrap();
    }
    turn(&mut nodes[1]);
    // It crashes before the cache is written: its disk is empty, and it has never said that anything is written.
    nodes[0] = start(&config(1), empty());
    nodes[0].campaign().unwrap();
    settle(&mut nodes, |_| true);
    propose(&mut nodes[0], b"y");
    settle(&mut nodes, |_| true);
    (0..4).for_each(|_| tick(&mut nodes, |_| true));
    let committed = nodes.iter().map(|node| {
        let log = &node.raft.raft_log;
        assert!(log.committed >= 2);
        let entry = &log.all_entries()[1];
        (entry.term, entry.data.to_vec())
    });
    let committed: Vec<_> = committed.collect();
    assert_eq!(committed, [(1, b"y".to_vec()), (1, b"x".to_vec())], "both committed at index 2");
}
