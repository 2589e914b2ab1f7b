//! Machines on a simulated network: what a state machine of your own, or one that others wrote, needs to be run, searched and
//! kept under Tiebreak.
//!
//! ```text
//!   command, crash, partition ──► Network ──► Node::start, receive, expire, command
//!                                    ▲                        │
//!                                    │                        ▼
//!            timers, by node ────────┴──────────────────── Port: send, arm, note, draw
//!            Link: latency, loss, duplication, order          ▲
//!                                        ┌────────────────────┼─────────────────────┐
//!                                     Polled               a runtime             Stepped
//!                                 poll, poll_at       of yours: holds a Port   inputs, outputs
//! ```
//!
//! A [`Node`] is told what happens and acts through its [`Port`]. A [`Network`] is the world of such nodes. What arrives, which
//! timers fire, who crashes and when a network splits are events with names, as `b/receive(a)`, so that their order at one
//! instant is seeded, searched and kept like that of all others.
//!
//! # Invariants
//! * Every draw is one of a link, a node or a partition, by its name: one more pair of nodes changes nothing for the others.
//! * Nothing of a former life reaches a node that has crashed: no timer, and no message unless its link says so.
//! * Two messages of one name that arrive at one instant on a link that keeps no order have different names, so that either may be
//!   first.
//! * What is not possible is not drawn: a link without loss draws nothing for it.
//!
//! # What it lacks
//! * Bandwidth and queues of links, clocks that run fast or slow, and addresses: a node knows the others by number or name.
//! * Nodes that come while a run goes on: they are there from the beginning, and may be told to do nothing until later.
//!
//! # Where to start reading
//! `node.rs` is what a user implements, `port.rs` what it may do, `network.rs` the world, `link.rs` what a link does. `fabric.rs`
//! is what lies between. docs/MACHINES.md goes from `cargo add` to the first find. `examples/` has one for each kind of machine.
//!
//! # Example
//! One node asks until another answers.
//! ```
//! use tiebreak_kernel::{Instant, Ratio, Settings, Simulation, Span, Term, terms};
//! use tiebreak_net::{Link, Network, Node, NodeId, Port};
//!
//! terms! { DONE = "done" }
//!
//! #[derive(Default)]
//! struct Asking { is_done: bool }
//!
//! #[derive(Clone, Copy)]
//! enum Message { Ask, Answer }
//!
//! impl Node for Asking {
//!     type Message = Message;
//!     type Timer = NodeId; // whom to ask again
//!     type Command = NodeId; // whom to ask
//!
//!     fn start(&mut self, _port: &mut Port<'_, Self>) {}
//!
//!     fn command(&mut self, whom: NodeId, port: &mut Port<'_, Self>) {
//!         port.send(whom, Message::Ask);
//!         port.arm_after(Span::from_millis(100), whom);
//!     }
//!
//!     fn expire(&mut self, whom: NodeId, port: &mut Port<'_, Self>) {
//!         self.command(whom, port);
//!     }
//!
//!     fn receive(&mut self, from: NodeId, message: Message, port: &mut Port<'_, Self>) {
//!         match message {
//!             Message::Ask => port.send(from, Message::Answer),
//!             Message::Answer => {
//!                 self.is_done = true;
//!                 port.disarm(&from);
//!                 port.note(DONE, port.symbol(from), &[]);
//!             }
//!         }
//!     }
//! }
//!
//! let mut network = Network::new(Link::new(Span::from_millis(10)).loss(Ratio::percent(30)));
//! let [a, b] = ["a", "b"].map(|name| network.add(name, Asking::default()));
//! network.command(Instant::from_secs(1), a, b);
//! let mut simulation = Simulation::new(network, Settings::new(7));
//! simulation.act(Network::begin);
//! simulation.run();
//! assert!(simulation.world().node(a).is_done);
//! ```
#![no_std]
// docs.rs says of each item which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod about;
#[cfg(feature = "std")]
mod epoch;
mod event;
mod fabric;
mod link;
mod network;
mod node;
mod polled;
mod port;
mod stepped;
mod when;
mod wires;

pub use about::About;
#[cfg(feature = "std")]
pub use epoch::Epoch;
pub use event::{CALM, CRASH, Event, EventOf, HEAL, NET, SPLIT, START};
pub use fabric::{CUT_OFF, DUPLICATED, LOST, MISSED};
pub use link::Link;
pub use network::Network;
pub use node::{COMMAND, Label, Node, NodeId, RECEIVE, TIMER};
pub use polled::{POLL, Poll, PollTimer, Polled};
pub use port::Port;
pub use stepped::{Input, Output, Step, Stepped};
pub use when::When;
