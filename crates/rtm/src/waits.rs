//! Waiting: a call that meets the lock of another client goes on when the lock is gone (D-88).
//!
//! ```text
//!  Call ──▶ Pending(ticket)     it has changed nothing
//!   … the lock ends ──▶ Ready { ticket }     an event for the host to order
//!  Resume { ticket } ──▶ Reply     the call is made now, as if for the first time
//! ```
//!
//! Invocations of methods wait in the same way: see `methods`. Those that run stand in line too, but exclude nobody.
//!
//! Calls that wait for one object stand in line. A call is ready when no lock and nobody before it in the line excludes it;
//! several that only read are ready at once, and which of them goes on first is the host's to say. A newcomer stands behind
//! those in line, so that nobody is overtaken for ever.

use crate::address::NetAddress;
use crate::call::{Call, LockMode, Outcome, Reply};
use crate::function::Function;
use crate::handle::{DestSlot, EntityHandle, EntitySlot, Ticket, TicketSlot};
use crate::lock::{Access, Lockable};
use crate::manager::{Manager, State, Step};
use crate::methods::{Frame, Invocation};
use crate::output::{Fact, NextHopName, Output};
use crate::status::{Refusal, Status};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// What a call can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedObject {
    /// The methods of a client, which it has blocked, or of which one runs.
    Methods(EntityHandle),
    /// A destination, by its prefix.
    Dest(NetAddress),
    /// A next hop.
    NextHop(NextHopName),
}

/// One client of a deadlock, and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlockLink {
    /// The client that waits.
    pub waiter: EntityHandle,
    /// The function it has called.
    pub function: Function,
    /// What it waits for.
    pub on: LockedObject,
    /// The client that holds it, or stands in line before; of a method that runs, its own client.
    pub holder: EntityHandle,
}

/// A call that waits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiter {
    /// Who has called; kept alive, so that a call of one that has left is still answered.
    pub(crate) caller: EntitySlot,
    pub(crate) frame: Option<Frame>,
    pub(crate) call: Call,
    /// What it waits for; kept alive.
    pub(crate) on: Lockable,
    pub(crate) access: Access,
    /// Whether it may go on, and the host knows.
    pub(crate) ready: bool,
    /// What runs for it, if it is an invocation that runs or has run.
    pub(crate) invocation: Option<Invocation>,
}

/// What a call that wants something has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It has been let go: only locks and those that are let go too exclude it.
    Passing,
    /// It stands behind so many in line.
    Behind(usize),
}

