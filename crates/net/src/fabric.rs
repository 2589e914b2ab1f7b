//! What connects the nodes: who is up, which timers they have, what is on its way between them.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use tiebreak_kernel::{
    Context, Fact, Handle, Instant, Lane, Name, Names, Place, Ratio, Span, Symbol, Term, fold, terms,
};

use crate::about::About;
use crate::event::{Event, EventOf, Letter, NET, PartitionId, What};
use crate::link::Link;
use crate::node::{Node, NodeId};
use crate::wires::{WireId, Wires};

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
    wires: Wires,
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
#[derive(Debug, Clone)]
pub(crate) struct Host<T> {
    name: String,
    symbol: Option<Symbol>,
    /// How often it has crashed.
    pub(crate) life: u32,
    pub(crate) is_up: bool,
    /// The pending ones, in the order in which they were armed.
    timers: Vec<(T, Handle)>,
}

/// Of timers that differ it does not matter which was armed first.
impl<T: Hash> Hash for Host<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { name, symbol: _, life, is_up, timers } = self;
        (name, life, is_up).hash(state);
        let code = |timer: &T| {
            let mut code = Folded::default();
            timer.hash(&mut code);
            code.finish()
        };
        let mut timers: Vec<(u64, &Handle)> =
            timers.iter().map(|(timer, handle)| (code(timer), handle)).collect();
        timers.sort_by_key(|(code, _)| *code);
        timers.hash(state);
    }
}

/// A hasher for sorting: what is hashed is folded into one number.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        self.0 =
            bytes.iter().fold(fold(self.0, bytes.len() as u64), |state, byte| fold(state, u64::from(*byte)));
    }

    fn finish(&self) -> u64 {
        self.0
    }
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

/// Before the run.
impl<T> Fabric<T> {
    pub(crate) const fn new(usual: Link) -> Self {
        Self {
            hosts: Vec::new(),
            wires: Wires::new(usual),
            partitions: Vec::new(),
            weather: Weather::AsLinksSay,
        }
    }

    pub(crate) fn add(&mut self, name: String) -> NodeId {
        self.check_name(&name);
        let Ok(number) = u16::try_from(self.hosts.len()) else {
            panic!("a network has at most 65536 nodes");
        };
        self.hosts.push(Host { name, symbol: None, life: 0, is_up: false, timers: Vec::new() });
        NodeId(number.into())
    }

    /// Refuses names that are those of others, or could be.
    fn check_name(&self, name: &str) {
        let known = self.hosts.iter().map(|host| &host.name);
        let mut known = known.chain(self.partitions.iter().map(|partition| &partition.name));
        assert!(
            known.all(|known| known != name) && name != NET.text(),
            "two actors of the network are called {name}"
        );
        assert!(
            !name.contains(['>', '+']),
            "the name {name} has a character that stands in names of links and messages"
        );
    }

    pub(crate) fn link(&mut self, from: NodeId, to: NodeId, link: Link) {
        self.wires.set((from, to), link);
    }

