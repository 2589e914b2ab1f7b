//! What must hold of every group.

use std::collections::{BTreeMap, BTreeSet};

use tiebreak::net::About;
use tiebreak::{Failure, Monitor, Names, Record, Value, Verdict};

use crate::clients::{ANSWERED, ASKED, AT, PROBED, SERVED, WRITTEN};
use crate::replica::{APPLIED, DIGEST, LEADS, LEFT, PANICKED};

/// All of them.
pub type Invariants = (OneLeader, SameState, Linearizable, Served, NoPanic);

fn number(record: &Record<'_, About>) -> u64 {
    match record.name.subject {
        About::Number(number) => number,
        about => panic!("a record about {about:?} is to be about a number"),
    }
}

fn fact(record: &Record<'_, About>, key: tiebreak::Term) -> u64 {
    match record.facts.iter().find(|fact| fact.key == key).map(|fact| fact.value) {
        Some(Value::Number(number)) => number,
        other => panic!("the fact {} is {other:?}, not a number", key.text()),
    }
}

fn verdict(failure: Option<&Failure>) -> Verdict {
    failure.map_or(Verdict::Holds, |failure| Verdict::Fails(failure.clone()))
}

/// No term has two leaders.
#[derive(Debug, Clone, Default)]
pub struct OneLeader {
    leaders: BTreeMap<u64, String>,
    failure: Option<Failure>,
}

impl Monitor<About> for OneLeader {
    fn name(&self) -> &'static str {
        "one-leader"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        if record.name.kind == LEADS {
            let (term, leader) = (number(record), names.text(record.name.actor));
            let former = self.leaders.entry(term).or_insert_with(|| leader.into());
            if former != leader {
                let message = format!("{former} and {leader} lead term {term}");
                self.failure.get_or_insert(Failure::at(record, message));
            }
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        verdict(self.failure.as_ref())
    }
}

/// Applications that have seen the entry of an index are in the same state there.
#[derive(Debug, Clone, Default)]
pub struct SameState {
    digests: BTreeMap<u64, (u64, String)>,
    failure: Option<Failure>,
}

impl Monitor<About> for SameState {
    fn name(&self) -> &'static str {
        "same-state"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        if record.name.kind == APPLIED {
            let (index, digest, actor) =
                (number(record), fact(record, DIGEST), names.text(record.name.actor));
            let (former, by) = self.digests.entry(index).or_insert_with(|| (digest, actor.into()));
            if *former != digest {
                let message = format!("{by} and {actor} have seen different entries up to index {index}");
                self.failure.get_or_insert(Failure::at(record, message));
            }
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        verdict(self.failure.as_ref())
    }
}

/// A read sees what clients knew to be written when it was asked, and what reads had shown that were answered by then.
#[derive(Debug, Clone, Default)]
pub struct Linearizable {
    shown: u64,
    /// What reads that wait have to see.
    floors: BTreeMap<u64, u64>,
    failure: Option<Failure>,
}

impl Monitor<About> for Linearizable {
    fn name(&self) -> &'static str {
        "linearizable"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        let kind = record.name.kind;
        if kind == ASKED {
            self.floors.insert(number(record), self.shown);
        } else if kind == WRITTEN {
            self.shown = self.shown.max(fact(record, AT));
        } else if kind == ANSWERED {
            let at = fact(record, AT);
            if let Some(floor) = self.floors.remove(&number(record)).filter(|floor| at < *floor) {
                let actor = names.text(record.name.actor);
                let message =
                    format!("{actor} answers from index {at}, but {floor} was shown before it was asked");
                self.failure.get_or_insert(Failure::at(record, message));
            }
            self.shown = self.shown.max(at);
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        verdict(self.failure.as_ref())
    }
}

/// When faults have stopped, every member that is up serves its client.
#[derive(Debug, Clone, Default)]
pub struct Served {
    waiting: BTreeSet<String>,
    /// Who is no member any more. It need not know.
    left: BTreeSet<String>,
}

impl Monitor<About> for Served {
    fn name(&self) -> &'static str {
        "served"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        let Record { name: tiebreak::Name { actor, kind, subject }, .. } = *record;
        let actor = names.text(actor);
        if kind == PROBED && !self.left.contains(actor) {
            self.waiting.insert(actor.into());
        } else if kind == SERVED {
            self.waiting.remove(actor);
        } else if let (LEFT, About::Name(leaver)) = (kind, subject) {
            self.waiting.remove(names.text(leaver));
            self.left.insert(names.text(leaver).into());
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        if self.waiting.is_empty() {
            return Verdict::Holds;
        }
        let waiting: Vec<&str> = self.waiting.iter().map(String::as_str).collect();
        Verdict::Waits(format!("the clients of {} are never served", waiting.join(", ")))
    }
}

/// No machine panics.
#[derive(Debug, Clone, Default)]
pub struct NoPanic {
    failure: Option<Failure>,
}

impl Monitor<About> for NoPanic {
    fn name(&self) -> &'static str {
        "no-panic"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        if record.name.kind == PANICKED {
            let message = format!("the machine of {} panics", names.text(record.name.actor));
            self.failure.get_or_insert(Failure::at(record, message));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        verdict(self.failure.as_ref())
    }
}
