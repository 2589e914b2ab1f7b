//! The manager and its surroundings: timers in the calendar, callbacks on their way, names for handles.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use tiebreak::{Attempt, Context, Fact, Handle, Instant, Lane, Name, Span, Symbol, Term};
use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, CallbackId, DueEvent, EntityHandle, EnumHandle, Function, Input,
    Manager, MethodFrame, NotifyHandle, Outcome, Output, Profile, Reply, RouteListHandle, Status, TableId,
    Ticket, TimerKey,
};
use tiebreak_rtm_model::{Difference, Model};

use crate::delay::{Delay, draw};
use crate::describe::{self, Facts};
use crate::event::{ClientId, Event, What};
use crate::subject::Subject;
use crate::vocabulary::{self, key, kind, word};
use crate::waits::{Thread, Waits};

/// The purpose of drawing a delivery delay.
const DELIVERY: Term = Term::new("delivery");
/// The purpose of drawing how long a callback takes.
const DURATION: Term = Term::new("duration");

/// What the world knows of a client beside its behaviour.
#[derive(Debug, Clone, Hash)]
pub(crate) struct ClientState {
    pub(crate) name: Symbol,
    delivery: Delay,
    /// How long a callback takes between the last that the client does in it and its return.
    takes: Delay,
    /// The entity it registered last, gone or not: a client may be wrong about that.
    pub(crate) entity: Option<EntityHandle>,
    /// When the last callback handed out to it runs: the next one does not overtake it.
    pub(crate) last_due: Instant,
    /// The callbacks on their way to it, in order.
    pub(crate) on_the_way: VecDeque<OnTheWay>,
    /// The callback that has begun and not returned.
    pub(crate) running: Option<Running>,
    /// Its calls that wait, and what stands still for them.
    pub(crate) waits: Waits,
    /// Its methods that stand still.
    pub(crate) methods: Vec<MethodFrame>,
}

/// A callback that is on its way.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct OnTheWay {
    callback: CallbackId,
    pub(crate) handle: Handle,
    /// When it runs, unless the client stands still.
    pub(crate) due: Instant,
}

/// A callback that has begun and will go on.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) frame: CallbackFrame,
    /// Of the event by which it was delivered.
    pub(crate) name: Name<Subject>,
    pub(crate) then: Then,
}

/// What a callback that has paused does then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Then {
    /// The client goes on.
    GoOn,
    /// It returns: this was the time it takes.
    Return(Status),
}

/// A registered entity: which client it belongs to, and under which name it acts.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Registered {
    pub(crate) client: ClientId,
    pub(crate) actor: Symbol,
}

/// Who acts: the client, the name it acts under, the entity it calls as, the callback it is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) client: ClientId,
    pub(crate) actor: Symbol,
    pub(crate) entity: Option<EntityHandle>,
    pub(crate) frame: Option<CallbackId>,
    /// The invocation of which it runs a method; it is in no callback of its own then.
    pub(crate) method: Option<Ticket>,
    /// The name that what the call creates will have, if it creates something with a name.
    pub(crate) naming: Option<Symbol>,
    /// The call that goes on, if the client makes it.
    pub(crate) granted: Option<Granted>,
}

/// A call that has waited and goes on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) ticket: Ticket,
    pub(crate) function: Function,
}

/// Whether a call is noted in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noting {
    /// Always.
    Always,
    /// Only if it does not succeed: for look-ups of clients whose findings are noted themselves.
    Failures,
    /// Never: for look-ups that are expected to find nothing at times.
    Never,
}

/// What only its client can use: named by it, from its creation to its deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Private {
    /// A route list.
    List(RouteListHandle),
    /// An enumeration.
    Enum(EnumHandle),
}

