//! How calls and facts of the manager are spelled in records: names for handles, words for numbers.

pub(crate) mod locks;
mod methods;
mod reading;
mod reasons;

use alloc::vec::Vec;

use tiebreak::{Context, Fact, Name, Span, Symbol, Term};
use tiebreak_rtm::{
    AnyHandle, BestInfo, Call, DestHandle, EntityHandle, Fact as RtmFact, HandleArgument, INFINITE, LeakKind,
    Marking, NetAddress, NextHopHandle, NextHopTarget, NotifyFlags, OpaqueSlot, Outcome, OwnChanges, Reply,
    RouteChangeFlags, RouteHandle, RouteName, RouteSpec, Status, ViewId, ViewInfo, ViewSet,
};

use self::reasons::{delete_reason, drop_reason, leak_subject};
use crate::core::{Core, Private, status_fact};
use crate::event::Event;
use crate::subject::Subject;
use crate::vocabulary::{self, key, kind, word};

/// A call as it will be noted: worked out before it is made, because afterwards its handles may be gone.
#[derive(Debug)]
pub(crate) struct Described {
    kind: Term,
    subject: Subject,
    facts: Facts,
}

impl Described {
    /// Gives the room of the facts back, of a call that is not noted.
    pub(crate) fn into_facts(self) -> Facts {
        self.facts
    }
}

/// The facts of a note.
pub(crate) type Facts = Vec<Fact<Subject>>;

/// Describes a call: its function, what it is about, its arguments as far as they tell something.
pub(crate) fn call(core: &mut Core, call: &Call, naming: Option<Symbol>) -> Described {
    let mut facts = core.take_room();
    arguments(core, call, &mut facts);
    Described { kind: vocabulary::function(call.function()), subject: subject_of(core, call, naming), facts }
}

