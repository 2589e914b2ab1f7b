//! Names of events and sites of draws, each spelled once.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// A name that a [`Directory`] knows: `actor/kind(subject)` of events, `actor/purpose` of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameId(u32);

impl NameId {
    /// Returns the number of the name, from 0: the names of a directory are numbered as they are met.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names that were met in the runs of one program. It outlives the runs, so that a name is spelled once and not in
/// every run.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    texts: Vec<String>,
    by_text: BTreeMap<String, NameId>,
    by_code: BTreeMap<u64, NameId>,
}

impl Directory {
    /// Returns the name with this code; it is spelled if it was not met before.
    pub(crate) fn named(&mut self, code: u64, spell: impl FnOnce() -> String) -> NameId {
        if let Some(known) = self.by_code.get(&code) {
            return *known;
        }
        let id = self.intern(&spell());
        self.by_code.insert(code, id);
        id
    }

    /// Returns the name with this text, whether it was met or not.
    pub(crate) fn intern(&mut self, text: &str) -> NameId {
        if let Some(known) = self.known(text) {
            return known;
        }
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.by_text.insert(text.into(), id);
        id
    }

    /// Returns the name with this text, if it was met.
    pub(crate) fn known(&self, text: &str) -> Option<NameId> {
        self.by_text.get(text).copied()
    }

    /// Returns the text of a name of this directory.
    ///
    /// # Panics
    /// If the name is of another directory.
    #[must_use]
    pub fn text(&self, id: NameId) -> &str {
        &self.texts[id.index()]
    }

    /// Returns the actor and the kind of an event of this name, as `actor/kind`.
    pub(crate) fn actor_kind(&self, id: NameId) -> &str {
        self.text(id).split('(').next().unwrap_or_default()
    }
}
