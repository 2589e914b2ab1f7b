//! What is around a manager: who its clients are, which timers run, which callbacks are on their way.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak::{Context, Instant, Lane, Name, Span, Term};
use tiebreak_rtm::{
    CallbackFrame, CallbackId, DueEvent, EntityHandle, EntityId, EntityInfo, Fact, Input, NetAddress,
    NotifyHandle, Outcome, Output, RouteHandle, RouteName, TimerKey, ViewId, protocol,
};

use super::faulty::{Fault, Faulty, TABLE};
use super::words::{
    BEST, CHANGE_NOTIFICATION, DEREGISTERED, EXPIRY, MANAGER, NEIGHBOUR, NOBODY, OWNER, REGISTERED,
    ROUTE_ADDED, ROUTE_DELETED, ROUTE_EXPIRED, RUN_QUEUE,
};
use super::{DESTS, Event, What};
use crate::script::{About, Step};

/// What a client may do while an event of the museum happens.
pub(crate) type Stage<'a> = Context<'a, Event, About>;

/// The lane of the first client's callbacks; those of scripts are below.
const CALLBACKS: u32 = 1000;

/// A client, as the host knows it.
pub(crate) struct Client {
    pub(crate) name: Term,
    pub(crate) info: EntityInfo,
    pub(crate) entity: Option<EntityHandle>,
    pub(crate) notify: Option<NotifyHandle>,
    pub(crate) routes: BTreeMap<About, RouteHandle>,
}

/// A manager and its surroundings.
///
/// It cancels no event: a timer that was disarmed comes due, and a callback that was taken back arrives, without effect.
/// So an order can name them; what never happens cannot be said to come later than something else.
pub(crate) struct Host {
    manager: Faulty,
    clients: Vec<Client>,
    dests: Vec<(NetAddress, About)>,
    /// The callbacks that are on their way and were not taken back.
    callbacks: BTreeSet<CallbackId>,
    runs_queue: bool,
}

/// What came of an input, for whoever is waiting for it.
#[derive(Default)]
pub(crate) struct Fed {
    pub(crate) outcome: Option<Outcome>,
    pub(crate) frame: Option<CallbackFrame>,
}

impl Host {
    pub(crate) fn new(fault: Option<Box<dyn Fault>>) -> Self {
        let address = |dest: &str| dest.parse().expect("a destination of the museum is a prefix");
        Self {
            manager: Faulty::new(fault),
            clients: Vec::new(),
            dests: DESTS.iter().map(|dest| (address(dest), *dest)).collect(),
            callbacks: BTreeSet::new(),
            runs_queue: false,
        }
    }

