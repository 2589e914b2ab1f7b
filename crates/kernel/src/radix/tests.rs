use super::*;
use crate::due::reach;
use crate::mix::mix;
use alloc::collections::BTreeSet;
use proptest::prelude::*;

/// A radix heap, and a sorted list that says what it should hold.
#[derive(Default, Clone)]
struct Pair {
    radix: RadixHeap,
    links: Vec<Link>,
    oracle: BTreeSet<Due>,
    now: u64,
    sequence: u32,
}

impl Pair {
    fn push(&mut self, after: u64) {
        self.sequence += 1;
        let (slot, at) = (
            self.sequence,
            Instant::from_nanos(self.now.saturating_add(after).saturating_add(1).min(u64::MAX - 1)),
        );
        let entry = Due::new(at, self.sequence, slot);
        if slot as usize >= self.links.len() {
            reach(&mut self.links, slot, Link::OUT);
        }
        self.radix.push(&mut self.links, entry);
        self.oracle.insert(entry);
    }

    /// Lets the entry be dead that is so far from the first.
    fn remove(&mut self, from_first: usize) {
        let Some(entry) = self.oracle.iter().nth(from_first).copied() else { return };
        self.radix.remove(&mut self.links, entry.slot());
        self.oracle.remove(&entry);
    }

    fn pop(&mut self) {
        let expected = self.oracle.pop_first();
        assert_eq!(self.radix.first(&self.links), expected);
        let is_tied = |first: Due| self.oracle.first().is_some_and(|next| next.instant() == first.instant());
        let lone = expected.filter(|first| !is_tied(*first));
        assert_eq!(self.radix.pop_lone(&self.links), lone, "a lone entry is known as one");
        if lone.is_none() {
            assert_eq!(self.radix.pop(&self.links), expected);
        }
        self.now = expected.map_or(self.now, |first| first.instant().as_nanos());
    }

    fn check(&self) {
        self.radix.check_invariants(&self.links);
        assert_eq!(self.radix.live(), self.oracle.len());
        assert_eq!(self.radix.first(&self.links), self.oracle.first().copied());
    }
}

/// A span of up to so many bits.
fn of_bits(drawn: u64, bits: u32) -> u64 {
    drawn.checked_shr(64 - bits).unwrap_or(0)
}

proptest! {
    /// Entries come and go in any order, near and far, alone and together.
    #[test]
    fn it_holds_what_a_sorted_list_holds(steps in prop::collection::vec((0u32..9, 0u32..=64, any::<u64>()), 0..300)) {
        let mut pair = Pair::default();
        for (action, bits, drawn) in steps {
            match action {
                0..2 => pair.pop(),
                2 => pair.remove(usize::try_from(drawn % 30).unwrap()),
                3 => (0..80).for_each(|step| pair.push(of_bits(mix(drawn ^ step), bits))),
                _ => pair.push(of_bits(drawn, bits)),
            }
            if drawn % 4 == 0 {
                pair.check();
            }
        }
        while !pair.oracle.is_empty() {
            pair.pop();
        }
        pair.check();
    }
}

#[test]
fn many_entries_come_out_in_order_whatever_their_scale() {
    for bits in [0, 4, 10, 30, 64] {
        let mut pair = Pair::default();
        for step in 0..20_000 {
            pair.push(of_bits(mix(step), bits));
        }
        for step in 0..40_000 {
            pair.pop();
            pair.push(of_bits(mix(step), bits) / 2);
            if step % 3 == 0 {
                pair.remove(usize::try_from(mix(step) % 50).expect("small"));
                pair.push(of_bits(mix(step), bits) / 4);
            }
            if step % 5_000 == 0 {
                pair.check();
            }
        }
        while !pair.oracle.is_empty() {
            pair.pop();
        }
        pair.check();
    }
}

#[test]
fn what_comes_before_a_crowd_does_not_stir_it() {
    let mut pair = Pair::default();
    for step in 0..100_000 {
        pair.push(10_000_000_000 + mix(step) % 1_000_000);
    }
    // Each request has a hundred answers, and the next comes when all are in.
    for step in 0..1_000 {
        pair.push(1_000);
        pair.pop();
        assert!(pair.radix.bottom.is_empty(), "the crowd stays in its buckets");
        (0..100).for_each(|answer| pair.push(1 + mix(step * 100 + answer) % 1_000));
        (0..100).for_each(|_| pair.pop());
    }
    pair.check();
}

#[test]
fn dead_entries_are_dropped_and_a_fork_goes_its_own_way() {
    let mut pair = Pair::default();
    for step in 0..20_000 {
        pair.push(mix(step) >> 20);
    }
    let mut fork = pair.clone();
    for _ in 0..15_000 {
        pair.remove(7);
    }
    assert!(pair.radix.len <= 2 * pair.radix.live() + DEAD_MAX, "dead entries are swept out");
    for mut each in [pair, fork.clone()] {
        each.check();
        while !each.oracle.is_empty() {
            each.pop();
        }
        each.check();
        assert!(each.radix.capacity() <= 4_096, "{}", each.radix.capacity());
    }
    fork.radix.renumber(&mut fork.links, |slot| slot + 7);
    let drained = fork.radix.drain(&fork.links);
    assert!(drained.len() == 20_000 && drained.iter().all(|entry| entry.sequence() == entry.slot() + 7));
}

#[test]
fn what_is_asked_for_when_all_are_dead_moves_nothing() {
    let mut pair = Pair::default();
    for step in 0..40 {
        pair.push(1_000_000 + step);
    }
    (0..40).for_each(|_| pair.remove(0));
    pair.pop();
    pair.check();
    for step in 0..300 {
        pair.push(mix(step) % 2_000_000);
    }
    pair.check();
    (0..300).for_each(|_| pair.pop());
}
