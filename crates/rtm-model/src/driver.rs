//! A host that does anything a host may do, with clients that do anything at all.
//!
//! What it does is drawn; from where, whoever makes it says. The tests of this crate draw from a seed and let the model judge;
//! the fuzz target of the house draws from its bytes.

mod calls;
mod locks;
mod methods;
mod reading;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, CallbackId, DestHandle, EntityHandle, EntityId, EntityInfo,
    EnumHandle, Event, EventCallback, Fact, Function, Input, LockAction, LockMode, Manager, MethodFrame,
    NextHopHandle, NotifyHandle, OpaqueSlot, Output, Reply, RouteHandle, RouteListHandle, RouteSpec, Status,
    TableId, Ticket, TimerKey, protocol,
};

/// Answers what is drawn: a number below the limit it is given, which is at least 1.
struct Dice<'d>(Box<dyn FnMut(u64) -> u64 + 'd>);

impl Dice<'_> {
    fn roll(&mut self) -> u64 {
        (self.0)(u64::MAX)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from((self.0)(limit as u64)).expect("below a usize")
    }

    fn chance(&mut self, percent: u64) -> bool {
        (self.0)(100) < percent
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.below(of.len())].clone()) }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        self.pick(of).expect("something to pick")
    }
}

pub(crate) struct Client {
    pub(crate) entity: EntityHandle,
    info: EntityInfo,
    pub(crate) registered: bool,
    due: VecDeque<CallbackId>,
    running: Option<CallbackFrame>,
    /// Calls it has decided on.
    plan: VecDeque<Call>,
}

/// Is a call that waits, as its host knows it.
pub(crate) struct Waiting {
    pub(crate) ticket: Ticket,
    pub(crate) caller: EntityHandle,
    pub(crate) call: Call,
    pub(crate) ready: bool,
    /// The invocation in whose method it was made.
    inside: Option<Ticket>,
}

/// Tells how much clients get into each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Few clients, in several tables.
    Sparse,
    /// Many clients share few destinations, and lock them.
    Crowded,
}

/// The host, the manager it drives, and what both know.
pub struct Driver<'d> {
    dice: Dice<'d>,
    /// Whether many clients share few destinations, and lock them.
    is_crowded: bool,
    pub(crate) manager: Manager,
    pub(crate) now: u64,
    pub(crate) clients: Vec<Client>,
    timers: Vec<(TimerKey, u32, u64)>,
    old_timers: Vec<(TimerKey, u32)>,
    old_callbacks: Vec<CallbackId>,
    routes: Vec<RouteHandle>,
    dests: Vec<DestHandle>,
    next_hops: Vec<NextHopHandle>,
    registrations: Vec<(NotifyHandle, EntityHandle)>,
    lists: Vec<(RouteListHandle, EntityHandle)>,
    /// With the function that reads it.
    enumerations: Vec<(EnumHandle, EntityHandle, Function)>,
    /// What each client owes, as the call that releases it.
    owed: Vec<(EntityHandle, Call)>,
    /// The locks that clients have, as the calls that give them back.
    pub(crate) locked: Vec<(EntityHandle, Call)>,
    pub(crate) waiting: Vec<Waiting>,
    /// The methods that run.
    methods: Vec<MethodFrame>,
    old_tickets: Vec<Ticket>,
}

