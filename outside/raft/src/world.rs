//! A member of a group as a node of a network: its machine, its disk, and the loop of an application around them.

use std::collections::BTreeSet;
use std::mem;

use protobuf::Message as _;
use raft::eraftpb::{ConfChangeType, ConfChangeV2, ConfState, Entry, EntryType, Message, MessageType, Snapshot};
use raft::{RawNode, Ready, SnapshotStatus, StateRole};
use tiebreak::net::{About, Label, Node, NodeId, Port};
use tiebreak::{Fact, Ratio, terms};
use tiebreak_outside_shown::timed;

use crate::clients::{change, kind, machine};
use crate::disk::Disk;
use crate::setups::{STEP, Setup, TICK};

terms! {
    /// A member has become the leader of a term.
    pub LEADS = "leads",
    /// A member's application has seen the entry of an index.
    pub APPLIED = "applied",
    /// A client has sent a read, has its answer, or knows that its write is done.
    pub ASKED = "asked", pub ANSWERED = "answered", pub WRITTEN = "written",
    /// After all faults a client has sent a write to a member, and a read that followed it has been answered.
    pub PROBED = "probed", pub SERVED = "served",
    /// A member has seen that this one is none any more.
    pub LEFT = "left",
    pub AT = "at", pub DIGEST = "digest",
    TICKS = "tick", TURN = "turn", DISK = "disk", REPORT = "report", RETRY = "retry",
    ACT = "act", PROBE = "probe", TARGET = "target",
    STEPS = "steps", TIMEOUT = "timeout",
}

/// What a member waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Timer {
    Tick,
    /// The loop looks whether there is something to send or to write.
    Turn,
    /// The disk has written.
    Disk,
    /// The transport knows what has become of a snapshot for a member.
    Report(u64),
    /// The client of the probe is still waiting.
    Retry,
}

/// What the client of a member does.
#[derive(Debug, Clone, Copy)]
pub enum Command {
    Act,
    Probe,
}

/// What the machine is told, one after the other.
enum Input {
    Tick,
    Message(Message),
    Propose(u64),
    Read(u64),
    Transfer(u64),
    Change(ConfChangeV2),
    Report(u64, SnapshotStatus),
}

/// Clients wait for what is known of a probe: the write, then the read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Probe {
    Write(u64),
    Read,
}

/// A member of a group.
pub struct Replica {
    group: &'static str,
    id: u64,
    setup: Setup,
    peers: Vec<NodeId>,
    raft: RawNode<Disk>,
    /// What the disk is writing. The loop stands still until it is done.
    writing: Option<Ready>,
    inbox: Vec<Input>,
    /// Requests of clients so far, also of former lives.
    requests: u64,
    writes: BTreeSet<u64>,
    reads: Vec<(u64, Option<u64>)>,
    probe: Option<Probe>,
    led: u64,
    /// The timeout that was drawn last.
    timeout: usize,
    has_left: bool,
}

impl Replica {
    pub fn new(group: &'static str, id: u64, setup: Setup) -> Self {
        let voters = (1..=setup.voters).collect();
        let learners = (setup.voters + 1..=setup.members).collect();
        let disk = Disk::new(ConfState { voters, learners, ..ConfState::default() });
        Self {
            group,
            id,
            setup,
            peers: Vec::new(),
            raft: machine(id, &setup, disk),
            writing: None,
            inbox: Vec::new(),
            requests: 0,
            writes: BTreeSet::new(),
            reads: Vec::new(),
            probe: None,
            led: 0,
            timeout: 0,
            has_left: false,
        }
    }

    pub fn show(&self) -> String {
        let r = &self.raft.raft;
        format!("{} {:?} term {} vote {} leader {} elapsed {} timeout {} prom {} committed {} applied {} persisted {} last {} conf {:?} writing {} inbox {} pending_conf {} progress {:?} reads {:?} probe {}", self.id, r.state, r.term, r.vote, r.leader_id, r.election_elapsed, self.timeout, r.promotable(), r.raft_log.committed, r.raft_log.applied, r.raft_log.persisted, r.raft_log.last_index(), self.raft.store().voters, self.writing.is_some(), self.inbox.len(), r.pending_conf_index, r.prs().iter().map(|(id, p)| format!("{id}: {} next {} {:?} paused {} snap {} full {}", p.matched, p.next_idx, p.state, p.paused, p.pending_snapshot, p.ins.full())).collect::<Vec<_>>(), self.reads, self.probe.is_some())
    }

    fn request(&mut self) -> u64 {
        self.requests += 1;
        self.id * 1_000_000 + self.requests
    }

    /// Hands something to the machine, or keeps it until the disk is done.
    fn input(&mut self, input: Input, port: &mut Port<'_, Self>) {
        if self.writing.is_some() {
            self.inbox.push(input);
        } else {
            self.step(input, port);
            self.rouse(port);
        }
    }

