//! Draws: values are pinned, even, and independent of each other.

use core::hash::{Hash as _, Hasher};

use rand::{Rng as _, RngExt as _};
use tiebreak_kernel::{Choices, Ratio, Site, Stream, Streams, Term, hash_text};

use crate::chi::{check_even, check_weighted, rank};

fn site(actor: &str, purpose: &'static str) -> Site {
    Site::new(hash_text(actor), Term::new(purpose))
}

fn ratio(numerator: u32, denominator: u32) -> Ratio {
    Ratio::new(numerator, denominator).expect("a probability")
}

// Pinned values were worked out by another program from the documentation of `Stream` and the definition of ChaCha.

#[test]
fn streams_are_pinned() {
    for (seed, actor, purpose, code, first) in [
        (
            1,
            "rip1",
            "jitter",
            0x4048_EB9E_9451_E219,
            [0x9A0B_BE10_C030_78FD, 0xDE12_BC68_98B1_1A49, 0x1AF2_2CDF_8603_B39A],
        ),
        (
            1,
            "rip1",
            "loss",
            0x2FA1_49FE_8793_E7AD,
            [0x1BD6_DBAF_C2C1_7324, 0xE850_714A_D56C_9FC8, 0x5BA8_3128_91B3_3FF6],
        ),
        (
            1,
            "rip2",
            "jitter",
            0x336B_7383_7022_764B,
            [0x799F_DEF0_F772_4586, 0x8373_90B8_E380_679C, 0x3DDF_42E3_0A19_E4B5],
        ),
        (
            2,
            "rip1",
            "jitter",
            0x4048_EB9E_9451_E219,
            [0x94A4_28D4_B487_DCD7, 0xAA80_1556_E444_0E26, 0xF0B4_AB3A_AF0E_9E37],
        ),
        (
            u64::MAX,
            "ospf2",
            "delay",
            0x8CFF_8C99_9674_7654,
            [0x6763_EDF2_5761_74AC, 0xE477_374B_8723_0F0F, 0x68DA_270F_595F_33D3],
        ),
    ] {
        assert_eq!(site(actor, purpose).code(), code);
        let mut stream = Stream::open(seed, site(actor, purpose));
        assert_eq!([(); 3].map(|()| stream.number(0, u64::MAX)), first, "{seed} {actor} {purpose}");
    }
    let mut stream = Stream::open(1, site("rip1", "jitter"));
    let hundredth = (0..100).map(|_| stream.next_u64()).last();
    assert_eq!(hundredth, Some(0x6347_778A_F3CC_8C17), "beyond the first block");
}

#[test]
fn numbers_in_ranges_are_pinned() {
    for (low, high, drawn) in [
        (0, 1, [1, 0, 0, 0, 0, 0]),
        (1, 6, [6, 1, 3, 3, 1, 3]),
        (0, 999, [915, 116, 493, 378, 50, 368]),
        (5, 5, [5; 6]),
        (
            0,
            u64::MAX - 1,
            [
                16_881_758_950_491_694_371,
                2_145_382_411_260_271_002,
                9_110_991_184_841_299_956,
                6_974_042_946_212_566_915,
                940_123_694_627_909_977,
                6_798_698_390_240_792_468,
            ],
        ),
        (
            0,
            u64::MAX,
            [
                16_881_758_950_491_694_372,
                2_145_382_411_260_271_003,
                9_110_991_184_841_299_957,
                6_974_042_946_212_566_916,
                940_123_694_627_909_978,
                6_798_698_390_240_792_469,
            ],
        ),
        // Half of all draws would be unfair here: the fifth is drawn again.
        (
            0,
            1 << 63,
            [
                8_440_879_475_245_847_186,
                1_072_691_205_630_135_501,
                4_555_495_592_420_649_978,
                3_399_349_195_120_396_234,
                2_784_158_657_178_936_608,
                7_157_137_336_723_397_869,
            ],
        ),
    ] {
        let mut stream = Stream::open(7, site("rip1", "number"));
        assert_eq!([(); 6].map(|()| stream.number(low, high)), drawn, "{low} to {high}");
    }
}

