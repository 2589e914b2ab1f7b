//! What has to hold in every run.

use std::collections::BTreeMap;

use tiebreak::net::{About, CRASH};
use tiebreak::{Actor, Failure, Instant, Monitor, Names, Origin, Record, Span, Term, Value, Verdict};

use crate::node::{
    ACTIVE, AS, BEGUN, CHANGED, DEFUNCT, DOWN, FAILED, FLOODED, FOR, IDLE, LEFT, LISTS, MISTOLD, QUIET,
    REJOINED, RENAMED, RETURNED, STANDS, UP, WAS, WHY,
};

/// What is promised of a world besides what always holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Nothing is lost or late, so that nobody may be taken for dead.
    pub is_calm: bool,
    /// At the end everybody knows everybody.
    pub converges: bool,
    /// For how long something may be wrong.
    pub grace: Span,
}

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// foca returns no error: its packets come from itself, its timers from a runtime that does what is asked.
    NoErrors,
    /// Nobody is told that it is dead by a node that takes it for alive.
    ToldOnlyIfDead,
    /// No two nodes tell each other so for ever.
    NoFlood,
    /// Members go up and down in turns, and a node is active, idle and defunct in turns.
    TellsInTurns,
    /// A node that has left comes back only if it is told to.
    LeftStaysLeft,
    /// Where nothing is lost or late, nobody is taken for dead.
    NoFalseDeath,
    /// At the end, nobody lists a node that has left, was declared down or has crashed long ago.
    NoGhosts,
    /// At the end, a node that has members sends something now and then.
    NobodyFallsSilent,
    /// At the end, nobody is alone while others are there.
    NobodyIsAlone,
    /// At the end, those who have members know everybody.
    AllAreKnown,
}

/// All of them.
pub const RULES: [Rule; 10] = [
    Rule::NoErrors,
    Rule::ToldOnlyIfDead,
    Rule::NoFlood,
    Rule::TellsInTurns,
    Rule::LeftStaysLeft,
    Rule::NoFalseDeath,
    Rule::NoGhosts,
    Rule::NobodyFallsSilent,
    Rule::NobodyIsAlone,
    Rule::AllAreKnown,
];

impl Rule {
    /// Returns what it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoErrors => "no-errors",
            Self::ToldOnlyIfDead => "told-dead-only-if-dead",
            Self::NoFlood => "no-flood",
            Self::TellsInTurns => "tells-in-turns",
            Self::LeftStaysLeft => "left-stays-left",
            Self::NoFalseDeath => "no-false-death",
            Self::NoGhosts => "no-ghosts",
            Self::NobodyFallsSilent => "nobody-falls-silent",
            Self::NobodyIsAlone => "nobody-is-alone",
            Self::AllAreKnown => "all-are-known",
        }
    }
}

/// How a node stands, by what foca has told its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Told {
    #[default]
    Nothing,
    Active,
    Idle,
    Defunct,
}

/// What was seen of a node.
#[derive(Debug, Clone, Default)]
struct Seen {
    is_up: bool,
    has_left: bool,
    told: Told,
    generation: u64,
    /// Since when it has its identity.
    since: Instant,
    /// When it crashed.
    crashed: Instant,
    /// By name, the generation and whether it is up.
    members: BTreeMap<String, (u64, bool)>,
    /// One for each audit.
    audits: Vec<Stand>,
}

/// How a node stands at an audit.
#[derive(Debug, Clone)]
struct Stand {
    at: Instant,
    word: Term,
    lasts: Span,
    quiet: Span,
    lists: BTreeMap<String, u64>,
}

impl Stand {
    fn is_member(&self) -> bool {
        self.word != LEFT && self.word != DEFUNCT
    }
}

/// A rule, and what it has seen.
#[derive(Debug, Clone)]
pub struct Watcher {
    rule: Rule,
    promise: Promise,
    nodes: BTreeMap<String, Seen>,
    failure: Option<Failure>,
}

impl Watcher {
    /// A rule that has seen nothing.
    pub const fn new(rule: Rule, promise: Promise) -> Self {
        Self { rule, promise, nodes: BTreeMap::new(), failure: None }
    }

    /// All rules.
    pub fn all(promise: Promise) -> Vec<Self> {
        RULES.map(|rule| Self::new(rule, promise)).into()
    }
}

impl Monitor<About> for Watcher {
    fn name(&self) -> &'static str {
        self.rule.name()
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, About>) {
        let kind = record.name.kind;
        if self.failure.is_some() || record.origin != Origin::Note && kind != CRASH {
            return;
        }
        let actor = names.text(record.name.actor);
        if let Some(message) = self.objection(actor, names, record) {
            self.failure = Some(Failure::at(record, format!("{actor} {message}")));
        }
        self.learn(actor, names, record);
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        if let Some(failure) = &self.failure {
            return Verdict::Fails(failure.clone());
        }
        self.complaint().map_or(Verdict::Holds, Verdict::Waits)
    }
}

