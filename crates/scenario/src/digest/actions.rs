//! The canonical bytes of what clients do.

use super::{Bytes, Canonical};
use crate::plan::{
    Action, AddMode, AddNextHop, AddRoute, ChangedDest, Condition, EditRoute, Lookup, Match,
    RegisterForChanges, Selector, UpdateRoute, View,
};

impl Canonical for Action {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::Register => bytes.variant(1),
            Self::Deregister => bytes.variant(2),
            Self::AddNextHop(AddNextHop { name, address, interface }) => {
                bytes.variant(3).field(1, name).field(2, address).field(3, interface)
            }
            Self::DeleteNextHop { name } => bytes.variant(4).field(1, name),
            Self::AddRoute(route) => add_route(route, bytes.variant(5)),
            Self::UpdateRoute(update) => update_route(update, bytes.variant(6)),
            Self::EditRoute(edit) => edit_route(edit, bytes.variant(7)),
            Self::DeleteRoute { route } => bytes.variant(8).field(1, route),
            Self::HoldRoute { route } => bytes.variant(9).field(1, route),
            Self::ReleaseRoute { route } => bytes.variant(10).field(1, route),
            Self::RegisterForChanges(changes) => register_for_changes(changes, bytes.variant(11)),
            Self::DeregisterFromChanges { changes } => bytes.variant(12).field(1, changes),
            Self::Drain { changes } => bytes.variant(13).field(1, changes),
            Self::GetChanged { changes, max } => bytes.variant(14).field(1, changes).field(2, max),
            Self::Ignore(of) => changed_dest(of, bytes.variant(15)),
            Self::ChangeStatus(of) => changed_dest(of, bytes.variant(16)),
            Self::Mark(of) => changed_dest(of, bytes.variant(17)),
            Self::Unmark(of) => changed_dest(of, bytes.variant(18)),
            Self::IsMarked(of) => changed_dest(of, bytes.variant(19)),
            Self::Lookup(Lookup { dest, matching, views, protocol }) => {
                bytes.variant(20).field(1, dest).unless(2, matching, &Match::Exact);
                bytes.list(3, views, &[View::Unicast]).unless(4, protocol, &Selector::Best)
            }
            Self::ListEntities => bytes.variant(21),
            Self::EntityInfo => bytes.variant(22),
            Self::IsBest { route } => bytes.variant(23).field(1, route),
            Self::RouteInfo { route } => bytes.variant(24).field(1, route),
            Self::Return(status) => bytes.variant(25).field(1, status),
            Self::ReleaseEventRoute => bytes.variant(26),
            Self::When(condition, actions) => bytes.variant(27).field(1, condition).field(2, actions),
            Self::With(switch, actions) => bytes.variant(28).field(1, switch).field(2, actions),
            Self::Without(switch, actions) => bytes.variant(29).field(1, switch).field(2, actions),
            Self::All(actions) => bytes.variant(30).field(1, actions),
            Self::After(span, actions, label) => {
                bytes.variant(31).field(1, span).field(2, actions).field(3, label)
            }
            Self::Set(flag) => bytes.variant(32).field(1, flag),
            Self::Clear(flag) => bytes.variant(33).field(1, flag),
        }
        .end();
    }
}

/// Appends the fields of the addition of a route.
fn add_route<'b>(route: &AddRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let AddRoute { name, dest, via, metric, preference, expires_after, neighbour, views, flags, mode } =
        route;
    bytes.option(1, name.as_ref()).field(2, dest).list(3, via, &[]).field(4, metric);
    bytes.option(5, preference.as_ref()).option(6, expires_after.as_ref()).option(7, neighbour.as_ref());
    bytes.list(8, views, &[View::Unicast]).option(9, flags.as_ref()).unless(10, mode, &AddMode::Auto)
}

/// Appends the fields of an update of a route.
fn update_route<'b>(update: &UpdateRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let UpdateRoute { route, metric, preference, via, neighbour, views, flags, expires_after } = update;
    bytes.field(1, route).option(2, metric.as_ref()).option(3, preference.as_ref()).option(4, via.as_ref());
    bytes.option(5, neighbour.as_ref()).option(6, views.as_ref()).option(7, flags.as_ref());
    bytes.option(8, expires_after.as_ref())
}

/// Appends the fields of an edit of a route, with the numbers of an update's; there are no flags, so no 7.
fn edit_route<'b>(edit: &EditRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let EditRoute { route, metric, preference, via, neighbour, views, expires_after } = edit;
    bytes.field(1, route).option(2, metric.as_ref()).option(3, preference.as_ref()).option(4, via.as_ref());
    bytes.option(5, neighbour.as_ref()).option(6, views.as_ref()).option(8, expires_after.as_ref())
}

/// Appends the fields of a registration for changes.
fn register_for_changes<'b>(changes: &RegisterForChanges, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let RegisterForChanges { name, types, views, only_marked, suppress_own, context } = changes;
    bytes.field(1, name).field(2, types).list(3, views, &[View::Unicast]);
    bytes.unless(4, only_marked, &false).unless(5, suppress_own, &false).unless(6, context, &0)
}

/// Appends the fields of a destination under a registration.
fn changed_dest<'b>(of: &ChangedDest, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let ChangedDest { changes, dest } = of;
    bytes.field(1, changes).field(2, dest)
}

impl Canonical for Condition {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::About(client) => bytes.variant(1).field(1, client),
            Self::Expired(dest) => bytes.variant(2).field(1, dest),
            Self::Notified(changes) => bytes.variant(3).field(1, changes),
            Self::Unreachable(dest) => bytes.variant(4).field(1, dest),
            Self::Reachable(dest) => bytes.variant(5).field(1, dest),
            Self::Owner(dest, client) => bytes.variant(6).field(1, dest).field(2, client),
            Self::Flag(flag) => bytes.variant(7).field(1, flag),
            Self::Not(inner) => bytes.variant(8).field(1, inner.as_ref()),
        }
        .end();
    }
}

impl Canonical for Match {
    fn put(&self, bytes: &mut Bytes) {
        let number = match self {
            Self::Exact => 1,
            Self::Longest => 2,
        };
        bytes.variant(number).end();
    }
}

impl Canonical for AddMode {
    fn put(&self, bytes: &mut Bytes) {
        let number = match self {
            Self::Auto => 1,
            Self::New => 2,
            Self::First => 3,
        };
        bytes.variant(number).end();
    }
}
