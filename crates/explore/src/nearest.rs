//! The passing run that is nearest to a failing one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

use crate::account::Calls;
use crate::directory::Directory;
use crate::event::Constraint;
use crate::history::{Dispatch, History};
use crate::program::{Program, Verdict};
use crate::shrink::{Cause, Trial, default_orders, try_cause};
use crate::table::{self, Row};

/// How many events are shown.
const EVENTS_SHOWN: usize = 12;
/// Of more events at one instant none are compared.
const EVENTS_MAX: usize = 500;

/// Returns in what the failing run of a cause differs from the nearest passing one, line by line: `-` stands before what runs there
/// when it fails, `+` before what runs there when it passes. Empty if no run passes in which one ordering is turned round.
///
/// Each ordering of the cause is turned round by itself, and the others are kept. Of the runs that pass, the one is nearest that
/// is the same for longest: what comes before that has happened in both, and is no reason. What comes at later instants is left
/// out, since most of it follows.
pub fn nearest_passing<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    directory: &mut Directory,
) -> Vec<String> {
    let order = default_orders(1, 1)[0];
    let failing = try_cause(program, cause, order, directory).history;
    let mut nearest: Option<(usize, Constraint, History)> = None;
    for at in 0..cause.constraints.len() {
        let mut turned = cause.clone();
        let Constraint { before, after } = turned.constraints[at].clone();
        turned.constraints[at] = Constraint { before: after, after: before };
        let Trial { outcome, broken, history, .. } = try_cause(program, &turned, order, directory);
        let same = same(&failing, &history);
        let is_nearer = nearest.as_ref().is_none_or(|(known, ..)| same > *known);
        if outcome.verdict == Verdict::Passes && broken.is_empty() && is_nearer {
            nearest = Some((same, turned.constraints.swap_remove(at), history));
        }
    }
    let Some((same, ordering, passing)) = nearest else { return Vec::new() };
    let Some(at) = [&failing, &passing].iter().find_map(|run| run.dispatches.get(same)).map(|event| event.at)
    else {
        return Vec::new();
    };
    let [fails, passes] = [&failing, &passing].map(|run| rows(run, same, at, (cause, directory)));
    let mut rows =
        if fails.len().max(passes.len()) > EVENTS_MAX { Vec::new() } else { differing(&fails, &passes) };
    let more = rows.len().saturating_sub(EVENTS_SHOWN);
    rows.truncate(EVENTS_SHOWN);
    let mut lines = Vec::from([format!("passes with one turned round: {ordering}")]);
    lines.extend(table::lines(&rows).into_iter().map(|line| format!("  {line}")));
    if more > 0 {
        lines.push(format!("    … {more} more"));
    }
    lines
}

/// How many events two runs begin with alike.
fn same(one: &History, other: &History) -> usize {
    let is_same = |(one, other): &(&Dispatch, &Dispatch)| {
        (one.name, one.repeat, one.cause, one.at) == (other.name, other.repeat, other.cause, other.at)
    };
    one.dispatches.iter().zip(&other.dispatches).take_while(is_same).count()
}

/// The events of an instant from a place in the run on, those of the orderings of a cause called as there.
fn rows(history: &History, from: usize, at: Instant, (cause, directory): (&Cause, &Directory)) -> Vec<Row> {
    let calls = Calls::of(cause, history, directory);
    let events = history.dispatches.iter().zip(1..).skip(from).take_while(|(event, _)| event.at == at);
    events.filter_map(|(_, number)| calls.row(history, number, ' ', directory)).collect()
}

/// Both lists as one, with marks on what is in one of them only; what they end with alike is left out.
fn differing(fails: &[Row], passes: &[Row]) -> Vec<Row> {
    let end = fails.iter().rev().zip(passes.iter().rev()).take_while(|(one, other)| one == other).count();
    let (fails, passes) = (&fails[..fails.len() - end], &passes[..passes.len() - end]);
    // How long the longest common part is from each place on.
    let mut common = alloc::vec![alloc::vec![0_usize; passes.len() + 1]; fails.len() + 1];
    for (one, left) in fails.iter().enumerate().rev() {
        for (other, right) in passes.iter().enumerate().rev() {
            common[one][other] = if left == right {
                common[one + 1][other + 1] + 1
            } else {
                common[one + 1][other].max(common[one][other + 1])
            };
        }
    }
    let (mut one, mut other, mut rows) = (0, 0, Vec::new());
    let marked = |row: &Row, mark| Row { mark, ..row.clone() };
    loop {
        match (fails.get(one), passes.get(other)) {
            (Some(row), Some(also)) if row == also => {
                rows.push(row.clone());
                (one, other) = (one + 1, other + 1);
            }
            (Some(row), also) if also.is_none() || common[one + 1][other] >= common[one][other + 1] => {
                rows.push(marked(row, '-'));
                one += 1;
            }
            (_, Some(row)) => {
                rows.push(marked(row, '+'));
                other += 1;
            }
            (_, None) => return rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fails: &str, passes: &str) -> String {
        let rows = |names: &str| -> Vec<Row> {
            let row =
                |name| Row { at: Instant::START, mark: ' ', name: String::from(name), tail: String::new() };
            names.chars().map(row).collect()
        };
        differing(&rows(fails), &rows(passes))
            .iter()
            .flat_map(|row| [row.mark, row.name.chars().next().unwrap()])
            .collect()
    }

    #[test]
    fn what_runs_elsewhere_is_marked_in_both_places_and_a_common_end_is_left_out() {
        assert_eq!(told("abc", "bac"), "-a b+a");
        assert_eq!(told("abcd", "bcx"), "-a b c-d+x");
        assert_eq!(told("ab", "cab"), "+c");
        assert_eq!(told("ab", ""), "-a-b");
        assert_eq!(told("ab", "ab"), "");
    }
}
