//! The texts behind the codes of canonical bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use tiebreak_kernel::{Actor, Fact, Guesses, Name, Names, Record, Subject, Term, Value};

use crate::codes::CodeTable;

/// Which codes a code is one of. Equal codes of two spaces have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// Names: actors, and facts whose value is a name.
    Name,
    /// Words fixed in code: kinds, keys of facts, and facts whose value is a word.
    Term,
    /// Subjects of events, and facts whose value is a subject.
    Subject,
}

/// A code is known with another text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherText;

/// What an entry counts towards the limit on kept trace: a fixed number, so that a run ends at the same event on every
/// pointer width.
const ENTRY_BYTES: u64 = 32;

#[derive(Debug, Clone, Copy)]
struct Entry {
    space: Space,
    code: u64,
    start: usize,
    end: usize,
}

/// Code to text, filled as records pass by: a code that is known costs one probe.
///
/// In debug builds a known code is also compared with its text, so that two subjects that share a code are found out.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// All texts, one after the other.
    texts: String,
    /// In the order of first sight.
    entries: Vec<Entry>,
    /// Places in `entries` by code, for each space.
    places: [CodeTable; 3],
    /// Places in `entries`, for each space.
    guesses: [Guesses; 3],
}

impl Dictionary {
    /// Returns the text of a code; `None` if no record had it. A subject that is none has the code 0 and no text.
    #[must_use]
    pub fn text(&self, space: Space, code: u64) -> Option<&str> {
        self.find(space, code).map(|at| self.slice(at))
    }

    /// Returns all entries in the order of first sight.
    pub fn entries(&self) -> impl Iterator<Item = (Space, u64, &str)> {
        self.entries.iter().enumerate().map(|(at, entry)| (entry.space, entry.code, self.slice(at)))
    }

    /// Enters every code of a record.
    pub(crate) fn enter<S: Subject>(&mut self, names: &Names, record: &Record<'_, S>) {
        self.enter_parts(names, record.name);
        self.enter_facts(names, record.facts);
    }

    /// Enters the codes of a name.
    pub(crate) fn enter_parts<S: Subject>(&mut self, names: &Names, name: Name<S>) {
        self.enter_name(names, name.actor);
        self.enter_term(name.kind);
        self.enter_subject(names, name.subject);
    }

    /// Enters the codes of facts.
    pub(crate) fn enter_facts<S: Subject>(&mut self, names: &Names, facts: &[Fact<S>]) {
        for fact in facts {
            self.enter_term(fact.key);
            match fact.value {
                Value::Word(word) => self.enter_term(word),
                Value::Name(name) => self.enter_name(names, name),
                Value::Subject(subject) => self.enter_subject(names, subject),
                Value::Number(_)
                | Value::Span(_)
                | Value::Signed(_)
                | Value::Truth(_)
                | Value::Instant(_)
                | Value::Text(_)
                | Value::Absent => {}
            }
        }
    }

    /// Enters a code with its text.
    ///
    /// # Errors
    /// If the code is known with another text.
    pub(crate) fn enter_code(&mut self, space: Space, code: u64, text: &str) -> Result<(), OtherText> {
        if let Some(at) = self.find(space, code) {
            return if self.slice(at) == text { Ok(()) } else { Err(OtherText) };
        }
        self.enter_text(space, code, |out| out.write_str(text));
        Ok(())
    }

    /// The entry at a place in the order of first sight.
    pub(crate) fn entry(&self, at: usize) -> Option<(Space, u64, &str)> {
        self.entries.get(at).map(|entry| (entry.space, entry.code, self.slice(at)))
    }

    /// The place of a code in the order of first sight.
    #[inline]
    pub(crate) fn place(&self, space: Space, code: u64) -> Option<usize> {
        self.find(space, code)
    }

    /// All texts, one after the other.
    pub(crate) fn texts(&self) -> &str {
        &self.texts
    }

    /// How large the dictionary counts towards the limit on kept trace, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.texts.len() as u64 + self.entries.len() as u64 * ENTRY_BYTES
    }

    fn enter_name(&mut self, names: &Names, name: Actor) {
        self.enter_text(Space::Name, names.code(name), |out| out.write_str(names.text(name)));
    }

    fn enter_term(&mut self, term: Term) {
        self.enter_text(Space::Term, term.code(), |out| out.write_str(term.text()));
    }

    fn enter_subject<S: Subject>(&mut self, names: &Names, subject: S) {
        let code = subject.code(names);
        if code != 0 {
            self.enter_text(Space::Subject, code, |out| subject.write(names, out));
        }
    }

    fn enter_text(
        &mut self,
        space: Space,
        code: u64,
        write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
    ) {
        if let Some(at) = self.find(space, code) {
            if cfg!(debug_assertions) {
                let mut text = String::new();
                let written = write(&mut text);
                assert!(
                    written.is_ok() && text == self.slice(at),
                    "one code, two texts: {text} and {}",
                    self.slice(at)
                );
            }
            self.guesses[space as usize].set(code, at, self.entries.len());
            return;
        }
        let start = self.texts.len();
        write_or_code(code, write, &mut self.texts);
        let at = self.entries.len();
        self.entries.push(Entry { space, code, start, end: self.texts.len() });
        self.guesses[space as usize].set(code, at, self.entries.len());
        self.places[space as usize].enter(code, at as u64);
    }

    #[inline]
    fn find(&self, space: Space, code: u64) -> Option<usize> {
        let guess = self.guesses[space as usize].get(code);
        if self.entries.get(guess).is_some_and(|entry| entry.code == code && entry.space == space) {
            return Some(guess);
        }
        self.probe(space, code)
    }

    fn probe(&self, space: Space, code: u64) -> Option<usize> {
        self.places[space as usize].get(code).and_then(|at| usize::try_from(at).ok())
    }

    fn slice(&self, at: usize) -> &str {
        let Entry { start, end, .. } = self.entries[at];
        &self.texts[start..end]
    }
}

