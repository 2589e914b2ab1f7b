//! What is handed in and out: `*Spec` is what a client fills in, `*Info` is a copy the manager hands out.

use crate::address::{AddressFamily, NetAddress};
use crate::flags::{NextHopFlags, RouteFlags, ViewId, ViewSet};
use crate::handle::{DestHandle, EntityHandle, NextHopHandle, RouteHandle};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// The documented numbers of well-known routing protocols (`PROTO_IP_*`).
pub mod protocol {
    /// Routes of the local interfaces.
    pub const LOCAL: u32 = 2;
    /// Routes set by network management.
    pub const NETMGMT: u32 = 3;
    /// Routing Information Protocol.
    pub const RIP: u32 = 8;
    /// Open Shortest Path First.
    pub const OSPF: u32 = 13;
    /// Border Gateway Protocol.
    pub const BGP: u32 = 14;
    /// Routes a protocol left behind on request.
    pub const NT_AUTOSTATIC: u32 = 10_002;
    /// Static routes.
    pub const NT_STATIC: u32 = 10_006;
    /// Static routes that are not for dial on demand.
    pub const NT_STATIC_NON_DOD: u32 = 10_007;

    /// The protocols that have a name, by their short names.
    pub const NAMED: [(&str, u32); 8] = [
        ("RIP", RIP),
        ("OSPF", OSPF),
        ("BGP", BGP),
        ("LOCAL", LOCAL),
        ("NETMGMT", NETMGMT),
        ("AUTOSTATIC", NT_AUTOSTATIC),
        ("STATIC", NT_STATIC),
        ("STATIC_NON_DOD", NT_STATIC_NON_DOD),
    ];

    /// Returns the name of a protocol, if it has one.
    #[must_use]
    pub fn name(number: u32) -> Option<&'static str> {
        NAMED.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
    }
}

/// Which table: one instance and one address family. Tables know nothing of each other (D-78).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId {
    /// The instance; the documentation supports 0 only, others are independent tables here.
    pub instance: u16,
    /// The address family.
    pub family: AddressFamily,
}

impl fmt::Display for TableId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.instance, self.family)
    }
}

/// Which client of its table (`RTM_ENTITY_ID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    /// The routing protocol; see [`protocol`]. Neither 0 nor `u32::MAX` (D-79).
    pub protocol: u32,
    /// Which instance of that protocol.
    pub protocol_instance: u32,
}

impl EntityId {
    /// Returns the documented 64-bit form: the protocol in the lower half.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        ((self.protocol_instance as u64) << 32) | self.protocol as u64
    }
}

/// Who a client is, and which table it belongs to (`RTM_ENTITY_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityInfo {
    /// The table.
    pub table: TableId,
    /// The client within the table.
    pub id: EntityId,
}

/// The limits that a new client is told to keep (`RTM_REGN_PROFILE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistrationProfile {
    /// Next hops a route may have at most.
    pub max_next_hops_in_route: u32,
    /// Elements a batch may have at most.
    pub max_handles_in_enum: u32,
    /// The views the manager keeps.
    pub views_supported: ViewSet,
    /// How many they are.
    pub number_of_views: u32,
}

/// A route's list of equal-cost next hops; none and one take no allocation. Reads as a slice.
#[derive(Clone)]
pub struct NextHops(NextHopsStore);

/// Two variants and no more: so the whole takes no room beside a boxed slice.
#[derive(Clone)]
enum NextHopsStore {
    Few(Option<NextHopHandle>),
    Many(Box<[NextHopHandle]>),
}

impl NextHops {
    /// The empty list, which is legal.
    pub const NONE: Self = Self(NextHopsStore::Few(None));
}

impl Default for NextHops {
    fn default() -> Self {
        Self::NONE
    }
}

impl Deref for NextHops {
    type Target = [NextHopHandle];
    fn deref(&self) -> &[NextHopHandle] {
        match &self.0 {
            NextHopsStore::Few(few) => few.as_slice(),
            NextHopsStore::Many(many) => many,
        }
    }
}

impl From<&[NextHopHandle]> for NextHops {
    fn from(handles: &[NextHopHandle]) -> Self {
        Self(match handles {
            [] => NextHopsStore::Few(None),
            [one] => NextHopsStore::Few(Some(*one)),
            many => NextHopsStore::Many(many.into()),
        })
    }
}

impl From<NextHopHandle> for NextHops {
    fn from(handle: NextHopHandle) -> Self {
        Self(NextHopsStore::Few(Some(handle)))
    }
}

impl FromIterator<NextHopHandle> for NextHops {
    fn from_iter<I: IntoIterator<Item = NextHopHandle>>(handles: I) -> Self {
        let mut handles = handles.into_iter();
        let Some(first) = handles.next() else { return Self::NONE };
        let Some(second) = handles.next() else { return Self::from(first) };
        Self(NextHopsStore::Many([first, second].into_iter().chain(handles).collect()))
    }
}

