//! Calls and their fields: `Name(field: value)`.

use core::ops::Range;

use super::Lower;
use crate::code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::tree::{Args, Kind, Node};

/// `Name(…)`, taken apart.
pub(super) struct Call<'t> {
    pub(super) name: &'t str,
    /// Where the name stands, or the whole if there is none.
    pub(super) span: Range<usize>,
    pub(super) args: &'t Args,
    is_broken: bool,
}

/// The fields of a call: known ones, each once.
pub(super) struct Fields<'t> {
    name: &'t str,
    span: Range<usize>,
    found: Vec<(&'t str, &'t Node)>,
    is_broken: bool,
}

impl<'t> Fields<'t> {
    pub(super) fn get(&self, name: &str) -> Option<&'t Node> {
        self.found.iter().find(|(found, _)| *found == name).map(|(_, node)| *node)
    }

    /// Where the name before the parentheses stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl Lower {
    /// Takes `Name` or `Name(…)` apart; `what` says what it should be, `known` the names there are.
    pub(super) fn variant<'t>(&mut self, node: &'t Node, what: &str, known: &[&'t str]) -> Option<Call<'t>> {
        match &node.kind {
            Kind::Call(Some(name), args) if known.contains(&name.text.as_str()) => {
                Some(Call { name: &name.text, span: name.span.clone(), args, is_broken: node.is_broken })
            }
            // The name may be left out where only one is possible.
            Kind::Call(None, args) if known.len() == 1 => {
                let span = node.span.start..node.span.start + 1;
                Some(Call { name: known[0], span, args, is_broken: node.is_broken })
            }
            Kind::Call(Some(name), _) => {
                let help = Self::meant(&name.text, known);
                let diagnostic = Diagnostic::error(
                    code::UNKNOWN_WORD,
                    name.span.clone(),
                    format!("`{}` is not {what}", name.text),
                );
                self.diagnostics.push(diagnostic.label("unknown").help(help));
                None
            }
            Kind::Map(_) => {
                let help =
                    format!("write `{}(…)`: braces are for `on` alone", known.first().unwrap_or(&"Name"));
                self.wrong(node, what, &help);
                None
            }
            Kind::Text(text) if known.contains(&text.as_str()) => {
                self.wrong(node, what, &format!("write `{text}` without quotes"));
                None
            }
            Kind::Bad
            | Kind::Text(_)
            | Kind::Integer(_)
            | Kind::Float
            | Kind::Bool(_)
            | Kind::List(_)
            | Kind::Call(None, _) => {
                self.wrong(node, what, &one_of(known));
                None
            }
        }
    }

    /// Takes a word out of a fixed set.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let Kind::Call(Some(name), Args::None) = &node.kind else {
            let quoted = if let Kind::Text(text) = &node.kind { Some(text.as_str()) } else { None };
            let help = match quoted.filter(|text| known.contains(text)) {
                Some(text) => format!("write `{text}` without quotes"),
                None => one_of(&known),
            };
            self.wrong(node, what, &help);
            return None;
        };
        let found = words.iter().find(|(word, _)| *word == name.text).map(|(_, value)| *value);
        if found.is_none() {
            let help = Self::meant(&name.text, &known);
            self.error(code::UNKNOWN_WORD, node, format!("`{}` is not {what}", name.text), help);
        }
        found
    }

    /// Returns the fields of a call; unknown and repeated ones and values without a field are reported.
    pub(super) fn fields<'t>(&mut self, call: &Call<'t>, known: &[&'static str]) -> Fields<'t> {
        let mut fields =
            Fields { name: call.name, span: call.span.clone(), found: Vec::new(), is_broken: call.is_broken };
        let (named, positional): (&[_], &[Node]) = match call.args {
            Args::None => (&[], &[]),
            Args::Tuple(values) => (&[], values),
            Args::Fields(named, values) => (named, values),
        };
        if let Some(value) = positional.iter().find(|value| !matches!(value.kind, Kind::Bad)) {
            fields.is_broken = true;
            let help = format!("write `field: value`; `{}` has the fields {}", call.name, list(known));
            self.error(code::SHAPE, value, format!("a value without a field in `{}`", call.name), help);
        }
        let is_known = |name: &crate::tree::Name| known.contains(&name.text.as_str());
        for (name, node) in named.iter().filter(|(name, _)| is_known(name)) {
            if fields.get(&name.text).is_some() {
                let message = format!("the field `{}` is given twice", name.text);
                let diagnostic = Diagnostic::error(code::DUPLICATE_FIELD, name.span.clone(), message);
                self.diagnostics.push(diagnostic.label("given before").help("keep one of them"));
            } else {
                fields.found.push((&name.text, node));
            }
        }
        for (name, node) in named.iter().filter(|(name, _)| !is_known(name)) {
            let free = known.iter().copied().filter(|known| fields.get(known).is_none());
            let help = if let Some(meant) = nearest(&name.text, free) {
                // It is read as what was meant, so that it is not missing too.
                fields.found.push((meant, node));
                format!("did you mean `{meant}`?")
            } else {
                format!("`{}` has the fields {}", call.name, list(known))
            };
            let message = format!("`{}` has no field `{}`", call.name, name.text);
            let diagnostic = Diagnostic::error(code::UNKNOWN_FIELD, name.span.clone(), message);
            self.diagnostics.push(diagnostic.label("unknown field").help(help));
        }
        fields
    }

    /// Returns the values of a call that has exactly `count` without names.
    pub(super) fn tuple<'t>(&mut self, call: &Call<'t>, least: usize, form: &str) -> Option<&'t [Node]> {
        let most = least + form.matches('?').count();
        let values: &[Node] = match call.args {
            Args::None => &[],
            Args::Tuple(values) => values,
            Args::Fields(named, _) => {
                let span = named[0].0.span.clone();
                self.report(code::SHAPE, span, format!("`{}` has no fields", call.name), written(form));
                return None;
            }
        };
        if (least..=most).contains(&values.len()) {
            return Some(values);
        }
        if !call.is_broken {
            let message = match least {
                1 => format!("`{}` takes one value, not {}", call.name, values.len()),
                _ => format!("`{}` takes {least} values, not {}", call.name, values.len()),
            };
            self.report(code::SHAPE, call.span.clone(), message, written(form));
        }
        None
    }

    /// Reports parentheses behind a word that stands alone.
    pub(super) fn alone(&mut self, call: &Call<'_>) {
        if !matches!(call.args, Args::None) {
            let message = format!("`{}` takes nothing", call.name);
            self.report(code::SHAPE, call.span.clone(), message, format!("write `{}` alone", call.name));
        }
    }

    /// Reads a field that must be there.
    pub(super) fn req<T: Default>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        parse: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> T {
        let Some(node) = fields.get(name) else {
            if !fields.is_broken {
                let message = format!("`{}` lacks the field `{name}`", fields.name);
                let diagnostic = Diagnostic::error(code::MISSING_FIELD, fields.span(), message);
                self.diagnostics.push(diagnostic.label("incomplete").help(format!("add `{name}: …`")));
            }
            return T::default();
        };
        parse(self, node).unwrap_or_default()
    }

    /// Reads a field that may be left out.
    pub(super) fn opt<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        parse: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        let node = fields.get(name)?;
        let Kind::Call(Some(word), args) = &node.kind else { return parse(self, node) };
        match (word.text.as_str(), args) {
            ("None", Args::None) => None,
            ("Some", Args::Tuple(inner)) if inner.len() == 1 => parse(self, &inner[0]),
            _ => parse(self, node),
        }
    }

    /// Reads a field that means something when it is left out.
    pub(super) fn or<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        default: T,
        parse: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> T {
        fields.get(name).and_then(|node| parse(self, node)).unwrap_or(default)
    }

    /// Reports a value of the wrong kind.
    pub(super) fn wrong(&mut self, node: &Node, what: &str, help: &str) {
        if !matches!(node.kind, Kind::Bad) {
            let message = format!("{what} belongs here, not {}", node.describe());
            self.error(code::SHAPE, node, message, help);
        }
    }

    /// Returns the help for an unknown word.
    pub(super) fn meant(word: &str, known: &[&str]) -> String {
        match nearest(word, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => one_of(known),
        }
    }
}

fn written(form: &str) -> String {
    format!("write `{}`", form.replace('?', ""))
}

/// Returns "it is one of `a`, `b`", shortened if there are many.
fn one_of(known: &[&str]) -> String {
    match known {
        [only] => format!("write `{only}(…)`"),
        _ => format!("it is one of {}", list(known)),
    }
}

/// Returns names in backquotes with commas.
pub(super) fn list(known: &[&str]) -> String {
    format!("`{}`", known.join("`, `"))
}
