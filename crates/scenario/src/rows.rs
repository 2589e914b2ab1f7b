//! The schema as rows: what may stand in a file, what each value is, and what the manual says of it.
//!
//! Rows of actions, conditions and expectations stand beside their types, in `action`, `condition` and `expectation`, those of
//! who takes part in `entries`; this module has the frame around them. [`crate::check`] walks rows and tree; docs/SCENARIO.md has its tables from here.

use core::ops::Range;

use crate::action::ACTIONS;
use crate::check::Checker;
use crate::check::frame;
use crate::condition::CONDITIONS;
use crate::entries::ENTRIES;
use crate::events::About;
use crate::expectation::EXPECTATIONS;
use crate::order::ORDERS;
use crate::plan::{ChangeType, Event, View};
use crate::regression::REGRESSIONS;
use crate::snapshots::SNAPSHOTS;
use crate::tree::{Args, Kind, Name, Node};
use crate::words::{Words, variants};

/// The most times a step may be repeated.
pub(crate) const TIMES_MAX: u64 = 10_000_000;

/// Rows of which one stands somewhere.
#[derive(Debug)]
pub(crate) struct Table {
    /// What it is, for messages: "an action".
    pub(crate) what: &'static str,
    /// The rows, in the order of the variants.
    pub(crate) rows: &'static [Row],
}

/// Something with a name: an action, a condition, a client.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// The events in whose reactions alone it may stand; none if it may stand anywhere.
    pub(crate) only_in: &'static [Event],
    /// The value that default labels name.
    pub(crate) subject: Option<&'static str>,
    /// The value that names the registration as which the client acts in it.
    pub(crate) acts_as: Option<&'static str>,
    /// Checks what no row can say.
    pub(crate) also: Option<Also>,
    /// What the manual says of it: what it does.
    pub(crate) does: &'static str,
}

/// A check of what no row can say, once the values have been checked one by one.
pub(crate) type Also = fn(&mut Checker<'_>, &Found<'_>);

