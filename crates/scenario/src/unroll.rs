//! `For`: some actions over and over with a number in them, written out before anything is checked.
//!
//! It is notation and no action: a plan has what it stands for, an `All`.

use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code};

use crate::check::{leaves, take_apart};
use crate::rows::{Found, Is, Row, Table, opt, req};
use crate::tree::{Args, Kind, Name, Node};

/// The name of it.
pub(crate) const FOR: &str = "For";
/// What it is written out as.
const ALL: &str = "All";
/// The most numbers of one.
const NUMBERS_MAX: u64 = 65_535;
/// The most values in all that are written out.
const NODES_MAX: u64 = 4_000_000;

/// The notation of repetition.
pub(crate) static REPETITIONS: Table = Table {
    what: "a repetition",
    rows: &[Row::fields(
        FOR,
        &[
            opt("from", Is::Integer(0, NUMBERS_MAX)),
            req("to", Is::Integer(0, NUMBERS_MAX)),
            req("do", Is::Actions),
        ],
        "the actions for each number from `from` (1) to `to` (at most 65,535), which stands in their texts for `{i}`, `{i/256}` and `{i%256}`; one within another has the nearest number",
    )],
};

/// A tree without repetitions.
pub(crate) struct Unrolled {
    pub(crate) root: Node,
    /// What is wrong with them.
    pub(crate) mistakes: Vec<Diagnostic>,
    /// Where they stand: what is wrong in one is found once for each number.
    repeated: Vec<Range<usize>>,
    /// How many values were written out.
    nodes: u64,
}

/// Writes all repetitions of a tree out.
pub(crate) fn unroll(root: Node) -> Unrolled {
    let nothing = Node { span: root.span.clone(), kind: Kind::Bad, is_broken: true };
    let mut unrolled = Unrolled { root: nothing, mistakes: Vec::new(), repeated: Vec::new(), nodes: 0 };
    unrolled.root = unrolled.node(root);
    unrolled
}

impl Unrolled {
    /// Leaves one of the diagnostics of each code at each place within repetitions.
    pub(crate) fn dedup(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.repeated.is_empty() {
            return;
        }
        let is_within = |span: &Range<usize>| {
            self.repeated.iter().any(|other| other.start <= span.start && span.end <= other.end)
        };
        diagnostics
            .dedup_by(|next, kept| next.code == kept.code && next.span == kept.span && is_within(&kept.span));
    }

    fn node(&mut self, node: Node) -> Node {
        let Node { span, kind, is_broken } = node;
        let kind = match kind {
            Kind::List(nodes) => Kind::List(self.nodes(nodes)),
            Kind::Map(pairs) => {
                Kind::Map(pairs.into_iter().map(|(key, value)| (key, self.node(value))).collect())
            }
            Kind::Call(name, Args::Tuple(values)) => Kind::Call(name, Args::Tuple(self.nodes(values))),
            Kind::Call(name, Args::Fields(fields, values)) => {
                let fields = fields.into_iter().map(|(name, value)| (name, self.node(value))).collect();
                Kind::Call(name, Args::Fields(fields, self.nodes(values)))
            }
            Kind::Call(_, Args::None)
            | Kind::Bad
            | Kind::Text(_)
            | Kind::Integer(_)
            | Kind::Float
            | Kind::Bool(_) => kind,
        };
        let node = Node { span, kind, is_broken };
        if matches!(&node.kind, Kind::Call(Some(name), _) if name.text == FOR) {
            self.write_out(&node)
        } else {
            node
        }
    }

    fn nodes(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        nodes.into_iter().map(|node| self.node(node)).collect()
    }

    /// Writes a repetition out, in which there is none any more. What is wrong with it is reported, and it is left out.
    fn write_out(&mut self, node: &Node) -> Node {
        let before = self.mistakes.len();
        let found = take_apart(&REPETITIONS, node, &mut self.mistakes);
        let numbers = found.as_ref().and_then(|found| self.numbers(found));
        let actions = found.as_ref().and_then(|found| found.get("do"));
        let bad = Node { span: node.span.clone(), kind: Kind::Bad, is_broken: true };
        let (Some((from, to)), Some(actions)) = (numbers, actions) else { return bad };
        let Kind::List(actions) = &actions.kind else {
            self.mistakes.extend(leaves::wrong(actions, "a list of actions", "write `do: [...]`"));
            return bad;
        };
        self.nodes =
            self.nodes.saturating_add(actions.iter().map(size).sum::<u64>().saturating_mul(to - from + 1));
        if self.nodes > NODES_MAX {
            let message = "repetitions within repetitions are too many to be written out";
            self.mistakes.push(
                Diagnostic::error(code::RANGE, node.span.clone(), message).help("write smaller numbers"),
            );
        }
        if self.mistakes.len() > before {
            return bad;
        }
        self.repeated.push(node.span.clone());
        let all =
            (from..=to).flat_map(|number| actions.iter().map(move |action| with_number(action, number)));
        let list =
            Node { span: node.span.clone(), kind: Kind::List(all.collect()), is_broken: node.is_broken };
        let name = Name { span: node.span.start..node.span.start + FOR.len(), text: ALL.to_owned() };
        Node {
            span: node.span.clone(),
            kind: Kind::Call(Some(name), Args::Tuple(vec![list])),
            is_broken: node.is_broken,
        }
    }

