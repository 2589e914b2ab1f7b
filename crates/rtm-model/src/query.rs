//! Destination queries: exactly, by longest match, by handle.

use tiebreak_rtm::{
    AnyHandle, Call, DestHandle, DestInfo, EntityHandle, NetAddress, ProtocolSelector, Reply, RouteFlags,
    TableId, ViewInfo, ViewSet,
};

use super::handles::in_dest_info;
use super::{Dest, Difference, Kind, Model, Route};

impl Model {
    /// The views a query asks for; `None` if one is not supported (D-40).
    pub(super) fn asked(&self, views: ViewSet) -> Option<ViewSet> {
        let supported = self.profile.views_supported;
        let asked = if views == ViewSet::ALL { supported } else { views };
        supported.contains(asked).then_some(asked)
    }

    /// The views a client gives a route; all means all supported ones (D-109).
    pub(super) fn given(&self, views: ViewSet) -> ViewSet {
        if views == ViewSet::ALL { self.profile.views_supported } else { views }
    }

    /// The views in which a destination has routes (I2).
    pub(super) fn views_of(&self, dest: u64) -> ViewSet {
        self.ranked(dest).iter().fold(ViewSet::NONE, |views, route| views.union(route.spec.views))
    }

    pub(super) fn dest_by_handle(&self, table: TableId, handle: DestHandle) -> Option<&Dest> {
        self.dests.iter().find(|dest| dest.table == table && dest.handle == Some(handle))
    }

    /// Finds what a query is about; a destination counts if it is in a view asked for (D-38).
    pub(super) fn queried(&self, caller: EntityHandle, call: &Call) -> Option<&Dest> {
        let table = self.table_of(caller)?;
        let counts = |dest: &&Dest, views: ViewSet| {
            let asked = self.asked(views).unwrap_or(ViewSet::NONE);
            // Of a destination without routes there is nothing to be found (D-110), unless one is held (RTM-064).
            (views == ViewSet::ANY && (!self.ranked(dest.id).is_empty() || self.is_held(dest.id)))
                || asked.intersects(self.views_of(dest.id))
        };
        let covering =
            |dest: &&Dest, address: NetAddress| dest.table == table && dest.address.covers(address);
        if let Call::GetDestInfo { dest, .. } = call {
            self.dest_by_handle(table, *dest)
        } else if let Call::GetExactMatchDestination { address, views, .. } = call {
            let address = self.cleared(*address);
            self.find_dest(Some(table), address).filter(|dest| counts(dest, *views))
        } else if let Call::GetMostSpecificDestination { address, views, .. } = call {
            let address = self.cleared(*address);
            let matches = self.dests.iter().filter(|dest| covering(dest, address) && counts(dest, *views));
            matches.max_by_key(|dest| dest.address.prefix_len())
        } else if let Call::GetLessSpecificDestination { dest, views, .. } = call {
            let below = self.dest_by_handle(table, *dest)?.address;
            let shorter = |dest: &&Dest| dest.address.prefix_len() < below.prefix_len();
            let matches = self.dests.iter().filter(|dest| covering(dest, below) && shorter(dest));
            matches.filter(|dest| counts(dest, *views)).max_by_key(|dest| dest.address.prefix_len())
        } else {
            None
        }
    }

    pub(super) fn query(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let (Call::GetDestInfo { protocol, views, .. }
        | Call::GetExactMatchDestination { protocol, views, .. }
        | Call::GetMostSpecificDestination { protocol, views, .. }
        | Call::GetLessSpecificDestination { protocol, views, .. }) = call
        else {
            return Err(Difference::new("a query", &"one", call));
        };
        let dest = self.queried(caller, call).expect("a refused call is not performed").id;
        if let Reply::Dest { info } = found {
            self.learn_dest(dest, info.dest)?;
        }
        let shown = self.asked(*views).expect("a refused call is not performed");
        let own = self.client(caller).map_or(0, |client| client.info.id.protocol);
        let info = match protocol {
            ProtocolSelector::Best => self.dest_info(dest, shown, None),
            ProtocolSelector::This => self.dest_info(dest, shown, Some(own)),
            ProtocolSelector::Protocol(protocol) => self.dest_info(dest, shown, Some(*protocol)),
        };
        self.give_dest_info(caller, &info, Kind::InDest);
        Ok(Reply::Dest { info })
    }

    pub(super) fn give_dest_info(&mut self, to: EntityHandle, info: &DestInfo, kind: Kind) {
        for handle in in_dest_info(info) {
            self.give(to, handle, kind);
        }
    }

    /// A copy of a destination whose handle has been seen; the route shown is the best of `protocol`, or of all.
    pub(super) fn dest_info(&self, dest: u64, shown: ViewSet, protocol: Option<u32>) -> DestInfo {
        let known = self.dests.iter().find(|known| known.id == dest).expect("a destination shown lives");
        let of_protocol = |route: &&&Route| {
            protocol.is_none() || self.client(route.owner).map(|owner| owner.info.id.protocol) == protocol
        };
        let ranked = self.ranked(dest);
        let views = self.supported_views().filter(|view| shown.contains(view.set())).map(|view| {
            let members = || ranked.iter().filter(|route| route.spec.views.contains(view.set()));
            let best = members().find(of_protocol);
            ViewInfo {
                view,
                routes: u32::try_from(members().count()).unwrap_or(u32::MAX),
                route: best.map(|route| route.handle),
                owner: best.map(|route| route.owner),
                dest_flags: best.map_or(RouteFlags::NONE, |route| route.spec.flags),
                hold_route: self.held_in(dest, view),
            }
        });
        DestInfo {
            dest: known.handle.expect("the handle has just been learnt"),
            address: known.address,
            last_changed: known.last_changed,
            belongs_to_views: self.views_of(dest),
            views: views.collect(),
        }
    }

    /// Tells whether a handle names something of this table that lives.
    pub(super) fn lives(&self, table: TableId, handle: AnyHandle) -> bool {
        match handle {
            AnyHandle::Entity(entity) => self.table_of(entity) == Some(table),
            AnyHandle::Dest(dest) => self.dest_by_handle(table, dest).is_some(),
            AnyHandle::Route(route) => {
                self.route(route).and_then(|route| self.table_of(route.owner)) == Some(table)
            }
            AnyHandle::NextHop(hop) => {
                self.next_hop(hop).and_then(|hop| self.table_of(hop.owner)) == Some(table)
            }
        }
    }
}
