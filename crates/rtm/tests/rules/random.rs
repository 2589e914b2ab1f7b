//! Random sequences of calls: every step keeps the invariants, and everything is freed in the end.

use crate::book::Book;
use crate::world::{World, ospf, rip, ucast};
use proptest::collection::vec;
use proptest::prelude::*;
use tiebreak_rtm::*;

/// Numbers that a step picks its objects and values with.
type Dice = (u8, u8, u8, u8);

struct Player {
    world: World,
    clients: Vec<EntityHandle>,
    /// Handles any client might try, its own or not, alive or not.
    routes: Vec<RouteHandle>,
    hops: Vec<NextHopHandle>,
    notifies: Vec<NotifyHandle>,
    dests: Vec<(EntityHandle, DestInfo)>,
    changed: Vec<(EntityHandle, NotifyHandle, Vec<DestInfo>)>,
    frames: Vec<CallbackFrame>,
    /// What was given and not given back; kept where no route is lent to be edited, and nobody leaves.
    book: Option<Book>,
}

const PREFIXES: [&str; 6] =
    ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.1/32"];

fn pick<T: Clone>(from: &[T], die: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(die) % from.len()].clone())
}

/// How many kinds of steps there are.
const STEPS: u8 = 32;
const MODES: [LockMode; 2] = [LockMode::Exclusive, LockMode::Shared];

fn lock_mode(die: u8) -> LockMode {
    MODES[usize::from(die & 1)]
}

const fn lock_action(die: u8) -> LockAction {
    if die & 2 == 0 { LockAction::Lock } else { LockAction::Unlock }
}

impl Player {
    fn new() -> Self {
        let mut world = World::new();
        let clients = vec![
            world.register(rip(1)),
            world.register(rip(2)),
            world.register(ospf()),
            world.register_silent(rip(3)),
        ];
        let (routes, hops, notifies, dests) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (changed, frames, book) = (Vec::new(), Vec::new(), None);
        Self { world, clients, routes, hops, notifies, dests, changed, frames, book }
    }

    /// Makes a call, and books what it gives or gives back.
    fn make(&mut self, caller: EntityHandle, frame: Option<CallbackId>, call: &Call) -> Outcome {
        let outcome = self.world.call_in(Some(caller), frame, call.clone());
        if let (Some(book), Outcome::Done(reply)) = (&mut self.book, &outcome) {
            book.enter(caller, call, reply);
        }
        outcome
    }

    fn invoke(&mut self, client: EntityHandle) {
        let frame = self.world.invoke(client);
        if let (Some(book), Some(frame)) = (&mut self.book, &frame) {
            book.enter_frame(frame);
        }
        self.frames.extend(frame);
    }

    fn answer(&mut self, frame: &CallbackFrame, status: Status) {
        self.world.answer(frame.callback, status);
        if let Some(book) = &mut self.book {
            book.enter_answer(frame, status);
        }
    }

    fn check_book(&self) {
        let Some(book) = &self.book else { return };
        for client in &self.clients {
            assert_eq!(self.world.manager.references_held(*client), book.total(*client), "{client:?}");
        }
    }

    fn spec(&self, (_, a, b, c): Dice) -> RouteSpec {
        RouteSpec {
            neighbour: if c & 1 == 0 { None } else { pick(&self.hops, a) },
            next_hops: if c & 2 == 0 { NextHops::NONE } else { pick(&self.hops, b).into_iter().collect() },
            views: ViewSet::from_bits(u32::from(c >> 2 & 3)),
            flags: RouteFlags::from_bits(u16::from(c & 0x18)),
            ..ucast(u32::from(a % 3), u32::from(b % 3))
        }
    }

    /// Plays one step; steps that name nothing there is are skipped.
    fn play(&mut self, step: u8, dice: Dice) {
        let (a, b, c, d) = dice;
        let caller = self.clients[usize::from(a) % self.clients.len()];
        let frame = pick(&self.frames, d)
            .filter(|frame| d & 1 == 1 && frame.to == caller)
            .map(|frame| frame.callback);
        let Some(call) = self.choose(step, dice) else { return self.drive(step, dice) };
        let outcome = self.make(caller, frame, &call);
        match outcome.done() {
            Some(Reply::AddRouteToDest { route: Some(route), .. }) => self.routes.push(route),
            Some(
                Reply::AddNextHop { next_hop: Some(next_hop), .. }
                | Reply::FindNextHop { next_hop: Some(next_hop), .. },
            ) => {
                self.hops.push(next_hop);
            }
            Some(Reply::RegisterForChangeNotification { notify }) => self.notifies.push(notify),
            Some(Reply::Dest { info }) => {
                self.routes.extend(info.views.iter().filter_map(|view| view.route));
                self.dests.push((caller, info));
            }
            Some(Reply::GetChangedDests { infos }) => {
                let Call::GetChangedDests { notify, .. } = call else { unreachable!("{call:?}") };
                self.changed.push((caller, notify, infos));
            }
            Some(Reply::GetRouteInfo { info: Some(info), .. }) if b & 1 == 0 => {
                let release = Call::ReleaseRouteInfo { info };
                assert_eq!(self.make(caller, None, &release).status(), Some(Status::NoError), "{c}");
            }
            _ => {}
        }
    }

