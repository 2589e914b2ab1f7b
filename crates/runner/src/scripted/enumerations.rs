//! A scripted client's enumerations and route lists.

use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::Fact;
use tiebreak_rtm::{
    Call, DestInfo, EnumFlags, EnumHandle, NetAddress, Outcome, ProtocolSelector, Reply, RouteHandle,
    RouteListHandle, ViewSet,
};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::{
    Action, Batch, CreateDestEnum, CreateNextHopEnum, CreateRouteEnum, CreateRouteListEnum, Dest,
    GetListEnumRoutes, InsertInRouteList,
};

use super::registration::Registration;
use super::{Occasion, Skipped, Stop, made, queries};
use crate::convert::view_set;

impl<'p> Registration<'p> {
    /// Does an action that concerns an enumeration or a route list.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the registration names every action, and which of them are done here"
    )]
    pub(super) fn enumerate(
        &mut self,
        action: &'p Action,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        match action {
            Action::CreateDestEnum(of) => self.create_dest_enum(of, occasion, desk),
            Action::GetEnumDests(Batch { name, max }) => self.get_enum_dests(name, *max, desk)?,
            Action::CreateRouteEnum(of) => self.create_route_enum(of, occasion, desk)?,
            Action::GetEnumRoutes(Batch { name, max }) => self.get_enum_routes(name, *max, desk)?,
            Action::CreateNextHopEnum(CreateNextHopEnum { name, from, range }) => {
                let (flags, address) = stretch(from.as_ref(), range.as_ref(), occasion);
                self.create_enum(name, Call::CreateNextHopEnum { flags, address }, desk);
            }
            Action::GetEnumNextHops(Batch { name, max }) => self.get_enum_next_hops(name, *max, desk)?,
            Action::DeleteEnum { name } => {
                let enumeration = self.enumeration(name)?;
                if matches!(desk.delete_enum(enumeration), Outcome::Done(_)) {
                    self.enumerations.remove(name.as_str());
                }
            }
            Action::CreateRouteList { name } => self.create_route_list(name, desk),
            Action::InsertInRouteList(of) => self.insert_in_route_list(of, occasion, desk)?,
            Action::CreateRouteListEnum(CreateRouteListEnum { name, list }) => {
                let list = self.list(list)?;
                self.create_enum(name, Call::CreateRouteListEnum { list }, desk);
            }
            Action::GetListEnumRoutes(of) => self.get_list_enum_routes(of, desk)?,
            Action::DeleteRouteList { list: name } => {
                let list = self.list(name)?;
                if matches!(desk.delete_route_list(list), Outcome::Done(_)) {
                    self.lists.remove(name.as_str());
                }
            }
            _ => unreachable!("the registration itself does what reads nothing"),
        }
        Ok(())
    }

    fn create_dest_enum(&mut self, of: &'p CreateDestEnum, occasion: &Occasion<'_>, desk: &mut Desk<'_>) {
        let CreateDestEnum { name, views, from, range, own, protocol } = of;
        let (flags, address) = stretch(from.as_ref(), range.as_ref(), occasion);
        let flags = if *own { flags.union(EnumFlags::OWN_DESTS) } else { flags };
        let (views, protocol) = (view_set(views), queries::selector(*protocol));
        self.create_enum(name, Call::CreateDestEnum { views, flags, address, protocol }, desk);
    }

    fn create_route_enum(
        &mut self,
        of: &'p CreateRouteEnum,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let CreateRouteEnum { name, dest, views, from, range, own, like } = of;
        let (flags, start) = stretch(from.as_ref(), range.as_ref(), occasion);
        let flags = if *own { flags.union(EnumFlags::OWN_ROUTES) } else { flags };
        let (matching, criteria) = self.criteria(like, desk)?;
        // The destination is looked up for its handle, and released once the enumeration keeps it.
        let looked_up = dest.as_ref().map(|dest| dest_info(occasion.address(dest), desk)).transpose()?;
        let call = Call::CreateRouteEnum {
            dest: looked_up.as_ref().map(|info| info.dest),
            views: view_set(views),
            flags,
            start,
            matching,
            criteria: Some(criteria),
            interface: like.interface.unwrap_or(0),
        };
        self.create_enum(name, call, desk);
        if let Some(info) = looked_up {
            desk.ask(Call::ReleaseDestInfo { info });
        }
        Ok(())
    }

    /// Creates an enumeration and keeps it under a name; one that was kept under it is deleted.
    fn create_enum(&mut self, name: &'p str, call: Call, desk: &mut Desk<'_>) {
        let symbol = desk.intern(name);
        if let Outcome::Done(Reply::CreateEnum { enumeration }) = desk.create(symbol, call) {
            if let Some(former) = self.enumerations.insert(name, enumeration) {
                desk.delete_enum(former);
            }
        }
    }

    /// Creates a route list and keeps it under a name; one that was kept under it is deleted.
    fn create_route_list(&mut self, name: &'p str, desk: &mut Desk<'_>) {
        let symbol = desk.intern(name);
        if let Outcome::Done(Reply::CreateRouteList { list }) = desk.create(symbol, Call::CreateRouteList) {
            if let Some(former) = self.lists.insert(name, list) {
                desk.delete_route_list(former);
            }
        }
    }

    fn insert_in_route_list(
        &self,
        of: &InsertInRouteList,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Skipped> {
        let InsertInRouteList { list, routes } = of;
        let list = self.list_or_none(list.as_ref())?;
        let routes = routes.iter().map(|name| self.route(name, occasion)).collect::<Result<_, _>>()?;
        desk.call(Call::InsertInRouteList { list, routes });
        Ok(())
    }

    fn get_enum_dests(&self, name: &str, count: u32, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let enumeration = self.enumeration(name)?;
        let outcome = made(desk.call(Call::GetEnumDests { enumeration, count }))?;
        if let Outcome::Done(Reply::GetEnumDests { infos }) = outcome {
            for info in &infos {
                queries::note_dest(kind::ENUMERATED, info, desk);
            }
            desk.ask(Call::ReleaseDests { infos });
        }
        Ok(())
    }

    fn get_enum_routes(&self, name: &str, count: u32, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let enumeration = self.enumeration(name)?;
        let outcome = made(desk.call(Call::GetEnumRoutes { enumeration, count }))?;
        if let Outcome::Done(Reply::GetEnumRoutes { routes }) = outcome {
            note_routes(&routes, desk);
            desk.ask(Call::ReleaseRoutes { routes });
        }
        Ok(())
    }

    fn get_list_enum_routes(&self, of: &GetListEnumRoutes, desk: &mut Desk<'_>) -> Result<(), Skipped> {
        let GetListEnumRoutes { name, max, into } = of;
        let (enumeration, count) = (self.enumeration(name)?, *max);
        let into = self.list_or_none(into.as_ref())?;
        let outcome = desk.call(Call::GetListEnumRoutes { enumeration, count });
        if let Outcome::Done(Reply::GetListEnumRoutes { routes }) = outcome {
            note_routes(&routes, desk);
            if into.is_some() && !routes.is_empty() {
                desk.call(Call::InsertInRouteList { list: into, routes: routes.clone() });
            }
            desk.ask(Call::ReleaseRoutes { routes });
        }
        Ok(())
    }

    fn get_enum_next_hops(&self, name: &str, count: u32, desk: &mut Desk<'_>) -> Result<(), Skipped> {
        let enumeration = self.enumeration(name)?;
        let outcome = desk.call(Call::GetEnumNextHops { enumeration, count });
        if let Outcome::Done(Reply::GetEnumNextHops { next_hops }) = outcome {
            for next_hop in &next_hops {
                let Some(info) = desk.manager().next_hop(*next_hop) else { continue };
                let facts = [Fact::number(key::INTERFACE, u64::from(info.spec.interface))];
                desk.note(kind::ENUMERATED, Subject::Host(info.spec.address), &facts);
            }
            desk.ask(Call::ReleaseNextHops { next_hops });
        }
        Ok(())
    }

    /// The enumeration of this client's name for it.
    fn enumeration(&self, name: &str) -> Result<EnumHandle, Skipped> {
        self.enumerations.get(name).copied().ok_or(Skipped(word::NO_ENUMERATION))
    }

    /// The route list of this client's name for it.
    fn list(&self, name: &str) -> Result<RouteListHandle, Skipped> {
        self.lists.get(name).copied().ok_or(Skipped(word::NO_LIST))
    }

    /// The route list of this client's name for it, if one is named.
    pub(super) fn list_or_none(&self, name: Option<&String>) -> Result<Option<RouteListHandle>, Skipped> {
        name.map(|name| self.list(name)).transpose()
    }
}

