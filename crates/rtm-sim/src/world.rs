//! The routing world: a manager, its clients, and what happens between them.

use alloc::vec::Vec;

use tiebreak::{Context, Name, Names, Symbol, World};
use tiebreak_rtm::{
    CallbackFrame, CallbackId, EntityHandle, EventType, Manager, Profile, Status, Ticket, WaitingCall,
};
use tiebreak_rtm_model::{Difference, Model};

use crate::behaviour::{Answer, Behaviour};
use crate::core::{Caller, ClientState, Core, Granted, Registered, Running, Then, status_fact};
use crate::delay::Delay;
use crate::desk::Desk;
use crate::event::{ClientId, Event, What};
use crate::subject::Subject;
use crate::vocabulary::kind;
use crate::waits::{Thread, Waiting};

/// The model number: it changes when the manager's or the clients' behaviour is meant to.
pub const MODEL: u32 = 2;

/// There is room for so many clients as soon as there is one: in short runs, growing step by step costs more.
const FIRST_CLIENTS: usize = 32;

/// A manager with its clients, as a world of the kernel.
#[derive(Debug, Clone)]
pub struct RoutingWorld<B: Behaviour> {
    pub(crate) core: Core,
    pub(crate) clients: Vec<B>,
    profile: Profile,
}

impl<B: Behaviour> RoutingWorld<B> {
    /// A world of a manager without clients.
    ///
    /// # Panics
    /// As [`Manager::new`].
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { core: Core::new(profile.clone()), clients: Vec::new(), profile }
    }

    /// Adds a client under a name of its own; `delivery` is how long after they are due its callbacks run.
    pub fn add(&mut self, name: Symbol, delivery: Delay, client: B) -> ClientId {
        if self.clients.is_empty() {
            self.clients.reserve(FIRST_CLIENTS);
            self.core.clients.reserve(FIRST_CLIENTS);
        }
        self.clients.push(client);
        self.core.add_client(name, delivery)
    }

    /// Sets how long the callbacks of a client take, from the last that it does in them until they return. Without it, and
    /// without [`Answer::Pause`], a callback is over at the instant at which it began.
    pub fn set_duration(&mut self, client: ClientId, takes: Delay) {
        self.core.set_duration(client, takes);
    }

    /// Runs the naive reference model beside the manager from now on; see [`RoutingWorld::compare_with_model`]. To be called
    /// before the run. The model searches flat lists, so that runs with large tables take long.
    pub fn check_model(&mut self) {
        self.core.check_against(Model::new(self.profile.clone()));
    }

    /// Compares the manager with the reference model, if it runs. Walks over everything there is.
    ///
    /// # Errors
    /// With the first difference.
    pub fn compare_with_model(&self) -> Result<(), Difference> {
        self.core.compare_with_model()
    }

    /// Lets every client schedule its first wake: `simulation.act(RoutingWorld::begin)`. To be called once, before the run.
    pub fn begin(&mut self, context: &mut Context<'_, Event, Subject>) {
        for index in 0..self.clients.len() {
            self.with_client(index, None, context, B::start);
        }
    }

    /// Returns the manager, to read.
    #[must_use]
    pub const fn manager(&self) -> &Manager {
        &self.core.manager
    }

    /// Whether no callback is on its way to anybody, or running.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.core.is_quiet()
    }

    /// Returns how many callbacks have begun and not returned.
    #[must_use]
    pub fn open_callbacks(&self) -> usize {
        self.core.open_callbacks()
    }

    /// Returns the calls that wait for a lock, in the order in which they were made.
    pub fn waiting_calls(&self) -> impl Iterator<Item = WaitingCall> {
        self.core.manager.waiting_calls()
    }

    /// Returns the name an entity acts under, also after it is gone; `None` for a handle that was never given out.
    #[must_use]
    pub fn actor_of<'n>(&self, entity: EntityHandle, names: &'n Names) -> Option<&'n str> {
        self.core.actor_of(entity).map(|symbol| names.text(symbol))
    }

    pub(crate) fn with_client<T>(
        &mut self,
        index: usize,
        frame: Option<Caller>,
        context: &mut Context<'_, Event, Subject>,
        act: impl FnOnce(&mut B, &mut Desk<'_>) -> T,
    ) -> T {
        let client = ClientId(u32::try_from(index).unwrap_or(u32::MAX));
        let ClientState { name: actor, entity, .. } = self.core.clients[index];
        let outside =
            Caller { client, actor, entity, frame: None, method: None, naming: None, granted: None };
        let caller = frame.unwrap_or(outside);
        let mut desk = Desk { core: &mut self.core, context: context.reborrow(), caller };
        let answer = act(&mut self.clients[index], &mut desk);
        // What a client leaves waiting, nobody else could pass.
        if let Caller { granted: Some(granted), .. } = desk.caller {
            let caller = Caller { granted: None, ..desk.caller };
            self.core.call_unasked(caller, granted, context);
        }
        answer
    }

    /// Delivers a callback: asks for its contexts, and lets the client act.
    fn deliver(
        &mut self,
        client: ClientId,
        name: Name<Subject>,
        callback: CallbackId,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let frame = self.core.invoke(client, callback, context);
        let running = Running { frame, name, then: Then::GoOn };
        let answer = self.in_callback(client, &running, None, context, B::called);
        self.settle(client, running, answer, context);
    }

    /// Lets a callback go on that has paused.
    fn resume(&mut self, client: ClientId, context: &mut Context<'_, Event, Subject>) {
        let running = self.core.resume(client);
        match running.then {
            Then::GoOn => {
                let answer = self.in_callback(client, &running, None, context, B::resumed);
                self.settle(client, running, answer, context);
            }
            Then::Return(status) => self.finish(&running, status, context),
        }
    }

    /// Lets a client make the call again that has waited, and what stood still for it go on.
    pub(crate) fn grant(
        &mut self,
        client: ClientId,
        ticket: Ticket,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Waiting { caller, function, .. } = self.core.waiting(client, ticket);
        let granted = Granted { ticket, function };
        if let Some(invocation) = caller.method {
            self.resume_method(client, granted, invocation, context);
            return;
        }
        let granted = Some(granted);
        if caller.frame.is_none() {
            let caller = Caller { granted, ..caller };
            self.with_client(client.index(), Some(caller), context, |client, desk| {
                client.granted(ticket, None, desk)
            });
            self.core.end_wait(client, ticket);
            self.core.go_on(client, Thread::Steps, context);
        } else {
            let running = self.core.resume(client);
            let answer = self.in_callback(client, &running, granted, context, |client, frame, desk| {
                client.granted(ticket, Some(frame), desk)
            });
            self.core.end_wait(client, ticket);
            self.settle(client, running, answer, context);
            self.core.go_on(client, Thread::Callbacks, context);
        }
    }

    fn in_callback(
        &mut self,
        client: ClientId,
        Running { frame, .. }: &Running,
        granted: Option<Granted>,
        context: &mut Context<'_, Event, Subject>,
        act: impl FnOnce(&mut B, &CallbackFrame, &mut Desk<'_>) -> Answer,
    ) -> Answer {
        let Some(Registered { actor, .. }) = self.core.registered(frame.to) else {
            unreachable!("only registered entities are called back")
        };
        let (entity, callback) = (Some(frame.to), Some(frame.callback));
        let (method, naming) = (None, None);
        let caller = Caller { client, actor, entity, frame: callback, method, naming, granted };
        self.with_client(client.index(), Some(caller), context, |client, desk| act(client, frame, desk))
    }

    /// Does what a client has answered: it goes on later, or returns, at once or after the time that it takes.
    fn settle(
        &mut self,
        client: ClientId,
        running: Running,
        answer: Answer,
        context: &mut Context<'_, Event, Subject>,
    ) {
        // It stands still, whatever it has answered.
        if self.core.stands_still(client, Thread::Callbacks) {
            self.core.clients[client.index()].running = Some(Running { then: Then::GoOn, ..running });
            return;
        }
        let (then, span) = match answer {
            Answer::Pause(span) => (Then::GoOn, Some(span)),
            Answer::Return(status) => {
                let actor = self.core.clients[client.index()].name;
                (Then::Return(status), self.core.duration(client, actor, context))
            }
        };
        match (then, span) {
            (then, Some(span)) => self.core.pause(client, Running { then, ..running }, span, context),
            (Then::Return(status), None) => self.finish(&running, status, context),
            (Then::GoOn, None) => unreachable!("who goes on later says when"),
        }
    }

    /// Tells the manager what a callback answered, and notes it where it matters: where the manager goes by it, or where it
    /// did not succeed.
    fn finish(&mut self, running: &Running, status: Status, context: &mut Context<'_, Event, Subject>) {
        let Running { frame, name, .. } = running;
        if frame.event.event_type() == EventType::RouteExpired || status != Status::NoError {
            context.record(Name { kind: kind::RETURN, ..*name }, &[status_fact(status)]);
        }
        self.core.finish(frame.callback, status, context);
    }
}

impl<B: Behaviour> World for RoutingWorld<B> {
    type Event = Event;
    type Subject = Subject;

    fn name(&self, event: &Event) -> Name<Subject> {
        event.name
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, Subject>) {
        match event.what {
            What::Wake { client, token } => {
                self.with_client(client.index(), None, context, |client, desk| client.wake(token, desk));
            }
            What::Timer { timer, generation } => self.core.fire_timer(timer, generation, context),
            What::Deliver { client, callback } => self.deliver(client, event.name, callback, context),
            What::Resume { client } => self.resume(client, context),
            What::Granted { client, ticket } => self.grant(client, ticket, context),
        }
        self.run_methods(context);
    }
}
