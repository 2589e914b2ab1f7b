//! What is between any two nodes, in one direction, and what is on its way there.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::{Index, IndexMut};

use tiebreak_kernel::{Instant, Symbol};

use crate::link::Link;
use crate::node::{Label, NodeId};

/// A [`Wire`], by its number in the order in which they came into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WireId(u32);

/// All that was sent over, or was given a link of its own.
#[derive(Debug, Clone)]
pub(crate) struct Wires {
    usual: Link,
    all: Vec<Wire>,
    /// Of each node where it can send to, in ascending order.
    rows: Vec<Vec<(NodeId, WireId)>>,
}

/// One direction of a link.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    from: NodeId,
    to: NodeId,
    link: Link,
    symbol: Option<Symbol>,
    /// When the last message arrives that was sent in this life of the receiver; for links that keep the order.
    last: Instant,
    /// How many messages of one name arrive at one instant, now or later, in ascending order; for links that do not.
    arrivals: VecDeque<(Arrival, u64)>,
}

/// When a message arrives, and what it is called.
type Arrival = (Instant, u64, Option<u64>);

impl Wires {
    /// None yet; they are links like this one unless they are given another.
    pub(crate) const fn new(usual: Link) -> Self {
        Self { usual, all: Vec::new(), rows: Vec::new() }
    }

    /// Gives two nodes another link than the usual one.
    pub(crate) fn set(&mut self, (from, to): (NodeId, NodeId), link: Link) {
        let wire = self.find(from, to);
        self[wire].link = link;
    }

    /// The way from one node to another. It is looked up once for each message.
    pub(crate) fn find(&mut self, from: NodeId, to: NodeId) -> WireId {
        if self.rows.len() <= from.place() {
            self.rows.resize_with(from.place() + 1, Vec::new);
        }
        let row = &mut self.rows[from.place()];
        match row.binary_search_by_key(&to, |(to, _)| *to) {
            Ok(place) => row[place].1,
            Err(place) => {
                let wire = WireId(u32::try_from(self.all.len()).expect("there are at most 2^16 nodes"));
                row.insert(place, (to, wire));
                self.all.push(Wire::new((from, to), self.usual));
                wire
            }
        }
    }

    /// What was on its way to a former life is not waited for in the next.
    pub(crate) fn crash(&mut self, node: NodeId) {
        for wire in self.all.iter_mut().filter(|wire| wire.to == node) {
            if !wire.link.delivers_to_next_life() {
                wire.last = Instant::START;
            }
        }
    }
}

impl Index<WireId> for Wires {
    type Output = Wire;

    fn index(&self, WireId(number): WireId) -> &Wire {
        &self.all[number as usize]
    }
}

impl IndexMut<WireId> for Wires {
    fn index_mut(&mut self, WireId(number): WireId) -> &mut Wire {
        &mut self.all[number as usize]
    }
}

/// In the order of their ends: in which order they came into being does not matter.
impl Hash for Wires {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { usual, all, rows } = self;
        usual.hash(state);
        all.len().hash(state);
        for (_, wire) in rows.iter().flatten() {
            let Wire { from, to, link, symbol, last, arrivals } = &self[*wire];
            (from, to, link, symbol, last, arrivals).hash(state);
        }
    }
}

impl Wire {
    const fn new((from, to): (NodeId, NodeId), link: Link) -> Self {
        Self { from, to, link, symbol: None, last: Instant::START, arrivals: VecDeque::new() }
    }

    pub(crate) const fn link(&self) -> &Link {
        &self.link
    }

    /// From where to where it goes.
    pub(crate) const fn ends(&self) -> (NodeId, NodeId) {
        (self.from, self.to)
    }

    /// Its name, which is interned when it is wanted first.
    pub(crate) fn symbol(&mut self, intern: impl FnOnce() -> Symbol) -> Symbol {
        *self.symbol.get_or_insert_with(intern)
    }

    /// When a message arrives that is due at an instant, if it stays behind the one before.
    pub(crate) fn behind_the_last(&mut self, due: Instant) -> Instant {
        self.last = self.last.max(due);
        self.last
    }

    /// Which of the messages of its name that arrive at an instant the next one is, from 0.
    pub(crate) fn number(&mut self, at: Instant, label: Label) -> u64 {
        let arrival = (at, label.kind.code(), label.number);
        match self.arrivals.binary_search_by_key(&arrival, |(arrival, _)| *arrival) {
            Ok(place) => {
                let (_, arriving) = &mut self.arrivals[place];
                *arriving += 1;
                *arriving - 1
            }
            Err(place) => {
                self.arrivals.insert(place, (arrival, 1));
                0
            }
        }
    }

    /// Forgets what has arrived before now.
    pub(crate) fn forget(&mut self, now: Instant) {
        while self.arrivals.front().is_some_and(|((at, ..), _)| *at < now) {
            self.arrivals.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::RECEIVE;
    use tiebreak_kernel::Span;

    #[test]
    fn what_has_arrived_before_is_forgotten_and_what_arrives_now_is_not() {
        let mut wire = Wire::new((NodeId(0), NodeId(1)), Link::new(Span::ZERO));
        let [early, late] = [5, 9].map(Instant::from_millis);
        let label = Label::new(RECEIVE);
        let numbers = [late, early, late, early, late].map(|at| wire.number(at, label));
        assert_eq!(numbers, [0, 0, 1, 1, 2]);
        assert_eq!(wire.number(late, label.number(7)), 0, "another name");
        wire.forget(early);
        assert_eq!(wire.number(early, label), 2);
        wire.forget(late);
        assert_eq!((wire.arrivals.len(), wire.number(late, label)), (2, 3));
    }
}
