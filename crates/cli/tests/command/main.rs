//! The command as people and scripts see it: arguments in; exit code, standard output and files out.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

extern crate alloc;

mod bench;
mod blame;
mod bounds;
mod check;
mod diff;
mod documented;
mod exit;
mod explore;
mod feed;
mod files;
mod forged;
mod fuzz;
mod hostile;
mod house;
mod races;
mod readme;
mod refused;
mod replay;
mod run;
mod show;
mod signals;
mod suspects;
mod terminal;
mod test;
mod traces;
