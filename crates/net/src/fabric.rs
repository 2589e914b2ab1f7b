//! What connects the nodes: who is up, which timers they have, what is on its way between them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{
    Context, Fact, Handle, Instant, Lane, Name, Names, Place, Ratio, Span, Symbol, Term, terms,
};

use crate::about::About;
use crate::event::{Event, EventOf, Letter, PartitionId, What};
use crate::link::Link;
use crate::node::{Node, NodeId};

terms! {
    /// The kind of a record of a link: it has lost a message.
    pub LOST = "lost",
    /// The kind of a record of a link: it delivers a message twice.
    pub DUPLICATED = "duplicated",
    /// The kind of a record of a link: a message does not come through a partition.
    pub CUT_OFF = "cut-off",
    /// The kind of a record of a node: what has arrived was meant for a former life, or the node is down.
    pub MISSED = "missed",
    KIND = "kind", LATENCY = "latency", LOSS = "loss", DUPLICATION = "duplication",
}

/// The context of an event of a network of such nodes.
pub(crate) type Stage<'a, N> = Context<'a, EventOf<N>, About>;

/// The nodes as the network sees them, and what is between them.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Fabric<T> {
    pub(crate) hosts: Vec<Host<T>>,
    usual: Link,
    wires: BTreeMap<(NodeId, NodeId), Wire>,
    partitions: Vec<Partition>,
    weather: Weather,
}

/// Whether links lose and duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Weather {
    AsLinksSay,
    Calm,
}

/// A node as the network sees it.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Host<T> {
    name: String,
    symbol: Option<Symbol>,
    /// How often it has crashed.
    pub(crate) life: u32,
    pub(crate) is_up: bool,
    /// The pending ones, and some that have fired.
    timers: Vec<(T, Handle)>,
}

/// One direction of a link.
#[derive(Debug, Clone, Hash)]
struct Wire {
    link: Link,
    symbol: Option<Symbol>,
    /// When the last message arrives that was sent; for links that keep the order.
    last: Instant,
    /// The names of what is on its way, and which copy each is; for links that do not.
    travelling: Vec<(Term, Option<u64>, u64)>,
}

#[derive(Debug, Clone, Hash)]
struct Partition {
    name: String,
    symbol: Option<Symbol>,
    sides: [Vec<NodeId>; 2],
    is_split: bool,
}

impl Partition {
    fn separates(&self, from: NodeId, to: NodeId) -> bool {
        let [one, other] = &self.sides;
        self.is_split
            && (one.contains(&from) && other.contains(&to) || other.contains(&from) && one.contains(&to))
    }
}

impl<T> Host<T> {
    pub(crate) fn crash(&mut self) -> Vec<(T, Handle)> {
        self.is_up = false;
        self.life += 1;
        core::mem::take(&mut self.timers)
    }
}

/// Before the run.
impl<T> Fabric<T> {
    pub(crate) const fn new(usual: Link) -> Self {
        Self {
            hosts: Vec::new(),
            usual,
            wires: BTreeMap::new(),
            partitions: Vec::new(),
            weather: Weather::AsLinksSay,
        }
    }

    pub(crate) fn add(&mut self, name: String) -> NodeId {
        let known = self.hosts.iter().any(|host| host.name == name);
        assert!(!known, "two nodes are called {name}");
        let Ok(number) = u16::try_from(self.hosts.len()) else {
            panic!("a network has at most 65536 nodes");
        };
        self.hosts.push(Host { name, symbol: None, life: 0, is_up: false, timers: Vec::new() });
        NodeId(number.into())
    }

    pub(crate) fn link(&mut self, from: NodeId, to: NodeId, link: Link) {
        self.wires.insert((from, to), Wire::new(link));
    }

    pub(crate) fn partition(&mut self, name: String, sides: [Vec<NodeId>; 2]) -> PartitionId {
        let number = u32::try_from(self.partitions.len());
        assert!(number.is_ok(), "a network has less than 2^32 partitions");
        self.partitions.push(Partition { name, symbol: None, sides, is_split: false });
        PartitionId(number.unwrap_or(u32::MAX))
    }

