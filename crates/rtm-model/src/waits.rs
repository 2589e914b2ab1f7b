//! Calls that wait for the locks of others (D-88): who excludes whom, who becomes ready, who waits for each other (D-132).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use tiebreak_rtm::{DeadlockLink, EntityHandle, LockMode, Outcome, Status, Ticket};

use super::expected::{Expected, Told};
use super::{Difference, Model, On, WaitingCall, outcome, same};

/// Two accesses go together if both only read.
fn exclude(one: LockMode, other: LockMode) -> bool {
    one == LockMode::Exclusive || other == LockMode::Exclusive
}

impl Model {
    /// The other clients that keep `caller` from an object: those that hold a lock, those whose call is ready, and those
    /// that came before it, the first `ahead` in line, unless it holds a lock itself. Who has left is in nobody's way.
    pub(super) fn excluders(
        &self,
        caller: EntityHandle,
        on: On,
        access: LockMode,
        ahead: usize,
    ) -> Vec<EntityHandle> {
        let mut excluders = Vec::new();
        for lock in self.locks.iter().filter(|lock| lock.on == on && exclude(lock.mode, access)) {
            excluders.push(lock.holder);
        }
        let holds_one = self.lock_of(caller, on).is_some();
        for (place, other) in self.line.iter().enumerate() {
            let came_before = place < ahead && !holds_one;
            if other.on == on && exclude(other.access, access) && (other.ready || came_before) {
                excluders.push(other.caller);
            }
        }
        let is_client = |other: EntityHandle| self.client(other).is_some_and(|client| client.registered);
        excluders.retain(|other| *other != caller && is_client(*other));
        excluders
    }

    /// Tells whether a call that is made now has to wait for this object; one that has waited for it keeps its turn.
    pub(super) fn has_to_wait(&self, caller: EntityHandle, on: On, access: LockMode) -> bool {
        let ahead = if self.passing == Some(on) { 0 } else { self.line.len() };
        !self.excluders(caller, on, access, ahead).is_empty()
    }

    /// Those that a call in line waits for; nobody, if it is ready or its client has left (D-134).
    fn waited_for(&self, place: usize) -> Vec<EntityHandle> {
        let WaitingCall { caller, on, access, ready, .. } = self.line[place];
        if ready || self.client(caller).is_none_or(|client| !client.registered) {
            return Vec::new();
        }
        self.excluders(caller, on, access, place)
    }

    /// Lets a call stand in line. It may complete a cycle of clients that wait for each other (D-132).
    pub(super) fn stand_in_line(
        &mut self,
        waiting: WaitingCall,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        same("whether the ticket is new", &true, &self.tickets.insert(waiting.ticket))?;
        self.line.push(waiting);
        expected.deadlock = self.shortest_cycle();
        told.deadlocks.iter().try_for_each(|cycle| self.check_cycle(cycle))
    }

    /// How many clients the shortest cycle has that the last in line completes.
    fn shortest_cycle(&self) -> Option<usize> {
        let last = self.line.len() - 1;
        let newcomer = self.line[last].caller;
        let mut reached: BTreeSet<EntityHandle> = self.waited_for(last).into_iter().collect();
        for length in 1..=self.clients.len() {
            if reached.contains(&newcomer) {
                return Some(length);
            }
            let waiting = (0..self.line.len()).filter(|place| reached.contains(&self.line[*place].caller));
            let next: Vec<_> = waiting.flat_map(|place| self.waited_for(place)).collect();
            reached.extend(next);
        }
        None
    }

    /// Checks that each link of a cycle is a call that waits for the client of the next, beginning with the newcomer's.
    fn check_cycle(&self, cycle: &[DeadlockLink]) -> Result<(), Difference> {
        let last = self.line.len() - 1;
        for (place, link) in cycle.iter().enumerate() {
            let next = cycle[(place + 1) % cycle.len()].waiter;
            same("who a link of a deadlock leads to", &next, &link.holder)?;
            let mut calls = if place == 0 { last..last + 1 } else { 0..last + 1 };
            let waits = calls.any(|place| {
                let call = &self.line[place];
                let told = (link.waiter, link.function, link.on);
                told == (call.caller, call.call.function(), self.locked_object(call.on))
                    && self.waited_for(place).contains(&link.holder)
            });
            same("whether a link of a deadlock is a call that waits for a client", &true, &waits)?;
        }
        Ok(())
    }

    /// Makes a call that was ready now, as if it had never been made before; it waits again if it must, behind all others.
    pub(super) fn resume(
        &mut self,
        ticket: Ticket,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        let place = self.line.iter().position(|call| call.ticket == ticket);
        let Some(place) = place else {
            let refused = Outcome::Failed(Status::InvalidHandle);
            return same("what is said of a ticket that names no call", &refused, outcome(told)?);
        };
        if !self.line[place].ready {
            let waits_on = Outcome::Pending(ticket);
            return same("what is said of a call that is not ready", &waits_on, outcome(told)?);
        }
        let WaitingCall { caller, frame, call, on, .. } = self.line.remove(place);
        self.passing = Some(on);
        self.answer((Some(caller), frame), &call, told, expected)?;
        self.passing = None;
        Ok(())
    }

    /// Whoever is kept out of these objects by nobody any more is ready, first come, first served.
    pub(super) fn make_ready(&mut self, of: impl Fn(On) -> bool, expected: &mut Expected) {
        for place in 0..self.line.len() {
            let WaitingCall { ticket, caller, on, ready, .. } = self.line[place];
            if of(on) && !ready && self.waited_for(place).is_empty() {
                self.line[place].ready = true;
                expected.ready.push((on, caller, ticket));
            }
        }
    }
}
