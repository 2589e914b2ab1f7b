//! Values of the scenario as the manager has them.

use tiebreak::Projection;
use tiebreak_rtm::{AddressFamily, NetAddress, NotifyFlags, ViewId, ViewSet};
use tiebreak_scenario::plan::{ChangeType, Dest, Family, Prefix, Snapshot, View};

/// A prefix of the scenario as the manager has it.
///
/// # Panics
/// If it has host bits or is too long; a checked plan has no such prefix.
pub(crate) fn net_address(prefix: &Prefix) -> NetAddress {
    match NetAddress::from_ip(prefix.address, prefix.len) {
        Ok(address) => address,
        Err(error) => unreachable!("a checked prefix is in order: {error}"),
    }
}

/// The destination of an action as the manager has it.
///
/// # Panics
/// If it is whichever has changed: what is done for each has it bound before.
pub(crate) fn dest_address(dest: &Dest) -> NetAddress {
    match dest {
        Dest::Prefix(prefix) => net_address(prefix),
        Dest::Changed => unreachable!("`changed` stands only where it is bound"),
    }
}

/// A destination of the manager as the scenario has it.
pub(crate) fn prefix(address: NetAddress) -> Prefix {
    match Prefix::new(address.ip(), address.prefix_len()) {
        Ok(prefix) => prefix,
        Err(error) => unreachable!("the manager's destinations are prefixes: {error}"),
    }
}

/// Views of the scenario as the manager has them.
pub(crate) fn view_set(views: &[View]) -> ViewSet {
    views.iter().map(|view| view_id(*view).set()).fold(ViewSet::NONE, ViewSet::union)
}

/// A view of the scenario as the manager has it.
pub(crate) const fn view_id(view: View) -> ViewId {
    match view {
        View::Unicast => ViewId::UCAST,
        View::Multicast => ViewId::MCAST,
    }
}

/// A family of the scenario as the manager has it.
pub(crate) const fn family(family: Family) -> AddressFamily {
    match family {
        Family::Ipv4 => AddressFamily::Ipv4,
        Family::Ipv6 => AddressFamily::Ipv6,
    }
}

/// The types of change as the manager has them.
pub(crate) fn change_types(types: &[ChangeType]) -> NotifyFlags {
    let flags = types.iter().map(|change| match change {
        ChangeType::All => NotifyFlags::ALL,
        ChangeType::Best => NotifyFlags::BEST,
        ChangeType::Forwarding => NotifyFlags::FORWARDING,
    });
    flags.fold(NotifyFlags::from_bits(0), NotifyFlags::union)
}

/// Returns what a snapshot of a scenario keeps of its trace.
#[must_use]
pub fn projection(snapshot: &Snapshot) -> Projection {
    match snapshot {
        Snapshot::Whole => Projection::Whole,
        Snapshot::Actor(name) => Projection::Actor(name.clone()),
        Snapshot::Kind(kind) => Projection::Kind(kind.clone()),
        Snapshot::Subject(subject) => Projection::Subject(subject.clone()),
    }
}
