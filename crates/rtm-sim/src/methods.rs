//! Methods that clients invoke of each other: when they run, and what stands still for them (D-141).
//!
//! A method runs in the event in which it is invoked, as a call does, so that nothing else happens in between: once the invoker
//! has stopped at its call, the callee runs, and then the invoker goes on. Only where a call of the method itself waits for a
//! lock do all three stand still until that goes on.

use tiebreak::{Context, Fact, Name, Symbol};
use tiebreak_rtm::{Call, Input, MethodFrame, MethodTypes, Outcome, Output, Ticket};

use crate::behaviour::{Behaviour, MethodAnswer};
use crate::core::{Caller, Core, Granted, Registered};
use crate::event::{ClientId, Event};
use crate::subject::Subject;
use crate::vocabulary::{key, kind};
use crate::waits::Thread;
use crate::world::RoutingWorld;

/// The place of a method among those of its client, from 1, as records have it.
pub(crate) fn number_of(method: MethodTypes) -> u64 {
    u64::from(method.bits().trailing_zeros()) + 1
}

impl Core {
    /// The input by which a call is made: that goes on, or is made in a method or outside of one.
    pub(crate) fn input_of(caller: &Caller, call: Call) -> Input {
        match (caller.granted, caller.method) {
            (Some(Granted { ticket, .. }), _) => Input::Resume { ticket },
            (None, Some(invocation)) => Input::CallInMethod { caller: caller.entity, invocation, call },
            (None, None) => Input::Call { caller: caller.entity, frame: caller.frame, call },
        }
    }

    /// Whether what the manager has put out last is a call that waits for methods that run.
    pub(crate) fn has_begun_to_run(&self, outcome: &Outcome) -> bool {
        let Outcome::Pending(ticket) = outcome else { return false };
        let mut outputs = self.outputs.iter();
        outputs.any(|output| matches!(output, Output::Method(frame) if frame.invocation == *ticket))
    }

    /// Takes note of a method that is to run as soon as its invoker has stopped.
    pub(crate) fn begin_method(&mut self, frame: MethodFrame) {
        let Some(Registered { client, .. }) = self.registered(frame.from) else {
            unreachable!("who invokes has registered")
        };
        self.runs(client, frame.invocation);
        self.to_run.push_back(frame);
    }

    fn note_method(&self, actor: Symbol, frame: &MethodFrame, context: &mut Context<'_, Event, Subject>) {
        let from = self.actor_of(frame.from).map_or(Subject::None, Subject::Name);
        let facts =
            [Fact::number(key::METHOD, number_of(frame.method)), Fact::number(key::INPUT, frame.input)];
        context.record(Name::of(actor, kind::METHOD, from), &facts);
    }

    /// Tells the manager what a method has put out.
    fn finish_method(
        &mut self,
        invocation: Ticket,
        answer: MethodAnswer,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let MethodAnswer { status, output } = answer;
        self.feed(Input::MethodReturned { invocation, status, output }, context);
        self.carry_out(context);
    }
}

impl<B: Behaviour> RoutingWorld<B> {
    /// Runs what was invoked in this event, and lets those go on whose methods have run.
    pub(crate) fn run_methods(&mut self, context: &mut Context<'_, Event, Subject>) {
        loop {
            if let Some(frame) = self.core.to_run.pop_front() {
                self.run_method(frame, context);
            } else if let Some((client, ticket)) = self.core.have_run.pop_front() {
                self.grant(client, ticket, context);
            } else {
                return;
            }
        }
    }

    fn run_method(&mut self, frame: MethodFrame, context: &mut Context<'_, Event, Subject>) {
        let (client, caller) = self.in_method(&frame, None);
        self.core.note_method(caller.actor, &frame, context);
        let answer = self
            .with_client(client.index(), Some(caller), context, |client, desk| client.method(&frame, desk));
        self.settle_method(client, frame, answer, context);
    }

    /// Lets a method go on whose call may.
    pub(crate) fn resume_method(
        &mut self,
        client: ClientId,
        granted: Granted,
        invocation: Ticket,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let stopped = &mut self.core.clients[client.index()].methods;
        let place = stopped.iter().position(|frame| frame.invocation == invocation);
        let Some(place) = place else { unreachable!("only a method that stands still goes on") };
        let frame = stopped.remove(place);
        let (_, caller) = self.in_method(&frame, Some(granted));
        let ticket = granted.ticket;
        let answer = self.with_client(client.index(), Some(caller), context, |client, desk| {
            client.method_granted(ticket, &frame, desk)
        });
        self.core.end_wait(client, ticket);
        self.settle_method(client, frame, answer, context);
    }

    /// Who acts in a method: its client, as whose it was invoked.
    fn in_method(&self, frame: &MethodFrame, granted: Option<Granted>) -> (ClientId, Caller) {
        let Some(Registered { client, actor }) = self.core.registered(frame.to) else {
            unreachable!("whose method runs has registered")
        };
        let (entity, method) = (Some(frame.to), Some(frame.invocation));
        (client, Caller { client, actor, entity, frame: None, method, naming: None, granted })
    }

    /// A method returns, unless it stands still, whatever it has answered.
    fn settle_method(
        &mut self,
        client: ClientId,
        frame: MethodFrame,
        answer: MethodAnswer,
        context: &mut Context<'_, Event, Subject>,
    ) {
        if self.core.stands_still(client, Thread::Method(frame.invocation)) {
            self.core.clients[client.index()].methods.push(frame);
        } else {
            self.core.finish_method(frame.invocation, answer, context);
        }
    }
}
