//! How calls that read the table are spelled: matches, enumerations, route lists.

use tiebreak::{Fact, Symbol, Term};
use tiebreak_rtm::{AnyHandle, Call, EnumFlags, MatchFlags, NetAddress, RouteInfo, RouteListHandle, ViewSet};

use super::{Facts, dest_subject, next_hop_subject, owner_fact, push_views, route_dest};
use crate::core::{Core, Private};
use crate::subject::Subject;
use crate::vocabulary::{key, word};

/// What a route has to agree with; nothing if every route will do.
pub(super) fn match_flags(matching: MatchFlags, facts: &mut Facts) {
    let words: [(MatchFlags, Term); 5] = [
        (MatchFlags::OWNER, word::OWNER),
        (MatchFlags::NEIGHBOUR, word::NEIGHBOUR),
        (MatchFlags::PREF, word::PREF),
        (MatchFlags::NEXTHOP, word::NEXT_HOP),
        (MatchFlags::INTERFACE, word::INTERFACE),
    ];
    let selected = words.into_iter().filter(|(flag, _)| matching.contains(*flag));
    facts.extend(selected.map(|(_, word)| Fact::word(key::MATCH, word)));
}

/// The list that a route is moved into, if there is one.
pub(super) fn list(core: &Core, list: Option<RouteListHandle>, facts: &mut Facts) {
    let name = list.and_then(|list| core.private_name(Private::List(list)));
    facts.extend(name.map(|name| Fact::name(key::LIST, name)));
}

/// What there is to say of the arguments of a call that reads the table.
pub(super) fn arguments(core: &Core, call: &Call, facts: &mut Facts) {
    if let Call::GetExactMatchRoute { matching, .. } = call {
        match_flags(*matching, facts);
    } else if let Call::InsertInRouteList { routes, .. } = call {
        facts.extend(routes.iter().map(|route| Fact::subject(key::DEST, route_dest(core, *route))));
    } else {
        creation(core, call, facts);
    }
}

/// What a call that reads the table is about: the enumeration or the list, by its name, or the destination.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "`subject_of` names every call, and which of them come here"
)]
pub(super) fn subject(core: &Core, call: &Call, naming: Option<Symbol>) -> Subject {
    let named = |name: Option<Symbol>| name.map_or(Subject::None, Subject::Name);
    match call {
        Call::GetExactMatchRoute { address, .. } => Subject::Dest(*address),
        Call::GetEnumDests { enumeration, .. }
        | Call::GetEnumRoutes { enumeration, .. }
        | Call::GetEnumNextHops { enumeration, .. }
        | Call::GetListEnumRoutes { enumeration, .. }
        | Call::DeleteEnumHandle { enumeration } => named(core.private_name(Private::Enum(*enumeration))),
        Call::InsertInRouteList { list, .. } => {
            named(list.and_then(|list| core.private_name(Private::List(list))))
        }
        Call::DeleteRouteList { list } => named(core.private_name(Private::List(*list))),
        _ => named(naming),
    }
}

/// What an enumeration that is created will be of; of all else there is nothing to say.
fn creation(core: &Core, call: &Call, facts: &mut Facts) {
    if let Call::CreateDestEnum { views, flags, address, .. } = call {
        stretch(*flags, *address, facts);
        other_views(*views, facts);
    } else if let Call::CreateRouteEnum { dest, views, flags, start, matching, .. } = call {
        let dest = dest.map(|dest| dest_subject(core, AnyHandle::Dest(dest)));
        facts.extend(dest.map(|dest| Fact::subject(key::DEST, dest)));
        stretch(*flags, *start, facts);
        other_views(*views, facts);
        match_flags(*matching, facts);
    } else if let Call::CreateNextHopEnum { flags, address } = call {
        stretch(*flags, *address, facts);
    } else if let Call::CreateRouteListEnum { list: of } = call {
        list(core, Some(*of), facts);
    }
}

/// Where an enumeration starts and ends, and whose objects it is of.
fn stretch(flags: EnumFlags, address: Option<NetAddress>, facts: &mut Facts) {
    for (flag, key) in [(EnumFlags::NEXT, key::FROM), (EnumFlags::RANGE, key::RANGE)] {
        let address = address.filter(|_| flags.contains(flag));
        facts.extend(address.map(|address| Fact::subject(key, Subject::Dest(address))));
    }
    if flags.intersects(EnumFlags::OWN_DESTS.union(EnumFlags::OWN_ROUTES)) {
        facts.push(Fact::word(key::WHOSE, word::OWN));
    }
}

/// The views, unless it is the usual one; `any` if none is asked for in particular.
fn other_views(views: ViewSet, facts: &mut Facts) {
    if views == ViewSet::ANY {
        facts.push(Fact::word(key::VIEW, word::ANY));
    } else if views != ViewSet::UCAST {
        push_views(views, facts);
    }
}

/// Which route it is that was found.
pub(super) fn route(core: &Core, info: &RouteInfo, facts: &mut Facts) {
    facts.push(owner_fact(core, Some(info.owner)));
    facts.push(Fact::number(key::METRIC, u64::from(info.spec.metric)));
    facts.push(Fact::number(key::PREFERENCE, u64::from(info.spec.preference)));
    let hop = |hop| next_hop_subject(core, hop);
    facts.extend(info.spec.neighbour.map(|neighbour| Fact::subject(key::NEIGHBOUR, hop(neighbour))));
    facts.extend(info.spec.next_hops.iter().map(|next_hop| Fact::subject(key::VIA, hop(*next_hop))));
}
