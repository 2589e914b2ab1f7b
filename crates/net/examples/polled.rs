//! A machine that is polled and says when next: it sends again until it has an acknowledgement.
//!
//! Run with `cargo run -p tiebreak-net --example polled`. It prints the trace of one run: the
//! acknowledgement arrives at the instant at which the number would be sent again.
//!
//! Read next: `runtime`, a machine that calls what it runs on.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use tiebreak::{Instant, Simulation, Span, Traced as _};
use tiebreak_net::{Link, Network, NodeId, Poll, Polled, Port};

#[derive(Clone, Copy)]
enum Message {
    Number(u32),
    Acknowledged(u32),
}

/// What others wrote: it knows nothing of the simulation, and has its own idea of time.
#[derive(Default)]
struct Sender {
    unacknowledged: Option<u32>,
    again_at_ms: u64,
}

impl Sender {
    fn poll(&mut self, now_ms: u64) -> Option<u32> {
        let due = self.unacknowledged.filter(|_| now_ms >= self.again_at_ms)?;
        self.again_at_ms = now_ms + 200;
        Some(due)
    }
}

/// What makes it a node.
impl Poll for Sender {
    type Message = Message;
    type Command = u32;

    fn start(&mut self, _port: &mut Port<'_, Polled<Self>>) {}

    fn receive(&mut self, from: NodeId, message: Message, port: &mut Port<'_, Polled<Self>>) {
        match message {
            Message::Number(number) => port.send(from, Message::Acknowledged(number)),
            Message::Acknowledged(number) if self.unacknowledged == Some(number) => {
                self.unacknowledged = None;
            }
            Message::Acknowledged(_) => {} // it was sent twice
        }
    }

    fn command(&mut self, number: u32, _port: &mut Port<'_, Polled<Self>>) {
        self.unacknowledged = Some(number);
    }

    fn poll(&mut self, port: &mut Port<'_, Polled<Self>>) {
        let other = port.find("b").filter(|other| *other != port.id());
        if let (Some(number), Some(other)) = (self.poll(port.now().as_nanos() / 1_000_000), other) {
            port.send(other, Message::Number(number));
        }
    }

    fn poll_at(&mut self, _now: Instant) -> Option<Instant> {
        self.unacknowledged.map(|_| Instant::from_millis(self.again_at_ms))
    }
}

fn main() {
    let mut network = Network::new(Link::new(Span::from_millis(100)));
    let [a, _] = ["a", "b"].map(|name| network.add(name, Polled(Sender::default())));
    network.command(Instant::from_secs(1), a, 7);
    let mut simulation = Simulation::traced(network, 1);
    simulation.act(Network::begin);
    simulation.run();
    println!("{}", simulation.recorder().trace());
}
