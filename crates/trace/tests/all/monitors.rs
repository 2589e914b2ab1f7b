//! Monitors as recorders.

use alloc::collections::BTreeSet;

use tiebreak_kernel::{Names, Record};
use tiebreak_trace::{Failure, Fingerprinter, Monitor, Monitors, Verdict, Watch, monitor};

use crate::office::{RECEIVED, Topic, setup};

/// What is posted is received; nothing is received twice.
#[derive(Debug, Clone, Default)]
struct Delivery {
    owed: BTreeSet<u64>,
    failure: Option<Failure>,
}

/// A world's closed enum of monitors.
#[derive(Debug, Clone)]
enum Rules {
    Delivery(Delivery),
    /// A monitor of at most this many records, to see one fail.
    AtMost(u64, Option<Failure>),
}

impl Monitor<Topic> for Rules {
    fn name(&self) -> &'static str {
        match self {
            Self::Delivery(_) => "delivery",
            Self::AtMost(..) => "at-most",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Delivery(_) => "P-1",
            Self::AtMost(..) => "P-2",
        }
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, Topic>) {
        match self {
            Self::Delivery(delivery) => delivery.observe(record),
            Self::AtMost(max, failure) if record.number > *max => {
                failure.get_or_insert_with(|| Failure::at(record, format!("more than {max} records")));
            }
            Self::AtMost(..) => {}
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        match self {
            Self::Delivery(Delivery { failure: Some(failure), .. }) | Self::AtMost(_, Some(failure)) => {
                Verdict::Fails(failure.clone())
            }
            Self::Delivery(delivery) if !delivery.owed.is_empty() => {
                Verdict::Waits(format!("{:?}", delivery.owed))
            }
            Self::Delivery(_) | Self::AtMost(_, None) => Verdict::Holds,
        }
    }
}

impl Delivery {
    fn observe(&mut self, record: &Record<'_, Topic>) {
        let Topic::Parcel(parcel) = record.name.subject else { return };
        if record.name.kind.text() == "Posted" {
            self.owed.insert(parcel);
        } else if record.name.kind == RECEIVED && !self.owed.remove(&parcel) {
            self.failure
                .get_or_insert_with(|| Failure::at(record, format!("parcel {parcel} was not posted")));
        }
    }
}

fn watch() -> Watch<[Rules; 2]> {
    Watch::new([Rules::Delivery(Delivery::default()), Rules::AtMost(10, None)])
}

fn reports(watch: &Watch<impl Monitors<Topic>>, names: &Names) -> Vec<String> {
    watch.reports(names).iter().map(ToString::to_string).collect()
}

#[test]
fn monitors_report_in_the_order_given_and_beside_other_recorders() {
    let (names, (_, watch)) = setup(1, 5, 0, 1).run((Fingerprinter::default(), watch()));
    assert_eq!(
        reports(&watch, &names),
        ["P-1 (delivery) holds", "P-2 (at-most) fails: record 11 at 6s: more than 10 records"]
    );
    assert_eq!(watch.monitors().len(), 2);
}

#[test]
fn a_monitor_waits_for_what_is_owed_and_forks_with_its_simulation() {
    let mut simulation = setup(1, 2, 0, 1).simulation(watch());
    assert!(simulation.step().is_continue());
    let fork = simulation.clone();
    assert!(simulation.step().is_continue());
    assert_eq!(reports(simulation.recorder(), simulation.names())[0], "P-1 (delivery) holds");
    assert_eq!(reports(fork.recorder(), fork.names())[0], "P-1 (delivery) waits: {2}");
}

/// Fails at the first record of its actor.
#[derive(Debug, Clone)]
struct Silence(&'static str, Option<Failure>);

impl Monitor<Topic> for Silence {
    fn name(&self) -> &'static str {
        self.0
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Topic>) {
        if names.text(record.name.actor) == self.0 {
            self.1.get_or_insert_with(|| Failure::at(record, "it spoke".to_owned()));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.1.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}

#[test]
fn monitors_of_different_types_watch_as_a_tuple_and_of_one_type_as_a_list() {
    let [one, other] = ["clerk0", "clerk1"].map(|name| Silence(name, None));
    let tuple = Watch::new((one.clone(), Rules::AtMost(2, None), other.clone()));
    let list = Watch::new(Vec::from([one, other]));
    let (names, (tuple, list)) = setup(1, 5, 0, 1).run((tuple, list));
    let spoke = "clerk0 fails: record 1 at 1s: it spoke";
    let silent = "clerk1 holds";
    let most = "P-2 (at-most) fails: record 3 at 2s: more than 2 records";
    assert_eq!(reports(&tuple, &names), [spoke, most, silent]);
    assert_eq!(reports(&list, &names), [spoke, silent]);
}

#[test]
fn a_closure_is_a_monitor_that_keeps_its_first_failure() {
    let mut calls = 0;
    let few = monitor("few", |names: &Names, record: &Record<'_, Topic>| {
        calls += 1;
        let says = || format!("{} makes it too many", names.text(record.name.actor));
        if record.number > 2 { Err(says()) } else { Ok(()) }
    });
    let (names, watch) = setup(1, 5, 0, 1).run(Watch::new([few]));
    assert_eq!(reports(&watch, &names), ["few fails: record 3 at 2s: clerk0 makes it too many"]);
    drop(watch);
    assert_eq!(calls, 3, "a closure that has failed is asked no more");
}

#[test]
fn a_broken_rule_is_found() {
    // Two clerks post parcels of the same number; one receipt pays for both, so the second is one too many.
    let (names, watch) = setup(2, 0, 0, 1).run(watch());
    assert!(reports(&watch, &names)[0].ends_with("parcel 0 was not posted"), "{:?}", reports(&watch, &names));
}
