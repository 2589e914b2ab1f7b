//! What must hold: what the documentation of the machine, RFC 9260 (SCTP), RFC 3758 (partial reliability) and RFC 6525 (reset
//! of streams) promise to an application. The rules see records only.

use std::collections::{BTreeMap, BTreeSet};

use sctp_proto::ReliabilityType;
use tiebreak::net::{About, START};
use tiebreak::{Actor, Failure, Instant, Monitor, Names, Record, Term, Value, Verdict};

use crate::talk::Kind;
use crate::words::{
    ASSOCIATION, BUFFERED, CLOSES, CONNECTED, ESTABLISHED, FINISHED, GENERATION, GONE, GOT, HANDSHAKE_FAILED,
    NUMBER, OPENED, OPENS, RESET_COMPLETE, RESET_FAILED, SHUTS_DOWN, SOUND, STANDS, STATE, TOO_LONG, WAITS,
    WROTE,
};

type Seen<'a> = Record<'a, About>;

/// A stream in one direction: who, to whom (by the codes of their names), which.
type Way = (u64, u64, u64);

/// What a rule remembers.
trait Memory {
    /// Takes in a record. An error is that it breaks the rule.
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String>;

    /// Returns what has to happen yet.
    fn owed(&self) -> Option<String> {
        None
    }
}

/// A rule of the list.
pub struct Rule {
    name: &'static str,
    memory: Box<dyn Memory>,
    failure: Option<Failure>,
}

impl Rule {
    fn new(name: &'static str, memory: impl Memory + 'static) -> Self {
        Self { name, memory: Box::new(memory), failure: None }
    }
}

impl Monitor<About> for Rule {
    fn name(&self) -> &'static str {
        self.name
    }

    fn observe(&mut self, names: &Names, record: &Seen<'_>) {
        if let Err(message) = self.memory.learn(names, record) {
            self.failure.get_or_insert_with(|| Failure::at(record, message));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        match (&self.failure, self.memory.owed()) {
            (Some(failure), _) => Verdict::Fails(failure.clone()),
            (None, Some(owed)) => Verdict::Waits(owed),
            (None, None) => Verdict::Holds,
        }
    }
}

/// Who made the record, and whom it is about: the stream of the record's host to that other host.
fn way(names: &Names, record: &Seen<'_>) -> Option<Way> {
    let me = names.code(record.name.actor);
    let (peer, stream): (Actor, u64) = match record.name.subject {
        About::Of(peer, stream) => (peer, stream),
        About::Name(peer) => (peer, 0),
        About::Nothing | About::Number(_) | About::Copy { .. } => return None,
    };
    Some((me, names.code(peer), stream))
}

const fn back((me, peer, stream): Way) -> Way {
    (peer, me, stream)
}

fn is_true(record: &Seen<'_>, key: Term) -> bool {
    matches!(record.fact(key), Some(Value::Truth(true)))
}

/// Which message: of which generation of its stream, and its number in that.
fn message(record: &Seen<'_>) -> Option<(u64, u64)> {
    Some((record.number(GENERATION)?, record.number(NUMBER)?))
}

/// A message is read once at most, as it was written; of an ordered stream none is read after a later one, and of a
/// reliable ordered stream none before all earlier ones.
struct Order {
    kinds: &'static [Kind],
    read: BTreeMap<(Way, u64), BTreeSet<u64>>,
}

impl Memory for Order {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record).filter(|_| record.name.kind == GOT) else { return Ok(()) };
        let Some((generation, number)) = message(record).filter(|_| is_true(record, SOUND)) else {
            return Err("a message is read that was not written so".into());
        };
        let kind = Kind::of(self.kinds, way.2);
        let read = self.read.entry((back(way), generation)).or_default();
        let next = read.last().map_or(0, |last| last + 1);
        if !read.insert(number) {
            return Err(format!("message {number} is read twice"));
        }
        if kind.is_ordered && number < next {
            return Err(format!("message {number} is read after message {}", next - 1));
        }
        if kind.is_ordered && kind.effort == ReliabilityType::Reliable && number > next {
            return Err(format!("message {number} is read, but message {next} was not"));
        }
        Ok(())
    }
}

/// Every message of a reliable stream is read in the end, unless its reader has closed the stream.
struct Complete {
    kinds: &'static [Kind],
    unread: BTreeMap<Way, BTreeSet<(u64, u64)>>,
    unwanted: BTreeSet<Way>,
}

impl Memory for Complete {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == WROTE && !self.unwanted.contains(&way) {
            let is_reliable = Kind::of(self.kinds, way.2).effort == ReliabilityType::Reliable;
            self.unread.entry(way).or_default().extend(message(record).filter(|_| is_reliable));
        } else if kind == GOT {
            let (unread, got) = (self.unread.entry(back(way)).or_default(), message(record));
            unread.retain(|message| Some(*message) != got);
        } else if kind == CLOSES {
            self.unread.remove(&back(way));
            self.unwanted.insert(back(way));
        } else if kind == OPENS || kind == OPENED {
            self.unwanted.remove(&back(way));
        }
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        self.unread.values().find(|unread| !unread.is_empty())?;
        Some("a message has been written and not read".into())
    }
}

/// An association is lost only if one of its sides has ended it.
#[derive(Default)]
struct Lost {
    ended: BTreeSet<u64>,
}

impl Memory for Lost {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some((me, peer, _)) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == SHUTS_DOWN {
            self.ended.insert(me);
        }
        let was_ended = self.ended.contains(&me) || self.ended.contains(&peer);
        if (kind == GONE || kind == HANDSHAKE_FAILED) && !was_ended {
            return Err("the association is lost, but no side has ended it".into());
        }
        Ok(())
    }
}