/// What there is to say of the arguments of a call, besides what it is about.
fn arguments(core: &Core, call: &Call, facts: &mut Facts) {
    match call {
        Call::RegisterEntity { info, methods, reserve_opaque_pointer, .. } => {
            facts.push(protocol_fact(info.id.protocol));
            facts.extend((*methods != 0).then(|| Fact::number(key::METHODS, u64::from(*methods))));
            if *reserve_opaque_pointer == OpaqueSlot::Reserved {
                facts.push(Fact::word(key::OPAQUE, word::YES));
            }
        }
        Call::GetEntityMethods { .. } | Call::InvokeMethod { .. } | Call::BlockMethods { .. } => {
            methods::arguments(call, facts);
        }
        Call::SetOpaqueInformation { value, .. } => facts.push(Fact::number(key::VALUE, *value)),
        Call::AddRouteToDest { route, spec, time_to_live_ms, list, change_flags, .. } => {
            modes(route, *change_flags, facts);
            route_spec(core, spec, *time_to_live_ms, facts);
            reading::list(core, *list, facts);
        }
        Call::UpdateAndUnlockRoute { edited, time_to_live_ms, list, .. } => {
            route_spec(core, edited, *time_to_live_ms, facts);
            reading::list(core, *list, facts);
        }
        Call::HoldDestination { views, hold_time_ms, .. } => hold(*views, *hold_time_ms, facts),
        Call::LockRoute { action, .. } => facts.push(Fact::word(key::ACTION, locks::action(*action))),
        Call::LockDestination { mode, action, .. } | Call::LockNextHop { mode, action, .. } => {
            facts.push(Fact::word(key::ACTION, locks::action(*action)));
            facts.push(Fact::word(key::MODE, locks::mode(*mode)));
        }
        Call::AddNextHop { spec, .. } => {
            facts.push(Fact::number(key::INTERFACE, u64::from(spec.interface)));
        }
        Call::RegisterForChangeNotification { .. }
        | Call::GetChangeStatus { .. }
        | Call::IsMarkedForChangeNotification { .. }
        | Call::MarkDestForChangeNotification { .. }
        | Call::IgnoreChangedDests { .. } => change_arguments(core, call, facts),
        Call::GetExactMatchRoute { .. }
        | Call::CreateDestEnum { .. }
        | Call::CreateRouteEnum { .. }
        | Call::CreateNextHopEnum { .. }
        | Call::CreateRouteListEnum { .. }
        | Call::InsertInRouteList { .. } => reading::arguments(core, call, facts),
        Call::DeregisterEntity
        | Call::GetEnumDests { .. }
        | Call::GetEnumRoutes { .. }
        | Call::GetEnumNextHops { .. }
        | Call::DeleteEnumHandle { .. }
        | Call::CreateRouteList
        | Call::GetListEnumRoutes { .. }
        | Call::DeleteRouteList { .. }
        | Call::GetLessSpecificDestination { .. }
        | Call::GetRegisteredEntities { .. }
        | Call::ReleaseEntities { .. }
        | Call::GetEntityInfo { .. }
        | Call::ReleaseEntityInfo { .. }
        | Call::GetOpaqueInformationPointer { .. }
        | Call::DeleteRouteToDest { .. }
        | Call::GetRoutePointer { .. }
        | Call::GetRouteInfo { .. }
        | Call::ReleaseRouteInfo { .. }
        | Call::ReleaseRoutes { .. }
        | Call::GetDestInfo { .. }
        | Call::GetExactMatchDestination { .. }
        | Call::GetMostSpecificDestination { .. }
        | Call::ReleaseDestInfo { .. }
        | Call::ReleaseDests { .. }
        | Call::IsBestRoute { .. }
        | Call::FindNextHop { .. }
        | Call::DeleteNextHop { .. }
        | Call::GetNextHopInfo { .. }
        | Call::GetNextHopPointer { .. }
        | Call::ReleaseNextHopInfo { .. }
        | Call::ReleaseNextHops { .. }
        | Call::DeregisterFromChangeNotification { .. }
        | Call::GetChangedDests { .. }
        | Call::ReleaseChangedDests { .. }
        | Call::ReferenceHandles { .. }
        | Call::ReleaseHandle { .. } => {}
    }
}

/// In which views a destination is armed, and for how long; none in particular means all (D-121).
fn hold(views: ViewSet, hold_time_ms: u32, facts: &mut Facts) {
    match views {
        ViewSet::ANY | ViewSet::ALL => facts.push(Fact::word(key::VIEW, word::ALL)),
        views => push_views(views, facts),
    }
    facts.push(Fact::span(key::HOLD, Span::from_millis(u64::from(hold_time_ms))));
}

/// What there is to say of the arguments of a call that concerns changes.
fn change_arguments(core: &Core, call: &Call, facts: &mut Facts) {
    let dest_fact = |dest: &DestHandle| Fact::subject(key::DEST, dest_subject(core, AnyHandle::Dest(*dest)));
    if let Call::RegisterForChangeNotification { views, flags, context, own_changes } = call {
        notify_flags(*flags, *own_changes, facts);
        push_views(*views, facts);
        facts.extend((*context != 0).then(|| Fact::number(key::CONTEXT, *context)));
    } else if let Call::GetChangeStatus { dest, .. } | Call::IsMarkedForChangeNotification { dest, .. } = call
    {
        facts.push(dest_fact(dest));
    } else if let Call::MarkDestForChangeNotification { dest, mark, .. } = call {
        facts.push(dest_fact(dest));
        facts.push(Fact::word(key::MARK, word::yes_or_no(*mark == Marking::Mark)));
    } else if let Call::IgnoreChangedDests { dests, .. } = call {
        facts.extend(dests.iter().map(dest_fact));
    }
}

