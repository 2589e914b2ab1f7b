//! What must hold.

use std::collections::{BTreeMap, BTreeSet};

use tiebreak::net::{About, CRASH};
use tiebreak::{Actor, Failure, Instant, Monitor, Names, Record, Span, Term, Verdict};

use crate::desk::{ACCEPTED, DELIVERED, MISROUTED, OBJECTS};
use crate::endpoint::{
    ACQUIRED, ANSWERED, CLEARED, CLOSED, LATE, LEFT, PANICKED, PINGED, RELEASED, TIMED_OUT,
};
use crate::setup::Setup;
use crate::world::{CUT, FORGOTTEN, UNSETTLED};

/// A node, by the number of its symbol.
type Who = u32;

/// A node, another one, and a number: of a message, a packet id or a line.
type Key = (Who, Who, u64);

/// An invariant; they differ in what they remember.
trait Judge {
    /// Looks at something that has happened to a node: about whom else, and what number.
    fn look(&mut self, kind: Term, now: Instant, key: Key) -> Result<(), &'static str>;

    /// Says what is still owed at the end.
    fn debt(&self) -> Option<String> {
        None
    }
}

/// A monitor.
pub struct Rule {
    name: &'static str,
    judge: Box<dyn Judge>,
    failure: Option<Failure>,
}

/// All invariants.
pub fn rules(setup: Setup) -> Vec<Rule> {
    let timeout = Span::from_millis(setup.ping_timeout_ms());
    let judges: [(&str, Box<dyn Judge>); 7] = [
        ("panic", Box::new(Panic)),
        ("delivery", Box::new(Delivery::default())),
        ("packet-ids", Box::new(Ids::default())),
        ("time-out", Box::new(TimeOut::default())),
        ("ping", Box::new(Ping { timeout, unanswered: BTreeMap::new() })),
        ("objection", Box::new(Objection)),
        ("rest", Box::new(Rest)),
    ];
    judges.into_iter().map(|(name, judge)| Rule { name, judge, failure: None }).collect()
}

fn who(actor: Actor) -> Who {
    match actor {
        Actor::Symbol(symbol) => symbol.index(),
        Actor::Term(_) => Who::MAX,
    }
}

impl Monitor<About> for Rule {
    fn name(&self) -> &'static str {
        self.name
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, About>) {
        let name = record.name;
        let (other, number) = match name.subject {
            About::Of(actor, number) => (Some(actor), number),
            About::Name(actor) => (Some(actor), 0),
            About::Number(_) | About::Nothing | About::Copy { .. } => (None, 0),
        };
        let key = (who(name.actor), other.map_or(Who::MAX, who), number);
        if let Err(reason) = self.judge.look(name.kind, record.instant, key) {
            self.failure.get_or_insert_with(|| Failure::at(record, reason.into()));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        match (&self.failure, self.judge.debt()) {
            (Some(failure), _) => Verdict::Fails(failure.clone()),
            (None, Some(debt)) => Verdict::Waits(debt),
            (None, None) => Verdict::Holds,
        }
    }
}

/// A machine does not panic.
struct Panic;

impl Judge for Panic {
    fn look(&mut self, kind: Term, _now: Instant, _key: Key) -> Result<(), &'static str> {
        if kind == PANICKED { Err("a machine panics") } else { Ok(()) }
    }
}

/// What was accepted to be sent arrives: with quality of service 1 at least once, with 2 exactly once, with 0 at most once. It
/// may be lost, though not doubled, if the session has ended before it arrived.
#[derive(Default)]
struct Delivery {
    /// By sender, receiver and number: how often it has arrived, and whether it has to.
    messages: BTreeMap<Key, (u32, bool)>,
}

