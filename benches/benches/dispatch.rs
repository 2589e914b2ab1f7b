//! Dispatch through a world: ns an event with 64 and 1,024 actors, silent and with what records.

use core::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::{
    Digest, Fingerprinter, Header, Names, Record, Recorder, RunFingerprinter, Settings, Subject, Tracer,
};
use tiebreak_benches::{Hold, announce, steps};

const EVENTS: u64 = 10_000;

/// Takes records and does nothing with them: what the kernel spends on making them.
#[derive(Debug, Clone, Copy)]
struct Null;

impl<S: Subject> Recorder<S> for Null {
    fn record(&mut self, _names: &Names, record: &Record<'_, S>) {
        black_box(record.number);
    }
}

fn dispatch(criterion: &mut Criterion) {
    let header = Header::new(0, Digest::of(b"dispatch"), &Settings::default());
    for actors in [64, 1024] {
        announce(&format!("dispatch/{actors}"), Hold::fingerprint(actors, EVENTS));
        let mut group = criterion.benchmark_group(format!("dispatch/{actors}"));
        group.throughput(Throughput::Elements(EVENTS));
        let mut silent = Hold::warm(actors);
        group.bench_function("silent", |bencher| {
            bencher.iter(|| {
                steps(&mut silent, EVENTS);
                black_box(silent.now())
            });
        });
        recorded(&mut group, "null", actors, Null, |_| None);
        recorded(&mut group, "run-fingerprint", actors, RunFingerprinter::default(), |all| Some(all.run()));
        recorded(&mut group, "fingerprint", actors, Fingerprinter::default(), |all| Some(all.run()));
        let run = |tracer: &Tracer| Some(tracer.trace().fingerprint().run);
        recorded(&mut group, "trace", actors, Tracer::new(header), run);
        let mut simulation = Hold::simulation(actors, Tracer::new(header));
        steps(&mut simulation, EVENTS);
        let trace = simulation.recorder().trace();
        group.bench_function("text", |bencher| bencher.iter(|| black_box(trace.to_string())));
        group.finish();
    }
}

/// Measures a recorder from its beginning, because it grows; says what it has recorded.
fn recorded<R: Recorder<()> + Clone>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    actors: u32,
    recorder: R,
    run: impl Fn(&R) -> Option<Digest>,
) {
    let start = Hold::simulation(actors, recorder);
    let mut simulation = start.clone();
    steps(&mut simulation, EVENTS);
    if let Some(run) = run(simulation.recorder()) {
        announce(&format!("dispatch/{actors}/{what}"), run);
    }
    group.bench_function(what, |bencher| {
        bencher.iter_batched_ref(
            || start.clone(),
            |simulation| {
                steps(simulation, EVENTS);
                black_box(simulation.dispatched())
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
