//! What can happen on a network.

use core::hash::{Hash, Hasher};

use tiebreak_kernel::{Name, Span, Term, terms};

use crate::about::About;
use crate::network::Network;
use crate::node::{Label, Node, NodeId};
use crate::wires::WireId;

terms! {
    /// The kind of the event in which a node begins a life.
    pub START = "start",
    /// The kind of the event in which a node crashes.
    pub CRASH = "crash",
    /// The kind of the event in which a partition begins.
    pub SPLIT = "split",
    /// The kind of the event in which a partition heals.
    pub HEAL = "heal",
    /// The kind of the event after which links neither lose nor duplicate.
    pub CALM = "calm",
    /// The actor of what happens to the whole network.
    pub NET = "net",
}

/// The events of a network of such nodes.
pub type EventOf<N> = Event<<N as Node>::Message, <N as Node>::Timer, <N as Node>::Command>;

/// What can happen on a network; [`Network`] schedules it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event<M, T, C>(pub(crate) What<M, T, C>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum What<M, T, C> {
    Start(NodeId),
    /// A node crashes, and starts again after the span.
    Crash(NodeId, Span),
    Receive(Letter<M>),
    Expire(NodeId, T),
    Command(NodeId, C),
    /// A partition begins, and heals after the span.
    Split(PartitionId, Span),
    Heal(PartitionId),
    Calm,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub(crate) struct Letter<M> {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// The way that it takes, to be found at once.
    pub(crate) wire: WireId,
    /// The life of the receiver that it was sent to.
    pub(crate) life: u32,
    /// Which of the messages of one name that arrive at the same instant on this link, from 0.
    pub(crate) copy: u64,
    pub(crate) message: M,
}

impl<M> Letter<M> {
    /// What tells it from others: its ends, and not the number that the way between them has got in this run.
    const fn parts(&self) -> (NodeId, NodeId, u32, u64, &M) {
        let Self { from, to, wire: _, life, copy, message } = self;
        (*from, *to, *life, *copy, message)
    }
}

impl<M: PartialEq> PartialEq for Letter<M> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl<M: Eq> Eq for Letter<M> {}

impl<M: Hash> Hash for Letter<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// A partition, by its number in the order in which partitions were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PartitionId(pub(crate) u32);

impl PartitionId {
    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }
}

impl<N: Node> Network<N> {
    pub(crate) fn name_of(&self, event: &EventOf<N>) -> Name<About> {
        let of_node = |node: &NodeId, kind| Name::of(self.fabric.symbol(*node), kind, About::Nothing);
        let labelled = |node: &NodeId, label: Label| {
            let about = label.number.map_or(About::Nothing, About::Number);
            Name::of(self.fabric.symbol(*node), label.kind, about)
        };
        let of_partition = |partition: &PartitionId, kind: Term| {
            Name::of(self.fabric.symbol_of_partition(*partition), kind, About::Nothing)
        };
        match &event.0 {
            What::Start(node) => of_node(node, START),
            What::Crash(node, _) => of_node(node, CRASH),
            What::Receive(letter) => {
                let label = N::name_of_message(&letter.message);
                Name::of(self.fabric.symbol(letter.to), label.kind, self.about_letter(letter, label.number))
            }
            What::Expire(node, timer) => labelled(node, N::name_of_timer(timer)),
            What::Command(node, command) => labelled(node, N::name_of_command(command)),
            What::Split(partition, _) => of_partition(partition, SPLIT),
            What::Heal(partition) => of_partition(partition, HEAL),
            What::Calm => Name::of(NET, CALM, About::Nothing),
        }
    }

    /// What the arrival of a message is about: its sender, its number, and which of several alike on their way.
    fn about_letter(&self, letter: &Letter<N::Message>, number: Option<u64>) -> About {
        let from = self.fabric.symbol(letter.from).into();
        match (number, letter.copy) {
            (None, 0) => About::Name(from),
            (Some(number), 0) => About::Of(from, number),
            (number, copy) => About::Copy { of: from, number, copy },
        }
    }
}
