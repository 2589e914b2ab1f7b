//! What a user of the network implements.

use core::fmt;

use tiebreak_kernel::{Term, terms};

use crate::port::Port;

terms! {
    /// The kind of an event in which a message arrives, unless its node calls it otherwise.
    pub RECEIVE = "receive",
    /// The kind of an event in which a timer fires, unless its node calls it otherwise.
    pub TIMER = "timer",
    /// The kind of an event in which a node is told to do something, unless the node calls it otherwise.
    pub COMMAND = "command",
}

/// A node of a network, by its number in the order in which nodes were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Returns its number, from 0.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }

    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "node {}", self.0)
    }
}

/// What a message, a timer or a command is called in names of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label {
    pub(crate) kind: Term,
    pub(crate) number: Option<u64>,
}

impl Label {
    /// Called by its kind alone.
    #[must_use]
    pub const fn new(kind: Term) -> Self {
        Self { kind, number: None }
    }

    /// The same, with a number: of a stream, a connection, a request.
    #[must_use]
    pub const fn number(self, number: u64) -> Self {
        Self { number: Some(number), ..self }
    }
}

/// A machine that lives on a network: it is told what happens, and acts through its [`Port`].
///
/// Networks of different machines have an enum of them as their node.
///
/// A machine that says when it wants to be called next is a [`Poll`](crate::Poll), one whose handlers return what is to be
/// done a [`Step`](crate::Step); both are made nodes by a wrapper. A machine that calls a runtime is a node: its runtime is a
/// type of yours that holds the port.
pub trait Node: Sized {
    /// What travels on links. It is cloned where a link duplicates it.
    type Message: Clone;
    /// What is handed back when a timer fires. Two that are equal are one timer to [`Port::arm`].
    type Timer: Clone + PartialEq;
    /// What a node can be told to do from outside: a connection to open, bytes to write.
    type Command;

    /// Begins a life: at the start of the run, and after each crash. What a machine keeps over a crash is what this leaves
    /// as it was; everything else has to be made anew here.
    fn start(&mut self, port: &mut Port<'_, Self>);

    /// Takes in a message that has arrived from another node, or from the node itself.
    fn receive(&mut self, from: NodeId, message: Self::Message, port: &mut Port<'_, Self>);

    /// Goes on because a timer has fired.
    fn expire(&mut self, timer: Self::Timer, port: &mut Port<'_, Self>);

    /// Does what it is told from outside.
    fn command(&mut self, command: Self::Command, port: &mut Port<'_, Self>);

    /// Returns what the arrival of a message is called. Simultaneous events are ordered by their names: messages that differ
    /// in what they mean should differ in kind.
    #[must_use]
    fn name_of_message(_message: &Self::Message) -> Label {
        Label::new(RECEIVE)
    }

    /// Returns what the firing of a timer is called.
    #[must_use]
    fn name_of_timer(_timer: &Self::Timer) -> Label {
        Label::new(TIMER)
    }

    /// Returns what a command is called.
    #[must_use]
    fn name_of_command(_command: &Self::Command) -> Label {
        Label::new(COMMAND)
    }
}