    /// The first and the last number of a repetition.
    fn numbers(&mut self, found: &Found<'_>) -> Option<(u64, u64)> {
        let to_node = found.get("to")?;
        let mut read = |node| match leaves::integer(node, 0..=NUMBERS_MAX) {
            Ok(number) => Some(number),
            Err(mistake) => {
                self.mistakes.extend(mistake);
                None
            }
        };
        let to = read(to_node);
        let from = found.get("from").map_or(Some(1), read);
        let (from, to) = (from?, to?);
        if from > to {
            let message = format!("no number is from {from} to {to}");
            self.mistakes.push(
                Diagnostic::error(code::INTERVAL, to_node.span.clone(), message)
                    .help("exchange them, or leave the actions out"),
            );
            return None;
        }
        Some((from, to))
    }
}

/// How many values a value holds, itself included.
fn size(node: &Node) -> u64 {
    1 + match &node.kind {
        Kind::List(nodes) | Kind::Call(_, Args::Tuple(nodes)) => nodes.iter().map(size).sum(),
        Kind::Map(pairs) => pairs.iter().map(|(_, value)| 1 + size(value)).sum(),
        Kind::Call(_, Args::Fields(fields, values)) => {
            fields.iter().map(|(_, value)| size(value)).chain(values.iter().map(size)).sum()
        }
        Kind::Call(_, Args::None)
        | Kind::Bad
        | Kind::Text(_)
        | Kind::Integer(_)
        | Kind::Float
        | Kind::Bool(_) => 0,
    }
}

/// Returns a value with the number in its texts.
fn with_number(node: &Node, number: u64) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(|node| with_number(node, number)).collect();
    let kind = match &node.kind {
        Kind::Text(text) => Kind::Text(put_in(text, number)),
        Kind::List(nodes) => Kind::List(all(nodes)),
        Kind::Map(pairs) => Kind::Map(
            pairs.iter().map(|(key, value)| (with_number(key, number), with_number(value, number))).collect(),
        ),
        Kind::Call(name, Args::Tuple(values)) => Kind::Call(name.clone(), Args::Tuple(all(values))),
        Kind::Call(name, Args::Fields(fields, values)) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), with_number(value, number)));
            Kind::Call(name.clone(), Args::Fields(fields.collect(), all(values)))
        }
        kind @ (Kind::Call(_, Args::None) | Kind::Bad | Kind::Integer(_) | Kind::Float | Kind::Bool(_)) => {
            kind.clone()
        }
    };
    Node { span: node.span.clone(), kind, is_broken: node.is_broken }
}

fn put_in(text: &str, number: u64) -> String {
    if !text.contains("{i") {
        return text.to_owned();
    }
    let parts = [("{i}", number), ("{i/256}", number / 256), ("{i%256}", number % 256)];
    parts
        .iter()
        .fold(text.to_owned(), |text, (placeholder, number)| text.replace(placeholder, &number.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::{Diagnostic, load, write};

    fn scenario(client: &str) -> String {
        format!(r#"Scenario(format: 1, until: "9s", clients: [Client(protocol: "RIP", {client})])"#)
    }

    /// Two texts of a client mean the same.
    fn check(short: &str, long: &str) {
        let [short, long] =
            [short, long].map(|client| load(&scenario(client)).unwrap_or_else(|error| panic!("{error:#?}")));
        assert_eq!(write(&short.plan), write(&long.plan));
        assert_eq!(short.plan, long.plan);
    }

    fn mistakes(client: &str) -> Vec<String> {
        let found: Vec<Diagnostic> = load(&scenario(client)).unwrap_err();
        found.iter().map(|found| found.message.clone()).collect()
    }

    #[test]
    fn a_repetition_is_what_it_stands_for() {
        check(
            r#"name: "a", script: [At("0s", Register), At("1s", For(from: 255, to: 256, do: [
                AddRoute(name: "r{i}", dest: "10.{i/256}.{i%256}.0/24", metric: 1),
            ])), At("2s", For(to: 2, do: [Set("f{i}"), For(to: 1, do: [Clear("f{i}")])]))]"#,
            r#"name: "a", script: [At("0s", Register), At("1s", All([
                AddRoute(name: "r255", dest: "10.0.255.0/24", metric: 1),
                AddRoute(name: "r256", dest: "10.1.0.0/24", metric: 1),
            ])), At("2s", All([Set("f1"), All([Clear("f1")]), Set("f2"), All([Clear("f1")])]))]"#,
        );
    }

    #[test]
    fn a_group_and_a_repetition_have_numbers_of_their_own() {
        check(
            r#"name: "a{n}", count: 3, script: [At("0s", For(to: 2, do: [Set("f{n}-{i}")]))]"#,
            r#"name: "a{n}", count: 3, script: [At("0s", All([Set("f{n}-1"), Set("f{n}-2")]))]"#,
        );
    }

    #[test]
    fn what_is_wrong_with_a_repetition_is_said_once() {
        for (repetition, message) in [
            ("For(to: 3, from: 4, do: [])", "no number is from 4 to 3"),
            ("For(to: 70000, do: [])", "the number is out of range"),
            ("For(to: 3, do: Register)", "expected a list of actions, found the word `Register`"),
            ("For(to: 3)", "`do`"),
            ("For(do: [], until: 3)", "`until`"),
            (r#"For(to: 9, do: [DeleteRoute(route: "r{i}")])"#, "route"),
            (r#"For(to: 9, do: [Set("{j}")])"#, "{j}"),
            ("For(to: 9, do: [Regster])", "`Regster`"),
            (r#"When(Flag("f"), For(to: 9, do: [Register]))"#, "expected a list, found `For(…)`"),
            ("For(to: 65535, do: [For(to: 65535, do: [Register])])", "too many to be written out"),
        ] {
            let found = mistakes(&format!(r#"name: "a", script: [At("0s", {repetition})]"#));
            assert!(found.iter().any(|found| found.contains(message)), "{repetition}: {found:?}");
            assert!(found.len() <= 2, "{repetition}: {found:?}");
        }
    }
}
