//! Mirror equals table, at quiescence.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Actor, Monitor, Names, Record, Subject as _, Value, Verdict};

use crate::subject::Subject;
use crate::vocabulary::{key, kind};

/// A destination in a view, by code.
type Place = (u64, u64);

/// Owner (by code), metric and preference of a best route.
type Best = (u64, u64, u64);

/// An observer's mirror equals the table once nothing is on its way to it: RTM-078, RTM-082, RTM-083.
///
/// Compares what the manager notes as best with what observers note in their mirrors, from the moment they registered
/// for changes. While they differ it waits; at quiescence nothing may be owed any more.
#[derive(Debug, Clone, Default, Hash)]
pub struct MirrorEqualsTable {
    /// By the code of the observer's name.
    observers: BTreeMap<u64, Observed>,
    /// By the code of the table's actor.
    tables: BTreeMap<u64, BTreeMap<Place, Best>>,
}

#[derive(Debug, Clone, Hash)]
struct Observed {
    observer: Actor,
    table: u64,
    views: Vec<u64>,
    mirror: BTreeMap<Place, Best>,
    /// Where the mirror is not as the table is now.
    behind: BTreeMap<Place, Subject>,
}

impl Observed {
    fn compare(&mut self, place: Place, subject: Subject, table: Option<&BTreeMap<Place, Best>>) {
        if self.mirror.get(&place) == table.and_then(|table| table.get(&place)) {
            self.behind.remove(&place);
        } else {
            self.behind.insert(place, subject);
        }
    }
}

fn best_in(names: &Names, record: &Record<'_, Subject>) -> Option<Best> {
    let Some(Value::Name(owner)) = record.fact(key::OWNER) else { return None };
    Some((names.code(owner), record.number(key::METRIC)?, record.number(key::PREFERENCE)?))
}

fn set(map: &mut BTreeMap<Place, Best>, place: Place, best: Option<Best>) {
    match best {
        Some(best) => map.insert(place, best),
        None => map.remove(&place),
    };
}

impl Monitor<Subject> for MirrorEqualsTable {
    fn name(&self) -> &'static str {
        "mirror-equals-table"
    }

    fn rule(&self) -> &'static str {
        "RTM-078"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let actor = record.codes.actor;
        if record.name.kind == kind::OBSERVING {
            let Some(Value::Name(table)) = record.fact(key::TABLE) else { return };
            let views = record.facts.iter().filter(|fact| fact.key == key::VIEW);
            let views = views.filter_map(|fact| {
                let Value::Word(view) = fact.value else { return None };
                Some(view.code())
            });
            let observed = Observed {
                observer: record.name.actor,
                table: names.code(table),
                views: views.collect(),
                mirror: BTreeMap::new(),
                behind: BTreeMap::new(),
            };
            self.observers.insert(actor, observed);
            return;
        }
        if record.name.kind != kind::BEST && record.name.kind != kind::MIRROR {
            return;
        }
        let Some(view) = record.word(key::VIEW) else { return };
        let subject = record.name.subject;
        let place = (record.codes.subject, view.code());
        let best = best_in(names, record);
        if record.name.kind == kind::BEST {
            set(self.tables.entry(actor).or_default(), place, best);
            let watching =
                |observed: &&mut Observed| observed.table == actor && observed.views.contains(&place.1);
            for observed in self.observers.values_mut().filter(watching) {
                observed.compare(place, subject, self.tables.get(&actor));
            }
        } else if let Some(observed) = self.observers.get_mut(&actor) {
            set(&mut observed.mirror, place, best);
            observed.compare(place, subject, self.tables.get(&observed.table));
        }
    }

    fn verdict(&self, names: &Names) -> Verdict {
        for observed in self.observers.values() {
            let Some(subject) = observed.behind.values().next() else { continue };
            let mut dest = String::new();
            // Writing to a `String` cannot fail.
            let _ = subject.write(names, &mut dest);
            let (observer, count) = (names.text(observed.observer), observed.behind.len());
            return Verdict::Waits(format!(
                "{observer} does not mirror {count} destination(s), {dest} among them"
            ));
        }
        Verdict::Holds
    }
}