impl Judge for Delivery {
    fn look(&mut self, kind: Term, _now: Instant, (one, other, number): Key) -> Result<(), &'static str> {
        if kind == ACCEPTED {
            self.messages.entry((one, other, number)).or_insert((0, true)).1 = true;
        } else if kind == DELIVERED {
            // It is delivered in the midst of what its sender does only after that has noted it.
            let arrived = &mut self.messages.entry((other, one, number)).or_insert((0, true)).0;
            *arrived += 1;
            if *arrived > 1 && number % 3 != 1 {
                return Err("a message is delivered twice");
            }
        } else if kind == FORGOTTEN {
            for ((from, to, _), (_, is_owed)) in &mut self.messages {
                *is_owed &= (*from, *to) != (one, other) && (*from, *to) != (other, one);
            }
        }
        Ok(())
    }

    fn debt(&self) -> Option<String> {
        let lost = |(_, (arrived, is_owed)): &(&Key, &(u32, bool))| *arrived == 0 && *is_owed;
        let ((.., number), _) = self.messages.iter().filter(|((.., number), _)| number % 3 > 0).find(lost)?;
        Some(format!("message {number} was accepted and never arrives"))
    }
}

/// A packet id is acquired only when it is free, released only when it is not, and free in the end.
#[derive(Default)]
struct Ids(BTreeSet<Key>);

impl Judge for Ids {
    fn look(&mut self, kind: Term, _now: Instant, (one, other, number): Key) -> Result<(), &'static str> {
        if kind == ACQUIRED && !self.0.insert((one, other, number)) {
            return Err("a packet id is acquired that was not released");
        } else if kind == RELEASED && !self.0.remove(&(one, other, number)) {
            return Err("a packet id is released that was not in use");
        } else if kind == CLEARED {
            self.0.retain(|(from, to, _)| (*from, *to) != (one, other));
        }
        Ok(())
    }

    fn debt(&self) -> Option<String> {
        self.0.first().map(|(.., id)| format!("packet id {id} is never released"))
    }
}

/// A line that is up is not closed because the peer is silent.
#[derive(Default)]
struct TimeOut {
    cut: BTreeSet<Key>,
    crashed: BTreeSet<Who>,
}

impl Judge for TimeOut {
    fn look(&mut self, kind: Term, _now: Instant, (one, other, number): Key) -> Result<(), &'static str> {
        if kind == CUT || kind == CLOSED {
            self.cut.insert((one, other, number));
        } else if kind == CRASH {
            self.crashed.insert(one);
        } else if kind == TIMED_OUT && !self.crashed.contains(&other) {
            let is_cut = self.cut.contains(&(one, other, number)) || self.cut.contains(&(other, one, number));
            return if is_cut { Ok(()) } else { Err("a line is closed although both sides are alive") };
        }
        Ok(())
    }
}

/// A PINGREQ that is not answered in time ends the line, and no other one is sent after that.
struct Ping {
    timeout: Span,
    /// When the first one was sent that was not answered.
    unanswered: BTreeMap<Who, Instant>,
}

impl Judge for Ping {
    fn look(&mut self, kind: Term, now: Instant, (one, ..): Key) -> Result<(), &'static str> {
        if kind == PINGED {
            let since = *self.unanswered.entry(one).or_insert(now);
            if since + self.timeout < now {
                return Err("a PINGREQ was not answered in time, and another one is sent");
            }
        } else if kind == ANSWERED || kind == CLOSED || kind == CRASH {
            self.unanswered.remove(&one);
        }
        Ok(())
    }
}

/// Neither side objects to what the other one sends or to a timer, nothing comes after the line was to be closed, and no
/// timer is left behind.
struct Objection;

impl Judge for Objection {
    fn look(&mut self, kind: Term, _now: Instant, _key: Key) -> Result<(), &'static str> {
        if kind == OBJECTS {
            return Err("a machine objects to what a correct peer sends");
        } else if kind == MISROUTED {
            return Err("a message arrives under the topic of another one");
        } else if kind == LATE {
            return Err("a machine sends after it has asked for the line to be closed");
        } else if kind == LEFT {
            return Err("a timer is armed although the line is closed");
        }
        Ok(())
    }
}

/// When nothing has happened for a while all are connected, nothing waits, and all ids and the whole quota are free.
struct Rest;

impl Judge for Rest {
    fn look(&mut self, kind: Term, _now: Instant, _key: Key) -> Result<(), &'static str> {
        if kind == UNSETTLED { Err("something does not come to rest") } else { Ok(()) }
    }
}
