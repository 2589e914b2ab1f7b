//! mqtt-protocol-core under Tiebreak: clients and a small broker that publish to each other over lines that are cut.
//!
//! `setup.rs` says what an application does beyond the crate's documentation, `endpoint.rs` is the I/O layer of one
//! `Connection`, `desk.rs` what an application does at either end, `client.rs` and `broker.rs` the two ends, `world.rs` the network
//! of them, and `invariants.rs` what must hold. FOUND.md tells what was found.

mod broker;
mod client;
mod desk;
mod endpoint;
mod faults;
mod invariants;
mod setup;
mod world;

pub use faults::{FAULTS, Fault, searched, searched_for};
pub use invariants::{Rule, rules};
pub use setup::{Care, Lines, Setup};
pub use world::{Broker, Client, END, Letter, Reply, Station, Tick, network, network_with_others};