fn number(record: &Record<'_, About>, key: Term) -> u64 {
    match record.fact(key) {
        Some(Value::Number(number)) => number,
        _ => 0,
    }
}

fn length(record: &Record<'_, About>, key: Term) -> Span {
    match record.fact(key) {
        Some(Value::Span(span)) => span,
        _ => Span::ZERO,
    }
}

fn peer(names: &Names, record: &Record<'_, About>) -> String {
    match record.name.subject {
        About::Name(Actor::Symbol(symbol)) => names.text(symbol).to_owned(),
        _ => String::new(),
    }
}

/// While it runs.
impl Watcher {
    /// What is wrong with a record, given what was before.
    fn objection(&self, actor: &str, names: &Names, record: &Record<'_, About>) -> Option<String> {
        let nothing = Seen::default();
        let seen = self.nodes.get(actor).unwrap_or(&nothing);
        let kind = record.name.kind;
        match self.rule {
            Rule::NoErrors if kind == FAILED => match record.fact(WHY) {
                Some(Value::Text(why)) => Some(format!("was returned the error {}", why.as_str())),
                _ => Some("was returned an error".into()),
            },
            Rule::ToldOnlyIfDead if kind == MISTOLD => {
                Some(format!("tells {} that it is dead, and lists it as a member", peer(names, record)))
            }
            Rule::NoFlood if kind == FLOODED => {
                Some("is told over and over that it is dead, and says the same".into())
            }
            Rule::TellsInTurns => out_of_turn(seen, actor, names, record),
            Rule::LeftStaysLeft if seen.has_left && (kind == ACTIVE || kind == REJOINED) => {
                Some("has left the cluster, and is back without being told to".into())
            }
            Rule::NoFalseDeath if self.promise.is_calm => self.false_death(seen, names, record),
            _ => None,
        }
    }

    fn false_death(&self, seen: &Seen, names: &Names, record: &Record<'_, About>) -> Option<String> {
        let kind = record.name.kind;
        if (kind == DEFUNCT || kind == REJOINED) && !seen.has_left {
            return Some("is taken for dead, though nothing was lost or late".into());
        }
        if kind != DOWN {
            return None;
        }
        let (other, generation) = (peer(names, record), number(record, AS));
        let is_alive = |seen: &&Seen| {
            seen.is_up && !seen.has_left && seen.told != Told::Defunct && seen.generation == generation
        };
        let _ = self.nodes.get(&other).filter(is_alive)?;
        Some(format!("takes {other} for dead, though nothing was lost or late"))
    }

    fn learn(&mut self, actor: &str, names: &Names, record: &Record<'_, About>) {
        let kind = record.name.kind;
        if !self.nodes.contains_key(actor) {
            self.nodes.insert(actor.to_owned(), Seen::default());
        }
        let Some(seen) = self.nodes.get_mut(actor) else { return };
        let about = || peer(names, record);
        if kind == CRASH {
            *seen = Seen {
                crashed: record.instant,
                audits: core::mem::take(&mut seen.audits),
                ..Seen::default()
            };
        } else if kind == BEGUN {
            seen.is_up = true;
            seen.identify(record);
        } else if kind == LEFT {
            seen.has_left = true;
        } else if kind == RETURNED {
            (seen.has_left, seen.told) = (false, Told::Nothing);
        } else if kind == CHANGED || kind == REJOINED {
            seen.identify(record);
        } else if kind == UP || kind == DOWN {
            seen.members.insert(about(), (number(record, AS), kind == UP));
        } else if kind == RENAMED {
            let is_up = seen.members.get(&about()).is_some_and(|(_, is_up)| *is_up);
            seen.members.insert(about(), (number(record, AS), is_up));
        } else if kind == ACTIVE || kind == IDLE || kind == DEFUNCT {
            seen.told = told(kind);
        } else if kind == STANDS {
            seen.audits.push(Stand::of(record));
        } else if kind == LISTS
            && let Some(stand) = seen.audits.last_mut()
        {
            stand.lists.insert(about(), number(record, AS));
        }
    }
}

fn told(kind: Term) -> Told {
    match kind {
        ACTIVE => Told::Active,
        IDLE => Told::Idle,
        _ => Told::Defunct,
    }
}

impl Seen {
    fn identify(&mut self, record: &Record<'_, About>) {
        (self.generation, self.since) = (number(record, AS), record.instant);
        // With another identity it becomes active once more.
        self.told = Told::Nothing;
    }
}

impl Stand {
    fn of(record: &Record<'_, About>) -> Self {
        let word = match record.fact(FOR) {
            Some(Value::Word(word)) => word,
            _ => ACTIVE,
        };
        let (lasts, quiet) = (length(record, WAS), length(record, QUIET));
        Self { at: record.instant, word, lasts, quiet, lists: BTreeMap::new() }
    }
}

