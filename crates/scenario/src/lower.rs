//! Tree to document: every mistake of the schema on the way, and what is needed to find those of meaning.

mod actions;
mod clients;
mod expectations;
mod fields;
mod values;

use core::ops::Range;

use tiebreak_kernel::Span;

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::document::{DocumentEntry, FORMAT, Scenario, seed, whole};
use crate::names::Registry;
use crate::plan::{Delivery, Event, Order};
use crate::tree::Node;

/// What a text in a client is, so that it can be checked once the client is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// A prefix of the client's family.
    Prefix,
    /// An address of the client's family.
    Address,
    /// The name of the client itself.
    OwnName,
    /// The name of a flag.
    FlagName,
    /// A label.
    Label,
    /// Another client's name.
    Client,
    /// The name under which a next hop is kept, and its use.
    NewNextHop,
    NextHop,
    /// The name under which a route is kept, and its use.
    NewRoute,
    Route,
    /// The name under which a registration is kept, and its use.
    NewChanges,
    Changes,
}

/// A text in a client and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) what: Use,
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a script.
    Script,
    /// In a reaction to this event.
    Reaction(Event),
    /// In an `After`: the callback is over then.
    After,
}

/// What the lowering carries along.
pub(crate) struct Lower {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What is known across clients.
    registry: Registry,
    /// The texts of the client at hand.
    used: Vec<Used>,
    /// Where each label of the client at hand stands, in the order in which labels are counted.
    labels: Vec<Range<usize>>,
    place: Place,
}

/// Lowers a tree. The document is complete only if there is no error among the diagnostics.
pub(crate) fn lower(root: &Node) -> (Scenario, Vec<Diagnostic>) {
    let mut lower = Lower {
        diagnostics: Vec::new(),
        registry: Registry::default(),
        used: Vec::new(),
        labels: Vec::new(),
        place: Place::Script,
    };
    let scenario = lower.scenario(root);
    let Lower { mut diagnostics, registry, .. } = lower;
    registry.check(scenario.until, &scenario.switches, &mut diagnostics);
    (scenario, diagnostics)
}

impl Lower {
    fn scenario(&mut self, root: &Node) -> Scenario {
        const FIELDS: [&str; 10] = [
            "format",
            "about",
            "until",
            "order",
            "seed",
            "delivery",
            "switches",
            "clients",
            "expect",
            "snapshots",
        ];
        let fields = match self.variant(root, "a scenario", &["Scenario"]) {
            Some(call) => self.fields(&call, &FIELDS),
            None => return empty(),
        };
        let format = self.req(&fields, "format", Self::format);
        let about = self.or(&fields, "about", String::new(), Self::text);
        let has_until = fields.get("until").is_some();
        let until = self.req(&fields, "until", Self::span);
        self.registry.has_end = has_until && until > Span::ZERO;
        if let Some(node) = fields.get("until").filter(|_| until == Span::ZERO) {
            if self.diagnostics.last().is_none_or(|last| last.span != node.span) {
                self.error(
                    code::INTERVAL,
                    node,
                    "a run of no length shows nothing",
                    "write a span such as \"60s\"",
                );
            }
        }
        Scenario {
            format,
            about,
            until,
            order: self.or(&fields, "order", Order::default(), Self::order),
            seed: self.or(&fields, "seed", seed(), Self::integer::<u64>),
            delivery: self.or(&fields, "delivery", Delivery::default(), Self::delivery),
            switches: self.or(&fields, "switches", Vec::new(), Self::new_switches),
            clients: self.req(&fields, "clients", |lower, node| lower.list(node, Self::entry)),
            expect: self.or(&fields, "expect", Vec::new(), |lower, node| lower.list(node, Self::expectation)),
            snapshots: self.or(&fields, "snapshots", whole(), Self::snapshots),
        }
    }

    fn format(&mut self, node: &Node) -> Option<u32> {
        let format = self.integer::<u32>(node)?;
        if format != FORMAT {
            let message = format!("format {format} is not known");
            self.error(code::FORMAT, node, message, format!("this program reads format {FORMAT}"));
        }
        Some(format)
    }

    /// Reports an error at a value.
    fn error(
        &mut self,
        code: &'static str,
        node: &Node,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(code, node.span.clone(), message, help);
    }

    fn report(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
    }

    /// Notes a text of the client at hand.
    fn note(&mut self, what: Use, text: &str, span: Range<usize>) {
        self.used.push(Used { what, text: text.to_owned(), span });
    }
}

/// What comes of a file that is no scenario at all.
fn empty() -> Scenario {
    Scenario {
        format: FORMAT,
        about: String::new(),
        until: Span::ZERO,
        order: Order::default(),
        seed: seed(),
        delivery: Delivery::None,
        switches: Vec::new(),
        clients: Vec::<DocumentEntry>::new(),
        expect: Vec::new(),
        snapshots: whole(),
    }
}
