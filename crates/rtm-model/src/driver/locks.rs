//! Clients that lock, and calls that wait for them.

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, DestHandle, EntityHandle, Input, LockAction, LockMode, NextHopFlags, NextHopHandle, NextHopSpec,
    NextHopState, NotifyFlags, Outcome, OwnChanges, Ticket, ViewSet,
};

use super::{Driver, Waiting};

impl Driver<'_> {
    pub(super) fn waits(&self, client: EntityHandle) -> bool {
        self.waiting.iter().any(|waiting| waiting.caller == client)
    }

    /// One of the calls that are ready goes on, no matter which; now and then one that is not, or was answered long ago.
    pub(super) fn resumption(&mut self) -> Option<Input> {
        let any = self.dice.chance(5);
        let ready = self.waiting.iter().filter(|waiting| any || waiting.ready);
        let mut tickets: Vec<Ticket> = ready.map(|waiting| waiting.ticket).collect();
        if any {
            tickets.extend(self.old_tickets.last());
        }
        self.dice.pick(&tickets).map(|ticket| Input::Resume { ticket })
    }

    /// Notes how a call ended that was made now or went on now.
    pub(super) fn learn_outcome(&mut self, input: &Input, outcome: &Outcome) {
        let (caller, call, inside) = match input {
            Input::Call { caller, call, .. } => (*caller, call.clone(), None),
            Input::CallInMethod { caller, invocation, call } => (*caller, call.clone(), Some(*invocation)),
            Input::Resume { ticket } => {
                let place = self.waiting.iter().position(|waiting| waiting.ticket == *ticket);
                let goes_on = place.filter(|place| self.waiting[*place].ready);
                let Some(place) = goes_on else { return };
                let Waiting { caller, call, inside, .. } = self.waiting.remove(place);
                self.old_tickets.push(*ticket);
                (Some(caller), call, inside)
            }
            Input::TimerFired { .. }
            | Input::Invoke { .. }
            | Input::MethodReturned { .. }
            | Input::CallbackReturned { .. } => return,
        };
        match (outcome, caller) {
            (Outcome::Done(reply), _) => self.learn_reply(caller, &call, reply),
            (Outcome::Pending(ticket), Some(caller)) => {
                self.waiting.push(Waiting { ticket: *ticket, caller, call, ready: false, inside });
            }
            (Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Pending(_) | Outcome::Violated(_), _) => {}
        }
    }

    pub(super) fn learn_ready(&mut self, ticket: Ticket) {
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.ticket == ticket) {
            assert!(!waiting.ready, "a call becomes ready once");
            waiting.ready = true;
        }
    }

    /// Notes which locks a client has.
    pub(super) fn learn_lock(&mut self, caller: EntityHandle, call: &Call) {
        if *call == Call::DeregisterEntity {
            self.locked.retain(|(holder, _)| *holder != caller);
        } else if let Call::LockDestination { dest, mode, action: LockAction::Lock } = *call {
            let unlock = Call::LockDestination { dest, mode, action: LockAction::Unlock };
            self.locked.push((caller, unlock));
        } else if let Call::LockNextHop { next_hop, mode, action: LockAction::Lock, .. } = *call {
            let unlock = Call::LockNextHop { next_hop, mode, action: LockAction::Unlock, edited: None };
            self.locked.push((caller, unlock));
        } else {
            let given_back = if let Call::LockNextHop { next_hop, mode, action, .. } = *call {
                Call::LockNextHop { next_hop, mode, action, edited: None }
            } else {
                call.clone()
            };
            self.locked.retain(|(holder, unlock)| (*holder, unlock) != (caller, &given_back));
        }
    }

    /// What clients do that get into each other's way.
    pub(super) fn crowded_call(&mut self, place: usize) -> Call {
        let (caller, table) = (self.clients[place].entity, self.clients[place].info.table);
        let own = self.registrations.iter().filter(|(_, owner)| *owner == caller).map(|(notify, _)| *notify);
        let own: Vec<_> = own.collect();
        match (self.dice.below(20), self.dice.pick(&own)) {
            (0..=1, _) => Call::DeregisterEntity,
            (2..=7, Some(notify)) => Call::GetChangedDests { notify, count: 16 },
            (2..=4, None) => Call::RegisterForChangeNotification {
                views: ViewSet::ANY,
                flags: NotifyFlags::ALL,
                context: 0,
                own_changes: OwnChanges::Included,
            },
            (5..=11, _) => self.add_route(caller, table),
            (12, _) => self.query(caller, table),
            (13, _) => self.edit(place),
            (14..=16, _) => self.lock_two(place),
            (17..=18, _) => self.method_call(caller),
            _ => self.lock_or_unlock(caller),
        }
    }

    /// The destinations that live and were shown last: few, so that clients meet.
    fn few_dests(&self) -> Vec<DestHandle> {
        let mut few = Vec::new();
        for dest in self.dests.iter().rev().filter(|dest| self.manager.dest_address(**dest).is_some()) {
            if !few.contains(dest) && few.len() < 4 {
                few.push(*dest);
            }
        }
        few
    }

    /// Locks two destinations, and gives them back one by one: who needs both waits twice.
    fn lock_two(&mut self, place: usize) -> Call {
        let (caller, dests) = (self.clients[place].entity, self.few_dests());
        let (Some(first), Some(second)) = (self.dice.pick(&dests), self.dice.pick(&dests)) else {
            return self.lock_or_unlock(caller);
        };
        let call = |dest, action| Call::LockDestination { dest, mode: LockMode::Exclusive, action };
        let handles = Vec::new();
        let plan = &mut self.clients[place].plan;
        plan.push_back(call(second, LockAction::Lock));
        plan.push_back(Call::ReferenceHandles { handles });
        plan.push_back(call(first, LockAction::Unlock));
        plan.push_back(call(second, LockAction::Unlock));
        call(first, LockAction::Lock)
    }

    /// Locks something, or gives back a lock; now and then one it does not have, or in the other mode.
    pub(super) fn lock_or_unlock(&mut self, caller: EntityHandle) -> Call {
        let own = self.locked.iter().filter(|(holder, _)| *holder == caller);
        let own: Vec<Call> = own.map(|(_, unlock)| unlock.clone()).collect();
        // Who waits, and has what another waits for, gives it back in another thread, or there would be deadlocks only.
        let often = if self.waits(caller) { 60 } else { 20 };
        if self.dice.chance(own.len() as u64 * often) {
            let unlock = self.dice.one(&own);
            return self.edited_when_given_back(caller, unlock);
        }
        let mode = self.dice.one(&[LockMode::Exclusive, LockMode::Exclusive, LockMode::Shared]);
        let action = if self.dice.chance(95) { LockAction::Lock } else { LockAction::Unlock };
        let dests = self.few_dests();
        let listed = |hop: &&NextHopHandle| {
            self.manager.next_hop(**hop).is_some_and(|info| info.state == NextHopState::Created)
        };
        let next_hops = self.next_hops.iter().rev().filter(listed).take(3).copied();
        let next_hops: Vec<NextHopHandle> = next_hops.collect();
        match (self.dice.pick(&dests), self.dice.pick(&next_hops)) {
            (Some(dest), next_hop) if next_hop.is_none() || self.dice.chance(75) => {
                Call::LockDestination { dest, mode, action }
            }
            (_, Some(next_hop)) => Call::LockNextHop { next_hop, mode, action, edited: None },
            (_, None) => Call::LockRoute { route: self.some_route(caller), mode, action },
        }
    }

    /// The owner of a next hop may leave it edited; others try.
    fn edited_when_given_back(&mut self, caller: EntityHandle, unlock: Call) -> Call {
        let Call::LockNextHop { next_hop, mode, action, .. } = unlock else { return unlock };
        let info = self.manager.next_hop(next_hop);
        let Some(info) = info.filter(|info| info.owner == caller || self.dice.chance(20)) else {
            return unlock;
        };
        if self.dice.chance(30) {
            return unlock;
        }
        let remote = if self.dice.chance(30) { self.dice.pick(&self.dests) } else { None };
        let flags = if remote.is_some() { NextHopFlags::REMOTE } else { NextHopFlags::NONE };
        let interface = info.spec.interface + u32::from(self.dice.chance(20));
        let entity_specific_info = self.dice.below(3) as u64;
        let edited = NextHopSpec { interface, flags, entity_specific_info, remote, ..info.spec };
        Call::LockNextHop { next_hop, mode, action, edited: Some(edited) }
    }
}
