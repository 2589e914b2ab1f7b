//! Fingerprints: pinned, equal in both recorders, untouched by unrelated events, sensitive to order.

use tiebreak_trace::{CHECKPOINT_BITS, Fingerprint, Fingerprinter, RunFingerprinter, Tracer};

use crate::office::setup;

fn fingerprint(clerks: u32, parcels: u64, clocks: u32, seed: u64) -> Fingerprint {
    let (names, fingerprinter) = setup(clerks, parcels, clocks, seed).run(Fingerprinter::default());
    fingerprinter.fingerprint(&names)
}

#[test]
fn a_fingerprint_is_pinned() {
    let fingerprint = fingerprint(3, 5, 0, 1);
    let [actor, kind] =
        [fingerprint.actor("clerk0"), fingerprint.kind("post")].map(|layer| layer.unwrap().digest);
    let digests = [fingerprint.run, actor, kind].map(|digest| digest.to_string());
    assert_eq!(
        digests,
        [
            "3e0715caa85c3635df42fcae7691ed62",
            "7fa3a96ff1ef4963acf19a6aea5e2404",
            "72ede0f1745bb12d94afebbe81992658"
        ]
    );
    assert_eq!((fingerprint.records, fingerprint.dispatches, fingerprint.ties), (72, 36, 24));
}

#[test]
fn a_trace_and_a_fingerprinter_agree() {
    for seed in 0..20 {
        let office = setup(3, 700, 2, seed);
        let recorder = (Tracer::new(office.header()), Fingerprinter::default());
        let (names, (tracer, fingerprinter)) = office.run(recorder);
        let trace = tracer.into_trace();
        assert_eq!(trace.fingerprint(), fingerprinter.fingerprint(&names));
        assert_eq!(trace.fingerprint().run, fingerprinter.run());
        assert_eq!(trace.checkpoints(), fingerprinter.checkpoints());
        assert_eq!(trace.checkpoints().len() as u64, trace.fingerprint().dispatches >> CHECKPOINT_BITS);
        assert!(trace.checkpoints().len() > 2);
    }
}

#[test]
fn unrelated_events_change_no_layer_but_their_own() {
    for seed in 0..20 {
        let alone = fingerprint(3, 20, 0, seed);
        let crowded = fingerprint(3, 20, 7, seed);
        assert_ne!(alone.run, crowded.run);
        assert!(crowded.ties > alone.ties);
        for layer in &alone.actors {
            assert_eq!(crowded.actor(&layer.name), Some(layer), "seed {seed}");
        }
        for layer in &alone.kinds {
            assert_eq!(crowded.kind(&layer.name), Some(layer), "seed {seed}");
        }
        assert_eq!(crowded.actors.len(), alone.actors.len() + 7);
    }
}

#[test]
fn the_digest_of_the_run_alone_is_that_of_a_fingerprinter() {
    for seed in 0..20 {
        let recorder = (RunFingerprinter::default(), Fingerprinter::default());
        let (_, (run, fingerprinter)) = setup(3, 20, 2, seed).run(recorder);
        assert_eq!(run.run(), fingerprinter.run(), "seed {seed}");
    }
    assert_eq!(RunFingerprinter::default().run(), Fingerprinter::default().run());
}

#[test]
fn layers_are_sorted_by_name() {
    let fingerprint = fingerprint(12, 1, 0, 1);
    assert!(fingerprint.actors.is_sorted_by(|a, b| a.name < b.name));
    assert!(fingerprint.kinds.is_sorted_by(|a, b| a.name < b.name));
    assert_eq!(fingerprint.actor("clerk10").map(|layer| layer.name.as_str()), Some("clerk10"));
    assert_eq!(fingerprint.actor("nobody"), None);
    assert_eq!(fingerprint.kind("deliver").map(|layer| layer.name.as_str()), Some("deliver"));
}

#[test]
fn another_order_is_another_fingerprint_and_the_same_seed_the_same() {
    let mut runs: Vec<_> = (0..20).map(|seed| fingerprint(3, 3, 0, seed).run).collect();
    assert_eq!(runs[3], fingerprint(3, 3, 0, 3).run);
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 20, "weights are drawn by seed");
}

#[test]
fn checkpoints_differ_from_the_first_difference_on() {
    let long = setup(3, 2_000, 0, 1).trace();
    let short = setup(3, 2_001, 0, 1).trace();
    let [long, short] = [long, short].map(|trace| trace.checkpoints());
    assert_ne!(long[0], short[0], "parcels differ from the start");
    let office = setup(3, 2_000, 0, 1);
    let mut simulation = office.simulation(Fingerprinter::default());
    while simulation.dispatched() < 5 << CHECKPOINT_BITS {
        assert!(simulation.step().is_continue());
    }
    let mut fork = simulation.clone();
    fork.act(|world, context| {
        use tiebreak_kernel::{Span, World as _};
        let event = crate::office::Event::Deliver { to: 0, parcel: 0 };
        assert_eq!(world.name(&event).kind.text(), "deliver");
        context.schedule_after(Span::from_secs(1), event);
    });
    assert_eq!(fork.recorder().run(), simulation.recorder().run());
    let ends = [simulation.run(), fork.run()];
    assert_eq!(ends[0], ends[1]);
    let [kept, changed] = [&simulation, &fork].map(|simulation| simulation.recorder().checkpoints());
    let same = kept.iter().zip(changed).take_while(|(a, b)| a == b).count();
    assert_eq!(same, 5);
    assert!(kept.iter().zip(changed).skip(5).all(|(a, b)| a != b));
}