    fn choose(&self, step: u8, dice: Dice) -> Option<Call> {
        let (_, b, c, d) = dice;
        let route = pick(&self.routes, b);
        let notify = pick(&self.notifies, b);
        let dest = pick(&self.dests, c).map(|(_, info)| info.dest);
        let address = PREFIXES[usize::from(b) % PREFIXES.len()].parse().expect("a prefix");
        let views = ViewSet::from_bits(u32::from(c % 5));
        Some(match step % STEPS {
            0..=2 => Call::AddRouteToDest {
                route: match (d % 4, route) {
                    (0, _) => HandleArgument::Absent,
                    (1, Some(route)) => HandleArgument::Given(route),
                    _ => HandleArgument::Null,
                },
                dest: address,
                spec: self.spec((b, c, d, c ^ d)),
                time_to_live_ms: [0, 1000, 2000, INFINITE][usize::from(c) % 4],
                list: None,
                change_flags: RouteChangeFlags::from_bits(u32::from(d >> 2 & 3)),
            },
            3 => Call::get_route_info(route?),
            4 => Call::DeleteRouteToDest { route: route? },
            5 => Call::AddNextHop {
                next_hop: if d % 5 == 0 { HandleArgument::Absent } else { HandleArgument::Null },
                spec: NextHopSpec {
                    remote: dest.filter(|_| d & 1 == 1),
                    ..NextHopSpec::local("192.0.2.1/32".parse().expect("a host"), u32::from(c % 3))
                },
            },
            6 => Call::DeleteNextHop { target: NextHopTarget::Handle(pick(&self.hops, b)?) },
            7 => Call::ReleaseNextHops { next_hops: vec![pick(&self.hops, b)?] },
            8 => Call::GetMostSpecificDestination { address, protocol: ProtocolSelector::This, views },
            9 => Call::GetExactMatchDestination { address, protocol: ProtocolSelector::Best, views },
            10 => Call::ReleaseRoutes { routes: vec![route?] },
            11 if d & 1 == 1 => Call::HoldDestination { dest: dest?, views, hold_time_ms: u32::from(b) * 20 },
            11 if d % 4 == 0 => Call::GetRoutePointer { route: route? },
            11 => Call::GetOpaqueInformationPointer { dest: dest? },
            12 => Call::LockRoute { route: route?, mode: lock_mode(d), action: LockAction::Lock },
            13 if d % 3 == 0 => Call::SetOpaqueInformation { dest: dest?, value: u64::from(b % 2) },
            13 => Call::LockRoute { route: route?, mode: lock_mode(d), action: LockAction::Unlock },
            14 => Call::UpdateAndUnlockRoute {
                route: route?,
                edited: self.spec(dice),
                time_to_live_ms: 1000,
                list: None,
            },
            15 => Call::RegisterForChangeNotification {
                views,
                flags: NotifyFlags::from_bits(u32::from(d % 8) | u32::from(c & 1) << 16),
                context: 0,
                own_changes: OwnChanges::Included,
            },
            16 => Call::DeregisterFromChangeNotification { notify: notify? },
            17 | 18 => Call::GetChangedDests { notify: notify?, count: u32::from(c % 4) },
            19 => Call::IgnoreChangedDests { notify: notify?, dests: vec![dest?, dest?] },
            20 => Call::MarkDestForChangeNotification {
                notify: notify?,
                dest: dest?,
                mark: if d & 1 == 0 { Marking::Mark } else { Marking::Unmark },
            },
            21 => Call::ReferenceHandles { handles: vec![AnyHandle::Route(route?), AnyHandle::Dest(dest?)] },
            22 => Call::ReleaseDests { infos: vec![pick(&self.dests, b)?.1] },
            23 if d < 30 => Call::DeregisterEntity,
            28 => Call::LockDestination { dest: dest?, mode: lock_mode(d), action: lock_action(d) },
            29 => Call::LockNextHop {
                next_hop: pick(&self.hops, b)?,
                mode: lock_mode(d),
                action: lock_action(d),
                edited: (d & 4 == 0).then(|| NextHopSpec::local(address, u32::from(c))),
            },
            _ => return None,
        })
    }