/// Appends the spelling of a subject.
pub(crate) fn write_subject<S: Subject>(names: &Names, subject: S, out: &mut String) {
    write_or_code(subject.code(names), |out| subject.write(names, out), out);
}

/// Appends a text; a subject that cannot spell itself gets its code for one.
fn write_or_code(code: u64, write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result, out: &mut String) {
    let start = out.len();
    if write(out).is_err() {
        out.truncate(start);
        // Writing to a `String` cannot fail.
        let _ = write!(out, "?{code:016x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use tiebreak_kernel::{Instant, Origin};

    /// A subject with a code and a text of its own choosing.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Odd(u64, &'static str);

    impl Subject for Odd {
        fn code(&self, _names: &Names) -> u64 {
            self.0
        }

        fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
            if self.1 == "error" { Err(fmt::Error) } else { out.write_str(self.1) }
        }
    }

    const KIND: Term = Term::new("kind");

    fn enter(dictionary: &mut Dictionary, subjects: [Odd; 2]) {
        let mut names = Names::default();
        let name = Name::of(names.intern("kind"), KIND, subjects[0]);
        let facts =
            [Fact::subject(KIND, subjects[1]), Fact::name(KIND, names.intern("name")), Fact::number(KIND, 3)];
        let record = Record {
            number: 1,
            instant: Instant::START,
            name,
            codes: name.part_codes(&names),
            event: None,
            origin: Origin::Note,
            cause: None,
            facts: &facts,
        };
        dictionary.enter(&names, &record);
    }

    #[test]
    fn equal_codes_of_different_spaces_keep_their_texts() {
        let mut dictionary = Dictionary::default();
        for _ in 0..3 {
            enter(&mut dictionary, [Odd(KIND.code(), "a subject with the code of a word"), Odd(1, "one")]);
        }
        let kind = KIND.code();
        assert_eq!(dictionary.text(Space::Term, kind), Some("kind"));
        assert_eq!(dictionary.text(Space::Name, kind), Some("kind"));
        assert_eq!(dictionary.text(Space::Subject, kind), Some("a subject with the code of a word"));
        assert_eq!(dictionary.text(Space::Name, 1), None);
        let spaces: Vec<_> = dictionary.entries().map(|(space, _, text)| (space, text)).collect();
        let expected = vec![
            (Space::Name, "kind"),
            (Space::Term, "kind"),
            (Space::Subject, "a subject with the code of a word"),
            (Space::Subject, "one"),
            (Space::Name, "name"),
        ];
        assert_eq!(spaces, expected, "each once, in the order of first sight");
        assert_eq!(dictionary.size(), 5 * ENTRY_BYTES + 48);
    }

    #[test]
    fn no_subject_has_no_entry_and_one_that_cannot_spell_itself_has_its_code() {
        let mut dictionary = Dictionary::default();
        enter(&mut dictionary, [Odd(0, "none"), Odd(7, "error")]);
        assert_eq!(dictionary.text(Space::Subject, 0), None);
        assert_eq!(dictionary.text(Space::Subject, 7), Some("?0000000000000007"));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "one code, two texts: two and one")]
    fn two_subjects_of_one_code_are_found_out() {
        enter(&mut Dictionary::default(), [Odd(1, "one"), Odd(1, "two")]);
    }

    #[test]
    fn thousands_of_codes_are_all_found_each_in_its_space() {
        let (mut dictionary, spaces) = (Dictionary::default(), [Space::Name, Space::Term, Space::Subject]);
        for code in 0..5_000 {
            for space in spaces {
                dictionary.enter_text(space, code << 50 | code, |out| write!(out, "{space:?} {code}"));
            }
        }
        for code in 0..5_000u64 {
            for space in spaces {
                let text = alloc::format!("{space:?} {code}");
                assert_eq!(dictionary.text(space, code << 50 | code), Some(text.as_str()));
            }
        }
    }
}