#[test]
fn chances_and_permutations_are_pinned() {
    let mut streams = Streams::new(7);
    let drawn: String = (0..32)
        .map(|_| if streams.chance(site("rip1", "chance"), ratio(1, 3)) { '1' } else { '0' })
        .collect();
    assert_eq!(drawn, "00000000100100000000001101000010");
    let mut permuted = |count| {
        let mut items: Vec<u32> = (0..count).collect();
        streams.permute(site("rip1", "permute"), &mut items);
        items
    };
    assert_eq!(permuted(10), [8, 7, 1, 9, 6, 3, 4, 2, 5, 0]);
    assert_eq!(permuted(10), [0, 1, 8, 7, 2, 4, 6, 3, 9, 5]);
    assert_eq!((permuted(1), permuted(0)), (vec![0], vec![]));
    assert_eq!(
        streams.number(site("rip1", "permute"), 0, u64::MAX),
        12_787_632_567_815_466_699,
        "none was drawn for one or none"
    );
}

#[test]
fn a_draw_at_one_site_moves_nothing_elsewhere() {
    let (mut calm, mut busy) = (Streams::new(3), Streams::new(3));
    for round in 0..100 {
        for other in 0..round {
            busy.number(site("b", "noise"), 0, other);
        }
        assert_eq!(
            calm.number(site("a", "jitter"), 0, 1_000_000),
            busy.number(site("a", "jitter"), 0, 1_000_000)
        );
    }
}

#[test]
fn a_range_of_one_number_draws_too() {
    let [mut one, mut other] = [(); 2].map(|()| Stream::open(1, site("a", "x")));
    one.number(5, 5);
    other.next_u64();
    assert_eq!(one, other);
}

#[test]
fn certain_and_impossible_chances_are_what_they_say_and_draw() {
    let (mut streams, mut counted) = (Streams::new(1), Stream::open(1, site("a", "x")));
    for _ in 0..100 {
        assert!(streams.chance(site("a", "x"), ratio(3, 3)));
        assert!(!streams.chance(site("a", "x"), ratio(0, 3)));
        counted.next_u64();
        counted.next_u64();
    }
    assert_eq!(streams.number(site("a", "x"), 0, u64::MAX), counted.number(0, u64::MAX));
}

#[test]
fn only_ratios_from_none_to_one_are_probabilities() {
    assert!(Ratio::new(0, 1).is_some() && Ratio::new(u32::MAX, u32::MAX).is_some());
    assert!(Ratio::new(1, 0).is_none() && Ratio::new(0, 0).is_none() && Ratio::new(3, 2).is_none());
}

#[test]
#[should_panic(expected = "a range of numbers holds at least one")]
fn a_range_without_numbers_is_refused() {
    Stream::open(1, site("a", "x")).number(2, 1);
}

#[test]
fn numbers_are_even() {
    let mut stream = Stream::open(1, site("a", "even"));
    let mut count = |low: u64, high: u64, cells: u64| {
        let mut counts = vec![0; usize::try_from(cells).expect("few")];
        let width = u128::from(high - low) + 1;
        for _ in 0..1 << 17 {
            let cell = u128::from(stream.number(low, high) - low) * u128::from(cells) / width;
            counts[usize::try_from(cell).expect("few")] += 1;
        }
        check_even(&counts);
    };
    count(0, 1, 2);
    count(1, 6, 6);
    count(100, 199, 100);
    // Three quarters of all numbers: without drawing again every third result would be twice as likely.
    count(0, 3 * (1 << 62) - 1, 24);
    count(5, u64::MAX, 16);
    count(0, u64::MAX, 16);
    // Where the remainder favours single results: residues must be even, too.
    let mut residues = vec![0; 3];
    for _ in 0..1 << 17 {
        residues[usize::try_from(stream.number(0, 3 * (1 << 62) - 1) % 3).expect("few")] += 1;
    }
    check_even(&residues);
}