/// What is wrong with the order in which foca tells things.
fn out_of_turn(seen: &Seen, actor: &str, names: &Names, record: &Record<'_, About>) -> Option<String> {
    let kind = record.name.kind;
    if kind == UP || kind == DOWN || kind == RENAMED {
        let other = peer(names, record);
        let (known, generation) = (seen.members.get(&other), number(record, AS));
        let is_up = known.is_some_and(|(_, is_up)| *is_up);
        return match kind {
            UP if other == actor => Some("is told that it is a member of its own cluster".into()),
            UP if is_up => Some(format!("is told twice that {other} is up")),
            DOWN if !is_up => Some(format!("is told that {other} is down, which was not up")),
            DOWN if known.is_some_and(|(known, _)| *known != generation) => {
                Some(format!("is told that {other} is down, and it was another that was up"))
            }
            RENAMED if is_up && known.is_some_and(|(known, _)| *known != number(record, WAS)) => {
                Some(format!("is told that {other} has another name, and it had none such"))
            }
            _ => None,
        };
    }
    match kind {
        ACTIVE if seen.told == Told::Active => Some("is told twice that it is active".into()),
        IDLE if seen.told != Told::Active => Some("is told that it is idle, and was not active".into()),
        DEFUNCT if seen.told == Told::Defunct => Some("is told twice that it is defunct".into()),
        _ => None,
    }
}

/// At the end.
impl Watcher {
    fn complaint(&self) -> Option<String> {
        match self.rule {
            Rule::NoGhosts => self.nodes.iter().find_map(|(name, seen)| self.ghost(name, seen)),
            Rule::NobodyFallsSilent => self.nodes.iter().find_map(|(name, seen)| self.silence(name, seen)),
            Rule::NobodyIsAlone if self.promise.converges => {
                self.nodes.iter().find_map(|(name, seen)| self.loneliness(name, seen))
            }
            Rule::AllAreKnown if self.promise.converges => {
                self.nodes.iter().find_map(|(name, seen)| self.unknown(name, seen))
            }
            _ => None,
        }
    }

    /// Whether a node has been a member at all audits, under one name.
    fn is_settled(&self, seen: &Seen) -> bool {
        let is_steady =
            |stand: &Stand| stand.is_member() && stand.at.saturating_since(seen.since) > self.promise.grace;
        seen.is_up && seen.audits.iter().all(is_steady)
    }

    fn ghost(&self, name: &str, seen: &Seen) -> Option<String> {
        let last = seen.audits.last()?;
        let is_long = |lasts: Span| lasts > self.promise.grace;
        let is_gone = |other: &Seen| match other.audits.last() {
            Some(stand) if other.is_up => !stand.is_member() && is_long(stand.lasts),
            _ => is_long(last.at.saturating_since(other.crashed)),
        };
        let is_ghost = |other: &&String| *other != name && self.nodes.get(*other).is_some_and(is_gone);
        let ghost = last
            .lists
            .keys()
            .find(is_ghost)
            .filter(|_| last.is_member() && last.quiet <= self.promise.grace)?;
        Some(format!("{name} lists {ghost}, which is not there any more"))
    }

    fn silence(&self, name: &str, seen: &Seen) -> Option<String> {
        let last = seen.audits.last()?;
        let is_silent = last.is_member() && !last.lists.is_empty() && last.quiet > self.promise.grace;
        is_silent.then(|| format!("{name} lists members, and has sent nothing for {}", last.quiet))
    }

    fn loneliness(&self, name: &str, seen: &Seen) -> Option<String> {
        let is_alone = self.is_settled(seen) && seen.audits.iter().all(|stand| stand.lists.is_empty());
        let is_there = |seen: &Seen| self.is_settled(seen) && self.silence(name, seen).is_none();
        let mut others = self.nodes.iter().filter(|(other, seen)| *other != name && is_there(seen));
        let (other, _) = others.next().filter(|_| is_alone && !seen.audits.is_empty())?;
        Some(format!("{name} has no members, though {other} is there"))
    }

    fn unknown(&self, name: &str, seen: &Seen) -> Option<String> {
        if !self.is_settled(seen)
            || seen.audits.iter().any(|stand| stand.lists.is_empty() || stand.quiet > self.promise.grace)
        {
            return None;
        }
        let is_missing = |other: &String, its: &Seen| {
            seen.audits.iter().all(|stand| stand.lists.get(other) != Some(&its.generation))
        };
        let mut others = self.nodes.iter().filter(|(other, its)| *other != name && self.is_settled(its));
        let (other, _) = others.find(|(other, its)| is_missing(other, its))?;
        Some(format!("{name} has members, but does not know {other}"))
    }
}
