//! What must hold.

use std::collections::BTreeMap;

use tiebreak::net::{About, CRASH};
use tiebreak::{Failure, Monitor, Names, Record, Value, Verdict};

#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "words are many"))]
use crate::words::*;

/// Which rule a [`Rule`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every byte is the right one.
    InOrder,
    /// Who reads to the end of a stream has read all of it.
    Complete,
    /// Who wants to connect is connected or refused some time.
    Connects,
    /// What was written is acknowledged some time.
    Delivers,
    /// When everybody has closed, everything becomes closed.
    Closes,
    /// Nothing is sent beyond what the receiver allows, but one byte.
    WithinWindow,
    /// A connection is given up only after the other side was silent for as long as was said.
    SilentFirst,
    /// A connection that nobody aborts is not reset.
    NotReset,
    /// It does not want to be polled again and again.
    Rests,
}

/// A rule, as a monitor.
#[derive(Debug, Clone)]
pub struct Rule {
    which: Which,
    failure: Option<Failure>,
    /// How long each stream was when it was closed.
    closed: BTreeMap<u64, u64>,
    /// Whether somebody aborted, crashed, or gave up.
    is_harmed: bool,
}

/// All rules.
pub fn rules() -> Vec<Rule> {
    const ALL: [Which; 9] = [
        Which::InOrder,
        Which::Complete,
        Which::Connects,
        Which::Delivers,
        Which::Closes,
        Which::WithinWindow,
        Which::SilentFirst,
        Which::NotReset,
        Which::Rests,
    ];
    ALL.into_iter().map(Rule::new).collect()
}

impl Rule {
    pub const fn new(which: Which) -> Self {
        Self { which, failure: None, closed: BTreeMap::new(), is_harmed: false }
    }

    fn objection(&mut self, record: &Record<'_, About>) -> Option<String> {
        let kind = record.name.kind;
        let number = |key| record.number(key).unwrap_or_default();
        let state = || match record.fact(STATE) {
            Some(Value::Text(text)) => text.as_str().to_owned(),
            _ => String::new(),
        };
        let span = |key| match record.fact(key) {
            Some(Value::Span(span)) => span,
            _ => tiebreak::Span::ZERO,
        };
        match self.which {
            Which::InOrder if kind == CORRUPT => {
                Some(format!("byte {} of stream {} is another one", number(PLACE), number(KEY)))
            }
            Which::Complete if kind == CLOSES => {
                self.closed.entry(number(KEY)).or_insert(number(TOTAL));
                None
            }
            Which::Complete if kind == FINISHED => {
                let (key, total) = (number(KEY), number(TOTAL));
                let sent = *self.closed.get(&key)?;
                (sent != total)
                    .then(|| format!("stream {key} ends after {total} bytes, but {sent} were sent"))
            }
            Which::Connects if kind == STUCK => {
                let state = state();
                ["syn-sent", "syn-received"]
                    .contains(&&*state)
                    .then(|| format!("a socket is in {state} for ever"))
            }
            Which::WithinWindow if kind == BEYOND => {
                Some(format!("of {} bytes {} are beyond the window", number(LENGTH), number(OVER)))
            }
            Which::SilentFirst if kind == TIMED_OUT => {
                let (silent, limit) = (span(SILENT), span(LIMIT));
                (silent < limit).then(|| {
                    format!("{}: given up after {silent} of silence, but {limit} were asked for", state())
                })
            }
            // Who waits for somebody that is gone waits for ever, if it asks for nothing else.
            Which::Closes | Which::Delivers if kind == CRASH || kind == ABORTS || kind == BEYOND => {
                self.is_harmed = true;
                None
            }
            Which::Delivers if kind == STUCK => {
                let bytes = number(QUEUE);
                (bytes > 0).then(|| format!("{bytes} bytes are not acknowledged, in {}", state()))
            }
            // What waits for somebody who only wants to connect, or to send, is not another failure.
            Which::Closes if kind == STUCK => {
                let state = state();
                self.is_harmed |= number(QUEUE) > 0 || ["syn-sent", "syn-received"].contains(&&*state);
                Some(format!("a socket is in {state} for ever"))
            }
            Which::NotReset if kind == CRASH || kind == ABORTS || kind == TIMED_OUT => {
                self.is_harmed = true;
                None
            }
            Which::NotReset if kind == CLOSES && state() == "syn-sent" => {
                self.is_harmed = true;
                None
            }
            Which::NotReset if kind == RESET && !self.is_harmed => {
                let state = state();
                let is_live = ["established", "close-wait", "fin-wait-1", "fin-wait-2"].contains(&&*state);
                is_live.then(|| format!("reset in {state}, although nobody has aborted"))
            }
            Which::Rests if kind == SPINS => {
                Some("it wants to be polled at once, again and again".to_owned())
            }
            _ => None,
        }
    }
}

impl Monitor<About> for Rule {
    fn name(&self) -> &'static str {
        match self.which {
            Which::InOrder => "in-order",
            Which::Complete => "complete",
            Which::Connects => "connects",
            Which::Delivers => "delivers",
            Which::Closes => "closes",
            Which::WithinWindow => "within-window",
            Which::SilentFirst => "silent-first",
            Which::NotReset => "not-reset",
            Which::Rests => "rests",
        }
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, About>) {
        if let Some(message) = self.objection(record) {
            self.failure.get_or_insert(Failure::at(record, message));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        let failure = self
            .failure
            .clone()
            .filter(|_| !(self.is_harmed && matches!(self.which, Which::Closes | Which::Delivers)));
        failure.map_or(Verdict::Holds, Verdict::Fails)
    }
}
