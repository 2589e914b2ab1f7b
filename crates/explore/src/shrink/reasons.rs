//! Every reason for which a program fails: all smallest sets of orderings among those of the events that race.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::directory::Directory;
use crate::effort::Effort;
use crate::event::Constraint;
use crate::history::History;
use crate::program::{Program, Symptom};
use crate::shrink::material::Material;
use crate::shrink::{Cause, EVENTS_MAX, all_causes};

/// How many pairs of events may race in a run of which all reasons are listed: all their sets may have to be tried.
pub const PAIRS_MAX: usize = 20;

/// Why a program fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reasons {
    /// All sets of orderings, each of which is enough by itself: none of it can be left out, and from none follows another.
    All(BTreeSet<Vec<Constraint>>),
    /// More pairs race than [`PAIRS_MAX`].
    TooManyPairs(usize),
    /// The run is too long to look for pairs in it.
    TooLong,
    /// The effort was over before they were known.
    Unfinished,
}

impl Reasons {
    /// Returns all reasons for which a program fails in orders of the events of a failing run. `cause` is what that run was
    /// shrunk to; its draws are kept.
    pub fn of<P: Program + ?Sized>(
        program: &P,
        (history, cause): (&History, &Cause),
        symptom: &Symptom,
        directory: &mut Directory,
        effort: &mut Effort<'_>,
    ) -> Self {
        if history.dispatches.len() > EVENTS_MAX {
            return Self::TooLong;
        }
        let material = Material::new(history, directory);
        let racing = material.racing(&material.instants().concat(), &[]);
        // Those of events that are cancelled in the failing run are in the cause alone.
        let more = cause.constraints.iter().filter(|constraint| !racing.contains(constraint)).cloned();
        let constraints: Vec<Constraint> = racing.iter().cloned().chain(more).collect();
        if constraints.len() > PAIRS_MAX {
            return Self::TooManyPairs(constraints.len());
        }
        let all = Cause { constraints, ..cause.clone() };
        let reasons = all_causes(program, &all, symptom, directory, effort);
        if effort.is_over() { Self::Unfinished } else { Self::All(without_detours(&reasons)) }
    }

    /// Returns them in words, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let reasons = match self {
            Self::All(reasons) => reasons,
            Self::TooManyPairs(pairs) => {
                let why =
                    format!("{pairs} pairs of events race, and they are listed for at most {PAIRS_MAX}");
                return Vec::from([format!("not all reasons are known: {why}")]);
            }
            Self::TooLong => return Vec::from(["not all reasons are known: the run is too long".into()]),
            Self::Unfinished => return Vec::from(["ended before all reasons were known".into()]),
        };
        if reasons.len() < 2 {
            return Vec::from(["this run has no other reason to fail".into()]);
        }
        let mut lines = Vec::from([format!("fails for {} reasons, each enough by itself", reasons.len())]);
        for (reason, number) in reasons.iter().zip(1..) {
            let marks = core::iter::once(format!("{number}.")).chain(core::iter::repeat(String::new()));
            lines.extend(reason.iter().zip(marks).map(|(ordering, mark)| format!("{mark:>4} {ordering}")));
        }
        lines
    }
}

/// The sets of which no other one follows: `a before b before c` is a detour if `a before c` is enough.
fn without_detours(reasons: &BTreeSet<Vec<Constraint>>) -> BTreeSet<Vec<Constraint>> {
    let closures: Vec<(&Vec<Constraint>, BTreeSet<Constraint>)> =
        reasons.iter().map(|reason| (reason, closure(reason))).collect();
    let is_detour = |(reason, all): &(&Vec<Constraint>, BTreeSet<Constraint>)| {
        let follows = |(other, others): &(&Vec<Constraint>, BTreeSet<Constraint>)| {
            other != reason && others.is_subset(all) && (others.len() < all.len() || other < reason)
        };
        closures.iter().any(follows)
    };
    closures.iter().filter(|reason| !is_detour(reason)).map(|(reason, _)| (*reason).clone()).collect()
}

/// These orderings, and those that follow from them.
fn closure(orderings: &[Constraint]) -> BTreeSet<Constraint> {
    let mut closure: BTreeSet<Constraint> = orderings.iter().cloned().collect();
    loop {
        let known = closure.len();
        let pairs = closure.iter().flat_map(|first| closure.iter().map(move |second| (first, second)));
        let joined = pairs.filter(|(first, second)| first.after == second.before);
        let joined = joined
            .map(|(first, second)| Constraint { before: first.before.clone(), after: second.after.clone() });
        let joined: Vec<Constraint> = joined.collect();
        closure.extend(joined);
        if closure.len() == known {
            return closure;
        }
    }
}
