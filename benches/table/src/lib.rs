//! The routing table manager at the size of a full table, driven without a simulation around it.
//!
//! ```text
//!   synthetic(count) ──▶ Table::prepared(workload, routes) ──▶ run(workload, operations) ──▶ digest
//! ```
//!
//! Everything that is measured is a [`Workload`]: a table of so many routes, and operations on it. The same ones are timed by
//! `benches/table.rs` and counted under callgrind by the program `table`.

#![expect(clippy::cast_possible_truncation, reason = "what is drawn is cut to what is needed")]

use core::ops::Bound;
use tiebreak_kernel::{fold, mix};
use tiebreak_rtm::{
    AddressFamily, AnyHandle, Call, DestHandle, DestInfo, EntityHandle, EntityId, EntityInfo, EnumFlags,
    EnumHandle, EventCallback, Facts, HandleArgument, INFINITE, Input, Manager, NetAddress, NextHopHandle,
    NextHopSpec, NotifyFlags, NotifyHandle, OpaqueSlot, Outcome, Output, OwnChanges, Profile,
    ProtocolSelector, Reply, RouteChangeFlags, RouteHandle, RouteSpec, TableId, ViewId, ViewSet,
};

const TABLE: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };
/// Elements of a batch.
const BATCH: u32 = 64;
/// As many routes as the fullest destinations of a recorded table have.
const CANDIDATES: usize = 35;
/// Registrations that are told of one change.
const AUDIENCE: u32 = 4_096;
/// Routes that can be loaded into a table that has been prepared.
const LOADED_BESIDES: usize = 100_000;
/// The protocol numbers of the clients begin here.
const FIRST_PROTOCOL: u32 = 1_000;

/// Is what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Adds a route to a new destination.
    Load,
    /// Finds the destination of a prefix, and gives it back.
    Exact,
    /// Finds the destination of a prefix, without references.
    Find,
    /// The same, of 64 prefixes at once.
    FindMany,
    /// Finds the destination of the longest prefix that covers an address, and gives it back.
    Longest,
    /// The same, without references: what a forwarder would do.
    Forward,
    /// The same, of 64 addresses at once.
    ForwardMany,
    /// Reads the destinations of a view with their best routes, in order and without references; an operation is a destination.
    Read,
    /// Reads the table in batches, and gives each back; an operation is a destination.
    Enumerate,
    /// Changes the metric of the only route of a destination; nobody is registered for changes.
    Unheard,
    /// The same while one client is registered for changes of a view that the route is not in.
    Unconcerned,
    /// Sends the same route again: only its time to live starts anew.
    Refresh,
    /// Makes another of 35 routes of a destination the best one.
    Best,
    /// Deletes a route, and adds it anew.
    Flap,
    /// Takes a reference, and gives it back.
    Reference,
    /// Changes a destination that 4,096 registrations are told of; an operation is a registration.
    Tell,
    /// Fetches changes in batches, and gives each back; an operation is a changed destination.
    Drain,
}

impl Workload {
    /// All of them, with the names they are called by.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::Load, "load"),
        (Self::Exact, "exact"),
        (Self::Find, "find"),
        (Self::FindMany, "find-many"),
        (Self::Longest, "longest"),
        (Self::Forward, "forward"),
        (Self::ForwardMany, "forward-many"),
        (Self::Read, "read"),
        (Self::Enumerate, "enumerate"),
        (Self::Unheard, "unheard"),
        (Self::Unconcerned, "unconcerned"),
        (Self::Refresh, "refresh"),
        (Self::Best, "best"),
        (Self::Flap, "flap"),
        (Self::Reference, "reference"),
        (Self::Tell, "tell"),
        (Self::Drain, "drain"),
    ];

    /// Finds a workload by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(workload, _)| *workload)
    }
}

