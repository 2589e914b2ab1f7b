//! Longest matches of random addresses: the manager, and maintained tries that hold nothing but prefixes.
//!
//! The manager finds the best route in a view, with destination and route behind its index; a trie finds a number. All are
//! asked the same in turn, five times; the median of each is printed. All must find the same: each answer is the number of a prefix. `--quick` is for seeing that it runs.

use ipnet::Ipv4Net;
use iptrie::{Ipv4Prefix, map::RTrieMap};
use prefix_trie::PrefixMap;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::Instant;
use tiebreak_table::{Table, Workload, synthetic};

const ROUNDS: usize = 5;

/// Something that finds the longest match of an address, as a number.
type Peer = (&'static str, Box<dyn Fn(u32) -> u64>);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (count, queries) = if quick { (10_000, 10_000) } else { (1_000_000, 1_000_000) };
    let prefixes: Vec<(Ipv4Addr, u8)> = synthetic(count)
        .into_iter()
        .map(|prefix| (Ipv4Addr::from_bits((prefix.bits() >> 96) as u32), prefix.prefix_len()))
        .collect();
    let hosts: Vec<u32> = (0..queries).map(|number| host(&prefixes, number)).collect();
    let peers = peers(&prefixes);
    let mut spent = vec![Vec::new(); peers.len()];
    let mut found = vec![0_u64; peers.len()];
    for _ in 0..ROUNDS {
        for (place, (_, find)) in peers.iter().enumerate() {
            let begun = Instant::now();
            found[place] = hosts.iter().fold(0, |sum, host| sum.rotate_left(5) ^ black_box(find(*host)));
            spent[place].push(begun.elapsed().as_nanos() / u128::from(queries));
        }
    }
    for (place, (name, _)) in peers.iter().enumerate() {
        spent[place].sort_unstable();
        let (least, median, most) = (spent[place][0], spent[place][ROUNDS / 2], spent[place][ROUNDS - 1]);
        println!("{name:24} {median:6} ns a match ({least} to {most}), digest {:016x}", found[place]);
        assert_eq!(found[place], found[0], "{name} finds other prefixes");
    }
}

/// An address that a prefix covers.
fn host(prefixes: &[(Ipv4Addr, u8)], number: u64) -> u32 {
    let draw = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (address, len) = prefixes[(draw >> 20) as usize % prefixes.len()];
    address.to_bits() | (u64::from(draw as u32) >> len) as u32
}

fn peers(prefixes: &[(Ipv4Addr, u8)]) -> Vec<Peer> {
    let table = Table::prepared(Workload::Forward, prefixes.len());
    let mut map: PrefixMap<Ipv4Net, u64> = PrefixMap::new();
    let mut trie: RTrieMap<Ipv4Prefix, u64> = RTrieMap::new();
    for (number, (address, len)) in (1..).zip(prefixes) {
        let net = Ipv4Net::new(*address, *len).expect("it is a prefix");
        map.insert(net, number);
        let prefix = Ipv4Prefix::new(*address, *len).expect("it is a prefix");
        trie.insert(prefix, number);
    }
    let compressed = trie.clone().compress();
    let net_of = |host: u32| Ipv4Net::from(Ipv4Addr::from_bits(host));
    vec![
        ("tiebreak, best route", Box::new(move |host| table.forward(host))),
        (
            "prefix-trie, number",
            Box::new(move |host| map.get_lpm(&net_of(host)).map_or(0, |(_, found)| *found)),
        ),
        ("iptrie, number", Box::new(move |host| *trie.lookup(&Ipv4Addr::from_bits(host)).1)),
        ("iptrie compressed, number", Box::new(move |host| *compressed.lookup(&Ipv4Addr::from_bits(host)).1)),
    ]
}
