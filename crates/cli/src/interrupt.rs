//! Ctrl-C: a sweep of seeds stops after the runs at hand and prints what it has; everything else ends at once.

use core::sync::atomic::{AtomicBool, Ordering};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;

static STOPS_BY_ITSELF: AtomicBool = AtomicBool::new(false);
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Files that are not finished, some of which may be by now.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Listens for Ctrl-C from now on. Where that cannot be had, the system's default stays.
pub(crate) fn listen() {
    let handler = || {
        let is_first = !IS_INTERRUPTED.swap(true, Ordering::Relaxed);
        if !(is_first && STOPS_BY_ITSELF.load(Ordering::Relaxed)) {
            for file in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // It may be finished, and then it is no more under that name.
                let _ = std::fs::remove_file(file);
            }
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    let _ = ctrlc::set_handler(handler);
}

/// Promises to ask [`is_interrupted`] from now on: the first Ctrl-C does not end the process any more, the second does.
pub(crate) fn stop_by_itself() {
    STOPS_BY_ITSELF.store(true, Ordering::Relaxed);
}

/// Whether Ctrl-C was pressed.
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::Relaxed)
}

/// Has a file removed if Ctrl-C ends the process.
pub(crate) fn remove_if_interrupted(file: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(file.to_owned());
}
