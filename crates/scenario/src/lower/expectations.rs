//! What must hold, and what is snapshot.

use super::Lower;
use super::fields::Call;
use crate::code;
use crate::plan::{Expectation, Pattern, Prefix, Snapshot, View};
use crate::tree::Node;

/// An expectation as a file holds it.
type TextExpectation = Expectation<String, String>;

impl Lower {
    pub(super) fn expectation(&mut self, node: &Node) -> Option<TextExpectation> {
        let known = ["Best", "Unreachable", "Count", "Before", "Never", "Fails"];
        let call = self.variant(node, "an expectation", &known)?;
        Some(match call.name {
            "Best" => {
                let fields = self.fields(&call, &["dest", "owner", "metric", "view", "instance"]);
                Expectation::Best {
                    dest: self.req(&fields, "dest", Self::any_prefix),
                    owner: self.req(&fields, "owner", Self::actor),
                    metric: self.opt(&fields, "metric", Self::integer::<u32>),
                    view: self.or(&fields, "view", View::default(), Self::view),
                    instance: self.or(&fields, "instance", 0, Self::integer::<u16>),
                }
            }
            "Unreachable" => {
                let values = self.tuple(&call, 1, "Unreachable(\"10.0.0.0/8\")")?;
                Expectation::Unreachable(self.any_prefix(&values[0])?)
            }
            "Count" => self.count(&call),
            "Before" => {
                let values = self.tuple(&call, 2, "Before(\"rip1/expiry(*)\", \"rip2/expiry(*)\")")?;
                let (first, second) = (self.pattern(&values[0]), self.pattern(&values[1]));
                Expectation::Before(first?, second?)
            }
            "Never" => {
                let values = self.tuple(&call, 1, "Never(\"rip1/route-expired(*)\")")?;
                Expectation::Never(self.pattern(&values[0])?)
            }
            _ => {
                let values = self.tuple(&call, 1, "Fails(\"monitor\")")?;
                Expectation::Fails(self.named_thing(&values[0], "a monitor")?)
            }
        })
    }

    fn count(&mut self, call: &Call<'_>) -> TextExpectation {
        let fields = self.fields(call, &["of", "is", "at_least", "at_most"]);
        let of = self.req(&fields, "of", Self::pattern);
        let is = self.opt(&fields, "is", Self::integer::<u64>);
        let at_least = self.opt(&fields, "at_least", Self::integer::<u64>);
        let at_most = self.opt(&fields, "at_most", Self::integer::<u64>);
        let [has_is, has_least, has_most] =
            ["is", "at_least", "at_most"].map(|name| fields.get(name).is_some());
        if !(has_is || has_least || has_most) {
            let help = "add `is: 1`, `at_least: 1` or `at_most: 1`";
            self.report(code::MISSING_FIELD, fields.span(), "`Count` has no bound", help);
        } else if has_is && (has_least || has_most) {
            let help = "keep `is`, or the other bounds";
            self.report(code::INTERVAL, fields.span(), "`is` leaves no room for another bound", help);
        } else if let (Some(least), Some(most)) = (at_least, at_most) {
            if least > most {
                let message = format!("no count is at least {least} and at most {most}");
                self.report(code::INTERVAL, fields.span(), message, "exchange them");
            }
        }
        Expectation::Count { of, is, at_least, at_most }
    }

    pub(super) fn snapshots(&mut self, node: &Node) -> Option<Vec<Snapshot>> {
        let found = self.list(node, Self::snapshot)?;
        if matches!(&node.kind, crate::tree::Kind::List(nodes) if nodes.is_empty()) {
            self.error(code::INTERVAL, node, "a list of no snapshots", "leave it out for the whole trace");
        }
        Some(found)
    }

    fn snapshot(&mut self, node: &Node) -> Option<Snapshot> {
        let call = self.variant(node, "a snapshot", &["Whole", "Actor", "Kind", "Subject"])?;
        if call.name == "Whole" {
            self.alone(&call);
            return Some(Snapshot::Whole);
        }
        let values = self.tuple(&call, 1, &format!("{}(\"…\")", call.name))?;
        Some(match call.name {
            "Actor" => Snapshot::Actor(self.actor(&values[0])?),
            "Kind" => Snapshot::Kind(self.named_thing(&values[0], "a kind of event")?),
            _ => Snapshot::Subject(self.named_thing(&values[0], "a subject")?),
        })
    }

    /// Takes a prefix of whatever family.
    fn any_prefix(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if let Err(error) = text.parse::<Prefix>() {
            self.diagnostics.push(crate::names::prefix_mistake(&text, error, node.span.clone(), ""));
        }
        Some(text)
    }

    /// Takes the name of a client, or of the manager.
    fn actor(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node)?;
        self.registry.actor(&name, node.span.clone());
        Some(name)
    }

    fn pattern(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        match text.parse::<Pattern>() {
            Ok(pattern) => self.registry.actor(&pattern.actor, node.span.clone()),
            Err(error) => {
                let message = format!("\"{text}\" is not a pattern: {error}");
                let help = "write actor/kind(subject)#repeat, such as \"rip1/expiry(10.0.0.0/8)#1\"; `*` stands for anything";
                self.error(code::PATTERN, node, message, help);
            }
        }
        Some(text)
    }

    fn named_thing(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.text(node)?;
        if text.is_empty() {
            self.error(code::NAME, node, format!("the name of {what} is empty"), "name it");
        }
        Some(text)
    }
}
