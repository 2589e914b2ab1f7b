//! A host that does anything a host may do, with clients that do anything at all.

mod calls;
mod locks;
mod methods;
mod reading;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_rtm::{
    AddressFamily, Call, CallbackFrame, CallbackId, DestHandle, EntityHandle, EntityId, EntityInfo,
    EnumHandle, Event, EventCallback, EventType, Fact, Function, Input, LockAction, LockMode, Manager,
    MethodFrame, NextHopHandle, NotifyHandle, OpaqueSlot, Outcome, Output, Profile, Reply, RouteHandle,
    RouteListHandle, RouteSpec, Status, TableId, Ticket, TimerKey, protocol,
};

use super::super::{Difference, Model};

/// Counts what was tried.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) inputs: u64,
    /// Inputs that are no calls, and calls that succeeded.
    pub(super) successes: u64,
    frames: u64,
    expiries: u64,
    inert: u64,
    dropped: u64,
    fetched: u64,
    updates_in_place: u64,
    violations: u64,
    pub(super) waits: locks::Waits,
    pub(super) methods: methods::Methods,
    pub(super) begun: u64,
    pub(super) ended: u64,
    /// How often each function succeeded, and was refused.
    pub(super) calls: BTreeMap<Function, [u64; 2]>,
}

impl Run {
    pub(super) fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.successes += other.successes;
        self.frames += other.frames;
        self.expiries += other.expiries;
        self.inert += other.inert;
        self.dropped += other.dropped;
        self.fetched += other.fetched;
        self.updates_in_place += other.updates_in_place;
        self.violations += other.violations;
        self.waits.add(&other.waits);
        self.methods.add(&other.methods);
        self.begun += other.begun;
        self.ended += other.ended;
        for (function, [done, refused]) in &other.calls {
            let total = self.calls.entry(*function).or_default();
            *total = [total[0] + done, total[1] + refused];
        }
    }

    fn count_call(&mut self, input: &Input, outputs: &[Output]) {
        if let Some(Output::Reply(Outcome::Done(Reply::InvokeMethod { .. }))) = outputs.last() {
            self.calls.entry(Function::InvokeMethod).or_default()[0] += 1;
        }
        let (Input::Call { call, .. } | Input::CallInMethod { call, .. }) = input else { return };
        if let Some(Output::Reply(outcome)) = outputs.last() {
            let is_refused = !matches!(outcome, Outcome::Done(_));
            self.calls.entry(call.function()).or_default()[usize::from(is_refused)] += 1;
        }
    }

    fn count(&mut self, output: &Output) {
        match output {
            Output::Reply(Outcome::Done(reply)) => {
                self.fetched += u64::from(matches!(reply, Reply::GetChangedDests { .. }));
                self.updates_in_place += u64::from(matches!(reply, Reply::UpdateAndUnlockRoute { .. }));
            }
            Output::Reply(Outcome::Violated(_)) => self.violations += 1,
            Output::Frame(frame) => {
                self.frames += 1;
                self.expiries += u64::from(frame.event.event_type() == EventType::RouteExpired);
            }
            Output::Inert { .. } => self.inert += 1,
            Output::Drop { .. } => self.dropped += 1,
            Output::Fact(Fact::RouteHeld { .. }) => self.begun += 1,
            Output::Fact(Fact::HoldEnded { .. }) => self.ended += 1,
            Output::Ready { .. }
            | Output::Method(_)
            | Output::Reply(_)
            | Output::ArmTimer { .. }
            | Output::DisarmTimer { .. }
            | Output::Deliver { .. }
            | Output::Refused { .. }
            | Output::Fact(_) => {}
        }
    }
}

/// Tells where manager and model part.
pub(super) struct Failure {
    pub(super) difference: Difference,
    seed: u64,
    last: Vec<String>,
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "sequence {}: {}", self.seed, self.difference)?;
        self.last.iter().try_for_each(|line| writeln!(formatter, "  {line}"))
    }
}

/// A generator of our own: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % limit as u64).expect("below a usize")
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.below(of.len())].clone()) }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        self.pick(of).expect("something to pick")
    }
}

struct Client {
    entity: EntityHandle,
    info: EntityInfo,
    registered: bool,
    due: VecDeque<CallbackId>,
    running: Option<CallbackFrame>,
    /// Calls it has decided on.
    plan: VecDeque<Call>,
}

/// Is a call that waits, as its host knows it.
struct Waiting {
    ticket: Ticket,
    caller: EntityHandle,
    call: Call,
    ready: bool,
    /// The invocation in whose method it was made.
    inside: Option<Ticket>,
}

struct Driver {
    dice: Dice,
    /// Whether many clients share few destinations, and lock them.
    is_crowded: bool,
    manager: Manager,
    now: u64,
    clients: Vec<Client>,
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
    locked: Vec<(EntityHandle, Call)>,
    waiting: Vec<Waiting>,
    /// The methods that run.
    methods: Vec<MethodFrame>,
    old_tickets: Vec<Ticket>,
}

/// Runs one sequence; the profiles are the model's and the manager's.
pub(super) fn run(
    seed: u64,
    inputs: u32,
    profiles: (Profile, Profile),
    tamper: fn(&mut Vec<Output>),
) -> Result<Run, Failure> {
    let (mut model, manager) = (Model::new(profiles.0), Manager::new(profiles.1));
    let mut driver = Driver::new(seed, manager);
    let (mut total, mut log) = (Run::default(), VecDeque::new());
    for _ in 0..inputs {
        let input = driver.next_input();
        let mut outputs: Vec<Output> = driver.manager.handle(driver.now, input.clone()).collect();
        driver.manager.check_invariants();
        driver.count_waits(&input, &outputs, &mut total.waits);
        total.methods.count(&input, &outputs);
        driver.learn(&input, &outputs);
        total.inputs += 1;
        total.successes += u64::from(match outputs.last() {
            Some(Output::Reply(outcome)) => matches!(outcome, Outcome::Done(_)),
            _ => true,
        });
        total.count_call(&input, &outputs);
        for output in &outputs {
            total.count(output);
        }
        tamper(&mut outputs);
        log.push_back(format!("{} {input:?}\n      -> {outputs:?}", driver.now));
        if log.len() > 40 {
            log.pop_front();
        }
        let followed = model.follow(driver.now, &input, &outputs);
        if let Err(difference) = followed.and_then(|()| model.compare(&driver.manager)) {
            return Err(Failure { difference, seed, last: log.into() });
        }
    }
    Ok(total)
}

impl Driver {
    fn new(seed: u64, manager: Manager) -> Self {
        Self {
            dice: Dice(seed),
            is_crowded: seed % 2 == 1,
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

    fn next_input(&mut self) -> Input {
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
    fn learn(&mut self, input: &Input, outputs: &[Output]) {
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
