//! The administrator's numbers (D-96) and the decisions that can sensibly go another way.

use crate::flags::ViewSet;
use crate::info::{RegistrationProfile, protocol};
use alloc::vec::Vec;

/// What becomes of an address with bits set below its prefix (D-32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostBits {
    /// `ERROR_INVALID_PARAMETER`.
    Refused,
    /// They are cleared.
    Cleared,
}

/// Which of two routes of equal preference and metric comes first (D-35).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ties {
    /// The one that was there.
    Incumbent,
    /// That of the lower entity id, then of the lower neighbour, then the one that was there.
    OwnerId,
}

/// Which classes of change a new metric of the best route is in (D-47).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricChange {
    /// ALL, BEST and FORWARDING.
    Best,
    /// ALL only, as the concept page can be read literally.
    Literal,
}

/// What becomes of the routes, next hops and references a deregistering client left (D-71).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leftovers {
    /// They are deleted and released.
    Cleaned,
    /// They stay for ever, or until the routes expire; registrations for change notification go all the same.
    Orphaned,
}

/// How a manager is set up: limits, policies, and how it reads what the documentation leaves open. The default is the profile
/// `documented`, whose values are given with each field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Next hops a route may have at most: 4. Told to clients.
    pub max_next_hops_in_route: u32,
    /// Elements a batch may have at most, 1 or more: 16. Told to clients.
    pub max_handles_in_enum: u32,
    /// Registrations for change notification a table may have at most: 16 (D-62).
    pub max_notify: u32,
    /// Clients of a table that may have an opaque slot in each of its destinations, at most: 8 (D-76).
    pub opaque_slots: u32,
    /// The views the manager keeps, one or more: unicast and multicast. Told to clients.
    pub views_supported: ViewSet,
    /// Protocols, and the preference of their routes if a client leaves it to the manager (D-26). Lower wins: from 1 for
    /// `LOCAL` to 120 for `RIP`.
    pub preferences: Vec<(u32, u32)>,
    /// The preference of routes of protocols that are not listed: 250.
    pub preference_of_others: u32,
    /// What becomes of an address with bits set below its prefix (D-32): it is refused.
    pub host_bits: HostBits,
    /// Which of two routes of equal preference and metric comes first (D-35): the one that was there.
    pub ties: Ties,
    /// Which classes of change a new metric of the best route is in (D-47): all three.
    pub metric_change: MetricChange,
    /// What becomes of what a client leaves behind when it deregisters (D-71): it is deleted and released.
    pub leftovers: Leftovers,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            max_next_hops_in_route: 4,
            max_handles_in_enum: 16,
            max_notify: 16,
            opaque_slots: 8,
            views_supported: ViewSet::UCAST.union(ViewSet::MCAST),
            preferences: Vec::from([
                (protocol::LOCAL, 1),
                (protocol::NT_STATIC, 3),
                (protocol::NT_STATIC_NON_DOD, 5),
                (protocol::NT_AUTOSTATIC, 7),
                (protocol::NETMGMT, 10),
                (protocol::BGP, 15),
                (protocol::OSPF, 110),
                (protocol::RIP, 120),
            ]),
            preference_of_others: 250,
            host_bits: HostBits::Refused,
            ties: Ties::Incumbent,
            metric_change: MetricChange::Best,
            leftovers: Leftovers::Cleaned,
        }
    }
}

impl Profile {
    /// Returns what a new client is told.
    #[must_use]
    pub const fn registration(&self) -> RegistrationProfile {
        RegistrationProfile {
            max_next_hops_in_route: self.max_next_hops_in_route,
            max_handles_in_enum: self.max_handles_in_enum,
            views_supported: self.views_supported,
            number_of_views: self.views_supported.count(),
        }
    }

    /// Returns the preference policy gives the routes of a protocol (D-26).
    #[must_use]
    pub fn preference_of(&self, protocol: u32) -> u32 {
        let listed = self.preferences.iter().find(|(listed, _)| *listed == protocol);
        listed.map_or(self.preference_of_others, |(_, preference)| *preference)
    }
}
