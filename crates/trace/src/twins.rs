//! Ties of events that share a name.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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

/// How often each name tied with itself, by the code of the name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Twins(BTreeMap<u64, Twin>);

impl Twins {
    /// Counts one more tie of a name; `spell` is asked at the first.
    pub(crate) fn count(&mut self, code: u64, spell: impl FnOnce() -> String) {
        self.0.entry(code).or_insert_with(|| Twin { name: spell(), count: 0 }).count += 1;
    }

    /// All names that tied with themselves, the most frequent first, those of one frequency by name.
    pub(crate) fn list(&self) -> Vec<Twin> {
        let mut twins: Vec<Twin> = self.0.values().cloned().collect();
        twins.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        twins
    }
}
