//! Checks the house itself: which crate may know which, how long things get, what lies about, what is said, and
//! whether every rule of the manager has its test.
//!
//! ```text
//!            files, text            attributes, macros, functions
//! a folder ───► House ───► tests/*.rs: check(&House) -> Vec<String> ◄─── Source
//!                  ▲                   one sentence a breach; none: the house is tidy
//!                  └── FakeHouse: a small house in a folder of its own, with one breach planted
//! ```
//!
//! Kept here: every check is a function of a [`House`] at an explicit root, so that each is proved on a fake house
//! with a planted breach before its silence about the real one means anything. Nothing is changed on disk but the fake
//! houses, which remove themselves.
//!
//! Lacks on purpose: a parser of Rust. Tokens are enough to find functions, attributes and macros, also inside macros,
//! which a parser does not look into.
//!
//! Start reading at `tests/arrows.rs`.
//!
//! ```
//! let source = tiebreak_tidy::Source::read("fn two() -> u8 {\n    2\n}\n").expect("these are tokens");
//! assert_eq!(source.functions[0].lines, 3);
//! ```

extern crate alloc;

mod fake;
mod house;
mod manifest;
mod source;

pub use fake::FakeHouse;
pub use house::House;
pub use manifest::{Dependency, Kind, Manifest};
pub use source::{Attribute, Function, MacroCall, Source};

/// Fails the running test with all breaches at once, if there are any.
///
/// # Panics
/// If there are breaches.
#[track_caller]
pub fn assert_tidy(breaches: &[String], advice: &str) {
    assert!(breaches.is_empty(), "{} to put right:\n  {}\n{advice}", breaches.len(), breaches.join("\n  "));
}

/// Fails the running test unless exactly one breach was found and says all of `words`.
///
/// # Panics
/// If nothing or more than one thing was found, or it says something else.
#[track_caller]
pub fn assert_only_breach(breaches: &[String], words: &[&str]) {
    assert!(breaches.len() == 1, "one breach was planted, found: {breaches:#?}");
    for word in words {
        assert!(breaches[0].contains(word), "`{}` does not say `{word}`", breaches[0]);
    }
}