/// A call that waits, as it stands.
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
    pub is_ready: bool,
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
        // Most of the time nothing is locked and nobody waits; then only a block of methods excludes anybody.
        let nothing_locked = self.locks.is_empty() && self.line.is_empty();
        if nothing_locked && !matches!(on, Lockable::Methods(_)) {
            return Ok(());
        }
        // Who has waited for its turn does not stand behind those that came after it.
        let turn = if self.passing == Some(on) { Turn::Passing } else { Turn::Behind(self.line.len()) };
        match self.excluding(caller, on, access, turn).next() {
            None => Ok(()),
            Some(_) => Err(Refusal::Wait { on, access }),
        }
    }

    /// Returns the clients that exclude an access: those that hold a lock, who has its methods blocked, those whose call is
    /// ready, and those in line before it. Who holds a lock itself does not stand behind those that wait for it; who has left is
    /// in nobody's way, since its calls will be refused.
    fn excluding(
        &self,
        caller: EntitySlot,
        on: Lockable,
        access: Access,
        turn: Turn,
    ) -> impl Iterator<Item = EntitySlot> {
        let locks = self.locks.iter().filter(move |lock| {
            lock.on == on && (lock.mode == LockMode::Exclusive || access == Access::Write)
        });
        let before = match turn {
            Turn::Behind(before) if self.lock_on(caller, on).is_none() => before,
            Turn::Behind(_) | Turn::Passing => 0,
        };
        let blocker = match on {
            // Whoever a resume has let go, a later block does not hold (D-144).
            Lockable::Methods(owner) if turn != Turn::Passing => Some(owner),
            Lockable::Methods(_) | Lockable::Dest(_) | Lockable::NextHop(_) => None,
        };
        let blocker = blocker.filter(|owner| self.entities[*owner].methods_blocked);
        let line = self.line.iter().enumerate().map(|(place, slot)| (place, &self.waiters[*slot]));
        let line = line.filter(move |(place, waiter)| {
            let is_first = waiter.invocation.is_none() && (waiter.ready || *place < before);
            is_first && waiter.on == on && (waiter.access == Access::Write || access == Access::Write)
        });
        let holders = locks.map(|lock| lock.holder).chain(line.map(|(_, waiter)| waiter.caller));
        let holders = holders.chain(blocker);
        holders.filter(move |holder| *holder != caller && self.entities[*holder].registered)
    }

    /// Whether what stands at this place in line is still excluded.
    pub(crate) fn is_excluded(&self, place: usize) -> bool {
        let waiter = &self.waiters[self.line[place]];
        if let Some(invocation) = &waiter.invocation {
            return invocation.running.is_some();
        }
        let Waiter { caller, on, access, ready, .. } = *waiter;
        // Who is ready has passed those before it: it held a lock itself.
        let turn = if ready { Turn::Passing } else { Turn::Behind(place) };
        self.entities[caller].registered && self.excluding(caller, on, access, turn).next().is_some()
    }

    pub(crate) fn locked_object(&self, on: Lockable) -> LockedObject {
        match on {
            Lockable::Dest(dest) => LockedObject::Dest(self.dests[dest].address),
            Lockable::NextHop(next_hop) => LockedObject::NextHop(self.next_hop_name(next_hop)),
            Lockable::Methods(entity) => LockedObject::Methods(self.entities.handle(entity)),
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
                is_ready: waiter.ready,
            }
        })
    }

    /// Finds the shortest cycle of clients that wait for each other which the call at this place in line is part of, beginning
    /// with it.
    fn deadlock_of(&self, place: usize) -> Option<Vec<DeadlockLink>> {
        let client = self.waiters[self.line[place]].caller;
        // Each that is reached, with the place of the one that waits for it, and by which call.
        let mut reached: Vec<(Waits, Option<(usize, DeadlockLink)>)> =
            Vec::from([(Waits::Call(place), None)]);
        let mut known = BTreeSet::from([Waits::Call(place)]);
        let mut at = 0;
        while let Some((waits, _)) = reached.get(at) {
            for (next, link) in self.links_of_all(*waits) {
                if next == Waits::Client(client) || next == Waits::Call(place) {
                    return Some(chain(&reached, at, link));
                }
                if known.insert(next) {
                    reached.push((next, Some((at, link))));
                }
            }
            at += 1;
        }
        None
    }

    /// Returns who stands in line, and which calls are part of a deadlock.
    ///
    /// Cost: with W calls in line, about W² steps as long as there is no deadlock, and W³ if there is one.
    pub(crate) fn tangle(&self) -> Tangle {
        let ticket = |slot: &TicketSlot| self.waiters.handle(*slot);
        let line = self.line.iter().map(ticket).collect();
        if !self.is_tangled() {
            return Tangle { line, deadlocked: Vec::new() };
        }
        let places = (0..self.line.len()).filter(|place| self.deadlock_of(*place).is_some());
        Tangle { line, deadlocked: places.map(|place| ticket(&self.line[place])).collect() }
    }

    /// Whether any clients and calls wait for each other in a cycle: a walk along the links that comes back to what it has not
    /// yet left. Walking costs one visit of each link.
    fn is_tangled(&self) -> bool {
        let mut left: BTreeMap<Waits, bool> = BTreeMap::new();
        for place in 0..self.line.len() {
            // What is on the way from the call to here, each with the links that are still to be followed.
            let mut way: Vec<(Waits, Vec<(Waits, DeadlockLink)>)> = Vec::new();
            let mut next = Some(Waits::Call(place));
            loop {
                if let Some(waits) = next.take() {
                    match left.get(&waits) {
                        Some(true) => {}
                        Some(false) => return true,
                        None => {
                            left.insert(waits, false);
                            way.push((waits, self.links_of_all(waits)));
                        }
                    }
                }
                let Some((waits, links)) = way.last_mut() else { break };
                next = links.pop().map(|(to, _)| to);
                if next.is_none() {
                    left.insert(*waits, true);
                    way.pop();
                }
            }
        }
        false
    }

    /// Returns what a client waits for, by which of its calls ever, or what a call does.
    fn links_of_all(&self, waits: Waits) -> Vec<(Waits, DeadlockLink)> {
        match waits {
            Waits::Call(place) => self.links_of(place),
            Waits::Client(client) => {
                let places = 0..self.line.len();
                let calls = places.filter(|place| self.waiters[self.line[*place]].caller == client);
                calls.flat_map(|place| self.links_of(place)).collect()
            }
        }
    }

    /// Returns what the call at this place in line waits for: the clients that exclude it; or, if methods run for it, the call
    /// by which the one that runs waits itself, on the same thread.
    fn links_of(&self, place: usize) -> Vec<(Waits, DeadlockLink)> {
        let slot = self.line[place];
        let Waiter { caller, on, access, call, ready, invocation, .. } = &self.waiters[slot];
        if *ready || !self.entities[*caller].registered {
            return Vec::new();
        }
        let link = |holder| DeadlockLink {
            waiter: self.entities.handle(*caller),
            function: call.function(),
            on: self.locked_object(*on),
            holder: self.entities.handle(holder),
        };
        if invocation.is_none() {
            let holders = self.excluding(*caller, *on, *access, Turn::Behind(place));
            return holders.map(|holder| (Waits::Client(holder), link(holder))).collect();
        }
        let inside = Some(Frame::Method(self.waiters.handle(slot)));
        let calls = (0..self.line.len()).filter(|place| self.waiters[self.line[*place]].frame == inside);
        calls.map(|place| (Waits::Call(place), link(self.waiters[self.line[place]].caller))).collect()
    }
}