/// What a call is about; `naming` is the name of what it makes.
fn subject_of(core: &Core, call: &Call, naming: Option<Symbol>) -> Subject {
    let named = |name: Option<Symbol>| name.map_or(Subject::None, Subject::Name);
    match call {
        Call::RegisterEntity { .. }
        | Call::DeregisterEntity
        | Call::GetRegisteredEntities { .. }
        | Call::BlockMethods { .. }
        | Call::ReleaseEntities { .. } => Subject::None,
        Call::GetEntityInfo { entity }
        | Call::GetEntityMethods { entity, .. }
        | Call::InvokeMethod { entity, .. }
        | Call::ReleaseEntityInfo { entity } => named(core.actor_of(*entity)),
        Call::AddRouteToDest { dest, .. } => Subject::Dest(*dest),
        Call::UpdateAndUnlockRoute { route, .. }
        | Call::LockRoute { route, .. }
        | Call::DeleteRouteToDest { route }
        | Call::GetRouteInfo { route, .. }
        | Call::GetRoutePointer { route }
        | Call::IsBestRoute { route } => route_dest(core, *route),
        Call::ReleaseRouteInfo { info } => dest_subject(core, AnyHandle::Dest(info.dest)),
        Call::ReleaseRoutes { routes } => of_first(routes, |route| route_dest(core, *route)),
        Call::AddNextHop { spec, .. } => Subject::Host(spec.address),
        Call::FindNextHop { address, .. }
        | Call::DeleteNextHop { target: NextHopTarget::Identity { address, .. } } => Subject::Host(*address),
        Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) }
        | Call::LockNextHop { next_hop, .. }
        | Call::GetNextHopInfo { next_hop }
        | Call::GetNextHopPointer { next_hop } => next_hop_subject(core, *next_hop),
        Call::ReleaseNextHopInfo { info } => Subject::Host(info.spec.address),
        Call::ReleaseNextHops { next_hops } => {
            of_first(next_hops, |next_hop| next_hop_subject(core, *next_hop))
        }
        Call::GetDestInfo { dest, .. }
        | Call::GetLessSpecificDestination { dest, .. }
        | Call::LockDestination { dest, .. }
        | Call::HoldDestination { dest, .. }
        | Call::GetOpaqueInformationPointer { dest }
        | Call::SetOpaqueInformation { dest, .. } => dest_subject(core, AnyHandle::Dest(*dest)),
        Call::GetExactMatchDestination { address, .. } | Call::GetMostSpecificDestination { address, .. } => {
            Subject::Dest(*address)
        }
        Call::ReleaseDestInfo { info } => Subject::Dest(info.address),
        Call::ReleaseDests { infos } => of_first(infos, |info| Subject::Dest(info.address)),
        Call::GetExactMatchRoute { .. }
        | Call::CreateDestEnum { .. }
        | Call::GetEnumDests { .. }
        | Call::CreateRouteEnum { .. }
        | Call::GetEnumRoutes { .. }
        | Call::CreateNextHopEnum { .. }
        | Call::GetEnumNextHops { .. }
        | Call::DeleteEnumHandle { .. }
        | Call::CreateRouteList
        | Call::InsertInRouteList { .. }
        | Call::CreateRouteListEnum { .. }
        | Call::GetListEnumRoutes { .. }
        | Call::DeleteRouteList { .. } => reading::subject(core, call, naming),
        Call::RegisterForChangeNotification { .. } => named(naming),
        Call::DeregisterFromChangeNotification { notify }
        | Call::GetChangedDests { notify, .. }
        | Call::ReleaseChangedDests { notify, .. }
        | Call::GetChangeStatus { notify, .. }
        | Call::IsMarkedForChangeNotification { notify, .. }
        | Call::MarkDestForChangeNotification { notify, .. }
        | Call::IgnoreChangedDests { notify, .. } => named(core.name_of(*notify)),
        Call::ReferenceHandles { handles } => of_first(handles, |handle| dest_subject(core, *handle)),
        Call::ReleaseHandle { handle } => dest_subject(core, *handle),
    }
}

