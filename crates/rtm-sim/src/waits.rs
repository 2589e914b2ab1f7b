//! Calls that wait for a lock: what stands still meanwhile, and how it goes on.
//!
//! A client has two threads. One takes its steps, the other runs its callbacks. The one whose call waits stands still: what is
//! pending of it is put off to the end of time, and due again when the call has gone on. The other one goes on, and so do the
//! client's timers.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use tiebreak::{Attempt, Context, Handle, Instant};
use tiebreak_rtm::{EntityHandle, Function, Input, Outcome, Output, Ticket};

use crate::core::{Caller, Core, Granted};
use crate::describe::locks;
use crate::event::{ClientId, Event, What};
use crate::subject::Subject;
use crate::vocabulary::kind;

/// What of a client stands still while a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thread {
    /// Its steps.
    Steps,
    /// Its callbacks.
    Callbacks,
    /// A method of it, on the thread that has made this invocation.
    Method(Ticket),
}

impl Thread {
    /// The thread that makes a call.
    const fn of(caller: &Caller) -> Self {
        match (caller.method, caller.frame) {
            (Some(invocation), _) => Self::Method(invocation),
            (None, Some(_)) => Self::Callbacks,
            (None, None) => Self::Steps,
        }
    }
}

/// The calls of a client that wait, and its steps that stand still.
#[derive(Debug, Clone, Default, Hash)]
pub(crate) struct Waits {
    calls: Vec<Waiting>,
    /// When the steps that stand still were due.
    steps: Vec<(Handle, Instant)>,
}

impl Waits {
    /// The calls that wait.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.calls.iter()
    }
}

/// A call that waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    ticket: Ticket,
    pub(crate) function: Function,
    pub(crate) caller: Caller,
    /// What it waits for.
    pub(crate) on: Subject,
    /// The event by which it goes on, once it may.
    grant: Option<Handle>,
    /// Whether methods run for it.
    runs: bool,
}

/// By what decides how it goes on.
impl Hash for Waiting {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { ticket, function, caller, on, grant, runs } = self;
        (ticket, function, caller.actor, caller.entity, caller.frame, caller.method).hash(state);
        (on, grant, runs).hash(state);
    }
}

impl Core {
    /// Whether a thread of a client stands still.
    pub(crate) fn stands_still(&self, client: ClientId, thread: Thread) -> bool {
        let mut calls = self.clients[client.index()].waits.calls.iter();
        calls.any(|waiting| Thread::of(&waiting.caller) == thread)
    }

    /// How many callbacks run or are on their way and do not go on, because a call waits that may not.
    pub(crate) fn standing_still(&self) -> usize {
        let is_stuck =
            |waiting: &Waiting| Thread::of(&waiting.caller) == Thread::Callbacks && !self.goes_on(waiting);
        let stuck = self.clients.iter().filter(|client| client.waits.calls.iter().any(is_stuck));
        stuck.map(|client| 1 + client.on_the_way.len()).sum()
    }

    /// Whether a call that waits may go on, or a method for which it waits.
    fn goes_on(&self, waiting: &Waiting) -> bool {
        let mut calls = self.clients.iter().flat_map(|client| &client.waits.calls);
        let inside = |other: &&Waiting| other.caller.method == Some(waiting.ticket);
        waiting.grant.is_some() || calls.find(inside).is_some_and(|other| self.goes_on(other))
    }

    /// Takes note that methods run for a call.
    pub(crate) fn runs(&mut self, client: ClientId, invocation: Ticket) {
        let calls = &mut self.clients[client.index()].waits.calls;
        for waiting in calls.iter_mut().filter(|waiting| waiting.ticket == invocation) {
            waiting.runs = true;
        }
    }

