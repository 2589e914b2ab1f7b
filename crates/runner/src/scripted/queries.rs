//! What a scripted client asks of the manager.

use alloc::vec::Vec;

use tiebreak::{Fact, Term};
use tiebreak_rtm::{
    Call, DestInfo, EntityHandle, Event, ListedHandles, NetAddress, Outcome, ProtocolSelector, Reply, ViewId,
    ViewSet,
};
use tiebreak_rtm_sim::vocabulary::{key, word};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::{Lookup, Match, Selector};

use super::registration::Registration;
use super::{Occasion, Skipped};
use crate::convert::view_set;

impl Registration<'_> {
    pub(super) fn is_best(
        &self,
        route: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let route = self.route(route, occasion)?;
        desk.call(Call::IsBestRoute { route });
        Ok(())
    }

    pub(super) fn route_info(
        &self,
        route: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let route = self.route(route, occasion)?;
        if let Outcome::Done(Reply::GetRouteInfo { info, .. }) = desk.call(Call::GetRouteInfo { route }) {
            desk.ask(Call::ReleaseRouteInfo { info });
        }
        Ok(())
    }
}

/// Looks a destination up and releases what comes back.
pub(super) fn look_up(lookup: &Lookup, occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Skipped> {
    let Lookup { dest, matching, views, protocol } = lookup;
    let (address, views) = (occasion.address(dest), view_set(views));
    let protocol = selector(*protocol);
    let exact = |views| Call::GetExactMatchDestination { address, protocol, views };
    let longest = Call::GetMostSpecificDestination { address, protocol, views };
    let less_specific = |dest| Call::GetLessSpecificDestination { dest, protocol, views };
    let found = match matching {
        Match::Exact => desk.call(exact(views)),
        Match::Longest | Match::Walk => desk.call(longest),
        Match::LessSpecific => {
            let known = desk.peek(exact(ViewSet::ANY));
            let Outcome::Done(Reply::Dest { info }) = known else { return Err(Skipped(word::NO_DEST)) };
            let found = desk.call(less_specific(info.dest));
            desk.ask(Call::ReleaseDestInfo { info });
            found
        }
    };
    let Outcome::Done(Reply::Dest { mut info }) = found else { return Ok(()) };
    if *matching == Match::Walk {
        // The one that was found last is held until the next one is found.
        while let Outcome::Done(Reply::Dest { info: above }) = desk.call(less_specific(info.dest)) {
            let below = core::mem::replace(&mut info, above);
            desk.ask(Call::ReleaseDestInfo { info: below });
        }
    }
    desk.ask(Call::ReleaseDestInfo { info });
    Ok(())
}

/// Returns a selector of the scenario as the manager has it.
pub(super) const fn selector(selector: Selector) -> ProtocolSelector {
    match selector {
        Selector::Best => ProtocolSelector::Best,
        Selector::This => ProtocolSelector::This,
        Selector::Of(protocol) => ProtocolSelector::Protocol(protocol.number()),
    }
}

/// Notes a destination that a client was handed, with the owner of its best route in each view.
pub(super) fn note_dest(kind: Term, info: &DestInfo, desk: &mut Desk<'_>) {
    let mut facts = Vec::new();
    for view in &info.views {
        facts.push(Fact::word(key::VIEW, word::view(view.view)));
        facts.push(desk.owner_fact(view.owner));
    }
    desk.note(kind, Subject::Dest(info.address), &facts);
}

/// Asks for the entity that the event is about, and releases what comes back.
pub(super) fn entity_info(occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Skipped> {
    let Some(Event::EntityRegistered { entity, .. } | Event::EntityDeregistered { entity, .. }) =
        occasion.event
    else {
        return Err(Skipped(word::NO_EVENT));
    };
    if let Outcome::Done(_) = desk.call(Call::GetEntityInfo { entity: *entity }) {
        desk.ask(Call::ReleaseEntityInfo { entity: *entity });
    }
    Ok(())
}

/// Lists the entities as documented: asks how many there are, asks again with room for them, releases them.
pub(super) fn list_entities(desk: &mut Desk<'_>) {
    let list = |capacity| Call::GetRegisteredEntities { capacity, handles: ListedHandles::Wanted };
    let Outcome::NeedsRoom(needed) = desk.call(list(0)) else { return };
    if let Outcome::Done(Reply::GetRegisteredEntities { handles, .. }) = desk.call(list(needed)) {
        desk.call(Call::ReleaseEntities { entities: handles });
    }
}

/// The owner of the best unicast route of a destination, as the client itself can find out.
pub(super) fn best_owner(address: NetAddress, desk: &mut Desk<'_>) -> Option<EntityHandle> {
    let call =
        Call::GetExactMatchDestination { address, protocol: ProtocolSelector::Best, views: ViewSet::UCAST };
    unicast_owner(call, desk)
}

/// Whether a destination that has a unicast route covers this one, as the client itself can find out. The manager looks for
/// prefixes that are at most as long.
pub(super) fn is_covered(address: NetAddress, desk: &mut Desk<'_>) -> bool {
    let call =
        Call::GetMostSpecificDestination { address, protocol: ProtocolSelector::Best, views: ViewSet::UCAST };
    unicast_owner(call, desk).is_some()
}

/// The owner of the best unicast route of the destination that a look-up finds.
fn unicast_owner(call: Call, desk: &mut Desk<'_>) -> Option<EntityHandle> {
    let Outcome::Done(Reply::Dest { info }) = desk.peek(call) else { return None };
    let owner = info.views.iter().find(|view| view.view == ViewId::UCAST).and_then(|view| view.owner);
    desk.ask(Call::ReleaseDestInfo { info });
    owner
}
