//! A host that does anything a host may do, with clients that do anything at all.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_rtm::*;

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
}

impl Run {
    pub(super) fn add(&mut self, other: Self) {
        self.inputs += other.inputs;
        self.successes += other.successes;
        self.frames += other.frames;
        self.expiries += other.expiries;
        self.inert += other.inert;
        self.dropped += other.dropped;
        self.fetched += other.fetched;
        self.updates_in_place += other.updates_in_place;
        self.violations += other.violations;
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
            Output::Reply(_) | Output::ArmTimer { .. } | Output::DisarmTimer { .. } | Output::Deliver { .. } | Output::Fact(_) => {}
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

struct Driver {
    dice: Dice,
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
    /// What each client owes, as the call that releases it.
    owed: Vec<(EntityHandle, Call)>,
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
        driver.learn(&input, &outputs);
        total.inputs += 1;
        total.successes += u64::from(match outputs.last() {
            Some(Output::Reply(outcome)) => matches!(outcome, Outcome::Done(_)),
            _ => true,
        });
        outputs.iter().for_each(|output| total.count(output));
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
            owed: Vec::new(),
        }
    }

    fn next_input(&mut self) -> Input {
        let registered = self.clients.iter().filter(|client| client.registered).count();
        if registered < 2 || (registered < 6 && self.dice.chance(4)) {
            return self.registration();
        }
        match self.dice.below(100) {
            0..=11 => self.timer(),
            12..=27 => self.invocation(),
            28..=37 => self.end_of_callback(),
            _ => None,
        }
        .unwrap_or_else(|| self.call())
    }

    fn registration(&mut self) -> Input {
        let family = self.dice.one(&[AddressFamily::Ipv4, AddressFamily::Ipv4, AddressFamily::Ipv4, AddressFamily::Ipv6]);
        let instance = u16::from(self.dice.chance(5));
        let id = EntityId {
            protocol: self.dice.one(&[protocol::RIP, protocol::RIP, protocol::OSPF, protocol::BGP, 0, 77]),
            protocol_instance: self.dice.one(&[1, 2]),
        };
        let callback = if self.dice.chance(75) { EventCallback::Given } else { EventCallback::Absent };
        let info = EntityInfo { table: TableId { instance, family }, id };
        let running = self.clients.iter().filter_map(|client| client.running.as_ref()).map(|frame| frame.callback);
        let running: Vec<_> = running.collect();
        let frame = if self.dice.chance(30) { self.dice.pick(&running) } else { None };
        Input::Call { caller: None, frame, call: Call::RegisterEntity { info, callback } }
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
        let running = self.clients.iter().filter_map(|client| client.running.as_ref()).map(|frame| frame.callback);
        let running: Vec<_> = running.collect();
        let statuses = [Status::NotSupported, Status::NotSupported, Status::NoError, Status::InvalidParameter, Status::Other(9)];
        let status = self.dice.one(&statuses);
        self.dice.pick(&running).map(|callback| Input::CallbackReturned { callback, status })
    }

    fn call(&mut self) -> Input {
        let gone = self.dice.chance(2);
        let candidates: Vec<usize> =
            (0..self.clients.len()).filter(|place| gone || self.clients[*place].registered).collect();
        let place = self.dice.one(&candidates);
        let caller = self.clients[place].entity;
        let frame = match self.clients[place].running.as_ref().map(|frame| frame.callback) {
            Some(running) if self.dice.chance(85) => Some(running),
            _ if self.dice.chance(2) => self.dice.pick(&self.old_callbacks),
            _ => None,
        };
        let call = match self.clients[place].plan.pop_front() {
            Some(call) if self.dice.chance(85) => call,
            _ => self.some_call(place),
        };
        Input::Call { caller: Some(caller), frame, call }
    }