    /// Gives nodes and partitions their names in this simulation.
    pub(crate) fn intern(&mut self, names: &mut Names) {
        for host in &mut self.hosts {
            host.symbol = Some(names.intern(&host.name));
        }
        for partition in &mut self.partitions {
            partition.symbol = Some(names.intern(&partition.name));
        }
    }
}

/// While it runs.
impl<T> Fabric<T> {
    pub(crate) fn symbol(&self, node: NodeId) -> Symbol {
        self.hosts[node.place()].symbol.expect("nodes have symbols once the network has begun")
    }

    pub(crate) fn symbol_of_partition(&self, partition: PartitionId) -> Symbol {
        self.partitions[partition.place()].symbol.expect("partitions have symbols once the network has begun")
    }

    pub(crate) fn set_split(&mut self, partition: PartitionId, is_split: Split) {
        self.partitions[partition.place()].is_split = is_split == Split::Begins;
    }

    pub(crate) const fn calm(&mut self) {
        self.weather = Weather::Calm;
    }

    pub(crate) fn node(&self, name: &str) -> Option<NodeId> {
        let place = self.hosts.iter().position(|host| host.name == name)?;
        u32::try_from(place).ok().map(NodeId)
    }

    /// Schedules a timer of a node, beside those that it has.
    pub(crate) fn schedule<N: Node<Timer = T>>(
        &mut self,
        node: NodeId,
        (timer, at): (T, Instant),
        context: &mut Stage<'_, N>,
    ) where
        T: Clone,
    {
        let timers = &mut self.hosts[node.place()].timers;
        timers.retain(|(_, handle)| context.is_pending(*handle));
        let handle = context.schedule_no_earlier(at, Event(What::Expire(node, timer.clone())));
        timers.push((timer, handle));
    }

    /// Cancels the timers of a node that are equal to this one; returns whether there was one.
    pub(crate) fn disarm<N: Node<Timer = T>>(
        &mut self,
        node: NodeId,
        timer: &T,
        context: &mut Stage<'_, N>,
    ) -> bool
    where
        T: PartialEq,
    {
        let mut was_armed = false;
        self.hosts[node.place()].timers.retain(|(armed, handle)| {
            let is_it = armed == timer;
            if is_it {
                was_armed |= context.cancel(*handle).is_some();
            }
            !is_it
        });
        was_armed
    }

    /// When the first of the timers of a node that are equal to this one fires.
    pub(crate) fn due<N: Node<Timer = T>>(
        &self,
        node: NodeId,
        timer: &T,
        context: &Stage<'_, N>,
    ) -> Option<Instant>
    where
        T: PartialEq,
    {
        let mut armed = self.hosts[node.place()].timers.iter().filter(|(armed, _)| armed == timer);
        armed.find_map(|(_, handle)| context.due(*handle))
    }

    /// Sends a message: draws what becomes of it, and schedules its arrival.
    pub(crate) fn send<N: Node<Timer = T>>(
        &mut self,
        (from, to): (NodeId, NodeId),
        message: N::Message,
        context: &mut Stage<'_, N>,
    ) {
        let label = N::name_of_message(&message);
        let link = self.wire(from, to).link;
        let facts = [Fact::word(KIND, label.kind)];
        if self.partitions.iter().any(|partition| partition.separates(from, to)) {
            let wire = self.name_of_wire(from, to, context);
            context.record(Name::of(wire, CUT_OFF, About::Nothing), &facts);
            return;
        }
        if self.weather == Weather::Calm {
            return self.dispatch::<N>((from, to), message, context);
        }
        if link.losing().is_some_and(|share| self.chance((from, to), (LOSS, share), context)) {
            let wire = self.name_of_wire(from, to, context);
            context.record(Name::of(wire, LOST, About::Nothing), &facts);
            return;
        }
        if link.duplicating().is_some_and(|share| self.chance((from, to), (DUPLICATION, share), context)) {
            let wire = self.name_of_wire(from, to, context);
            context.record(Name::of(wire, DUPLICATED, About::Nothing), &facts);
            self.dispatch::<N>((from, to), message.clone(), context);
        }
        self.dispatch::<N>((from, to), message, context);
    }

