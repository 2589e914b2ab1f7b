//! The `tiebreak` command.
//!
//! ```text
//! arguments ─► load ─► run, check, test, fuzz, bench, replay ─► output: results on stdout, notes on stderr ─► exit
//!               files     │         │      ├► hunt: runs over threads
//!                         │         │      ├► find: what fails, made small
//!                         │         │      └► keep: finds as files ◄─ replay
//!                         │         └► snapshots, report
//!                         └► table, render
//! ```
//!
//! # Invariants
//! * The same arguments and files give the same standard output, on any number of threads.
//! * The exit code says what was found (`exit.rs`), also when nobody reads the output to its end.
//! * No crate that this one uses touches files, the environment, the terminal, wall clocks or threads.
//!
//! # What it lacks
//! * Proving that no order fails.
//!
//! # Where to start reading
//! `arguments.rs` is the interface, `run.rs` the main job.

extern crate alloc;

mod arguments;
mod because;
mod bench;
mod blame;
mod bounded;
mod check;
mod counting;
mod determinism;
mod diff;
mod draft;
mod exit;
mod explore;
mod find;
mod fingerprints;
mod fuzz;
mod hunt;
mod interrupt;
mod keep;
mod load;
mod manual;
mod memory;
mod output;
mod page;
mod pending;
mod place;
mod races;
mod render;
mod replay;
mod root;
mod run;
mod sheet;
mod show;
mod snapshots;
mod source;
mod suspects;
mod table;
mod test;
mod verdict;
mod why_not;

use core::panic::UnwindSafe;
use std::io::{self, Write as _};
use std::panic::catch_unwind;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use arguments::{Arguments, Color, Command, quoted};
use exit::{Error, Exit};
use load::Reach;
use output::{Paint, Terminal, complain, visible};

/// Runs allocate a lot and free it soon: a sweep is faster than with the system's allocator, see the root manifest.
#[global_allocator]
static ALLOCATOR: counting::Counting<mimalloc::MiMalloc> = counting::Counting(mimalloc::MiMalloc);

fn main() -> ExitCode {
    let arguments = match Arguments::given() {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::InvalidUtf8 => {
            complain(not_unicode());
            return Exit::BadInput.into();
        }
        Err(error) => {
            let exit = if error.use_stderr() { Exit::BadInput } else { Exit::Fine };
            // Help that was asked for goes to standard output and is no error; neither is a reader that has gone.
            return match print(&made_visible(error)) {
                Err(error) if exit == Exit::Fine && error.kind() != io::ErrorKind::BrokenPipe => {
                    complain(format_args!("error: cannot write standard output: {error}"));
                    Exit::Internal.into()
                }
                Err(_) | Ok(()) => exit.into(),
            };
        }
    };
    interrupt::listen();
    let reach = if arguments.allow_outside { Reach::Everywhere } else { Reach::Folder };
    let terminal = Terminal { color: arguments.color, is_quiet: arguments.quiet, reach };
    guard(terminal, move || dispatch(&arguments.command, terminal)).into()
}

/// Prints what the reader of arguments has to say: help, or what is wrong with them.
fn print(said: &clap::Error) -> io::Result<()> {
    let color = Color::asked(std::env::args_os());
    let terminal = Terminal { color, is_quiet: false, reach: Reach::Folder };
    let text = |paint| match paint {
        Paint::Coloured => said.render().ansi().to_string(),
        Paint::Plain => said.render().to_string(),
    };
    if said.use_stderr() {
        return io::stderr().write_all(text(terminal.stderr_paint()).as_bytes());
    }
    let mut out = io::stdout().lock();
    out.write_all(text(terminal.stdout_paint()).as_bytes())?;
    out.flush()
}

/// Says which arguments are not UTF-8, if one of them must be. The reader of arguments does not tell which one.
fn not_unicode() -> String {
    let words = std::env::args_os().skip(1).filter(|word| word.to_str().is_none()).map(quoted);
    let words = words.collect::<Vec<_>>().join(" ");
    format!("error: this is not UTF-8: {words}; only a path that is an argument of its own may be so")
}

/// Returns what is wrong with the arguments, with the words of the caller made visible.
fn made_visible(mut error: clap::Error) -> clap::Error {
    let words: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(word) => Some((kind, ContextValue::String(visible(word)))),
            ContextValue::Strings(words) => {
                Some((kind, ContextValue::Strings(words.iter().map(visible).collect())))
            }
            // Suggestions repeat the caller's words; styles are not worth telling apart from what those contain.
            ContextValue::StyledStrs(texts) => {
                let texts = texts.iter().map(|text| visible(text).into());
                Some((kind, ContextValue::StyledStrs(texts.collect())))
            }
            // The rest has no words of the caller in it.
            ContextValue::None
            | ContextValue::Bool(_)
            | ContextValue::StyledStr(_)
            | ContextValue::Number(_)
            | _ => None,
        })
        .collect();
    for (kind, value) in words {
        error.insert(kind, value);
    }
    error
}

fn dispatch(command: &Command, terminal: Terminal) -> Result<Exit, Error> {
    match command {
        Command::Run(options) => run::run(options, terminal),
        Command::Show(options) => show::show(options, terminal),
        Command::Check(options) => check::check(options, terminal),
        Command::Test(options) => test::test(options, terminal),
        Command::Fuzz(options) => fuzz::fuzz(options, terminal),
        Command::Races(options) => races::races(options, terminal),
        Command::Explore(options) => explore::explore(options, terminal),
        Command::Blame(options) => blame::blame(options, terminal),
        Command::Suspects(options) => suspects::suspects(options, terminal),
        Command::Bench(options) => bench::bench(options, terminal),
        Command::Diff(options) => diff::diff(options, terminal),
        Command::Replay(options) => replay::replay(options, terminal),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { command } => manual::page(command.as_deref()),
    }
}

/// Does the work, and reports what went wrong, panics included.
fn guard(terminal: Terminal, work: impl FnOnce() -> Result<Exit, Error> + UnwindSafe) -> Exit {
    match catch_unwind(work) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            match &error {
                Error::Files(sheets) => {
                    for sheet in sheets {
                        complain(render::draw(sheet, terminal.stderr_paint()));
                    }
                }
                Error::Input(_) | Error::Output { .. } => {
                    complain(format_args!("error: {}", visible(&error)));
                }
            }
            error.exit()
        }
        Err(_) => {
            let words = std::env::args_os().map(quoted);
            let line = words.collect::<Vec<_>>().join(" ");
            complain(
                "error: this is a bug in tiebreak, not in the scenario; please report it with the lines above,",
            );
            complain(format_args!("the scenario, and this command:\n{line}"));
            Exit::Internal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        let terminal = Terminal { color: Color::Never, is_quiet: true, reach: Reach::Folder };
        assert_eq!(guard(terminal, || panic!("on purpose")), Exit::Internal);
        assert_eq!(guard(terminal, || Ok(Exit::Found)), Exit::Found);
        assert_eq!(guard(terminal, || Err(Error::Input("on purpose".into()))), Exit::BadInput);
    }
}