    /// A client by its name. Its protocol is the one of that name; others are management components.
    pub(crate) fn client(&mut self, name: Term) -> &mut Client {
        let index = self.clients.iter().position(|client| client.name == name).unwrap_or_else(|| {
            let named = protocol::NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.text()));
            let protocol = named.map_or(protocol::NETMGMT, |(_, protocol)| *protocol);
            let protocol_instance = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
            let info = EntityInfo { table: TABLE, id: EntityId { protocol, protocol_instance } };
            let routes = BTreeMap::new();
            self.clients.push(Client { name, info, entity: None, notify: None, routes });
            self.clients.len() - 1
        });
        &mut self.clients[index]
    }

    /// The address of a destination.
    pub(crate) fn address(&self, about: About) -> NetAddress {
        let (address, _) =
            self.dests.iter().find(|(_, dest)| *dest == about).expect("it is one of the museum");
        *address
    }

    /// A destination by its address.
    pub(crate) fn about(&self, address: NetAddress) -> About {
        let (_, about) =
            self.dests.iter().find(|(dest, _)| *dest == address).expect("it is one of the museum");
        about
    }

    /// The client that an entity is, also after it is gone.
    pub(crate) fn name_of(&self, entity: EntityHandle) -> Option<Term> {
        self.manager.manager().entity_info(entity).map(|info| self.name_of_id(info.id))
    }

    fn name_of_id(&self, id: EntityId) -> Term {
        self.clients.iter().find(|client| client.info.id == id).map_or(NOBODY, |client| client.name)
    }

    /// Hands an input to the manager, and does what it asks for.
    pub(crate) fn feed(&mut self, input: Input, stage: &mut Stage<'_>) -> Fed {
        let outputs = self.manager.handle(stage.now().as_nanos(), input);
        self.carry_out(outputs, stage)
    }

    /// Asks the manager for a callback that arrives now; there is none if it was taken back.
    pub(crate) fn invoke(&mut self, callback: CallbackId, stage: &mut Stage<'_>) -> Option<CallbackFrame> {
        let is_due = self.callbacks.remove(&callback);
        is_due.then(|| self.feed(Input::Invoke { callback }, stage).frame)?
    }

    /// Lets a faulty manager do what it has put off.
    pub(crate) fn run_queue(&mut self, stage: &mut Stage<'_>) {
        self.runs_queue = false;
        let outputs = self.manager.run_queue(stage.now().as_nanos());
        self.carry_out(outputs, stage);
    }

    fn carry_out(&mut self, outputs: Vec<Output>, stage: &mut Stage<'_>) -> Fed {
        let mut fed = Fed::default();
        for output in outputs {
            match output {
                Output::Reply(outcome) => fed.outcome = Some(outcome),
                Output::Frame(frame) => fed.frame = Some(frame),
                Output::Inert { .. } | Output::DisarmTimer { .. } => {}
                Output::Ready { .. } => unreachable!("its clients hold no lock when they return"),
                Output::Method(frame) => unreachable!("its clients export no methods: {frame:?}"),
                Output::Refused { error, .. } => unreachable!("callbacks run in turn: {error}"),
                Output::ArmTimer { timer, at, generation } => self.arm(timer, at, generation, stage),
                Output::Deliver { to, callback, event } => self.deliver(to, callback, event, stage),
                Output::Drop { callback, .. } => _ = self.callbacks.remove(&callback),
                Output::Fact(fact) => self.note(&fact, stage),
            }
        }
        if self.manager.has_queued() && !self.runs_queue {
            self.runs_queue = true;
            let step = Step::new(MANAGER, RUN_QUEUE, "");
            stage.schedule_after(Span::ZERO, Event { step, what: What::RunQueue });
        }
        fed
    }

    fn arm(&self, timer: TimerKey, at: u64, generation: u32, stage: &mut Stage<'_>) {
        let TimerKey::Route(route) = timer else { unreachable!("its clients arm no destination") };
        let name = self.manager.manager().route_name(route).expect("a route with a timer is in the table");
        let step = Step::new(self.name_of_id(name.owner_id), EXPIRY, self.about(name.dest));
        let event = Event { step, what: What::Timer { timer, generation } };
        stage.schedule_no_earlier(Instant::from_nanos(at), event);
    }

    fn deliver(&mut self, to: EntityHandle, callback: CallbackId, event: DueEvent, stage: &mut Stage<'_>) {
        let place = self.clients.iter().position(|client| client.entity == Some(to));
        let place = place.expect("who is told has registered");
        let who = |entity| self.name_of(entity).map_or("", Term::text);
        let (action, about) = match event {
            DueEvent::EntityRegistered { entity } => (REGISTERED, who(entity)),
            DueEvent::EntityDeregistered { entity } => (DEREGISTERED, who(entity)),
            DueEvent::RouteExpired { route } => {
                let route =
                    self.manager.manager().route_name(route).expect("it waits for its owner's answer");
                (ROUTE_EXPIRED, self.about(route.dest))
            }
            DueEvent::ChangeNotification { .. } => (CHANGE_NOTIFICATION, ""),
        };
        let step = Step::new(self.clients[place].name, action, about);
        let lane = Lane::new(CALLBACKS + u32::try_from(place).unwrap_or(0));
        stage.on(lane).schedule_after(Span::ZERO, Event { step, what: What::Callback(callback) });
        self.callbacks.insert(callback);
    }

    fn note(&self, fact: &Fact, stage: &mut Stage<'_>) {
        match fact {
            Fact::BestChanged { dest, view, best, .. } if *view == ViewId::UCAST => {
                let owner = best.as_ref().map_or(NOBODY, |best| self.name_of_id(best.owner_id));
                let name = Name::of(MANAGER, BEST, self.about(*dest));
                stage.record(name, &[tiebreak::Fact::word(OWNER, owner)]);
            }
            Fact::RouteAdded(route) => self.note_route(ROUTE_ADDED, route, stage),
            Fact::RouteDeleted { route, .. } => self.note_route(ROUTE_DELETED, route, stage),
            Fact::Deadlock { cycle } => unreachable!("its clients hold no lock when they return: {cycle:?}"),
            Fact::Violation { violation, .. } => unreachable!("clients keep to the contract: {violation:?}"),
            Fact::BestChanged { .. }
            | Fact::RouteUpdated(_)
            | Fact::RouteRefreshed(_)
            | Fact::RouteHeld { .. }
            | Fact::HoldEnded { .. }
            | Fact::ChangePending { .. }
            | Fact::ChangeCoalesced { .. }
            | Fact::CallbackDropped { .. }
            | Fact::TargetIgnored { .. }
            | Fact::Leak { .. } => {}
        }
    }

    fn note_route(&self, what: Term, route: &RouteName, stage: &mut Stage<'_>) {
        let neighbour = route.neighbour.map_or(0, |neighbour| u64::from(neighbour.interface));
        let name = Name::of(self.name_of_id(route.owner_id), what, self.about(route.dest));
        stage.record(name, &[tiebreak::Fact::number(NEIGHBOUR, neighbour)]);
    }
}