    /// Notes what came out, as a host and its clients do.
    fn learn(&mut self, input: &Input, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Reply(outcome) => self.learn_reply(input, outcome),
                Output::ArmTimer { timer, at, generation } => self.timers.push((*timer, *generation, *at)),
                Output::DisarmTimer { timer } => {
                    let (gone, kept): (Vec<_>, _) = self.timers.drain(..).partition(|(known, ..)| known == timer);
                    self.timers = kept;
                    self.old_timers.extend(gone.into_iter().map(|(timer, generation, _)| (timer, generation)));
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
                Output::Fact(Fact::RouteAdded(name)) => self.routes.push(name.route),
                Output::Fact(_) => {}
            }
        }
        if let Input::CallbackReturned { callback, .. } = input {
            let running = |client: &&mut Client| client.running.as_ref().is_some_and(|frame| frame.callback == *callback);
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
                    Call::UpdateAndUnlockRoute { route: *route, edited, time_to_live_ms: u32::MAX },
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

    fn learn_reply(&mut self, input: &Input, outcome: &Outcome) {
        let (Input::Call { caller, call, .. }, Outcome::Done(reply)) = (input, outcome) else { return };
        if let (Call::RegisterEntity { info, .. }, Reply::RegisterEntity { entity, .. }) = (call, reply) {
            let (due, plan) = (VecDeque::new(), VecDeque::new());
            self.clients.push(Client { entity: *entity, info: *info, registered: true, due, running: None, plan });
        }
        let Some(caller) = *caller else { return };
        if released(call) {
            if let Some(place) = self.owed.iter().position(|(by, owed)| *by == caller && owed == call) {
                self.owed.swap_remove(place);
            }
        }
        match reply {
            Reply::RegisterEntity { .. } | Reply::IsBestRoute { .. } | Reply::DeleteRouteToDest { .. } => {}
            Reply::Nothing => {
                if *call == Call::DeregisterEntity {
                    let client = self.client(caller);
                    client.registered = false;
                    client.plan.clear();
                }
            }
            Reply::GetRegisteredEntities { handles, .. } => {
                self.owed.push((caller, Call::ReleaseEntities { entities: handles.clone() }));
            }
            Reply::GetEntityInfo { .. } => {
                if let Call::GetEntityInfo { entity } = call {
                    self.owed.push((caller, Call::ReleaseEntityInfo { entity: *entity }));
                }
            }
            Reply::AddRouteToDest { route, .. } => {
                if let (Some(route), Call::AddRouteToDest { route: HandleArgument::Null, .. }) = (route, call) {
                    self.owed.push((caller, Call::ReleaseRoutes { routes: Vec::from([*route]) }));
                }
            }
            Reply::LockRoute { info } => self.dests.extend(info.iter().map(|info| info.dest)),
            Reply::UpdateAndUnlockRoute { .. } => {}
            Reply::GetRouteInfo { info, .. } => {
                self.dests.push(info.dest);
                self.owed.push((caller, Call::ReleaseRouteInfo { info: info.clone() }));
            }
            Reply::Dest { info } => {
                self.dests.push(info.dest);
                let release = if self.dice.chance(50) {
                    Call::ReleaseDestInfo { info: info.clone() }
                } else {
                    Call::ReleaseDests { infos: Vec::from([info.clone()]) }
                };
                self.owed.push((caller, release));
            }
            Reply::AddNextHop { next_hop, .. } => {
                if let (Some(next_hop), Call::AddNextHop { next_hop: HandleArgument::Null, .. }) = (next_hop, call) {
                    self.next_hops.push(*next_hop);
                    self.owed.push((caller, Call::ReleaseNextHops { next_hops: Vec::from([*next_hop]) }));
                }
            }
            Reply::FindNextHop { next_hop, .. } => {
                self.next_hops.push(*next_hop);
                self.owed.push((caller, Call::ReleaseNextHops { next_hops: Vec::from([*next_hop]) }));
            }
            Reply::GetNextHopInfo { info } => {
                self.owed.push((caller, Call::ReleaseNextHopInfo { info: *info }));
            }
            Reply::RegisterForChangeNotification { notify } => self.registrations.push((*notify, caller)),
            Reply::GetChangedDests { infos } => {
                self.dests.extend(infos.iter().map(|info| info.dest));
                if let Call::GetChangedDests { notify, .. } = call {
                    self.owed.push((caller, Call::ReleaseChangedDests { notify: *notify, infos: infos.clone() }));
                }
            }
            Reply::GetChangeStatus { .. } | Reply::IsMarkedForChangeNotification { .. } => {}
        }
    }
}

fn released(call: &Call) -> bool {
    call.function().name().starts_with("RtmRelease")
}

/// What clients think up.
impl Driver {
    fn some_call(&mut self, place: usize) -> Call {
        let (caller, table) = (self.clients[place].entity, self.clients[place].info.table);
        match self.dice.below(100) {
            0..=17 => self.add_route(caller, table),
            18..=23 => Call::DeleteRouteToDest { route: self.some_route(caller) },
            24..=27 => self.edit(place),
            28..=35 => self.next_hop_call(caller, table),
            36..=47 => self.query(caller, table),
            48..=69 => self.change_call(caller),
            70..=89 => self.release(caller),
            90..=91 => self.entity_call(),
            92 => {
                if self.dice.chance(50) {
                    Call::DeregisterEntity
                } else {
                    self.entity_call()
                }
            }
            _ => {
                let handles = (0..self.dice.below(3)).filter_map(|_| self.some_handle(caller)).collect();
                Call::ReferenceHandles { handles }
            }
        }
    }

