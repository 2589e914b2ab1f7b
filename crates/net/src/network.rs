//! The world of machines on a network.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use tiebreak_kernel::{Context, Name, Span, World};

use crate::about::About;
use crate::event::{Event, EventOf, What};
use crate::fabric::{Fabric, MISSED, Split};
use crate::link::Link;
use crate::node::{Node, NodeId};
use crate::port::Port;
use crate::when::When;

/// What is said of whoever changes a network too late.
const BEGUN: &str = "the network has begun: what it is made of and what happens to it is said before";

/// What is said of whoever runs a network that has not begun.
const NOT_BEGUN: &str =
    "the network has not begun, so nothing happens: call `simulation.act(Network::begin)` before it runs";

/// Machines on a network: a world whose events are what they hear, their timers, and what is done to them from outside.
///
/// Nodes, links and what happens from outside are added before the run; [`begin`](Network::begin) schedules it. To add
/// something later, to begin twice, or to run it before it has begun is a panic; so is the [`NodeId`] of another network, if this
/// one has no such number.
pub struct Network<N: Node> {
    nodes: Vec<N>,
    pub(crate) fabric: Fabric<N::Timer>,
    /// What happens from outside; `None` when it was scheduled.
    plan: Option<Vec<(When, EventOf<N>)>>,
}

impl<N: Node> fmt::Debug for Network<N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Network").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

impl<N: Node<Command: Clone> + Clone> Clone for Network<N> {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), fabric: self.fabric.clone(), plan: self.plan.clone() }
    }
}

/// For going through all orders: by what the nodes are, and by what is between them.
impl<N> Hash for Network<N>
where
    N: Node<Message: Hash, Timer: Hash, Command: Hash> + Hash,
{
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { nodes, fabric, plan } = self;
        nodes.hash(state);
        fabric.hash(state);
        plan.hash(state);
    }
}

/// What it is made of.
impl<N: Node> Network<N> {
    /// A network without nodes, with this link between any two that get no other.
    #[must_use]
    pub const fn new(usual: Link) -> Self {
        Self { nodes: Vec::new(), fabric: Fabric::new(usual), plan: Some(Vec::new()) }
    }

    /// Adds a node, which starts at the beginning of the run.
    ///
    /// # Panics
    /// If another node or partition has the name, it is `net` or contains `>` or `+`, or there are 65,536 nodes already.
    pub fn add(&mut self, name: impl Into<String>, node: N) -> NodeId {
        let _ = self.plan();
        self.nodes.push(node);
        self.fabric.add(name.into())
    }

    /// Connects two nodes by another link than the usual one, in both directions. Of links in one direction see
    /// [`link_one_way`](Self::link_one_way).
    pub fn link(&mut self, one: NodeId, other: NodeId, link: Link) {
        self.link_one_way(one, other, link);
        self.link_one_way(other, one, link);
    }

    /// Connects a node to another by another link than the usual one; the way back stays as it is.
    pub fn link_one_way(&mut self, from: NodeId, to: NodeId, link: Link) {
        let _ = self.plan();
        self.fabric.link(from, to, link);
    }

    /// Tells a node to do something at an instant, or at one that is drawn. If it is down then, nothing is done; so it is at the
    /// start of the run, in those orders in which the node has not started yet.
    pub fn command(&mut self, at: impl Into<When>, node: NodeId, command: N::Command) {
        self.plan().push((at.into(), Event(What::Command(node, command))));
    }

    /// Lets a node crash at an instant, or at one that is drawn, and start again after a span; [`Span::MAX`] is never. A node
    /// that is down does not crash again.
    ///
    /// Its timers are gone. What was on its way to it is dropped when it arrives, unless the link
    /// [delivers it to the next life](Link::outlives_crashes); what it has sent goes on.
    pub fn crash(&mut self, at: impl Into<When>, node: NodeId, down: Span) {
        self.plan().push((at.into(), Event(What::Crash(node, down))));
    }

    /// Cuts all links between two sides at an instant, or at one that is drawn, in both directions, and heals them after a span;
    /// [`Span::MAX`] is never. What is on its way arrives. Nodes of neither side are not concerned.
    ///
    /// # Panics
    /// If the name is that of a node or of another partition, is `net` or contains `>` or `+`, or if a node is on both sides; and
    /// once the run begins, if it cannot be the name of an actor.
    pub fn partition(
        &mut self,
        at: impl Into<When>,
        name: impl Into<String>,
        sides: [&[NodeId]; 2],
        lasts: Span,
    ) {
        let partition = self.fabric.partition(name.into(), sides.map(<[NodeId]>::to_vec));
        self.plan().push((at.into(), Event(What::Split(partition, lasts))));
    }