/// Where an enumeration starts and ends.
fn stretch(
    from: Option<&Dest>,
    range: Option<&Dest>,
    occasion: &Occasion<'_>,
) -> (EnumFlags, Option<NetAddress>) {
    let flags = match (from, range) {
        (None, None) => EnumFlags::START,
        (Some(_), None) => EnumFlags::NEXT,
        (None, Some(_)) => EnumFlags::RANGE,
        (Some(_), Some(_)) => EnumFlags::NEXT.union(EnumFlags::RANGE),
    };
    (flags, from.or(range).map(|dest| occasion.address(dest)))
}

/// Looks up a destination in any view, for its handle.
fn dest_info(address: NetAddress, desk: &mut Desk<'_>) -> Result<DestInfo, Stop> {
    let (protocol, views) = (ProtocolSelector::Best, ViewSet::ANY);
    let found = made(desk.peek(Call::GetExactMatchDestination { address, protocol, views }))?;
    let Outcome::Done(Reply::Dest { info }) = found else { return Err(Skipped(word::NO_DEST).into()) };
    Ok(info)
}

/// Notes which routes a client was handed.
fn note_routes(routes: &[RouteHandle], desk: &mut Desk<'_>) {
    for route in routes {
        let (Some(name), Some(info)) = (desk.manager().route_name(*route), desk.manager().route(*route))
        else {
            continue;
        };
        let mut facts = Vec::from([
            desk.owner_fact(Some(info.owner)),
            Fact::number(key::METRIC, u64::from(info.spec.metric)),
            Fact::number(key::PREFERENCE, u64::from(info.spec.preference)),
        ]);
        facts.extend(name.neighbour.map(|hop| Fact::subject(key::NEIGHBOUR, Subject::Host(hop.address))));
        desk.note(kind::ENUMERATED, Subject::Dest(name.dest), &facts);
    }
}