impl PartialEq for NextHops {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for NextHops {}

impl Hash for NextHops {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl fmt::Debug for NextHops {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// What a client fills in of a route (the client's part of `RTM_ROUTE_INFO`).
///
/// Destination, owner and state are the manager's and cannot be said here (D-25).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteSpec {
    /// Who taught the route; `None` for link-state protocols. One of the caller's own next hops.
    pub neighbour: Option<NextHopHandle>,
    /// Compatibility bits of version 1.
    pub flags1: u8,
    /// The route's flags. An in-place edit cannot change them (RTM-039).
    pub flags: RouteFlags,
    /// Administrative preference, **lower wins**; 0 lets the manager's policy set it (D-26).
    pub preference: u32,
    /// The protocol's cost, lower wins among equal preferences.
    pub metric: u32,
    /// The views the route belongs to.
    pub views: ViewSet,
    /// A value private to the owner.
    pub entity_specific_info: u64,
    /// Equal-cost next hops of the caller's own list, none twice (D-28).
    pub next_hops: NextHops,
}

/// Whether a route is in the table (`RTM_ROUTE_STATE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RouteState {
    /// In the table.
    Created = 0,
    /// Gone from the table, and still shown as the route in hold-down of some view (D-43).
    Deleting = 1,
    /// Gone from the table; the object survives through handles.
    Deleted = 2,
}

/// A copy of a route (`RTM_ROUTE_INFO`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RouteInfo {
    /// The destination the route belongs or belonged to.
    pub dest: DestHandle,
    /// The client that owns it.
    pub owner: EntityHandle,
    /// Whether it is in the table.
    pub state: RouteState,
    /// What the owner filled in, the preference resolved.
    pub spec: RouteSpec,
}

/// What a route has to agree with, as far as [`MatchFlags`](crate::MatchFlags) select it: the fields of `RTM_ROUTE_INFO`
/// that are compared. Handles of what is gone agree with no route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RouteCriteria {
    /// The client that owns it.
    pub owner: Option<EntityHandle>,
    /// Who taught it; `None` agrees with routes that have no neighbour.
    pub neighbour: Option<NextHopHandle>,
    /// Its preference, as the manager keeps it.
    pub preference: u32,
    /// Its metric.
    pub metric: u32,
    /// Its next hops, in their order.
    pub next_hops: NextHops,
}

/// One view of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViewInfo {
    /// The view.
    pub view: ViewId,
    /// How many routes the destination has in it, whoever owns them.
    pub routes: u32,
    /// The best route in it, as the query's protocol selector has it.
    pub route: Option<RouteHandle>,
    /// That route's owner.
    pub owner: Option<EntityHandle>,
    /// That route's flags.
    pub dest_flags: RouteFlags,
    /// The route in hold-down in it: deleted, and to be advertised as unreachable for a while. The selector does not
    /// concern it.
    pub hold_route: Option<RouteHandle>,
}

/// A copy of a destination (`RTM_DEST_INFO`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DestInfo {
    /// The destination.
    pub dest: DestHandle,
    /// Its prefix.
    pub address: NetAddress,
    /// When one of its routes changed last, or its hold ended, in nanoseconds of virtual time.
    pub last_changed: u64,
    /// The views it has routes in.
    pub belongs_to_views: ViewSet,
    /// One entry for each supported view asked for, ascending (D-39).
    pub views: Vec<ViewInfo>,
}

/// Whether a next hop is in its owner's list (`RTM_NEXTHOP_STATE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum NextHopState {
    /// In the list.
    Created = 0,
    /// Gone from the list; routes and handles may still refer to it (D-92).
    Deleted = 1,
}

/// What a client fills in of a next hop; owner and state are the manager's (RTM-066).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NextHopSpec {
    /// The address, normally a host; with the interface it identifies the next hop in its owner's list.
    pub address: NetAddress,
    /// The outgoing interface.
    pub interface: u32,
    /// The flags.
    pub flags: NextHopFlags,
    /// A value private to the owner.
    pub entity_specific_info: u64,
    /// The destination through which a remote next hop is reached.
    pub remote: Option<DestHandle>,
}

impl NextHopSpec {
    /// Makes the spec of a directly connected next hop.
    #[must_use]
    pub const fn local(address: NetAddress, interface: u32) -> Self {
        Self { address, interface, flags: NextHopFlags::NONE, entity_specific_info: 0, remote: None }
    }
}

/// A copy of a next hop (`RTM_NEXTHOP_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NextHopInfo {
    /// The client in whose list it is or was.
    pub owner: EntityHandle,
    /// Whether it is in the list.
    pub state: NextHopState,
    /// What the owner filled in.
    pub spec: NextHopSpec,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::Handle as _;
    use core::num::NonZeroU32;

    #[test]
    fn next_hops_are_collected_as_they_are_copied_from_a_slice() {
        let hops = [1, 2, 3, 4]
            .map(|place| NextHopHandle::from_parts(NonZeroU32::new(place).unwrap(), NonZeroU32::MIN));
        for count in 0..=hops.len() {
            let collected: NextHops = hops[..count].iter().copied().collect();
            assert_eq!(collected[..], hops[..count]);
            let stored = |hops: &NextHops| core::mem::discriminant(&hops.0);
            assert_eq!(stored(&collected), stored(&NextHops::from(&hops[..count])), "{count}");
        }
    }
}