    fn address(&mut self, table: TableId) -> NetAddress {
        let family = if self.dice.chance(1) { AddressFamily::Ipv6 } else { table.family };
        if self.dice.chance(1) {
            let bits = u128::from(self.dice.roll()) << 64 | 1;
            return NetAddress::from_raw(family, bits, self.dice.one(&[8, 40, 129]));
        }
        let texts = match family {
            AddressFamily::Ipv4 => ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.0.2.0/24"],
            AddressFamily::Ipv6 => ["::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:2::/48", "fe80::/10"],
        };
        self.dice.one(&texts).parse().expect("an address")
    }

    fn views(&mut self) -> ViewSet {
        let both = ViewSet::UCAST.union(ViewSet::MCAST);
        let odd = ViewSet::from_bits(5);
        self.dice.one(&[both, both, both, ViewSet::UCAST, ViewSet::UCAST, ViewSet::MCAST, ViewSet::ANY, ViewSet::ALL, odd])
    }

    fn route_views(&mut self) -> ViewSet {
        if self.dice.chance(4) {
            return self.views();
        }
        let both = ViewSet::UCAST.union(ViewSet::MCAST);
        self.dice.one(&[both, both, ViewSet::UCAST, ViewSet::UCAST, ViewSet::MCAST, ViewSet::NONE])
    }

    fn time_to_live(&mut self) -> u32 {
        self.dice.one(&[u32::MAX, u32::MAX, u32::MAX, 0, 1, 2, 3, 5, 20])
    }

    /// Next hops of the caller that are in its list, if all is well.
    fn own_hops(&mut self, caller: EntityHandle) -> Vec<NextHopHandle> {
        if self.dice.chance(3) {
            return self.next_hops.clone();
        }
        let listed = |hop: &NextHopHandle| {
            self.manager.next_hop(*hop).is_some_and(|info| info.owner == caller && info.state == NextHopState::Created)
        };
        self.next_hops.iter().filter(|hop| listed(hop)).copied().collect()
    }

    fn spec(&mut self, caller: EntityHandle) -> RouteSpec {
        let hops = self.own_hops(caller);
        let mut next_hops: Vec<NextHopHandle> = (0..self.dice.below(4)).filter_map(|_| self.dice.pick(&hops)).collect();
        if self.dice.chance(90) {
            next_hops.sort();
            next_hops.dedup();
        }
        let flags = [RouteFlags::NONE, RouteFlags::NONE, RouteFlags::BLACKHOLE, RouteFlags::LOCAL];
        RouteSpec {
            neighbour: if self.dice.chance(40) { self.dice.pick(&hops) } else { None },
            flags1: u8::from(self.dice.chance(5)),
            flags: self.dice.one(&flags),
            preference: self.dice.one(&[0, 0, 0, 1, 120]),
            metric: self.dice.one(&[1, 1, 2]),
            views: self.route_views(),
            entity_specific_info: u64::from(self.dice.chance(10)),
            next_hops: next_hops.as_slice().into(),
        }
    }

