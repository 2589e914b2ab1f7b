//! Machines of inputs and outputs.

use alloc::vec::Vec;

use tiebreak_kernel::{Instant, Span, Term};

use crate::about::About;
use crate::node::{COMMAND, Label, Node, NodeId, RECEIVE, TIMER};
use crate::port::Port;

/// What a machine of inputs and outputs is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input<M, T, C> {
    /// A life begins; see [`Node::start`].
    Start,
    /// A message has arrived.
    Received {
        /// Its sender.
        from: NodeId,
        /// The message.
        message: M,
    },
    /// A timer has fired.
    Expired(T),
    /// It is told something from outside.
    Told(C),
}

/// What a machine of inputs and outputs wants to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Output<M, T> {
    /// A message is to be sent.
    Send {
        /// To this node.
        to: NodeId,
        /// The message.
        message: M,
    },
    /// A timer is to fire after a span; one that is equal and was armed is replaced.
    Arm {
        /// The timer.
        timer: T,
        /// After what span; past the end of time it never fires.
        after: Span,
    },
    /// A timer is not to fire, nor any that is equal to it.
    Disarm(T),
    /// Something is to be noted, for traces and monitors: a kind, and what it is about.
    Note(Term, About),
}

/// A machine whose only way to act is what it returns.
pub trait Step {
    /// What travels on links.
    type Message: Clone;
    /// What is handed back when a timer fires.
    type Timer: Clone + PartialEq;
    /// What it can be told to do from outside.
    type Command;

    /// Takes in an input and adds what is to be done, in this order.
    fn step(
        &mut self,
        input: Input<Self::Message, Self::Timer, Self::Command>,
        now: Instant,
        outputs: &mut Vec<Output<Self::Message, Self::Timer>>,
    );

    /// Returns what the arrival of a message is called; see [`Node::name_of_message`].
    #[must_use]
    fn name_of_message(_message: &Self::Message) -> Label {
        Label::new(RECEIVE)
    }

    /// Returns what the firing of a timer is called; see [`Node::name_of_timer`].
    #[must_use]
    fn name_of_timer(_timer: &Self::Timer) -> Label {
        Label::new(TIMER)
    }

    /// Returns what a command is called; see [`Node::name_of_command`].
    #[must_use]
    fn name_of_command(_command: &Self::Command) -> Label {
        Label::new(COMMAND)
    }
}

/// A [`Step`] as a node: what it returns is done in its order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Stepped<S>(
    /// The machine.
    pub S,
);

impl<S: Step> Stepped<S> {
    fn step(&mut self, input: Input<S::Message, S::Timer, S::Command>, port: &mut Port<'_, Self>) {
        let mut outputs = Vec::new();
        self.0.step(input, port.now(), &mut outputs);
        for output in outputs {
            match output {
                Output::Send { to, message } => port.send(to, message),
                Output::Arm { timer, after } => port.arm_after(after, timer),
                Output::Disarm(timer) => _ = port.disarm(&timer),
                Output::Note(kind, about) => port.note(kind, about, &[]),
            }
        }
    }
}

impl<S: Step> Node for Stepped<S> {
    type Message = S::Message;
    type Timer = S::Timer;
    type Command = S::Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        self.step(Input::Start, port);
    }

    fn receive(&mut self, from: NodeId, message: S::Message, port: &mut Port<'_, Self>) {
        self.step(Input::Received { from, message }, port);
    }

    fn expire(&mut self, timer: S::Timer, port: &mut Port<'_, Self>) {
        self.step(Input::Expired(timer), port);
    }

    fn command(&mut self, command: S::Command, port: &mut Port<'_, Self>) {
        self.step(Input::Told(command), port);
    }

    fn name_of_message(message: &S::Message) -> Label {
        S::name_of_message(message)
    }

    fn name_of_timer(timer: &S::Timer) -> Label {
        S::name_of_timer(timer)
    }

    fn name_of_command(command: &S::Command) -> Label {
        S::name_of_command(command)
    }
}
