//! What a node may do.

use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;

use tiebreak_kernel::{Context, Fact, Instant, Name, Names, Ratio, Span, Stream, Symbol, Term};

use crate::about::About;
use crate::event::{Event, EventOf, What};
use crate::fabric::Fabric;
use crate::node::{Node, NodeId};

/// What a node may do while something happens to it.
///
/// It is the runtime of a machine that calls one: a type that holds a `&mut Port` implements the machine's own trait, and
/// passes on what is sent, noted and submitted. The [`NodeId`] of another network causes a panic, if this one has no such number.
pub struct Port<'a, N: Node> {
    pub(crate) node: NodeId,
    pub(crate) fabric: &'a mut Fabric<N::Timer>,
    pub(crate) context: Context<'a, EventOf<N>, About>,
}

impl<N: Node> fmt::Debug for Port<'_, N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Port").field("node", &self.node).field("now", &self.now()).finish_non_exhaustive()
    }
}

/// Who and when.
impl<N: Node> Port<'_, N> {
    /// Returns the present instant.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.context.now()
    }

    /// Returns the node itself.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.node
    }

    /// Returns how often the node has crashed.
    #[must_use]
    pub fn life(&self) -> u32 {
        self.fabric.hosts[self.node.place()].life
    }

    /// Returns the node of a name; `None` if no node has it. A walk over the nodes.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.fabric.node(name)
    }

    /// Returns all nodes, in the order in which they were added; the node itself is among them.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + use<N> {
        self.fabric.ids()
    }

    /// Returns the name of a node, as the subject or a fact of a record.
    #[must_use]
    pub fn symbol(&self, node: NodeId) -> Symbol {
        self.fabric.symbol(node)
    }

    /// Returns the names of the simulation.
    #[must_use]
    pub const fn names(&self) -> &Names {
        self.context.names()
    }
}

/// Messages and timers.
impl<N: Node> Port<'_, N> {
    /// Sends a message, perhaps to the node itself. What becomes of it is up to the link.
    pub fn send(&mut self, to: NodeId, message: N::Message) {
        self.fabric.send::<N>((self.node, to), message, &mut self.context);
    }

    /// Lets a timer fire at an instant, or now if that has passed. One that is equal and was armed is replaced. A walk over the
    /// timers of the node.
    pub fn arm(&mut self, at: Instant, timer: N::Timer) {
        self.disarm(&timer);
        self.submit(at, timer);
    }

    /// Lets a timer fire after a span; past the end of time that is never. Otherwise as [`arm`](Self::arm).
    pub fn arm_after(&mut self, span: Span, timer: N::Timer) {
        self.arm(self.now().saturating_add(span), timer);
    }

    /// Lets a timer fire at an instant, or now if that has passed, beside all others: also beside one that is equal.
    pub fn submit(&mut self, at: Instant, timer: N::Timer) {
        self.fabric.schedule::<N>(self.node, (timer, at), &mut self.context);
    }

    /// Lets a timer fire after a span, beside all others; past the end of time that is never.
    pub fn submit_after(&mut self, span: Span, timer: N::Timer) {
        self.submit(self.now().saturating_add(span), timer);
    }

    /// Lets a timer fire after a span, whatever becomes of this life: a crash does not cancel it, and it fires in the next life,
    /// if that has begun. So does a runtime that goes on while a machine in it is replaced. It cannot be disarmed.
    pub fn submit_detached(&mut self, span: Span, timer: N::Timer) {
        self.context.schedule_after(span, Event(What::Expire(self.node, timer)));
    }

    /// Cancels a timer, and all that are equal to it; returns whether there was one. A walk over the timers of the node.
    pub fn disarm(&mut self, timer: &N::Timer) -> bool {
        self.fabric.disarm::<N>(self.node, timer, &mut self.context)
    }

    /// Returns when a timer fires, of several that are equal the one that was armed first; `None` if none is armed. A walk
    /// over the timers of the node.
    #[must_use]
    pub fn due(&self, timer: &N::Timer) -> Option<Instant> {
        self.fabric.due::<N>(self.node, timer, &self.context)
    }

    /// Ends the run after this event, with [`End::Stopped`](tiebreak_kernel::End::Stopped).
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.context.stop(reason);
    }
}

/// Draws, each from a stream of the node's own. They are recorded, replayed and shrunk.
impl<N: Node> Port<'_, N> {
    /// Draws a whole number of a range.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw(&mut self, purpose: Term, range: RangeInclusive<u64>) -> u64 {
        self.context.draw(self.fabric.symbol(self.node), purpose, range)
    }

    /// Draws a span of a range, to the nanosecond.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw_span(&mut self, purpose: Term, range: RangeInclusive<Span>) -> Span {
        self.context.draw_span(self.fabric.symbol(self.node), purpose, range)
    }

    /// Draws yes with the given probability.
    pub fn chance(&mut self, purpose: Term, probability: Ratio) -> bool {
        self.context.chance(self.fabric.symbol(self.node), purpose, probability)
    }

    /// Returns a stream of random numbers for a machine that keeps a generator of its own. Its seed is one draw; what the
    /// machine draws from it follows. Each call returns another one, so that a new life draws otherwise than the one
    /// before.
    pub fn stream(&mut self, purpose: Term) -> Stream {
        self.context.stream(self.fabric.symbol(self.node), purpose)
    }
}

/// Records.
impl<N: Node> Port<'_, N> {
    /// Notes what has happened to the node, for traces and monitors: 255 facts at most, where a trace is kept.
    pub fn note(&mut self, kind: Term, about: impl Into<About>, facts: &[Fact<About>]) {
        self.context.record(Name::of(self.fabric.symbol(self.node), kind, about.into()), facts);
    }
}
