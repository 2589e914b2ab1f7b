//! The index against a sorted list, over random prefixes that come and go.

use super::*;
use crate::address::AddressFamily;
use proptest::prelude::*;

/// A destination of a prefix.
fn dest(address: NetAddress) -> Dest {
    Dest::new(address, 0, 0)
}

/// Prefixes that often agree in their first bytes, of all lengths.
fn prefix(family: AddressFamily) -> impl Strategy<Value = NetAddress> {
    let byte = any::<[u8; 2]>().prop_map(|[kind, byte]| match kind % 8 {
        0..=2 => 0,
        3 | 4 => 128,
        5 | 6 => byte % 4,
        _ => byte,
    });
    let bytes = prop::collection::vec(byte, 16);
    (bytes, 0..=family.width()).prop_map(move |(bytes, len)| {
        let bits = u128::from_be_bytes(bytes.try_into().unwrap());
        NetAddress::from_raw(family, bits, len).truncated(len)
    })
}

/// Finds all prefixes that cover an address, by asking for the longest that has not been found.
fn covering(index: &PrefixIndex, address: NetAddress, dests: &Slab<DestHandle, Dest>) -> Vec<DestSlot> {
    let mut found: Vec<DestSlot> = Vec::new();
    while let Some(next) = index.longest(address, dests, |slot| (!found.contains(&slot)).then_some(slot)) {
        found.push(next);
    }
    found
}

/// Puts prefixes in or takes them out again, and compares everything after each.
fn compare(prefixes: &[NetAddress], probes: &[NetAddress]) {
    let (mut index, mut dests) = (PrefixIndex::new(), Slab::new());
    let mut list: Vec<(NetAddress, DestSlot)> = Vec::new();
    for prefix in prefixes {
        match list.binary_search_by_key(prefix, |(address, _)| *address) {
            Ok(at) => {
                let (_, slot) = list.remove(at);
                index.remove(slot, &dests);
                dests.remove(slot);
            }
            Err(at) => {
                let slot = dests.insert(dest(*prefix));
                list.insert(at, (*prefix, slot));
                index.insert(slot, &dests);
            }
        }
        assert_eq!(index.len(), list.len());
        let used = index.nodes.len() - index.free.len();
        assert!(used <= list.len().max(1), "{used} nodes for {} prefixes", list.len());
    }
    for probe in prefixes.iter().chain(probes).copied() {
        let found = list.iter().find(|(address, _)| *address == probe).map(|(_, slot)| *slot);
        assert_eq!(index.find(probe, &dests), found, "{probe}");
        let covers = list.iter().rev().filter(|(address, _)| address.covers(probe)).map(|(_, slot)| *slot);
        let covers: Vec<_> = covers.collect();
        assert_eq!(covering(&index, probe, &dests), covers, "{probe}");
        if let Some(nearest) = index.nearest(probe) {
            assert_eq!(Some(&nearest), covers.first(), "{probe}");
        }
        for (bound, skipped) in [(Bound::Included(probe), false), (Bound::Excluded(probe), true)] {
            let left = list.iter().filter(|(address, _)| *address > probe || *address == probe && !skipped);
            let left: Vec<_> = left.map(|(_, slot)| *slot).collect();
            assert_eq!(index.in_order(bound, &dests).collect::<Vec<_>>(), left, "{bound:?}");
        }
    }
    let all: Vec<_> = list.iter().map(|(_, slot)| *slot).collect();
    assert_eq!(index.in_order(Bound::Unbounded, &dests).collect::<Vec<_>>(), all);
}

proptest! {
    #[test]
    fn it_finds_what_a_sorted_list_finds(
        four in prop::collection::vec(prefix(AddressFamily::Ipv4), 0..60),
        probes in prop::collection::vec(prefix(AddressFamily::Ipv4), 0..20),
    ) {
        compare(&four, &probes);
    }

    #[test]
    fn it_finds_what_a_sorted_list_finds_among_long_addresses(
        six in prop::collection::vec(prefix(AddressFamily::Ipv6), 0..60),
        probes in prop::collection::vec(prefix(AddressFamily::Ipv6), 0..20),
    ) {
        compare(&six, &probes);
    }
}

#[test]
fn what_was_taken_out_leaves_nothing_behind() {
    let (mut index, mut dests) = (PrefixIndex::new(), Slab::new());
    let texts = ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "10.1.2.128/25", "10.1.3.0/24", "128.0.0.0/1"];
    let slots: Vec<_> = texts.iter().map(|text| dests.insert(dest(text.parse().unwrap()))).collect();
    for slot in &slots {
        index.insert(*slot, &dests);
    }
    for slot in &slots {
        index.remove(*slot, &dests);
    }
    assert_eq!(index.len(), 0);
    assert_eq!(index.nodes.len() - index.free.len(), 1, "the root stays");
    assert!(index.in_order(Bound::Unbounded, &dests).next().is_none());
}

#[test]
fn what_is_no_prefix_of_the_table_is_not_found() {
    let (mut index, mut dests) = (PrefixIndex::new(), Slab::new());
    for text in ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16"] {
        let slot = dests.insert(dest(text.parse().unwrap()));
        index.insert(slot, &dests);
    }
    let bits = 10 << 120;
    assert_eq!(
        index.find(NetAddress::from_raw(AddressFamily::Ipv4, bits | 1 << 96, 8), &dests),
        None,
        "host bits"
    );
    assert!(index.find(NetAddress::from_raw(AddressFamily::Ipv4, bits, 8), &dests).is_some());
}

#[test]
fn a_way_has_as_many_nodes_as_an_address_has_bytes() {
    let (mut index, mut dests) = (PrefixIndex::new(), Slab::new());
    let lengths: Vec<u8> = (0..=128).collect();
    for len in lengths.iter().rev() {
        let slot = dests.insert(dest(NetAddress::from_raw(AddressFamily::Ipv6, 0, *len)));
        index.insert(slot, &dests);
    }
    let host = NetAddress::from_raw(AddressFamily::Ipv6, 0, 128);
    let covering: Vec<_> =
        covering(&index, host, &dests).into_iter().map(|slot| dests[slot].address.prefix_len()).collect();
    assert_eq!(covering, lengths.iter().rev().copied().collect::<Vec<_>>());
    let in_order = index.in_order(Bound::Included(host.truncated(3)), &dests);
    let in_order = in_order.map(|slot| dests[slot].address.prefix_len());
    assert_eq!(in_order.collect::<Vec<_>>(), lengths[3..]);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_node_takes_three_lines() {
    assert_eq!((size_of::<Node>(), align_of::<Node>()), (192, 64));
    assert_eq!(core::mem::offset_of!(Node, leads_on), 128, "what is needed to go on is a line of its own");
}
