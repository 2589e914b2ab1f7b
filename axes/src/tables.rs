//! The manager without a simulation around it: the workloads that benches measure, on small tables.

use tiebreak::Digest;

use crate::table::{Table, Workload};
use crate::{Job, Lines};

const ROUTES: usize = 2_000;
/// Not more than routes: each destination changes once for `drain`.
const OPERATIONS: u64 = 2_000;

/// Returns a job for each workload.
pub(crate) fn jobs() -> Vec<Job> {
    let job = |(workload, name)| -> Job { Box::new(move |lines| add(lines, workload, name)) };
    Workload::ALL.into_iter().map(job).collect()
}

fn add(lines: &mut Lines, workload: Workload, name: &str) {
    let mut table = Table::prepared(workload, ROUTES);
    table.run(workload, OPERATIONS);
    let answered = table.digest();
    table.note_contents();
    let add = |lines: &mut Lines, kind, value: u64| {
        lines.add(kind, name, "-", OPERATIONS, Digest::of(&value.to_le_bytes()));
    };
    add(lines, "answers", answered);
    add(lines, "contents", table.digest());
}
