//! What the lines of a trace as NDJSON hold.

use alloc::borrow::Cow;
use core::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A text that stands in the line as it is, or is unescaped.
#[derive(Debug, Deserialize)]
pub(super) struct Words<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// What every line says first.
#[derive(Debug, Deserialize)]
pub(super) struct Typed<'a> {
    #[serde(borrow)]
    pub(super) r#type: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct HeaderLine<'a> {
    pub(super) format: u32,
    pub(super) model: u32,
    #[serde(borrow)]
    pub(super) plan: Cow<'a, str>,
    pub(super) seed: u64,
    pub(super) draws: u64,
    #[serde(borrow)]
    pub(super) order: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) projection: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RecordLine<'a> {
    pub(super) number: u64,
    pub(super) at: u64,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) subject: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) origin: Cow<'a, str>,
    pub(super) repeat: Option<u32>,
    pub(super) choice: Option<ChoiceObject>,
    pub(super) to: Option<u64>,
    #[serde(borrow)]
    pub(super) cause: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) facts: Vec<(Words<'a>, FactValue<'a>)>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct ChoiceObject {
    pub(super) index: u32,
    pub(super) of: u32,
    pub(super) twin: bool,
}

/// What counts of a footer; the rest follows from the records.
#[derive(Debug, Deserialize)]
pub(super) struct FooterLine {
    pub(super) records: u64,
}

/// The value of a fact.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FactValue<'a> {
    Text(Cow<'a, str>),
    Number(u64),
    /// Less than 0.
    Signed(i64),
    Truth(bool),
    Absent,
}

impl<'de: 'a, 'a> Deserialize<'de> for FactValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FactVisitor)
    }
}

struct FactVisitor;

impl<'de> Visitor<'de> for FactVisitor {
    type Value = FactValue<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text, a whole number, `true`, `false` or `null`")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(FactValue::Text(text.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(FactValue::Text(text.to_owned().into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(FactValue::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) if number < 0 => Ok(FactValue::Signed(number)),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(FactValue::Truth(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(FactValue::Absent)
    }
}