    /// As it is but for one field.
    fn edited(&mut self, caller: EntityHandle, spec: &RouteSpec) -> RouteSpec {
        let other = self.spec(caller);
        let mut spec = spec.clone();
        match self.dice.below(10) {
            0 => spec.neighbour = other.neighbour,
            1 => spec.flags1 = other.flags1,
            2 => spec.flags = other.flags,
            3 => spec.preference = other.preference,
            4 => spec.metric = other.metric,
            5 => spec.views = other.views,
            6 => spec.entity_specific_info = other.entity_specific_info,
            7 => spec.next_hops = other.next_hops,
            _ => {}
        }
        spec
    }

    fn some_route(&mut self, caller: EntityHandle) -> RouteHandle {
        let own = |route: &RouteHandle| {
            self.manager.route(*route).is_some_and(|info| info.owner == caller && info.state == RouteState::Created)
        };
        let own: Vec<_> = self.routes.iter().filter(|route| own(route)).copied().collect();
        let of_any = self.dice.chance(15);
        match self.dice.pick(if of_any || own.is_empty() { &self.routes } else { &own }) {
            Some(route) => route,
            None => stranger(),
        }
    }

    fn add_route(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let flags = [0, 0, 0, 0, 0, 1, 1, 2, 2, 0x1_0000, 3, 8].map(RouteChangeFlags::from_bits);
        let change_flags = self.dice.one(&flags);
        let time_to_live_ms = self.time_to_live();
        let known = self.some_route(caller);
        if let (true, Some(info)) = (self.dice.chance(35), self.manager.route(known)) {
            let spec = self.edited(caller, &info.spec);
            let same = self.manager.dest_address(info.dest).filter(|_| self.dice.chance(95));
            let dest = same.unwrap_or_else(|| self.address(table));
            let by_handle = self.dice.chance(50);
            let route = if by_handle { HandleArgument::Given(known) } else { HandleArgument::Null };
            let change_flags = if by_handle { RouteChangeFlags::NONE } else { change_flags };
            return Call::AddRouteToDest { route, dest, spec, time_to_live_ms, change_flags };
        }
        let mut route = if self.dice.chance(70) { HandleArgument::Null } else { HandleArgument::Absent };
        if self.dice.chance(3) {
            route = HandleArgument::Given(known);
        }
        let (dest, spec) = (self.address(table), self.spec(caller));
        Call::AddRouteToDest { route, dest, spec, time_to_live_ms, change_flags }
    }

    /// Plans to lock, edit and unlock; or does some of it out of turn.
    fn edit(&mut self, place: usize) -> Call {
        let caller = self.clients[place].entity;
        let route = self.some_route(caller);
        let spec = self.manager.route(route).map(|info| info.spec).unwrap_or_default();
        let edited = self.edited(caller, &spec);
        let mode = if self.dice.chance(85) { LockMode::Exclusive } else { LockMode::Shared };
        let lock = Call::LockRoute { route, mode, action: LockAction::Lock };
        let unlock = Call::LockRoute { route, mode, action: LockAction::Unlock };
        let update = Call::UpdateAndUnlockRoute { route, edited: edited.clone(), time_to_live_ms: self.time_to_live() };
        let plan = &mut self.clients[place].plan;
        if !plan.is_empty() {
            return self.dice.one(&[lock, unlock, update]);
        }
        let hops = |spec: &RouteSpec| spec.neighbour.into_iter().chain(spec.next_hops.iter().copied()).collect::<Vec<_>>();
        if edited != spec && self.dice.chance(80) {
            let added: Vec<_> = hops(&edited).into_iter().filter(|hop| !hops(&spec).contains(hop)).collect();
            let removed: Vec<_> = hops(&spec).into_iter().filter(|hop| !hops(&edited).contains(hop)).collect();
            plan.push_back(Call::ReleaseNextHops { next_hops: removed });
            let handles = added.into_iter().map(AnyHandle::NextHop).collect();
            plan.push_back(Call::ReferenceHandles { handles });
        }
        if self.dice.chance(80) {
            plan.push_back(update);
        }
        plan.push_back(unlock);
        lock
    }

