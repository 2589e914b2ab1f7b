//! Methods that clients export: what is invoked, what waits for it, what it puts out (6, D-64 … D-70, D-100, D-141 … D-144).

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, CallbackId, EntityHandle, EventType, LockMode, MethodBlocking, MethodFrame, MethodOutput,
    MethodTypes, Outcome, Reply, Status, TableId, Ticket, Violation,
};

use super::expected::Expected;
use super::refusal::Refusals;
use super::{Client, Difference, Model, On, Phase, WaitingCall, same};

/// No more methods than these run inside each other (D-100).
pub(super) const DEEPEST: usize = 16;

/// Is where a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    InCallback(CallbackId),
    /// In the method that runs of this invocation.
    InMethod(Ticket),
}

/// Is an invocation whose methods run, or have run.
#[derive(Clone, Debug)]
pub(super) struct Invoked {
    runs: Option<u32>,
    left: Vec<u32>,
    input: u64,
    outputs: Vec<MethodOutput>,
}

impl Model {
    /// Who may be invoked: a client of the table that is there.
    fn offers(&self, table: TableId, entity: EntityHandle) -> Option<&Client> {
        self.client(entity).filter(|client| client.registered && client.info.table == table)
    }

    /// The bits of those methods of a client that an invocation is for.
    fn invoked(&self, entity: EntityHandle, methods: MethodTypes) -> Vec<u32> {
        let count = self.client(entity).map_or(0, |client| client.methods);
        (0..count).map(|number| 1 << number).filter(|bit| methods.bits() & bit != 0).collect()
    }

    /// Lists what the thread forbids on which a call is made: what its callback is told of, and how many methods run on it.
    /// Nothing if it does not run.
    pub(super) fn thread(&self, place: Option<Place>) -> Option<(Option<EventType>, usize)> {
        match place {
            None => Some((None, 0)),
            Some(Place::InCallback(id)) => {
                let mut callbacks = self.callbacks.iter();
                let running =
                    callbacks.find(|callback| callback.id == id && callback.phase == Phase::Running);
                running.map(|callback| (Some(callback.event.event_type()), 0))
            }
            Some(Place::InMethod(ticket)) => {
                let outer = self.line.iter().find(|call| call.ticket == ticket && call.is_running())?;
                self.thread(outer.place).map(|(event, methods)| (event, methods + 1))
            }
        }
    }

    pub(super) fn method_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let (Call::GetEntityMethods { entity, .. } | Call::InvokeMethod { entity, .. }) = call else {
            return;
        };
        let Some(offering) = self.offers(table, *entity) else {
            refusals.must(Status::InvalidHandle);
            return;
        };
        if let Call::GetEntityMethods { capacity, .. } = call {
            if (1..offering.methods).contains(capacity) {
                refusals.must.push(Outcome::NeedsRoom(offering.methods));
            }
        } else if let Call::InvokeMethod { methods, capacity, .. } = call {
            refusals.invokes = true;
            let count = u32::try_from(self.invoked(*entity, *methods).len()).unwrap_or(u32::MAX);
            refusals.fault((count == 0).then_some(Status::InvalidParameter));
            if *capacity < count {
                refusals.must.push(Outcome::NeedsRoom(count));
            }
            let on = On::Methods(*entity);
            if caller == *entity && offering.blocks && self.passing != Some(on) {
                refusals.violates(Violation::SelfDeadlock { function: call.function() });
                refusals.told_at_once = true;
            }
            self.wants(caller, on, LockMode::Exclusive, refusals);
        }
    }

    pub(super) fn method_call(&mut self, caller: EntityHandle, call: &Call) -> Reply {
        if let Call::GetEntityMethods { entity, capacity } = call {
            let count = self.client(*entity).map_or(0, |client| client.methods);
            let listed = if *capacity == 0 { 0 } else { count };
            let methods = (0..listed).map(|number| MethodTypes::from_bits(1 << number)).collect();
            return Reply::GetEntityMethods { count, methods };
        }
        if let Call::BlockMethods { action, .. } = call {
            for client in self.clients.iter_mut().filter(|client| client.handle == caller) {
                client.blocks = *action == MethodBlocking::Block;
            }
        }
        Reply::Nothing
    }

    /// Begins to run what is invoked: the invocation stands in line, and keeps nobody out.
    pub(super) fn run_invoked(
        &mut self,
        (caller, place): (EntityHandle, Option<Place>),
        call: &Call,
        ticket: Ticket,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        let Call::InvokeMethod { entity, methods, input, .. } = *call else { return Ok(()) };
        same("whether the ticket is new", &true, &self.tickets.insert(ticket))?;
        let left = self.invoked(entity, methods);
        let invoked = Some(Invoked { runs: None, left, input, outputs: Vec::new() });
        let (call, on, access) = (call.clone(), On::Methods(entity), LockMode::Exclusive);
        self.line.push(WaitingCall { ticket, caller, place, call, on, access, ready: false, invoked });
        self.run_next(self.line.len() - 1, expected);
        Ok(())
    }

    fn run_next(&mut self, place: usize, expected: &mut Expected) {
        let WaitingCall { ticket, caller, on, .. } = self.line[place];
        let On::Methods(callee) = on else { return };
        let is_there = self.client(callee).is_some_and(|client| client.registered);
        let call = &mut self.line[place];
        let Some(invoked) = &mut call.invoked else { return };
        if !is_there {
            for bit in invoked.left.drain(..) {
                let method = MethodTypes::from_bits(bit);
                invoked.outputs.push(MethodOutput { method, status: Status::InvalidHandle, output: 0 });
            }
        }
        if invoked.left.is_empty() {
            call.ready = true;
            expected.ready.push((on, caller, ticket));
            return;
        }
        let bit = invoked.left.remove(0);
        invoked.runs = Some(bit);
        let (method, input) = (MethodTypes::from_bits(bit), invoked.input);
        expected.methods.push(MethodFrame { invocation: ticket, from: caller, to: callee, method, input });
    }

    pub(super) fn method_returned(
        &mut self,
        invocation: Ticket,
        (status, output): (Status, u64),
        expected: &mut Expected,
    ) {
        let place = self.line.iter().position(|call| call.ticket == invocation && call.is_running());
        let Some(place) = place else { return };
        if let Some(invoked) = &mut self.line[place].invoked {
            let bit = invoked.runs.take().unwrap_or_default();
            invoked.outputs.push(MethodOutput { method: MethodTypes::from_bits(bit), status, output });
        }
        self.run_next(place, expected);
    }

    /// A client that leaves offers nothing more.
    pub(super) fn withdraw_methods(&mut self, leaver: EntityHandle) {
        for client in self.clients.iter_mut().filter(|client| client.handle == leaver) {
            (client.methods, client.blocks) = (0, false);
        }
    }

    /// Who keeps others from invoking methods.
    pub(super) fn blocker(&self, on: On) -> Option<EntityHandle> {
        let On::Methods(callee) = on else { return None };
        self.client(callee).filter(|client| client.blocks).map(|client| client.handle)
    }
}

impl WaitingCall {
    /// Whether a method runs for it.
    pub(super) fn is_running(&self) -> bool {
        self.invoked.as_ref().is_some_and(|invoked| invoked.runs.is_some())
    }

    /// What came of an invocation whose methods have run.
    pub(super) fn outputs(&self) -> Option<Reply> {
        let invoked = self.invoked.as_ref()?;
        Some(Reply::InvokeMethod { outputs: invoked.outputs.clone() })
    }
}
