//! Peers in other languages: programs that are run where they can be, and said to be absent where they cannot.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tiebreak_versus::Workload;

use super::{Clock, Fit, Peer, Program, Ties};

/// A program outside of this one. It is given the words of a case and prints the line of a result; with `--version` it
/// prints its version.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// What makes the command; the variables of the environment that change it are named in `absent`.
    command: fn() -> Command,
    /// What to do where it is absent.
    pub(crate) absent: &'static str,
}

impl Foreign {
    /// The program and its first arguments.
    pub(crate) fn words(&self) -> Vec<String> {
        let command = (self.command)();
        let program = core::iter::once(command.get_program());
        program.chain(command.get_args()).map(|word| word.to_string_lossy().into_owned()).collect()
    }

    /// Asks for the version; `None` where the program cannot run.
    pub(crate) fn version(&self) -> Option<String> {
        let output = (self.command)().arg("--version").stderr(Stdio::null()).output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success() && !version.is_empty()).then_some(version)
    }
}

pub(super) const SIMPY: Peer = Peer {
    name: "simpy",
    package: None,
    ties: Ties::Fifo,
    clock: Clock::Float,
    fit: |case| match case.workload {
        Workload::Churn | Workload::Burst => Fit::LeftOut("a process that waits is all it has: see hold"),
        Workload::Hold if case.size > 1 << 14 => Fit::LeftOut("minutes"),
        Workload::Actors => Fit::Differs,
        Workload::FanOut => Fit::Shortened(case.size_u64(), case.size_u64().max(65_536).min(case.events)),
        Workload::Hold => {
            let at_most = case.size_u64().max(32_768);
            Fit::Shortened(at_most.min(case.warm_up), (2 * at_most).min(case.events))
        }
    },
    program: Program::Foreign(&Foreign {
        command: || {
            let python = std::env::var("VERSUS_PYTHON").unwrap_or("python3".to_owned());
            let mut command = Command::new(python);
            command.arg(here("foreign/simpy_peer.py"));
            command
        },
        absent: "needs python3 with simpy; another interpreter: VERSUS_PYTHON=…",
    }),
};

pub(super) const NS3: Peer = Peer {
    name: "ns-3",
    package: None,
    ties: Ties::Fifo,
    clock: Clock::Nanoseconds,
    fit: |_| Fit::Runs,
    program: Program::Foreign(&Foreign {
        command: || {
            let binary = std::env::var_os("VERSUS_NS3").map(PathBuf::from);
            Command::new(binary.unwrap_or_else(|| here("target/ns3_peer")))
        },
        absent: "needs benches/versus/target/ns3_peer, built as the first lines of \
                 benches/versus/foreign/ns3_peer.cc say; another place: VERSUS_NS3=…",
    }),
};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
