//! A manager with a calendar and client queues around it, that checks every step: the invariants hold, and a call that
//! fails leaves the state as it was (I11).

use std::collections::BTreeMap;
use tiebreak_rtm::*;

pub(crate) const IPV4: TableId = TableId { instance: 0, family: AddressFamily::Ipv4 };
pub(crate) const SECOND: u64 = 1_000_000_000;

pub(crate) struct World {
    pub(crate) manager: Manager,
    pub(crate) now: u64,
    pub(crate) timers: BTreeMap<TimerKey, (u64, u32)>,
    /// Delivered and not yet invoked, in order of delivery.
    pub(crate) delivered: Vec<(EntityHandle, CallbackId, DueEvent)>,
    pub(crate) facts: Vec<Fact>,
    /// Calls that may go on, in the order in which they became ready.
    pub(crate) ready: Vec<(EntityHandle, Ticket)>,
    /// The methods that have begun to run.
    pub(crate) methods: Vec<MethodFrame>,
    /// The frame of the callback just invoked.
    frame: Option<CallbackFrame>,
    reply: Option<Outcome>,
}

pub(crate) fn prefix(text: &str) -> NetAddress {
    text.parse().expect("a prefix of a test is right")
}

pub(crate) fn rip(instance: u32) -> EntityInfo {
    let id = EntityId { protocol: protocol::RIP, protocol_instance: instance };
    EntityInfo { table: IPV4, id }
}

pub(crate) fn ospf() -> EntityInfo {
    let id = EntityId { protocol: protocol::OSPF, protocol_instance: 1 };
    EntityInfo { table: IPV4, id }
}

/// A route of the unicast view.
pub(crate) fn ucast(preference: u32, metric: u32) -> RouteSpec {
    RouteSpec { preference, metric, views: ViewSet::UCAST, ..RouteSpec::default() }
}

pub(crate) fn add(dest: &str, spec: RouteSpec) -> Call {
    add_with(HandleArgument::Null, dest, spec, INFINITE, RouteChangeFlags::NONE)
}

