//! Exported methods: what clients offer each other, and how it is invoked (6, RTM-069 … RTM-072).
//!
//! ```text
//!  InvokeMethod ──▶ Pending(ticket)   while the callee has its methods blocked it waits, and has changed nothing
//!       │  Method(frame) ──▶ the host runs the method ──▶ MethodReturned     once for each method, in the order of bits
//!       ▼  after the last one
//!  Ready { ticket } … Resume { ticket } ──▶ Reply with the outputs
//! ```
//!
//! A method is code of the callee that runs on the thread of the invoker, which stands still for it (D-141). So a method may
//! call, wait for a lock, and invoke methods itself; what is forbidden to the invoker in its callback is forbidden to it too.

use crate::call::{Call, MethodBlocking, MethodOutput, Reply};
use crate::flags::MethodTypes;
use crate::function::{EventType, Function};
use crate::handle::{AnyHandle, CallbackId, EntityHandle, EntitySlot, Ticket, TicketSlot};
use crate::lock::{Access, Lockable};
use crate::manager::{State, Step};
use crate::output::{Fact, Output};
use crate::status::{Refusal, Status, Violation};
use alloc::vec::Vec;

/// A method that runs: who has invoked it, whose it is, and what it is given (`RTM_ENTITY_EXPORT_METHOD`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MethodFrame {
    /// The invocation; to be given with the calls made in the method, and with what it puts out.
    pub invocation: Ticket,
    /// The client that has invoked it (`CallerHandle`).
    pub from: EntityHandle,
    /// The client whose method it is (`CalleeHandle`).
    pub to: EntityHandle,
    /// Which: one bit.
    pub method: MethodTypes,
    /// What it is given.
    pub input: u64,
}

/// How many methods may run inside each other on one thread (D-100).
pub(crate) const DEPTH_MAX: u32 = 16;

/// Where a call is made: in a callback, or in a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame {
    Callback(CallbackId),
    /// Of this invocation.
    Method(Ticket),
}

/// The thread that makes a call inside callbacks or methods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread {
    /// What its callback is told of, if it runs one.
    pub(crate) told_of: Option<EventType>,
    /// How many methods run inside each other.
    pub(crate) methods: u32,
}

/// How far an invocation has come. Its call stands in line with it.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) struct Invocation {
    /// The one that runs; none once all have run.
    pub(crate) running: Option<MethodTypes>,
    /// Those that have not run.
    pub(crate) rest: MethodTypes,
    pub(crate) input: u64,
    pub(crate) outputs: Vec<MethodOutput>,
}

/// Returns the methods of a client that exports so many (D-64), at most one for each bit (D-80).
pub(crate) const fn exported(count: u32) -> Result<MethodTypes, Status> {
    match count {
        0 => Ok(MethodTypes::NONE),
        1..=31 => Ok(MethodTypes::from_bits((1 << count) - 1)),
        32 => Ok(MethodTypes::ALL),
        _ => Err(Status::InvalidParameter),
    }
}

impl MethodTypes {
    /// Returns each of these methods alone, in the order of bits.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        (0..u32::BITS).map(|bit| Self::from_bits(1 << bit)).filter(move |method| self.contains(*method))
    }

    /// Returns how many methods these are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.bits().count_ones()
    }
}

impl State {
    /// Finds the thread that makes a call in this frame, unless that does not run.
    pub(crate) fn thread_of(&self, frame: Frame) -> Option<Thread> {
        let (mut frame, mut methods) = (Some(frame), 0);
        loop {
            match frame {
                None => return Some(Thread { told_of: None, methods }),
                Some(Frame::Callback(callback)) => {
                    let callback = self.callbacks.get(callback).filter(|callback| callback.running)?;
                    return Some(Thread { told_of: Some(callback.due.event_type()), methods });
                }
                Some(Frame::Method(invocation)) => {
                    let waiter = self.waiters.get(invocation)?;
                    waiter.invocation.as_ref()?.running?;
                    (frame, methods) = (waiter.frame, methods + 1);
                }
            }
        }
    }

    /// Finds a client of the caller's table that has not left.
    fn callee(&self, caller: EntitySlot, entity: EntityHandle) -> Result<EntitySlot, Refusal> {
        let slot = self.visible_entity(caller, entity)?;
        if self.entities[slot].registered { Ok(slot) } else { Err(Status::InvalidHandle.into()) }
    }

    fn get_entity_methods(
        &self,
        caller: EntitySlot,
        entity: EntityHandle,
        capacity: u32,
    ) -> Result<Reply, Refusal> {
        let exported = self.entities[self.callee(caller, entity)?].methods;
        let count = exported.count();
        // To ask how many there are is no failure here, unlike where entities are listed.
        if capacity == 0 {
            return Ok(Reply::GetEntityMethods { count, methods: Vec::new() });
        }
        if capacity < count {
            return Err(Refusal::NeedsRoom(count));
        }
        Ok(Reply::GetEntityMethods { count, methods: exported.iter().collect() })
    }

