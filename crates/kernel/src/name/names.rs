//! The names of a simulation.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Actor, Symbol};
use crate::identity::{Identity, Maker};
use crate::mix::hash_text;
use crate::spelling::{NameError, Role, check};

/// What every record asks for: kept apart from the texts, so that the names of many actors stay in the nearest cache.
#[derive(Debug, Clone)]
struct Entry {
    code: u64,
    /// Whether it can be an actor; otherwise it is a label only.
    is_name: bool,
    identity: Identity,
}

/// The text of an entry.
#[derive(Debug, Clone)]
struct Spelling {
    /// Where it begins and ends among those of all.
    begin: usize,
    end: usize,
    /// The entry before with the same code; hardly ever is there one.
    same_code: Option<u32>,
}

/// The names of one simulation: text to symbol and back. A clone goes its own way: what one of the two interns later is
/// no symbol of the other.
///
/// Texts stand one behind the other, so that a clone for each run of a search is a copy of a few blocks.
#[derive(Debug, Clone, Default)]
pub struct Names {
    texts: String,
    entries: Vec<Entry>,
    /// Of the entries, in their order.
    spellings: Vec<Spelling>,
    /// The last one of each code.
    by_code: BTreeMap<u64, u32>,
    maker: Maker,
}

impl Names {
    /// Returns the symbol of a name, interning it at first sight.
    ///
    /// # Errors
    /// If the text cannot be a name: it is empty, holds a character that cannot be seen, or one of `/ ( ) #`, with which
    /// event names are put together.
    ///
    /// # Panics
    /// If there are 2³² names already.
    pub fn try_intern(&mut self, text: &str) -> Result<Symbol, NameError> {
        if let Some(known) = self.find(text).filter(|known| self.entry(*known).is_name) {
            return Ok(known);
        }
        check(text, Role::Name)?;
        Ok(self.enter(text, Role::Name))
    }

    /// Checks whether a text can be a name.
    ///
    /// # Errors
    /// If it cannot, for the reasons of [`Names::try_intern`].
    pub const fn check(text: &str) -> Result<(), NameError> {
        check(text, Role::Name)
    }

    /// Checks whether a text can be a label.
    ///
    /// # Errors
    /// If it cannot, for the reasons of [`Names::try_intern_label`].
    pub const fn check_label(text: &str) -> Result<(), NameError> {
        check(text, Role::Label)
    }

    /// Returns the symbol of a name that is known to be one, interning it at first sight.
    ///
    /// # Panics
    /// If the text cannot be a name; [`Names::try_intern`] says so instead.
    pub fn intern(&mut self, text: &str) -> Symbol {
        match self.try_intern(text) {
            Ok(symbol) => symbol,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the symbol of a label, interning it at first sight: a text that is used as a subject or a fact only, and
    /// may therefore contain `/ ( ) #`.
    ///
    /// # Errors
    /// If it is empty or holds a character that cannot be seen.
    pub fn try_intern_label(&mut self, text: &str) -> Result<Symbol, NameError> {
        if let Some(known) = self.find(text) {
            return Ok(known);
        }
        check(text, Role::Label)?;
        let is_name = check(text, Role::Name).is_ok();
        Ok(self.enter(text, if is_name { Role::Name } else { Role::Label }))
    }

    /// Returns the symbol of a name or label, if it was interned.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        let mut next = self.by_code.get(&hash_text(text)).copied();
        while let Some(index) = next {
            if self.text_at(index) == text {
                return Some(Symbol { index, identity: self.entries[index as usize].identity });
            }
            next = self.spellings[index as usize].same_code;
        }
        None
    }

    /// Returns the text of an actor or symbol.
    ///
    /// # Panics
    /// If the symbol comes from another table: always in debug builds, in release builds if the table has no such number.
    #[must_use]
    pub fn text(&self, actor: impl Into<Actor>) -> &str {
        match actor.into() {
            Actor::Symbol(symbol) => {
                self.entry(symbol);
                self.text_at(symbol.index)
            }
            Actor::Term(term) => term.text(),
        }
    }

    /// Returns the stable 64-bit hash of the text of an actor or symbol.
    ///
    /// # Panics
    /// If the symbol comes from another table: always in debug builds, in release builds if the table has no such number.
    #[must_use]
    pub fn code(&self, actor: impl Into<Actor>) -> u64 {
        match actor.into() {
            Actor::Symbol(symbol) => self.entry(symbol).code,
            Actor::Term(term) => term.code(),
        }
    }

    /// The code of the symbol with this number, if there is one.
    pub(crate) fn code_at(&self, index: u32) -> Option<u64> {
        self.entries.get(index as usize).map(|entry| entry.code)
    }

    /// The code of an actor, which must not be a label.
    pub(super) fn actor_code(&self, actor: Actor) -> u64 {
        let Actor::Symbol(symbol) = actor else { return self.code(actor) };
        let entry = self.entry(symbol);
        assert!(entry.is_name, "the label {} is not the name of an actor", self.text_at(symbol.index));
        entry.code
    }

    /// Enters a text that is not known yet.
    fn enter(&mut self, text: &str, role: Role) -> Symbol {
        let index = u32::try_from(self.entries.len());
        assert!(index.is_ok(), "a simulation holds at most 2^32 names");
        let index = index.unwrap_or(u32::MAX);
        let identity = self.maker.identity();
        let (begin, code) = (self.texts.len(), hash_text(text));
        self.texts.push_str(text);
        let same_code = self.by_code.insert(code, index);
        self.spellings.push(Spelling { begin, end: self.texts.len(), same_code });
        self.entries.push(Entry { code, is_name: role == Role::Name, identity });
        Symbol { index, identity }
    }

    fn text_at(&self, index: u32) -> &str {
        let Spelling { begin, end, .. } = self.spellings[index as usize];
        &self.texts[begin..end]
    }

    fn entry(&self, symbol: Symbol) -> &Entry {
        let entry = self.entries.get(symbol.index as usize);
        match entry.filter(|entry| entry.identity.is(symbol.identity)) {
            Some(entry) => entry,
            None => panic!("{symbol:?} belongs to the names of another simulation"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_share_a_code_are_told_apart() {
        let mut names = Names::default();
        let first = names.intern("a");
        // No such texts are known, so the table is told that these two are.
        names.by_code.insert(hash_text("b"), first.index());
        let second = names.intern("b");
        names.by_code.insert(hash_text("a"), second.index());
        assert_eq!((names.find("a"), names.find("b")), (Some(first), Some(second)));
    }

    #[test]
    #[cfg(debug_assertions)]
    fn a_symbol_from_before_a_fork_belongs_to_both_and_a_later_one_to_one() {
        let mut names = Names::default();
        let before = names.intern("before");
        let mut fork = names.clone();
        let (own, other) = (names.intern("own"), fork.intern("other"));
        assert_eq!((names.text(before), fork.text(before), names.text(own)), ("before", "before", "own"));
        assert_eq!(fork.text(other), "other");
        assert!(names.entries[1].identity.is(own.identity) && !names.entries[1].identity.is(other.identity));
    }
}