/// Is a manager with clients and routes, and the state of one workload.
#[derive(Clone, Debug)]
pub struct Table {
    manager: Manager,
    outputs: Vec<Output>,
    clients: Vec<(EntityHandle, NextHopHandle)>,
    prefixes: Vec<NetAddress>,
    /// The routes in the order of their prefixes, where a workload needs them.
    routes: Vec<RouteHandle>,
    registrations: Vec<NotifyHandle>,
    enumeration: Option<EnumHandle>,
    /// Where to go on with reading.
    read_to: Bound<NetAddress>,
    /// How many prefixes have been loaded.
    loaded: usize,
    /// How many operations there were.
    done: u64,
    digest: u64,
}

impl Table {
    /// Makes a manager with so many clients.
    ///
    /// # Panics
    /// If the manager refuses one, which it does not.
    #[must_use]
    pub fn new(clients: usize) -> Self {
        let profile = Profile { max_handles_in_enum: BATCH, max_notify: AUDIENCE, ..Profile::default() };
        let mut manager = Manager::new(profile);
        manager.set_facts(Facts::Untold);
        let mut table = Self {
            manager,
            outputs: Vec::new(),
            clients: Vec::new(),
            prefixes: Vec::new(),
            routes: Vec::new(),
            registrations: Vec::new(),
            enumeration: None,
            read_to: Bound::Unbounded,
            loaded: 0,
            done: 0,
            digest: 0,
        };
        for number in (FIRST_PROTOCOL..).take(clients) {
            table.register(number);
        }
        table
    }

    /// Makes a table of so many routes, ready for a workload.
    #[must_use]
    pub fn prepared(workload: Workload, routes: usize) -> Self {
        let mut table = Self::new(if workload == Workload::Best { CANDIDATES } else { 1 });
        // What is loaded besides comes behind what is there.
        let besides = if workload == Workload::Load { LOADED_BESIDES } else { 0 };
        table.prefixes = synthetic(routes + besides);
        if workload == Workload::Best {
            table.prefixes.truncate(routes.div_ceil(CANDIDATES));
            table.load_with_owners();
        } else if matches!(workload, Workload::Flap | Workload::Reference) {
            table.load_with_handles();
        } else {
            table.load(0..routes);
        }
        if workload == Workload::Tell {
            (0..AUDIENCE).for_each(|_| table.subscribe(ViewSet::ANY));
        } else if workload == Workload::Unconcerned {
            table.subscribe(ViewSet::MCAST);
        } else if workload == Workload::Drain {
            table.subscribe(ViewSet::ANY);
            (0..routes).for_each(|at| table.set_metric(at, 2));
        }
        table
    }

    fn call(&mut self, client: Option<EntityHandle>, call: Call) -> Outcome {
        self.outputs.clear();
        self.manager.handle_into(0, Input::Call { caller: client, frame: None, call }, &mut self.outputs);
        let Some(Output::Reply(outcome)) = self.outputs.pop() else {
            unreachable!("a call is answered last")
        };
        outcome
    }

    /// Makes a call of the first client that succeeds.
    fn ask(&mut self, call: Call) -> Reply {
        let client = self.clients[0].0;
        let outcome = self.call(Some(client), call);
        outcome.done().expect("a workload is refused nothing")
    }

    fn register(&mut self, protocol: u32) {
        let info = EntityInfo { table: TABLE, id: EntityId { protocol, protocol_instance: 0 } };
        let (callback, reserve_opaque_pointer) = (EventCallback::Absent, OpaqueSlot::NotReserved);
        let call = Call::RegisterEntity { info, callback, reserve_opaque_pointer, methods: 0 };
        let Outcome::Done(Reply::RegisterEntity { entity, .. }) = self.call(None, call) else {
            panic!("a new client registers")
        };
        let Ok(address) = "192.0.2.1/32".parse() else { unreachable!("an address") };
        let spec = NextHopSpec::local(address, protocol);
        let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
        let Outcome::Done(Reply::AddNextHop { next_hop: Some(next_hop), .. }) = self.call(Some(entity), call)
        else {
            panic!("a client adds a next hop")
        };
        self.clients.push((entity, next_hop));
    }

