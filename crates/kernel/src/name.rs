//! What things are called: terms fixed in code, symbols interned at run time, actors, subjects, event names.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::codes::{NameCodes, PartCodes};
use crate::identity::Identity;
use crate::mix::{fold, hash_text};
use crate::spelling::{Role, check, is_invisible};
use crate::state::hash_symbol;

/// A word fixed in code, with the hash that stands for it in keys and records: a kind of event, an actor there is one
/// of, the key of a fact, a status.
///
/// A world maps its own closed enums to terms by an exhaustive match. Two terms are equal when their texts are.
///
/// A constant can be a pattern: `match kind { ASK => …, ANSWER => …, _ => … }`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Term {
    code: u64,
    text: &'static str,
}

impl Term {
    /// Makes a term; meant for constants, so that the hash is worked out by the compiler. See [`terms!`](crate::terms)
    /// for a short way to declare several.
    ///
    /// # Panics
    /// If the text is not a name; see [`NameError`](crate::NameError). In a constant that is an error of compilation.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        assert!(
            check(text, Role::Name).is_ok(),
            "a term cannot be empty or contain / ( ) # or invisible characters"
        );
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

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code.hash(state);
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Term({})", self.text)
    }
}

/// Declares terms as constants: `terms! { ASK = "ask", pub ANSWER = "answer" }`.
#[macro_export]
macro_rules! terms {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident = $text:literal),+ $(,)?) => {
        $($(#[$attribute])* $visibility const $name: $crate::Term = $crate::Term::new($text);)+
    };
}

/// A name interned in [`Names`]: an actor, a client, a label. Its number depends on the order of interning and
/// therefore never reaches a key, a digest or a file: its hash does.
///
/// Debug builds refuse a symbol of another table, by a panic; release builds take it for whatever has its number there.
#[derive(Clone, Copy)]
pub struct Symbol {
    index: u32,
    identity: Identity,
}

impl Symbol {
    /// Returns the position of the name in its table, for tables kept beside it.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Symbol {}

impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}

impl Hash for Symbol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_symbol(state, self.index);
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Symbol({})", self.index)
    }
}

/// Who an event happens to: a word fixed in code, or a name interned at run time.
///
/// Both have the code of their text. A world that calls one actor by a term here and by a symbol there gets the same
/// keys and digests, but the two do not compare equal as values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A name interned at run time.
    Symbol(Symbol),
    /// A word fixed in code.
    Term(Term),
}

impl Actor {
    /// Returns a number by which to guess where something of the actor is kept, for less than its code costs: symbols that were
    /// interned one after the other have neighbours. Actors can share one, and it depends on the order of interning, so what
    /// is found by it has to be checked; it belongs in no file and in nothing that is compared between runs.
    #[inline]
    #[must_use]
    pub const fn hint(self) -> u64 {
        match self {
            Self::Symbol(symbol) => symbol.index as u64,
            Self::Term(term) => term.code,
        }
    }
}

impl From<Symbol> for Actor {
    fn from(symbol: Symbol) -> Self {
        Self::Symbol(symbol)
    }
}

impl From<Term> for Actor {
    fn from(term: Term) -> Self {
        Self::Term(term)
    }
}

/// What an event or a fact is about: a small `Copy` value with a canonical 64-bit encoding and a spelling.
///
/// Both must depend on the value alone (and the texts of symbols in it), never on the order in which names were
/// interned: the code goes into keys, event codes and record bytes. Different subjects need different codes, and a code of 0 says
/// that there is none. Numbers, texts, symbols, and pairs and triples of subjects are subjects already.
///
/// ```
/// use core::fmt;
/// use tiebreak_kernel::{Names, Subject};
///
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// enum Part { None, Disk(u8), Page(u32) }
///
/// impl Subject for Part {
///     fn code(&self, _names: &Names) -> u64 {
///         match *self {
///             Self::None => 0,
///             Self::Disk(disk) => 1 << 32 | u64::from(disk),
///             Self::Page(page) => 2 << 32 | u64::from(page),
///         }
///     }
///
///     fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
///         match *self {
///             Self::None => Ok(()),
///             Self::Disk(disk) => write!(out, "disk {disk}"),
///             Self::Page(page) => write!(out, "page {page}"),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no subject of an event's name",
    note = "`()`, `u32`, `u64`, `&'static str` and pairs of subjects are; other types implement `Subject`"
)]
pub trait Subject: Copy + PartialEq + fmt::Debug {
    /// Returns the canonical encoding; 0 means that there is no subject.
    fn code(&self, names: &Names) -> u64;

    /// Writes the subject as people read it; nothing if there is none.
    ///
    /// # Errors
    /// Only those of `out`.
    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Returns whether an event about it is the only one of its name in a run, so that there is nothing to count: no room is kept
    /// for how often events of this name were dispatched. A promise of the world: with a second event of the name, both would
    /// have one code. Debug builds check it, by a panic.
    fn is_of_one_event(&self) -> bool {
        false
    }
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

/// A plain number, with the code it has as a `u64`.
impl Subject for u32 {
    fn code(&self, names: &Names) -> u64 {
        u64::from(*self).code(names)
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        u64::from(*self).write(names, out)
    }
}

/// A text fixed in code, with the code that it has as a name; the empty one stands for no subject.
impl Subject for &'static str {
    fn code(&self, _names: &Names) -> u64 {
        if self.is_empty() { 0 } else { hash_text(self) }
    }

    fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self)
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

/// A word fixed in code, with the code that it has as a name.
impl Subject for Term {
    fn code(&self, _names: &Names) -> u64 {
        Self::code(*self)
    }

    fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self.text())
    }
}

/// An actor.
impl Subject for Actor {
    fn code(&self, names: &Names) -> u64 {
        names.code(*self)
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(names.text(*self))
    }
}

/// Two subjects, written `a,b`: the codes folded in order.
impl<A: Subject, B: Subject> Subject for (A, B) {
    fn code(&self, names: &Names) -> u64 {
        fold(self.0.code(names), self.1.code(names))
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        self.0.write(names, out)?;
        out.write_char(',')?;
        self.1.write(names, out)
    }
}

/// Three subjects, written `a,b,c`: the codes folded in order.
impl<A: Subject, B: Subject, C: Subject> Subject for (A, B, C) {
    fn code(&self, names: &Names) -> u64 {
        fold((self.0, self.1).code(names), self.2.code(names))
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        (self.0, self.1).write(names, out)?;
        out.write_char(',')?;
        self.2.write(names, out)
    }
}

/// The name of an event without its repeat: who it happens to, what it is, what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<S> {
    /// Who the event happens to.
    pub actor: Actor,
    /// What happens.
    pub kind: Term,
    /// What it is about.
    pub subject: S,
}

impl<S> Name<S> {
    /// The name of what happens to an actor, about a subject; `()` for none.
    pub fn of(actor: impl Into<Actor>, kind: Term, subject: S) -> Self {
        Self { actor: actor.into(), kind, subject }
    }
}

impl<S: Subject> Name<S> {
    /// Returns the stable code of the name, the same in every run that spells it alike:
    /// `fold(fold(actor, kind), subject)`, each by its code.
    ///
    /// # Panics
    /// If the actor is a label that cannot be a name, or a symbol of another table.
    #[must_use]
    pub fn code(&self, names: &Names) -> u64 {
        self.codes(names).name
    }

    /// Returns the stable codes of its parts.
    ///
    /// # Panics
    /// If the actor is a symbol of another table.
    #[must_use]
    pub fn part_codes(&self, names: &Names) -> PartCodes {
        let actor = names.code(self.actor);
        PartCodes { actor, kind: self.kind.code(), subject: self.subject.code(names) }
    }

    /// The codes of the parts of an event's name. Unlike that of a note it must have an actor that is no label.
    pub(crate) fn event_part_codes(&self, names: &Names) -> PartCodes {
        let actor = names.actor_code(self.actor);
        PartCodes { actor, kind: self.kind.code(), subject: self.subject.code(names) }
    }

    pub(crate) fn codes(&self, names: &Names) -> NameCodes {
        let parts = self.event_part_codes(names);
        let actor_kind = parts.actor_kind();
        NameCodes { actor_kind, name: fold(actor_kind, parts.subject) }
    }

    /// Returns a number by which to guess where something of the name is kept, as [`Actor::hint`] does of an actor; `codes` are
    /// those of its parts. Names that differ only in actors with neighbouring hints, or in numbers that count up, have
    /// neighbours.
    #[inline]
    #[must_use]
    pub const fn hint(&self, codes: PartCodes) -> u64 {
        // Subjects choose their codes: those that differ in high bits only have to differ in the low ones here.
        let subject = codes.subject ^ codes.subject >> 32;
        self.actor.hint().wrapping_add(codes.kind).wrapping_add(subject)
    }

    /// Writes `actor/kind(subject)`, or `actor/kind` where there is no subject. Characters of the subject that cannot be
    /// seen are escaped: `\u{1b}`.
    ///
    /// # Errors
    /// Only those of `out`.
    pub fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "{}/{}", names.text(self.actor), self.kind.text())?;
        if self.subject.code(names) == 0 {
            return Ok(());
        }
        out.write_char('(')?;
        self.subject.write(names, &mut Visible(out))?;
        out.write_char(')')
    }
}

/// Writes what cannot be seen as an escape.
struct Visible<'a>(&'a mut dyn fmt::Write);

impl fmt::Write for Visible<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| {
            if is_invisible(character) {
                write!(self.0, "{}", character.escape_unicode())
            } else {
                self.0.write_char(character)
            }
        })
    }
}

mod names;

