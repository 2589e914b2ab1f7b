//! Two clients need the table and a route at the same time, and hold them one after the other, not in the same order.

use alloc::collections::BTreeMap;

use tiebreak::explore::Footprint;
use tiebreak::{Name, Record, Term, World, terms};

use crate::bug::{Planted, Scene};
use crate::judge::Rule;
use crate::script::{About, Script, Stage, Step, unrelated};
use crate::story::{Invented, touches_its_subject, touching};

terms! {
    RIP = "rip", OSPF = "ospf", BEGIN = "begin", HOLD = "hold", RELEASE = "release",
}

const TABLE: About = "table";
const ROUTE: About = "10.0.0.0/8";
/// How often each client does it.
const ROUNDS: u64 = 3;

#[derive(Clone, Hash)]
pub(crate) struct Holds {
    is_fixed: bool,
    holders: BTreeMap<About, Term>,
    /// Who waits for what; what is released is tried again.
    waiting: Vec<Step>,
    rounds: BTreeMap<&'static str, u64>,
}

impl Holds {
    /// What a client holds first and second.
    fn order(&self, client: Term) -> [About; 2] {
        // The fix: everybody takes the table first.
        if client == RIP || self.is_fixed { [TABLE, ROUTE] } else { [ROUTE, TABLE] }
    }
}

impl World for Holds {
    type Event = Step;
    type Subject = About;

    fn name(&self, step: &Step) -> Name<About> {
        step.name()
    }

    fn handle(&mut self, step: Step, stage: &mut Stage<'_>) {
        let [first, second] = self.order(step.client);
        match step.action {
            BEGIN => Step::new(step.client, HOLD, first).follow(stage),
            HOLD if self.holders.contains_key(step.about) => self.waiting.push(step),
            HOLD => {
                self.holders.insert(step.about, step.client);
                let next = if step.about == first { HOLD } else { RELEASE };
                Step::new(step.client, next, second).follow(stage);
            }
            RELEASE => {
                self.holders.clear();
                self.waiting.drain(..).for_each(|waiting| waiting.follow(stage));
                let rounds = self.rounds.entry(step.client.text()).or_default();
                *rounds += 1;
                if *rounds < ROUNDS {
                    Step::new(step.client, HOLD, first).follow(stage);
                }
            }
            _ => unrelated(step, stage),
        }
    }
}

/// In the end both have done it as often as they wanted.
#[derive(Clone, Default, Hash)]
pub(crate) struct NobodyWaitsForEver {
    begun: u64,
    released: u64,
}

impl Rule for NobodyWaitsForEver {
    const NAME: &'static str = "nobody-waits-for-ever";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        self.begun += u64::from(record.name.kind == BEGIN);
        self.released += u64::from(record.name.kind == RELEASE);
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        let rounds = ROUNDS * self.begun;
        (self.released < rounds).then(|| format!("released {} times of {rounds}", self.released))
    }
}

impl Scene for Holds {
    type Rule = NobodyWaitsForEver;

    fn new(planted: Planted) -> Self {
        Self {
            is_fixed: planted.is_fixed,
            holders: BTreeMap::new(),
            waiting: Vec::new(),
            rounds: BTreeMap::new(),
        }
    }

    fn script() -> Script {
        Script::default().client(RIP, &[BEGIN], "").client(OSPF, &[BEGIN], "").others(6, 4)
    }
}

impl Invented for Holds {
    /// All steps of the two lead to each other.
    fn touches(&self, step: &Step) -> Footprint {
        match step.action {
            BEGIN | HOLD | RELEASE => touching(&[], &["holds"]),
            _ => touches_its_subject(step),
        }
    }
}
