//! The file as serde sees it: what a person leaves out is left out, prefixes and addresses are text.

use alloc::collections::BTreeMap;
use core::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tiebreak_kernel::Span;

use crate::action::Action;
use crate::check::take_apart;
use crate::labels::{self, items};
use crate::plan::{
    Actor, Client, Delivery, Entry, Event, Expectation, Family, Feed, Group, Observer, Order, Pattern, Plan,
    Prefix, Protocol, Snapshot, Step, Timing,
};
use crate::rows::SCENARIO;
use crate::tree::Node;
use crate::typed::from_tree;
use crate::write::options;

/// The number of the format this crate reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) format: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) about: String,
    #[serde(with = "span_text")]
    pub(crate) until: Span,
    #[serde(default, with = "order_word", skip_serializing_if = "is_default")]
    pub(crate) order: Order,
    #[serde(default = "seed", skip_serializing_if = "is_seed")]
    pub(crate) seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) delivery: Delivery,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) switches: Vec<String>,
    pub(crate) clients: Vec<DocumentEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) expect: Vec<Expectation>,
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub(crate) snapshots: Vec<Snapshot>,
}

/// An entry of the list of clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum DocumentEntry {
    /// A group, or any client that was just read: as long as it can be a template, its prefixes and addresses are text.
    Client(DocumentClient),
    /// A client that is written.
    #[serde(rename = "Client", skip_deserializing)]
    Written(DocumentClient<Prefix, IpAddr>),
    Observer(Observer),
    Feed(Feed),
}

/// A client, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Client")]
#[serde(bound(deserialize = "P: Deserialize<'de>, A: Deserialize<'de>"))]
pub(crate) struct DocumentClient<P = String, A = String> {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) instance: u16,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) family: Family,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entity: Option<u32>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) callback: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) misbehaves: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<Delivery>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) script: Vec<DocumentStep<P, A>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) on: BTreeMap<Event, Vec<Action<P, A>>>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum DocumentStep<P = String, A = String> {
    At(#[serde(with = "span_text")] Span, Action<P, A>),
    Step {
        #[serde(with = "span_text")]
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
        #[serde(with = "span_text")]
        from: Span,
        #[serde(with = "span_text")]
        period: Span,
        times: u32,
        #[serde(rename = "do")]
        action: Action<P, A>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        without: Option<String>,
    },
}

impl Scenario {
    /// Returns the plan; `root` is what it was read from, `labels` are those of each client or group.
    pub(crate) fn into_plan(self, root: &Node, labels: Vec<Vec<String>>) -> Result<Plan, String> {
        let mut labels = labels.into_iter();
        let found = take_apart(&SCENARIO, root, &mut Vec::new());
        let nodes = items(found.as_ref().and_then(|found| found.get("clients")));
        let clients = self.clients.into_iter().zip(nodes);
        let clients = clients.map(|(entry, node)| entry.into_entry(node, &mut labels));
        Ok(Plan {
            clients: clients.collect::<Result<_, _>>()?,
            expect: self.expect,
            about: self.about,
            until: self.until,
            order: self.order,
            seed: self.seed,
            limit: self.limit,
            delivery: self.delivery,
            switches: self.switches,
            snapshots: self.snapshots,
        })
    }

    /// Returns the file of a plan, with all that goes without saying left out.
    pub(crate) fn from_plan(plan: &Plan) -> Self {
        Self {
            format: FORMAT,
            about: plan.about.clone(),
            until: plan.until,
            order: plan.order,
            seed: plan.seed,
            limit: plan.limit,
            delivery: plan.delivery,
            switches: plan.switches.clone(),
            clients: plan.clients.iter().map(DocumentEntry::from_entry).collect(),
            expect: plan.expect.clone(),
            snapshots: plan.snapshots.clone(),
        }
    }
}

impl DocumentEntry {
    fn into_entry(
        self,
        node: &Node,
        labels: &mut impl Iterator<Item = Vec<String>>,
    ) -> Result<Entry, String> {
        let document = match self {
            Self::Observer(observer) => return Ok(Entry::One(Actor::Observer(observer))),
            Self::Feed(feed) => return Ok(Entry::One(Actor::Feed(feed))),
            Self::Client(mut document) => {
                if let Some(count) = document.count {
                    let only = core::mem::take(&mut document.only);
                    let mut template = document.into_client();
                    labels::assign(&mut template, labels.next().unwrap_or_default());
                    return Ok(Entry::Group(Group { count, only, template }));
                }
                from_tree(node, None)?
            }
            Self::Written(document) => document,
        };
        let mut client = document.into_client();
        labels::assign(&mut client, labels.next().unwrap_or_default());
        Ok(Entry::One(Actor::Client(client)))
    }