#[test]
fn chances_come_as_often_as_they_say() {
    let mut streams = Streams::new(9);
    for (numerator, denominator) in [(1, 2), (1, 3), (2, 3), (1, 1000), (u32::MAX / 4 * 3, u32::MAX)] {
        let mut counts = [0; 2];
        for _ in 0..1 << 17 {
            counts[usize::from(streams.chance(site("a", "x"), ratio(numerator, denominator)))] += 1;
        }
        check_weighted(&counts, &[u64::from(denominator - numerator), u64::from(numerator)], 10_828);
    }
}

#[test]
fn permutations_are_even() {
    let (mut streams, mut counts) = (Streams::new(5), vec![0; 24]);
    for _ in 0..1 << 17 {
        let mut items = [0, 1, 2, 3];
        streams.permute(site("a", "x"), &mut items);
        counts[rank(&items.map(u64::from))] += 1;
    }
    check_even(&counts);
}

/// Asserts that pairs of draws, each from 0 to 3, are even and independent.
fn check_pairs(pairs: impl Iterator<Item = [u64; 2]>) {
    let mut counts = vec![0; 16];
    pairs.for_each(|[one, other]| counts[usize::try_from(one * 4 + other).expect("few")] += 1);
    check_even(&counts);
}

#[test]
fn streams_of_sites_and_seeds_one_bit_apart_are_independent() {
    let purpose = Term::new("x");
    let pair = |seeds: [u64; 2], actors: [u64; 2]| {
        [0, 1].map(|at| Stream::open(seeds[at], Site::new(actors[at], purpose)))
    };
    for bit in 0..64 {
        for (seeds, actors) in [([1, 1], [0x77, 0x77 ^ (1 << bit)]), ([1, 1 ^ (1 << bit)], [0x77, 0x77])] {
            let mut streams = pair(seeds, actors);
            check_pairs((0..1 << 12).map(|_| [0, 1].map(|at| streams[at].number(0, 3))));
        }
    }
}

#[test]
fn first_draws_of_consecutive_seeds_and_of_two_sites_are_independent() {
    let first = |seed, actor| Stream::open(seed, site(actor, "x")).number(0, 3);
    check_pairs((0..1 << 14).map(|seed| [first(seed, "a"), first(seed + 1, "a")]));
    check_pairs((0..1 << 14).map(|seed| [first(seed, "a"), first(seed, "b")]));
}

#[test]
fn a_stream_draws_through_rand() {
    let [mut through, mut plain] = [(); 2].map(|()| Stream::open(1, site("a", "rand")));
    let drawn: u64 = through.random();
    assert_eq!(drawn, plain.number(0, u64::MAX));
    assert!((10..20).contains(&through.random_range(10..20)));
    let mut bytes = [0; 20];
    plain.clone().fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], Stream::clone(&plain).next_u64().to_le_bytes());
    assert_eq!(bytes[..4], plain.next_u32().to_le_bytes());
}

/// What is hashed, as it is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[test]
fn streams_that_go_on_otherwise_hash_otherwise() {
    let hash = |seed, actor, drawn: u32| {
        let mut stream = Stream::open(seed, site(actor, "jitter"));
        (0..drawn).for_each(|_| _ = stream.number(0, u64::MAX));
        let mut bytes = Bytes::default();
        stream.hash(&mut bytes);
        bytes
    };
    assert_eq!(hash(1, "rip1", 3), hash(1, "rip1", 3));
    for other in [hash(2, "rip1", 3), hash(1, "rip2", 3), hash(1, "rip1", 4)] {
        assert_ne!(hash(1, "rip1", 3), other);
    }
}
