//! Whose instructions they are that a program of [`outside`](../../../../README.md) has executed: those of the machine, of its
//! world, or of the framework. `overhead.sh` calls it.
//!
//! `overhead PROFILE PROGRAM ROOT DETAILS CRATE…` reads a profile that callgrind wrote with `--dump-instr=yes` and uncompressed
//! names, the program with its line tables, and the root of this repository. `CRATE…` are the crates of the machine, as `raft-0.7.0`.
//!
//! An instruction belongs to the innermost function that it was inlined from whose source belongs to somebody. The standard library,
//! the allocator and small crates belong to nobody. What they do is charged to whoever called them: where several
//! did, in proportion to the instructions that callgrind has counted below each call. So an allocation belongs to who asked for it.

mod charge;
mod profile;
mod sources;

use std::error::Error;
use std::path::PathBuf;

use crate::charge::charge;
use crate::profile::Profile;
use crate::sources::{Owner, Owners};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: overhead PROFILE PROGRAM ROOT DETAILS CRATE…");
    let (profile, program, root) = (PathBuf::from(next()?), PathBuf::from(next()?), next()?);
    let details: usize = next()?.parse()?;
    let owners = Owners { root, machine: arguments.collect() };
    let profile = Profile::read(&profile, &program)?;
    let sites = sources::sites(&profile, &program, &owners)?;
    let charged = charge(&profile, &sites);
    let whole: u128 = charged.values().sum();
    let percent = |part: u128| (part * 100 + whole / 2).checked_div(whole).unwrap_or(0);
    let part =
        |owner| charged.iter().filter(|(site, _)| site.owner == owner).map(|(_, cost)| *cost).sum::<u128>();
    let [machine, world, framework, rest] =
        [Owner::Machine, Owner::World, Owner::Framework, Owner::Nobody].map(|owner| percent(part(owner)));
    println!("{machine:>7} % {world:>7} % {framework:>7} % {rest:>7} % {:>10}", whole / 1_000_000);
    let mut parts: Vec<_> = charged.iter().collect();
    parts.sort_by(|one, other| other.1.cmp(one.1));
    for (site, cost) in parts.into_iter().take(details) {
        println!("    {:>5}‰ {:9} {}", cost * 1_000 / whole.max(1), site.owner.word(), site.function);
    }
    Ok(())
}
