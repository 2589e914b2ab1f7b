//! Clients that behave have no call refused.

use alloc::collections::BTreeMap;
use alloc::format;
use core::hash::{Hash, Hasher};

use tiebreak::{Failure, Monitor, Names, Record, Symbol, Term, Value, Verdict};

use super::function::{
    ENUM_DESTS, ENUM_NEXT_HOPS, ENUM_ROUTES, EXACT_MATCH, FIND_NEXT_HOP, GET_CHANGED, LESS_SPECIFIC, LIST,
    MATCH_ROUTE, MOST_SPECIFIC,
};
use super::succeeded;
use crate::subject::Subject;
use crate::vocabulary::{key, kind, word};

/// No client breaks the contract or has a call refused, unless it is declared to misbehave.
///
/// That there is nothing more, no such destination, or too little room for a list are answers and no refusals. To wait
/// for a lock of another client is no breach by the caller (D-88).
#[derive(Debug, Clone, Default)]
pub struct CallsAreAccepted {
    /// Who is declared to misbehave, by the codes of their names.
    misbehaving: BTreeMap<u64, Declared>,
    pub(super) failure: Option<Failure>,
}

/// A client that is declared to misbehave.
#[derive(Debug, Clone, Copy)]
struct Declared {
    name: Symbol,
    /// Whether it has misbehaved.
    has_misbehaved: bool,
}

/// The prefix of the functions of the manager, by which notes of calls are told from others.
const FUNCTION: &str = "Rtm";
const NO_MORE_ITEMS: Term = Term::new("ERROR_NO_MORE_ITEMS");
const NOT_FOUND: Term = Term::new("ERROR_NOT_FOUND");
const INSUFFICIENT_BUFFER: Term = Term::new("ERROR_INSUFFICIENT_BUFFER");

/// What a function answers besides success without refusing the call.
fn is_answer(function: Term, status: Option<Term>) -> bool {
    if status == Some(word::WAITS) {
        return true;
    }
    let answer = if [GET_CHANGED, ENUM_DESTS, ENUM_ROUTES, ENUM_NEXT_HOPS].contains(&function) {
        NO_MORE_ITEMS
    } else if function == LIST {
        INSUFFICIENT_BUFFER
    } else if [EXACT_MATCH, MOST_SPECIFIC, LESS_SPECIFIC, MATCH_ROUTE, FIND_NEXT_HOP].contains(&function) {
        NOT_FOUND
    } else {
        return false;
    };
    status == Some(answer)
}

impl CallsAreAccepted {
    /// The monitor of a run in which these clients may misbehave.
    #[must_use]
    pub fn but_of(misbehaving: impl IntoIterator<Item = Symbol>, names: &Names) -> Self {
        let declared = |name| (names.code(name), Declared { name, has_misbehaved: false });
        Self { misbehaving: misbehaving.into_iter().map(declared).collect(), failure: None }
    }

    /// Returns the clients that are declared to misbehave and did not.
    pub(crate) fn well_behaved(&self) -> impl Iterator<Item = Symbol> {
        self.misbehaving.values().filter(|declared| !declared.has_misbehaved).map(|declared| declared.name)
    }
}

/// That it has failed. Who is declared to misbehave and did is told, and judges nothing.
impl Hash for CallsAreAccepted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.failure.is_some().hash(state);
    }
}

impl Monitor<Subject> for CallsAreAccepted {
    fn name(&self) -> &'static str {
        "calls-are-accepted"
    }

    /// None of the manager's: it is this project's own.
    fn rule(&self) -> &'static str {
        ""
    }

    fn observe(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let what = record.name.kind;
        let is_call = what.text().starts_with(FUNCTION);
        let is_refused = is_call && !succeeded(record) && !is_answer(what, record.word(key::STATUS));
        if !(is_refused || what == kind::VIOLATION) {
            return;
        }
        if let Some(declared) = self.misbehaving.get_mut(&names.code(record.name.actor)) {
            declared.has_misbehaved = true;
            return;
        }
        if self.failure.is_some() {
            return;
        }
        let who = names.text(record.name.actor);
        let why =
            record.word(key::VIOLATION).or_else(|| record.word(key::STATUS)).map_or("refused", Term::text);
        let function = match record.fact(key::FUNCTION) {
            Some(Value::Word(function)) => function.text(),
            _ => what.text(),
        };
        let message = format!("{who} is not declared to misbehave, and its {function} was refused: {why}");
        self.failure = Some(Failure::at(record, message));
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        self.failure.clone().map_or(Verdict::Holds, Verdict::Fails)
    }
}