/// What a call on several things is about: the first of them.
fn of_first<T>(things: &[T], subject: impl FnOnce(&T) -> Subject) -> Subject {
    things.first().map_or(Subject::None, subject)
}

/// Which route an addition is meant for.
fn modes(route: &HandleArgument<RouteHandle>, change_flags: RouteChangeFlags, facts: &mut Facts) {
    if matches!(route, HandleArgument::Given(_)) {
        facts.push(Fact::word(key::MODE, word::HANDLE));
    }
    for (flag, word) in [(RouteChangeFlags::NEW, word::NEW), (RouteChangeFlags::FIRST, word::FIRST)] {
        if change_flags.contains(flag) {
            facts.push(Fact::word(key::MODE, word));
        }
    }
}

/// Notes a call and how it ended.
pub(crate) fn note_call(
    core: &mut Core,
    actor: Symbol,
    described: Described,
    outcome: &Outcome,
    context: &mut Context<'_, Event, Subject>,
) {
    let Described { kind, subject, mut facts } = described;
    match outcome {
        Outcome::Done(reply) => {
            facts.push(status_fact(Status::NoError));
            reply_facts(core, reply, &mut facts);
        }
        Outcome::Failed(status) => facts.push(status_fact(*status)),
        Outcome::NeedsRoom(needed) => {
            facts.push(status_fact(Status::InsufficientBuffer));
            facts.push(Fact::number(key::COUNT, u64::from(*needed)));
        }
        Outcome::Pending(_) => facts.push(Fact::word(key::STATUS, word::WAITS)),
        Outcome::Violated(violation) => {
            facts.push(violation.status().map_or(Fact::word(key::STATUS, word::REFUSED), status_fact));
            facts.push(Fact::word(key::VIOLATION, Term::new(violation.name())));
        }
    }
    context.record(Name::of(actor, kind, subject), &facts);
    core.return_room(facts);
}

fn reply_facts(core: &Core, reply: &Reply, facts: &mut Facts) {
    match reply {
        Reply::AddRouteToDest { change_flags, .. }
        | Reply::DeleteRouteToDest { change_flags }
        | Reply::UpdateAndUnlockRoute { change_flags } => {
            for (flag, word) in [(RouteChangeFlags::NEW, word::NEW), (RouteChangeFlags::BEST, word::BEST)] {
                if change_flags.contains(flag) {
                    facts.push(Fact::word(key::CHANGE, word));
                }
            }
        }
        Reply::AddNextHop { change_flags, .. } => {
            if !change_flags.is_empty() {
                facts.push(Fact::word(key::CHANGE, word::NEW));
            }
        }
        Reply::GetRegisteredEntities { infos, .. } => {
            facts.push(Fact::number(key::COUNT, infos.len() as u64));
        }
        Reply::GetChangedDests { infos } | Reply::GetEnumDests { infos } => {
            facts.push(Fact::number(key::COUNT, infos.len() as u64));
        }
        Reply::GetEnumRoutes { routes } | Reply::GetListEnumRoutes { routes } => {
            facts.push(Fact::number(key::COUNT, routes.len() as u64));
        }
        Reply::GetEnumNextHops { next_hops } => {
            facts.push(Fact::number(key::COUNT, next_hops.len() as u64));
        }
        Reply::GetEntityMethods { .. } | Reply::InvokeMethod { .. } => methods::reply(reply, facts),
        Reply::GetEntityInfo { info } => facts.push(protocol_fact(info.id.protocol)),
        Reply::Dest { info } => {
            facts.push(Fact::subject(key::DEST, Subject::Dest(info.address)));
            for view in &info.views {
                view_facts(core, view, facts);
            }
        }
        Reply::GetExactMatchRoute { info, .. } => reading::route(core, info, facts),
        Reply::GetOpaqueInformationPointer { value } => facts.push(Fact::number(key::VALUE, *value)),
        Reply::GetNextHopPointer { info } => {
            facts.push(Fact::number(key::INTERFACE, u64::from(info.spec.interface)));
        }
        Reply::GetRouteInfo { info: Some(info), .. } | Reply::GetRoutePointer { info } => {
            facts.push(Fact::number(key::METRIC, u64::from(info.spec.metric)));
        }
        // Where a route leads is said where it is asked for alone.
        Reply::GetRouteInfo { info: None, address } => {
            facts.extend(address.map(|address| Fact::subject(key::DEST, Subject::Dest(address))));
        }
        Reply::FindNextHop { info, .. } => {
            facts.extend(info.map(|info| Fact::number(key::INTERFACE, u64::from(info.spec.interface))));
        }
        Reply::IsBestRoute { views } => push_views(*views, facts),
        Reply::GetChangeStatus { is_pending } => {
            facts.push(Fact::word(key::IS, word::yes_or_no(*is_pending)));
        }
        Reply::IsMarkedForChangeNotification { is_marked } => {
            facts.push(Fact::word(key::IS, word::yes_or_no(*is_marked)));
        }
        Reply::Nothing
        | Reply::RegisterEntity { .. }
        | Reply::LockRoute { .. }
        | Reply::LockNextHop { .. }
        | Reply::CreateEnum { .. }
        | Reply::CreateRouteList { .. }
        | Reply::GetNextHopInfo { .. }
        | Reply::RegisterForChangeNotification { .. } => {}
    }
}

