//! Which source an instruction comes from, and whose that is.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::profile::Profile;

/// Whose a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Machine,
    World,
    Framework,
    /// Nobody's who was asked about: the start of the program, for instance.
    Nobody,
}

impl Owner {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::World => "world",
            Self::Framework => "framework",
            Self::Nobody => "-",
        }
    }
}

/// What tells owners apart.
#[derive(Debug)]
pub(crate) struct Owners {
    /// The root of this repository.
    pub(crate) root: String,
    /// The folders of the machine's crates.
    pub(crate) machine: Vec<String>,
}

impl Owners {
    fn of(&self, source: &str) -> Owner {
        let is_below =
            |folder: &str| source.strip_prefix(&self.root).is_some_and(|rest| rest.starts_with(folder));
        if is_below("/crates/") {
            Owner::Framework
        } else if is_below("/outside/") {
            Owner::World
        } else if source.split('/').any(|folder| self.machine.iter().any(|name| name == folder)) {
            Owner::Machine
        } else {
            Owner::Nobody
        }
    }
}

/// A function that something is charged to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) owner: Owner,
    pub(crate) function: String,
}

/// Returns to whom the instruction at each address belongs; those that belong to nobody are left out.
pub(crate) fn sites(
    profile: &Profile,
    program: &Path,
    owners: &Owners,
) -> Result<BTreeMap<u64, Site>, Box<dyn Error>> {
    let base = profile.main - address_of_main(program)?;
    let addresses = profile.addresses();
    let mut child = Command::new("addr2line")
        .args(["--inlines", "--functions", "--demangle", "--addresses", "--exe"])
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut questions = child.stdin.take().ok_or("addr2line takes no questions")?;
    let asked: String = addresses.iter().map(|address| format!("{:#x}\n", address - base)).collect();
    let asking = std::thread::spawn(move || questions.write_all(asked.as_bytes()));
    let answers = String::from_utf8(child.wait_with_output()?.stdout)?;
    asking.join().map_err(|_| "addr2line was not asked")??;
    // An address, and then for each function, the innermost first, its name and its place.
    let (mut sites, mut address, mut name) = (BTreeMap::new(), 0, None);
    for line in answers.lines() {
        if let Some(text) = line.strip_prefix("0x") {
            (address, name) = (u64::from_str_radix(text, 16)? + base, None);
        } else if let Some(function) = name.take() {
            let owner = owners.of(line);
            if owner != Owner::Nobody && !sites.contains_key(&address) {
                sites.insert(address, Site { owner, function });
            }
        } else {
            name = Some(line.to_owned());
        }
    }
    Ok(sites)
}

/// Where the function `main` is in the file of the program.
fn address_of_main(program: &Path) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("nm").arg(program).output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.ends_with(" T main")).ok_or("nm names no function `main`")?;
    Ok(u64::from_str_radix(line.split(' ').next().unwrap_or_default(), 16)?)
}
