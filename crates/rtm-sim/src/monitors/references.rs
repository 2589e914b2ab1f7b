//! Reference counts return to zero.

use alloc::format;
use alloc::string::String;
use core::hash::{Hash, Hasher};

use tiebreak::{Failure, Monitor, Names, Record, Subject as _, Verdict};

use crate::subject::Subject;
use crate::vocabulary::{kind, word};

/// Who deregisters has released every reference it was given: RTM-085, D-71.
#[derive(Debug, Clone, Default)]
pub struct ReferencesReturnToZero {
    pub(super) failure: Option<Failure>,
}

/// That it has failed.
impl Hash for ReferencesReturnToZero {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.failure.is_some().hash(state);
    }
}

impl Monitor<Subject> for ReferencesReturnToZero {
    fn name(&self) -> &'static str {
        "references-return-to-zero"
    }

    fn rule(&self) -> &'static str {
        "RTM-085"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        if record.name.kind != kind::LEAK {
            return;
        }
        let Some(count) = record.number(word::REFERENCES) else { return };
        let mut object = String::new();
        // Writing to a `String` cannot fail.
        let _ = record.name.subject.write(names, &mut object);
        let who = names.text(record.name.actor);
        let message = format!("{who} deregistered while it held {count} reference(s) on {object}");
        self.failure.get_or_insert(Failure::at(record, message));
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
