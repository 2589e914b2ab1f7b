//! Many answers at once: what single look-ups say, and what the table of best routes says.

use crate::world::*;
use core::ops::Bound;
use tiebreak_rtm::*;

/// Blocks of 16 bits, each with a node of its own in the index: so many that it keeps its table of the first two bytes.
const BLOCKS: u32 = 1_100;
const VIEWS: [ViewId; 2] = [ViewId::UCAST, ViewId::MCAST];

fn ipv4(address: u32, len: u8) -> NetAddress {
    NetAddress::from_raw(AddressFamily::Ipv4, u128::from(address) << 96, len)
}

/// A first address of a block: 16.0.0.0, 16.1.0.0 and so on.
fn block(number: u32) -> u32 {
    (16 << 24) + (number << 16)
}

/// A manager with some prefixes in each block, in one view or the other; the last two bytes and the length of each.
fn full_table() -> (Manager, Vec<NetAddress>) {
    let mut manager = Manager::new(Profile::default());
    let register = Call::RegisterEntity {
        info: rip(1),
        methods: 0,
        callback: EventCallback::Absent,
        reserve_opaque_pointer: OpaqueSlot::NotReserved,
    };
    let mut ask = |caller, call| {
        let outputs = manager.handle(0, Input::Call { caller, frame: None, call });
        match outputs.last() {
            Some(Output::Reply(Outcome::Done(reply))) => reply,
            other => panic!("{other:?}"),
        }
    };
    let Reply::RegisterEntity { entity, .. } = ask(None, register) else { panic!() };
    let mut prefixes = vec![ipv4(0, 0), ipv4(11 << 24, 8), ipv4(12 << 24 | 7, 32)];
    for number in 0..BLOCKS {
        let ends = [(0_u32, 16), (0x0100, 24), (0x0200, 24), (0x0280, 25), (0x8000, 17)];
        // Of each block others.
        let ends = ends.iter().enumerate().filter(|(place, _)| number >> place & 1 == 0 || *place == 1);
        prefixes.extend(ends.map(|(_, (address, len))| ipv4(block(number) | address, *len)));
    }
    for (number, prefix) in (0_u32..).zip(&prefixes) {
        let views = if number % 3 == 1 { ViewSet::MCAST } else { ViewSet::UCAST };
        let views = if number % 7 == 0 { views.union(ViewSet::UCAST) } else { views };
        let call = Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest: *prefix,
            spec: RouteSpec { views, ..ucast(1, number) },
            time_to_live_ms: INFINITE,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        };
        ask(Some(entity), call);
    }
    prefixes.sort_unstable();
    (manager, prefixes)
}

/// Hosts and shorter prefixes within and without what there is, and one of the other family.
fn probes() -> Vec<NetAddress> {
    let mut probes = vec![ipv4(1, 32), ipv4(11 << 24 | 5, 32), ipv4(12 << 24 | 7, 32), prefix("1001::/16")];
    for number in 0..BLOCKS + 3 {
        let within = [0x0001, 0x0107, 0x0201, 0x02FF, 0x8001, 0xFFFF];
        probes.extend(within.map(|within| ipv4(block(number) | within, 32)));
        probes.extend([
            ipv4(block(number) | 0x0280, 25),
            ipv4(block(number) | 0x0200, 24),
            ipv4(block(number), 20),
        ]);
        probes.extend([ipv4(block(number), 16), ipv4(block(number), 12)]);
    }
    probes
}

#[test]
fn many_look_ups_at_once_answer_what_single_ones_do() {
    let (manager, prefixes) = full_table();
    let probes = probes();
    for view in VIEWS {
        let single: Vec<_> =
            probes.iter().map(|address| manager.longest_match(IPV4, *address, view)).collect();
        let many: Vec<_> = manager.longest_matches(IPV4, &probes, view).collect();
        assert!(many == single, "the longest matches in {view:?}");
        assert!(single.iter().filter(|found| found.is_some()).count() > BLOCKS as usize);
    }
    let sought: Vec<_> = prefixes.iter().chain(&probes).copied().collect();
    let single: Vec<_> = sought.iter().map(|address| manager.dest(IPV4, *address)).collect();
    assert!(manager.dests(IPV4, &sought).collect::<Vec<_>>() == single);
    assert!(single[..prefixes.len()].iter().all(Option::is_some));
    assert_eq!(manager.dest(IPV4, prefix("1001::/16")), None, "of the other family");
}

#[test]
fn as_many_answers_come_as_there_were_questions() {
    let (manager, _) = full_table();
    let probes = probes();
    for count in [0, 1, 15, 16, 17, 40] {
        assert_eq!(manager.dests(IPV4, &probes[..count]).count(), count);
        assert_eq!(manager.longest_matches(IPV4, &probes[..count], ViewId::UCAST).count(), count);
    }
    let absent = TableId { instance: 9, ..IPV4 };
    assert!(manager.dests(absent, &probes[..20]).all(|found| found.is_none()));
    assert!(manager.longest_matches(absent, &probes[..20], ViewId::UCAST).all(|found| found.is_none()));
    assert_eq!(manager.best_handles(absent, ViewId::UCAST, Bound::Unbounded).count(), 0);
}

#[test]
fn best_handles_are_the_best_routes_in_order_from_any_prefix_on() {
    let (manager, prefixes) = full_table();
    let best = manager.best_routes(IPV4);
    for view in VIEWS {
        let expected = best.iter().filter(|best| best.view == view);
        let expected: Vec<_> = expected.map(|best| (best.dest, best.best.route)).collect();
        let read = |from: Bound<NetAddress>| {
            manager.best_handles(IPV4, view, from).map(|best| {
                assert_eq!(manager.dest(IPV4, best.address), Some(best.dest));
                (best.address, best.route)
            })
        };
        assert!(read(Bound::Unbounded).eq(expected.iter().copied()), "{view:?}");
        for from in prefixes.iter().step_by(911).copied().chain([ipv4(block(7), 20)]) {
            let behind = |found: &&(NetAddress, RouteHandle)| found.0 > from;
            assert!(
                read(Bound::Excluded(from)).take(40).eq(expected.iter().filter(behind).take(40).copied())
            );
            let not_before = |found: &&(NetAddress, RouteHandle)| found.0 >= from;
            let expected = expected.iter().filter(not_before).take(40).copied();
            assert!(read(Bound::Included(from)).take(40).eq(expected));
        }
    }
}
