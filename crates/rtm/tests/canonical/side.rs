//! A manager with clients around it, whose calls are the same wherever the handles that they hold mean the same.

use core::hash::{Hash, Hasher};
use std::collections::{BTreeMap, VecDeque};

use tiebreak_rtm::*;

/// How many clients there are.
pub(crate) const CLIENTS: usize = 4;

const PREFIXES: [&str; 4] = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"];
const SECOND: u64 = 1_000_000_000;

/// Draws that are always the same.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or_default()
    }

    pub(crate) fn fork(&mut self) -> Self {
        Self::new(self.next())
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.below(from.len())].clone())
    }
}

/// Keeps all that is hashed, so that nothing is equal by chance.
#[derive(Default)]
pub(crate) struct Everything(pub(crate) Vec<u8>);

impl Hasher for Everything {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// What a client holds.
#[derive(Default, Hash)]
struct Held {
    entity: Option<EntityHandle>,
    routes: Vec<RouteHandle>,
    next_hops: Vec<NextHopHandle>,
    notifies: Vec<NotifyHandle>,
    dests: Vec<DestInfo>,
    lists: Vec<RouteListHandle>,
    enumerations: Vec<EnumHandle>,
    changed: Vec<(NotifyHandle, Vec<DestInfo>)>,
    /// Delivered to it and not invoked.
    queued: VecDeque<CallbackId>,
    running: Option<CallbackFrame>,
    /// Calls that wait, and the registration whose changes they fetch.
    waiting: Vec<(Ticket, Option<NotifyHandle>)>,
    ready: Vec<Ticket>,
    /// Its methods that run.
    methods: Vec<MethodFrame>,
}

pub(crate) struct Side {
    pub(crate) manager: Manager,
    now: u64,
    timers: BTreeMap<TimerKey, (u64, u32)>,
    clients: Vec<Held>,
    outputs: Vec<Output>,
}

fn info(client: usize) -> EntityInfo {
    let protocol = [protocol::RIP, protocol::RIP, protocol::OSPF, protocol::BGP][client];
    let id = EntityId { protocol, protocol_instance: u32::try_from(client).unwrap_or_default() };
    EntityInfo { table: TableId { instance: 0, family: AddressFamily::Ipv4 }, id }
}

fn method_call(dice: &mut Dice, others: &[EntityHandle]) -> Call {
    match (dice.below(5), dice.pick(others)) {
        (0, _) | (_, None) => Call::BlockMethods { target: None, action: MethodBlocking::Block },
        (1, _) => Call::BlockMethods { target: None, action: MethodBlocking::Resume },
        (_, Some(entity)) => {
            let methods = [MethodTypes::ALL, MethodTypes::from_bits(1)][dice.below(2)];
            Call::InvokeMethod { entity, methods, input: dice.below(2) as u64, capacity: 32 }
        }
    }
}

impl Side {
    /// All clients have registered, each with two next hops, a route and a registration for changes.
    pub(crate) fn new(policy: usize) -> Self {
        let profile = Profile {
            ties: [Ties::Incumbent, Ties::OwnerId][policy % 2],
            leftovers: [Leftovers::Cleaned, Leftovers::Orphaned][policy / 2],
            ..Profile::default()
        };
        let manager = Manager::new(profile);
        let clients = (0..CLIENTS).map(|_| Held::default()).collect();
        let mut side = Self { manager, now: 0, timers: BTreeMap::new(), clients, outputs: Vec::new() };
        for client in 0..CLIENTS {
            side.register(client);
        }
        side
    }

    fn register(&mut self, client: usize) {
        let callback = if client == 3 { EventCallback::Absent } else { EventCallback::Given };
        let reserve_opaque_pointer = [OpaqueSlot::Reserved, OpaqueSlot::NotReserved][client % 2];
        let methods = [2, 0, 1, 3][client];
        let call = Call::RegisterEntity { info: info(client), methods, callback, reserve_opaque_pointer };
        self.feed(client, Input::Call { caller: None, frame: None, call });
    }

