//! Prints fingerprints of runs, one a line, so that platforms can be compared: `fingerprints [REPOSITORY] [THREADS]`.
//!
//! ```text
//!  scenarios, regressions ─┐
//!  packed traces ──────────┤
//!  tables of the manager ──┼──► jobs ──► lines: KIND NAME ORDER SEED DIGEST ──► compared with axes/fingerprints.txt
//!  networks, churn ────────┤
//!  searches, proofs ───────┘
//! ```
//! The lines do not depend on the platform, the locale, the time zone, the number of threads, or the profile of the build.
//! `scripts/axes` builds this program for each platform, runs it there and compares. `REPOSITORY` is the root of a clone
//! (default `.`), from which the scenarios are read; `THREADS` is how many threads share the jobs (default 1).

mod networks;
mod packed;
mod scenarios;
mod searches;
// The workloads that benches measure, without the crate around them: that one needs a newer compiler.
#[path = "../../benches/table/src/lib.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a crate of its own, and benches use more of it")]
mod table;
mod tables;

use std::path::Path;
use std::process::ExitCode;
use std::thread;

use tiebreak::Digest;

/// A piece of work, done by one thread: appends its lines.
type Job = Box<dyn Fn(&mut Lines) + Send + Sync>;

/// What was computed: one line for each fingerprint.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    /// Appends a line: the kind of what was computed, of what, under which order policy, with which seed.
    fn add(&mut self, kind: &str, name: &str, order: &str, seed: u64, digest: Digest) {
        self.0.extend([kind, " ", name, " ", order, " ", &seed.to_string(), " ", &digest.to_string(), "\n"]);
    }

    /// Appends the line of a text or of bytes.
    fn add_bytes(&mut self, kind: &str, name: &str, order: &str, seed: u64, bytes: impl AsRef<[u8]>) {
        self.add(kind, name, order, seed, Digest::of(bytes.as_ref()));
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = arguments.first().map_or(".", String::as_str);
    let threads = arguments.get(1).map_or(Ok(1), |text| text.parse());
    let (Ok(threads), true) = (threads, arguments.len() <= 2) else {
        eprintln!("usage: fingerprints [REPOSITORY] [THREADS]");
        return ExitCode::from(2);
    };
    match jobs(Path::new(root)) {
        Ok(jobs) => {
            print!("{}", run(&jobs, threads));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that is computed.
fn jobs(root: &Path) -> Result<Vec<Job>, String> {
    let mut jobs = scenarios::jobs(root)?;
    jobs.extend(packed::jobs(root)?);
    jobs.extend(tables::jobs());
    jobs.extend(networks::jobs());
    jobs.extend(searches::jobs());
    Ok(jobs)
}

/// Does all jobs, and returns their lines in the order of the jobs.
fn run(jobs: &[Job], threads: usize) -> String {
    if threads <= 1 {
        return of_share(jobs.iter()).concat();
    }
    let mut shares = thread::scope(|scope| {
        let start = |first| scope.spawn(move || of_share(jobs.iter().skip(first).step_by(threads)));
        let started: Vec<_> = (0..threads).map(start).collect();
        let shares = started.into_iter().map(|share| share.join().expect("no job panics").into_iter());
        shares.collect::<Vec<_>>()
    });
    (0..jobs.len()).filter_map(|number| shares[number % threads].next()).collect()
}

fn of_share<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<String> {
    let lines = jobs.map(|job| {
        let mut lines = Lines::default();
        job(&mut lines);
        lines.0
    });
    lines.collect()
}