    /// Lets a message arrive, once.
    fn dispatch<N: Node<Timer = T>>(
        &mut self,
        (from, to): (NodeId, NodeId),
        message: N::Message,
        context: &mut Stage<'_, N>,
    ) {
        let due = context.now().saturating_add(self.latency((from, to), context));
        let label = N::name_of_message(&message);
        let life = self.hosts[to.place()].life;
        let wire = self.wire(from, to);
        let (at, place, copy) = if wire.link.is_in_order() {
            wire.last = wire.last.max(due);
            (wire.last, Place::lane(lane(from, to)), 0)
        } else {
            (due, Place::FREE, wire.embark(label.kind, label.number))
        };
        context
            .on(place)
            .schedule_no_earlier(at, Event(What::Receive(Letter { from, to, life, copy, message })));
    }

    /// Takes a message off its link; returns whether its receiver gets it.
    pub(crate) fn arrive<N: Node<Timer = T>>(&mut self, letter: &Letter<N::Message>) -> bool {
        let host = &self.hosts[letter.to.place()];
        let (is_up, life) = (host.is_up, host.life);
        let label = N::name_of_message(&letter.message);
        let wire = self.wire(letter.from, letter.to);
        wire.disembark(label.kind, label.number, letter.copy);
        is_up && (life == letter.life || wire.link.delivers_to_next_life())
    }

    fn wire(&mut self, from: NodeId, to: NodeId) -> &mut Wire {
        self.wires.entry((from, to)).or_insert_with(|| Wire::new(self.usual))
    }

    /// The link as an actor: `a>b`.
    fn name_of_wire<E>(&mut self, from: NodeId, to: NodeId, context: &mut Context<'_, E, About>) -> Symbol {
        if let Some(symbol) = self.wire(from, to).symbol {
            return symbol;
        }
        let [source, target] = [from, to].map(|node| self.hosts[node.place()].name.as_str());
        let symbol = context.intern(&[source, ">", target].concat());
        self.wire(from, to).symbol = Some(symbol);
        symbol
    }

    fn chance<E>(
        &mut self,
        (from, to): (NodeId, NodeId),
        (purpose, share): (Term, Ratio),
        context: &mut Context<'_, E, About>,
    ) -> bool {
        let wire = self.name_of_wire(from, to, context);
        context.chance(wire, purpose, share)
    }

    fn latency<E>(&mut self, (from, to): (NodeId, NodeId), context: &mut Context<'_, E, About>) -> Span {
        let link = self.wire(from, to).link;
        let drawn = link.drawn().map_or(Span::ZERO, |spread| {
            let wire = self.name_of_wire(from, to, context);
            spread.draw(wire, LATENCY, context)
        });
        link.least().saturating_add(drawn)
    }
}

/// Whether a partition begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    Begins,
    Ends,
}

impl Wire {
    const fn new(link: Link) -> Self {
        Self { link, symbol: None, last: Instant::START, travelling: Vec::new() }
    }

    /// Takes a message on; returns the least number that no other of its name has that is on its way.
    fn embark(&mut self, kind: Term, number: Option<u64>) -> u64 {
        let is_taken = |copy| self.travelling.contains(&(kind, number, copy));
        let most = self.travelling.len() as u64;
        let copy = (0..most).find(|copy| !is_taken(*copy)).unwrap_or(most);
        self.travelling.push((kind, number, copy));
        copy
    }

    fn disembark(&mut self, kind: Term, number: Option<u64>, copy: u64) {
        if let Some(place) = self.travelling.iter().position(|letter| *letter == (kind, number, copy)) {
            self.travelling.swap_remove(place);
        }
    }
}

/// The lane of what travels in order.
fn lane(from: NodeId, to: NodeId) -> Lane {
    // There are at most 2^16 nodes; the last number of all is no lane, and would be that of a node's link to itself.
    Lane::new((from.0 << 16 | to.0).min(u32::MAX - 1))
}