    /// Hands an input of a client to the manager, and keeps what comes of it.
    fn feed(&mut self, client: usize, input: Input) {
        let drained = match &input {
            Input::Call { call: Call::GetChangedDests { notify, .. }, .. } => Some(*notify),
            Input::Resume { ticket } => self.clients[client].take_waiting(*ticket),
            _ => None,
        };
        let outputs: Vec<Output> = self.manager.handle(self.now, input).collect();
        for output in &outputs {
            match output {
                Output::ArmTimer { timer, at, generation } => {
                    self.timers.insert(*timer, (*at, *generation));
                }
                Output::DisarmTimer { timer } => {
                    self.timers.remove(timer);
                }
                Output::Deliver { to, callback, .. } => self.held_by(*to).queued.push_back(*callback),
                Output::Drop { to, callback } => self.held_by(*to).queued.retain(|other| other != callback),
                Output::Frame(frame) => self.clients[client].running = Some(frame.clone()),
                Output::Reply(Outcome::Done(reply)) => self.clients[client].keep(drained, reply),
                Output::Reply(Outcome::Pending(ticket)) => {
                    self.clients[client].waiting.push((*ticket, drained));
                }
                Output::Method(frame) => self.held_by(frame.to).methods.push(*frame),
                // Who has invoked methods is told too when it has left, and perhaps has come back.
                Output::Ready { to, ticket } => {
                    let mut clients = self.clients.iter_mut();
                    if let Some(held) = clients.find(|held| held.entity == Some(*to)) {
                        held.ready.push(*ticket);
                    }
                }
                Output::Reply(_) | Output::Inert { .. } | Output::Fact(_) => {}
                Output::Refused { error, .. } => panic!("{error}"),
            }
        }
        self.manager.check_invariants();
        self.outputs.extend(outputs);
    }

    fn held_by(&mut self, entity: EntityHandle) -> &mut Held {
        let client = self.clients.iter_mut().find(|held| held.entity == Some(entity));
        client.expect("who is told has registered")
    }

    /// Lets a client do something, with what it holds and with these routes.
    pub(crate) fn play(&mut self, client: usize, dice: &mut Dice, routes: &[RouteHandle]) {
        let others: Vec<EntityHandle> = self.clients.iter().filter_map(|held| held.entity).collect();
        let held = &mut self.clients[client];
        match dice.below(42) {
            37..39 if !held.methods.is_empty() => {
                let frame = held.methods.remove(dice.below(held.methods.len()));
                let (status, output) = (Status::NoError, dice.below(2) as u64);
                self.feed(client, Input::MethodReturned { invocation: frame.invocation, status, output });
            }
            39..42 => {
                let inside = held.methods.last().map(|frame| frame.invocation).filter(|_| dice.below(2) == 0);
                let call = method_call(dice, &others);
                let caller = held.entity;
                let call = match inside {
                    Some(invocation) => Input::CallInMethod { caller, invocation, call },
                    None => Input::Call { caller, frame: None, call },
                };
                self.feed(client, call);
            }
            34..37 if !held.ready.is_empty() => {
                let ticket = held.ready.remove(dice.below(held.ready.len()));
                self.feed(client, Input::Resume { ticket });
            }
            0 if !routes.is_empty() => self.pass(dice),
            1..4 if held.running.is_none() => {
                if let Some(callback) = held.queued.pop_front() {
                    self.feed(client, Input::Invoke { callback });
                }
            }
            4..7 => {
                if let Some(frame) = held.running.take() {
                    let status = [Status::NoError, Status::NotSupported][dice.below(2)];
                    self.feed(client, Input::CallbackReturned { callback: frame.callback, status });
                }
            }
            7 if !routes.is_empty() => self.register(client),
            _ => {
                let frame = held.running.as_ref().map(|frame| frame.callback);
                let frame = frame.filter(|_| dice.below(2) == 0);
                if let Some(call) = held.call(dice, routes) {
                    let caller = held.entity;
                    self.feed(client, Input::Call { caller, frame, call });
                }
            }
        }
    }

    /// Lets time pass up to a second after the timer that is due first.
    fn pass(&mut self, dice: &mut Dice) {
        let until = self.now + dice.below(3) as u64 * SECOND;
        let due = |side: &Self| {
            let armed = side.armable();
            let armed = armed.into_iter().filter_map(|timer| Some((timer, *side.timers.get(&timer)?)));
            armed.min_by_key(|(_, armed)| *armed).filter(|(_, (at, _))| *at <= until)
        };
        while let Some((timer, (at, generation))) = due(self) {
            self.timers.remove(&timer);
            self.now = at;
            self.feed(0, Input::TimerFired { timer, generation });
        }
        self.now = until;
    }

