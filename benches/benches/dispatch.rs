//! Dispatch through a world: ns an event with 64 and 1,024 actors, silent and with what records, from the beginning of a run.
//! Then the same with up to 262,144 actors and in the midst of a run, with what can record on and on: nothing, a recorder
//! that does nothing, the digest of the run, the same with its layers, and a packed trace, of which the first is a part.

use core::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::{
    BlockOutput, Digest, Fingerprinter, Header, Names, PackedTracer, Record, Recorder, RunFingerprinter,
    Settings, Silent, Subject, Tracer,
};
use tiebreak_benches::{Hold, announce, announce_bytes, steps};

const EVENTS: u64 = 10_000;

/// Counts the bytes of a packed trace.
#[derive(Debug, Clone, Copy, Default)]
struct Count(u64);

impl BlockOutput for Count {
    fn write(&mut self, bytes: &[u8]) {
        self.0 += black_box(bytes).len() as u64;
    }
}

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
        let packed = PackedTracer::new(&header, Count::default());
        recorded(&mut group, "packed", actors, packed, |packed| Some(packed.run()));
        let run = |tracer: &Tracer| Some(tracer.trace().fingerprint().run);
        recorded(&mut group, "trace", actors, Tracer::new(header), run);
        let mut simulation = Hold::simulation(actors, Tracer::new(header));
        steps(&mut simulation, EVENTS);
        let trace = simulation.recorder().trace();
        group.bench_function("text", |bencher| bencher.iter(|| black_box(trace.to_string())));
        group.finish();
    }
}

fn midst(criterion: &mut Criterion) {
    let header = Header::new(0, Digest::of(b"dispatch"), &Settings::default());
    for actors in [64, 1024, 16_384, 262_144] {
        let mut group = criterion.benchmark_group(format!("dispatch-midst/{actors}"));
        group.throughput(Throughput::Elements(EVENTS));
        went_on(&mut group, "silent", actors, Silent, |_, _| {});
        went_on(&mut group, "null", actors, Null, |_, _| {});
        let title = |what: &str| format!("dispatch-midst/{actors}/{what}");
        went_on(&mut group, "run-fingerprint", actors, RunFingerprinter::default(), |all, _| {
            announce(&title("run-fingerprint"), all.run());
        });
        went_on(&mut group, "fingerprint", actors, Fingerprinter::default(), |all, _| {
            announce(&title("fingerprint"), all.run());
        });
        let packed = PackedTracer::new(&header, Count::default());
        went_on(&mut group, "packed", actors, packed, |packed, events| {
            announce(&title("packed"), packed.run());
            announce_bytes(&title("packed"), packed.clone().finish(&[]).0, events);
        });
        group.finish();
    }
}

/// Measures a recorder that does not grow, after every actor has had its turn; first says what it has recorded up to there.
fn went_on<R: Recorder<()>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    actors: u32,
    recorder: R,
    say: impl Fn(&R, u64),
) {
    let mut simulation = Hold::simulation(actors, recorder);
    steps(&mut simulation, u64::from(actors).max(25_000) * 4);
    say(simulation.recorder(), simulation.dispatched());
    group.bench_function(what, |bencher| {
        bencher.iter(|| {
            steps(&mut simulation, EVENTS);
            black_box(simulation.now())
        });
    });
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

criterion_group!(benches, dispatch, midst);
criterion_main!(benches);