    fn from_entry(entry: &Entry) -> Self {
        match entry {
            Entry::One(Actor::Observer(observer)) => Self::Observer(observer.clone()),
            Entry::One(Actor::Feed(feed)) => Self::Feed(feed.clone()),
            Entry::One(Actor::Client(client)) => {
                let mut client = client.clone();
                labels::omit(&mut client);
                Self::Written(DocumentClient::from_client(client, None, Vec::new()))
            }
            Entry::Group(Group { count, only, template }) => {
                let mut template = template.clone();
                labels::omit(&mut template);
                Self::Client(DocumentClient::from_client(template, Some(*count), only.clone()))
            }
        }
    }
}

impl<P, A> DocumentClient<P, A> {
    /// Returns the client without what makes it a group, with the labels that were given and empty ones.
    pub(crate) fn into_client(self) -> Client<P, A> {
        Client {
            name: self.name,
            protocol: self.protocol,
            instance: self.instance,
            family: self.family,
            entity: self.entity,
            has_callback: self.callback,
            misbehaves: self.misbehaves,
            delivery: self.delivery,
            script: self.script.into_iter().map(DocumentStep::into_step).collect(),
            on: self.on,
        }
    }

    pub(crate) fn from_client(client: Client<P, A>, count: Option<u32>, only: Vec<String>) -> Self {
        Self {
            name: client.name,
            protocol: client.protocol,
            instance: client.instance,
            family: client.family,
            entity: client.entity,
            callback: client.has_callback,
            misbehaves: client.misbehaves,
            delivery: client.delivery,
            count,
            only,
            script: client.script.into_iter().map(DocumentStep::from_step).collect(),
            on: client.on,
        }
    }
}

impl<P, A> DocumentStep<P, A> {
    fn into_step(self) -> Step<P, A> {
        match self {
            Self::At(at, action) => {
                Step { timing: Timing::Once(at), action, label: String::new(), with: None, without: None }
            }
            Self::Step { at, action, label, with, without } => {
                Step { timing: Timing::Once(at), action, label, with, without }
            }
            Self::Every { from, period, times, action, label, with, without } => {
                Step { timing: Timing::Every { from, period, times }, action, label, with, without }
            }
        }
    }

    fn from_step(step: Step<P, A>) -> Self {
        let Step { timing, action, label, with, without } = step;
        match timing {
            Timing::Once(at) if label.is_empty() && with.is_none() && without.is_none() => {
                Self::At(at, action)
            }
            Timing::Once(at) => Self::Step { at, action, label, with, without },
            Timing::Every { from, period, times } => {
                Self::Every { from, period, times, action, label, with, without }
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

/// The seed when nothing is said.
pub(crate) const fn seed() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_seed(value: &u64) -> bool {
    *value == seed()
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_yes(value: &bool) -> bool {
    *value
}

/// The snapshots when nothing is said.
pub(crate) fn whole() -> Vec<Snapshot> {
    vec![Snapshot::Whole]
}

fn is_whole(snapshots: &[Snapshot]) -> bool {
    snapshots == [Snapshot::Whole]
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

written_as_text! { Prefix Pattern }

/// Order policies as the kernel's words for them.
pub(crate) mod order_word {
    use super::{Deserialize, Deserializer, Order, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(crate) fn serialize<S: Serializer>(order: &Order, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("Order", 0, order.word())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Order, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Spans of time as text.
pub(crate) mod span_text {
    use super::{Deserialize, Deserializer, Serializer, Span};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(crate) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(span)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

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
