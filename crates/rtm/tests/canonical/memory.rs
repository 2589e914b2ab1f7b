//! What a manager remembers of the order in which it was brought about, and what not.

use core::hash::{Hash as _, Hasher as _};
use std::collections::BTreeSet;

use tiebreak_rtm::*;

use crate::side::Everything;

const IPV4: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };

pub(crate) fn entity(protocol_instance: u32) -> EntityInfo {
    EntityInfo { table: IPV4, id: EntityId { protocol: protocol::RIP, protocol_instance } }
}

/// A call of one of three clients, which have registered in their order; `None` registers.
type Deed<'a> = (Option<usize>, &'a dyn Fn(&[EntityHandle]) -> Call);

pub(crate) fn call(manager: &mut Manager, caller: Option<EntityHandle>, call: Call) -> Reply {
    let outputs = manager.handle(0, Input::Call { caller, frame: None, call });
    match outputs.last() {
        Some(Output::Reply(Outcome::Done(reply))) => reply,
        other => panic!("{other:?}"),
    }
}

fn everything(manager: &Manager) -> Vec<u8> {
    let mut everything = Everything::default();
    manager.hash(&mut everything);
    everything.0
}

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1).into_iter();
    let with_last =
        |order: Vec<usize>| (0..count).map(move |at| [&order[..at], &[count - 1], &order[at..]].concat());
    shorter.flat_map(with_last).collect()
}

/// To how many different hashes some calls come in all their orders, after three clients have registered.
fn hashes(profile: &Profile, deeds: &[Deed<'_>]) -> usize {
    let mut hashes = BTreeSet::new();
    for order in orders(deeds.len()) {
        let mut manager = Manager::new(profile.clone());
        let mut clients = Vec::new();
        for client in 0..3 {
            // Without callbacks, so that what is told leaves no trace.
            let register = register(entity(client));
            let Reply::RegisterEntity { entity, .. } = call(&mut manager, None, register) else { panic!() };
            clients.push(entity);
        }
        for at in order {
            let (client, deed) = &deeds[at];
            call(&mut manager, client.map(|client| clients[client]), deed(&clients));
        }
        hashes.insert(everything(&manager));
    }
    hashes.len()
}

pub(crate) fn add(dest: &str, metric: u32) -> Call {
    Call::AddRouteToDest {
        route: HandleArgument::Null,
        dest: dest.parse().expect("a prefix"),
        spec: RouteSpec { metric, views: ViewSet::UCAST, ..RouteSpec::default() },
        time_to_live_ms: 1_000,
        list: None,
        change_flags: RouteChangeFlags::NONE,
    }
}

pub(crate) fn next_hop(interface: u32) -> Call {
    let address = "192.0.2.1/32".parse().expect("a host");
    Call::AddNextHop { next_hop: HandleArgument::Null, spec: NextHopSpec::local(address, interface) }
}

fn register(info: EntityInfo) -> Call {
    Call::RegisterEntity {
        info,
        methods: 0,
        callback: EventCallback::Absent,
        reserve_opaque_pointer: OpaqueSlot::NotReserved,
    }
}

fn watch() -> Call {
    Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::ALL,
        context: 0,
        own_changes: OwnChanges::Included,
    }
}

/// Calls of three clients, one each.
fn of_each(deed: &dyn Fn(&[EntityHandle]) -> Call) -> [Deed<'_>; 3] {
    [0, 1, 2].map(|client| (Some(client), deed))
}

#[test]
fn routes_of_different_cost_have_no_order() {
    let routes: [Deed<'_>; 3] = [
        (Some(0), &|_| add("10.0.0.0/8", 1)),
        (Some(1), &|_| add("10.0.0.0/8", 2)),
        (Some(2), &|_| add("10.0.0.0/8", 3)),
    ];
    assert_eq!(hashes(&Profile::default(), &routes), 1);
}

#[test]
fn routes_of_equal_cost_are_in_the_order_in_which_they_came_if_that_decides_between_them() {
    let add = |_: &[EntityHandle]| add("10.0.0.0/8", 1);
    assert_eq!(hashes(&Profile::default(), &of_each(&add)), 6, "who was there first is better");
    let by_owner = Profile { ties: Ties::OwnerId, ..Profile::default() };
    assert_eq!(hashes(&by_owner, &of_each(&add)), 1, "the owner decides");
}