impl fmt::Debug for Driver<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Driver").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'d> Driver<'d> {
    /// Makes a host for a manager that nobody has called yet. `draw` answers a number below the limit it is given.
    #[must_use]
    pub fn new(crowd: Crowd, manager: Manager, draw: impl FnMut(u64) -> u64 + 'd) -> Self {
        Self {
            dice: Dice(Box::new(draw)),
            is_crowded: crowd == Crowd::Crowded,
            manager,
            now: 0,
            clients: Vec::new(),
            timers: Vec::new(),
            old_timers: Vec::new(),
            old_callbacks: Vec::new(),
            routes: Vec::new(),
            dests: Vec::new(),
            next_hops: Vec::new(),
            registrations: Vec::new(),
            lists: Vec::new(),
            enumerations: Vec::new(),
            owed: Vec::new(),
            locked: Vec::new(),
            waiting: Vec::new(),
            methods: Vec::new(),
            old_tickets: Vec::new(),
        }
    }

    /// Gives the manager its next input and notes what comes of it; returns both.
    ///
    /// # Panics
    /// If an invariant of the manager does not hold afterwards, or an output makes no sense to a host.
    pub fn step(&mut self) -> (Input, Vec<Output>) {
        let input = self.next_input();
        let outputs = self.handle(&input);
        self.learn(&input, &outputs);
        (input, outputs)
    }

    pub(crate) fn handle(&mut self, input: &Input) -> Vec<Output> {
        let outputs = self.manager.handle(self.now, input.clone()).collect();
        self.manager.check_invariants();
        outputs
    }

    pub(crate) fn next_input(&mut self) -> Input {
        let registered = self.clients.iter().filter(|client| client.registered).count();
        let (few, many) = if self.is_crowded { (4, 7) } else { (2, 6) };
        if registered < few || (registered < many && self.dice.chance(4)) {
            return self.registration();
        }
        if self.is_crowded && self.dice.chance(20) {
            if let Some(resumption) = self.resumption() {
                return resumption;
            }
        }
        if !self.methods.is_empty() && self.dice.chance(24) {
            if let Some(input) = self.method() {
                return input;
            }
        }
        match self.dice.below(100) {
            0..=11 => self.timer(),
            12..=27 => self.invocation(),
            28..=37 => self.end_of_callback(),
            38..=49 => self.resumption(),
            _ => None,
        }
        .unwrap_or_else(|| self.call())
    }

    fn registration(&mut self) -> Input {
        let family = self.dice.one(&[
            AddressFamily::Ipv4,
            AddressFamily::Ipv4,
            AddressFamily::Ipv4,
            AddressFamily::Ipv6,
        ]);
        let family = if self.is_crowded { AddressFamily::Ipv4 } else { family };
        let instance = u16::from(!self.is_crowded && self.dice.chance(5));
        let id = EntityId {
            protocol: self.dice.one(&[protocol::RIP, protocol::RIP, protocol::OSPF, protocol::BGP, 0, 77]),
            protocol_instance: self.dice.one(&[1, 2]),
        };
        let callback = if self.dice.chance(75) { EventCallback::Given } else { EventCallback::Absent };
        let info = EntityInfo { table: TableId { instance, family }, id };
        let running =
            self.clients.iter().filter_map(|client| client.running.as_ref()).map(|frame| frame.callback);
        let running: Vec<_> = running.collect();
        let frame = if self.dice.chance(30) { self.dice.pick(&running) } else { None };
        let reserve_opaque_pointer =
            if self.dice.chance(60) { OpaqueSlot::Reserved } else { OpaqueSlot::NotReserved };
        let methods = self.number_of_methods();
        let call = Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer };
        Input::Call { caller: None, frame, call }
    }

    /// Time goes on to the next deadline, or not; now and then an old timer fires.
    fn timer(&mut self) -> Option<Input> {
        if self.dice.chance(5) {
            let (timer, generation) = self.dice.pick(&self.old_timers)?;
            return Some(Input::TimerFired { timer, generation });
        }
        let earliest = self.timers.iter().map(|(_, _, at)| *at).min()?;
        if self.dice.chance(40) {
            self.now += (earliest - self.now) / 2;
            return None;
        }
        self.now = earliest;
        let due: Vec<_> = self.timers.iter().filter(|(_, _, at)| *at == earliest).copied().collect();
        let (timer, generation, _) = self.dice.one(&due);
        self.timers.retain(|(known, ..)| *known != timer);
        self.old_timers.push((timer, generation));
        Some(Input::TimerFired { timer, generation })
    }

    /// The head of a lane runs; now and then a callback that is long gone is invoked.
    fn invocation(&mut self) -> Option<Input> {
        if self.dice.chance(4) {
            return self.dice.pick(&self.old_callbacks).map(|callback| Input::Invoke { callback });
        }
        let ready = self.clients.iter().filter(|client| client.running.is_none());
        let heads: Vec<_> = ready.filter_map(|client| client.due.front().copied()).collect();
        self.dice.pick(&heads).map(|callback| Input::Invoke { callback })
    }

    fn end_of_callback(&mut self) -> Option<Input> {
        let running =
            self.clients.iter().filter_map(|client| client.running.as_ref()).map(|frame| frame.callback);
        let running: Vec<_> = running.collect();
        let statuses = [
            Status::NotSupported,
            Status::Other(50),
            Status::NoError,
            Status::InvalidParameter,
            Status::Other(9),
        ];
        let status = self.dice.one(&statuses);
        self.dice.pick(&running).map(|callback| Input::CallbackReturned { callback, status })
    }

    fn call(&mut self) -> Input {
        let gone = self.dice.chance(2);
        // Who waits does little else: what its callbacks do, and what other threads of it do.
        let waits_too = self.dice.chance(25);
        let idle = |place: &usize| waits_too || !self.waits(self.clients[*place].entity);
        let registered = |place: &usize| gone || self.clients[*place].registered;
        let (mut candidates, others): (Vec<usize>, _) =
            (0..self.clients.len()).filter(registered).partition(idle);
        if candidates.is_empty() {
            candidates = others;
        }
        let place = self.dice.one(&candidates);
        let caller = self.clients[place].entity;
        let frame = match self.clients[place].running.as_ref().map(|frame| frame.callback) {
            Some(running) if self.dice.chance(85) => Some(running),
            _ if self.dice.chance(2) => self.dice.pick(&self.old_callbacks),
            _ if self.dice.chance(10) => {
                let running = self.clients.iter().filter_map(|client| client.running.as_ref());
                let running: Vec<_> = running.map(|frame| frame.callback).collect();
                self.dice.pick(&running)
            }
            _ => None,
        };
        // What was decided on goes on when the call before it has ended.
        let planned = if self.waits(caller) { None } else { self.clients[place].plan.pop_front() };
        let call = match planned {
            Some(call) if self.dice.chance(85) => call,
            _ => self.some_call(place),
        };
        Input::Call { caller: Some(caller), frame, call }
    }

    /// Notes what came out, as a host and its clients do.
    pub(crate) fn learn(&mut self, input: &Input, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Reply(outcome) => self.learn_outcome(input, outcome),
                Output::Ready { ticket, .. } => self.learn_ready(*ticket),
                Output::ArmTimer { timer, at, generation } => self.timers.push((*timer, *generation, *at)),
                Output::DisarmTimer { timer } => {
                    let (gone, kept): (Vec<_>, _) =
                        self.timers.drain(..).partition(|(known, ..)| known == timer);
                    self.timers = kept;
                    self.old_timers
                        .extend(gone.into_iter().map(|(timer, generation, _)| (timer, generation)));
                }
                Output::Deliver { to, callback, .. } => self.client(*to).due.push_back(*callback),
                Output::Drop { to, callback } => {
                    self.client(*to).due.retain(|due| due != callback);
                    self.old_callbacks.push(*callback);
                }
                Output::Frame(frame) => {
                    let client = self.client(frame.to);
                    client.due.pop_front();
                    client.running = Some(frame.clone());
                    self.learn_event(frame);
                }
                Output::Inert { callback } => {
                    self.clients.iter_mut().for_each(|client| client.due.retain(|due| due != callback));
                }
                Output::Refused { callback, error } => panic!("{callback:?}: {error}"),
                Output::Fact(Fact::RouteAdded(name)) => self.routes.push(name.route),
                Output::Method(_) | Output::Fact(_) => {}
            }
        }
        self.learn_methods(input, outputs);
        if let Input::CallbackReturned { callback, .. } = input {
            let running = |client: &&mut Client| {
                client.running.as_ref().is_some_and(|frame| frame.callback == *callback)
            };
            self.clients.iter_mut().filter(running).for_each(|client| client.running = None);
            self.old_callbacks.push(*callback);
        }
    }

    fn client(&mut self, entity: EntityHandle) -> &mut Client {
        self.clients.iter_mut().find(|client| client.entity == entity).expect("a client we know")
    }

    /// What a well-meant callback of this event goes on to do.
    fn learn_event(&mut self, frame: &CallbackFrame) {
        let plan: Vec<Call> = match &frame.event {
            Event::RouteExpired { route, info } => {
                self.owed.push((frame.to, Call::ReleaseRoutes { routes: Vec::from([*route]) }));
                self.dests.push(info.dest);
                let edited = RouteSpec { metric: 16, ..info.spec.clone() };
                Vec::from([
                    Call::LockRoute { route: *route, mode: LockMode::Exclusive, action: LockAction::Lock },
                    Call::UpdateAndUnlockRoute {
                        route: *route,
                        edited,
                        time_to_live_ms: u32::MAX,
                        list: None,
                    },
                ])
            }
            Event::ChangeNotification { notify, .. } => {
                Vec::from([2, 1, 16].map(|count| Call::GetChangedDests { notify: *notify, count }))
            }
            Event::EntityRegistered { entity, .. } | Event::EntityDeregistered { entity, .. } => {
                Vec::from([Call::GetEntityInfo { entity: *entity }])
            }
        };
        if self.dice.chance(50) {
            self.client(frame.to).plan.extend(plan);
        }
    }

    fn learn_reply(&mut self, caller: Option<EntityHandle>, call: &Call, reply: &Reply) {
        if let (Call::RegisterEntity { info, .. }, Reply::RegisterEntity { entity, .. }) = (call, reply) {
            let (due, plan) = (VecDeque::new(), VecDeque::new());
            let (entity, info) = (*entity, *info);
            self.clients.push(Client { entity, info, registered: true, due, running: None, plan });
        }
        let Some(caller) = caller else { return };
        self.learn_lock(caller, call);
        if *call == Call::DeregisterEntity {
            let client = self.client(caller);
            client.registered = false;
            client.plan.clear();
        }
        let paid = self.owed.iter().position(|(by, owed)| *by == caller && owed == call);
        if let Some(place) = paid {
            self.owed.swap_remove(place);
        }
        match reply {
            Reply::LockRoute { info: Some(info) } | Reply::GetRouteInfo { info: Some(info), .. } => {
                self.dests.push(info.dest);
            }
            Reply::Dest { info } => self.dests.push(info.dest),
            Reply::GetExactMatchRoute { route, info } => {
                self.dests.push(info.dest);
                let owed = route.map(|route| Call::ReleaseRoutes { routes: Vec::from([route]) });
                self.owed.extend(owed.map(|release| (caller, release)));
            }
            Reply::GetChangedDests { infos } => self.dests.extend(infos.iter().map(|info| info.dest)),
            Reply::GetEnumDests { infos } => self.dests.extend(infos.iter().map(|info| info.dest)),
            Reply::GetEnumNextHops { next_hops } => self.next_hops.extend(next_hops),
            Reply::CreateRouteList { list } => {
                self.lists.push((*list, caller));
                self.plan_to_fill(caller, *list);
            }
            Reply::CreateEnum { enumeration } => {
                let kind = Self::read_by(call);
                self.enumerations.push((*enumeration, caller, kind));
                self.plan_to_read(caller, *enumeration, kind);
            }
            Reply::AddNextHop { next_hop, .. } | Reply::FindNextHop { next_hop, .. } => {
                self.next_hops.extend(*next_hop);
            }
            Reply::RegisterForChangeNotification { notify } => self.registrations.push((*notify, caller)),
            Reply::Nothing
            | Reply::RegisterEntity { .. }
            | Reply::GetEntityMethods { .. }
            | Reply::InvokeMethod { .. }
            | Reply::GetRegisteredEntities { .. }
            | Reply::GetEntityInfo { .. }
            | Reply::AddRouteToDest { .. }
            | Reply::DeleteRouteToDest { .. }
            | Reply::LockRoute { info: None }
            | Reply::GetRouteInfo { info: None, .. }
            | Reply::UpdateAndUnlockRoute { .. }
            | Reply::LockNextHop { .. }
            | Reply::IsBestRoute { .. }
            | Reply::GetOpaqueInformationPointer { .. }
            | Reply::GetRoutePointer { .. }
            | Reply::GetNextHopPointer { .. }
            | Reply::GetEnumRoutes { .. }
            | Reply::GetListEnumRoutes { .. }
            | Reply::GetNextHopInfo { .. }
            | Reply::GetChangeStatus { .. }
            | Reply::IsMarkedForChangeNotification { .. } => {}
        }
        let owed = self.owes(call, reply);
        self.owed.extend(owed.map(|release| (caller, release)));
    }
}
