//! Values that are written as a word or as a number: protocols, statuses, the protocol selector of a lookup.

use core::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize, Serializer, forward_to_deserialize_any};
use tiebreak_kernel::Order;
use tiebreak_rtm::{Status as StatusCode, protocol};

/// Returns a set of words.
pub(crate) type Words = fn() -> Vec<&'static str>;

/// Returns the words of order policies, which are the kernel's.
pub(crate) fn order_words() -> Vec<&'static str> {
    Order::ALL.iter().map(|order| order.word()).collect()
}

/// Returns the words of an enum, as serde reads them.
pub(crate) fn variants<T: DeserializeOwned>() -> Vec<&'static str> {
    let mut found: &'static [&'static str] = &[];
    let asked = T::deserialize(Asks(&mut found));
    assert!(asked.is_err() && !found.is_empty(), "an enum says its words before it reads one");
    found.to_vec()
}

/// Asks an enum for its words, and gives it nothing to read.
struct Asks<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asks<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("only the words are asked for"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = variants;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
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

    /// Returns the protocol of that name, as in [`protocol::NAMED`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        protocol::NAMED.iter().find(|(known, _)| *known == name).map(|(_, number)| Self(*number))
    }

    /// Returns the names there are.
    pub(crate) fn words() -> Vec<&'static str> {
        protocol::NAMED.iter().map(|(name, _)| *name).collect()
    }

    /// What observers register as when nothing is said.
    pub(crate) const fn of_observers() -> Self {
        Self::NETMGMT
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(crate) fn is_of_observers(&self) -> bool {
        *self == Self::of_observers()
    }

    /// What feeds register as when nothing is said.
    pub(crate) const fn of_feeds() -> Self {
        Self::BGP
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(crate) fn is_of_feeds(&self) -> bool {
        *self == Self::of_feeds()
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns its name if it has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        protocol::NAMED.iter().find(|(_, number)| *number == self.0).map(|(name, _)| *name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => out.pad(name),
            None => out.pad(&self.0.to_string()),
        }
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

    /// Returns the names there are.
    pub(crate) fn words() -> Vec<&'static str> {
        StatusCode::NAMED.iter().map(|(name, _)| *name).collect()
    }

    /// Returns the status of that name, as in [`StatusCode::NAMED`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        StatusCode::NAMED.iter().find(|(known, _)| *known == name).map(|(_, status)| Self(status.code()))
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns its name if it has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        StatusCode::NAMED.iter().find(|(_, status)| status.code() == self.0).map(|(name, _)| *name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => out.pad(name),
            None => out.pad(&self.0.to_string()),
        }
    }
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