/// What an application is told of an association makes sense: it is connected or fails to, once; it is lost once; and it
/// has streams only in between.
#[derive(Default)]
struct Told {
    last: BTreeMap<(u64, u64), Term>,
}

impl Memory for Told {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        if record.name.kind == START {
            // What a host knew before it crashed does not count.
            let me = names.code(record.name.actor);
            self.last.retain(|(host, _), _| *host != me);
        }
        let told = [CONNECTED, HANDSHAKE_FAILED, GONE, OPENED, FINISHED, RESET_COMPLETE, RESET_FAILED];
        let (kind, number) = (record.name.kind, record.number(ASSOCIATION));
        let Some(number) = number.filter(|_| told.contains(&kind)) else { return Ok(()) };
        let last = self.last.get(&(names.code(record.name.actor), number)).copied();
        let is_possible = match last {
            None => kind == CONNECTED || kind == HANDSHAKE_FAILED || kind == GONE,
            Some(last) if last == GONE || last == HANDSHAKE_FAILED => false,
            Some(_) => kind != CONNECTED && kind != HANDSHAKE_FAILED,
        };
        self.last.insert((names.code(record.name.actor), number), kind);
        if is_possible {
            return Ok(());
        }
        Err(format!(
            "the application is told `{}` after `{}`",
            kind.text(),
            last.map_or("nothing", Term::text)
        ))
    }
}

/// A stream that its application has opened ends only if one of the sides closes it after that.
#[derive(Default)]
struct Ended {
    open: BTreeSet<Way>,
}

impl Memory for Ended {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == OPENS {
            self.open.insert(way);
        } else if kind == CLOSES {
            self.open.remove(&way);
            self.open.remove(&back(way));
        } else if kind == FINISHED && self.open.remove(&way) {
            return Err("a stream has ended that no side has closed since it was opened".into());
        }
        Ok(())
    }
}

/// A stream ends once.
#[derive(Default)]
struct EndedOnce {
    live: BTreeSet<Way>,
}

impl Memory for EndedOnce {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == OPENS || kind == OPENED {
            self.live.insert(way);
        } else if kind == FINISHED && !self.live.remove(&way) {
            return Err("a stream has ended twice".into());
        }
        Ok(())
    }
}

/// Closing a stream succeeds; what is closed before a certain instant is not judged.
struct Reset {
    from: Instant,
    closing: BTreeSet<Way>,
}

impl Memory for Reset {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == CLOSES && record.instant >= self.from {
            self.closing.insert(way);
        } else if kind == RESET_FAILED && self.closing.contains(&way) {
            return Err("closing a stream fails".into());
        }
        Ok(())
    }
}

/// Closing a stream comes to an end, one way or the other.
#[derive(Default)]
struct ResetEnds {
    closing: BTreeSet<Way>,
}

impl Memory for ResetEnds {
    fn learn(&mut self, names: &Names, record: &Seen<'_>) -> Result<(), String> {
        let Some(way) = way(names, record) else { return Ok(()) };
        let kind = record.name.kind;
        if kind == CLOSES {
            self.closing.insert(way);
        } else if kind == RESET_COMPLETE || kind == RESET_FAILED {
            self.closing.remove(&way);
        }
        Ok(())
    }

    fn owed(&self) -> Option<String> {
        self.closing.first().map(|_| "closing a stream has no end".into())
    }
}

/// In the end an association stands as it should: nothing is buffered any more, and no timer runs.
struct Stands {
    state: Term,
}

impl Memory for Stands {
    fn learn(&mut self, _names: &Names, record: &Seen<'_>) -> Result<(), String> {
        if record.name.kind != STANDS {
            return Ok(());
        }
        match record.word(STATE) {
            Some(state) if state == self.state => {}
            state => {
                return Err(format!("an association is {} in the end", state.map_or("nothing", Term::text)));
            }
        }
        match record.number(BUFFERED) {
            Some(1..) if self.state == ESTABLISHED => Err("something is still buffered in the end".into()),
            _ if is_true(record, WAITS) => Err("a timer runs in the end, with nothing to wait for".into()),
            _ => Ok(()),
        }
    }
}

/// No packet is longer than the machine is configured for.
#[derive(Default)]
struct Fits;

impl Memory for Fits {
    fn learn(&mut self, _names: &Names, record: &Seen<'_>) -> Result<(), String> {
        if record.name.kind == TOO_LONG {
            Err("a packet is longer than the path carries".into())
        } else {
            Ok(())
        }
    }
}

/// The rules of these names. Associations are to be in this state in the end, and closing streams is judged from an instant on.
///
/// # Panics
/// If there is no rule of a name.
pub fn rules(names: &[&'static str], kinds: &'static [Kind], state: Term, from: Instant) -> Vec<Rule> {
    let rule = |name: &&'static str| match *name {
        "order" => Rule::new(name, Order { kinds, read: BTreeMap::new() }),
        "complete" => {
            let (unread, unwanted) = (BTreeMap::new(), BTreeSet::new());
            Rule::new(name, Complete { kinds, unread, unwanted })
        }
        "lost" => Rule::new(name, Lost::default()),
        "told" => Rule::new(name, Told::default()),
        "ended" => Rule::new(name, Ended::default()),
        "ended-once" => Rule::new(name, EndedOnce::default()),
        "reset" => Rule::new(name, Reset { from, closing: BTreeSet::new() }),
        "reset-ends" => Rule::new(name, ResetEnds::default()),
        "stands" => Rule::new(name, Stands { state }),
        "fits" => Rule::new(name, Fits),
        other => panic!("there is no rule called {other}"),
    };
    names.iter().map(rule).collect()
}

/// The names of all rules.
pub const ALL: [&str; 10] =
    ["order", "complete", "lost", "told", "ended", "ended-once", "reset", "reset-ends", "stands", "fits"];