    /// Checks an invocation. If nothing is wrong with it, the "refusal" says what is to run.
    fn check_invocation(
        &self,
        caller: EntitySlot,
        entity: EntityHandle,
        (methods, input): (MethodTypes, u64),
        capacity: u32,
    ) -> Result<Reply, Refusal> {
        let of = self.callee(caller, entity)?;
        let methods = methods.intersection(self.entities[of].methods);
        if methods.is_empty() {
            return Err(Status::InvalidParameter.into());
        }
        if capacity < methods.count() {
            return Err(Refusal::NeedsRoom(methods.count()));
        }
        let on = Lockable::Methods(of);
        if of == caller && self.passing != Some(on) && self.entities[of].methods_blocked {
            return Err(Violation::SelfDeadlock { function: Function::InvokeMethod }.into());
        }
        self.check_lockable(caller, on, Access::Write)?;
        Err(Refusal::Run { of, methods, input })
    }

    /// Checks that who invokes stands in line with what it has invoked, and that nobody blocks methods who has left.
    pub(crate) fn check_methods(&self) {
        for (_, entity) in self.entities.iter() {
            let has_left = !entity.registered;
            assert!(!has_left || entity.methods.is_empty(), "who has left exports nothing");
            assert!(!has_left || !entity.methods_blocked, "who has left blocks nothing");
        }
        for (_, waiter) in self.waiters.iter() {
            let Some(invocation) = &waiter.invocation else { continue };
            assert!(matches!(waiter.on, Lockable::Methods(_)), "what is invoked are the methods of a client");
            let runs = invocation.running.is_some();
            assert!(runs || invocation.rest.is_empty(), "one method after the other runs");
            assert_eq!(waiter.ready, !runs, "an invocation is ready when its methods have run");
        }
    }
}

impl Step<'_> {
    /// Does what concerns methods.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    pub(crate) fn method_call(&mut self, caller: EntitySlot, call: &Call) -> Result<Reply, Refusal> {
        match *call {
            Call::GetEntityMethods { entity, capacity } => {
                self.state.get_entity_methods(caller, entity, capacity)
            }
            Call::InvokeMethod { entity, methods, input, capacity } => {
                self.state.check_invocation(caller, entity, (methods, input), capacity)
            }
            Call::BlockMethods { target, action } => Ok(self.block_methods(caller, target, action)),
            _ => unreachable!("what does not concern methods is done elsewhere"),
        }
    }

    /// Blocks or resumes the methods of the caller. To block twice is to block once (D-67).
    fn block_methods(
        &mut self,
        caller: EntitySlot,
        target: Option<AnyHandle>,
        action: MethodBlocking,
    ) -> Reply {
        if let Some(target) = target {
            self.fact(|state| Fact::TargetIgnored { caller: state.entities.handle(caller), target });
        }
        self.state.entities[caller].methods_blocked = action == MethodBlocking::Block;
        self.waits_change();
        if action == MethodBlocking::Resume {
            self.wake(Lockable::Methods(caller));
        }
        Reply::Nothing
    }

    /// Lets those go on, to be refused, that wait for the methods of a client that has left (D-69).
    pub(crate) fn end_methods(&mut self, leaver: EntitySlot) {
        let entity = &mut self.state.entities[leaver];
        (entity.methods, entity.methods_blocked) = (MethodTypes::NONE, false);
        self.waits_change();
        self.wake(Lockable::Methods(leaver));
    }

    /// Runs the next method of an invocation; after the last one its call is ready.
    pub(crate) fn run_next_method(&mut self, slot: TicketSlot) {
        let waiter = &self.state.waiters[slot];
        let (from, Lockable::Methods(callee)) = (waiter.caller, waiter.on) else {
            unreachable!("what is invoked are the methods of a client")
        };
        let is_there = self.state.entities[callee].registered;
        let ticket = self.state.waiters.handle(slot);
        let Some(invocation) = &mut self.state.waiters[slot].invocation else {
            unreachable!("only an invocation runs methods")
        };
        let next = invocation.rest.iter().next();
        if !is_there {
            // A client that has left runs nothing more (D-143).
            let left = invocation.rest.iter();
            let gone = |method| MethodOutput { method, status: Status::InvalidHandle, output: 0 };
            invocation.outputs.extend(left.map(gone));
            invocation.rest = MethodTypes::NONE;
        }
        invocation.running = next.filter(|_| is_there);
        *self.waits_changed = true;
        let Some(method) = invocation.running else {
            self.make_ready(slot);
            return;
        };
        invocation.rest = invocation.rest.without(method);
        let input = invocation.input;
        let (from, to) = (self.state.entities.handle(from), self.state.entities.handle(callee));
        self.put(Output::Method(MethodFrame { invocation: ticket, from, to, method, input }));
    }

    pub(crate) fn method_returned(&mut self, invocation: Ticket, status: Status, output: u64) {
        let Some(slot) = self.state.waiters.slot(invocation) else { return };
        let Some(known) = &mut self.state.waiters[slot].invocation else { return };
        let Some(method) = known.running.take() else { return };
        known.outputs.push(MethodOutput { method, status, output });
        self.run_next_method(slot);
    }
}