    fn step(&mut self, input: Input, port: &mut Port<'_, Self>) {
        if self.has_left {
            return;
        }
        let raft = &mut self.raft;
        // What the machine refuses is lost, as is what it drops without a word: clients must be able to live with it.
        match input {
            Input::Tick => _ = timed(|| raft.tick()),
            Input::Message(message) => _ = timed(|| raft.step(message)),
            Input::Propose(value) => {
                if timed(|| raft.propose(Vec::new(), value.to_be_bytes().to_vec())).is_ok() {
                    self.writes.insert(value);
                }
            }
            Input::Read(read) => {
                self.reads.push((read, None));
                timed(|| raft.read_index(read.to_be_bytes().to_vec()));
            }
            Input::Transfer(to) => timed(|| raft.transfer_leader(to)),
            Input::Change(change) => _ = timed(|| raft.propose_conf_change(Vec::new(), change)),
            Input::Report(to, status) => timed(|| raft.report_snapshot(to, status)),
        }
        self.look(port);
    }

    /// Looks what the machine has become: a leader, or somebody with a new timeout. That is to come from the draws of the run.
    fn look(&mut self, port: &mut Port<'_, Self>) {
        let raft = &mut self.raft.raft;
        if raft.randomized_election_timeout() != self.timeout {
            let least = self.setup.election_ticks;
            self.timeout = usize::try_from(port.draw(TIMEOUT, least..=2 * least - 1)).expect("a few ticks");
            raft.set_randomized_election_timeout(self.timeout);
        }
        if raft.state == StateRole::Leader && self.led < raft.term {
            self.led = raft.term;
            port.note(LEADS, raft.term, &[]);
        }
    }

    fn rouse(&mut self, port: &mut Port<'_, Self>) {
        if self.raft.has_ready() {
            port.arm(Timer::Turn, port.now());
        }
    }

    /// Sends what may be sent at once, and lets the disk write the rest.
    fn turn(&mut self, port: &mut Port<'_, Self>) {
        let mut ready = timed(|| self.raft.ready());
        self.send(ready.take_messages(), port);
        for state in ready.take_read_states() {
            let read = u64::from_be_bytes(state.request_ctx.try_into().expect("what was asked"));
            self.reads.iter_mut().filter(|(id, _)| *id == read).for_each(|(_, index)| *index = Some(state.index));
        }
        let writes = ready.must_sync() || !ready.persisted_messages().is_empty();
        let steps = if writes { port.draw(STEPS, 0..=2) } else { 0 };
        self.writing = Some(ready);
        port.arm_after(Timer::Disk, STEP.saturating_mul(steps));
    }

    /// Goes on as the disk is done: as the documentation of the crate wants it, in that order.
    fn written(&mut self, port: &mut Port<'_, Self>) {
        let Some(mut ready) = self.writing.take() else { return };
        if !ready.snapshot().is_empty() {
            self.install(ready.snapshot(), port);
        }
        self.apply(&ready.take_committed_entries(), port);
        self.disk().append(ready.entries());
        if let Some(hard) = ready.hs() {
            self.disk().hard = hard.clone();
        }
        self.send(ready.take_persisted_messages(), port);
        let mut light = timed(|| self.raft.advance(ready));
        if let Some(commit) = light.commit_index() {
            self.disk().hard.commit = commit;
        }
        self.send(light.take_messages(), port);
        self.apply(&light.take_committed_entries(), port);
        timed(|| self.raft.advance_apply());
        self.disk().compact();
        self.look(port);
        self.answer(port);
        for input in mem::take(&mut self.inbox) {
            self.step(input, port);
        }
        self.rouse(port);
    }

    /// A client does something.
    fn act(&mut self, port: &mut Port<'_, Self>) {
        let setup = self.setup;
        let request = self.request();
        let input = match port.draw(ACT, 0..=11) {
            0 if setup.transfers => Input::Transfer(port.draw(TARGET, 1..=setup.members)),
            1 | 2 => match change(setup.changes, self.id, self.disk()) {
                Some(change) => Input::Change(change),
                None => return,
            },
            0..=6 => Input::Propose(request),
            _ => {
                port.note(ASKED, request, &[]);
                Input::Read(request)
            }
        };
        self.input(input, port);
    }

    /// The client of the probe asks again, until it is served.
    fn retry(&mut self, port: &mut Port<'_, Self>) {
        let input = match self.probe {
            None => return,
            Some(Probe::Write(value)) => Input::Propose(value),
            Some(Probe::Read) => Input::Read(self.request()),
        };
        port.arm_after(Timer::Retry, TICK.saturating_mul(10));
        self.input(input, port);
    }

    fn disk(&mut self) -> &mut Disk {
        self.raft.mut_store()
    }

    fn install(&mut self, snapshot: &Snapshot, port: &mut Port<'_, Self>) {
        self.disk().install(snapshot);
        self.note_applied(port);
    }

    fn note_applied(&mut self, port: &mut Port<'_, Self>) {
        let (applied, digest) = (self.disk().applied, self.disk().digest);
        port.note(APPLIED, applied, &[Fact::number(DIGEST, digest)]);
    }

