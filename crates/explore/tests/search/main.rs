//! The search, seen from outside: one binary, so that the toy is built once.

extern crate alloc;

mod blaming;
mod campaigns;
mod causes;
mod coverage;
mod deviating;
mod draws;
mod following;
mod histories;
mod moved;
mod nearest;
mod racing;
mod reducing;
mod strategies;
mod suspecting;
mod toy;
mod unseen;