    /// Lets all links deliver everything once from an instant on, or from one that is drawn. So it can be asked whether machines
    /// recover when faults have stopped. Latencies are drawn as before; crashes and partitions are yours to end.
    pub fn calm(&mut self, at: impl Into<When>) {
        self.plan().push((at.into(), Event(What::Calm)));
    }

    /// Schedules the start of all nodes and what happens from outside: `simulation.act(Network::begin)`. To be called once,
    /// at the beginning of the run.
    ///
    /// # Panics
    /// If the name of a node or partition cannot be that of an actor, or something was to happen before now.
    pub fn begin(&mut self, context: &mut Context<'_, EventOf<N>, About>) {
        let Some(plan) = self.plan.take() else { panic!("{BEGUN}") };
        self.fabric.intern(context.names_mut());
        for node in self.ids() {
            context.schedule_after(Span::ZERO, Event(What::Start(node)));
        }
        for (when, event) in plan {
            let Name { actor, kind, .. } = self.name_of(&event);
            let at = when.draw(actor, kind, context);
            if let Err(past) = context.schedule_at(at, event) {
                panic!("{past}");
            }
        }
    }
}

impl<N: Node> Network<N> {
    /// What happens from outside, as long as it can be added to.
    fn plan(&mut self) -> &mut Vec<(When, EventOf<N>)> {
        match &mut self.plan {
            Some(plan) => plan,
            None => panic!("{BEGUN}"),
        }
    }
}

/// What has become of it.
impl<N: Node> Network<N> {
    /// Returns the machine of a node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &N {
        &self.nodes[node.place()]
    }

    /// Returns all nodes, in the order in which they were added.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + use<N> {
        self.fabric.ids()
    }

    /// Whether a node has started and not crashed since.
    #[must_use]
    pub fn is_up(&self, node: NodeId) -> bool {
        self.fabric.hosts[node.place()].is_up
    }

    /// Returns how often a node has crashed.
    #[must_use]
    pub fn life(&self, node: NodeId) -> u32 {
        self.fabric.hosts[node.place()].life
    }
}

impl<N: Node> World for Network<N> {
    type Event = EventOf<N>;
    type Subject = About;

    fn name(&self, event: &EventOf<N>) -> Name<About> {
        self.name_of(event)
    }

    fn missing(&self) -> Option<&'static str> {
        (self.plan.is_some() && !self.nodes.is_empty()).then_some(NOT_BEGUN)
    }

    fn handle(&mut self, event: EventOf<N>, context: &mut Context<'_, EventOf<N>, About>) {
        match event.0 {
            What::Start(node) => self.start(node, context),
            What::Crash(node, down) => self.let_crash(node, down, context),
            What::Receive(letter) if self.fabric.arrive(&letter, context.now()) => {
                self.act(letter.to, context, |node, port| node.receive(letter.from, letter.message, port));
            }
            What::Receive(letter) => self.miss(letter.to, context),
            What::Expire(node, timer) if self.is_up(node) => {
                self.fabric.fired(node, context);
                self.act(node, context, |node, port| node.expire(timer, port));
            }
            What::Command(node, command) if self.is_up(node) => {
                self.act(node, context, |node, port| node.command(command, port));
            }
            What::Expire(node, _) | What::Command(node, _) => self.miss(node, context),
            What::Split(partition, lasts) => {
                self.fabric.set_split(partition, Split::Begins);
                context.schedule_after(lasts, Event(What::Heal(partition)));
            }
            What::Heal(partition) => self.fabric.set_split(partition, Split::Ends),
            What::Calm => self.fabric.calm(),
        }
    }
}

impl<N: Node> Network<N> {
    fn start(&mut self, node: NodeId, context: &mut Context<'_, EventOf<N>, About>) {
        self.fabric.hosts[node.place()].is_up = true;
        self.act(node, context, N::start);
    }

    fn let_crash(&mut self, node: NodeId, down: Span, context: &mut Context<'_, EventOf<N>, About>) {
        if !self.is_up(node) {
            return self.miss(node, context);
        }
        for (_, handle) in self.fabric.crash(node) {
            let _ = context.cancel(handle);
        }
        context.schedule_after(down, Event(What::Start(node)));
    }

    fn act(
        &mut self,
        node: NodeId,
        context: &mut Context<'_, EventOf<N>, About>,
        act: impl FnOnce(&mut N, &mut Port<'_, N>),
    ) {
        let mut port = Port { node, fabric: &mut self.fabric, context: context.reborrow() };
        act(&mut self.nodes[node.place()], &mut port);
    }

    fn miss(&self, node: NodeId, context: &mut Context<'_, EventOf<N>, About>) {
        context.record(Name::of(self.fabric.symbol(node), MISSED, About::Nothing), &[]);
    }
}
