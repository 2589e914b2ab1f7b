//! A scenario crate: many protocol clients written in Rust that behave
