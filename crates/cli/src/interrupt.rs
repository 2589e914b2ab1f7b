//! Ctrl-C: a sweep of seeds finishes the runs it has begun and prints what it has; everything else ends at once.

use core::sync::atomic::{AtomicBool, Ordering};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;

static STOPS_BY_ITSELF: AtomicBool = AtomicBool::new(false);
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Drafts to remove; some may have been published since.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Listens for Ctrl-C from now on. If no handler can be set, the system's default stays.
pub(crate) fn listen() {
    let handler = || {
        let is_first = !IS_INTERRUPTED.swap(true, Ordering::Relaxed);
        if !(is_first && STOPS_BY_ITSELF.load(Ordering::Relaxed)) {
            for file in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // It may have been published, and then there is no file of that name.
                let _ = std::fs::remove_file(file);
            }
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    let _ = ctrlc::set_handler(handler);
}

/// Declares that the caller asks [`is_interrupted`] from now on: only the second Ctrl-C ends the process.
pub(crate) fn stop_by_itself() {
    STOPS_BY_ITSELF.store(true, Ordering::Relaxed);
}

/// Returns whether Ctrl-C was pressed.
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed)
}

/// Notes a file that is removed if Ctrl-C ends the process.
pub(crate) fn remove_if_interrupted(file: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(file.to_owned());
}
