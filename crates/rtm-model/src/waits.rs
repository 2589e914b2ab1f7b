//! Calls that wait for the locks of others (D-88): who excludes whom, who becomes ready, who waits for each other (D-132).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use tiebreak_rtm::{DeadlockLink, EntityHandle, LockMode, Outcome, Status, Ticket};

use super::expected::{Expected, Told};
use super::methods::Place;
use super::{Difference, Model, On, WaitingCall, outcome, same};

/// Is what waits, or is waited for, in a deadlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Knot {
    /// A client, with all its calls.
    Client(EntityHandle),
    /// The call at this place in line.
    Call(usize),
}

/// Two accesses go together if both only read.
fn exclude(one: LockMode, other: LockMode) -> bool {
    one == LockMode::Exclusive || other == LockMode::Exclusive
}

impl Model {
    /// The other clients that keep `caller` from an object: those that hold a lock, those whose call is ready, and those
    /// that came before it, the first `ahead` in line, unless it holds a lock itself; and who has blocked its methods. Whoever
    /// has been let go has nobody `ahead`, and no block either (D-144). Who has left is in nobody's way.
    pub(super) fn excluders(
        &self,
        caller: EntityHandle,
        on: On,
        access: LockMode,
        ahead: Option<usize>,
    ) -> Vec<EntityHandle> {
        let mut excluders: Vec<_> = ahead.and_then(|_| self.blocker(on)).into_iter().collect();
        let ahead = ahead.unwrap_or(0);
        for lock in self.locks.iter().filter(|lock| lock.on == on && exclude(lock.mode, access)) {
            excluders.push(lock.holder);
        }
        let holds_one = self.lock_of(caller, on).is_some();
        for (place, other) in self.line.iter().enumerate() {
            let came_before = place < ahead && !holds_one;
            if other.on == on
                && other.invoked.is_none()
                && exclude(other.access, access)
                && (other.ready || came_before)
            {
                excluders.push(other.caller);
            }
        }
        let is_client = |other: EntityHandle| self.client(other).is_some_and(|client| client.registered);
        excluders.retain(|other| *other != caller && is_client(*other));
        excluders
    }

    /// Tells whether a call that is made now has to wait for this object; one that has waited for it keeps its turn.
    pub(super) fn has_to_wait(&self, caller: EntityHandle, on: On, access: LockMode) -> bool {
        let ahead = (self.passing != Some(on)).then_some(self.line.len());
        !self.excluders(caller, on, access, ahead).is_empty()
    }

    /// Those that a call in line waits for; nobody, if it is ready or its client has left (D-134).
    fn waited_for(&self, place: usize) -> Vec<EntityHandle> {
        let WaitingCall { caller, on, access, ready, .. } = self.line[place];
        if ready || self.client(caller).is_none_or(|client| !client.registered) {
            return Vec::new();
        }
        self.excluders(caller, on, access, Some(place))
    }

    /// What a call in line waits for, as what a deadlock goes over: clients, or, while a method runs for it, the calls by
    /// which that method waits itself.
    fn steps_from(&self, place: usize) -> Vec<Knot> {
        let call = &self.line[place];
        if call.invoked.is_none() {
            return self.waited_for(place).into_iter().map(Knot::Client).collect();
        }
        let is_there = self.client(call.caller).is_some_and(|client| client.registered);
        let inside = Some(Place::InMethod(call.ticket));
        let calls = (0..self.line.len())
            .filter(|other| is_there && call.is_running() && self.line[*other].place == inside);
        calls.map(Knot::Call).collect()
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
        let last = self.line.len() - 1;
        expected.deadlocks.extend(self.shortest_cycle(last));
        told.deadlocks.iter().try_for_each(|cycle| self.check_cycle(cycle, last))
    }

