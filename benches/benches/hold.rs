//! The hold model: ns an event with 1,024 and 262,144 pending.

use core::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tiebreak_benches::{Hold, announce, steps};

const EVENTS: u64 = 10_000;

fn hold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(EVENTS));
    for pending in [1 << 10, 1 << 18] {
        announce(&format!("hold/{pending}"), Hold::fingerprint(pending, EVENTS));
        let mut simulation = Hold::warm(pending);
        group.bench_function(pending.to_string(), |bencher| {
            bencher.iter(|| {
                steps(&mut simulation, EVENTS);
                black_box(simulation.now())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hold);
criterion_main!(benches);
