//! What things are called: terms fixed in code, symbols interned at run time, subjects, event names.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::mix::{fold, hash_text};

/// A word fixed in code, with the hash that stands for it in keys and records: a kind of event, the key of a fact, a status.
///
/// A world maps its own closed enums to terms by an exhaustive match. Two terms are equal when their texts are.
#[derive(Clone, Copy)]
pub struct Term {
    text: &'static str,
    code: u64,
}

impl Term {
    /// Makes a term; meant for constants, so that the hash is worked out by the compiler.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, code: hash_text(text) }
    }

    /// Returns the word itself.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// Returns the stable 64-bit code of the word.
    #[must_use]
    pub const fn code(self) -> u64 {
        self.code
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Term {}

impl fmt::Debug for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Term({})", self.text)
    }
}

/// A name interned in [`Names`]: an actor, a client, a label. Its number depends on the order of interning and
/// therefore never reaches a key, a digest or a file: its hash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

impl Symbol {
    /// Returns the position of the name in its table, for tables kept beside it.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// The names of one simulation: text to symbol and back.
#[derive(Debug, Clone, Default)]
pub struct Names {
    entries: Vec<(String, u64)>,
    by_text: BTreeMap<String, Symbol>,
}

impl Names {
    /// Returns the symbol of `text`, interning it at first sight.
    ///
    /// # Panics
    /// If there are 2³² names already.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.by_text.get(text) {
            return *symbol;
        }
        let index = u32::try_from(self.entries.len());
        assert!(index.is_ok(), "a simulation holds at most 2^32 names");
        let symbol = Symbol(index.unwrap_or(u32::MAX));
        self.entries.push((text.to_owned(), hash_text(text)));
        self.by_text.insert(text.to_owned(), symbol);
        symbol
    }

    /// Returns the symbol of `text`, if it was interned.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.by_text.get(text).copied()
    }

    /// Returns the text of a symbol.
    ///
    /// # Panics
    /// If the symbol comes from another table.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.entries[symbol.0 as usize].0
    }

    /// Returns the stable 64-bit hash of a symbol's text.
    ///
    /// # Panics
    /// If the symbol comes from another table.
    #[must_use]
    pub fn code(&self, symbol: Symbol) -> u64 {
        self.entries[symbol.0 as usize].1
    }
}

/// What an event or a fact is about: a small `Copy` value with a canonical 64-bit encoding and a spelling.
///
/// Both must depend on the value alone (and the texts of symbols in it), never on the order in which names were
/// interned: the code goes into tie keys, event codes and record bytes.
pub trait Subject: Copy + PartialEq + fmt::Debug {
    /// Returns the canonical encoding; 0 means that there is no subject.
    fn code(&self, names: &Names) -> u64;

    /// Writes the subject as people read it; nothing if there is none.
    ///
    /// # Errors
    /// Only those of `out`.
    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result;
}

/// No subject.
impl Subject for () {
    fn code(&self, _names: &Names) -> u64 {
        0
    }

    fn write(&self, _names: &Names, _out: &mut dyn fmt::Write) -> fmt::Result {
        Ok(())
    }
}

/// A plain number, for worlds whose subjects are counted; [`u64::MAX`] stands for no subject.
impl Subject for u64 {
    fn code(&self, _names: &Names) -> u64 {
        self.wrapping_add(1)
    }

    fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        if *self == Self::MAX { Ok(()) } else { write!(out, "{self}") }
    }
}

/// An interned name.
impl Subject for Symbol {
    fn code(&self, names: &Names) -> u64 {
        names.code(*self)
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(names.text(*self))
    }
}

/// The name of an event without its repeat: who it happens to, what it is, what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<S> {
    /// Who the event happens to.
    pub actor: Symbol,
    /// What happens.
    pub kind: Term,
    /// What it is about.
    pub subject: S,
}

impl<S: Subject> Name<S> {
    /// Returns the stable code of the name, the same in every run that spells it alike:
    /// `fold(fold(actor, kind), subject)`, each by its code.
    #[must_use]
    pub fn code(&self, names: &Names) -> u64 {
        fold(fold(names.code(self.actor), self.kind.code()), self.subject.code(names))
    }

