//! Runs cases in processes of their own, in turn, and checks what they computed.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tiebreak_versus::{Case, Outcome};

use crate::check::disagreement;
use crate::peers::{Fit, PEERS, Peer, Program, REFERENCE};
use crate::plan::{Cell, Results, State};

/// A case that takes longer is stopped and counts as failed.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often a running case is looked at: seldom, so that looking takes nothing from it.
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) struct Launcher {
    /// What pins a process to one core; empty where nothing does.
    pin: Vec<String>,
    /// The versions of the programs that are not part of this one; absent ones have none.
    pub(crate) versions: BTreeMap<&'static str, String>,
    references: BTreeMap<Case, Outcome>,
    pub(crate) disagreements: Vec<String>,
}

impl Launcher {
    pub(crate) fn new() -> Self {
        let core = std::env::var("VERSUS_CORE").unwrap_or("0".to_owned());
        let pin: Vec<String> = ["taskset", "-c", &core].map(str::to_owned).into();
        let mut probe = Command::new(&pin[0]);
        let can_pin = probe.args(&pin[1..]).arg("true").output().is_ok_and(|output| output.status.success());
        if !can_pin {
            println!("taskset cannot pin to core {core}: processes may move between cores");
        }
        let mut versions = BTreeMap::new();
        for peer in PEERS {
            if let Program::Foreign(foreign) = peer.program {
                match foreign.version() {
                    Some(version) => drop(versions.insert(peer.name, version)),
                    None => println!("{} is absent: it {}", peer.name, foreign.absent),
                }
            }
        }
        let pin = if can_pin { pin } else { Vec::new() };
        Self { pin, versions, references: BTreeMap::new(), disagreements: Vec::new() }
    }

    /// Whether processes are pinned to one core.
    pub(crate) fn is_pinned(&self) -> bool {
        !self.pin.is_empty()
    }

    /// Runs one row: all peers in turn, as often as there are rounds.
    pub(crate) fn measure(&mut self, case: Case, rounds: usize) -> Results {
        let mut cells: Vec<Cell> = PEERS.iter().map(|peer| self.cell(peer, case)).collect();
        for _ in 0..rounds {
            for cell in &mut cells {
                if cell.state != State::Measured {
                    continue;
                }
                match self.run(cell.peer, &cell.case) {
                    Ok(outcome) => cell.outcomes.push(outcome),
                    Err(error) => cell.state = State::Failed(error),
                }
            }
        }
        for cell in &cells {
            self.check(cell);
        }
        Results { case, cells }
    }

    fn cell(&self, peer: &'static Peer, row: Case) -> Cell {
        let mut case = row;
        let state = match ((peer.fit)(&row), peer.program) {
            (Fit::LeftOut(reason), _) => State::LeftOut(reason),
            (_, Program::Foreign(foreign)) if !self.versions.contains_key(peer.name) => {
                State::Absent(foreign.absent)
            }
            (Fit::Shortened(warm_up, events), _) => {
                case = Case { warm_up, events, ..row };
                State::Measured
            }
            (Fit::Runs | Fit::Differs, _) => State::Measured,
        };
        Cell { peer, case, state, outcomes: Vec::new() }
    }

    /// Compares all outcomes of a cell with the reference at the same length.
    fn check(&mut self, cell: &Cell) {
        if let State::Failed(error) = &cell.state {
            self.disagreements.push(format!("{}, {}: {error}", cell.peer.name, cell.case));
        }
        if matches!((cell.peer.fit)(&cell.case), Fit::Differs) || cell.outcomes.is_empty() {
            return;
        }
        let expected = match self.references.get(&cell.case) {
            Some(expected) => *expected,
            None => match self.run(REFERENCE, &cell.case) {
                Ok(expected) => expected,
                Err(error) => {
                    return self.disagreements.push(format!("the reference, {}: {error}", cell.case));
                }
            },
        };
        self.references.insert(cell.case, expected);
        for outcome in &cell.outcomes {
            self.disagreements.extend(disagreement(cell.peer, &cell.case, outcome, &expected));
        }
    }

    fn run(&self, peer: &Peer, case: &Case) -> Result<Outcome, String> {
        let mut words = self.pin.clone();
        match peer.program {
            Program::Here(_) => {
                let this = std::env::current_exe().map_err(|error| error.to_string())?;
                words.extend([
                    this.to_string_lossy().into_owned(),
                    "--case".to_owned(),
                    peer.name.to_owned(),
                ]);
            }
            Program::Foreign(foreign) => words.extend(foreign.words()),
        }
        words.extend(case.to_string().split_whitespace().map(str::to_owned));
        output_of(&words)?.parse()
    }
}

/// The line of a result that a program prints.
fn output_of(words: &[String]) -> Result<String, String> {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", words[0]))?;
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if began.elapsed() > PATIENCE {
            child.kill().map_err(|error| error.to_string())?;
            child.wait().map_err(|error| error.to_string())?;
            return Err(format!("took longer than {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(PAUSE);
    };
    let mut text = String::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_string(&mut text).map_err(|error| error.to_string())?;
    }
    if !status.success() {
        return Err(format!("ended with {status}"));
    }
    let line = text.lines().find(|line| line.starts_with("RESULT "));
    line.map(str::to_owned).ok_or("printed no result".to_owned())
}
