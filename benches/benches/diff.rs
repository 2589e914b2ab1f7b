//! Comparing two traces of 100,000 events and as many notes, in cases that are hard for comparisons by lines.

extern crate alloc;

use alloc::collections::BTreeMap;
use core::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tiebreak::kernel::{PartCodes, event_code, fold, mix};
use tiebreak::{
    Digest, Fact, Header, Instant, Name, Names, Origin, Record, Recorder as _, Settings, Term, Trace, Tracer,
};
use tiebreak_benches::announce;
use tiebreak_inquiry::compare;

const EVENTS: usize = 100_000;
const ACTORS: u64 = 1_000;
const KINDS: [Term; 2] = [Term::new("ring"), Term::new("echo")];
const HEARD: Term = Term::new("heard");
const LOUD: Term = Term::new("loud");

/// An event of a trace, with one note during it.
#[derive(Clone, Copy)]
struct Line {
    millis: u64,
    /// What its name is made of.
    name: u64,
    /// The place of the line that has scheduled it.
    cause: Option<usize>,
}

/// Events of which four happen at one instant; each of them was scheduled by one of the hundred before it.
fn base() -> Vec<Line> {
    let line = |place: usize| {
        let name = mix(place as u64);
        let back = usize::try_from(mix(name) % 100).unwrap_or_default() + 4;
        Line { millis: place as u64 / 4, name, cause: place.checked_sub(back) }
    };
    (0..EVENTS).map(line).collect()
}

/// The trace of such events, with actors of this name and a number.
fn trace(lines: &[Line], actor: &str) -> Trace {
    let mut names = Names::default();
    let actors: Vec<_> = (0..ACTORS).map(|number| names.intern(&format!("{actor}{number}"))).collect();
    let mut tracer = Tracer::new(Header::new(1, Digest::of(b"diff"), &Settings::new(1)));
    let mut repeats = BTreeMap::new();
    let (mut codes_of, mut number): (Vec<u64>, u64) = (Vec::new(), 0);
    for line in lines {
        let actor = actors[usize::try_from(line.name % ACTORS).unwrap_or_default()];
        let kind = KINDS[usize::from((line.name / ACTORS).is_multiple_of(2))];
        let (instant, name) = (Instant::from_millis(line.millis), Name::of(actor, kind, line.name % 64));
        let codes: PartCodes = name.part_codes(&names);
        let code = fold(fold(codes.actor, codes.kind), codes.subject);
        let repeat = repeats.entry(code).or_insert(0_u32);
        *repeat += 1;
        let cause = line.cause.map(|place| codes_of[place]);
        codes_of.push(event_code(code, *repeat));
        let origin = Origin::Dispatch { repeat: *repeat, choice: None };
        let event =
            Record { number: number + 1, instant, name, codes, event: None, origin, cause, facts: &[] };
        tracer.record(&names, &event);
        let name = Name::of(actor, HEARD, line.name % 64);
        let facts = [Fact::number(LOUD, line.name % 10)];
        let cause = codes_of.last().copied();
        let codes = name.part_codes(&names);
        let note = Record {
            number: number + 2,
            instant,
            name,
            codes,
            event: None,
            origin: Origin::Note,
            cause,
            facts: &facts,
        };
        tracer.record(&names, &note);
        number += 2;
    }
    tracer.into_trace()
}

/// The lines with those at a place and behind it exchanged, which happen at one instant.
fn swapped(mut lines: Vec<Line>, place: usize) -> Vec<Line> {
    lines.swap(place, place + 1);
    for line in &mut lines {
        line.cause = line.cause.map(|cause| match cause {
            cause if cause == place => place + 1,
            cause if cause == place + 1 => place,
            cause => cause,
        });
    }
    lines
}

/// The lines with one more at a place, of a name that others have too.
fn inserted(mut lines: Vec<Line>, place: usize) -> Vec<Line> {
    for line in &mut lines {
        line.cause = line.cause.map(|cause| if cause >= place { cause + 1 } else { cause });
    }
    let more = Line { cause: None, ..lines[place + 5_000] };
    lines.insert(place, Line { millis: lines[place].millis, ..more });
    lines
}

fn diff(criterion: &mut Criterion) {
    let lines = base();
    let left = trace(&lines, "bell");
    let late = lines.iter().map(|line| Line { millis: line.millis + 5, ..*line }).collect::<Vec<_>>();
    let moved = lines.iter().map(|line| Line { cause: line.cause.map(|cause| cause / 2), ..*line });
    let cases = [
        ("equal", left.clone()),
        ("swap", trace(&swapped(lines.clone(), EVENTS / 2), "bell")),
        ("shift", trace(&late, "bell")),
        ("insertion", trace(&inserted(lines.clone(), 100), "bell")),
        ("causes", trace(&moved.collect::<Vec<_>>(), "bell")),
        ("nothing", trace(&lines, "gong")),
    ];
    let mut group = criterion.benchmark_group("diff");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    for (name, right) in &cases {
        let found = compare(&left, right);
        let (moved, changed) = (found.moved.len(), found.changed.len());
        let shifted: u64 = found.shifts.iter().map(|shift| shift.records).sum();
        let said = format!("{:?}, {moved} moved, {changed} changed, {shifted} shifted", found.counts);
        announce(&format!("diff/{name}: {said}"), Digest::of(said.as_bytes()));
        group.bench_function(*name, |bencher| bencher.iter(|| black_box(compare(&left, right)).counts));
    }
    group.finish();
}

criterion_group!(benches, diff);
criterion_main!(benches);
