//! A machine of inputs and outputs: a lock that is lent for a while, and those who want it.
//!
//! Run with `cargo run -p tiebreak-net --example stepped`. It prints the trace of one run: two nodes ask for the lock at one
//! instant, and one gives it back at the instant at which its loan is over.
//!
//! Read next: `polled`, a machine that says when it has to be called.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

extern crate alloc;

use alloc::collections::VecDeque;

use tiebreak::{Instant, Simulation, Span, Traced as _, terms};
use tiebreak_net::{About, Input, Link, Network, NodeId, Output, Step, Stepped};

terms! { HOLDS = "holds" }

/// What others wrote: whoever is first in the queue has the lock, for a second at most.
#[derive(Default)]
struct Lock(VecDeque<NodeId>);

#[derive(Clone, Copy)]
enum Message {
    Acquire,
    Granted,
    Release,
}

/// The loan of this one is over.
#[derive(Clone, Copy, PartialEq)]
struct Over(NodeId);

impl Lock {
    fn give_back(&mut self, from: NodeId, outputs: &mut Vec<Output<Message, Over>>) {
        if self.0.front() == Some(&from) {
            self.0.pop_front();
            outputs.push(Output::Disarm(Over(from)));
            self.lend(outputs);
        }
    }

    fn lend(&self, outputs: &mut Vec<Output<Message, Over>>) {
        if let Some(to) = self.0.front().copied() {
            outputs.push(Output::Send { to, message: Message::Granted });
            outputs.push(Output::Arm { timer: Over(to), after: Span::from_secs(1) });
        }
    }
}

/// What makes it a node.
impl Step for Lock {
    type Message = Message;
    type Timer = Over;
    type Command = (NodeId, Message);

    fn step(
        &mut self,
        input: Input<Message, Over, (NodeId, Message)>,
        _now: Instant,
        outputs: &mut Vec<Output<Message, Over>>,
    ) {
        match input {
            Input::Start => {}
            Input::Told((to, message)) => outputs.push(Output::Send { to, message }),
            Input::Received { from, message: Message::Acquire } => {
                self.0.push_back(from);
                if self.0.len() == 1 {
                    self.lend(outputs);
                }
            }
            Input::Received { message: Message::Granted, .. } => {
                outputs.push(Output::Note(HOLDS, About::Nothing));
            }
            Input::Received { from, message: Message::Release } | Input::Expired(Over(from)) => {
                self.give_back(from, outputs);
            }
        }
    }
}

fn main() {
    let mut network = Network::new(Link::new(Span::from_millis(10)));
    let [lock, a, b] = ["lock", "a", "b"].map(|name| network.add(name, Stepped(Lock::default())));
    network.command(Instant::from_millis(10), a, (lock, Message::Acquire));
    network.command(Instant::from_millis(10), b, (lock, Message::Acquire));
    network.command(Instant::from_millis(1_010), a, (lock, Message::Release));
    let mut simulation = Simulation::traced(network, 1);
    simulation.act(Network::begin);
    simulation.run();
    println!("{}", simulation.recorder().trace());
}
