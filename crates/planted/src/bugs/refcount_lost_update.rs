//! Two clients hold a route: each reads the count of holds and writes it back, one more.

use tiebreak::explore::Footprint;
use tiebreak::{Fact, Name, Record, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, WORK, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    OSPF = "ospf", BGP = "bgp", LOAD = "load", STORE = "store", STORED = "Stored", COUNT = "count",
}

const ROUTE: About = "10.0.0.0/8";

#[derive(Clone, Hash)]
pub(crate) struct Route {
    is_fixed: bool,
    count: u64,
    loaded: [u64; 2],
}

const fn number(client: Term) -> usize {
    if client.code() == OSPF.code() { 0 } else { 1 }
}

impl World for Route {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        match step.action {
            LOAD => self.loaded[number(step.client)] = self.count,
            STORE => {
                // The fix: count where the count is.
                self.count = if self.is_fixed { self.count } else { self.loaded[number(step.client)] } + 1;
                let facts = &[Fact::number(COUNT, self.count)];
                stage.record(Name::of(step.client, STORED, step.about), facts);
            }
            _ => unrelated(step, stage),
        }
    }
}

/// Every hold counts.
#[derive(Clone, Default, Hash)]
pub(crate) struct EveryHoldCounts {
    holds: u64,
}

impl Rule for EveryHoldCounts {
    const NAME: &'static str = "every-hold-counts";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        if record.name.kind != STORED {
            return Ok(());
        }
        self.holds += 1;
        match record.number(COUNT) {
            Some(count) if count != self.holds => Err(format!("{} holds are counted as {count}", self.holds)),
            Some(_) | None => Ok(()),
        }
    }
}

impl Scene for Route {
    type Rule = EveryHoldCounts;

    fn new(planted: Planted) -> Self {
        Self { is_fixed: planted.is_fixed, count: 0, loaded: [0; 2] }
    }

    fn script() -> Script {
        Script::default()
            .client(OSPF, &[WORK, LOAD, STORE, WORK, WORK], ROUTE)
            .client(BGP, &[LOAD, STORE, WORK, WORK], ROUTE)
            .others(7, 5)
    }
}

impl Invented for Route {
    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            LOAD => touching(&["count"], &[step.client.text()]),
            STORE => touching(&[step.client.text()], &["count"]),
            _ => touches_its_subject(step),
        }
    }
}