    fn next_hop_call(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let host = match table.family {
            AddressFamily::Ipv4 => self.dice.one(&["192.0.2.1/32", "192.0.2.2/32"]),
            AddressFamily::Ipv6 => self.dice.one(&["fe80::1/128", "fe80::2/128"]),
        };
        let (address, interface) = (host.parse().expect("an address"), self.dice.one(&[1, 2]));
        let own = self.own_hops(caller);
        let known = if self.dice.chance(85) { self.dice.pick(&own) } else { self.dice.pick(&self.next_hops) };
        let remote = if self.dice.chance(20) { self.dice.pick(&self.dests) } else { None };
        let flags = if remote.is_some() { NextHopFlags::REMOTE } else { NextHopFlags::NONE };
        let entity_specific_info = self.dice.below(3) as u64;
        let spec = NextHopSpec { address, interface, flags, entity_specific_info, remote };
        match (self.dice.below(12), known) {
            (0, Some(known)) => Call::DeleteNextHop { target: NextHopTarget::Handle(known) },
            (1, _) => Call::DeleteNextHop { target: NextHopTarget::Identity { address, interface } },
            (2, _) => Call::FindNextHop { address, interface },
            (3 | 4, Some(known)) => Call::GetNextHopInfo { next_hop: known },
            (5, Some(known)) => {
                let same = self.manager.next_hop(known).map_or(spec, |info| info.spec);
                let spec = if self.dice.chance(80) { NextHopSpec { entity_specific_info, remote, ..same } } else { spec };
                Call::AddNextHop { next_hop: HandleArgument::Given(known), spec }
            }
            (6, _) => Call::AddNextHop { next_hop: HandleArgument::Absent, spec },
            _ => Call::AddNextHop { next_hop: HandleArgument::Null, spec },
        }
    }

    fn query(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let protocol = match self.dice.below(4) {
            0 | 1 => ProtocolSelector::Best,
            2 => ProtocolSelector::This,
            _ => ProtocolSelector::Protocol(self.dice.one(&[protocol::RIP, protocol::BGP, 5])),
        };
        let (address, views) = (self.address(table), self.views());
        let route = self.some_route(caller);
        match (self.dice.below(10), self.dice.pick(&self.dests)) {
            (0..=1, _) => Call::GetExactMatchDestination { address, protocol, views },
            (2..=3, _) => Call::GetMostSpecificDestination { address, protocol, views },
            (4..=6, Some(dest)) => Call::GetDestInfo { dest, protocol, views },
            (7, _) => Call::IsBestRoute { route },
            _ => Call::GetRouteInfo { route },
        }
    }

    fn change_call(&mut self, caller: EntityHandle) -> Call {
        let own: Vec<_> = self.registrations.iter().filter(|(_, owner)| *owner == caller).map(|(notify, _)| *notify).collect();
        let any: Vec<_> = self.registrations.iter().map(|(notify, _)| *notify).collect();
        let notify = if self.dice.chance(95) { self.dice.pick(&own) } else { self.dice.pick(&any) };
        let (views, dest) = (self.views(), self.dice.pick(&self.dests));
        let count = self.dice.one(&[1, 1, 2, 2, 0, 16, 17]);
        match (self.dice.below(20), notify, dest) {
            (0..=6, Some(notify), _) => Call::GetChangedDests { notify, count },
            (7, Some(notify), _) => Call::DeregisterFromChangeNotification { notify },
            (8..=9, Some(notify), Some(dest)) => Call::GetChangeStatus { notify, dest },
            (10..=11, Some(notify), Some(dest)) => {
                let another = self.dice.pick(&self.dests).filter(|_| self.dice.chance(50));
                Call::IgnoreChangedDests { notify, dests: another.into_iter().chain([dest]).collect() }
            }
            (12..=14, Some(notify), Some(dest)) => {
                let mark = self.dice.one(&[Marking::Mark, Marking::Mark, Marking::Unmark]);
                Call::MarkDestForChangeNotification { notify, dest, mark }
            }
            (15..=16, Some(notify), Some(dest)) => Call::IsMarkedForChangeNotification { notify, dest },
            _ => {
                let flags = self.dice.one(&[1, 2, 4, 1, 2, 4, 3, 7, 0x1_0001, 0x1_0002, 0x1_0004, 0x1_0000]);
                let own_changes = if self.dice.chance(80) { OwnChanges::Included } else { OwnChanges::Suppressed };
                let (flags, context) = (NotifyFlags::from_bits(flags), self.dice.roll());
                Call::RegisterForChangeNotification { views, flags, context, own_changes }
            }
        }
    }

