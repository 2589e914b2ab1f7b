//! What callgrind has written.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

/// A function that is not inlined, by its number in the profile.
pub(crate) type Function = usize;

/// What was executed.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    functions: BTreeMap<(String, String), Function>,
    /// The instructions of each function, with the address of each in the program; 0 if it is in a library.
    pub(crate) own: Vec<(Function, u64, u128)>,
    /// Who called whom, from which address, and what that took.
    pub(crate) calls: Vec<(Function, u64, Function, u128)>,
    /// The first address of the function `main`.
    pub(crate) main: u64,
}

/// Where a line of costs is.
#[derive(Debug, Default)]
struct Position {
    object: String,
    called_object: Option<String>,
    called: String,
    /// Whether the next line is what a call took.
    is_call: bool,
    function: Function,
    name: String,
}

impl Profile {
    /// Reads a profile of a program.
    pub(crate) fn read(path: &Path, program: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path)?;
        let program = program.to_str().ok_or("the path of the program is no text")?;
        if !text.lines().any(|line| line == "positions: instr line") {
            return Err("the profile has no addresses: callgrind needs `--dump-instr=yes`".into());
        }
        let (mut profile, mut at) = (Self { main: u64::MAX, ..Self::default() }, Position::default());
        for line in text.lines() {
            profile.line(line, &mut at, program)?;
        }
        if profile.main == u64::MAX {
            return Err(format!("the profile has no function `main` in {program}").into());
        }
        Ok(profile)
    }

    /// How many functions there are.
    pub(crate) fn functions(&self) -> usize {
        self.functions.len()
    }

    /// The addresses of the program that something is counted at.
    pub(crate) fn addresses(&self) -> BTreeSet<u64> {
        let own = self.own.iter().map(|(_, address, _)| *address);
        own.chain(self.calls.iter().map(|(_, address, ..)| *address)).filter(|address| *address > 0).collect()
    }

    fn line(&mut self, line: &str, at: &mut Position, program: &str) -> Result<(), Box<dyn Error>> {
        if line.starts_with("0x") {
            let mut words = line.split(' ');
            let address = words.next().and_then(|word| u64::from_str_radix(&word[2..], 16).ok());
            let cost = words.nth(1).and_then(|word| word.parse().ok());
            let (Some(address), Some(cost)) = (address, cost) else {
                return Err(format!("not a line of costs: {line}").into());
            };
            self.cost(address, cost, at, program);
        } else if let Some((key, value)) = line.split_once('=') {
            match key {
                "ob" => value.clone_into(&mut at.object),
                "fn" => {
                    at.function = self.function(&at.object, value);
                    value.clone_into(&mut at.name);
                }
                "cob" => at.called_object = Some(value.to_owned()),
                "cfn" => value.clone_into(&mut at.called),
                "calls" => at.is_call = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn cost(&mut self, address: u64, cost: u128, at: &mut Position, program: &str) {
        let is_ours = at.object == program;
        let address_of_ours = if is_ours { address } else { 0 };
        if std::mem::take(&mut at.is_call) {
            let object = at.called_object.take().unwrap_or_else(|| at.object.clone());
            let called = self.function(&object, &at.called);
            self.calls.push((at.function, address_of_ours, called, cost));
        } else {
            self.own.push((at.function, address_of_ours, cost));
            if is_ours && at.name == "main" {
                self.main = self.main.min(address);
            }
        }
    }

    fn function(&mut self, object: &str, name: &str) -> Function {
        let number = self.functions.len();
        *self.functions.entry((object.to_owned(), name.to_owned())).or_insert(number)
    }
}
