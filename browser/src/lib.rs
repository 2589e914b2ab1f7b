//! The pictures of traces in a real browser: makes pages, opens them in headless Chromium, and asks what is there.
//!
//! ```text
//!   scenario, world ──► Trace ──► tiebreak_report::page ──► file ──► Page: a tab of Chromium
//! ```
//! `run.sh` runs the tests; they skip, and say so, where there is no Chromium. `cargo run --bin shots -- FOLDER` writes the
//! pages and how they look into a folder.

pub mod pages;
pub mod tab;
pub mod worlds;