    fn subscribe(&mut self, views: ViewSet) {
        let call = Call::RegisterForChangeNotification {
            views,
            flags: NotifyFlags::ALL,
            context: 0,
            own_changes: OwnChanges::Included,
        };
        let Reply::RegisterForChangeNotification { notify } = self.ask(call) else {
            unreachable!("the call asks for a registration")
        };
        self.registrations.push(notify);
    }

    fn add(
        &mut self,
        client: usize,
        at: usize,
        metric: u32,
        route: HandleArgument<RouteHandle>,
    ) -> Option<RouteHandle> {
        let (entity, next_hop) = self.clients[client];
        let spec = RouteSpec {
            neighbour: Some(next_hop),
            metric,
            preference: 1,
            views: ViewSet::UCAST,
            next_hops: next_hop.into(),
            ..RouteSpec::default()
        };
        let call = Call::AddRouteToDest {
            route,
            dest: self.prefixes[at],
            spec,
            time_to_live_ms: INFINITE,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        };
        let Outcome::Done(Reply::AddRouteToDest { route, .. }) = self.call(Some(entity), call) else {
            panic!("a route is added")
        };
        route
    }

    fn load(&mut self, range: core::ops::Range<usize>) {
        for at in range {
            self.add(0, at, 1, HandleArgument::Absent);
            self.loaded += 1;
        }
    }

    fn load_with_handles(&mut self) {
        for at in 0..self.prefixes.len() {
            let route = self.add(0, at, 1, HandleArgument::Null);
            self.routes.extend(route);
        }
    }

    fn load_with_owners(&mut self) {
        for at in 0..self.prefixes.len() {
            for client in 0..self.clients.len() {
                self.add(client, at, 10, HandleArgument::Absent);
            }
        }
    }

    /// Loads routes of recorded owners, each with a metric of its own; the table must have as many clients.
    pub fn load_recorded(&mut self, routes: &[(NetAddress, usize, u32)]) {
        for (prefix, owner, metric) in routes {
            self.prefixes.clear();
            self.prefixes.push(*prefix);
            self.add(*owner, 0, *metric, HandleArgument::Absent);
        }
    }

    fn set_metric(&mut self, at: usize, metric: u32) {
        self.add(0, at, metric, HandleArgument::Absent);
    }

    fn note(&mut self, seen: u64) {
        self.digest = fold(self.digest, seen);
    }

    /// Does so many operations.
    pub fn run(&mut self, workload: Workload, operations: u64) {
        let end = self.done + operations;
        while self.done < end {
            self.done += self.operate(workload, end - self.done);
        }
    }

    /// How many bytes this keeps besides the manager.
    #[must_use]
    pub fn bytes_besides(&self) -> usize {
        size_of::<NetAddress>() * self.prefixes.capacity() + size_of::<RouteHandle>() * self.routes.capacity()
    }

    /// Folds what the table holds into what has been answered: the best route of each destination, in the order of addresses.
    pub fn note_contents(&mut self) {
        for best in self.manager.best_routes(TABLE) {
            self.note(best.best.route.to_bits() ^ u64::from(best.best.metric) << 32);
            self.note((best.dest.bits() >> 64) as u64 ^ u64::from(best.dest.prefix_len()));
        }
    }

    /// What has been answered so far, as one number.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// How many routes there are.
    #[must_use]
    pub fn routes(&self) -> u64 {
        self.manager.objects_alive().routes
    }

    /// Finds the best route of the longest prefix that covers an IPv4 address: the number of its place, which counts routes from 1 in
    /// the order in which they were loaded; 0 if there is none.
    #[must_use]
    pub fn forward(&self, address: u32) -> u64 {
        let address = NetAddress::from_raw(AddressFamily::Ipv4, u128::from(address) << 96, 32);
        let found = self.manager.longest_match(TABLE, address, ViewId::UCAST);
        found.map_or(0, |route| route.to_bits() & u64::from(u32::MAX))
    }

    fn drawn(&self) -> usize {
        self.drawn_for(self.done)
    }

    /// Draws a prefix for an operation, which counts from 0.
    fn drawn_for(&self, operation: u64) -> usize {
        (mix(operation) % self.prefixes.len() as u64) as usize
    }

