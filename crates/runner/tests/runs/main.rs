//! What scenarios come to when they are run. One program: linking each file apart takes longer than the tests.

mod exhaustive;
mod expectations;
mod feed;
mod hostile;
mod limits;
mod made;
mod manual;
mod monitors;
mod order;
mod races;
mod registrations;
mod scenarios;
mod starvation;
mod survival;
mod swapped;
mod vocabulary;
mod windows;
