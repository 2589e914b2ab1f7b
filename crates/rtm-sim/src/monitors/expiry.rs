//! Expiry exactly once, never early, never late.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::format;
use alloc::string::String;
use core::cmp::Reverse;
use core::hash::{Hash, Hasher};

use tiebreak::{Actor, Failure, Instant, Monitor, Names, Record, Subject as _, Value, Verdict};

use super::function::{ADD_ROUTE, UPDATE_AND_UNLOCK};
use super::succeeded;
use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// An owner and a destination, both by code.
type Place = (u64, u64);

/// A route's time to live ends in exactly one expiry, at the instant that its owner's last call set: RTM-017, RTM-018,
/// RTM-023, RTM-024, RTM-025.
///
/// Works from the calls, not from what the manager says it armed. Routes are told apart by owner and destination; where
/// an owner has several routes to one destination they are left out, because records do not tell which is meant.
#[derive(Debug, Clone, Default)]
pub struct ExpiryExactlyOnce {
    routes: BTreeMap<Place, Route>,
    /// What was set to be due when, soonest first. What was set anew since then is left out when it comes first.
    due: BinaryHeap<Reverse<(Instant, Place)>>,
    pub(super) failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, Hash)]
struct Route {
    owner: Actor,
    /// How many routes the owner has there.
    alive: u32,
    /// Whether there was ever more than one, which makes records ambiguous from then on.
    is_ambiguous: bool,
    /// When it is to expire.
    due: Option<Instant>,
    /// How many expiries its owner has not been called back for yet.
    untold: u32,
}

impl Route {
    /// Whether it is to expire then, as far as records tell.
    fn is_due(&self, instant: Instant) -> bool {
        !self.is_ambiguous && self.due == Some(instant)
    }
}

/// The actor and the subject of a record.
const fn place_of(record: &Record<'_, Subject>) -> Place {
    (record.codes.actor, record.codes.subject)
}

impl ExpiryExactlyOnce {
    fn fail(&mut self, record: &Record<'_, Subject>, message: String) {
        self.failure.get_or_insert(Failure::at(record, message));
    }

    fn route(&mut self, owner: Actor, place: Place) -> &mut Route {
        let new = Route { owner, alive: 0, is_ambiguous: false, due: None, untold: 0 };
        self.routes.entry(place).or_insert(new)
    }

    /// The route that a record is about: its actor's to its subject.
    fn route_of(&mut self, record: &Record<'_, Subject>) -> &mut Route {
        self.route(record.name.actor, place_of(record))
    }

    /// A successful call sets when the route expires, or that it does not.
    fn note_call(&mut self, record: &Record<'_, Subject>) {
        let due = match record.fact(key::TTL) {
            Some(Value::Span(ttl)) => record.instant.checked_add(ttl),
            _ => None,
        };
        let is_new =
            record.facts.iter().any(|fact| fact.key == key::CHANGE && fact.value == Value::Word(word::NEW));
        let route = self.route_of(record);
        route.alive += u32::from(is_new);
        route.is_ambiguous |= route.alive > 1;
        route.due = due;
        if let Some(due) = due.filter(|_| !route.is_ambiguous) {
            self.due.push(Reverse((due, place_of(record))));
        }
    }

    fn expire(&mut self, record: &Record<'_, Subject>) {
        let route = self.route_of(record);
        route.untold += 1;
        let due = route.due.take();
        if !route.is_ambiguous && due != Some(record.instant) {
            let due = due.map_or_else(|| String::from("no expiry"), |due| format!("its expiry at {due}"));
            self.fail(record, format!("a route expired at {}; expected {due}", record.instant));
        }
    }

    /// The owner is called back: there was an expiry to tell of.
    fn tell(&mut self, record: &Record<'_, Subject>) {
        let route = self.route_of(record);
        match route.untold.checked_sub(1) {
            Some(untold) => route.untold = untold,
            None => self.fail(
                record,
                String::from("the owner was told of an expiry, but no route of it has expired"),
            ),
        }
    }

    fn delete(&mut self, names: &Names, owner: Actor, dest: Subject) {
        let route = self.route(owner, (names.code(owner), dest.code(names)));
        route.alive = route.alive.saturating_sub(1);
        route.due = None;
    }

    /// Nothing may have been due before this record's instant and not have expired.
    fn check_nothing_overdue(&mut self, names: &Names, record: &Record<'_, Subject>) {
        while let Some(Reverse((due, place))) = self.due.peek().copied() {
            if due >= record.instant {
                return;
            }
            let route = self.routes.get(&place).filter(|route| route.is_due(due));
            if let Some(owner) = route.map(|route| route.owner) {
                let owner = names.text(owner);
                self.fail(record, format!("a route of {owner} should have expired at {due}, but did not"));
                return;
            }
            self.due.pop();
        }
    }
}

/// Its routes, and that it has failed. What is to come due it knows by them.
impl Hash for ExpiryExactlyOnce {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.routes, self.failure.is_some()).hash(state);
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
        if what == kind::EXPIRY {
            self.expire(record);
        } else if what == kind::ROUTE_EXPIRED {
            self.tell(record);
        } else if what == kind::DROPPED && record.word(key::OBJECT) == Some(kind::ROUTE_EXPIRED) {
            // One that waits for an unlock is still to be told.
            if record.word(key::REASON) != Some(word::ROUTE_LOCKED) {
                let route = self.route_of(record);
                route.untold = route.untold.saturating_sub(1);
            }
        } else if what == kind::ROUTE_DELETED {
            if let Some(Value::Name(owner)) = record.fact(key::OWNER) {
                self.delete(names, owner, record.name.subject);
            }
        } else if (what == ADD_ROUTE || what == UPDATE_AND_UNLOCK) && succeeded(record) {
            self.note_call(record);
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