/// Two routes of one client, by two neighbours, whose cost becomes the same one after the other.
fn updated(profile: Profile, order: [usize; 2]) -> Vec<u8> {
    let mut manager = Manager::new(profile);
    let Reply::RegisterEntity { entity, .. } = call(&mut manager, None, register(entity(0))) else {
        panic!()
    };
    let mut routes = Vec::new();
    for interface in 0..2 {
        let Reply::AddNextHop { next_hop, .. } = call(&mut manager, Some(entity), next_hop(interface)) else {
            panic!()
        };
        routes.push(RouteSpec { neighbour: next_hop, views: ViewSet::UCAST, ..RouteSpec::default() });
    }
    let add = |spec: RouteSpec| Call::AddRouteToDest {
        route: HandleArgument::Absent,
        dest: "10.0.0.0/8".parse().expect("a prefix"),
        spec,
        time_to_live_ms: INFINITE,
        list: None,
        change_flags: RouteChangeFlags::NONE,
    };
    for spec in &routes {
        call(&mut manager, Some(entity), add(spec.clone()));
    }
    for at in order {
        call(&mut manager, Some(entity), add(RouteSpec { metric: 1, ..routes[at].clone() }));
    }
    everything(&manager)
}

#[test]
fn who_was_there_first_counts_also_where_neighbours_decide_because_they_can_become_one() {
    for ties in [Ties::Incumbent, Ties::OwnerId] {
        let profile = Profile { ties, ..Profile::default() };
        assert_ne!(updated(profile.clone(), [0, 1]), updated(profile, [1, 0]), "{ties:?}");
    }
}

#[test]
fn when_a_destination_has_changed_can_be_told() {
    let added = |now| {
        let mut manager = Manager::new(Profile::default());
        let Reply::RegisterEntity { entity, .. } = call(&mut manager, None, register(entity(0))) else {
            panic!()
        };
        let add = Input::Call { caller: Some(entity), frame: None, call: add("10.0.0.0/8", 1) };
        manager.handle(now, add);
        everything(&manager)
    };
    assert_eq!(added(1), added(1));
    assert_ne!(added(1), added(2));
}

#[test]
fn destinations_next_hops_and_references_have_no_order() {
    let deeds: [Deed<'_>; 5] = [
        (Some(0), &|_| add("10.0.0.0/8", 1)),
        (Some(1), &|_| add("10.1.0.0/16", 1)),
        (Some(2), &|_| next_hop(1)),
        (Some(2), &|_| next_hop(2)),
        (Some(2), &|clients| Call::ReferenceHandles {
            handles: vec![AnyHandle::Entity(clients[1]), AnyHandle::Entity(clients[0])],
        }),
    ];
    assert_eq!(hashes(&Profile::default(), &deeds), 1);
}

