//! Values that are written as a word or as a number: protocols, statuses, the protocol selector of a lookup.

use core::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use tiebreak_rtm::{Status as StatusCode, protocol};

/// Returns a set of words.
pub(crate) type Words = fn() -> Vec<&'static str>;

/// Returns the words of an enum, as serde reads them: it says them when it is asked for a word it does not have.
pub(crate) fn variants<T: DeserializeOwned>() -> Vec<&'static str> {
    match T::deserialize(StrDeserializer::<Expected>::new("")) {
        Err(Expected(words)) if !words.is_empty() => words.to_vec(),
        Ok(_) | Err(_) => unreachable!("an enum says its words, and none is empty"),
    }
}

/// An error that keeps the words that were expected.
#[derive(Debug)]
struct Expected(&'static [&'static str]);

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "expected one of {:?}", self.0)
    }
}

impl core::error::Error for Expected {}

impl de::Error for Expected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

/// A routing protocol by its number, `EntityProtocolId`; 0 and 0xFFFFFFFF are selectors, not protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(u32);

impl Protocol {
    /// RIP, number 8.
    pub const RIP: Self = Self(protocol::RIP);
    /// OSPF, number 13.
    pub const OSPF: Self = Self(protocol::OSPF);
    /// BGP, number 14.
    pub const BGP: Self = Self(protocol::BGP);
    /// Routes of local interfaces, number 2.
    pub const LOCAL: Self = Self(protocol::LOCAL);
    /// Network management, number 3; what observers register as.
    pub const NETMGMT: Self = Self(protocol::NETMGMT);

    /// Returns the protocol of that number, or `None` for the two numbers that are selectors.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 || number == u32::MAX { None } else { Some(Self(number)) }
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.name() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_u32(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrNumber("a protocol", Self::named, Self::new))
    }
}

/// Takes something by its name or its number; it is called as the first says.
struct NameOrNumber<T>(&'static str, fn(&str) -> Option<T>, fn(u32) -> Option<T>);

impl<T> Visitor<'_> for NameOrNumber<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} by name or number", self.0)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
        self.1(name).ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        let found = u32::try_from(number).ok().and_then(self.2);
        found.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }
}

/// What a callback answers: a status code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u32);

impl Status {
    /// `NO_ERROR`, 0: what a callback answers that does not say otherwise.
    pub const NO_ERROR: Self = Self(StatusCode::NoError.code());
    /// `ERROR_NOT_SUPPORTED`, 50: has an expired route deleted.
    pub const NOT_SUPPORTED: Self = Self(StatusCode::NotSupported.code());

    /// Returns the status of that number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }
}

/// Numbers that may be written by their documented names, of which a table in `rtm` knows some.
macro_rules! named_numbers {
    ($($type:ident: $table:expr, $code:expr;)*) => {$(
        impl $type {
            /// Returns the names there are.
            pub(crate) fn words() -> Vec<&'static str> {
                $table.iter().map(|(name, _)| *name).collect()
            }

            /// Returns what has that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                $table.iter().find(|(known, _)| *known == name).map(|(_, value)| Self($code(*value)))
            }

            /// Returns its name if it has one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                $table.iter().find(|(_, value)| $code(*value) == self.0).map(|(name, _)| *name)
            }

            /// Returns its number.
            #[must_use]
            pub const fn number(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => out.pad(name),
                    None => out.pad(&self.0.to_string()),
                }
            }
        }
    )*};
}

named_numbers! {
    Protocol: protocol::NAMED, u32::from;
    Status: StatusCode::NAMED, StatusCode::code;
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.name() {
            Some(name) => serializer.serialize_unit_variant("Status", 0, name),
            None => serializer.serialize_u32(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrNumber("a status", Self::named, |number| Some(Self(number))))
    }
}

/// Whose best route a lookup reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The best of all (`RTM_BEST_PROTOCOL`).
    #[default]
    Best,
    /// The best of the caller's protocol (`RTM_THIS_PROTOCOL`).
    This,
    /// The best of that protocol.
    Of(Protocol),
}

impl fmt::Display for Selector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best => out.pad("Best"),
            Self::This => out.pad("This"),
            Self::Of(protocol) => protocol.fmt(out),
        }
    }
}

impl Serialize for Selector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Best => serializer.serialize_unit_variant("Selector", 0, "Best"),
            Self::This => serializer.serialize_unit_variant("Selector", 1, "This"),
            Self::Of(protocol) => protocol.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = |name: &str| match name {
            "Best" => Some(Self::Best),
            "This" => Some(Self::This),
            _ => Protocol::named(name).map(Self::Of),
        };
        let numbered = |number| Protocol::new(number).map(Self::Of);
        deserializer.deserialize_any(NameOrNumber("a selector", named, numbered))
    }
}
