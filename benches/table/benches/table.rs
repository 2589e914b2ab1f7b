//! The routing table manager at the size of a full table: each workload with a thousand and a million routes, and the
//! recorded tables of `TIEBREAK_DATA` where they are.

use core::hint::black_box;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tiebreak_rtm::NetAddress;
use tiebreak_table::{Table, Workload, synthetic};

/// Operations of one iteration.
const OPERATIONS: u64 = 4_096;
/// As many routes as a full table has, in round numbers.
const FULL: usize = 1_000_000;

/// The sizes to measure; few where it only counts that everything runs.
fn sizes() -> &'static [usize] {
    if std::env::args().any(|argument| argument == "--test") { &[5_000] } else { &[5_000, FULL] }
}

#[expect(clippy::print_stdout, reason = "a bench says what it computed")]
fn announce(bench: &str, digest: u64) {
    println!("{bench}: digest {digest:016x}");
}

/// Operations that leave the table as large as it was.
fn operations(criterion: &mut Criterion) {
    for (workload, name) in Workload::ALL {
        if matches!(workload, Workload::Load | Workload::Tell | Workload::Drain) {
            continue;
        }
        let mut group = criterion.benchmark_group(format!("table/{name}"));
        group.throughput(Throughput::Elements(OPERATIONS));
        for size in sizes() {
            let mut table = Table::prepared(workload, *size);
            table.run(workload, OPERATIONS);
            announce(&format!("table/{name}/{size}"), table.digest());
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter(|| table.run(workload, OPERATIONS));
            });
        }
        group.finish();
    }
}

/// Operations that use the table up: each iteration begins with a copy.
fn one_way(criterion: &mut Criterion) {
    for (workload, name, size, operations) in
        [(Workload::Tell, "tell", 16, 16 * 4_096), (Workload::Drain, "drain", 65_536, 65_536)]
    {
        let mut group = criterion.benchmark_group(format!("table/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(operations));
        let prepared = Table::prepared(workload, size);
        let mut table = prepared.clone();
        table.run(workload, operations);
        announce(&format!("table/{name}/{size}"), table.digest());
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched_ref(
                || prepared.clone(),
                |table| table.run(workload, operations),
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

/// Loading tables: made up ones, and recorded ones.
fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("table/load");
    group.sample_size(10);
    for size in sizes() {
        let routes: Vec<_> = synthetic(*size).into_iter().map(|prefix| (prefix, 0, 1)).collect();
        bench_load(&mut group, &size.to_string(), 1, &routes);
    }
    let Some(folder) = std::env::var_os("TIEBREAK_DATA") else { return };
    let full: Vec<_> =
        lines(&folder, "ipasn_20140513.dat.gz").iter().filter_map(|line| full_row(line)).collect();
    bench_load(&mut group, "full-2014", 1, &full);
    let mut owners = Vec::new();
    let sample = lines(&folder, "rib.20140523.sample.csv.gz");
    let sample: Vec<_> = sample.iter().filter_map(|line| sample_row(line, &mut owners)).collect();
    bench_load(&mut group, "sample-2014", owners.len(), &sample);
}

fn bench_load(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    owners: usize,
    routes: &[(NetAddress, usize, u32)],
) {
    let loaded = || {
        let mut table = Table::new(owners);
        table.load_recorded(routes);
        table
    };
    let mut table = loaded();
    table.note_contents();
    announce(&format!("table/load/{name}: {} routes", table.routes()), table.digest());
    group.throughput(Throughput::Elements(routes.len() as u64));
    group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
        bencher.iter_with_large_drop(|| black_box(loaded()));
    });
}

/// The lines of a recorded table.
fn lines(folder: &OsStr, file: &str) -> Vec<String> {
    let path = Path::new(folder).join(file);
    let mut text = String::new();
    let read = std::fs::File::open(&path).map(flate2::read::GzDecoder::new);
    if let Err(error) = read.and_then(|mut unpacked| unpacked.read_to_string(&mut text)) {
        panic!("{}: {error}", path.display());
    }
    text.lines().map(str::to_owned).collect()
}

/// A prefix and who announces it, of whom nothing is read here.
fn full_row(line: &str) -> Option<(NetAddress, usize, u32)> {
    let (prefix, _) = line.split_once('\t')?;
    Some((prefix.parse().ok()?, 0, 1))
}

/// A prefix, the number of its peer among those seen, and the length of the way.
fn sample_row(line: &str, owners: &mut Vec<String>) -> Option<(NetAddress, usize, u32)> {
    let mut columns = line.split(',');
    let (prefix, peer, way) = (columns.next()?.parse().ok()?, columns.next()?, columns.nth(1)?.parse().ok()?);
    let owner = owners.iter().position(|known| known == peer).unwrap_or_else(|| {
        owners.push(peer.to_owned());
        owners.len() - 1
    });
    Some((prefix, owner, way))
}

criterion_group!(benches, operations, one_way, load);
criterion_main!(benches);