#[test]
fn a_client_leaves_its_routes_in_the_order_in_which_it_added_them() {
    let deeds: [Deed<'_>; 2] = [(Some(0), &|_| add("10.0.0.0/8", 1)), (Some(0), &|_| add("10.1.0.0/16", 1))];
    assert_eq!(hashes(&Profile::default(), &deeds), 2);
}

#[test]
fn clients_and_registrations_are_in_the_order_in_which_they_came() {
    let entities: [Deed<'_>; 3] = [
        (None, &|_| register(entity(7))),
        (None, &|_| register(entity(8))),
        (None, &|_| register(entity(9))),
    ];
    assert_eq!(hashes(&Profile::default(), &entities), 6, "a list of entities says it");
    assert_eq!(hashes(&Profile::default(), &of_each(&|_| watch())), 6, "they are told in that order");
}

#[test]
fn what_is_pending_is_in_the_order_in_which_it_changed() {
    let deeds: [Deed<'_>; 3] = [
        (Some(2), &|_| watch()),
        (Some(0), &|_| add("10.0.0.0/8", 1)),
        (Some(1), &|_| add("10.1.0.0/16", 1)),
    ];
    // Of six orders: both pending in two orders, either alone in one each, and none in two that are alike.
    assert_eq!(hashes(&Profile::default(), &deeds), 5);
}

/// A manager with two clients, of which the first watches a route of the second.
pub(crate) struct Watched {
    pub(crate) manager: Manager,
    pub(crate) clients: [EntityHandle; 2],
    notifies: [NotifyHandle; 2],
    pub(crate) route: RouteHandle,
}

impl Watched {
    fn new() -> Self {
        let mut manager = Manager::new(Profile::default());
        let clients = [0, 1].map(|client| {
            let register = Call::RegisterEntity {
                info: entity(client),
                methods: 0,
                callback: EventCallback::Given,
                reserve_opaque_pointer: OpaqueSlot::NotReserved,
            };
            let Reply::RegisterEntity { entity, .. } = call(&mut manager, None, register) else { panic!() };
            entity
        });
        let notifies = [0, 1].map(|_| {
            let registered = call(&mut manager, Some(clients[0]), watch());
            let Reply::RegisterForChangeNotification { notify } = registered else { panic!() };
            notify
        });
        let added = call(&mut manager, Some(clients[1]), add("10.0.0.0/8", 1));
        let Reply::AddRouteToDest { route: Some(route), .. } = added else { panic!() };
        Self { manager, clients, notifies, route }
    }

    pub(crate) fn call(&mut self, client: usize, made: Call) -> Reply {
        call(&mut self.manager, Some(self.clients[client]), made)
    }

    /// The destination of the route, which the first client holds from now on.
    pub(crate) fn dest(&mut self) -> DestHandle {
        let address = "10.0.0.0/8".parse().expect("a prefix");
        let look =
            Call::GetExactMatchDestination { address, protocol: ProtocolSelector::Best, views: ViewSet::ANY };
        let Reply::Dest { info } = self.call(0, look) else { panic!() };
        info.dest
    }

    fn mark(&mut self) {
        let (notify, dest) = (self.notifies[0], self.dest());
        self.call(0, Call::MarkDestForChangeNotification { notify, dest, mark: Marking::Mark });
    }

    fn reference(&mut self, handle: AnyHandle) {
        self.call(0, Call::ReferenceHandles { handles: vec![handle] });
    }

    /// Fetches what has changed for both registrations, and releases what is of the one.
    fn fetch_and_release(&mut self, released: usize) {
        let fetched = self.notifies.map(|notify| {
            let Reply::GetChangedDests { infos } = self.call(0, Call::GetChangedDests { notify, count: 1 })
            else {
                panic!()
            };
            infos
        });
        let (notify, infos) = (self.notifies[released], fetched[released].clone());
        self.call(0, Call::ReleaseChangedDests { notify, infos });
    }

    fn deregister(&mut self) {
        for notify in self.notifies {
            self.call(0, Call::DeregisterFromChangeNotification { notify });
        }
    }

    fn refresh(&mut self, time_to_live_ms: u32) {
        let Call::AddRouteToDest { dest, spec, change_flags, .. } = add("10.0.0.0/8", 1) else { panic!() };
        let route = HandleArgument::Given(self.route);
        self.call(1, Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list: None, change_flags });
    }

    fn fire(&mut self) {
        let input = Input::TimerFired { timer: TimerKey::Route(self.route), generation: 1 };
        self.manager.handle(SECOND, input);
    }

    /// Lets the owner of the route lock it in the callback of its expiry, and answer.
    fn answer_under_lock(&mut self, status: Status) {
        self.fire();
        let callback = self.manager.naming().callbacks().last().expect("the expiry is delivered");
        self.manager.handle(SECOND, Input::Invoke { callback });
        self.lock(LockMode::Shared);
        self.manager.handle(SECOND, Input::CallbackReturned { callback, status });
    }

    /// Invokes the first client's next callback; the event of an entity comes before those of changes.
    fn invoke_next(&mut self) -> CallbackId {
        let callback = self.manager.naming().callbacks().next().expect("something is delivered");
        self.manager.handle(0, Input::Invoke { callback });
        callback
    }

    /// Lets the callback of a change run, whose registration has ended.
    fn run_for_change(&mut self) {
        let callback = self.invoke_next();
        self.manager.handle(0, Input::CallbackReturned { callback, status: Status::NoError });
        self.invoke_next();
        self.deregister();
    }

    fn lock(&mut self, mode: LockMode) {
        self.call(1, Call::LockRoute { route: self.route, mode, action: LockAction::Lock });
    }

    /// The manager with the handles that the first client has.
    fn everything(&self) -> Vec<u8> {
        let mut everything = Everything::default();
        self.manager.hash(&mut everything);
        self.notifies.hash(&mut self.manager.naming().hasher(&mut everything, &()));
        everything.0
    }
}

