//! The client of a member: what it asks, and what it is told.

use std::collections::BTreeSet;
use std::mem;

use tiebreak::net::{About, Port};
use tiebreak::{Fact, terms};

use crate::disk::Disk;
use crate::machine::change;
use crate::replica::{Input, Replica};
use crate::setups::{Setup, TICK};
use crate::world::Timer;

terms! {
    /// A client has sent a read, has its answer, or knows that its write is done.
    pub ASKED = "asked", pub ANSWERED = "answered", pub WRITTEN = "written",
    /// After all faults a client has sent a write to a member, and a read that followed it has been answered.
    pub PROBED = "probed", pub SERVED = "served",
    /// The entry up to which is written or read.
    pub AT = "at",
    ACTION = "action", TARGET = "target",
}

/// What the client of the probe waits for: the write, then the read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    Write(u64),
    Read,
}

/// The client of a member. It never waits before it asks for more.
#[derive(Debug)]
pub(crate) struct Client {
    id: u64,
    /// Requests so far, also of former lives of the member.
    requests: u64,
    writes: BTreeSet<u64>,
    /// Reads, and the index that the application has to see before they can be answered.
    reads: Vec<(u64, Option<u64>)>,
    probe: Option<Probe>,
}

impl Client {
    pub(crate) const fn new(id: u64) -> Self {
        Self { id, requests: 0, writes: BTreeSet::new(), reads: Vec::new(), probe: None }
    }

    /// The member has crashed: what it was asked is forgotten, and the client of the probe asks again.
    pub(crate) fn forget(&mut self) {
        self.writes.clear();
        self.reads.clear();
    }

    fn request(&mut self) -> u64 {
        self.requests += 1;
        self.id * 1_000_000 + self.requests
    }

    /// Asks for something.
    pub(crate) fn act(&mut self, setup: &Setup, disk: &Disk, port: &mut Port<'_, Replica>) -> Option<Input> {
        let request = self.request();
        Some(match port.draw(ACTION, 0..=11) {
            0 if setup.transfers => Input::Transfer(port.draw(TARGET, 1..=setup.members)),
            1 | 2 => Input::Change(change(setup.changes, self.id, disk)?),
            0..=6 => Input::Propose(request),
            _ => {
                port.note(ASKED, request, &[]);
                Input::Read(request)
            }
        })
    }

    /// Begins the probe.
    pub(crate) fn probe(&mut self, port: &mut Port<'_, Replica>) -> Option<Input> {
        self.probe = Some(Probe::Write(self.request()));
        port.note(PROBED, About::Nothing, &[]);
        self.retry(port)
    }

    /// Asks for what the probe waits for, now and until it comes.
    pub(crate) fn retry(&mut self, port: &mut Port<'_, Replica>) -> Option<Input> {
        port.arm_after(TICK.saturating_mul(10), Timer::Retry);
        Some(match self.probe? {
            Probe::Write(value) => Input::Propose(value),
            Probe::Read => Input::Read(self.request()),
        })
    }

    /// The member has taken a write.
    pub(crate) fn wrote(&mut self, value: u64) {
        self.writes.insert(value);
    }

    /// The member has taken a read.
    pub(crate) fn read(&mut self, read: u64) {
        self.reads.push((read, None));
    }

    /// The member knows what a read has to see.
    pub(crate) fn known(&mut self, read: u64, index: u64) {
        self.reads.iter_mut().filter(|(id, _)| *id == read).for_each(|(_, known)| *known = Some(index));
    }

    /// The application has seen a write.
    pub(crate) fn done(&mut self, value: u64, index: u64, port: &mut Port<'_, Replica>) {
        if self.writes.remove(&value) {
            port.note(WRITTEN, value, &[Fact::number(AT, index)]);
        }
        if self.probe == Some(Probe::Write(value)) {
            self.probe = Some(Probe::Read);
            port.arm(port.now(), Timer::Retry);
        }
    }

    /// Answers the reads whose index the application has seen.
    pub(crate) fn answer(&mut self, disk: &Disk, port: &mut Port<'_, Replica>) {
        let is_ready = |(_, index): &(u64, Option<u64>)| index.is_some_and(|index| index <= disk.applied);
        let (ready, waiting): (Vec<_>, Vec<_>) = mem::take(&mut self.reads).into_iter().partition(is_ready);
        self.reads = waiting;
        for (read, _) in ready {
            port.note(ANSWERED, read, &[Fact::number(AT, disk.written)]);
            if self.probe == Some(Probe::Read) {
                self.probe = None;
                port.note(SERVED, About::Nothing, &[]);
            }
        }
    }
}
