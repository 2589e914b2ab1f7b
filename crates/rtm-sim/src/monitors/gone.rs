//! A client that has deregistered is not called back.

use alloc::collections::BTreeSet;
use alloc::format;
use core::hash::{Hash, Hasher};

use tiebreak::{Failure, Monitor, Names, Origin, Record, Verdict};

use super::function::{DEREGISTER, REGISTER};
use super::{is_callback, succeeded};
use crate::subject::Subject;

/// No callback is run for a client after it has deregistered, until it registers again: RTM-009, D-06.
#[derive(Debug, Clone, Default)]
pub struct NoCallbackToTheGone {
    /// Who is gone, by the codes of their names.
    gone: BTreeSet<u64>,
    pub(super) failure: Option<Failure>,
}

/// Who is gone, and that it has failed.
impl Hash for NoCallbackToTheGone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.gone, self.failure.is_some()).hash(state);
    }
}

impl Monitor<Subject> for NoCallbackToTheGone {
    fn name(&self) -> &'static str {
        "no-callback-to-the-gone"
    }

    fn rule(&self) -> &'static str {
        "RTM-009"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let (actor, kind) = (record.codes.actor, record.name.kind);
        if matches!(record.origin, Origin::Dispatch { .. }) {
            if self.gone.is_empty() || !is_callback(kind) || !self.gone.contains(&actor) {
                return;
            }
            let who = names.text(record.name.actor);
            let message = format!("{who} was called back ({}) after it had deregistered", kind.text());
            self.failure.get_or_insert(Failure::at(record, message));
        } else if kind == DEREGISTER && succeeded(record) {
            self.gone.insert(actor);
        } else if kind == REGISTER && succeeded(record) {
            self.gone.remove(&actor);
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
