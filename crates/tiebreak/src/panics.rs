//! Panics of the program under test: caught, kept quiet, and told apart by where they happen.
//!
//! A search makes thousands of runs, and a program that panics in some order panics in many of them. The panic hook would
//! print each. So a hook of our own is put before the one that is there, once for the process. It keeps the place of a panic
//! on a thread that is in a run, and hands every other panic on.

extern crate std;

use alloc::format;
use alloc::string::{String, ToString};
use core::any::Any;
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use std::panic::{PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use tiebreak_explore::Failure;

/// Where a panic is that has no place.
const SOMEWHERE: &str = "a place that is not known";

std::thread_local! {
    /// Whether this thread is in a run.
    static IS_IN_RUN: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of a run of this thread was.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Leaves a run: panics are printed again, if they were before.
struct Leave(bool);

impl Drop for Leave {
    fn drop(&mut self) {
        IS_IN_RUN.set(self.0);
    }
}

/// Runs a program; a panic becomes a failure, and nothing is printed.
///
/// Where panics end the process nothing can be caught, and the panic is printed as usual.
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    static HOOK: Once = Once::new();
    if cfg!(panic = "unwind") {
        HOOK.call_once(|| {
            let former = take_hook();
            set_hook(alloc::boxed::Box::new(move |panic| {
                if IS_IN_RUN.get() {
                    PLACE.set(place(panic));
                } else {
                    former(panic);
                }
            }));
        });
    }
    PLACE.take();
    let caught = {
        let _leave = Leave(IS_IN_RUN.replace(true));
        catch_unwind(AssertUnwindSafe(run))
    };
    caught.map_err(|panic| failure(&*panic, PLACE.take().as_deref()))
}

/// Where a panic is: `src/server.rs:12`. The column says nothing that the line does not.
fn place(panic: &PanicHookInfo<'_>) -> Option<String> {
    let location = panic.location()?;
    Some(format!("{}:{}", portable(&location.file().replace('\\', "/")), location.line()))
}

/// The path of a file of another crate, without what belongs to the computer: where the registry's crates are kept, and which
/// build of the standard library it is.
fn portable(file: &str) -> &str {
    let below = |folder: &str| Some(file.split_once(folder)?.1.split_once('/')?.1);
    below("/registry/src/").or_else(|| below("/git/checkouts/")).or_else(|| below("/rustc/")).unwrap_or(file)
}

fn failure(panic: &(dyn Any + Send), place: Option<&str>) -> Failure {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let message = text.unwrap_or_else(|| "it panicked".into());
    Failure::panic(place.unwrap_or(SOMEWHERE), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_panic_is_the_same_on_every_computer() {
        for (file, place) in [
            ("src/server.rs", "src/server.rs"),
            (
                "/ann/.cargo/registry/src/index-1949cf8c6b5b557f/foca-2.0.0/src/lib.rs",
                "foca-2.0.0/src/lib.rs",
            ),
            ("C:/ann/.cargo/git/checkouts/foca-c1b2/4f2a1e/src/lib.rs", "4f2a1e/src/lib.rs"),
            (
                "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/num.rs",
                "library/core/src/num.rs",
            ),
        ] {
            assert_eq!(portable(file), place);
        }
    }
}
