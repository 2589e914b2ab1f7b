//! Plain values: texts, numbers, spans of time, words, names.

use tiebreak_kernel::Span;

use super::fields::Call;
use super::{Lower, Use};
use crate::action::{AddMode, ChangeType, Match};
use crate::code;
use crate::plan::{Delivery, Family, Order, Protocol, Selector, Status, View};
use crate::tree::{Args, Kind, Node};
use crate::words::{PROTOCOLS, STATUSES};

/// The longest time to live the manager knows: one millisecond less than "infinite".
const LIVE_MILLIS_MAX: u64 = 0xFFFF_FFFE;

impl Lower {
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Call(Some(name), Args::None) => {
                self.wrong(node, "a text", &format!("write \"{}\" in quotes", name.text));
                None
            }
            Kind::Bad
            | Kind::Integer(_)
            | Kind::Float
            | Kind::Bool(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Call(..) => {
                self.wrong(node, "a text", "write it in quotes");
                None
            }
        }
    }

    /// Takes a text and notes what it is.
    pub(super) fn noted(&mut self, node: &Node, what: Use) -> Option<String> {
        let text = self.text(node)?;
        self.note(what, &text, node.span.clone());
        Some(text)
    }

    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        self.wrong(node, "`true` or `false`", "write `true` or `false` without quotes");
        None
    }

    /// Takes a whole number of the type's range.
    pub(super) fn integer<T: TryFrom<i128> + Bounded>(&mut self, node: &Node) -> Option<T> {
        match &node.kind {
            Kind::Integer(value) => {
                let found = value.and_then(|value| T::try_from(value).ok());
                if found.is_none() {
                    self.out_of_range(node, 0, T::MAX);
                }
                found
            }
            Kind::Float => {
                let help = "numbers are whole here: a probability is \"1/1000\", a time \"1500ms\"";
                self.error(code::FRACTION, node, "a number with a fraction", help);
                None
            }
            Kind::Text(text) if text.parse::<u64>().is_ok() => {
                self.wrong(node, "a number", &format!("write {text} without quotes"));
                None
            }
            Kind::Bad | Kind::Text(_) | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) | Kind::Call(..) => {
                self.wrong(node, "a number", "write a whole number: 7 or 0x1f");
                None
            }
        }
    }

    /// Takes a whole number from `least` on.
    pub(super) fn at_least(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let value = self.integer::<u32>(node)?;
        if (least..=most).contains(&value) {
            return Some(value);
        }
        self.out_of_range(node, u64::from(least), u64::from(most));
        None
    }

    fn out_of_range(&mut self, node: &Node, least: u64, most: u64) {
        let help = format!("write a number from {least} to {most}");
        self.error(code::RANGE, node, "the number is out of range", help);
    }

    pub(super) fn span(&mut self, node: &Node) -> Option<Span> {
        match &node.kind {
            Kind::Text(text) => match text.parse() {
                Ok(span) => Some(span),
                Err(error) => {
                    let message = format!("\"{text}\" is not a span of time: {error}");
                    let help =
                        "write whole numbers with units h m s ms us ns, such as \"250ms\" or \"1m30s\"";
                    self.error(code::SPAN, node, message, help);
                    None
                }
            },
            Kind::Integer(Some(value)) => {
                let help = format!("write it as a text with a unit: \"{value}s\" or \"{value}ms\"");
                self.error(code::SPAN, node, "a span of time without a unit", help);
                None
            }
            Kind::Float => {
                let help = "write whole numbers with units, such as \"1500ms\" or \"1m30s\"";
                self.error(code::FRACTION, node, "a span of time with a fraction", help);
                None
            }
            Kind::Bad
            | Kind::Integer(None)
            | Kind::Bool(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Call(..) => {
                self.wrong(node, "a span of time", "write a text with a unit, such as \"30s\"");
                None
            }
        }
    }

    /// Takes a span that the manager counts in milliseconds.
    pub(super) fn millis(&mut self, node: &Node) -> Option<Span> {
        let span = self.span(node)?;
        if span.as_nanos() % 1_000_000 != 0 {
            let help = format!("write \"{}ms\"", span.as_millis());
            self.error(code::INTERVAL, node, "the manager counts this in whole milliseconds", help);
        } else if span.as_millis() > LIVE_MILLIS_MAX {
            let help = "write at most \"4294967294ms\" (49.7 days), or leave it out for no end";
            self.error(code::INTERVAL, node, "the manager cannot count that far", help);
        }
        Some(span)
    }

    /// Takes a list; what is wrong with one item does not spoil the others.
    pub(super) fn list<T>(
        &mut self,
        node: &Node,
        mut item: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::List(nodes) = &node.kind else {
            self.wrong(node, "a list", "write `[…]`, also around a single one");
            return None;
        };
        Some(nodes.iter().filter_map(|node| item(self, node)).collect())
    }

    /// Takes a list of different values, at least one.
    fn set<T: PartialEq + Copy>(
        &mut self,
        node: &Node,
        item: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut seen = Vec::new();
        self.list(node, |lower, node| {
            let value = item(lower, node)?;
            if seen.contains(&value) {
                lower.error(code::DUPLICATE_NAME, node, "the same one is given twice", "keep one of them");
            }
            seen.push(value);
            Some(value)
        })
    }

    pub(super) fn order(&mut self, node: &Node) -> Option<Order> {
        self.word(node, "an order", &Order::ALL.map(|order| (order.word(), order)))
    }

    pub(super) fn family(&mut self, node: &Node) -> Option<Family> {
        self.word(node, "an address family", &[("ipv4", Family::Ipv4), ("ipv6", Family::Ipv6)])
    }

    pub(super) fn view(&mut self, node: &Node) -> Option<View> {
        self.word(node, "a view", &[("ucast", View::Unicast), ("mcast", View::Multicast)])
    }

    pub(super) fn views(&mut self, node: &Node) -> Option<Vec<View>> {
        self.set(node, Self::view)
    }

    pub(super) fn change_types(&mut self, node: &Node) -> Option<Vec<ChangeType>> {
        let words =
            [("All", ChangeType::All), ("Best", ChangeType::Best), ("Forwarding", ChangeType::Forwarding)];
        self.set(node, |lower, node| lower.word(node, "a type of change", &words))
    }

    pub(super) fn mode(&mut self, node: &Node) -> Option<AddMode> {
        let words = [("Auto", AddMode::Auto), ("New", AddMode::New), ("First", AddMode::First)];
        self.word(node, "a mode", &words)
    }

    pub(super) fn matching(&mut self, node: &Node) -> Option<Match> {
        self.word(node, "a match", &[("Exact", Match::Exact), ("Longest", Match::Longest)])
    }

    pub(super) fn status(&mut self, node: &Node) -> Option<Status> {
        if matches!(node.kind, Kind::Integer(_) | Kind::Float) {
            return self.integer::<u32>(node).map(Status::new);
        }
        let words = STATUSES.map(|(name, number)| (name, Status::new(number)));
        self.word(node, "a status", &words)
    }

    pub(super) fn protocol(&mut self, node: &Node) -> Option<Protocol> {
        const WHAT: &str = "a protocol";
        let names: Vec<&str> = PROTOCOLS.iter().map(|(name, _)| *name).collect();
        match &node.kind {
            Kind::Text(text) => {
                let found = Protocol::named(text);
                if found.is_none() {
                    let help = format!("{} Any other is a number", Self::meant(text, &names));
                    self.error(code::UNKNOWN_WORD, node, format!("\"{text}\" is not {WHAT}"), help);
                }
                found
            }
            Kind::Integer(_) | Kind::Float => {
                let found = Protocol::new(self.integer::<u32>(node)?);
                if found.is_none() {
                    self.out_of_range(node, 1, u64::from(u32::MAX - 1));
                }
                found
            }
            Kind::Call(Some(name), Args::None) => {
                self.wrong(node, WHAT, &format!("write \"{}\" in quotes", name.text));
                None
            }
            Kind::Bad | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) | Kind::Call(..) => {
                self.wrong(node, WHAT, "write a name such as \"RIP\" or a number");
                None
            }
        }
    }

    pub(super) fn selector(&mut self, node: &Node) -> Option<Selector> {
        if matches!(node.kind, Kind::Text(_) | Kind::Integer(_)) {
            return self.protocol(node).map(Selector::Of);
        }
        self.word(node, "a selector", &[("Best", Selector::Best), ("This", Selector::This)])
    }

    pub(super) fn delivery(&mut self, node: &Node) -> Option<Delivery> {
        let call = self.variant(node, "a delivery policy", &["None", "Constant", "Drawn"])?;
        match call.name {
            "Constant" => {
                let values = self.tuple(&call, 1, "Constant(\"5ms\")")?;
                self.span(&values[0]).map(Delivery::Constant)
            }
            "Drawn" => {
                let fields = self.fields(&call, &["min", "max"]);
                let min = self.req(&fields, "min", Self::span);
                let max = self.req(&fields, "max", Self::span);
                if let Some(node) = fields.get("max").filter(|_| max < min && max > Span::ZERO) {
                    let message = format!("the longest delay, {max}, is shorter than the shortest, {min}");
                    self.error(code::INTERVAL, node, message, "exchange them");
                }
                Some(Delivery::Drawn { min, max })
            }
            _ => {
                self.alone(&call);
                Some(Delivery::None)
            }
        }
    }

    /// Takes the first value of a call and notes what it is.
    pub(super) fn single(&mut self, call: &Call<'_>, what: Use, form: &str) -> Option<String> {
        let values = self.tuple(call, 1, form)?;
        self.noted(&values[0], what)
    }
}

/// Integers with a largest value, for messages.
pub(super) trait Bounded {
    const MAX: u64;
}

impl Bounded for u8 {
    const MAX: u64 = 0xFF;
}

impl Bounded for u16 {
    const MAX: u64 = 0xFFFF;
}

impl Bounded for u32 {
    const MAX: u64 = 0xFFFF_FFFF;
}

impl Bounded for u64 {
    const MAX: u64 = u64::MAX;
}
