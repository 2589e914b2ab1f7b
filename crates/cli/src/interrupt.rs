//! Ctrl-C: what can stop by itself finishes what it has begun and prints what it has; everything else ends at once.

use core::sync::atomic::{AtomicU32, Ordering};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;

/// How often Ctrl-C was pressed, and how often it ends nothing but a part of the work.
static INTERRUPTIONS: AtomicU32 = AtomicU32::new(0);
static PARTS: AtomicU32 = AtomicU32::new(0);
/// Drafts to remove; some may have been published since.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Listens for Ctrl-C from now on. If no handler can be set, the system's default stays.
pub(crate) fn listen() {
    let handler = || {
        if INTERRUPTIONS.fetch_add(1, Ordering::Relaxed) >= PARTS.load(Ordering::Relaxed) {
            for file in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                // It may have been published, and then there is no file of that name.
                let _ = std::fs::remove_file(file);
            }
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    let _ = ctrlc::set_handler(handler);
}

/// Declares that the caller asks [`interruptions`] from now on, and ends a part of its work each time, of so many: only one
/// Ctrl-C more ends the process.
pub(crate) fn stop_by_itself(parts: u32) {
    PARTS.store(parts, Ordering::Relaxed);
}

/// Does a part of the work, which asks again and again whether it goes on: the first Ctrl-C from now on ends nothing but it.
pub(crate) fn stopping<T>(part: impl FnOnce(&dyn Fn() -> bool) -> T) -> T {
    let before = interruptions();
    let parts = PARTS.fetch_max(before + 1, Ordering::Relaxed);
    let done = part(&|| interruptions() == before);
    PARTS.store(parts, Ordering::Relaxed);
    done
}

/// Returns how often Ctrl-C was pressed.
pub(crate) fn interruptions() -> u32 {
    INTERRUPTIONS.load(Ordering::Relaxed)
}

/// Returns whether Ctrl-C was pressed.
pub(crate) fn is_interrupted() -> bool {
    interruptions() > 0
}

/// Notes a file that is removed if Ctrl-C ends the process.
pub(crate) fn remove_if_interrupted(file: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(file.to_owned());
}