    /// Does one piece of a workload; returns how many operations that were, at most `wanted`.
    fn operate(&mut self, workload: Workload, wanted: u64) -> u64 {
        let at = self.drawn();
        match workload {
            Workload::Load => {
                let at = self.loaded;
                self.load(at..at + 1);
                self.note(self.outputs.len() as u64 ^ at as u64);
            }
            Workload::Exact => self.look_up(Call::GetExactMatchDestination {
                address: self.prefixes[at],
                protocol: ProtocolSelector::Best,
                views: ViewSet::UCAST,
            }),
            Workload::Find => {
                let found = self.manager.dest(TABLE, self.prefixes[at]);
                self.note(found.map_or(0, DestHandle::to_bits));
            }
            Workload::FindMany => return self.find_many(wanted),
            Workload::Longest => self.look_up(Call::GetMostSpecificDestination {
                address: self.host(at, self.done),
                protocol: ProtocolSelector::Best,
                views: ViewSet::UCAST,
            }),
            Workload::Forward => {
                let found = self.manager.longest_match(TABLE, self.host(at, self.done), ViewId::UCAST);
                self.note(found.map_or(0, RouteHandle::to_bits));
            }
            Workload::ForwardMany => return self.forward_many(wanted),
            Workload::Read => return self.read(wanted),
            Workload::Enumerate => return self.enumerate(wanted),
            Workload::Unheard | Workload::Unconcerned => {
                self.set_metric(at, 2 + (self.done % 1_000) as u32);
                self.note(self.outputs.len() as u64);
            }
            Workload::Refresh => {
                self.set_metric(at, 1);
                self.note(at as u64 ^ self.outputs.len() as u64);
            }
            Workload::Best => self.replace_best(at),
            Workload::Flap => self.flap(at),
            Workload::Reference => {
                let route = self.routes[at];
                self.ask(Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
                self.ask(Call::ReleaseRoutes { routes: vec![route] });
                self.note(route.to_bits());
            }
            Workload::Tell => {
                let at = (self.done / u64::from(AUDIENCE)) as usize % self.prefixes.len();
                self.set_metric(at, 2 + (self.done % 1_000) as u32);
                let last = self.registrations.last().and_then(|last| self.manager.registration(*last));
                self.note(last.map_or(0, |last| last.pending));
                return u64::from(AUDIENCE);
            }
            Workload::Drain => return self.drain(wanted),
        }
        1
    }

    /// An address that a prefix covers, drawn for an operation.
    fn host(&self, at: usize, operation: u64) -> NetAddress {
        let prefix = self.prefixes[at];
        let spare = u128::from(mix(operation ^ 0x5555)) << 96 >> prefix.prefix_len() & (u128::MAX << 96);
        NetAddress::from_raw(AddressFamily::Ipv4, prefix.bits() | spare, 32)
    }

    fn find_many(&mut self, wanted: u64) -> u64 {
        let operations = self.done..self.done + wanted.min(u64::from(BATCH));
        let wanted: Vec<_> = operations.map(|operation| self.prefixes[self.drawn_for(operation)]).collect();
        let found = self.manager.dests(TABLE, &wanted);
        self.digest = found.fold(self.digest, |sum, found| fold(sum, found.map_or(0, DestHandle::to_bits)));
        wanted.len() as u64
    }

    fn forward_many(&mut self, wanted: u64) -> u64 {
        let operations = self.done..self.done + wanted.min(u64::from(BATCH));
        let hosts: Vec<_> =
            operations.map(|operation| self.host(self.drawn_for(operation), operation)).collect();
        let found = self.manager.longest_matches(TABLE, &hosts, ViewId::UCAST);
        self.digest = found.fold(self.digest, |sum, found| fold(sum, found.map_or(0, RouteHandle::to_bits)));
        hosts.len() as u64
    }

    fn read(&mut self, wanted: u64) -> u64 {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let (mut count, mut digest, mut last) = (0, self.digest, None);
        for best in self.manager.best_handles(TABLE, ViewId::UCAST, self.read_to).take(wanted) {
            digest = fold(digest, best.route.to_bits() ^ u64::from(best.address.prefix_len()));
            (count, last) = (count + 1, Some(best.address));
        }
        (self.digest, self.read_to) = (digest, last.map_or(Bound::Unbounded, Bound::Excluded));
        count
    }

    fn look_up(&mut self, call: Call) {
        let Reply::Dest { info } = self.ask(call) else { unreachable!("a destination was asked for") };
        self.note(info.dest.to_bits());
        self.ask(Call::ReleaseDestInfo { info });
    }

    fn replace_best(&mut self, at: usize) {
        let client = (mix(self.done) >> 32) as usize % CANDIDATES;
        // Lower than all there are, until it begins anew.
        let metric = 2_000_000_000 - (self.done % 1_000_000_000) as u32;
        self.add(client, at, metric, HandleArgument::Absent);
        self.note(client as u64);
    }

    fn flap(&mut self, at: usize) {
        let route = self.routes[at];
        self.ask(Call::DeleteRouteToDest { route });
        if let Some(route) = self.add(0, at, 1, HandleArgument::Null) {
            self.routes[at] = route;
            self.note(route.to_bits());
        }
    }

    fn give_back(&mut self, infos: Vec<DestInfo>) -> u64 {
        let count = infos.len() as u64;
        self.note(infos.iter().fold(0, |sum, info| sum ^ info.dest.to_bits()));
        self.ask(Call::ReleaseDests { infos });
        count
    }

    fn begin_enumeration(&mut self) -> EnumHandle {
        let (views, flags) = (ViewSet::UCAST, EnumFlags::START);
        let call = Call::CreateDestEnum { views, flags, address: None, protocol: ProtocolSelector::Best };
        let Reply::CreateEnum { enumeration } = self.ask(call) else {
            unreachable!("an enumeration was asked for")
        };
        enumeration
    }

    fn enumerate(&mut self, wanted: u64) -> u64 {
        let client = self.clients[0].0;
        let count = wanted.min(u64::from(BATCH)) as u32;
        let enumeration = self.enumeration.unwrap_or_else(|| self.begin_enumeration());
        self.enumeration = Some(enumeration);
        let outcome = self.call(Some(client), Call::GetEnumDests { enumeration, count });
        if let Outcome::Done(Reply::GetEnumDests { infos }) = outcome {
            return self.give_back(infos);
        }
        self.ask(Call::DeleteEnumHandle { enumeration });
        self.enumeration = None;
        0
    }

    fn drain(&mut self, wanted: u64) -> u64 {
        let (notify, count) = (self.registrations[0], wanted.min(u64::from(BATCH)) as u32);
        let Reply::GetChangedDests { infos } = self.ask(Call::GetChangedDests { notify, count }) else {
            unreachable!("changes were asked for")
        };
        let count = infos.len() as u64;
        self.note(infos.iter().fold(0, |sum, info| sum ^ info.dest.to_bits()));
        self.ask(Call::ReleaseChangedDests { notify, infos });
        count
    }
}

/// Makes different prefixes whose lengths are spread as in a table of the Internet: half of them /24, few longer, half of
/// them within another.
#[must_use]
pub fn synthetic(count: usize) -> Vec<NetAddress> {
    let mut seen = std::collections::HashSet::new();
    let draws = (0_u64..).map(|number| mix(number ^ 0xA5A5_0000_0000));
    let prefixes = draws.map(|draw| {
        let len = match draw >> 56 {
            0..=135 => 24,
            136..=239 => 16 + (draw >> 48 & 7) as u8,
            240..=246 => 8 + (draw >> 48 & 7) as u8,
            _ => 25 + (draw >> 48 & 7) as u8,
        };
        // Some blocks are cut up much further than others.
        let block = mix(draw & 0x3FFF) & 0xFFFF_0000;
        let bits = u128::from((block | (draw >> 16 & 0xFFFF)) as u32) << 96;
        NetAddress::from_raw(AddressFamily::Ipv4, bits, 32).truncated(len)
    });
    prefixes.filter(|prefix| seen.insert(*prefix)).take(count).collect()
}