pub(crate) fn add_with(
    route: HandleArgument<RouteHandle>,
    dest: &str,
    spec: RouteSpec,
    time_to_live_ms: u32,
    change_flags: RouteChangeFlags,
) -> Call {
    Call::AddRouteToDest { route, dest: prefix(dest), spec, time_to_live_ms, list: None, change_flags }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Profile::default())
    }

    pub(crate) fn with(profile: Profile) -> Self {
        Self {
            manager: Manager::new(profile),
            now: 0,
            timers: BTreeMap::new(),
            delivered: Vec::new(),
            facts: Vec::new(),
            ready: Vec::new(),
            methods: Vec::new(),
            frame: None,
            reply: None,
        }
    }

    pub(crate) fn feed(&mut self, input: Input) {
        self.frame = None;
        self.reply = None;
        let before = self.manager.state().clone();
        let outputs: Vec<Output> = self.manager.handle(self.now, input.clone()).collect();
        for output in outputs {
            assert!(self.reply.is_none(), "the reply is the last output");
            self.take(output);
        }
        let dead = self.delivered.iter().find(|(to, ..)| !self.manager.is_registered(*to));
        assert_eq!(dead, None, "I8: nothing is queued for the dead");
        self.manager.check_invariants();
        // D-95: no fault is injected here, and without one memory is never short.
        assert_ne!(self.reply.as_ref().and_then(Outcome::status), Some(Status::NotEnoughMemory));
        match &self.reply {
            // A call that waits stands in line; one that is answered stood there.
            Some(Outcome::Done(_) | Outcome::Pending(_)) | None => {}
            Some(_) if matches!(input, Input::Resume { .. }) => {}
            Some(outcome) => {
                assert!(
                    before == *self.manager.state(),
                    "{input:?} failed with {outcome:?} and changed something"
                );
            }
        }
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Reply(outcome) => self.reply = Some(outcome),
            Output::ArmTimer { timer, at, generation } => {
                assert!(self.timers.insert(timer, (at, generation)).is_none(), "I9: one timer at a time");
            }
            Output::DisarmTimer { timer } => {
                assert!(self.timers.remove(&timer).is_some(), "I9: what is disarmed was armed");
            }
            Output::Deliver { to, callback, event } => {
                self.delivered.push((to, callback, event));
            }
            Output::Drop { to, callback } => {
                let place =
                    self.delivered.iter().position(|(client, id, _)| (*client, *id) == (to, callback));
                self.delivered.remove(place.expect("what is dropped was delivered"));
            }
            Output::Frame(frame) => self.frame = Some(frame),
            Output::Method(frame) => self.methods.push(frame),
            Output::Inert { .. } => {}
            Output::Ready { to, ticket } => self.ready.push((to, ticket)),
            Output::Refused { callback, error } => panic!("{callback:?}: {error}"),
            Output::Fact(fact) => self.facts.push(fact),
        }
    }

    pub(crate) fn call_in(
        &mut self,
        caller: Option<EntityHandle>,
        frame: Option<CallbackId>,
        call: Call,
    ) -> Outcome {
        self.feed(Input::Call { caller, frame, call });
        self.reply.take().expect("a call is answered")
    }

    /// Makes a call in a method that runs.
    pub(crate) fn call_in_method(&mut self, caller: EntityHandle, invocation: Ticket, call: Call) -> Outcome {
        self.feed(Input::CallInMethod { caller: Some(caller), invocation, call });
        self.reply.take().expect("a call is answered")
    }

    pub(crate) fn call(&mut self, caller: EntityHandle, call: Call) -> Outcome {
        self.call_in(Some(caller), None, call)
    }

    /// Makes a call that has to wait.
    pub(crate) fn waits(&mut self, caller: EntityHandle, call: Call) -> Ticket {
        match self.call(caller, call.clone()) {
            Outcome::Pending(ticket) => ticket,
            other => panic!("{call:?} ended in {other:?}"),
        }
    }

    /// Lets a call go on.
    pub(crate) fn resume(&mut self, ticket: Ticket) -> Outcome {
        self.ready.retain(|(_, other)| *other != ticket);
        self.feed(Input::Resume { ticket });
        self.reply.take().expect("a call is answered")
    }

    pub(crate) fn done(&mut self, caller: EntityHandle, call: Call) -> Reply {
        match self.call(caller, call.clone()) {
            Outcome::Done(reply) => reply,
            other => panic!("{call:?} ended in {other:?}"),
        }
    }

    pub(crate) fn fails(&mut self, caller: EntityHandle, call: Call, status: Status) {
        assert_eq!(self.call(caller, call.clone()), Outcome::Failed(status), "{call:?}");
    }

    /// The call must be a breach of the contract, and told as a fact.
    pub(crate) fn violates(
        &mut self,
        caller: EntityHandle,
        frame: Option<CallbackId>,
        call: Call,
    ) -> Violation {
        match self.call_in(Some(caller), frame, call.clone()) {
            Outcome::Violated(violation) => {
                let told = Fact::Violation { caller: Some(caller), violation };
                assert_eq!(self.facts.last(), Some(&told), "a violation is a fact too");
                violation
            }
            other => panic!("{call:?} ended in {other:?}"),
        }
    }

    /// Without an opaque slot.
    pub(crate) fn try_register(&mut self, info: EntityInfo, callback: EventCallback) -> Outcome {
        self.call_in(
            None,
            None,
            Call::RegisterEntity {
                info,
                methods: 0,
                callback,
                reserve_opaque_pointer: OpaqueSlot::NotReserved,
            },
        )
    }

    pub(crate) fn register(&mut self, info: EntityInfo) -> EntityHandle {
        match self.try_register(info, EventCallback::Given) {
            Outcome::Done(Reply::RegisterEntity { entity, .. }) => entity,
            other => panic!("registration ended in {other:?}"),
        }
    }

    pub(crate) fn register_silent(&mut self, info: EntityInfo) -> EntityHandle {
        match self.try_register(info, EventCallback::Absent) {
            Outcome::Done(Reply::RegisterEntity { entity, .. }) => entity,
            other => panic!("registration ended in {other:?}"),
        }
    }

    /// Adds or updates a route with a handle returned; gives the handle and the flags.
    pub(crate) fn add(
        &mut self,
        caller: EntityHandle,
        dest: &str,
        spec: RouteSpec,
    ) -> (RouteHandle, RouteChangeFlags) {
        self.added(caller, add(dest, spec))
    }

    /// Adds a route whose handle the client does not ask for.
    pub(crate) fn add_without_handle(&mut self, caller: EntityHandle, dest: &str) {
        let flags = RouteChangeFlags::NONE;
        self.done(caller, add_with(HandleArgument::Absent, dest, ucast(0, 1), INFINITE, flags));
    }

    pub(crate) fn added(&mut self, caller: EntityHandle, call: Call) -> (RouteHandle, RouteChangeFlags) {
        match self.done(caller, call) {
            Reply::AddRouteToDest { route: Some(route), change_flags } => (route, change_flags),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn add_for(&mut self, caller: EntityHandle, dest: &str, time_to_live_ms: u32) -> RouteHandle {
        let call = add_with(HandleArgument::Null, dest, ucast(0, 1), time_to_live_ms, RouteChangeFlags::NONE);
        self.added(caller, call).0
    }

    pub(crate) fn delete(&mut self, caller: EntityHandle, route: RouteHandle) -> RouteChangeFlags {
        match self.done(caller, Call::DeleteRouteToDest { route }) {
            Reply::DeleteRouteToDest { change_flags } => change_flags,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn hop(&mut self, caller: EntityHandle, address: &str, interface: u32) -> NextHopHandle {
        let spec = NextHopSpec::local(prefix(address), interface);
        match self.done(caller, Call::AddNextHop { next_hop: HandleArgument::Null, spec }) {
            Reply::AddNextHop { next_hop: Some(next_hop), .. } => next_hop,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn watch(&mut self, caller: EntityHandle, flags: NotifyFlags) -> NotifyHandle {
        self.watch_views(caller, ViewSet::UCAST, flags)
    }

    pub(crate) fn watch_views(
        &mut self,
        caller: EntityHandle,
        views: ViewSet,
        flags: NotifyFlags,
    ) -> NotifyHandle {
        let own_changes = OwnChanges::Included;
        let call = Call::RegisterForChangeNotification { views, flags, context: 7, own_changes };
        match self.done(caller, call) {
            Reply::RegisterForChangeNotification { notify } => notify,
            other => panic!("{other:?}"),
        }
    }

    /// Takes what has changed, without releasing it.
    pub(crate) fn changed(&mut self, caller: EntityHandle, notify: NotifyHandle) -> Vec<DestInfo> {
        match self.call(caller, Call::GetChangedDests { notify, count: 16 }) {
            Outcome::Done(Reply::GetChangedDests { infos }) => infos,
            Outcome::Failed(Status::NoMoreItems) => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    /// Takes and releases what has changed, as prefixes.
    pub(crate) fn drained(&mut self, caller: EntityHandle, notify: NotifyHandle) -> Vec<String> {
        let infos = self.changed(caller, notify);
        let addresses = infos.iter().map(|info| info.address.to_string()).collect();
        self.done(caller, Call::ReleaseChangedDests { notify, infos });
        addresses
    }

    pub(crate) fn dest(&mut self, caller: EntityHandle, address: &str, views: ViewSet) -> Option<DestInfo> {
        let address = prefix(address);
        let protocol = ProtocolSelector::Best;
        match self.call(caller, Call::GetExactMatchDestination { address, protocol, views }) {
            Outcome::Done(Reply::Dest { info }) => Some(info),
            Outcome::Failed(Status::NotFound) => None,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn info(&mut self, caller: EntityHandle, route: RouteHandle) -> RouteInfo {
        match self.done(caller, Call::get_route_info(route)) {
            Reply::GetRouteInfo { info: Some(info), .. } => info,
            other => panic!("{other:?}"),
        }
    }

    /// The best route of a prefix in a view, seen from outside.
    pub(crate) fn best(&self, dest: &str, view: ViewId) -> Option<RouteHandle> {
        let bests = self.manager.best_routes(IPV4);
        let found = bests.iter().find(|best| best.dest == prefix(dest) && best.view == view);
        found.map(|best| best.best.route)
    }

    pub(crate) fn events_for(&self, client: EntityHandle) -> Vec<DueEvent> {
        let own = self.delivered.iter().filter(|(to, _, _)| *to == client);
        own.map(|(_, _, event)| *event).collect()
    }

    /// Lets time pass until `at`, and fires what comes due on the way.
    pub(crate) fn pass_until(&mut self, at: u64) {
        while let Some((timer, (due, generation))) =
            self.timers.iter().map(|(timer, armed)| (*timer, *armed)).min_by_key(|(_, armed)| *armed)
        {
            if due > at {
                break;
            }
            self.timers.remove(&timer);
            self.now = due;
            self.feed(Input::TimerFired { timer, generation });
        }
        self.now = at;
    }

    /// Invokes the first callback delivered to a client.
    pub(crate) fn invoke(&mut self, client: EntityHandle) -> Option<CallbackFrame> {
        let place = self.delivered.iter().position(|(to, _, _)| *to == client)?;
        let (_, callback, _) = self.delivered.remove(place);
        self.feed(Input::Invoke { callback });
        self.frame.take()
    }

    pub(crate) fn answer(&mut self, callback: CallbackId, status: Status) {
        self.feed(Input::CallbackReturned { callback, status });
    }

    /// Invokes and returns every callback delivered to a client.
    pub(crate) fn settle(&mut self, client: EntityHandle) {
        while !self.events_for(client).is_empty() {
            if let Some(frame) = self.invoke(client) {
                self.answer(frame.callback, Status::NoError);
            }
        }
    }

    pub(crate) fn release(&mut self, caller: EntityHandle, routes: &[RouteHandle]) {
        self.done(caller, Call::ReleaseRoutes { routes: routes.to_vec() });
    }
}