pub use names::Names;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::event_code;
    use crate::spelling::NameError;
    use alloc::string::String;

    #[test]
    fn the_code_of_a_name_does_not_depend_on_the_order_of_interning() {
        let (mut first, mut second) = (Names::default(), Names::default());
        second.intern("unrelated");
        let [a, b] = [&mut first, &mut second].map(|names| {
            let name = Name::of(names.intern("rip1"), Term::new("expiry"), names.intern("r"));
            name.code(names)
        });
        assert_eq!(a, b);
        assert_eq!(a, 0x83B1_3D18_5D56_73E0);
    }

    #[test]
    fn codes_of_names_and_events_are_pinned() {
        let mut names = Names::default();
        let actor = names.intern("rip1");
        let name = Name::of(actor, Term::new("expiry"), 7u64).code(&names);
        assert_eq!(name, 0x75BB_D94F_5205_57AD);
        assert_eq!(Name::of(actor, Term::new("start"), ()).code(&names), 0x8A67_E7FD_6324_227F);
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
    fn a_label_that_is_known_becomes_no_name() {
        let mut names = Names::default();
        let [label, name] = ["a(b)", "a"].map(|text| names.try_intern_label(text).unwrap());
        assert_eq!(names.try_intern("a(b)"), Err(NameError::Reserved('(')));
        assert_eq!((names.try_intern_label("a(b)"), names.try_intern("a")), (Ok(label), Ok(name)));
    }

    #[test]
    fn the_last_number_is_no_subject() {
        let mut names = Names::default();
        let name = |subject| Name::of(names.intern("rip1"), Term::new("expiry"), subject);
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
        Name::of(actor, Term::new("expiry"), 7u64).write(&names, &mut text).unwrap();
        Name::of(actor, Term::new("start"), ()).write(&names, &mut text).unwrap();
        Name::of(actor, Term::new("meets"), actor).write(&names, &mut text).unwrap();
        assert_eq!(text, "rip1/expiry(7)rip1/startrip1/meets(rip1)");
    }

    #[test]
    fn a_term_and_a_symbol_of_one_text_have_one_code() {
        let mut names = Names::default();
        let symbol = names.intern("server");
        let [by_symbol, by_term] = [Actor::from(symbol), Term::new("server").into()]
            .map(|actor| Name::of(actor, Term::new("start"), ()));
        assert_eq!(by_symbol.code(&names), by_term.code(&names));
        assert_eq!((names.text(Term::new("server")), names.text(symbol)), ("server", "server"));
    }

    #[test]
    fn texts_that_spell_event_names_ambiguously_are_refused_but_as_labels() {
        let mut names = Names::default();
        assert_eq!(names.try_intern("a/b"), Err(NameError::Reserved('/')));
        assert_eq!(names.try_intern("\u{200B}"), Err(NameError::Invisible('\u{200B}')));
        assert_eq!(names.find("a/b"), None);
        let label = names.try_intern_label("add(10.0.0.0/8)#1").unwrap();
        assert_eq!(names.text(label), "add(10.0.0.0/8)#1");
        assert_eq!(names.try_intern_label("a\n"), Err(NameError::Invisible('\n')));
    }

    #[test]
    #[should_panic(expected = "the label a(b) is not the name of an actor")]
    fn a_label_that_cannot_be_a_name_is_no_actor() {
        let mut names = Names::default();
        let label = names.try_intern_label("a(b)").unwrap();
        let _ = Name::of(label, Term::new("does"), ()).code(&names);
    }

    #[test]
    fn terms_are_patterns_and_subjects_as_their_texts_are() {
        const ASK: Term = Term::new("ask");
        let names = Names::default();
        assert!(matches!(Term::new("ask"), ASK) && !matches!(Term::new("answer"), ASK));
        assert_eq!(
            (Subject::code(&ASK, &names), Actor::from(ASK).code(&names)),
            (ASK.code(), "ask".code(&names))
        );
    }

    #[test]
    #[should_panic(expected = "a term cannot be empty or contain")]
    fn a_term_is_a_name() {
        let _ = Term::new("a/b");
    }

    #[test]
    fn what_cannot_be_seen_in_a_subject_is_escaped() {
        let mut text = String::new();
        Name::of(Term::new("a"), Term::new("b"), "x\n\u{1b}[31m")
            .write(&Names::default(), &mut text)
            .unwrap();
        assert_eq!(text, "a/b(x\\u{a}\\u{1b}[31m)");
    }

    #[test]
    fn tuples_are_about_all_their_parts_in_order() {
        let mut names = Names::default();
        let link = names.intern("link");
        let subjects =
            [(link, 1u64).code(&names), (link, 2u64).code(&names), (link, 1u64, 0u32).code(&names)];
        assert!(subjects[0] != subjects[1] && subjects[0] != subjects[2]);
        assert_ne!((1u64, 2u64).code(&names), (2u64, 1u64).code(&names));
        assert_eq!((7u32.code(&names), "link".code(&names)), (7u64.code(&names), names.code(link)));
        let mut text = String::new();
        Name::of(link, Term::new("sends"), (link, 1u64, "x")).write(&names, &mut text).unwrap();
        assert_eq!(text, "link/sends(link,1,x)");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "belongs to the names of another simulation")]
    fn a_symbol_of_another_table_is_refused() {
        let (mut ours, mut theirs) = (Names::default(), Names::default());
        ours.intern("a");
        let foreign = theirs.intern("b");
        let _ = ours.text(foreign);
    }
}
