//! Nobody waits for a lock for ever.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;
use core::hash::{Hash, Hasher};

use tiebreak::{Actor, Failure, Monitor, Names, Origin, Record, Subject as _, Value, Verdict};

use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// Every call that waits for a lock or for blocked methods goes on, and clients do not wait for each other: D-88, D-132, RTM-069.
#[derive(Debug, Clone, Default)]
pub struct CallsThatWaitGoOn {
    /// Who waits, with how many calls, by the codes of their names.
    waiting: BTreeMap<u64, (Actor, u32)>,
    pub(super) failure: Option<Failure>,
}

/// By who waits with how many calls, and that it has failed.
impl Hash for CallsThatWaitGoOn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (code, (_, calls)) in &self.waiting {
            (code, calls).hash(state);
        }
        self.failure.is_some().hash(state);
    }
}

impl Monitor<Subject> for CallsThatWaitGoOn {
    fn name(&self) -> &'static str {
        "calls-that-wait-go-on"
    }

    fn rule(&self) -> &'static str {
        "D-88"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let what = record.name.kind;
        if what == kind::DEADLOCK {
            let message = deadlock(names, record);
            self.failure.get_or_insert(Failure::at(record, message));
        } else if what == kind::GRANTED && matches!(record.origin, Origin::Dispatch { .. }) {
            // A look that is never noted may go on too: it was not counted.
            if let Some((_, calls)) = self.waiting.get_mut(&record.codes.actor) {
                *calls -= 1;
                if *calls == 0 {
                    self.waiting.remove(&record.codes.actor);
                }
            }
        } else if record.word(key::STATUS) == Some(word::WAITS) {
            let (_, calls) = self.waiting.entry(record.codes.actor).or_insert((record.name.actor, 0));
            *calls += 1;
        }
    }

    fn verdict(&self, names: &Names) -> Verdict {
        match (&self.failure, self.waiting.values().next()) {
            (Some(failure), _) => Verdict::Fails(failure.clone()),
            (None, Some((who, _))) => Verdict::Waits(format!(
                "a call of {} waits for a lock that is never given back",
                names.text(*who)
            )),
            (None, None) => Verdict::Holds,
        }
    }
}

/// Who waits for whom, as the record tells it.
fn deadlock(names: &Names, record: &Record<'_, Subject>) -> String {
    let mut text = String::from("clients wait for each other:");
    // Writing to a `String` cannot fail.
    for fact in record.facts {
        let _ = if let (key::WAITER, Value::Name(client)) = (fact.key, fact.value) {
            write!(text, " {}", names.text(client))
        } else if let (key::ON, Value::Subject(subject)) = (fact.key, fact.value) {
            text.push_str(" for ");
            subject.write(names, &mut text)
        } else if let (key::HOLDER, Value::Name(client)) = (fact.key, fact.value) {
            write!(text, " of {};", names.text(client))
        } else {
            Ok(())
        };
    }
    text.pop();
    text
}
