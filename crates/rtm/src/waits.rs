//! Waiting: a call that meets the lock of another client goes on when the lock is gone (D-88).
//!
//! ```text
//!  Call ──▶ Pending(ticket)     it has changed nothing
//!   … the lock ends ──▶ Ready { ticket }     an event for the host to order
//!  Resume { ticket } ──▶ Reply     the call is made now, as if for the first time
//! ```
//!
//! Calls that wait for one object stand in line. A call is ready when no lock and nobody before it in the line excludes it;
//! several that only read are ready at once, and which of them goes on first is the host's to say. A newcomer stands behind
//! those in line, so that nobody is overtaken for ever.

use crate::address::NetAddress;
use crate::call::{Call, LockMode, Outcome};
use crate::function::Function;
use crate::handle::{CallbackId, DestSlot, EntityHandle, EntitySlot, Ticket, TicketSlot};
use crate::lock::{Access, Lockable};
use crate::manager::{Manager, State, Step};
use crate::output::{DeadlockLink, Fact, LockedObject, Output};
use crate::status::{Refusal, Status};
use alloc::vec::Vec;

/// Is a call that waits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiter {
    /// Who has called; kept alive, so that a call of one that has left is still answered.
    pub(crate) caller: EntitySlot,
    pub(crate) frame: Option<CallbackId>,
    pub(crate) call: Call,
    /// What it waits for; kept alive.
    pub(crate) on: Lockable,
    pub(crate) access: Access,
    /// Whether it may go on, and the host knows.
    pub(crate) ready: bool,
}

/// Describes a call that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingCall {
    /// Its ticket.
    pub ticket: Ticket,
    /// Who has called.
    pub caller: EntityHandle,
    /// The function called.
    pub function: Function,
    /// What it waits for.
    pub on: LockedObject,
    /// Whether it may go on.
    pub ready: bool,
}

impl State {
    /// Checks that nothing of another client excludes this access to a destination.
    ///
    /// To be called before anything is changed: a call that has to wait is made again as a whole.
    pub(crate) fn check_access(
        &self,
        caller: EntitySlot,
        dest: DestSlot,
        access: Access,
    ) -> Result<(), Refusal> {
        self.check_lockable(caller, Lockable::Dest(dest), access)
    }

    /// Checks that nothing of another client excludes this access.
    pub(crate) fn check_lockable(
        &self,
        caller: EntitySlot,
        on: Lockable,
        access: Access,
    ) -> Result<(), Refusal> {
        // Who has waited for its turn does not stand behind those that came after it.
        let before = if self.passing == Some(on) { 0 } else { self.line.len() };
        match self.excluding(caller, on, access, before).next() {
            None => Ok(()),
            Some(_) => Err(Refusal::Wait { on, access }),
        }
    }

    /// Returns the clients that exclude an access: those that hold a lock, those whose call is ready, and those among the
    /// first `before` in line. Who holds a lock itself does not stand behind those that wait for it; who has left is in
    /// nobody's way, since its calls will be refused.
    fn excluding(
        &self,
        caller: EntitySlot,
        on: Lockable,
        access: Access,
        before: usize,
    ) -> impl Iterator<Item = EntitySlot> {
        let locks = self.locks.iter().filter(move |lock| {
            lock.on == on && (lock.mode == LockMode::Exclusive || access == Access::Write)
        });
        let before = if self.lock_on(caller, on).is_some() { 0 } else { before };
        let line = self.line.iter().enumerate().map(|(place, slot)| (place, &self.waiters[*slot]));
        let line = line.filter(move |(place, waiter)| {
            let is_first = waiter.ready || *place < before;
            is_first && waiter.on == on && (waiter.access == Access::Write || access == Access::Write)
        });
        let holders = locks.map(|lock| lock.holder).chain(line.map(|(_, waiter)| waiter.caller));
        holders.filter(move |holder| *holder != caller && self.entities[*holder].registered)
    }

    /// Tells whether what stands at this place in line is still excluded.
    pub(crate) fn is_excluded(&self, place: usize) -> bool {
        let Waiter { caller, on, access, ready, .. } = self.waiters[self.line[place]];
        // Who is ready has passed those before it: it held a lock itself.
        let before = if ready { 0 } else { place };
        self.entities[caller].registered && self.excluding(caller, on, access, before).next().is_some()
    }

    pub(crate) fn locked_object(&self, on: Lockable) -> LockedObject {
        match on {
            Lockable::Dest(dest) => LockedObject::Dest(self.dests[dest].address),
            Lockable::NextHop(next_hop) => LockedObject::NextHop(self.next_hop_name(next_hop)),
        }
    }

    /// Returns the calls that wait, in the order in which they came.
    pub(crate) fn waiting_calls(&self) -> impl Iterator<Item = WaitingCall> {
        self.line.iter().map(|slot| {
            let waiter = &self.waiters[*slot];
            WaitingCall {
                ticket: self.waiters.handle(*slot),
                caller: self.entities.handle(waiter.caller),
                function: waiter.call.function(),
                on: self.locked_object(waiter.on),
                ready: waiter.ready,
            }
        })
    }

