//! Dispatch through a world: ns an event with 64 pending, silent and with what records.

use core::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::{Digest, Fingerprinter, Header, Recorder, RunFingerprinter, Settings, Tracer};
use tiebreak_benches::{Hold, announce, steps};

const PENDING: u32 = 64;
const EVENTS: u64 = 10_000;

fn dispatch(criterion: &mut Criterion) {
    announce("dispatch", Hold::fingerprint(PENDING, EVENTS));
    let mut group = criterion.benchmark_group("dispatch");
    group.throughput(Throughput::Elements(EVENTS));
    let mut silent = Hold::warm(PENDING);
    group.bench_function("silent", |bencher| {
        bencher.iter(|| {
            steps(&mut silent, EVENTS);
            black_box(silent.now())
        });
    });
    let header = Header::new(0, Digest::of(b"dispatch"), &Settings::default());
    group.bench_function("run-fingerprint", |bencher| bencher.iter(|| run(RunFingerprinter::default())));
    group.bench_function("fingerprint", |bencher| bencher.iter(|| run(Fingerprinter::default())));
    group.bench_function("trace", |bencher| bencher.iter(|| run(Tracer::new(header))));
    group.finish();
}

/// A whole run from scratch, because a recorder grows.
fn run<R: Recorder<()>>(recorder: R) -> u64 {
    let mut simulation = Hold::simulation(PENDING, recorder);
    steps(&mut simulation, EVENTS);
    black_box(simulation.dispatched())
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
