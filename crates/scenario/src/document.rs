//! What a file says in another way than a plan has it: entries of the list of clients, steps, spans of time as text.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tiebreak_kernel::Span;
use tiebreak_regression::options;
pub(crate) use tiebreak_regression::spelling::as_text;

use crate::action::Action;
use crate::check::take_apart;
use crate::entries::ENTRIES;
use crate::labels::{self, items};
use crate::plan::{
    Actor, ChangeType, Client, Condition, Dest, Entry, Pattern, Plan, Protocol, Snapshot, Step, Timing, View,
};
use crate::rows::SCENARIO;
use crate::tree::Node;
use crate::typed::from_tree;

/// The number of the format this crate reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// The format of every plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub(crate) struct Format;

impl From<Format> for u32 {
    fn from(_: Format) -> Self {
        FORMAT
    }
}

impl TryFrom<u32> for Format {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number == FORMAT { Ok(Self) } else { Err(format!("unknown format {number}")) }
    }
}

/// Returns the plan of a checked file; `labels` are those of each client or group.
pub(crate) fn to_plan(root: &Node, labels: Vec<Vec<String>>) -> Result<Plan, String> {
    let mut labels = labels.into_iter();
    let mut plan: Plan = from_tree(root, None)?;
    let found = take_apart(&SCENARIO, root, &mut Vec::new());
    for node in items(found.and_then(|found| found.get("clients"))) {
        plan.clients.push(to_entry(node, &mut labels)?);
    }
    Ok(plan)
}

/// Returns an entry of the list of clients. As long as it can be a template, its prefixes and addresses are text.
fn to_entry(node: &Node, labels: &mut impl Iterator<Item = Vec<String>>) -> Result<Entry, String> {
    let found = take_apart(&ENTRIES, node, &mut Vec::new()).ok_or("unreadable")?;
    Ok(match found.row.name {
        "Observer" => Entry::One(Actor::Observer(from_tree(node, None)?)),
        "Feed" => Entry::One(Actor::Feed(from_tree(node, None)?)),
        _ if found.get("count").is_some() => Entry::Group(to_client(node, labels)?),
        _ => Entry::One(Actor::Client(to_client(node, labels)?)),
    })
}

fn to_client<'de, P: Deserialize<'de>, A: Deserialize<'de>>(
    node: &'de Node,
    labels: &mut impl Iterator<Item = Vec<String>>,
) -> Result<Client<P, A>, String> {
    let mut client = from_tree(node, None)?;
    labels::assign(&mut client, labels.next().unwrap_or_default());
    Ok(client)
}

/// Reads over the clients: [`to_plan`] puts them in, because only it can tell groups and clients apart.
pub(crate) fn none_yet<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

/// A step as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "P: Deserialize<'de>, A: Deserialize<'de>"))]
pub(crate) enum DocumentStep<P, A> {
    At(#[serde(with = "as_text")] Span, Action<P, A>),
    Step {
        #[serde(with = "as_text")]
        at: Span,
        #[serde(rename = "do")]
        action: Action<P, A>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        without: Option<String>,
    },
    Every {
        #[serde(with = "as_text")]
        from: Span,
        #[serde(with = "as_text")]
        period: Span,
        times: u32,
        #[serde(rename = "do")]
        action: Action<P, A>,
        #[serde(default, skip_serializing_if = "is_default", with = "as_text")]
        jitter: Span,
        #[serde(default, rename = "while", skip_serializing_if = "Option::is_none")]
        condition: Option<Condition<P>>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        without: Option<String>,
    },
}

impl<P, A> From<DocumentStep<P, A>> for Step<P, A> {
    fn from(step: DocumentStep<P, A>) -> Self {
        match step {
            DocumentStep::At(at, action) => Self {
                timing: Timing::Once(at),
                action,
                condition: None,
                label: String::new(),
                with: None,
                without: None,
            },
            DocumentStep::Step { at, action, label, with, without } => {
                Self { timing: Timing::Once(at), action, condition: None, label, with, without }
            }
            DocumentStep::Every { from, period, times, action, jitter, condition, label, with, without } => {
                Self {
                    timing: Timing::Every { from, period, times, jitter },
                    action,
                    condition,
                    label,
                    with,
                    without,
                }
            }
        }
    }
}

impl<P, A> From<Step<P, A>> for DocumentStep<P, A> {
    fn from(step: Step<P, A>) -> Self {
        let Step { timing, action, condition, label, with, without } = step;
        match timing {
            Timing::Once(at) if label.is_empty() && with.is_none() && without.is_none() => {
                Self::At(at, action)
            }
            Timing::Once(at) => Self::Step { at, action, label, with, without },
            Timing::Every { from, period, times, jitter } => {
                Self::Every { from, period, times, action, jitter, condition, label, with, without }
            }
        }
    }
}

/// Returns a value in RON.
pub(crate) fn to_ron<T: Serialize>(value: &T) -> String {
    match options().to_string(value) {
        Ok(text) => text,
        Err(error) => panic!("everything a plan holds has a notation: {error}"),
    }
}

/// Is it what is meant when nothing is said?
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a file means where it leaves a field out, if that is not the `Default` of its type, and whether it may leave it out.
macro_rules! left_out {
    ($($default:ident $is_default:ident: $type:ty = $value:expr;)*) => {$(
        pub(crate) fn $default() -> $type {
            $value
        }

        pub(crate) fn $is_default(value: &$type) -> bool {
            *value == $default()
        }
    )*};
}

left_out! {
    seed is_seed: u64 = 1;
    yes is_yes: bool = true;
    whole is_whole: Vec<Snapshot> = vec![Snapshot::Whole];
    unicast is_unicast: Vec<View> = vec![View::Unicast];
    best is_best: Vec<ChangeType> = vec![ChangeType::Best];
    of_observers is_of_observers: Protocol = Protocol::NETMGMT;
    of_feeds is_of_feeds: Protocol = Protocol::BGP;
}

/// Types that are written as the text they are printed as.
macro_rules! written_as_text {
    ($($type:ty)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

written_as_text! { Dest Pattern }

/// Optional spans of time as text.
pub(crate) mod opt_span_text {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Span};

    #[expect(clippy::ref_option, reason = "serde hands out references")]
    pub(crate) fn serialize<S: Serializer>(span: &Option<Span>, serializer: S) -> Result<S::Ok, S::Error> {
        span.map(|span| span.to_string()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}
