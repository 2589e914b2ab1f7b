//! sctp-proto, the SCTP of WebRTC data channels, under Tiebreak.
//!
//! `host.rs` and `talk.rs` drive the machine, `world.rs` says what worlds there are, `invariants.rs` what must hold in them.
//! FOUND.md tells what was found.

mod ambient;
pub mod cases;
pub mod host;
pub mod invariants;
pub mod talk;
pub mod wire;
pub mod words;
pub mod world;