/// How it is written.
#[derive(Debug)]
pub(crate) enum Form {
    /// `Name`
    Alone,
    /// `Name(value, value)`; those from the number on may be left out. The name of a value is an example of it.
    Values(usize, &'static [Field]),
    /// `Name(field: value)`
    Fields(&'static [Field]),
}

/// A field, or a value without a name.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) is: Is,
    pub(crate) need: Need,
    /// What is meant when it is left out, as the manual says it.
    pub(crate) default: &'static str,
    /// What the manual says of it.
    pub(crate) meaning: &'static str,
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It may not.
    Required,
    /// It may, and may be written `None` or `Some(…)`.
    Optional,
    /// It may: it has a default.
    Default,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Is {
    /// A text for people.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number of a range, both ends included.
    Integer(u64, u64),
    /// The number of the format.
    Format,
    /// A span of time.
    Span(Limit),
    /// One of a set of words; the text says what it is.
    Word(&'static str, Words),
    /// A protocol.
    Protocol,
    /// A protocol, `Best` or `This`.
    Selector,
    /// A status.
    Status,
    /// A text that means something in its client.
    Name(Use),
    /// The name of a switch, where it is made and where it is used.
    NewSwitch,
    Switch,
    /// Who takes part, or the manager.
    Actor,
    /// Who takes part.
    Client,
    /// A prefix of either family.
    AnyPrefix,
    /// An address of either family.
    AnyAddress,
    /// A pattern over event names.
    Pattern,
    /// One event: a text, or one among those of a cause.
    Event,
    /// The name of one event and its number.
    EventName,
    /// A draw: a text, or one among those of an event.
    Draw,
    /// The site of one draw and its number.
    DrawName,
    /// A strategy of a search.
    Strategy,
    /// A monitor.
    Monitor,
    /// Who says that a run fails: a monitor, or an expectation in words.
    Failing,
    /// A kind of event.
    Kind,
    /// What an event may be about.
    Subject,
    /// The path of a recording.
    File,
    /// A list.
    List(&'static Is),
    /// A value of whose names nobody has to be there.
    Unbound(&'static Is),
    /// A list of different values.
    Set(&'static Is),
    /// A list of at least one; the text says what is wrong with an empty one.
    Some(&'static Is, &'static str),
    /// What stands in one of these rows.
    One(&'static Table),
    /// A list of actions.
    Actions,
    /// A list of actions that are done when the callback is over.
    Later,
    /// A list of actions that are done for each destination that has changed.
    Each,
    /// The reactions of a client.
    Reactions,
}

/// What holds for a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Nothing.
    Any,
    /// It must be more than zero: the distance of repetitions.
    Period,
    /// It must be more than zero: the end of the run.
    End,
    /// The manager counts it in milliseconds.
    Millis,
    /// It must not come after the end of the run.
    Time,
}

/// What a text in a client is, so that it can be checked once the client is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// A prefix of the registration's family; the second is one that the client adds a route to.
    Prefix,
    NewDest,
    /// An address of the registration's family.
    Address,
    /// The name of the client itself.
    OwnName,
    /// The name of a flag.
    FlagName,
    /// A label.
    Label,
    /// The label of what is put off, and its use.
    NewLater,
    Later,
    /// Another client's name.
    Client,
    /// The name under which a next hop is kept, and its use.
    NewNextHop,
    NextHop,
    /// The name under which a route is kept, and its use.
    NewRoute,
    Route,
    /// The name under which a registration for changes is kept, and its use.
    NewChanges,
    Changes,
    /// The name under which a route list is kept, and its use.
    NewList,
    List,
    /// The name under which an enumeration is kept, and its use.
    NewEnum,
    Enum,
    /// The name of another registration of the client, and its use.
    NewRegistration,
    Registration,
}

impl Use {
    /// Returns what events are about that are about such a text, if any are.
    pub(crate) const fn about(self) -> Option<About> {
        match self {
            Self::NewDest => Some(About::Route),
            Self::Prefix => Some(About::Dest),
            Self::Address => Some(About::Host),
            Self::FlagName => Some(About::Flag),
            Self::NewChanges => Some(About::Changes),
            Self::NewList => Some(About::RouteList),
            Self::NewEnum => Some(About::Enumeration),
            Self::OwnName
            | Self::Label
            | Self::NewLater
            | Self::Later
            | Self::Client
            | Self::NewNextHop
            | Self::NextHop
            | Self::NewRoute
            | Self::Route
            | Self::Changes
            | Self::List
            | Self::Enum
            | Self::NewRegistration
            | Self::Registration => None,
        }
    }

    /// Is it the client's, whatever it acts as?
    pub(crate) const fn is_of_client(self) -> bool {
        match self {
            Self::OwnName
            | Self::FlagName
            | Self::Label
            | Self::NewLater
            | Self::Later
            | Self::Client
            | Self::NewRegistration
            | Self::Registration => true,
            Self::Prefix
            | Self::NewDest
            | Self::Address
            | Self::NewNextHop
            | Self::NextHop
            | Self::NewRoute
            | Self::Route
            | Self::NewChanges
            | Self::Changes
            | Self::NewList
            | Self::List
            | Self::NewEnum
            | Self::Enum => false,
        }
    }
}

/// A row that stands in a file, with its values.
#[derive(Debug, Clone)]
pub(crate) struct Found<'t> {
    pub(crate) row: &'static Row,
    /// Where its name stands, or its parenthesis if the name is left out.
    pub(crate) span: Range<usize>,
    /// The values by the names of their fields, each once.
    pub(crate) values: Vec<(&'static str, &'t Node)>,
    /// The names of fields that are given again.
    pub(crate) again: Vec<&'t Name>,
    /// Is something in it unreadable, so that what seems to be missing may be no mistake of its own?
    pub(crate) is_broken: bool,
}

impl<'t> Found<'t> {
    /// Returns the value of a field; what may be absent may be `None` or `Some(…)`.
    pub(crate) fn get(&self, name: &str) -> Option<&'t Node> {
        let (_, node) = self.values.iter().find(|(found, _)| *found == name)?;
        let is_optional = |field: &Field| field.name == name && field.need == Need::Optional;
        if let (Kind::Call(Some(word), args), true) = (&node.kind, self.row.parts().iter().any(is_optional)) {
            match (word.text.as_str(), args) {
                ("None", Args::None) => return None,
                ("Some", Args::Tuple(inner)) if inner.len() == 1 => return inner.first(),
                _ => {}
            }
        }
        Some(node)
    }
}

impl Table {
    /// Returns the names of the rows.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.rows.iter().map(|row| row.name).collect()
    }
}

impl Row {
    const fn new(name: &'static str, form: Form, does: &'static str) -> Self {
        Self { name, form, only_in: &[], subject: None, acts_as: None, also: None, does }
    }

    /// A word that stands alone.
    pub(crate) const fn alone(name: &'static str, does: &'static str) -> Self {
        Self::new(name, Form::Alone, does)
    }

    /// A name with values.
    pub(crate) const fn values(name: &'static str, values: &'static [Field], does: &'static str) -> Self {
        Self::new(name, Form::Values(values.len(), values), does)
    }

    /// A name with values, the last of which may be left out.
    pub(crate) const fn values_or_less(
        name: &'static str,
        values: &'static [Field],
        does: &'static str,
    ) -> Self {
        Self::new(name, Form::Values(values.len() - 1, values), does)
    }

    /// A name with fields.
    pub(crate) const fn fields(name: &'static str, fields: &'static [Field], does: &'static str) -> Self {
        Self::new(name, Form::Fields(fields), does)
    }

    /// It may stand in reactions to these events alone.
    pub(crate) const fn only_in(self, events: &'static [Event]) -> Self {
        Self { only_in: events, ..self }
    }

    /// Default labels name this value.
    pub(crate) const fn about(self, subject: &'static str) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// In it the client acts as the registration that this value names.
    pub(crate) const fn acts_as(self, registration: &'static str) -> Self {
        Self { acts_as: Some(registration), ..self }
    }

    /// This is checked besides.
    pub(crate) const fn also(self, check: Also) -> Self {
        Self { also: Some(check), ..self }
    }

    /// Returns its fields or values, and how many of them must be there at least if they have no names.
    pub(crate) const fn parts(&self) -> &'static [Field] {
        match self.form {
            Form::Alone => &[],
            Form::Values(_, fields) | Form::Fields(fields) => fields,
        }
    }

    /// Returns the value that holds other actions, if it is a block of them.
    pub(crate) fn block(&self) -> Option<&'static str> {
        let is_actions = |is: &Is| matches!(is, Is::Actions | Is::Later | Is::Each);
        self.parts().iter().find(|field| is_actions(&field.is)).map(|field| field.name)
    }

    /// Returns how it is written, with examples for values: `At("30s", Register)`.
    pub(crate) fn example(&self) -> String {
        let names = |fields: &[Field]| fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        match self.form {
            Form::Alone => self.name.to_owned(),
            Form::Values(least, values) => format!("{}({})", self.name, names(&values[..least])),
            Form::Fields(fields) => format!("{}({})", self.name, names(fields)),
        }
    }
}

/// A field that must be there, or a value without a name.
pub(crate) const fn req(name: &'static str, is: Is) -> Field {
    Field { name, is, need: Need::Required, default: "required", meaning: "" }
}

/// A field that may be absent.
pub(crate) const fn opt(name: &'static str, is: Is) -> Field {
    Field { name, is, need: Need::Optional, default: "", meaning: "" }
}

/// A field with a default.
pub(crate) const fn or(name: &'static str, is: Is, default: &'static str) -> Field {
    Field { name, is, need: Need::Default, default, meaning: "" }
}

impl Field {
    /// The manual says this of it.
    pub(crate) const fn means(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    /// What its absence means.
    pub(crate) const fn absent(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}

pub(crate) const U16: Is = Is::Integer(0, 0xFFFF);
pub(crate) const U32: Is = Is::Integer(0, 0xFFFF_FFFF);
pub(crate) const U64: Is = Is::Integer(0, u64::MAX);
pub(crate) const VIEW: Is = Is::Word("a view", variants::<View>);
pub(crate) const VIEWS: Is = Is::Set(&VIEW);
pub(crate) const TYPES: Is = Is::Some(
    &Is::Set(&Is::Word("a type of change", variants::<ChangeType>)),
    "without a type of change nothing is ever notified",
);
pub(crate) const DELIVERY: Is = Is::One(&DELIVERIES);
pub(crate) const TIME: Is = Is::Span(Limit::Time);

/// The whole file.
pub(crate) static SCENARIO: Table = Table {
    what: "a scenario",
    rows: &[Row::fields(
        "Scenario",
        &[
            req("format", Is::Format).means("`1`"),
            or("about", Is::Text, "`\"\"`").means("what it shows, for people"),
            req("until", Is::Span(Limit::End))
                .means("the end of the run, more than zero; no step may come after it"),
            or("order", Is::One(&ORDERS), "`seeded`").means(
                "how ties are ordered: `seeded`, `fifo`, `rounds`, or by hand, see [Orders](#orders)",
            ),
            or("seed", U64, "`1`").means("the seed, 0 to 2⁶⁴ − 1, decimal or `0x…`"),
            opt("limit", Is::Integer(1, u64::MAX)).absent("follows from the plan").means(
                "how many events the run may take, in all and at one instant; a run that hits it did not end",
            ),
            or("delivery", DELIVERY, "`None`").means("how long after it is due a callback runs"),
            or("takes", DELIVERY, "`None`")
                .means("how long a callback takes, from the last that its client does in it until it returns; what else is due meanwhile happens meanwhile"),
            or("switches", Is::List(&Is::NewSwitch), "`[]`")
                .means("names that `with`, `without`, `With`, `Without` may use"),
            req("clients", Is::List(&Is::One(&ENTRIES))).means("a list of `Client`, `Observer`, `Feed`"),
            or("expect", Is::List(&Is::One(&EXPECTATIONS)), "`[]`")
                .means("what must hold, besides every monitor"),
            or("snapshots", Is::Some(&Is::List(&Is::One(&SNAPSHOTS)), "the list of snapshots is empty"), "`[Whole]`")
                .means("what is kept of the trace: a list of the snapshots below, no two of them with one file name"),
            opt("regression", Is::One(&REGRESSIONS))
                .absent("none")
                .means("what is expected of a find that was kept, see [Regressions](#regressions)"),
        ],
        "",
    )],
};

const ACTION: Is = Is::One(&ACTIONS);
const LABEL: Field = or("label", Is::Name(Use::Label), "");
const WITH: Field = opt("with", Is::Switch);
const WITHOUT: Field = opt("without", Is::Switch);

/// Steps of a script.
pub(crate) static STEPS: Table = Table {
    what: "a step",
    rows: &[
        Row::values("At", &[req("\"30s\"", TIME), req("Register", ACTION)], "once").about("Register"),
        Row::fields(
            "Step",
            &[req("at", TIME), req("do", ACTION), LABEL, WITH, WITHOUT],
            "once; label and switches may be left out",
        )
        .about("do"),
        Row::fields(
            "Every",
            &[
                req("from", TIME),
                req("period", Is::Span(Limit::Period)),
                req("times", Is::Integer(1, TIMES_MAX)),
                req("do", ACTION),
                or("jitter", Is::Span(Limit::Any), ""),
                opt("while", Is::One(&CONDITIONS)),
                LABEL,
                WITH,
                WITHOUT,
            ],
            "`times` (1 to 10,000,000) times, `period` (more than zero) apart; each up to `jitter` later, drawn in thousandths of its unit (of `\"1s\"` in milliseconds), but never before the one before it; when `while` does not hold, it is not taken, and neither is the rest",
        )
        .about("do")
        .also(frame::every),
    ],
};

/// Delivery policies.
pub(crate) static DELIVERIES: Table = Table {
    what: "a delivery policy",
    rows: &[
        Row::alone("None", "at the instant at which it is due"),
        Row::values("Constant", &[req("\"5ms\"", Is::Span(Limit::Any))], "always that much later"),
        Row::fields(
            "Drawn",
            &[req("min", Is::Span(Limit::Any)), req("max", Is::Span(Limit::Any))],
            "that much later, drawn anew for each callback, both ends included",
        )
        .also(frame::drawn),
    ],
};