    pub(crate) fn partition(&mut self, name: String, sides: [Vec<NodeId>; 2]) -> PartitionId {
        self.check_name(&name);
        let [one, other] = &sides;
        assert!(
            one.iter().all(|node| !other.contains(node)),
            "a node is on both sides of the partition {name}"
        );
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

    pub(crate) fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + use<T> {
        (0..u32::try_from(self.hosts.len()).unwrap_or(u32::MAX)).map(NodeId)
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
        let handle = context.schedule_no_earlier(at, Event(What::Expire(node, timer.clone())));
        self.hosts[node.place()].timers.push((timer, handle));
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

    /// When the timer of a node fires that was armed first among those that are equal to this one.
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
        let wire = self.wires.find(from, to);
        let link = *self.wires[wire].link();
        if self.partitions.iter().any(|partition| partition.separates(from, to)) {
            return self.note::<N>(wire, (CUT_OFF, &message), context);
        }
        if self.weather == Weather::Calm {
            return self.dispatch::<N>(wire, message, context);
        }
        if link.losing().is_some_and(|share| self.chance(wire, (LOSS, share), context)) {
            return self.note::<N>(wire, (LOST, &message), context);
        }
        if link.duplicating().is_some_and(|share| self.chance(wire, (DUPLICATION, share), context)) {
            self.note::<N>(wire, (DUPLICATED, &message), context);
            self.dispatch::<N>(wire, message.clone(), context);
        }
        self.dispatch::<N>(wire, message, context);
    }

    /// Records what a link does to a message.
    fn note<N: Node<Timer = T>>(
        &mut self,
        wire: WireId,
        (what, message): (Term, &N::Message),
        context: &mut Stage<'_, N>,
    ) {
        let wire = self.name_of_wire(wire, context);
        let facts = [Fact::word(KIND, N::name_of_message(message).kind)];
        context.record(Name::of(wire, what, About::Nothing), &facts);
    }

    /// Lets a message arrive, once.
    fn dispatch<N: Node<Timer = T>>(&mut self, id: WireId, message: N::Message, context: &mut Stage<'_, N>) {
        let now = context.now();
        let due = now.saturating_add(self.latency(id, context));
        let wire = &mut self.wires[id];
        let (from, to) = wire.ends();
        let (at, place, copy) = if wire.link().is_in_order() {
            (wire.behind_the_last(due), Place::lane(lane(from, to)), 0)
        } else {
            wire.forget(now);
            (due, Place::FREE, wire.number(due, N::name_of_message(&message)))
        };
        let life = self.hosts[to.place()].life;
        let letter = Letter { from, to, wire: id, life, copy, message };
        context.on(place).schedule_no_earlier(at, Event(What::Receive(letter)));
    }

    /// Takes a message off its link; returns whether its receiver gets it.
    pub(crate) fn arrive<M>(&mut self, letter: &Letter<M>, now: Instant) -> bool {
        let host = &self.hosts[letter.to.place()];
        let (is_up, life) = (host.is_up, host.life);
        let wire = &mut self.wires[letter.wire];
        wire.forget(now);
        is_up && (life == letter.life || wire.link().delivers_to_next_life())
    }

    /// Lets a node crash; returns its timers, which are to be cancelled.
    pub(crate) fn crash(&mut self, node: NodeId) -> Vec<(T, Handle)> {
        // What was on its way to the former life is not waited for in the next.
        self.wires.crash(node);
        let host = &mut self.hosts[node.place()];
        host.is_up = false;
        host.life += 1;
        core::mem::take(&mut host.timers)
    }

    /// Takes a timer that fires off the list of those that are pending.
    pub(crate) fn fired<E>(&mut self, node: NodeId, context: &Context<'_, E, About>) {
        let timers = &mut self.hosts[node.place()].timers;
        // At most one: whatever else leaves the queue is taken off the list at once.
        if let Some(place) = timers.iter().position(|(_, handle)| !context.is_pending(*handle)) {
            timers.remove(place);
        }
    }

    /// The link as an actor: `a>b`.
    fn name_of_wire<E>(&mut self, wire: WireId, context: &mut Context<'_, E, About>) -> Symbol {
        let wire = &mut self.wires[wire];
        let (from, to) = wire.ends();
        let hosts = &self.hosts;
        wire.symbol(|| {
            let [source, target] = [from, to].map(|node| hosts[node.place()].name.as_str());
            context.intern(&[source, ">", target].concat())
        })
    }

    fn chance<E>(
        &mut self,
        wire: WireId,
        (purpose, share): (Term, Ratio),
        context: &mut Context<'_, E, About>,
    ) -> bool {
        let wire = self.name_of_wire(wire, context);
        context.chance(wire, purpose, share)
    }

    fn latency<E>(&mut self, wire: WireId, context: &mut Context<'_, E, About>) -> Span {
        let link = self.wires[wire].link();
        let (least, drawn) = (link.least(), link.drawn());
        let drawn = drawn.map_or(Span::ZERO, |spread| {
            let wire = self.name_of_wire(wire, context);
            spread.draw(wire, LATENCY, context)
        });
        least.saturating_add(drawn)
    }
}

/// Whether a partition begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    Begins,
    Ends,
}

/// The lane of what travels in order.
fn lane(from: NodeId, to: NodeId) -> Lane {
    // There are at most 2^16 nodes; the last number of all is no lane, and would be that of a node's link to itself.
    Lane::new((from.0 << 16 | to.0).min(u32::MAX - 1))
}
