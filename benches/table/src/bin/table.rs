//! One workload of the routing table manager at one size: ns an operation, bytes a route, and a digest of what was answered.
//!
//! Made for callgrind, which counts what a whole process does: the difference of two runs of different length is what the
//! operations alone cost. `benches/instructions.sh` does that.

use clap::Parser;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::time::Instant;
use tiebreak_table::{Table, Workload};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Runs one workload of the routing table manager.
#[derive(Parser)]
struct Arguments {
    /// load, exact, find, find-many, longest, forward, forward-many, read, enumerate, unheard, unconcerned, refresh, best, flap, reference, tell or drain
    #[arg(value_parser = |name: &str| Workload::find(name).ok_or("there is no such workload"))]
    workload: Workload,
    /// Routes in the table.
    routes: usize,
    /// Operations to do.
    operations: u64,
    /// Fold what the table holds in the end into the digest. That is not to be counted among the operations.
    #[arg(long)]
    contents: bool,
}

#[expect(clippy::print_stdout, reason = "a measurement says what it measured")]
fn main() {
    let Arguments { workload, routes, operations, contents } = Arguments::parse();
    let region = Region::new(ALLOCATOR);
    let mut table = Table::prepared(workload, routes);
    let held = region.change();
    let bytes = held.bytes_allocated - held.bytes_deallocated - table.bytes_besides();
    let begun = Instant::now();
    table.run(workload, operations);
    let spent = begun.elapsed().as_nanos();
    if contents {
        table.note_contents();
    }
    println!(
        "{} ns an operation, {} bytes a route, digest {:016x}",
        spent / u128::from(operations.max(1)),
        bytes / routes.max(1),
        table.digest()
    );
}