    /// Keeps a call that waits, and lets the thread that has made it stand still.
    pub(crate) fn begin_to_wait(
        &mut self,
        caller: Caller,
        ticket: Ticket,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(call) = self.manager.waiting_calls().find(|call| call.ticket == ticket) else {
            unreachable!("a call that waits stands in line")
        };
        let (function, on) = (call.function, locks::subject(self, &call.on));
        let caller = Caller { granted: None, ..caller };
        let waiting = Waiting { ticket, function, caller, on, grant: None, runs: false };
        self.clients[caller.client.index()].waits.calls.push(waiting);
        match Thread::of(&caller) {
            Thread::Steps => {
                for step in context.pending_in(Self::step_lane(caller.client)) {
                    self.park_if_still(caller.client, step, context);
                }
            }
            Thread::Callbacks => {
                for callback in &self.clients[caller.client.index()].on_the_way {
                    move_to(callback.handle, Instant::NEVER, context);
                }
            }
            // Whose thread it is stands still already.
            Thread::Method(_) => {}
        }
    }

    /// Puts a step off to the end of time, if the steps of its client stand still.
    pub(crate) fn park_if_still(
        &mut self,
        client: ClientId,
        step: Handle,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(due) = context.due(step).filter(|due| *due != Instant::NEVER) else { return };
        if self.stands_still(client, Thread::Steps) {
            self.clients[client.index()].waits.steps.push((step, due));
            move_to(step, Instant::NEVER, context);
        }
    }

    /// Schedules that a call which may go on does so; one whose methods have run goes on in this event.
    pub(crate) fn schedule_grant(
        &mut self,
        to: EntityHandle,
        ticket: Ticket,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(registered) = self.registered(to) else { unreachable!("who calls has registered") };
        let client = registered.client;
        let calls = &mut self.clients[client.index()].waits.calls;
        let Some(waiting) = calls.iter_mut().find(|waiting| waiting.ticket == ticket) else {
            unreachable!("what is ready has waited")
        };
        if waiting.runs {
            self.have_run.push_back((client, ticket));
            return;
        }
        let event =
            Event::new(waiting.caller.actor, kind::GRANTED, waiting.on, What::Granted { client, ticket });
        waiting.grant = Some(context.schedule_no_earlier(context.now(), event));
    }

    /// Returns a call that goes on now.
    pub(crate) fn waiting(&self, client: ClientId, ticket: Ticket) -> Waiting {
        let mut calls = self.clients[client.index()].waits.calls.iter();
        match calls.find(|waiting| waiting.ticket == ticket) {
            Some(waiting) => *waiting,
            None => unreachable!("what goes on has waited"),
        }
    }

    /// Forgets a call that has gone on. What stood still for it does so until [`go_on`](Self::go_on).
    pub(crate) fn end_wait(&mut self, client: ClientId, ticket: Ticket) {
        self.clients[client.index()].waits.calls.retain(|waiting| waiting.ticket != ticket);
    }

    /// Makes a call that goes on and that its client has not made again; nobody hears the answer.
    pub(crate) fn call_unasked(
        &mut self,
        caller: Caller,
        granted: Granted,
        context: &mut Context<'_, Event, Subject>,
    ) {
        self.feed(Input::Resume { ticket: granted.ticket }, context);
        if let Some(Output::Reply(Outcome::Pending(ticket))) = self.outputs.last() {
            self.begin_to_wait(caller, *ticket, context);
        }
        self.carry_out(context);
    }

    /// Lets a thread go on that has stood still, unless it does so again: what was due meanwhile is due now.
    pub(crate) fn go_on(
        &mut self,
        client: ClientId,
        thread: Thread,
        context: &mut Context<'_, Event, Subject>,
    ) {
        if self.stands_still(client, thread) {
            return;
        }
        let now = context.now();
        let state = &mut self.clients[client.index()];
        match thread {
            Thread::Steps => {
                let mut steps = core::mem::take(&mut state.waits.steps);
                steps.sort_by_key(|(_, due)| *due);
                // One that was given up meanwhile is not pending.
                for (step, due) in steps {
                    let _ = context.reschedule_at(step, due.max(now));
                }
            }
            Thread::Callbacks => {
                for callback in &mut state.on_the_way {
                    callback.due = callback.due.max(now);
                    move_to(callback.handle, callback.due, context);
                }
                state.last_due = state.last_due.max(now);
            }
            Thread::Method(_) => {}
        }
    }
}

/// Moves an event that is pending.
fn move_to(handle: Handle, at: Instant, context: &mut Context<'_, Event, Subject>) {
    let moved = context.reschedule_at(handle, at);
    assert!(moved == Ok(Attempt::Done), "what stands still is pending, and is put off");
}