    /// Finds the shortest cycle of clients that wait for each other which the call at the end of the line completes. What
    /// its client waits for by other calls has been told when they began to wait.
    fn deadlock_of_last(&self) -> Option<Vec<DeadlockLink>> {
        let last = self.line.len().checked_sub(1)?;
        let newcomer = self.waiters[self.line[last]].caller;
        // Each client reached, with the place of the one that waits for it, and by which call.
        let mut reached: Vec<(EntitySlot, Option<(usize, DeadlockLink)>)> = Vec::from([(newcomer, None)]);
        let mut at = 0;
        while let Some((waiter, _)) = reached.get(at) {
            let links = if at == 0 { self.links_of(last) } else { self.waits_of(*waiter) };
            for (holder, link) in links {
                if holder == newcomer {
                    return Some(Self::chain(&reached, at, link));
                }
                if !reached.iter().any(|(client, _)| *client == holder) {
                    reached.push((holder, Some((at, link))));
                }
            }
            at += 1;
        }
        None
    }

    /// Returns whom a client waits for, and by which calls.
    fn waits_of(&self, waiter: EntitySlot) -> Vec<(EntitySlot, DeadlockLink)> {
        let places = 0..self.line.len();
        let calls = places.filter(|place| self.waiters[self.line[*place]].caller == waiter);
        calls.flat_map(|place| self.links_of(place)).collect()
    }

    /// Returns whom the call at this place in line waits for.
    fn links_of(&self, place: usize) -> Vec<(EntitySlot, DeadlockLink)> {
        let Waiter { caller, on, access, call, ready, .. } = &self.waiters[self.line[place]];
        if *ready || !self.entities[*caller].registered {
            return Vec::new();
        }
        let link = |holder| DeadlockLink {
            waiter: self.entities.handle(*caller),
            function: call.function(),
            on: self.locked_object(*on),
            holder: self.entities.handle(holder),
        };
        self.excluding(*caller, *on, *access, place).map(|holder| (holder, link(holder))).collect()
    }

    /// Reads the links that lead to a place of `reached`, and adds the last one.
    fn chain(
        reached: &[(EntitySlot, Option<(usize, DeadlockLink)>)],
        mut at: usize,
        last: DeadlockLink,
    ) -> Vec<DeadlockLink> {
        let mut links = Vec::from([last]);
        while let Some((_, Some((before, link)))) = reached.get(at) {
            links.push(*link);
            at = *before;
        }
        links.reverse();
        links
    }
}

impl Step<'_> {
    /// Lets a call stand in line, and tells of the deadlock it completes.
    pub(crate) fn wait(
        &mut self,
        caller: EntitySlot,
        frame: Option<CallbackId>,
        call: Call,
        (on, access): (Lockable, Access),
    ) -> Ticket {
        self.state.keep_alive(on);
        self.state.entities[caller].references += 1;
        let slot = self.state.waiters.insert(Waiter { caller, frame, call, on, access, ready: false });
        self.state.line.push(slot);
        if let Some(cycle) = self.state.deadlock_of_last() {
            self.fact(|_| Fact::Deadlock { cycle });
        }
        self.state.waiters.handle(slot)
    }

    /// Tells the host of those in line that nothing excludes any more.
    pub(crate) fn wake(&mut self, on: Lockable) {
        for place in 0..self.state.line.len() {
            let slot = self.state.line[place];
            let waiter = &self.state.waiters[slot];
            if waiter.on == on && !waiter.ready && !self.state.is_excluded(place) {
                self.make_ready(slot);
            }
        }
    }

    /// Lets the calls of a client that has left be answered: they are refused then, and those behind them may go on now
    /// (D-134).
    pub(crate) fn wake_calls_of(&mut self, leaver: EntitySlot) {
        for slot in self.state.line.clone() {
            let Waiter { caller, on, ready, .. } = self.state.waiters[slot];
            if caller != leaver {
                continue;
            }
            if !ready {
                self.make_ready(slot);
            }
            self.wake(on);
        }
    }

    fn make_ready(&mut self, slot: TicketSlot) {
        self.state.waiters[slot].ready = true;
        let to = self.state.entities.handle(self.state.waiters[slot].caller);
        let ticket = self.state.waiters.handle(slot);
        self.put(Output::Ready { to, ticket });
    }

    /// Makes a call that has waited, now that it is ready. Who is not ready waits on.
    pub(crate) fn resume(&mut self, ticket: Ticket) {
        let outcome = match self.state.waiters.slot(ticket) {
            None => Outcome::Failed(Status::InvalidHandle),
            Some(slot) if !self.state.waiters[slot].ready => Outcome::Pending(ticket),
            Some(slot) => self.go_on(slot),
        };
        self.put(Output::Reply(outcome));
    }

    fn go_on(&mut self, slot: TicketSlot) -> Outcome {
        let Waiter { caller, frame, call, on, .. } = self.state.waiters.remove(slot);
        self.state.line.retain(|other| *other != slot);
        self.state.passing = Some(on);
        let handle = self.state.entities.handle(caller);
        let outcome = self.answer(Some(handle), frame, call);
        self.state.passing = None;
        self.wake(on);
        self.let_lockable_go(on);
        self.drop_entity(caller);
        outcome
    }
}

impl Manager {
    /// Returns the calls that wait, in the order in which they came.
    pub fn waiting_calls(&self) -> impl Iterator<Item = WaitingCall> {
        self.state.waiting_calls()
    }

    /// Returns the prefix of a destination that a client has locked by `RtmLockRoute`.
    #[must_use]
    pub fn route_locked_by(&self, client: EntityHandle) -> Option<NetAddress> {
        self.state.entities.slot(client).and_then(|slot| self.state.dest_under_route_lock(slot))
    }
}