/// Notes what the manager tells of itself, as far as the calls and callbacks do not tell it already.
pub(crate) fn note_fact(core: &mut Core, fact: &RtmFact, context: &mut Context<'_, Event, Subject>) {
    if !context.is_recording() {
        return;
    }
    match fact {
        RtmFact::BestChanged { table, dest, view, best } => {
            let actor = core.table_actor(*table, |text| context.intern(text));
            let mut facts = core.take_room();
            best_facts(core, *view, best.as_ref(), &mut facts);
            context.record(Name::of(actor, kind::BEST, Subject::Dest(*dest)), &facts);
            core.return_room(facts);
        }
        RtmFact::RouteAdded(route) => note_route(core, kind::ROUTE_ADDED, route, None, context),
        RtmFact::RouteUpdated(route) => note_route(core, kind::ROUTE_UPDATED, route, None, context),
        RtmFact::RouteRefreshed(route) => note_route(core, kind::ROUTE_REFRESHED, route, None, context),
        RtmFact::RouteDeleted { route, reason } => {
            note_route(core, kind::ROUTE_DELETED, route, Some(delete_reason(*reason)), context);
        }
        RtmFact::RouteHeld { route, views, until } => {
            let actor = core.table_actor(route.table, |text| context.intern(text));
            let mut facts = core.take_room();
            route_facts(core, route, &mut facts);
            push_views(*views, &mut facts);
            let left = Span::from_nanos(until.saturating_sub(context.now().as_nanos()));
            facts.push(Fact::span(key::HOLD, left));
            context.record(Name::of(actor, kind::ROUTE_HELD, Subject::Dest(route.dest)), &facts);
            core.return_room(facts);
        }
        RtmFact::HoldEnded { table, dest, views } => {
            let actor = core.table_actor(*table, |text| context.intern(text));
            let mut facts = core.take_room();
            push_views(*views, &mut facts);
            context.record(Name::of(actor, kind::HOLD_ENDED, Subject::Dest(*dest)), &facts);
            core.return_room(facts);
        }
        RtmFact::CallbackDropped { reason, .. } => {
            let Some(name) = core.taken_back.take() else { return };
            let facts = [Fact::word(key::OBJECT, name.kind), Fact::word(key::REASON, drop_reason(*reason))];
            context.record(Name { kind: kind::DROPPED, ..name }, &facts);
        }
        RtmFact::Leak { entity, subject, kind: leak } => {
            let Some(actor) = core.actor_of(*entity) else { return };
            let (what, subject) = leak_subject(core, subject);
            let facts = match leak {
                LeakKind::References(count) => {
                    [Fact::word(key::OBJECT, what), Fact::number(word::REFERENCES, u64::from(*count))]
                }
                LeakKind::NotDeleted => {
                    [Fact::word(key::OBJECT, what), Fact::word(key::REASON, word::NOT_DELETED)]
                }
                LeakKind::Locked => [Fact::word(key::OBJECT, what), Fact::word(key::REASON, word::LOCKED)],
                LeakKind::NotCleared => {
                    [Fact::word(key::OBJECT, what), Fact::word(key::REASON, word::NOT_CLEARED)]
                }
            };
            context.record(Name::of(actor, kind::LEAK, subject), &facts);
        }
        RtmFact::Deadlock { cycle } => locks::note_deadlock(core, cycle, context),
        RtmFact::TargetIgnored { caller, target } => {
            let Some(actor) = core.actor_of(*caller) else { return };
            let facts = [Fact::word(key::REASON, word::TARGET_IGNORED)];
            context.record(Name::of(actor, kind::WARNING, dest_subject(core, *target)), &facts);
        }
        RtmFact::Violation { caller, violation } => {
            let Some(actor) = caller.and_then(|caller| core.actor_of(caller)).or(core.acting) else { return };
            let facts = [
                Fact::word(key::VIOLATION, Term::new(violation.name())),
                Fact::word(key::FUNCTION, vocabulary::function(violation.function())),
            ];
            context.record(Name::of(actor, kind::VIOLATION, Subject::None), &facts);
        }
        // What is pending shows when it is fetched.
        RtmFact::ChangePending { .. } | RtmFact::ChangeCoalesced { .. } => {}
    }
}

