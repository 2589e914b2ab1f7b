//! Ctrl-C, SIGTERM and SIGHUP: what can stop by itself finishes what it has begun and prints what it has; everything else ends
//! at once.
//!
//! ```text
//!   Ctrl-C           ends the part of the work that goes on: the search, then making small what it has found
//!   SIGTERM, SIGHUP  end all parts: whoever sends them does not wait for long
//!   another signal before the work has noticed the first, or after SIGTERM or SIGHUP: the process ends at once
//! ```
//! SIGHUP and SIGTERM stay ignored if they are when the command starts, as `nohup` wants it. That Ctrl-C is ignored means
//! nothing: so shells start all that runs in the background, and whoever sends that signal there wants it to be heard.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;
use crate::output::{complain, shown_path};

/// Whether the work asks [`is_interrupted`]; else a signal ends the process.
static STOPS_BY_ITSELF: AtomicBool = AtomicBool::new(false);
/// How often it was interrupted, and how often it has noticed that and gone on with its next part.
static INTERRUPTIONS: AtomicU32 = AtomicU32::new(0);
static NOTICED: AtomicU32 = AtomicU32::new(0);
/// Whether all parts are to end.
static ENDS: AtomicBool = AtomicBool::new(false);
/// Drafts; some may have been published since.
static UNFINISHED: Mutex<Vec<Unfinished>> = Mutex::new(Vec::new());

/// A draft that has no writer any more if the process ends.
#[derive(Debug)]
enum Unfinished {
    /// It is of no use, and removed.
    Useless(PathBuf),
    /// It can be read as far as it goes, and stays.
    Readable(PathBuf),
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// To end the part of the work that goes on.
    Part,
    /// To end all parts.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is only Ctrl-C"))]
    All,
}

/// Listens for signals from now on. If no handler can be set, what the system does stays.
#[cfg(unix)]
pub(crate) fn listen() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let wanted: Vec<i32> =
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| is_wanted(*signal)).collect();
    let Ok(mut signals) = Signals::new(wanted) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            hear(if signal == SIGINT { Asked::Part } else { Asked::All });
        }
    });
}

/// Listens for Ctrl-C from now on. If no handler can be set, what the system does stays.
#[cfg(not(unix))]
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(|| hear(Asked::Part));
}

/// Whether a signal is listened for. If the system does not tell which ones are ignored, that of `nohup` may be.
#[cfg(unix)]
fn is_wanted(signal: i32) -> bool {
    use signal_hook::consts::{SIGHUP, SIGINT};

    if signal == SIGINT {
        return true;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    match mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        Some(mask) => mask >> (signal - 1) & 1 == 0,
        None => signal != SIGHUP,
    }
}

/// Does what a signal asks for.
fn hear(asked: Asked) {
    let before = INTERRUPTIONS.fetch_add(1, Ordering::SeqCst);
    let was_ending = ENDS.fetch_or(asked == Asked::All, Ordering::SeqCst);
    let is_first = before == NOTICED.load(Ordering::SeqCst) && !was_ending;
    if !STOPS_BY_ITSELF.load(Ordering::SeqCst) || !is_first {
        end();
    }
}

/// Ends the process.
fn end() -> ! {
    for draft in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        match draft {
            // It may have been published, and then there is no file of that name.
            Unfinished::Useless(file) => drop(std::fs::remove_file(file)),
            Unfinished::Readable(file) if file.exists() => {
                complain(format_args!("interrupted; what was written is in {}", shown_path(file.display())));
            }
            Unfinished::Readable(_) => {}
        }
    }
    std::process::exit(i32::from(Exit::Interrupted.code()))
}

/// Declares that the caller asks [`is_interrupted`] from now on, and ends its work when it is.
pub(crate) fn stop_by_itself() {
    STOPS_BY_ITSELF.store(true, Ordering::SeqCst);
}

/// Returns whether the work was interrupted, in this part or one before.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTIONS.load(Ordering::SeqCst) > 0
}

/// A part of the work that goes on although the part before it was interrupted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    before: u32,
}

impl Part {
    /// Begins the next part: what interrupted the one before has been noticed.
    pub(crate) fn begin() -> Self {
        let before = INTERRUPTIONS.load(Ordering::SeqCst);
        NOTICED.store(before, Ordering::SeqCst);
        Self { before }
    }

    /// Returns whether the part goes on: it was not interrupted itself, and not all parts are to end.
    pub(crate) fn goes_on(self) -> bool {
        INTERRUPTIONS.load(Ordering::SeqCst) == self.before && !ENDS.load(Ordering::SeqCst)
    }
}

/// Does a part of the work, which asks again and again whether it goes on: a first signal from now on ends nothing but it.
pub(crate) fn stopping<T>(part: impl FnOnce(&dyn Fn() -> bool) -> T) -> T {
    let stopped = STOPS_BY_ITSELF.swap(true, Ordering::SeqCst);
    let this = Part::begin();
    let done = part(&|| this.goes_on());
    STOPS_BY_ITSELF.store(stopped, Ordering::SeqCst);
    done
}

/// Notes a draft that is removed if a signal ends the process.
pub(crate) fn remove_if_interrupted(file: &Path) {
    note(Unfinished::Useless(file.to_owned()));
}

/// Notes a draft that is named if a signal ends the process.
pub(crate) fn tell_if_interrupted(file: &Path) {
    note(Unfinished::Readable(file.to_owned()));
}

fn note(draft: Unfinished) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(draft);
}
