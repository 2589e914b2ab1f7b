//! smoltcp under Tiebreak: hosts with TCP connections on links that lose, repeat and reorder.

pub mod application;
pub mod device;
pub mod faults;
pub mod host;
pub mod invariants;
pub mod layout;
pub mod scene;
pub mod shortest;
pub mod stream;
pub mod words;
pub mod world;