/// What there is to say of the best route of a destination in a view; `none` if there is none.
fn best_facts(core: &Core, view: ViewId, best: Option<&BestInfo>, facts: &mut Facts) {
    facts.push(Fact::word(key::VIEW, word::view(view)));
    let Some(best) = best else {
        facts.push(Fact::word(key::OWNER, word::NONE));
        return;
    };
    if let Some(owner) = core.actor_of(best.owner) {
        facts.push(Fact::name(key::OWNER, owner));
    }
    facts.push(Fact::number(key::METRIC, u64::from(best.metric)));
    facts.push(Fact::number(key::PREFERENCE, u64::from(best.preference)));
    facts.extend(best.neighbour.map(|hop| Fact::subject(key::NEIGHBOUR, Subject::Host(hop.address))));
    facts.extend(best.next_hops.iter().map(|hop| Fact::subject(key::VIA, Subject::Host(hop.address))));
}

/// The owner of a route, or `none` where there is no route.
pub(crate) fn owner_fact(core: &Core, owner: Option<EntityHandle>) -> Fact<Subject> {
    let actor = owner.and_then(|owner| core.actor_of(owner));
    actor.map_or(Fact::word(key::OWNER, word::NONE), |actor| Fact::name(key::OWNER, actor))
}

/// A protocol by its name, or by its number if it has none.
fn protocol_fact(protocol: u32) -> Fact<Subject> {
    let number = Fact::number(key::PROTOCOL, u64::from(protocol));
    vocabulary::protocol(protocol).map_or(number, |name| Fact::word(key::PROTOCOL, name))
}

fn note_route(
    core: &mut Core,
    what: Term,
    route: &RouteName,
    reason: Option<Term>,
    context: &mut Context<'_, Event, Subject>,
) {
    let actor = core.table_actor(route.table, |text| context.intern(text));
    let mut facts = core.take_room();
    route_facts(core, route, &mut facts);
    facts.extend(reason.map(|reason| Fact::word(key::REASON, reason)));
    context.record(Name::of(actor, what, Subject::Dest(route.dest)), &facts);
    core.return_room(facts);
}

