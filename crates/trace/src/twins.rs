//! Ties of events that share a name.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{Name, Names, Origin, PartCodes, Record, Recorder, Subject};

use crate::dictionary::write_subject;
use crate::text::clean;

/// A name that tied with itself: its events were pending together, and nothing but the order of scheduling decided which
/// ran first, under every seed. If they are meant to race, their subjects have to differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The name without repeat, spelled as in text: `rip1/step(x)`.
    pub name: String,
    /// How many of its dispatches were chosen before another event of the name.
    pub count: u64,
}

/// How many names a summary shows.
const SHOWN: usize = 3;

/// Returns a warning for whoever tries seeds to find another order: which names tied with themselves, and what to do.
/// `None` if there are none.
#[must_use]
pub fn twins_warning(twins: &[Twin]) -> Option<String> {
    let summary = summary(twins)?;
    Some(format!(
        "warning: {summary}: no seed changes their order; to let such events race, give them different subjects"
    ))
}

/// `2 ties of equal names (rip1/step(x))`: the count, and the most frequent names. `None` if there are none.
pub(crate) fn summary(twins: &[Twin]) -> Option<String> {
    let mut shown: Vec<&str> = twins.iter().take(SHOWN).map(|twin| twin.name.as_str()).collect();
    if twins.len() > SHOWN {
        shown.push("…");
    }
    let ties = match twins.iter().map(|twin| twin.count).sum() {
        0 => return None,
        1 => "1 tie".into(),
        count => format!("{count} ties"),
    };
    Some(format!("{ties} of equal names ({})", shown.join(", ")))
}

/// How often each name tied with itself. A recorder for runs that keep no more than a digest; what keeps a trace or a
/// fingerprint counts too.
#[derive(Debug, Clone, Default)]
pub struct TwinCounter(BTreeMap<u64, Twin>);

impl TwinCounter {
    /// Counts one more tie of a name, by its code; `spell` is asked at the first.
    pub(crate) fn count(&mut self, code: u64, spell: impl FnOnce() -> String) {
        self.0.entry(code).or_insert_with(|| Twin { name: spell(), count: 0 }).count += 1;
    }

    #[inline(never)]
    fn count_tie<S: Subject>(&mut self, names: &Names, name: Name<S>, codes: PartCodes) {
        self.count(codes.name(), || spell(names, name));
    }

    /// Returns the names that tied with themselves, the most frequent first, those of one frequency by name.
    #[must_use]
    pub fn list(&self) -> Vec<Twin> {
        let mut twins: Vec<Twin> = self.0.values().cloned().collect();
        twins.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        twins
    }
}

impl<S: Subject> Recorder<S> for TwinCounter {
    #[inline]
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        if matches!(record.origin, Origin::Dispatch { choice: Some(choice), .. } if choice.is_twin) {
            self.count_tie(names, record.name, record.codes);
        }
    }
}

/// The name of an event without its repeat, as a trace spells it.
fn spell<S: Subject>(names: &Names, name: Name<S>) -> String {
    let mut text = format!("{}/{}", names.text(name.actor), name.kind.text());
    if name.subject.code(names) != 0 {
        text.push('(');
        write_subject(names, name.subject, &mut text);
        text.push(')');
    }
    clean(&text).into_owned()
}
