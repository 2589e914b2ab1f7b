//! Calls that are forbidden in a callback are refused without effect.

use alloc::format;
use alloc::string::String;
use core::hash::{Hash, Hasher};

use tiebreak::{Failure, Monitor, Names, Origin, Record, Term, Verdict};

use super::function::{DEREGISTER, LIST, REGISTER, REGISTER_FOR_CHANGES};
use crate::subject::Subject;
use crate::vocabulary::{key, kind};

/// What may not be called inside a callback is refused as a breach of the contract, and has no effect: RTM-011, RTM-012. It is
/// forbidden to every registration of the client: D-103.
#[derive(Debug, Clone, Default)]
pub struct ForbiddenCallsRefused {
    /// The kind of the event that runs. While a callback runs, nobody but its client calls.
    running: Option<Term>,
    /// Whether the last note was a forbidden call: then nothing may come of it.
    after_forbidden: bool,
    pub(super) failure: Option<Failure>,
}

/// The table of rule 3.4, for this monitor alone: it must not be the manager's own.
fn is_forbidden(callback: Term, function: Term) -> bool {
    if callback == kind::ENTITY_REGISTERED || callback == kind::ENTITY_DEREGISTERED {
        return [REGISTER, DEREGISTER, LIST].contains(&function);
    }
    callback == kind::CHANGE_NOTIFICATION && function == REGISTER_FOR_CHANGES
}

/// Notes of the manager that a table or the callbacks of a client have changed.
fn is_effect(kind: Term) -> bool {
    let of_routes = [kind::ROUTE_ADDED, kind::ROUTE_UPDATED, kind::ROUTE_DELETED, kind::ROUTE_HELD];
    let others = [kind::BEST, kind::HOLD_ENDED, kind::DROPPED, kind::LEAK];
    of_routes.contains(&kind) || others.contains(&kind)
}

impl ForbiddenCallsRefused {
    fn fail(&mut self, record: &Record<'_, Subject>, message: String) {
        self.failure.get_or_insert(Failure::at(record, message));
    }
}

/// That it has failed. What it knows beside is of the event that runs.
impl Hash for ForbiddenCallsRefused {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.failure.is_some().hash(state);
    }
}

impl Monitor<Subject> for ForbiddenCallsRefused {
    fn name(&self) -> &'static str {
        "forbidden-calls-refused"
    }

    fn rule(&self) -> &'static str {
        "RTM-011"
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, Subject>) {
        let what = record.name.kind;
        if matches!(record.origin, Origin::Dispatch { .. }) {
            self.running = Some(what);
            self.after_forbidden = false;
            return;
        }
        if self.after_forbidden && is_effect(what) {
            self.fail(record, format!("a forbidden call had an effect: {}", what.text()));
        }
        let Some(callback) = self.running else { return };
        let is_forbidden = is_forbidden(callback, what);
        // A client that left and came back in its callback is refused as not its owner, which is a refusal too.
        if is_forbidden && record.word(key::VIOLATION).is_none() {
            self.fail(record, format!("{} inside {} was not refused", what.text(), callback.text()));
        }
        self.after_forbidden = is_forbidden || (self.after_forbidden && what == kind::VIOLATION);
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