/// Whose a route is, and who taught it.
fn route_facts(core: &Core, route: &RouteName, facts: &mut Facts) {
    facts.extend(core.actor_of(route.owner).map(|owner| Fact::name(key::OWNER, owner)));
    facts.extend(route.neighbour.map(|hop| Fact::subject(key::NEIGHBOUR, Subject::Host(hop.address))));
}

/// What a copy of a destination says of a view: the owner of the best route, and of the one in hold-down if there is one.
pub(crate) fn view_facts(core: &Core, view: &ViewInfo, facts: &mut Facts) {
    facts.push(Fact::word(key::VIEW, word::view(view.view)));
    facts.push(owner_fact(core, view.owner));
    let held = view.hold_route.and_then(|route| core.manager.route_name(route));
    facts.extend(held.and_then(|held| core.actor_of(held.owner)).map(|owner| Fact::name(key::HELD, owner)));
}

fn route_spec(core: &Core, spec: &RouteSpec, time_to_live_ms: u32, facts: &mut Facts) {
    facts.push(Fact::number(key::METRIC, u64::from(spec.metric)));
    if spec.preference != 0 {
        facts.push(Fact::number(key::PREFERENCE, u64::from(spec.preference)));
    }
    if !spec.flags.is_empty() {
        facts.push(Fact::number(key::FLAGS, u64::from(spec.flags.bits())));
    }
    if spec.views != ViewSet::UCAST {
        push_views(spec.views, facts);
    }
    facts.extend(spec.neighbour.map(|hop| Fact::subject(key::NEIGHBOUR, next_hop_subject(core, hop))));
    facts.extend(spec.next_hops.iter().map(|hop| Fact::subject(key::VIA, next_hop_subject(core, *hop))));
    if time_to_live_ms != INFINITE {
        facts.push(Fact::span(key::TTL, Span::from_millis(u64::from(time_to_live_ms))));
    }
}

fn notify_flags(flags: NotifyFlags, own_changes: OwnChanges, facts: &mut Facts) {
    for (flag, word) in [
        (NotifyFlags::ALL, word::ALL),
        (NotifyFlags::BEST, word::BEST),
        (NotifyFlags::FORWARDING, word::FORWARDING),
        (NotifyFlags::ONLY_MARKED_DESTS, word::ONLY_MARKED),
    ] {
        if flags.contains(flag) {
            facts.push(Fact::word(key::TYPE, word));
        }
    }
    if own_changes == OwnChanges::Suppressed {
        facts.push(Fact::word(key::TYPE, word::SUPPRESS_OWN));
    }
}

fn push_views(views: ViewSet, facts: &mut Facts) {
    if views.is_empty() {
        facts.push(Fact::word(key::VIEW, word::NONE));
    }
    facts.extend(views.iter().map(|view| Fact::word(key::VIEW, word::view(view))));
}

fn route_dest(core: &Core, route: RouteHandle) -> Subject {
    core.manager.route_name(route).map_or(Subject::None, |route| Subject::Dest(route.dest))
}

fn next_hop_subject(core: &Core, next_hop: NextHopHandle) -> Subject {
    let address = core.manager.next_hop(next_hop).map(|next_hop| next_hop.spec.address);
    address.map_or(Subject::None, Subject::Host)
}

fn dest_subject(core: &Core, handle: AnyHandle) -> Subject {
    match handle {
        AnyHandle::Dest(dest) => {
            let address: Option<NetAddress> = core.manager.dest_address(dest);
            address.map_or(Subject::None, Subject::Dest)
        }
        AnyHandle::Route(route) => route_dest(core, route),
        AnyHandle::NextHop(next_hop) => next_hop_subject(core, next_hop),
        AnyHandle::Entity(entity) => core.actor_of(entity).map_or(Subject::None, Subject::Name),
    }
}

fn private(core: &Core, private: Private) -> Subject {
    core.private_name(private).map_or(Subject::None, Subject::Name)
}