    /// How many links the shortest cycle has that a call in line is part of.
    fn shortest_cycle(&self, of: usize) -> Option<usize> {
        let client = self.line[of].caller;
        let mut reached: BTreeSet<Knot> = self.steps_from(of).into_iter().collect();
        for length in 1..=2 * (self.clients.len() + self.line.len()) {
            if reached.contains(&Knot::Client(client)) || reached.contains(&Knot::Call(of)) {
                return Some(length);
            }
            let waiting = (0..self.line.len()).filter(|place| {
                let client = Knot::Client(self.line[*place].caller);
                reached.contains(&client) || reached.contains(&Knot::Call(*place))
            });
            let next: Vec<_> = waiting.flat_map(|place| self.steps_from(place)).collect();
            let known = reached.len();
            reached.extend(next);
            if reached.len() == known {
                return None;
            }
        }
        None
    }

    /// The calls that stand in line, and which of them are part of a deadlock.
    pub(super) fn line_now(&self) -> Vec<(Ticket, bool)> {
        let is_stuck = |place: usize| self.shortest_cycle(place).is_some();
        self.line.iter().enumerate().map(|(place, call)| (call.ticket, is_stuck(place))).collect()
    }

    /// Expects that the deadlocks are told that an input has made without a call that came to stand in line (D-147): from the
    /// end of the line, those whose clients are in none that is told already.
    pub(super) fn tell_deadlocks(
        &self,
        before: &[(Ticket, bool)],
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        let was = |ticket: Ticket| before.iter().find(|(known, _)| *known == ticket).map(|(_, stuck)| *stuck);
        if self.line.iter().any(|call| was(call.ticket).is_none()) {
            return Ok(());
        }
        let mut concerned: BTreeSet<EntityHandle> = BTreeSet::new();
        for place in (0..self.line.len()).rev() {
            let WaitingCall { ticket, caller, .. } = self.line[place];
            if was(ticket) == Some(true) || concerned.contains(&caller) {
                continue;
            }
            let Some(length) = self.shortest_cycle(place) else { continue };
            // Which of several of one length is told, is the manager's to choose.
            if let Some(cycle) = told.deadlocks.get(expected.deadlocks.len()) {
                self.check_cycle(cycle, place)?;
                concerned.extend(cycle.iter().map(|link| link.waiter));
            }
            expected.deadlocks.push(length);
        }
        Ok(())
    }

    /// Checks that each link of a cycle is a call that waits for the client of the next, beginning with this call.
    fn check_cycle(&self, cycle: &[DeadlockLink], first: usize) -> Result<(), Difference> {
        for (place, link) in cycle.iter().enumerate() {
            let next = cycle[(place + 1) % cycle.len()].waiter;
            same("who a link of a deadlock leads to", &next, &link.holder)?;
            let mut calls = if place == 0 { first..first + 1 } else { 0..self.line.len() };
            let waits = calls.any(|place| {
                let call = &self.line[place];
                let told = (link.waiter, link.function, link.on);
                told == (call.caller, call.call.function(), self.locked_object(call.on))
                    && self.leads_to(place, link.holder)
            });
            same("whether a link of a deadlock is a call that waits for a client", &true, &waits)?;
        }
        Ok(())
    }

    /// Tells whether a call waits for a client, or for a call of it.
    fn leads_to(&self, place: usize, holder: EntityHandle) -> bool {
        self.steps_from(place).into_iter().any(|knot| match knot {
            Knot::Client(client) => client == holder,
            Knot::Call(other) => self.line[other].caller == holder,
        })
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
        let gone_on = self.line.remove(place);
        if let Some(reply) = gone_on.outputs() {
            return same("what methods have put out", &Outcome::Done(reply), outcome(told)?);
        }
        let WaitingCall { caller, place, call, on, .. } = gone_on;
        self.passing = Some(on);
        self.answer((Some(caller), place), &call, told, expected)?;
        self.passing = None;
        Ok(())
    }

    /// Whoever is kept out of these objects by nobody any more is ready, first come, first served.
    pub(super) fn make_ready(&mut self, of: impl Fn(On) -> bool, expected: &mut Expected) {
        for place in 0..self.line.len() {
            let WaitingCall { ticket, caller, on, ready, .. } = self.line[place];
            if self.line[place].invoked.is_some() {
                continue;
            }
            if of(on) && !ready && self.waited_for(place).is_empty() {
                self.line[place].ready = true;
                expected.ready.push((on, caller, ticket));
            }
        }
    }
}
