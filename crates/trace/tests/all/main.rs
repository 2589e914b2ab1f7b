//! The trace crate from outside: a small post office on the kernel, its traces in every form, and monitors over it.

extern crate alloc;

mod causes;
mod forms;
mod hostile;
mod json;
mod layers;
mod monitors;
mod office;
mod packed;
mod values;