    /// Everything that may have a timer, in the order of its name.
    fn armable(&self) -> Vec<TimerKey> {
        let naming = self.manager.naming();
        naming.routes().map(TimerKey::Route).chain(naming.dests().map(TimerKey::Hold)).collect()
    }

    /// All that decides how the manager and its clients go on, with handles by their names.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut said = Everything::default();
        self.manager.hash(&mut said);
        let naming = self.manager.naming();
        let mut state = naming.hasher(&mut said, &());
        (self.now, &self.clients).hash(&mut state);
        for timer in self.armable() {
            self.timers.get(&timer).hash(&mut state);
        }
        said.0
    }

    /// All handles, as they are.
    pub(crate) fn handles(&self) -> Vec<u64> {
        let naming = self.manager.naming();
        let numbers =
            naming.routes().map(RouteHandle::to_bits).chain(naming.dests().map(DestHandle::to_bits));
        let numbers = numbers.chain(naming.next_hops().map(NextHopHandle::to_bits));
        let numbers = numbers.chain(naming.registrations().map(NotifyHandle::to_bits));
        let numbers = numbers.chain(naming.tickets().map(Ticket::to_bits));
        let numbers = numbers.chain(naming.route_lists().map(RouteListHandle::to_bits));
        let numbers = numbers.chain(naming.enumerations().map(EnumHandle::to_bits));
        numbers.chain(naming.callbacks().map(CallbackId::to_bits)).collect()
    }

    /// What the manager says while something is done, with handles by their names before, or else after that.
    pub(crate) fn told(&mut self, act: impl FnOnce(&mut Self)) -> Vec<String> {
        self.outputs.clear();
        let mut names = self.names("");
        act(self);
        for (handle, name) in self.names("new ") {
            names.entry(handle).or_insert(name);
        }
        let mut said: Vec<String> =
            self.outputs.iter().map(|output| renamed(&format!("{output:?}"), &names)).collect();
        // Which of two leaks of one place is told first is decided by their handles.
        let is_leak = |line: &String| line.starts_with("Fact(Leak");
        let mut leaks: Vec<String> = said.iter().filter(|line| is_leak(line)).cloned().collect();
        leaks.sort();
        said.retain(|line| !is_leak(line));
        said.extend(leaks);
        said
    }

    fn names(&self, kind: &str) -> BTreeMap<String, String> {
        let naming = self.manager.naming();
        let mut names = BTreeMap::new();
        let mut name = |handles: Vec<String>, noun: &str| {
            let numbered = handles.into_iter().zip(1..);
            names.extend(numbered.map(|(handle, code)| (handle, format!("{kind}{noun} {code}"))));
        };
        name(naming.entities().map(|handle| handle.to_string()).collect(), "entity");
        name(naming.dests().map(|handle| handle.to_string()).collect(), "dest");
        name(naming.next_hops().map(|handle| handle.to_string()).collect(), "next hop");
        name(naming.routes().map(|handle| handle.to_string()).collect(), "route");
        name(naming.registrations().map(|handle| handle.to_string()).collect(), "registration");
        name(naming.tickets().map(|handle| handle.to_string()).collect(), "ticket");
        name(naming.callbacks().map(|handle| handle.to_string()).collect(), "callback");
        name(naming.route_lists().map(|handle| handle.to_string()).collect(), "route list");
        name(naming.enumerations().map(|handle| handle.to_string()).collect(), "enumeration");
        names
    }
}

/// A text with other names for handles.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || "#.-".contains(letter);
    let (mut renamed, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let name = if word.contains('#') { names.get(word).map_or("gone", String::as_str) } else { word };
        renamed.push_str(name);
        let next = after.chars().next().map_or(0, char::len_utf8);
        renamed.push_str(&after[..next]);
        rest = &after[next..];
    }
    renamed
}

impl Held {
    /// Takes a call that has waited; tells what it drains.
    fn take_waiting(&mut self, ticket: Ticket) -> Option<NotifyHandle> {
        let place = self.waiting.iter().position(|(other, _)| *other == ticket);
        self.waiting.remove(place.expect("what is ready has waited")).1
    }