    /// Writes `actor/kind(subject)`, or `actor/kind` where there is no subject.
    ///
    /// # Errors
    /// Only those of `out`.
    pub fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}/{}", names.text(self.actor), self.kind.text())?;
        if self.subject.code(names) == 0 {
            return Ok(());
        }
        out.write_char('(')?;
        self.subject.write(names, out)?;
        out.write_char(')')
    }
}

/// Returns the stable code of the `repeat`-th event of the name with code `name` (repeats count from 1):
/// `fold(name, repeat)`.
#[must_use]
pub const fn event_code(name: u64, repeat: u32) -> u64 {
    fold(name, repeat as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_name_does_not_depend_on_the_order_of_interning() {
        let (mut first, mut second) = (Names::default(), Names::default());
        second.intern("stranger");
        let [a, b] = [&mut first, &mut second].map(|names| {
            let name =
                Name { actor: names.intern("rip1"), kind: Term::new("expiry"), subject: names.intern("r") };
            name.code(names)
        });
        assert_eq!(a, b);
        assert_eq!(a, 0x83B1_3D18_5D56_73E0);
    }

    #[test]
    fn codes_of_names_and_events_are_pinned() {
        let mut names = Names::default();
        let actor = names.intern("rip1");
        let name = Name { actor, kind: Term::new("expiry"), subject: 7u64 }.code(&names);
        assert_eq!(name, 0x75BB_D94F_5205_57AD);
        assert_eq!(Name { actor, kind: Term::new("start"), subject: () }.code(&names), 0x8A67_E7FD_6324_227F);
        assert_eq!(event_code(name, 1), 0xFA00_D5FF_E805_0087);
        assert_eq!(event_code(name, 2), 0xDEE6_6607_E25D_087E);
        assert_eq!(event_code(name, u32::MAX), 0x3306_7EE2_0DED_F9D5);
    }

    #[test]
    fn a_text_is_interned_once() {
        let mut names = Names::default();
        assert_eq!(names.find("rip1"), None);
        let [first, other, again] = ["rip1", "rip2", "rip1"].map(|text| names.intern(text));
        assert_eq!((first, names.find("rip1")), (again, Some(first)));
        assert_eq!((first.index(), other.index()), (0, 1));
        assert_eq!((names.text(other), names.code(other)), ("rip2", hash_text("rip2")));
    }

    #[test]
    fn the_last_number_is_no_subject() {
        let mut names = Names::default();
        let name = |subject| Name { actor: names.intern("rip1"), kind: Term::new("expiry"), subject };
        let [none, last] = [u64::MAX, u64::MAX - 1].map(name);
        assert_eq!((none.subject.code(&names), last.subject.code(&names)), (0, u64::MAX));
        let mut text = String::new();
        none.write(&names, &mut text).unwrap();
        none.subject.write(&names, &mut text).unwrap();
        assert_eq!(text, "rip1/expiry");
    }

    #[test]
    fn terms_are_equal_when_their_texts_are() {
        assert_eq!(Term::new("expiry"), Term::new("expiry"));
        assert_ne!(Term::new("expiry"), Term::new("Expiry"));
        assert_eq!((Term::new("expiry").text(), Term::new("expiry").code()), ("expiry", hash_text("expiry")));
    }

    #[test]
    fn a_name_is_spelled_actor_kind_subject() {
        let mut names = Names::default();
        let actor = names.intern("rip1");
        let mut text = String::new();
        Name { actor, kind: Term::new("expiry"), subject: 7u64 }.write(&names, &mut text).unwrap();
        Name { actor, kind: Term::new(" start"), subject: () }.write(&names, &mut text).unwrap();
        Name { actor, kind: Term::new(" meets"), subject: actor }.write(&names, &mut text).unwrap();
        assert_eq!(text, "rip1/expiry(7)rip1/ startrip1/ meets(rip1)");
    }
}
