//! The canonical bytes of actions: a number for each, and for each of its fields.

use super::{Action, AddNextHop, GetListEnumRoutes, Lookup, enumeration, methods, payload};
use crate::digest::{Bytes, Canonical};
use crate::modes::{LockMode, Match};
use crate::plan::View;
use crate::words::Selector;

const EXCLUSIVE: &LockMode = &LockMode::Exclusive;

impl Canonical for Action {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::Register => bytes.variant(1),
            Self::Deregister => bytes.variant(2),
            Self::AddNextHop(AddNextHop { name, address, interface }) => {
                bytes.variant(3).field(1, name).field(2, address).field(3, interface)
            }
            Self::DeleteNextHop { name } => bytes.variant(4).field(1, name),
            Self::AddRoute(route) => payload::add_route(route, bytes.variant(5)),
            Self::UpdateRoute(update) => payload::update_route(update, bytes.variant(6)),
            Self::EditRoute(edit) => payload::update_route(edit, bytes.variant(7)),
            Self::DeleteRoute { route } => bytes.variant(8).field(1, route),
            Self::HoldDestination(hold) => payload::hold_destination(hold, bytes.variant(57)),
            Self::RoutePointer { route } => bytes.variant(58).field(1, route),
            Self::NextHopPointer { name } => bytes.variant(59).field(1, name),
            Self::OpaquePointer { dest } => bytes.variant(60).field(1, dest),
            Self::SetOpaque { dest, value } => bytes.variant(61).field(1, dest).field(2, value),
            Self::HoldRoute { route } => bytes.variant(9).field(1, route),
            Self::ReleaseRoute { route } => bytes.variant(10).field(1, route),
            Self::RegisterForChanges(changes) => payload::register_for_changes(changes, bytes.variant(11)),
            Self::DeregisterFromChanges { changes } => bytes.variant(12).field(1, changes),
            Self::Drain { changes, each } => bytes.variant(13).field(1, changes).list(2, each, &[]),
            Self::GetChanged { changes, max } => bytes.variant(14).field(1, changes).field(2, max),
            Self::Ignore(of) => payload::changed_dest(of, bytes.variant(15)),
            Self::ChangeStatus(of) => payload::changed_dest(of, bytes.variant(16)),
            Self::Mark(of) => payload::changed_dest(of, bytes.variant(17)),
            Self::Unmark(of) => payload::changed_dest(of, bytes.variant(18)),
            Self::IsMarked(of) => payload::changed_dest(of, bytes.variant(19)),
            Self::Lookup(lookup) => put_lookup(lookup, bytes.variant(20)),
            Self::MatchRoute(of) => payload::match_route(of, bytes.variant(37)),
            Self::CreateDestEnum(of) => enumeration::create_dest_enum(of, bytes.variant(38)),
            Self::GetEnumDests(batch) => enumeration::batch(batch, bytes.variant(39)),
            Self::CreateRouteEnum(of) => enumeration::create_route_enum(of, bytes.variant(40)),
            Self::GetEnumRoutes(batch) => enumeration::batch(batch, bytes.variant(41)),
            Self::CreateNextHopEnum(of) => enumeration::create_next_hop_enum(of, bytes.variant(42)),
            Self::GetEnumNextHops(batch) => enumeration::batch(batch, bytes.variant(43)),
            Self::DeleteEnum { name } => bytes.variant(44).field(1, name),
            Self::CreateRouteList { name } => bytes.variant(45).field(1, name),
            Self::InsertInRouteList(of) => enumeration::insert_in_route_list(of, bytes.variant(46)),
            Self::CreateRouteListEnum(of) => enumeration::create_route_list_enum(of, bytes.variant(47)),
            Self::GetListEnumRoutes(GetListEnumRoutes { name, max, into }) => {
                bytes.variant(48).field(1, name).field(2, max).option(3, into.as_ref())
            }
            Self::DeleteRouteList { list } => bytes.variant(49).field(1, list),
            Self::ListEntities => bytes.variant(21),
            Self::EntityInfo => bytes.variant(22),
            Self::EntityMethods(asked) => methods::entity_methods(asked, bytes.variant(62)),
            Self::InvokeMethod(invoked) => methods::invoke_method(invoked, bytes.variant(63)),
            Self::BlockMethods => bytes.variant(64),
            Self::ResumeMethods => bytes.variant(65),
            Self::Output(value) => bytes.variant(66).field(1, value),
            Self::IsBest { route } => bytes.variant(23).field(1, route),
            Self::RouteInfo { route, info } => bytes.variant(24).field(1, route).unless(2, info, &true),
            Self::FindNextHop(of) => payload::find_next_hop(of, bytes.variant(67)),
            Self::Return(status) => bytes.variant(25).field(1, status),
            Self::ReleaseEventRoute => bytes.variant(26),
            Self::When(condition, actions) => bytes.variant(27).field(1, condition).field(2, actions),
            Self::With(switch, actions) => bytes.variant(28).field(1, switch).field(2, actions),
            Self::Without(switch, actions) => bytes.variant(29).field(1, switch).field(2, actions),
            Self::All(actions) => bytes.variant(30).field(1, actions),
            Self::After(span, actions, label) => {
                bytes.variant(31).field(1, span).field(2, actions).field(3, label)
            }
            Self::As(registration, actions) => bytes.variant(36).field(1, registration).field(2, actions),
            Self::Set(flag) => bytes.variant(32).field(1, flag),
            Self::Clear(flag) => bytes.variant(33).field(1, flag),
            Self::Cancel(label) => bytes.variant(35).field(1, label),
            Self::Pause(span) => bytes.variant(34).field(1, span),
            Self::LockRoute { route, mode } => bytes.variant(50).field(1, route).unless(2, mode, EXCLUSIVE),
            Self::UnlockRoute { route, mode } => bytes.variant(51).field(1, route).unless(2, mode, EXCLUSIVE),
            Self::UpdateAndUnlockRoute(edit) => payload::update_route(edit, bytes.variant(52)),
            Self::LockDestination(lock) => payload::lock_dest(lock, bytes.variant(53)),
            Self::UnlockDestination(lock) => payload::lock_dest(lock, bytes.variant(54)),
            Self::LockNextHop { name, mode } => bytes.variant(55).field(1, name).unless(2, mode, EXCLUSIVE),
            Self::UnlockNextHop { name, mode } => bytes.variant(56).field(1, name).unless(2, mode, EXCLUSIVE),
        }
        .end();
    }
}

fn put_lookup<'b>(lookup: &Lookup, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let Lookup { dest, matching, views, protocol } = lookup;
    bytes.field(1, dest).unless(2, matching, &Match::Exact);
    bytes.list(3, views, &[View::Unicast]).unless(4, protocol, &Selector::Best)
}
