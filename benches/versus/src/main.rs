//! Runs the same workloads on Tiebreak and its peers and prints how they compare; a full run also writes the tables of
//! docs/COMPARE.md.
//!
//! ```text
//! cargo run --release --manifest-path benches/versus/Cargo.toml -- [--rounds 5] [--quick] [--only hold,churn] [--events N]
//! ```
//!
//! Every measurement is a process of its own, pinned to one core: this program, started again with `--case`, or a program
//! in another language where there is one. Peers take turns (A B C, A B C, …), so that ratios within a round are fair on
//! a machine whose speed changes.

mod arguments;
mod check;
mod launch;
mod peers;
mod plan;
mod report;
mod statistics;

use std::process::ExitCode;

use arguments::{Arguments, Errand};
use tiebreak_versus::Case;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match Errand::read(&words) {
        Ok(Errand::Case(peer, case)) => one_case(&peer, &case),
        Ok(Errand::Compare(arguments)) => compare(&arguments),
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::USAGE);
            ExitCode::from(2)
        }
    }
}

/// What a process of its own does.
fn one_case(peer: &str, case: &Case) -> ExitCode {
    match peers::find(peer).map(|peer| peer.program) {
        Some(peers::Program::Here(run)) => {
            println!("{}", run(case));
            ExitCode::SUCCESS
        }
        Some(peers::Program::Foreign(_)) | None => {
            eprintln!("`{peer}` is not a peer of this program");
            ExitCode::from(2)
        }
    }
}

fn compare(arguments: &Arguments) -> ExitCode {
    let machine = report::Machine::read(arguments);
    let mut launcher = launch::Launcher::new();
    let results: Vec<plan::Results> = plan::rows(arguments)
        .into_iter()
        .map(|row| {
            let results = launcher.measure(row, arguments.rounds);
            println!("{}", report::line(&results));
            results
        })
        .collect();
    let text = report::text(&results, &machine, &launcher);
    println!("\n{text}");
    if arguments.is_full() {
        if let Err(error) = report::write(&text) {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        println!("written to docs/COMPARE.md");
    } else {
        println!("docs/COMPARE.md is left as it is: only a run of all rows at full sizes writes it");
    }
    if launcher.disagreements.is_empty() {
        ExitCode::SUCCESS
    } else {
        eprintln!("results disagree:\n{}", launcher.disagreements.join("\n"));
        ExitCode::FAILURE
    }
}