    /// Lets time pass, invokes or returns a callback, or registers anew.
    fn drive(&mut self, step: u8, (a, b, c, d): Dice) {
        let client = a % 4;
        match step % STEPS {
            23 => {
                let infos = [rip(1), rip(2), ospf(), rip(3)];
                let (info, callback) = (infos[usize::from(client)], EventCallback::Given);
                let reserve_opaque_pointer =
                    [OpaqueSlot::Reserved, OpaqueSlot::NotReserved][usize::from(c % 2)];
                let call = Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer };
                let handle = self.world.call_in(None, None, call).done();
                if let Some(Reply::RegisterEntity { entity, .. }) = handle {
                    self.clients[usize::from(client)] = entity;
                }
            }
            24 => self.world.pass_until(self.world.now + u64::from(b) * 10_000_000),
            25 => {
                let is_free = |to| self.frames.iter().all(|frame| frame.to != to);
                if let Some((to, ..)) = pick(&self.world.delivered, b).filter(|(to, ..)| is_free(*to)) {
                    self.invoke(to);
                }
            }
            26 if !self.frames.is_empty() => {
                let frame = self.frames.remove(usize::from(b) % self.frames.len());
                let status = if c & 1 == 0 { Status::NotSupported } else { Status::NoError };
                self.answer(&frame, status);
            }
            30 | 31 if !self.world.ready.is_empty() => {
                let (_, ticket) = self.world.ready[usize::from(b) % self.world.ready.len()];
                self.world.resume(ticket);
            }
            27 if !self.changed.is_empty() => {
                let (client, notify, infos) = self.changed.remove(usize::from(d) % self.changed.len());
                let outcome = self.make(client, None, &Call::ReleaseChangedDests { notify, infos });
                let refused = matches!(
                    outcome,
                    Outcome::Violated(Violation::UseAfterDeregister { .. } | Violation::DoubleRelease { .. })
                );
                assert!(refused || outcome == Outcome::Done(Reply::Nothing), "{outcome:?}");
            }
            _ => {}
        }
    }

    /// Route locks first: under one, nothing else can be unlocked (D-89).
    fn unlock_everything(&mut self) {
        let action = LockAction::Unlock;
        let naming = self.world.manager.naming();
        let (dests, hops): (Vec<_>, Vec<_>) = (naming.dests().collect(), naming.next_hops().collect());
        let routes = self.world.manager.routes(rip(1).table);
        let routes =
            routes.iter().flat_map(|route| MODES.map(|mode| Call::LockRoute { route: *route, mode, action }));
        let dests = dests
            .iter()
            .flat_map(|dest| MODES.map(|mode| Call::LockDestination { dest: *dest, mode, action }));
        let hops = hops.iter().flat_map(|hop| {
            MODES.map(|mode| Call::LockNextHop { next_hop: *hop, mode, action, edited: None })
        });
        for unlock in routes.chain(dests).chain(hops) {
            for client in self.clients.clone() {
                self.world.call(client, unlock.clone());
            }
        }
    }

    fn tear_down(mut self) {
        for frame in core::mem::take(&mut self.frames) {
            self.world.answer(frame.callback, Status::NoError);
        }
        // Locks are given back, and those that waited for them take theirs, until nobody waits.
        while self.world.manager.waiting_calls().count() > 0 {
            self.unlock_everything();
            for (_, ticket) in self.world.ready.clone() {
                self.world.resume(ticket);
            }
        }
        self.unlock_everything();
        for client in self.clients.clone() {
            self.world.call(client, Call::DeregisterEntity);
        }
        // What is held ends at its time.
        self.world.pass_until(u64::MAX);
        assert_eq!(self.world.manager.total_references(), 0);
        assert_eq!(self.world.manager.objects_alive(), ObjectCounts::default());
        assert!(self.world.timers.is_empty() && self.world.delivered.is_empty());
    }

    fn settle(&mut self) {
        for frame in core::mem::take(&mut self.frames) {
            self.answer(&frame, Status::NoError);
        }
        while let Some((to, ..)) = self.world.delivered.first().copied() {
            self.invoke(to);
            let frame = self.frames.pop().expect("what is delivered can be invoked");
            self.answer(&frame, Status::NoError);
        }
    }

    fn succeed(&mut self, caller: EntityHandle, call: Call) {
        let outcome = self.make(caller, None, &call);
        assert!(matches!(outcome, Outcome::Done(_)), "{call:?} ended in {outcome:?}");
    }

    /// Deletes what clients have made: routes, next hops, registrations.
    fn delete_everything(&mut self) {
        for route in self.world.manager.routes(rip(1).table) {
            let owner = self.world.manager.route(route).expect("it is in the table").owner;
            // A deletion consumes a handle.
            self.succeed(owner, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
            self.succeed(owner, Call::DeleteRouteToDest { route });
        }
        for next_hop in self.world.manager.naming().next_hops().collect::<Vec<_>>() {
            let info = self.world.manager.next_hop(next_hop).expect("it is referred to");
            if info.state == NextHopState::Created {
                let (address, interface) = (info.spec.address, info.spec.interface);
                let target = NextHopTarget::Identity { address, interface };
                self.succeed(info.owner, Call::DeleteNextHop { target });
            }
        }
        for notify in self.notifies.clone() {
            if let Some(registration) = self.world.manager.registration(notify) {
                self.succeed(registration.owner, Call::DeregisterFromChangeNotification { notify });
            }
        }
    }

    /// Gives back all that was given, call by call; nobody leaves, so nothing is cleaned up.
    fn give_back(mut self) {
        self.settle();
        self.delete_everything();
        self.settle();
        for (client, notify, infos) in core::mem::take(&mut self.changed) {
            self.succeed(client, Call::ReleaseChangedDests { notify, infos });
        }
        for client in self.clients.clone() {
            for release in self.book.as_ref().expect("it is kept").releases(client) {
                self.succeed(client, release.clone());
                self.check_book();
            }
            assert_eq!(self.world.manager.references_held(client), 0);
        }
        // What is held ends at its time.
        self.world.pass_until(u64::MAX);
        let entities = self.clients.len() as u64;
        assert_eq!(self.world.manager.objects_alive(), ObjectCounts { entities, ..ObjectCounts::default() });
        assert!(self.world.timers.is_empty() && self.world.delivered.is_empty());
    }
}

