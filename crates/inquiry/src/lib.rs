//! Questions to traces: what differs between two, why something happened, and why something did not.

extern crate alloc;
