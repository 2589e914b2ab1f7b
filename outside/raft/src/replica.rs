//! A member of a group: its machine, its disk, and the loop of an application around them.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use protobuf::Message as _;
use raft::eraftpb::{
    ConfChangeType, ConfChangeV2, ConfState, Entry, EntryType, Message, MessageType, Snapshot,
};
use raft::{RawNode, Ready, SnapshotStatus, StateRole};
use tiebreak::net::{About, NodeId, Port};
use tiebreak::{Fact, terms};
use tiebreak_outside_shown::timed;

use crate::clients::Client;
use crate::disk::Disk;
use crate::machine::machine;
use crate::setups::{STEP, Setup, TICK};
use crate::world::{Command, Timer};

terms! {
    /// A member has become the leader of a term.
    pub LEADS = "leads",
    /// A member's application has seen the entry of an index.
    pub APPLIED = "applied",
    /// A member has seen that this one is none any more.
    pub LEFT = "left",
    /// A member's machine has panicked. That is the end of the member.
    pub PANICKED = "panicked",
    /// The state of an application.
    pub DIGEST = "digest",
    STEPS = "steps", TIMEOUT = "timeout",
}

/// What the machine is told, one after the other.
pub(crate) enum Input {
    Tick,
    Message(Message),
    Propose(u64),
    Read(u64),
    Transfer(u64),
    Change(ConfChangeV2),
    Report(u64, SnapshotStatus),
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
    client: Client,
    /// The last term that it has led.
    led: u64,
    /// The timeout that was drawn last.
    timeout: usize,
    /// Whether it is no member any more, or its machine has panicked.
    is_gone: bool,
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
            client: Client::new(id),
            led: 0,
            timeout: 0,
            is_gone: false,
        }
    }

    /// Begins a life: only the disk is as it was.
    pub(crate) fn begin(&mut self, port: &mut Port<'_, Self>) {
        if self.peers.is_empty() {
            let find = |id| port.find(&format!("{}{id}", self.group)).expect("a member");
            self.peers = (1..=self.setup.members).map(find).collect();
        }
        let disk = self.disk().clone();
        self.raft = machine(self.id, &self.setup, disk);
        (self.writing, self.inbox) = (None, Vec::new());
        self.client.forget();
        self.look(port);
    }

    /// The client does something.
    pub(crate) fn serve(&mut self, command: Command, port: &mut Port<'_, Self>) {
        let disk = self.raft.store();
        let input = match command {
            _ if self.is_gone => None,
            Command::Act => self.client.act(&self.setup, disk, port),
            Command::Probe => self.client.probe(port),
            Command::Retry => self.client.retry(port),
        };
        if let Some(input) = input {
            self.input(input, port);
        }
    }

    /// Hands something to the machine, or keeps it until the disk is done.
    pub(crate) fn input(&mut self, input: Input, port: &mut Port<'_, Self>) {
        if self.writing.is_some() {
            self.inbox.push(input);
        } else {
            self.step(input, port);
            self.rouse(port);
        }
    }

    fn step(&mut self, input: Input, port: &mut Port<'_, Self>) {
        if self.is_gone {
            return;
        }
        // What the machine refuses is lost, as is what it drops without a word: clients must be able to live with it.
        match input {
            Input::Tick => _ = self.ask(port, RawNode::tick),
            Input::Message(message) => _ = self.ask(port, |raft| raft.step(message)),
            Input::Propose(value) => {
                let data = value.to_be_bytes().to_vec();
                if self.ask(port, |raft| raft.propose(Vec::new(), data)).is_some_and(|taken| taken.is_ok()) {
                    self.client.wrote(value);
                }
            }
            Input::Read(read) => {
                self.client.read(read);
                self.ask(port, |raft| raft.read_index(read.to_be_bytes().to_vec()));
            }
            Input::Transfer(to) => _ = self.ask(port, |raft| raft.transfer_leader(to)),
            Input::Change(change) => _ = self.ask(port, |raft| raft.propose_conf_change(Vec::new(), change)),
            Input::Report(to, status) => _ = self.ask(port, |raft| raft.report_snapshot(to, status)),
        }
        self.look(port);
    }

    /// Lets the machine do something; `None` if it panics.
    fn ask<T>(&mut self, port: &mut Port<'_, Self>, act: impl FnOnce(&mut RawNode<Disk>) -> T) -> Option<T> {
        let done = timed(|| catch_unwind(AssertUnwindSafe(|| act(&mut self.raft)))).ok();
        if done.is_none() {
            self.is_gone = true;
            port.note(PANICKED, About::Nothing, &[]);
        }
        done
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
        if !self.is_gone && self.raft.has_ready() && port.due(&Timer::Turn).is_none() {
            port.arm(port.now(), Timer::Turn);
        }
    }

    /// Sends what may be sent at once, and lets the disk write the rest.
    pub(crate) fn turn(&mut self, port: &mut Port<'_, Self>) {
        if self.writing.is_some() || self.is_gone {
            return;
        }
        let Some(mut ready) = self.ask(port, RawNode::ready) else { return };
        self.send(ready.take_messages(), port);
        for state in ready.take_read_states() {
            let read = u64::from_be_bytes(state.request_ctx.try_into().expect("what was asked"));
            self.client.known(read, state.index);
        }
        let writes = ready.must_sync() || !ready.persisted_messages().is_empty();
        let steps = if writes { port.draw(STEPS, 0..=2) } else { 0 };
        self.writing = Some(ready);
        port.arm_after(STEP.saturating_mul(steps), Timer::Disk);
    }

    /// Goes on as the disk is done: as the documentation of the crate wants it, in that order.
    pub(crate) fn written(&mut self, port: &mut Port<'_, Self>) {
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
        let Some(mut light) = self.ask(port, |raft| raft.advance(ready)) else { return };
        if let Some(commit) = light.commit_index() {
            self.disk().hard.commit = commit;
        }
        self.send(light.take_messages(), port);
        self.apply(&light.take_committed_entries(), port);
        self.ask(port, RawNode::advance_apply);
        self.disk().compact();
        self.look(port);
        self.client.answer(self.raft.store(), port);
        for input in mem::take(&mut self.inbox) {
            self.step(input, port);
        }
        self.rouse(port);
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
                self.client.done(value, entry.index, port);
            }
        }
    }

    fn change(&mut self, entry: &Entry, port: &mut Port<'_, Self>) {
        let mut change = ConfChangeV2::default();
        change.merge_from_bytes(&entry.data).expect("a change of the configuration");
        // A change that cannot be made is left out, by all members alike.
        if let Some(Ok(now)) = self.ask(port, |raft| raft.apply_conf_change(&change)) {
            self.is_gone =
                !now.voters.iter().chain(&now.learners).chain(&now.voters_outgoing).any(|id| *id == self.id);
            self.disk().voters = now;
            for single in
                change.changes.iter().filter(|single| single.get_change_type() == ConfChangeType::RemoveNode)
            {
                let leaver = self.peers[place(single.node_id)];
                port.note(LEFT, port.symbol(leaver), &[]);
            }
        }
    }

    fn send(&mut self, messages: Vec<Message>, port: &mut Port<'_, Self>) {
        for message in messages {
            if message.get_msg_type() == MessageType::MsgSnapshot {
                // The application must report; what it knows may be wrong.
                port.submit_after(TICK.saturating_mul(2), Timer::Report(message.to));
            }
            port.send(self.peers[place(message.to)], Box::new(message));
        }
    }
}

/// Where a member stands in the list of all.
fn place(id: u64) -> usize {
    usize::try_from(id - 1).expect("a few members")
}
