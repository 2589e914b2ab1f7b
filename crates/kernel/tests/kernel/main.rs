//! The rules of the kernel, seen from outside: one binary, so that the stage is built once.

extern crate alloc;

mod calendar;
mod chi;
mod evenness;
mod limits;
mod order;
mod record;
mod run;
mod stage;
mod streams;