    /// Keeps what a call has answered; what was drained is of this registration.
    fn keep(&mut self, drained: Option<NotifyHandle>, reply: &Reply) {
        match reply {
            Reply::RegisterEntity { entity, .. } => self.entity = Some(*entity),
            Reply::AddRouteToDest { route, .. } => self.routes.extend(*route),
            Reply::AddNextHop { next_hop, .. } => self.next_hops.extend(*next_hop),
            Reply::RegisterForChangeNotification { notify } => self.notifies.push(*notify),
            Reply::Dest { info } => self.dests.push(info.clone()),
            Reply::GetEnumDests { infos } => self.dests.extend(infos.iter().cloned()),
            Reply::GetEnumRoutes { routes } | Reply::GetListEnumRoutes { routes } => {
                self.routes.extend(routes.iter().copied());
            }
            Reply::CreateRouteList { list } => self.lists.push(*list),
            Reply::CreateEnum { enumeration } => self.enumerations.push(*enumeration),
            Reply::GetChangedDests { infos } => {
                self.changed.extend(drained.map(|notify| (notify, infos.clone())));
            }
            _ => {}
        }
    }

    fn spec(&self, dice: &mut Dice) -> RouteSpec {
        RouteSpec {
            neighbour: dice.pick(&self.next_hops).filter(|_| dice.below(2) == 0),
            next_hops: dice.pick(&self.next_hops).into_iter().collect(),
            views: [ViewSet::UCAST, ViewSet::MCAST, ViewSet::ALL][dice.below(3)],
            preference: [0, 7][dice.below(2)],
            metric: u32::try_from(dice.below(2)).unwrap_or_default(),
            ..RouteSpec::default()
        }
    }

    /// A call that concerns a route list or an enumeration.
    fn enumerating(&self, dice: &mut Dice, address: NetAddress) -> Option<Call> {
        let (views, protocol) = ([ViewSet::ANY, ViewSet::UCAST][dice.below(2)], ProtocolSelector::Best);
        let (flags, address) =
            [(EnumFlags::START, None), (EnumFlags::NEXT, Some(address)), (EnumFlags::RANGE, Some(address))]
                [dice.below(3)];
        let count = u32::try_from(dice.below(2)).unwrap_or_default() + 1;
        Some(match dice.below(20) {
            0 => Call::CreateRouteList,
            1..4 => Call::InsertInRouteList {
                list: dice.pick(&self.lists),
                routes: vec![dice.pick(&self.routes)?],
            },
            4 => Call::CreateRouteListEnum { list: dice.pick(&self.lists)? },
            5..7 => Call::GetListEnumRoutes { enumeration: dice.pick(&self.enumerations)?, count },
            7 => Call::DeleteRouteList { list: dice.pick(&self.lists)? },
            8 => Call::CreateDestEnum { views, flags, address, protocol },
            9..11 => Call::GetEnumDests { enumeration: dice.pick(&self.enumerations)?, count },
            11 | 12 => Call::CreateRouteEnum {
                dest: dice.pick(&self.dests).map(|info| info.dest).filter(|_| dice.below(2) == 0),
                views,
                flags,
                start: address,
                matching: [MatchFlags::NONE, MatchFlags::OWNER][dice.below(2)],
                criteria: Some(RouteCriteria { owner: self.entity, ..RouteCriteria::default() }),
                interface: 0,
            },
            13..16 => Call::GetEnumRoutes { enumeration: dice.pick(&self.enumerations)?, count },
            16 => Call::CreateNextHopEnum { flags: EnumFlags::START, address: None },
            17..19 => Call::GetEnumNextHops { enumeration: dice.pick(&self.enumerations)?, count },
            _ => Call::DeleteEnumHandle { enumeration: dice.pick(&self.enumerations)? },
        })
    }

    fn adding_a_next_hop(&self, dice: &mut Dice) -> Call {
        let remote = dice.pick(&self.dests).map(|info| info.dest).filter(|_| dice.below(3) == 0);
        let interface = u32::try_from(dice.below(3)).unwrap_or_default();
        let local = NextHopSpec::local("192.0.2.1/32".parse().expect("a host"), interface);
        Call::AddNextHop { next_hop: HandleArgument::Null, spec: NextHopSpec { remote, ..local } }
    }

    /// A call that locks or unlocks.
    fn locking(&self, dice: &mut Dice) -> Option<Call> {
        let mode = [LockMode::Exclusive, LockMode::Shared][dice.below(2)];
        let action = [LockAction::Lock, LockAction::Unlock][dice.below(2)];
        Some(match dice.below(3) {
            0 => Call::LockRoute { route: dice.pick(&self.routes)?, mode, action },
            1 => Call::LockDestination { dest: dice.pick(&self.dests)?.dest, mode, action },
            _ => Call::LockNextHop { next_hop: dice.pick(&self.next_hops)?, mode, action, edited: None },
        })
    }

