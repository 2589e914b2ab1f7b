//! Machines that are polled, and say when they want to be polled next.

use tiebreak_kernel::{Instant, terms};

use crate::node::{COMMAND, Label, Node, NodeId, RECEIVE};
use crate::port::Port;

terms! {
    /// The kind of the event in which a machine is polled because it wanted to be.
    pub POLL = "poll",
}

/// A machine that takes in what happens, does its work when it is polled, and says when that is necessary next.
///
/// It is polled after everything that happens to it. Whether it may be asked when it wants to be polled next before it was
/// polled is a question that machines answer differently; here it is asked after each poll.
pub trait Poll: Sized {
    /// What travels on links.
    type Message: Clone;
    /// What it can be told to do from outside.
    type Command;

    /// Begins a life; see [`Node::start`].
    fn start(&mut self, port: &mut Port<'_, Polled<Self>>);

    /// Takes in a message; see [`Node::receive`].
    fn receive(&mut self, from: NodeId, message: Self::Message, port: &mut Port<'_, Polled<Self>>);

    /// Takes in what it is told from outside; see [`Node::command`].
    fn command(&mut self, command: Self::Command, port: &mut Port<'_, Polled<Self>>);

    /// Does what is due, and sends what is to be sent.
    fn poll(&mut self, port: &mut Port<'_, Polled<Self>>);

    /// Returns when it has to be polled next; `None` if it waits for no time. What has passed means now: a machine
    /// that always says so ends the run at a limit.
    fn poll_at(&mut self, now: Instant) -> Option<Instant>;

    /// Returns what the arrival of a message is called; see [`Node::name_of_message`].
    #[must_use]
    fn name_of_message(_message: &Self::Message) -> Label {
        Label::new(RECEIVE)
    }

    /// Returns what a command is called; see [`Node::name_of_command`].
    #[must_use]
    fn name_of_command(_command: &Self::Command) -> Label {
        Label::new(COMMAND)
    }
}

/// A [`Poll`] as a node: it has one timer, which says when to poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Polled<P>(
    /// The machine.
    pub P,
);

/// The timer of a machine that is polled: there is one, so it has no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PollTimer;

impl<P: Poll> Polled<P> {
    fn poll(&mut self, port: &mut Port<'_, Self>) {
        self.0.poll(port);
        match self.0.poll_at(port.now()).map(|at| at.max(port.now())) {
            Some(at) if port.due(&PollTimer) == Some(at) => {}
            Some(at) => port.arm(at, PollTimer),
            None => _ = port.disarm(&PollTimer),
        }
    }
}

impl<P: Poll> Node for Polled<P> {
    type Message = P::Message;
    type Timer = PollTimer;
    type Command = P::Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        self.0.start(port);
        self.poll(port);
    }

    fn receive(&mut self, from: NodeId, message: P::Message, port: &mut Port<'_, Self>) {
        self.0.receive(from, message, port);
        self.poll(port);
    }

    fn expire(&mut self, PollTimer: PollTimer, port: &mut Port<'_, Self>) {
        self.poll(port);
    }

    fn command(&mut self, command: P::Command, port: &mut Port<'_, Self>) {
        self.0.command(command, port);
        self.poll(port);
    }

    fn name_of_message(message: &P::Message) -> Label {
        P::name_of_message(message)
    }

    fn name_of_timer(_timer: &PollTimer) -> Label {
        const { Label::new(POLL) }
    }

    fn name_of_command(command: &P::Command) -> Label {
        P::name_of_command(command)
    }
}
