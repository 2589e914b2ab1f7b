//! The rules of the kernel, seen from outside: one binary, so that the stage is built once.

extern crate alloc;

mod board;
mod calendar;
mod chi;
mod draws;
mod evenness;
mod facts;
mod fairness;
mod forks;
mod guided;
mod interface;
mod limits;
mod order;
mod periodic;
mod poison;
mod program;
mod record;
mod run;
mod stage;
mod streams;
mod timer;
mod unrelated;
mod verbosity;