    fn entity_call(&mut self) -> Call {
        let entity = self.dice.one(&self.clients.iter().map(|client| client.entity).collect::<Vec<_>>());
        let handles = if self.dice.chance(70) { ListedHandles::Wanted } else { ListedHandles::NotWanted };
        let capacity = self.dice.one(&[0, 2, 9, 9, 9]);
        if self.dice.chance(50) {
            Call::GetEntityInfo { entity }
        } else {
            Call::GetRegisteredEntities { capacity, handles }
        }
    }

    /// Mostly what is owed; now and then through the wrong function, of others, or twice.
    fn release(&mut self, caller: EntityHandle) -> Call {
        let own: Vec<_> = self.owed.iter().filter(|(by, _)| *by == caller).map(|(_, call)| call.clone()).collect();
        let any: Vec<_> = self.owed.iter().map(|(_, call)| call.clone()).collect();
        let mostly_own = self.dice.chance(95);
        let owed = self.dice.pick(if mostly_own { &own } else { &any });
        let handle = self.some_handle(caller);
        match (owed, handle) {
            (Some(Call::ReleaseChangedDests { infos, .. }), _) if self.dice.chance(10) => Call::ReleaseDests { infos },
            (Some(Call::ReleaseDests { infos }), _) if self.dice.chance(5) && !self.registrations.is_empty() => {
                let (notify, _) = self.dice.one(&self.registrations);
                Call::ReleaseChangedDests { notify, infos }
            }
            (_, Some(handle)) if self.dice.chance(5) => Call::ReleaseHandle { handle },
            (Some(owed), _) => owed,
            (None, _) => Call::ReleaseRoutes { routes: Vec::new() },
        }
    }

    fn some_handle(&mut self, caller: EntityHandle) -> Option<AnyHandle> {
        match self.dice.below(4) {
            0 => Some(AnyHandle::Entity(self.dice.one(&self.clients.iter().map(|client| client.entity).collect::<Vec<_>>()))),
            1 => self.dice.pick(&self.dests).map(AnyHandle::Dest),
            2 => Some(AnyHandle::Route(self.some_route(caller))),
            _ => {
                let hops = self.own_hops(caller);
                self.dice.pick(&hops).map(AnyHandle::NextHop)
            }
        }
    }
}

/// Returns the handle of a route that is not in this manager, nor ever was: the last of many in another one.
fn stranger() -> RouteHandle {
    let mut manager = Manager::new(Profile::default());
    let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
    let info = EntityInfo { table, id: EntityId { protocol: protocol::RIP, protocol_instance: 1 } };
    let register = Call::RegisterEntity { info, callback: EventCallback::Absent };
    manager.handle(0, Input::Call { caller: None, frame: None, call: register });
    let caller = manager.entities(table).next();
    for _ in 0..250 {
        let add = Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest: "10.0.0.0/8".parse().expect("an address"),
            spec: RouteSpec::default(),
            time_to_live_ms: u32::MAX,
            change_flags: RouteChangeFlags::NEW,
        };
        manager.handle(0, Input::Call { caller, frame: None, call: add });
    }
    *manager.routes(table).last().expect("many routes")
}
