//! Mutation testing of the manager, in minutes.
//!
//! ```text
//!  cargo-mutants lists the mutants ──▶ switch.rs puts all of them into one copy of the code, each behind a switch
//!                                      tree.rs builds that copy once, and takes out what does not compile
//!                                      trial.rs runs the tests once for each mutant, switched on by the environment
//!  cargo-mutants tries the few that cannot be switched ──▶ report.rs        ledger.rs: the rows of docs/RULES.md
//! ```
//!
//! A mutant that is built on its own takes seconds, and the tests of the manager less than one: so all are built at once. What
//! a mutant is, and how it is spelled, is cargo-mutants' to say.
//!
//! Works in a clone of the last commit below the build folder. What was caught is kept there, and is not tried again
//! as long as the file that it is in stays as it is.

mod ledger;
mod list;
mod report;
mod switch;
mod tree;
mod trial;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: mutants/run.sh run           tries every mutant against the quick tests of crates/rtm
       mutants/run.sh survivors     tries what was missed against all other tests of crates/rtm
       mutants/run.sh report        writes docs/mutants/counts.txt and missed.txt
       mutants/run.sh ledger [ROW…] tries the mutant of each row of docs/RULES.md, or of these, against the tests of that
                                    row alone; without rows it writes docs/mutants/ledger.txt
Each goes on where it was stopped.";

/// The folders this works with.
struct Places {
    /// The root of the house.
    house: PathBuf,
    /// Where everything is kept that is not committed.
    work: PathBuf,
}

impl Places {
    fn new() -> Result<Self> {
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let build = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| house.join("target"), PathBuf::from);
        let work = house.join(build).join("mutants");
        std::fs::create_dir_all(&work)?;
        Ok(Self { house, work })
    }
}

fn go(arguments: &[String]) -> Result<bool> {
    let places = Places::new()?;
    match arguments.split_first() {
        Some((mode, [])) if mode == "run" => trial::run(&places).map(|()| true),
        Some((mode, [])) if mode == "survivors" => trial::survivors(&places).map(|()| true),
        Some((mode, [])) if mode == "report" => report::write(&places).map(|()| true),
        Some((mode, rows)) if mode == "ledger" => ledger::verify(&places, rows),
        Some(_) | None => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match go(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