/// Steps that lend a route, or end with something that only the client's leaving gives back.
const fn lends_or_leaves(step: u8) -> bool {
    matches!(step % STEPS, 12..=14 | 23 | 28 | 29)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// RTM-085
    #[test]
    fn objects_live_exactly_as_long_as_something_refers_to_them(
        steps in vec((any::<u8>(), any::<Dice>()), 1..250)
    ) {
        let mut player = Player::new();
        for (step, dice) in steps {
            player.play(step, dice);
        }
        player.tear_down();
    }

    /// RTM-085: what a client holds is at every moment what it was given and has not given back; the last release frees.
    #[test]
    fn who_gives_back_all_it_was_given_leaves_nothing(
        steps in vec((any::<u8>(), any::<Dice>()), 1..250)
    ) {
        let mut player = Player::new();
        player.book = Some(Book::default());
        for (step, dice) in steps.into_iter().filter(|(step, _)| !lends_or_leaves(*step)) {
            player.play(step, dice);
            player.check_book();
        }
        player.give_back();
    }
}

/// I12: whatever concerns FORWARDING concerns BEST, whatever concerns BEST concerns ALL.
#[test]
fn the_classes_of_change_are_nested() {
    let flags = [NotifyFlags::FORWARDING, NotifyFlags::BEST, NotifyFlags::ALL];
    let mut player = Player::new();
    let watcher =
        player.world.register(EntityInfo { id: EntityId { protocol: 99, protocol_instance: 0 }, ..rip(1) });
    let notifies = flags.map(|flags| player.world.watch_views(watcher, ViewSet::ANY, flags));
    let mut seed = 1_u64;
    for _ in 0..2000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [.., a, b, c, d] = seed.rotate_left(23).to_le_bytes();
        // Adds, deletes, next hops; no locks, since the watcher could not read then.
        player.play([0, 1, 2, 3, 4, 5][usize::from(seed.to_le_bytes()[6]) % 6], (a, b, c, d));
        let [forwarding, best, all] = notifies.map(|notify| player.world.drained(watcher, notify));
        assert!(forwarding.iter().all(|dest| best.contains(dest)));
        assert!(best.iter().all(|dest| all.contains(dest)));
    }
}
