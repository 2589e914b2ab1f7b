//! The routing world: a manager, its clients, and what happens between them.

use alloc::vec::Vec;

use tiebreak::{Context, Name, Names, Symbol, World};
use tiebreak_rtm::{CallbackId, EntityHandle, EventType, Manager, Profile, Status};

use crate::behaviour::{Behaviour, Member, NoBehaviour};
use crate::core::{Caller, ClientState, Core, Delivery, Registered, status_fact};
use crate::desk::Desk;
use crate::event::{ClientId, Event, What};
use crate::feed::Feed;
use crate::model::{Difference, Model};
use crate::observer::Observer;
use crate::scripted::Scripted;
use crate::subject::Subject;
use crate::vocabulary::kind;

/// A manager with its clients, as a world of the kernel.
#[derive(Debug, Clone)]
pub struct RoutingWorld<B: Behaviour = NoBehaviour> {
    core: Core,
    members: Vec<Member<B>>,
    profile: Profile,
}

impl<B: Behaviour> RoutingWorld<B> {
    /// A manager without clients.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { core: Core::new(profile.clone()), members: Vec::new(), profile }
    }

    /// Adds a client written in Rust, under a name.
    pub fn add(&mut self, name: Symbol, delivery: Delivery, behaviour: B) -> ClientId {
        self.add_member(name, delivery, Member::Own(behaviour))
    }

    /// Adds a scripted client.
    pub(crate) fn add_scripted(&mut self, name: Symbol, delivery: Delivery, client: Scripted) -> ClientId {
        self.add_member(name, delivery, Member::Scripted(client))
    }

    /// Adds a client that mirrors the table.
    pub fn add_observer(&mut self, name: Symbol, delivery: Delivery, client: Observer) -> ClientId {
        self.add_member(name, delivery, Member::Observer(client))
    }

    /// Adds a client that replays a recording.
    pub(crate) fn add_feed(&mut self, name: Symbol, client: Feed) -> ClientId {
        self.add_member(name, Delivery::Immediate, Member::Feed(client))
    }

    fn add_member(&mut self, name: Symbol, delivery: Delivery, member: Member<B>) -> ClientId {
        self.members.push(member);
        self.core.add_client(name, delivery)
    }

    /// Runs the naive reference model beside the manager; see [`RoutingWorld::compare_with_model`].
    pub fn check_model(&mut self) {
        self.core.check_against(Model::new(self.profile.clone()));
    }

    /// Compares the manager with the reference model, if it runs.
    ///
    /// # Errors
    /// With the first difference.
    pub fn compare_with_model(&self) -> Result<(), Difference> {
        self.core.compare_with_model()
    }

    /// Lets every client schedule its first wake; to be called once, before the run.
    pub fn start(&mut self, context: &mut Context<'_, Event, Subject>) {
        for index in 0..self.members.len() {
            self.with_member(index, None, context, Member::start);
        }
    }

    /// Returns the manager, to read.
    #[must_use]
    pub const fn manager(&self) -> &Manager {
        &self.core.manager
    }

    /// Whether no callback is on its way to anybody.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.core.is_quiet()
    }

    /// Returns the name an entity acts under, also after it is gone.
    #[must_use]
    pub fn actor_of<'n>(&self, entity: EntityHandle, names: &'n Names) -> Option<&'n str> {
        self.core.actor_of(entity).map(|symbol| names.text(symbol))
    }

    fn with_member<T>(
        &mut self,
        index: usize,
        frame: Option<Caller>,
        context: &mut Context<'_, Event, Subject>,
        act: impl FnOnce(&mut Member<B>, &mut Desk<'_, '_>) -> T,
    ) -> T {
        let client = ClientId(u32::try_from(index).unwrap_or(u32::MAX));
        let ClientState { name: actor, entity, .. } = self.core.clients[index];
        let caller = frame.unwrap_or(Caller { client, actor, entity, frame: None, naming: None });
        let mut desk = Desk { core: &mut self.core, context, caller };
        act(&mut self.members[index], &mut desk)
    }

    /// Delivers a callback: asks for its contexts, lets the client act, and tells the manager what it answered.
    fn deliver(
        &mut self,
        client: ClientId,
        name: Name<Subject>,
        callback: CallbackId,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(frame) = self.core.invoke(callback, context) else { return };
        let Some(Registered { actor, .. }) = self.core.registered(frame.to) else {
            unreachable!("only registered entities are called back")
        };
        let caller = Caller { client, actor, entity: Some(frame.to), frame: Some(callback), naming: None };
        let status = self
            .with_member(client.index(), Some(caller), context, |member, desk| member.called(&frame, desk));
        if frame.event.event_type() == EventType::RouteExpired || status != Status::NoError {
            context.record(Name { kind: kind::RETURN, ..name }, &[status_fact(status)]);
        }
        self.core.finish(callback, status, context);
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
                self.with_member(client.index(), None, context, |member, desk| member.wake(token, desk));
            }
            What::Timer { timer, generation } => self.core.fire_timer(timer, generation, context),
            What::Deliver { client, callback } => self.deliver(client, event.name, callback, context),
        }
    }
}