pub(crate) const SECOND: u64 = 1_000_000_000;

/// What is done with a manager.
pub(crate) type Way<'a> = &'a dyn Fn(&mut Watched);

#[test]
fn what_a_manager_remembers_is_hashed() {
    let entity = |watched: &Watched| AnyHandle::Entity(watched.clients[1]);
    let ways: [(&str, Way<'_>); 19] = [
        ("nothing", &|_| ()),
        ("a reference", &|watched| watched.reference(entity(watched))),
        ("two references", &|watched| (0..2).for_each(|_| watched.reference(entity(watched)))),
        ("a copy", &|watched| drop(watched.call(0, Call::GetEntityInfo { entity: watched.clients[1] }))),
        ("a destination", &|watched| _ = watched.dest()),
        ("a mark", &Watched::mark),
        ("a lock", &|watched| watched.lock(LockMode::Exclusive)),
        ("a shared lock", &|watched| watched.lock(LockMode::Shared)),
        ("a refresh", &|watched| watched.refresh(1_000)),
        ("a refresh for ever", &|watched| watched.refresh(INFINITE)),
        ("an expiry", &Watched::fire),
        ("an expiry that waits", &|watched| {
            watched.lock(LockMode::Shared);
            watched.fire();
        }),
        ("a deletion that waits", &|watched| watched.answer_under_lock(Status::NotSupported)),
        ("a route that was kept", &|watched| {
            watched.answer_under_lock(Status::NoError);
            watched.call(1, Call::ReleaseRoutes { routes: vec![watched.route] });
        }),
        ("changes of the first", &|watched| watched.fetch_and_release(1)),
        ("changes of the second", &|watched| watched.fetch_and_release(0)),
        ("no registration", &Watched::deregister),
        ("no registration, and the callback of an entity", &|watched| {
            watched.deregister();
            watched.invoke_next();
        }),
        ("no registration, and the callback of a change", &Watched::run_for_change),
    ];
    are_told_apart(&ways);
}

/// Whatever is done, the hash is another one.
pub(crate) fn are_told_apart(ways: &[(&str, Way<'_>)]) {
    let told: Vec<_> = ways
        .iter()
        .map(|(what, way)| {
            let mut watched = Watched::new();
            way(&mut watched);
            (what, watched.everything())
        })
        .collect();
    for (at, (what, one)) in told.iter().enumerate() {
        for (other_what, other) in &told[..at] {
            assert!(one != other, "{what} and {other_what} are told apart");
        }
    }
}

#[test]
fn a_registration_that_is_gone_has_a_name_as_long_as_something_of_it_is_held() {
    let [one, other] = [0, 1].map(|released| {
        let mut watched = Watched::new();
        watched.fetch_and_release(released);
        watched.deregister();
        watched.everything()
    });
    assert_ne!(one, other, "what is held is released by the handle of its registration");
}

#[test]
fn an_address_is_hashed_by_its_family_and_its_two_halves() {
    let address =
        NetAddress::from_raw(AddressFamily::Ipv6, 0x2001_0DB8_0304_0506_0708_090A_0B0C_0D0E << 1, 127);
    let (mut hashed, mut expected) = (Everything::default(), Everything::default());
    address.hash(&mut hashed);
    AddressFamily::Ipv6.hash(&mut expected);
    expected.write_u64(0x4002_1B70_0608_0A0C);
    expected.write_u64(0x0E10_1214_1618_1A1C);
    expected.write_u8(127);
    assert_eq!(hashed.0, expected.0);
}