    fn apply(&mut self, entries: &[Entry], port: &mut Port<'_, Self>) {
        for entry in entries {
            self.disk().apply(entry);
            self.note_applied(port);
            if entry.get_entry_type() == EntryType::EntryConfChangeV2 {
                self.change(entry, port);
            } else if let Ok(value) = entry.data[..].try_into().map(u64::from_be_bytes) {
                self.done(value, entry.index, port);
            }
        }
    }

    fn change(&mut self, entry: &Entry, port: &mut Port<'_, Self>) {
        let mut change = ConfChangeV2::default();
        change.merge_from_bytes(&entry.data).expect("a change of the configuration");
        // A change that cannot be made is left out, by all members alike.
        if let Ok(now) = timed(|| self.raft.apply_conf_change(&change)) {
            self.has_left = !now.voters.iter().chain(&now.learners).chain(&now.voters_outgoing).any(|id| *id == self.id);
            self.disk().voters = now;
            for single in change.changes.iter().filter(|single| single.get_change_type() == ConfChangeType::RemoveNode) {
                let leaver = self.peers[place(single.node_id)];
                port.note(LEFT, port.symbol(leaver), &[]);
            }
        }
    }

    fn done(&mut self, value: u64, index: u64, port: &mut Port<'_, Self>) {
        if self.writes.remove(&value) {
            port.note(WRITTEN, value, &[Fact::number(AT, index)]);
        }
        if self.probe == Some(Probe::Write(value)) {
            self.probe = Some(Probe::Read);
            port.arm(Timer::Retry, port.now());
        }
    }

    /// Answers the reads whose index the application has seen.
    fn answer(&mut self, port: &mut Port<'_, Self>) {
        let (applied, shown) = (self.disk().applied, self.disk().written);
        let (ready, waiting): (Vec<_>, Vec<_>) =
            mem::take(&mut self.reads).into_iter().partition(|(_, index)| index.is_some_and(|index| index <= applied));
        self.reads = waiting;
        for (read, _) in ready {
            port.note(ANSWERED, read, &[Fact::number(AT, shown)]);
            if self.probe == Some(Probe::Read) {
                self.probe = None;
                port.note(SERVED, About::Nothing, &[]);
            }
        }
    }

    fn send(&mut self, messages: Vec<Message>, port: &mut Port<'_, Self>) {
        for message in messages {
            if message.get_msg_type() == MessageType::MsgSnapshot {
                // The application must report; what it knows may be wrong.
                port.submit_after(Timer::Report(message.to), TICK.saturating_mul(2));
            }
            port.send(self.peers[place(message.to)], message);
        }
    }
}

/// Where a member stands in the list of all.
fn place(id: u64) -> usize {
    usize::try_from(id - 1).expect("a few members")
}

impl Node for Replica {
    type Message = Message;
    type Timer = Timer;
    type Command = Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        if self.peers.is_empty() {
            let find = |id| port.find(&format!("{}{id}", self.group)).expect("a member");
            self.peers = (1..=self.setup.members).map(find).collect();
        }
        let disk = self.disk().clone();
        self.raft = machine(self.id, &self.setup, disk);
        (self.writing, self.inbox, self.reads) = (None, Vec::new(), Vec::new());
        self.writes.clear();
        self.look(port);
        port.arm_after(Timer::Tick, TICK);
    }

    fn receive(&mut self, _from: NodeId, message: Message, port: &mut Port<'_, Self>) {
        self.input(Input::Message(message), port);
    }

    fn expire(&mut self, timer: Timer, port: &mut Port<'_, Self>) {
        match timer {
            Timer::Tick => {
                port.arm_after(Timer::Tick, TICK);
                self.input(Input::Tick, port);
            }
            Timer::Turn if self.writing.is_none() && !self.has_left => self.turn(port),
            Timer::Turn => {}
            Timer::Disk => self.written(port),
            Timer::Report(to) => {
                let is_well = port.chance(REPORT, Ratio::percent(50));
                let status = if is_well { SnapshotStatus::Finish } else { SnapshotStatus::Failure };
                self.input(Input::Report(to, status), port);
            }
            Timer::Retry => self.retry(port),
        }
    }

    fn command(&mut self, command: Command, port: &mut Port<'_, Self>) {
        match command {
            Command::Act => self.act(port),
            Command::Probe if self.has_left => {}
            Command::Probe => {
                self.probe = Some(Probe::Write(self.request()));
                port.note(PROBED, About::Nothing, &[]);
                self.retry(port);
            }
        }
    }

    fn name_of_message(message: &Message) -> Label {
        Label::new(kind(message.get_msg_type()))
    }

    fn name_of_timer(timer: &Timer) -> Label {
        match timer {
            Timer::Tick => Label::new(TICKS),
            Timer::Turn => Label::new(TURN),
            Timer::Disk => Label::new(DISK),
            Timer::Report(to) => Label::new(REPORT).number(*to),
            Timer::Retry => Label::new(RETRY),
        }
    }

    fn name_of_command(command: &Command) -> Label {
        Label::new(match command {
            Command::Act => ACT,
            Command::Probe => PROBE,
        })
    }
}
