//! The notation as a tree: every value with the bytes it stands at.

use core::ops::Range;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its bytes in the file.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Is something in it unreadable, so that what seems to be missing may be no mistake of its own?
    pub(crate) is_broken: bool,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Unreadable, and reported already.
    Bad,
    /// A text.
    Text(String),
    /// A whole number; `None` if it exceeds even 128 bits.
    Integer(Option<i128>),
    /// A number with a point or an exponent.
    Float,
    /// `true` or `false`.
    Bool(bool),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}`
    Map(Vec<(Node, Node)>),
    /// A name alone, `Name(…)`, or `(…)`.
    Call(Option<Name>, Args),
}

/// What stands in the parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Args {
    /// There are no parentheses.
    None,
    /// Values.
    Tuple(Vec<Node>),
    /// Fields, with values between them if somebody mixed the two.
    Fields(Vec<(Name, Node)>, Vec<Node>),
}

/// A bare name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Its bytes in the file.
    pub(crate) span: Range<usize>,
    /// The name.
    pub(crate) text: String,
}

impl Node {
    /// Returns what to call it in a message.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::Bad => "something unreadable".to_owned(),
            Kind::Text(_) => "a text".to_owned(),
            Kind::Integer(_) => "a number".to_owned(),
            Kind::Float => "a number with a fraction".to_owned(),
            Kind::Bool(_) => "`true` or `false`".to_owned(),
            Kind::List(_) => "a list `[…]`".to_owned(),
            Kind::Map(_) => "a map `{…}`".to_owned(),
            Kind::Call(None, _) => "`(…)` without a name".to_owned(),
            Kind::Call(Some(name), Args::None) => format!("the word `{}`", name.text),
            Kind::Call(Some(name), _) => format!("`{}(…)`", name.text),
        }
    }
}

impl Kind {
    /// Are both the same word, wherever they stand?
    pub(crate) fn is_same_word(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Call(Some(one), Args::None), Self::Call(Some(other), Args::None)) => {
                one.text == other.text
            }
            _ => false,
        }
    }
}
