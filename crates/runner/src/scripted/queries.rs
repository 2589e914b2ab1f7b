//! What a scripted client asks of the manager.

use alloc::vec::Vec;

use tiebreak::Term;
use tiebreak_rtm::{
    Call, DestInfo, EntityHandle, Event, ListedHandles, NetAddress, OptionalOutput, Outcome,
    ProtocolSelector, Reply, ViewId, ViewSet,
};
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::{FindNextHop, Lookup, Match, Selector};

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
        (route, info): (&str, bool),
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let route = self.route(route, occasion)?;
        let info = if info { OptionalOutput::Wanted } else { OptionalOutput::Declined };
        let call = Call::GetRouteInfo { route, info, address: OptionalOutput::Wanted };
        if let Outcome::Done(Reply::GetRouteInfo { info: Some(info), .. }) = made(desk.call(call))? {
            desk.ask(Call::ReleaseRouteInfo { info });
        }
        Ok(())
    }
}

impl<'p> Registration<'p> {
    /// Finds a next hop of the client, and keeps the handle if it has a name for it.
    pub(super) fn find_next_hop(&mut self, of: &'p FindNextHop, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let FindNextHop { name, address, interface } = of;
        let next_hop = if name.is_some() { OptionalOutput::Wanted } else { OptionalOutput::Declined };
        let (address, interface, pointer) = (NetAddress::host(*address), *interface, OptionalOutput::Wanted);
        let found = made(desk.call(Call::FindNextHop { address, interface, next_hop, pointer }))?;
        if let (Some(name), Outcome::Done(Reply::FindNextHop { next_hop: Some(next_hop), .. })) =
            (name, found)
        {
            self.keep_next_hop(name, next_hop, desk);
        }
        Ok(())
    }
}

impl Registration<'_> {
    /// Looks a destination up and releases what comes back.
    pub(super) fn look_up(
        &mut self,
        lookup: &Lookup,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let Lookup { dest, matching, views, protocol } = lookup;
        let (address, views) = (occasion.address(dest), view_set(views));
        let protocol = selector(*protocol);
        let exact = |views| Call::GetExactMatchDestination { address, protocol, views };
        // What was found before a call that had to wait.
        let known = self.kept(occasion).found.take();
        let call = match (matching, known) {
            (Match::Walk | Match::LessSpecific, Some(info)) => {
                return self.climb(lookup, info, occasion, desk);
            }
            (Match::LessSpecific, None) => exact(ViewSet::ANY),
            (Match::Longest | Match::Walk, _) => {
                Call::GetMostSpecificDestination { address, protocol, views }
            }
            (Match::Exact, _) => exact(views),
        };
        let found = match matching {
            Match::LessSpecific => desk.peek(call),
            Match::Exact | Match::Longest | Match::Walk => desk.call(call),
        };
        let found = made(found)?;
        match (matching, found) {
            (Match::Walk | Match::LessSpecific, Outcome::Done(Reply::Dest { info })) => {
                self.climb(lookup, info, occasion, desk)
            }
            (Match::LessSpecific, _) => Err(Skipped(word::NO_DEST).into()),
            (_, Outcome::Done(Reply::Dest { info })) => {
                desk.ask(Call::ReleaseDestInfo { info });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Looks for what covers a destination: once, or as far up as there is something. The one that was found last is held
    /// until the next one is found.
    fn climb(
        &mut self,
        lookup: &Lookup,
        mut info: DestInfo,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let (protocol, views) = (selector(lookup.protocol), view_set(&lookup.views));
        loop {
            let found = desk.call(Call::GetLessSpecificDestination { dest: info.dest, protocol, views });
            if let Outcome::Pending(_) = found {
                self.kept(occasion).found = Some(info);
                return Err(Stop::Waits);
            }
            desk.ask(Call::ReleaseDestInfo { info });
            let Outcome::Done(Reply::Dest { info: above }) = found else { return Ok(()) };
            info = above;
            if lookup.matching == Match::LessSpecific {
                desk.ask(Call::ReleaseDestInfo { info });
                return Ok(());
            }
        }
    }
}

/// Returns a selector of the scenario as the manager has it.
pub(super) const fn selector(selector: Selector) -> ProtocolSelector {
    match selector {
        Selector::Best => ProtocolSelector::Best,
        Selector::This => ProtocolSelector::This,
        Selector::Of(protocol) => ProtocolSelector::Protocol(protocol.number()),
    }
}

/// Notes a destination that a client was handed, with the owners of its best route and of its route in hold-down in each
/// view.
pub(super) fn note_dest(kind: Term, info: &DestInfo, desk: &mut Desk<'_>) {
    let mut facts = Vec::new();
    for view in &info.views {
        desk.view_facts(view, &mut facts);
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
