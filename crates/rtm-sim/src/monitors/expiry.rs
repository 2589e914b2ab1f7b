//! Expiry exactly once, never early, never late.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;

use tiebreak::{Failure, Instant, Monitor, Names, Record, Subject as _, Symbol, Value, Verdict};

use super::function::{ADD_ROUTE, UPDATE_AND_UNLOCK};
use super::succeeded;
use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// An owner and, by code, a destination.
type Place = (Symbol, u64);

/// A route's time to live ends in exactly one expiry, at the instant that its owner's last call set: RTM-017, RTM-018,
/// RTM-023, RTM-024, RTM-025.
///
/// Works from the calls, not from what the manager says it armed. Routes are told apart by owner and destination; where
/// an owner has several routes to one destination they are left out, because records do not tell which is meant.
#[derive(Debug, Clone, Default)]
pub struct ExpiryExactlyOnce {
    routes: BTreeMap<Place, Route>,
    /// What is due when, soonest first.
    due: BTreeSet<(Instant, Place)>,
    failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Route {
    /// How many routes the owner has there.
    alive: u32,
    /// Whether there was ever more than one, which makes records ambiguous from then on.
    is_ambiguous: bool,
    /// When it is to expire.
    due: Option<Instant>,
    /// How many expiries its owner has not been called back for yet.
    untold: u32,
}

impl ExpiryExactlyOnce {
    fn fail(&mut self, record: &Record<'_, Subject>, message: String) {
        self.failure.get_or_insert(Failure::at(record, message));
    }

    fn set_due(&mut self, place: Place, due: Option<Instant>) {
        let route = self.routes.entry(place).or_default();
        if let Some(former) = core::mem::replace(&mut route.due, due) {
            self.due.remove(&(former, place));
        }
        if let Some(due) = due.filter(|_| !route.is_ambiguous) {
            self.due.insert((due, place));
        }
    }

    /// A successful call sets when the route expires, or that it does not.
    fn note_call(&mut self, place: Place, record: &Record<'_, Subject>) {
        let due = match record.fact(key::TTL) {
            Some(Value::Span(ttl)) => record.instant.checked_add(ttl),
            _ => None,
        };
        let is_new =
            record.facts.iter().any(|fact| fact.key == key::CHANGE && fact.value == Value::Word(word::NEW));
        let route = self.routes.entry(place).or_default();
        route.alive += u32::from(is_new);
        route.is_ambiguous |= route.alive > 1;
        self.set_due(place, due);
    }

    fn expire(&mut self, place: Place, record: &Record<'_, Subject>) {
        let route = self.routes.get(&place).copied().unwrap_or_default();
        if !route.is_ambiguous && route.due != Some(record.instant) {
            let due = route.due.map_or_else(|| String::from("not at all"), |due| format!("at {due}"));
            self.fail(record, format!("a route expired at {} that was to expire {due}", record.instant));
        }
        self.set_due(place, None);
        self.routes.entry(place).or_default().untold += 1;
    }

    /// The owner is called back: there was an expiry to tell of.
    fn tell(&mut self, place: Place, record: &Record<'_, Subject>) {
        let route = self.routes.entry(place).or_default();
        match route.untold.checked_sub(1) {
            Some(untold) => route.untold = untold,
            None => self.fail(record, String::from("the owner is told of an expiry that there was not")),
        }
    }

    fn delete(&mut self, place: Place) {
        let route = self.routes.entry(place).or_default();
        route.alive = route.alive.saturating_sub(1);
        self.set_due(place, None);
    }

    /// Nothing may have been due before this record's instant and not have expired.
    fn check_nothing_overdue(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let Some((due, (owner, _))) = self.due.first().copied() else { return };
        if due < record.instant {
            self.fail(record, format!("a route of {} was to expire at {due} and did not", names.text(owner)));
        }
    }
}

impl Monitor<Subject> for ExpiryExactlyOnce {
    fn name(&self) -> &'static str {
        "expiry-exactly-once"
    }

    fn rule(&self) -> &'static str {
        "RTM-017"
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        self.check_nothing_overdue(names, record);
        let what = record.name.kind;
        let dest = record.name.subject.code(names);
        let own = (record.name.actor, dest);
        if what == kind::EXPIRY {
            self.expire(own, record);
        } else if what == kind::ROUTE_EXPIRED {
            self.tell(own, record);
        } else if what == kind::ROUTE_DELETED {
            if let Some(Value::Name(owner)) = record.fact(key::OWNER) {
                self.delete((owner, dest));
            }
        } else if (what == ADD_ROUTE || what == UPDATE_AND_UNLOCK) && succeeded(record) {
            self.note_call(own, record);
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
