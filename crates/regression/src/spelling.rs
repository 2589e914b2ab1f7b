//! How orderings, draws and choices are written.
//!
//! ```text
//! Before("client/renew(2)#1", Of("server/expire(2)", "client/renew(2)#1"))
//! Draw("server/delay#1", 3)
//! Yes("a>b/loss#1")
//! Quiet
//! Next("client/renew(2)#1")
//! Twin("client/renew(2)#1", 2)
//! ```

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize, Serializer};
use tiebreak_explore::{
    Among, Answer, Cause, Constraint, EventRef, EventRefError, FixedDraw, FullChoices, Next, Rest,
};

/// A constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Rule {
    /// The first event runs before the second.
    Before(Event, Event),
    /// The draw, which is spelled as an event is, has this value.
    Draw(Event, u64),
    /// The chance, which is spelled as an event is, comes true.
    Yes(Event),
    /// It does not.
    No(Event),
    /// All other draws are quiet.
    Quiet,
}

impl From<&FixedDraw> for Rule {
    fn from(FixedDraw { draw, value }: &FixedDraw) -> Self {
        let draw = Event(draw.clone());
        match value {
            Answer::Number(value) => Self::Draw(draw, *value),
            Answer::Yes => Self::Yes(draw),
            Answer::No => Self::No(draw),
        }
    }
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Choice {
    /// The event was next.
    Next(Event),
    /// Of several events that could run and are called so, the one with this number in the order of scheduling was next.
    Twin(Event, NonZeroU32),
    /// The draw, which is spelled as an event is, had this value.
    Draw(Event, u64),
    /// The chance, which is spelled as an event is, came true.
    Yes(Event),
    /// It did not.
    No(Event),
}

impl From<&FixedDraw> for Choice {
    fn from(FixedDraw { draw, value }: &FixedDraw) -> Self {
        let draw = Event(draw.clone());
        match value {
            Answer::Number(value) => Self::Draw(draw, *value),
            Answer::Yes => Self::Yes(draw),
            Answer::No => Self::No(draw),
        }
    }
}

/// An event or a draw: a text, `Of(text, event)`, or `FromOutside(text)`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Spelled")]
pub struct Event(pub EventRef);

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(EventRef { name, repeat, among }) = self;
        let counted = || if *repeat == 1 { name.clone() } else { format!("{name}#{repeat}") };
        match among {
            Among::Run => serializer.collect_str(&self.0),
            Among::Of(cause) => Counted::Of(counted(), Self(cause.as_ref().clone())).serialize(serializer),
            Among::Outside => Counted::FromOutside(counted()).serialize(serializer),
        }
    }
}

/// An event as it stands in a file. The notations have no variant that is named by a text, so serde tries one after the other.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "not an event; write \"actor/kind(subject)#1\", or Of(\"actor/kind\", \"actor/kind#1\")"
)]
enum Spelled {
    Text(String),
    Counted(Counted),
}

/// What is counted among some of its name only.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Event")]
enum Counted {
    Of(String, Event),
    FromOutside(String),
}

impl TryFrom<Spelled> for Event {
    type Error = String;

    fn try_from(spelled: Spelled) -> Result<Self, String> {
        let parse = |text: &str| {
            text.parse::<EventRef>().map_err(|EventRefError| {
                format!(
                    "\"{text}\" is not an event; write actor/kind(subject)#1: the number says which event of that name \
                     is meant"
                )
            })
        };
        match spelled {
            Spelled::Text(text) => parse(&text).map(Self),
            Spelled::Counted(Counted::Of(name, Self(cause))) => {
                parse(&name).map(|event| Self(event.of(cause)))
            }
            Spelled::Counted(Counted::FromOutside(name)) => {
                parse(&name).map(|event| Self(event.from_outside()))
            }
        }
    }
}

/// Orderings and draws as the list of them; orderings come first.
pub mod rules {
    use serde::{Deserializer, Serializer};

    use super::{Answer, Cause, Constraint, Deserialize, Event, FixedDraw, Rest, Rule, Serialize};

    /// Writes the list.
    ///
    /// # Errors
    /// If the format cannot.
    pub fn serialize<S: Serializer>(cause: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
        let Cause { constraints, draws, rest } = cause;
        let before = |Constraint { before, after }: &Constraint| {
            Rule::Before(Event(before.clone()), Event(after.clone()))
        };
        let mut rules: Vec<Rule> =
            constraints.iter().map(before).chain(draws.iter().map(Rule::from)).collect();
        rules.extend((*rest == Rest::Quiet).then_some(Rule::Quiet));
        rules.serialize(serializer)
    }

    /// Reads the list.
    ///
    /// # Errors
    /// If it is no list of constraints.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cause, D::Error> {
        let mut cause = Cause::default();
        for rule in Vec::<Rule>::deserialize(deserializer)? {
            match rule {
                Rule::Before(Event(before), Event(after)) => {
                    cause.constraints.push(Constraint { before, after });
                }
                Rule::Draw(Event(draw), value) => {
                    cause.draws.push(FixedDraw { draw, value: Answer::Number(value) });
                }
                Rule::Yes(Event(draw)) => cause.draws.push(FixedDraw { draw, value: Answer::Yes }),
                Rule::No(Event(draw)) => cause.draws.push(FixedDraw { draw, value: Answer::No }),
                Rule::Quiet => cause.rest = Rest::Quiet,
            }
        }
        Ok(cause)
    }
}

/// The choices of a run as the list of them; draws come last.
pub mod choices {
    use serde::{Deserializer, Serializer};

    use super::{Answer, Choice, Deserialize, Event, FixedDraw, FullChoices, Next, NonZeroU32, Serialize};

    /// Writes the list.
    ///
    /// # Errors
    /// If the format cannot.
    pub fn serialize<S: Serializer>(choices: &FullChoices, serializer: S) -> Result<S::Ok, S::Error> {
        let FullChoices { next, draws } = choices;
        let next = next.iter().map(|Next { event, twin }| {
            match NonZeroU32::new(*twin).filter(|twin| *twin > NonZeroU32::MIN) {
                Some(twin) => Choice::Twin(Event(event.clone()), twin),
                None => Choice::Next(Event(event.clone())),
            }
        });
        let choices: Vec<Choice> = next.chain(draws.iter().map(Choice::from)).collect();
        choices.serialize(serializer)
    }

    /// Reads the list.
    ///
    /// # Errors
    /// If it is no list of choices.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FullChoices, D::Error> {
        let mut choices = FullChoices::default();
        for choice in Vec::<Choice>::deserialize(deserializer)? {
            match choice {
                Choice::Next(Event(event)) => choices.next.push(Next { event, twin: 1 }),
                Choice::Twin(Event(event), twin) => choices.next.push(Next { event, twin: twin.get() }),
                Choice::Draw(Event(draw), value) => {
                    choices.draws.push(FixedDraw { draw, value: Answer::Number(value) });
                }
                Choice::Yes(Event(draw)) => choices.draws.push(FixedDraw { draw, value: Answer::Yes }),
                Choice::No(Event(draw)) => choices.draws.push(FixedDraw { draw, value: Answer::No }),
            }
        }
        Ok(choices)
    }
}

/// Values of other crates, such as strategies, as the text they are printed as.
pub mod as_text {
    use core::fmt::Display;
    use core::str::FromStr;

    use serde::{Deserializer, Serializer};

    use super::Deserialize as _;

    /// Writes the text.
    ///
    /// # Errors
    /// If the format cannot.
    pub fn serialize<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// If no value is printed so.
    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
