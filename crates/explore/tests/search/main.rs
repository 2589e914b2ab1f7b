//! The search, seen from outside: one binary, so that the toy is built once.

extern crate alloc;

mod campaigns;
mod causes;
mod coverage;
mod following;
mod histories;
mod racing;
mod reducing;
mod strategies;
mod toy;
mod unseen;
