//! How values are printed and numbered: traces are made of it.

use crate::world::{World, prefix, rip, ucast};
use core::hash::{Hash, Hasher};
use tiebreak_rtm::*;

#[test]
fn tables_views_and_addresses_are_printed_as_people_write_them() {
    assert_eq!([AddressFamily::Ipv4, AddressFamily::Ipv6].map(AddressFamily::code), [2, 23]);
    let ipv6 = TableId { instance: 3, family: AddressFamily::Ipv6 };
    assert_eq!([rip(1).table, ipv6].map(|table| table.to_string()), ["0.ipv4", "3.ipv6"]);
    let views = [0, 1, 7].map(|number| ViewId::new(number).expect("below 32").to_string());
    assert_eq!(views, ["ucast", "mcast", "view7"]);
    let host = NetAddress::host("192.0.2.1".parse().expect("an address"));
    assert_eq!((host, format!("{host:?}")), (prefix("192.0.2.1/32"), "192.0.2.1/32".to_owned()));
}

#[test]
fn protocols_events_and_entities_have_their_documented_names_and_numbers() {
    let names = [8, 13, 14, 10_002, 77].map(protocol::name);
    assert_eq!(names, [Some("RIP"), Some("OSPF"), Some("BGP"), Some("AUTOSTATIC"), None]);
    let events = [
        (EventType::EntityRegistered, "RTM_ENTITY_REGISTERED"),
        (EventType::EntityDeregistered, "RTM_ENTITY_DEREGISTERED"),
        (EventType::RouteExpired, "RTM_ROUTE_EXPIRED"),
        (EventType::ChangeNotification, "RTM_CHANGE_NOTIFICATION"),
    ];
    for (event, name) in events {
        assert_eq!((event.name(), event.to_string()), (name, name.to_owned()));
    }
    assert_eq!(EntityId { protocol: 8, protocol_instance: 3 }.to_bits(), 0x0000_0003_0000_0008);
}

/// Keeps what is hashed.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        unreachable!("only the bytes are looked at")
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }
}

fn hash(value: impl Hash) -> Vec<u8> {
    let mut bytes = Bytes::default();
    value.hash(&mut bytes);
    bytes.0
}

#[test]
fn statuses_and_violations_are_printed_by_name_and_hash_by_number() {
    let printed = [Status::NotSupported, Status::Other(50), Status::Other(4711)].map(|it| it.to_string());
    assert_eq!(printed, ["ERROR_NOT_SUPPORTED", "ERROR_NOT_SUPPORTED", "4711"]);
    assert_eq!(hash(Status::Other(50)), hash(Status::NotSupported));
    assert_ne!(hash(Status::Other(51)), hash(Status::NotSupported));
    let violation = Violation::NotLocked { function: Function::LockRoute };
    assert_eq!(
        (violation.name(), violation.to_string()),
        ("not-locked", "not-locked in RtmLockRoute".to_owned())
    );
}

#[test]
fn handles_and_next_hops_are_printed_one_by_one() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let hops = [world.hop(client, "192.0.2.1/32", 1), world.hop(client, "192.0.2.2/32", 1)];
    let (route, _) = world.add(client, "10.0.0.0/8", ucast(0, 1));
    let dest = world.manager.dest(rip(1).table, prefix("10.0.0.0/8")).expect("it has a route");
    let handles = [
        (AnyHandle::Entity(client), client.to_string(), client.to_bits()),
        (AnyHandle::Dest(dest), dest.to_string(), dest.to_bits()),
        (AnyHandle::Route(route), route.to_string(), route.to_bits()),
        (AnyHandle::NextHop(hops[1]), hops[1].to_string(), hops[1].to_bits()),
    ];
    for (handle, text, bits) in handles {
        assert_eq!((handle.to_string(), handle.to_bits()), (text, bits));
        assert_ne!((handle.to_bits() >> 1, handle.to_string().len()), (0, 0));
    }
    let next_hops: NextHops = hops.into_iter().collect();
    assert_eq!(format!("{next_hops:?}"), format!("{hops:?}"));
    assert_ne!(hash(next_hops), hash(NextHops::from(hops[0])));
}