/// Who stood in line after an input. The next one only has to look for deadlocks if it changes who waits for whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tangle {
    line: Vec<Ticket>,
    /// The calls that were part of a deadlock.
    deadlocked: Vec<Ticket>,
}

/// What a search for deadlocks goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waits {
    /// A client, with all that it waits for.
    Client(EntitySlot),
    /// The call at this place in line.
    Call(usize),
}

/// Reads the links that lead to a place of `reached`, and adds the last one.
fn chain(
    reached: &[(Waits, Option<(usize, DeadlockLink)>)],
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

impl Step<'_> {
    /// Notes that who waits for whom may be another matter from now on: locks, blocks, the line, who is ready, which methods
    /// run, and who is registered decide it.
    pub(crate) const fn waits_change(&mut self) {
        *self.waits_changed = true;
    }

    /// Lets a call stand in line: it waits, or its methods run.
    pub(crate) fn stand_still(
        &mut self,
        (caller, frame, call): (EntitySlot, Option<Frame>, Call),
        why: Refusal,
    ) -> Ticket {
        let (on, access, invocation) = match why {
            Refusal::Wait { on, access } => (on, access, None),
            Refusal::Run { of, methods, input } => {
                let invocation = Invocation { running: None, rest: methods, input, outputs: Vec::new() };
                (Lockable::Methods(of), Access::Write, Some(invocation))
            }
            Refusal::Status(_) | Refusal::NeedsRoom(_) | Refusal::Violation(_) => {
                unreachable!("a call that is refused does not stand still")
            }
        };
        self.state.keep_alive(on);
        self.state.entities[caller].references += 1;
        let runs = invocation.is_some();
        let waiter = Waiter { caller, frame, call, on, access, ready: false, invocation };
        let slot = self.state.waiters.insert(waiter);
        self.state.line.push(slot);
        self.waits_change();
        if runs {
            self.run_next_method(slot);
        } else if let Some(cycle) = self.state.deadlock_of(self.state.line.len() - 1) {
            self.fact(|_| Fact::Deadlock { cycle });
        }
        self.state.waiters.handle(slot)
    }

    /// Tells of the deadlocks that an input has made of calls that were in line already, by letting others pass them: by an
    /// unlock, or by a block. If a call has come to stand in line, it has told of the one that it completes (D-147).
    pub(crate) fn tell_deadlocks(&mut self, before: &Tangle) {
        let has_come = |slot: &TicketSlot| !before.line.contains(&self.state.waiters.handle(*slot));
        if self.state.line.iter().any(has_come) || !self.state.is_tangled() {
            return;
        }
        let mut told: Vec<EntityHandle> = Vec::new();
        for place in (0..self.state.line.len()).rev() {
            let slot = self.state.line[place];
            let caller = self.state.entities.handle(self.state.waiters[slot].caller);
            let was_told = before.deadlocked.contains(&self.state.waiters.handle(slot));
            if was_told || told.contains(&caller) {
                continue;
            }
            if let Some(cycle) = self.state.deadlock_of(place) {
                told.extend(cycle.iter().map(|link| link.waiter));
                self.fact(|_| Fact::Deadlock { cycle });
            }
        }
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
            let Waiter { caller, on, ready, ref invocation, .. } = self.state.waiters[slot];
            // What it has invoked and what runs has to come to its end first.
            if caller != leaver || invocation.is_some() {
                continue;
            }
            if !ready {
                self.make_ready(slot);
            }
            self.wake(on);
        }
    }

    pub(crate) fn make_ready(&mut self, slot: TicketSlot) {
        self.state.waiters[slot].ready = true;
        self.waits_change();
        let to = self.state.entities.handle(self.state.waiters[slot].caller);
        let ticket = self.state.waiters.handle(slot);
        self.put(Output::Ready { to, ticket });
    }

    /// Makes a call that has waited, now that it is ready. Who is not ready waits on.
    pub(crate) fn resume(&mut self, ticket: Ticket) -> Outcome {
        match self.state.waiters.slot(ticket) {
            None => Outcome::Failed(Status::InvalidHandle),
            Some(slot) if !self.state.waiters[slot].ready => Outcome::Pending(ticket),
            Some(slot) => self.go_on(slot),
        }
    }

    fn go_on(&mut self, slot: TicketSlot) -> Outcome {
        let Waiter { caller, frame, call, on, invocation, .. } = self.state.waiters.remove(slot);
        self.state.line.retain(|other| *other != slot);
        self.waits_change();
        let outcome = if let Some(invocation) = invocation {
            Outcome::Done(Reply::InvokeMethod { outputs: invocation.outputs })
        } else {
            self.state.passing = Some(on);
            let handle = self.state.entities.handle(caller);
            let outcome = self.answer(Some(handle), frame, call);
            self.state.passing = None;
            self.wake(on);
            outcome
        };
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