    /// A call with what the client holds, and with these routes.
    fn call(&self, dice: &mut Dice, routes: &[RouteHandle]) -> Option<Call> {
        let address = PREFIXES[dice.below(PREFIXES.len())].parse().expect("a prefix");
        let known = if routes.is_empty() { &self.routes } else { routes };
        let own = |dice: &mut Dice| dice.pick(&self.routes);
        let notify = |dice: &mut Dice| dice.pick(&self.notifies);
        let dest = |dice: &mut Dice| dice.pick(&self.dests).map(|info| info.dest);
        let list = |dice: &mut Dice| dice.pick(&self.lists);
        if dice.below(3) == 0 {
            return self.enumerating(dice, address);
        }
        if dice.below(8) == 0 {
            return self.locking(dice);
        }
        Some(match dice.below(30) {
            0..6 => Call::AddRouteToDest {
                route: own(dice)
                    .filter(|_| dice.below(3) == 0)
                    .map_or(HandleArgument::Null, HandleArgument::Given),
                dest: address,
                spec: self.spec(dice),
                time_to_live_ms: [INFINITE, 1_000, 2_000][dice.below(3)],
                list: list(dice).filter(|_| dice.below(2) == 0),
                change_flags: [RouteChangeFlags::NONE, RouteChangeFlags::NEW][dice.below(2)],
            },
            6 | 7 => Call::DeleteRouteToDest { route: dice.pick(known)? },
            8 | 9 => self.adding_a_next_hop(dice),
            10 => Call::DeleteNextHop { target: NextHopTarget::Handle(dice.pick(&self.next_hops)?) },
            11 => Call::RegisterForChangeNotification {
                views: ViewSet::ANY,
                flags: [NotifyFlags::ALL, NotifyFlags::ALL.union(NotifyFlags::ONLY_MARKED_DESTS)]
                    [dice.below(2)],
                context: 0,
                own_changes: OwnChanges::Included,
            },
            12 => Call::DeregisterFromChangeNotification { notify: notify(dice)? },
            13..16 => Call::GetChangedDests { notify: notify(dice)?, count: [1, 2, 1][dice.below(3)] },
            16 => {
                let (notify, infos) = dice.pick(&self.changed)?;
                Call::ReleaseChangedDests { notify, infos }
            }
            17 => Call::GetExactMatchDestination {
                address,
                protocol: ProtocolSelector::Best,
                views: ViewSet::ANY,
            },
            18 if dice.below(2) == 0 => {
                Call::SetOpaqueInformation { dest: dest(dice)?, value: dice.below(3) as u64 }
            }
            18 => Call::ReleaseDestInfo { info: dice.pick(&self.dests)? },
            19 | 20 => self.locking(dice)?,
            21 => Call::UpdateAndUnlockRoute {
                route: own(dice)?,
                edited: self.spec(dice),
                time_to_live_ms: 1_000,
                list: list(dice),
            },
            22 => Call::MarkDestForChangeNotification {
                notify: notify(dice)?,
                dest: dest(dice)?,
                mark: [Marking::Mark, Marking::Unmark][dice.below(2)],
            },
            23 => Call::IgnoreChangedDests { notify: notify(dice)?, dests: vec![dest(dice)?] },
            24 => Call::ReferenceHandles { handles: vec![AnyHandle::Route(dice.pick(known)?)] },
            25 => Call::ReleaseRoutes { routes: vec![dice.pick(known)?] },
            26 => Call::get_route_info(dice.pick(known)?),
            27 if dice.below(2) == 0 => Call::HoldDestination {
                dest: dest(dice)?,
                views: [ViewSet::UCAST, ViewSet::MCAST, ViewSet::ANY][dice.below(3)],
                hold_time_ms: [1_000, 2_000][dice.below(2)],
            },
            27 => Call::IsBestRoute { route: dice.pick(known)? },
            28 if !routes.is_empty() => {
                Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::NotWanted }
            }
            29 if !routes.is_empty() && dice.below(3) == 0 => Call::DeregisterEntity,
            _ => return None,
        })
    }
}
