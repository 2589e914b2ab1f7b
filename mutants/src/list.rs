//! The mutants, as cargo-mutants lists them.

use crate::Result;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// One change of the code.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    /// Its number, from 1, as it is switched on.
    pub(crate) id: usize,
    /// Its name with the place: `crates/rtm/src/hold.rs:56:9: replace Hold::views -> ViewSet with Default::default()`.
    pub(crate) name: String,
    pub(crate) file: String,
    /// What kind of change it is: `FnValue`, `BinaryOperator` and so on.
    pub(crate) genre: String,
    /// First and last position, as lines and columns from 1.
    pub(crate) places: [(usize, usize); 2],
    pub(crate) replacement: String,
}

impl Mutant {
    /// Its name without the place, which other changes move: `crates/rtm/src/hold.rs: replace …`.
    pub(crate) fn nameless(&self) -> String {
        nameless(&self.name)
    }
}

/// Takes line and column out of a name.
pub(crate) fn nameless(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    let (file, change) = (parts.next().unwrap_or(""), parts.nth(2).unwrap_or(""));
    format!("{file}:{change}")
}

/// Asks cargo-mutants for all mutants of the manager in a tree.
pub(crate) fn of(tree: &Path) -> Result<Vec<Mutant>> {
    let mut command = Command::new("cargo");
    command.current_dir(tree).args(["mutants", "--list", "--json", "--package", crate::tree::PACKAGE]);
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let list: Value = serde_json::from_slice(&output.stdout)?;
    let list = list.as_array().ok_or("cargo-mutants lists no array")?;
    list.iter().enumerate().map(|(place, mutant)| read(place + 1, mutant)).collect()
}

fn read(id: usize, mutant: &Value) -> Result<Mutant> {
    let text = |key: &str| -> Result<String> {
        let value = mutant[key].as_str().ok_or_else(|| format!("a mutant without {key}"))?;
        Ok(value.to_owned())
    };
    let place = |end: &str| -> Option<(usize, usize)> {
        let place = &mutant["span"][end];
        let number = |key: &str| usize::try_from(place[key].as_u64()?).ok();
        Some((number("line")?, number("column")?))
    };
    let places = place("start").zip(place("end")).ok_or("a mutant without a span")?;
    Ok(Mutant {
        id,
        name: text("name")?,
        file: text("file")?,
        genre: text("genre")?,
        places: [places.0, places.1],
        replacement: text("replacement")?,
    })
}
