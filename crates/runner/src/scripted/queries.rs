//! What a scripted client asks of the manager.

use tiebreak_rtm::{
    Call, EntityHandle, Event, ListedHandles, NetAddress, Outcome, ProtocolSelector, Reply, ViewId, ViewSet,
};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_scenario::plan::{Lookup, Match, Selector};

use super::registration::Registration;
use super::{Occasion, Skipped, Stop, made};
use crate::convert::view_set;

impl Registration<'_> {
    pub(super) fn is_best(
        &self,
        route: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(route, occasion)?;
        made(desk.call(Call::IsBestRoute { route }))?;
        Ok(())
    }

    pub(super) fn route_pointer(
        &self,
        route: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let route = self.route(route, occasion)?;
        desk.call(Call::GetRoutePointer { route });
        Ok(())
    }

    pub(super) fn next_hop_pointer(&self, name: &str, desk: &mut Desk<'_>) -> Result<(), Skipped> {
        let next_hop = self.next_hop(name)?;
        desk.call(Call::GetNextHopPointer { next_hop });
        Ok(())
    }

    pub(super) fn route_info(
        &self,
        route: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(route, occasion)?;
        if let Outcome::Done(Reply::GetRouteInfo { info, .. }) =
            made(desk.call(Call::GetRouteInfo { route }))?
        {
            desk.ask(Call::ReleaseRouteInfo { info });
        }
        Ok(())
    }
}

/// Looks a destination up and releases what comes back.
pub(super) fn look_up(lookup: &Lookup, occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Lookup { dest, matching, views, protocol } = lookup;
    let (address, views) = (occasion.address(dest), view_set(views));
    let protocol = match protocol {
        Selector::Best => ProtocolSelector::Best,
        Selector::This => ProtocolSelector::This,
        Selector::Of(protocol) => ProtocolSelector::Protocol(protocol.number()),
    };
    let call = match matching {
        Match::Exact => Call::GetExactMatchDestination { address, protocol, views },
        Match::Longest => Call::GetMostSpecificDestination { address, protocol, views },
    };
    if let Outcome::Done(Reply::Dest { info }) = made(desk.call(call))? {
        desk.ask(Call::ReleaseDestInfo { info });
    }
    Ok(())
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
pub(super) fn best_owner(address: NetAddress, desk: &mut Desk<'_>) -> Result<Option<EntityHandle>, Stop> {
    let call =
        Call::GetExactMatchDestination { address, protocol: ProtocolSelector::Best, views: ViewSet::UCAST };
    unicast_owner(call, desk)
}

/// Whether a destination that has a unicast route covers this one, as the client itself can find out. The manager looks for
/// prefixes that are at most as long.
pub(super) fn is_covered(address: NetAddress, desk: &mut Desk<'_>) -> Result<bool, Stop> {
    let call =
        Call::GetMostSpecificDestination { address, protocol: ProtocolSelector::Best, views: ViewSet::UCAST };
    Ok(unicast_owner(call, desk)?.is_some())
}

/// The owner of the best unicast route of the destination that a look-up finds.
fn unicast_owner(call: Call, desk: &mut Desk<'_>) -> Result<Option<EntityHandle>, Stop> {
    let Outcome::Done(Reply::Dest { info }) = made(desk.peek(call))? else { return Ok(None) };
    let owner = info.views.iter().find(|view| view.view == ViewId::UCAST).and_then(|view| view.owner);
    desk.ask(Call::ReleaseDestInfo { info });
    Ok(owner)
}