/// The manager and all that maps its handles to the calendar and to names.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub(crate) manager: Manager,
    model: Option<Model>,
    pub(crate) difference: Option<Difference>,
    pub(crate) clients: Vec<ClientState>,
    entities: BTreeMap<EntityHandle, Registered>,
    notify_names: BTreeMap<NotifyHandle, Symbol>,
    private_names: BTreeMap<Private, Symbol>,
    pub(crate) timers: BTreeMap<TimerKey, Handle>,
    /// How many callbacks are on their way or running.
    unfinished: usize,
    /// The name of the callback that was taken back last: told before the reason is.
    pub(crate) taken_back: Option<Name<Subject>>,
    tables: BTreeMap<TableId, Symbol>,
    /// Who made the call that is carried out; a client that has not registered yet has no entity to tell it by.
    pub(crate) acting: Option<Symbol>,
    pub(crate) outputs: Vec<Output>,
    /// The methods that are to run in this event, and the invocations whose methods have run.
    pub(crate) to_run: VecDeque<MethodFrame>,
    pub(crate) have_run: VecDeque<(ClientId, Ticket)>,
    /// The room for the facts of one note; empty between notes.
    room: Facts,
}

impl Core {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            manager: Manager::new(profile),
            model: None,
            difference: None,
            clients: Vec::new(),
            entities: BTreeMap::new(),
            notify_names: BTreeMap::new(),
            private_names: BTreeMap::new(),
            timers: BTreeMap::new(),
            unfinished: 0,
            taken_back: None,
            tables: BTreeMap::new(),
            acting: None,
            outputs: Vec::new(),
            to_run: VecDeque::new(),
            have_run: VecDeque::new(),
            room: Facts::new(),
        }
    }

    /// Runs the naive reference model beside the manager from now on.
    pub(crate) fn check_against(&mut self, model: Model) {
        self.model = Some(model);
    }

    pub(crate) fn add_client(&mut self, name: Symbol, delivery: Delay) -> ClientId {
        let id = ClientId(u32::try_from(self.clients.len()).unwrap_or(u32::MAX));
        self.clients.push(ClientState {
            name,
            delivery,
            takes: Delay::None,
            entity: None,
            last_due: Instant::START,
            on_the_way: VecDeque::new(),
            running: None,
            waits: Waits::default(),
            methods: Vec::new(),
        });
        id
    }

    pub(crate) fn set_duration(&mut self, client: ClientId, takes: Delay) {
        self.clients[client.index()].takes = takes;
    }

    /// The lane of a client's callbacks.
    fn callback_lane(client: ClientId) -> Lane {
        Lane::new(client.0 * 2)
    }

    /// The lane of a client's steps.
    pub(crate) fn step_lane(client: ClientId) -> Lane {
        Lane::new(client.0 * 2 + 1)
    }

    /// Whether no callback is on its way or running, but for those that stand still.
    pub(crate) fn is_quiet(&self) -> bool {
        self.unfinished == self.standing_still()
    }

    /// How many callbacks have begun and not returned.
    pub(crate) fn open_callbacks(&self) -> usize {
        self.clients.iter().filter(|client| client.running.is_some()).count()
    }

    /// The name an entity acts under, also after it is gone.
    pub(crate) fn actor_of(&self, entity: EntityHandle) -> Option<Symbol> {
        self.entities.get(&entity).map(|registered| registered.actor)
    }

    /// The name a registration for changes was given.
    pub(crate) fn name_of(&self, notify: NotifyHandle) -> Option<Symbol> {
        self.notify_names.get(&notify).copied()
    }

    pub(crate) fn name_notify(&mut self, notify: NotifyHandle, name: Symbol) {
        self.notify_names.insert(notify, name);
    }

    /// The name that its client gave a route list or an enumeration that lives.
    pub(crate) fn private_name(&self, private: Private) -> Option<Symbol> {
        self.private_names.get(&private).copied()
    }

    /// Keeps the name of what was created.
    pub(crate) fn name_private(&mut self, private: Private, name: Symbol) {
        self.private_names.insert(private, name);
    }

    /// Forgets the name of what was deleted.
    pub(crate) fn forget_private(&mut self, private: Private) {
        self.private_names.remove(&private);
    }

    /// The actor of what the manager notes about a table: one for each, so that one table changes no record of another.
    pub(crate) fn table_actor(&mut self, table: TableId, intern: impl FnOnce(&str) -> Symbol) -> Symbol {
        *self.tables.entry(table).or_insert_with(|| intern(&table_actor_name(table)))
    }

    /// Takes the room for the facts of a note, to be [returned](Core::return_room) when it is made.
    pub(crate) fn take_room(&mut self) -> Facts {
        core::mem::take(&mut self.room)
    }

    /// Returns the room for the facts of a note.
    pub(crate) fn return_room(&mut self, mut facts: Facts) {
        facts.clear();
        self.room = facts;
    }

    /// Makes a call of the manager and carries out what it leads to.
    pub(crate) fn call(
        &mut self,
        caller: Caller,
        call: Call,
        noting: Noting,
        context: &mut Context<'_, Event, Subject>,
    ) -> Outcome {
        self.acting = Some(caller.actor);
        let may_be_noted = noting != Noting::Never && context.is_recording();
        let asked = may_be_noted.then(|| describe::call(self, &call, caller.naming));
        self.feed(Self::input_of(&caller, call), context);
        let Some(Output::Reply(outcome)) = self.outputs.pop() else {
            unreachable!("every call is answered, last")
        };
        if let Outcome::Pending(ticket) = outcome {
            self.begin_to_wait(caller, ticket, context);
        }
        if let Outcome::Done(Reply::RegisterEntity { entity, .. }) = &outcome {
            self.entities.insert(*entity, Registered { client: caller.client, actor: caller.actor });
        }
        let is_noted = match noting {
            // It is noted when its methods have run.
            _ if self.has_begun_to_run(&outcome) => false,
            Noting::Always => true,
            Noting::Failures => outcome.status() != Some(Status::NoError),
            Noting::Never => false,
        };
        match asked {
            Some(described) if is_noted => {
                describe::note_call(self, caller.actor, described, &outcome, context);
            }
            Some(described) => self.return_room(described.into_facts()),
            None => {}
        }
        self.carry_out(context);
        outcome
    }

    /// Tells the manager that one of its timers has come due.
    pub(crate) fn fire_timer(
        &mut self,
        timer: TimerKey,
        generation: u32,
        context: &mut Context<'_, Event, Subject>,
    ) {
        self.timers.remove(&timer);
        self.feed(Input::TimerFired { timer, generation }, context);
        self.carry_out(context);
    }

    /// Asks the manager for the contexts of a callback that is delivered now.
    pub(crate) fn invoke(
        &mut self,
        client: ClientId,
        callback: CallbackId,
        context: &mut Context<'_, Event, Subject>,
    ) -> CallbackFrame {
        let delivered = self.clients[client.index()].on_the_way.pop_front();
        assert!(
            delivered.is_some_and(|delivered| delivered.callback == callback),
            "the callbacks of a client run in turn"
        );
        self.feed(Input::Invoke { callback }, context);
        let Some(frame) = self.carry_out(context) else {
            unreachable!("what the manager takes back is cancelled")
        };
        frame
    }

    /// Tells the manager what a callback answered.
    pub(crate) fn finish(
        &mut self,
        callback: CallbackId,
        status: Status,
        context: &mut Context<'_, Event, Subject>,
    ) {
        self.unfinished -= 1;
        self.feed(Input::CallbackReturned { callback, status }, context);
        self.carry_out(context);
    }

    /// Draws how long a callback of a client takes, if it takes any time.
    pub(crate) fn duration(
        &self,
        client: ClientId,
        actor: Symbol,
        context: &mut Context<'_, Event, Subject>,
    ) -> Option<Span> {
        let takes = self.clients[client.index()].takes;
        (takes != Delay::None).then(|| draw(takes, actor, DURATION, context))
    }

    /// Lets a callback go on later. The others that are on their way to the client wait behind it.
    pub(crate) fn pause(
        &mut self,
        client: ClientId,
        running: Running,
        span: Span,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let until = context.now().saturating_add(span);
        let name = Name { kind: kind::RESUME, ..running.name };
        let state = &mut self.clients[client.index()];
        state.running = Some(running);
        state.last_due = state.last_due.max(until);
        let resume = Event { name, what: What::Resume { client } };
        context.on(Self::callback_lane(client)).schedule_no_earlier(until, resume);
        for waiting in state.on_the_way.iter_mut().filter(|waiting| waiting.due <= until) {
            waiting.due = until;
            let moved = context.reschedule_at(waiting.handle, until);
            assert!(moved == Ok(Attempt::Done), "a callback on its way is pending, and is put off");
        }
    }

    /// Takes the callback of a client that goes on now.
    pub(crate) fn resume(&mut self, client: ClientId) -> Running {
        match self.clients[client.index()].running.take() {
            Some(running) => running,
            None => unreachable!("only a callback that has paused goes on"),
        }
    }

    pub(crate) fn registered(&self, entity: EntityHandle) -> Option<Registered> {
        self.entities.get(&entity).copied()
    }

    /// Compares the manager with the reference model, if it runs.
    pub(crate) fn compare_with_model(&self) -> Result<(), Difference> {
        match (&self.difference, &self.model) {
            (Some(difference), _) => Err(difference.clone()),
            (None, Some(model)) => model.compare(&self.manager),
            (None, None) => Ok(()),
        }
    }

    /// Hands an input to the manager, and to the model what came out.
    pub(crate) fn feed(&mut self, input: Input, context: &Context<'_, Event, Subject>) {
        let now = context.now().as_nanos();
        assert!(
            self.outputs.is_empty(),
            "what the manager asked for is carried out before it is asked again"
        );
        match &mut self.model {
            None => self.manager.handle_into(now, input, &mut self.outputs),
            Some(model) => {
                self.manager.handle_into(now, input.clone(), &mut self.outputs);
                if let Err(difference) = model.follow(now, &input, &self.outputs) {
                    self.difference.get_or_insert(difference);
                }
            }
        }
    }

    /// Carries out all that the manager has asked for; returns the frame of a callback that is to run.
    pub(crate) fn carry_out(&mut self, context: &mut Context<'_, Event, Subject>) -> Option<CallbackFrame> {
        let mut running = None;
        let mut outputs = core::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Frame(frame) => running = Some(frame),
                Output::Method(frame) => self.begin_method(frame),
                Output::Reply(_) | Output::Inert { .. } => {}
                Output::Refused { error, .. } => unreachable!("the world runs callbacks in turn: {error}"),
                Output::ArmTimer { timer, at, generation } => self.arm(timer, at, generation, context),
                Output::DisarmTimer { timer } => {
                    if let Some(handle) = self.timers.remove(&timer) {
                        context.cancel(handle);
                    }
                }
                Output::Deliver { to, callback, event } => self.deliver(to, callback, event, context),
                Output::Drop { to, callback } => self.take_back(to, callback, context),
                Output::Ready { to, ticket } => self.schedule_grant(to, ticket, context),
                Output::Fact(fact) => describe::note_fact(self, &fact, context),
            }
        }
        self.outputs = outputs;
        running
    }

    fn arm(&mut self, timer: TimerKey, at: u64, generation: u32, context: &mut Context<'_, Event, Subject>) {
        let (actor, kind, dest) = match timer {
            TimerKey::Route(route) => {
                let route = self.manager.route_name(route);
                let name = route.and_then(|route| Some((self.actor_of(route.owner)?, route.dest)));
                let Some((owner, dest)) = name else {
                    unreachable!("a route with a timer is in the table, and its owner known")
                };
                (owner, kind::EXPIRY, dest)
            }
            TimerKey::Hold(dest) => {
                let name = self.manager.dest_table(dest).zip(self.manager.dest_address(dest));
                let Some((table, address)) = name else {
                    unreachable!("a destination is there while it is held")
                };
                (self.table_actor(table, |text| context.intern(text)), kind::HOLD_END, address)
            }
        };
        let event = Event::new(actor, kind, Subject::Dest(dest), What::Timer { timer, generation });
        let Ok(handle) = context.schedule_at(Instant::from_nanos(at), event) else {
            unreachable!("the manager arms no timer for the past")
        };
        self.timers.insert(timer, handle);
    }

    /// Puts a callback on its way: due after the client's delay, and never before the one handed out before it.
    fn deliver(
        &mut self,
        to: EntityHandle,
        callback: CallbackId,
        event: DueEvent,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(Registered { client, actor }) = self.registered(to) else {
            unreachable!("who is told has registered")
        };
        let delay = draw(self.clients[client.index()].delivery, actor, DELIVERY, context);
        let state = &mut self.clients[client.index()];
        let due = context.now().saturating_add(delay).max(state.last_due);
        state.last_due = due;
        let (kind, subject) = self.spell_due(event);
        let event = Event::new(actor, kind, subject, What::Deliver { client, callback });
        let stands_still = self.stands_still(client, Thread::Callbacks);
        let at = if stands_still { Instant::NEVER } else { due };
        let handle = context.on(Self::callback_lane(client)).schedule_no_earlier(at, event);
        self.clients[client.index()].on_the_way.push_back(OnTheWay { callback, handle, due });
        self.unfinished += 1;
    }

    /// Takes a callback back that is on its way: it does not happen.
    fn take_back(
        &mut self,
        to: EntityHandle,
        callback: CallbackId,
        context: &mut Context<'_, Event, Subject>,
    ) {
        let Some(Registered { client, .. }) = self.registered(to) else {
            unreachable!("who is told has registered")
        };
        let on_the_way = &mut self.clients[client.index()].on_the_way;
        let place = on_the_way.iter().position(|waiting| waiting.callback == callback);
        let taken_back = place.and_then(|place| on_the_way.remove(place));
        self.unfinished -= usize::from(taken_back.is_some());
        let event = taken_back.and_then(|waiting| context.cancel(waiting.handle));
        self.taken_back = event.map(|event| event.name);
    }

    fn spell_due(&self, event: DueEvent) -> (Term, Subject) {
        let named = |name: Option<Symbol>| name.map_or(Subject::None, Subject::Name);
        match event {
            DueEvent::EntityRegistered { entity } => (kind::ENTITY_REGISTERED, named(self.actor_of(entity))),
            DueEvent::EntityDeregistered { entity } => {
                (kind::ENTITY_DEREGISTERED, named(self.actor_of(entity)))
            }
            DueEvent::RouteExpired { route } => {
                let dest =
                    self.manager.route_name(route).map_or(Subject::None, |route| Subject::Dest(route.dest));
                (kind::ROUTE_EXPIRED, dest)
            }
            DueEvent::ChangeNotification { notify } => {
                (kind::CHANGE_NOTIFICATION, named(self.name_of(notify)))
            }
        }
    }
}

/// Returns the manager's name for a table: `manager`, with the instance if it is not 0 and the family if it is not IPv4.
#[must_use]
pub fn table_actor_name(table: TableId) -> alloc::string::String {
    use core::fmt::Write as _;
    let mut name = alloc::string::String::from("manager");
    if table.instance != 0 {
        // Writing to a `String` cannot fail.
        let _ = write!(name, ".{}", table.instance);
    }
    match table.family {
        AddressFamily::Ipv4 => {}
        AddressFamily::Ipv6 => name.push_str(".ipv6"),
    }
    name
}

/// The name of a status: a documented one as it is, any other by its number.
pub(crate) fn status_fact(status: Status) -> Fact<Subject> {
    match vocabulary::status(status) {
        _ if status == Status::NoError => Fact::word(key::STATUS, word::NO_ERROR),
        Some(word) => Fact::word(key::STATUS, word),
        None => Fact::number(key::STATUS, u64::from(status.code())),
    }
}
