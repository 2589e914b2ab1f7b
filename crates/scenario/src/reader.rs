//! Tokens to tree, with recovery: a mistake costs the value it stands in, not the rest of the file.

use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code};

use crate::scanner::{Lexeme, Token, scan};
use crate::tree::{Args, Kind, Name, Node};

/// How deep brackets may nest.
pub(crate) const DEPTH_MAX: usize = 64;

/// Returns the tree of a text, and what is wrong with its notation.
pub(crate) fn read(text: &str) -> (Node, Vec<Diagnostic>) {
    let (tokens, diagnostics) = scan(text);
    let mut reader = Reader {
        text,
        tokens,
        at: 0,
        open: Vec::new(),
        diagnostics,
        is_end_reported: false,
        is_depth_reported: false,
    };
    let root = reader.value("a scenario");
    if !matches!(reader.peek().lexeme, Lexeme::End) && !matches!(root.kind, Kind::Bad) {
        let start = reader.peek().span.start;
        let message = "unexpected text after the scenario";
        let help = "remove it, or look for a bracket that closes too early";
        reader
            .diagnostics
            .push(Diagnostic::error(code::SYNTAX, start..reader.peek().span.end, message).help(help));
    }
    (root, reader.diagnostics)
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    /// The brackets that are open: their closers and where they stand.
    open: Vec<(char, usize)>,
    diagnostics: Vec<Diagnostic>,
    is_end_reported: bool,
    is_depth_reported: bool,
}

/// What one item between brackets was.
enum Item {
    Value(Node),
    Field(Name, Node),
}

impl Reader<'_> {
    fn peek(&self) -> &Token {
        // The last token is the end, and it is never passed.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += usize::from(!matches!(token.lexeme, Lexeme::End));
        token
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

    /// Reads a value; `what` says what is missing if there is none.
    fn value(&mut self, what: &str) -> Node {
        let Token { span, lexeme } = self.peek().clone();
        let kind = match lexeme {
            Lexeme::Open(closer) => {
                self.next();
                return self.bracketed(None, span, closer);
            }
            Lexeme::Name(text) => {
                self.next();
                return self.named(Name { span, text });
            }
            Lexeme::Text(text) => Kind::Text(text),
            Lexeme::Integer(value) => Kind::Integer(value),
            Lexeme::Float => Kind::Float,
            Lexeme::Bad => Kind::Bad,
            Lexeme::Colon => {
                self.report(code::SYNTAX, span.clone(), "unexpected `:`", "write `field: value`");
                Kind::Bad
            }
            Lexeme::Comma | Lexeme::Close(_) => {
                self.report(
                    code::SYNTAX,
                    span.clone(),
                    format!("expected {what}, found `{}`", &self.text[span.clone()]),
                    "write it, or remove what is not needed",
                );
                return Node { span, kind: Kind::Bad, is_broken: true };
            }
            Lexeme::End => {
                if !self.is_end_reported {
                    self.is_end_reported = true;
                    self.report(
                        code::SYNTAX,
                        span.clone(),
                        format!("expected {what}, found the end of the file"),
                        "write it",
                    );
                }
                return Node { span, kind: Kind::Bad, is_broken: true };
            }
        };
        self.next();
        let is_broken = matches!(kind, Kind::Bad);
        Node { span, kind, is_broken }
    }

    /// Reads what a name starts: a word, `true`, `false`, or `Name(…)`.
    fn named(&mut self, name: Name) -> Node {
        let token = self.peek().clone();
        if token.lexeme == Lexeme::Open(')') {
            self.next();
            return self.bracketed(Some(name), token.span, ')');
        }
        let kind = match name.text.as_str() {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => {
                return Node {
                    span: name.span.clone(),
                    kind: Kind::Call(Some(name), Args::None),
                    is_broken: false,
                };
            }
        };
        Node { span: name.span, kind, is_broken: false }
    }

    /// Reads what stands behind an opening bracket, to its closer.
    fn bracketed(&mut self, name: Option<Name>, opener: Range<usize>, closer: char) -> Node {
        let start = name.as_ref().map_or(opener.start, |name| name.span.start);
        if self.open.len() >= DEPTH_MAX {
            return self.too_deep(start, opener);
        }
        self.open.push((closer, opener.start));
        let (items, is_broken) = self.items(&opener, closer);
        self.open.pop();
        let end = self.tokens[self.at.saturating_sub(1)].span.end.max(opener.end);
        let kind = match closer {
            ']' => Kind::List(self.only_values(items)),
            '}' => self.pairs(items),
            _ => Kind::Call(name, to_args(items)),
        };
        Node { span: start..end, kind, is_broken }
    }

    /// Reads the items up to the closer, or up to where it must have been forgotten; then the second is true.
    fn items(&mut self, opener: &Range<usize>, closer: char) -> (Vec<Item>, bool) {
        let mut items = Vec::new();
        let mut is_broken = false;
        loop {
            let Token { span, lexeme } = self.peek().clone();
            match lexeme {
                Lexeme::Close(found) if found == closer => {
                    self.next();
                    return (items, is_broken);
                }
                Lexeme::End => {
                    if !self.is_end_reported {
                        self.is_end_reported = true;
                        self.unclosed(opener, closer);
                    }
                    return (items, true);
                }
                Lexeme::Close(found) if self.is_typo(found, &span) => {
                    self.next();
                    let message = format!("mismatched `{found}`: it closes `{}`", &self.text[opener.clone()]);
                    self.report(code::UNCLOSED, span, message, format!("write `{closer}`"));
                    return (items, is_broken);
                }
                Lexeme::Close(found) if self.open.iter().any(|(closer, _)| *closer == found) => {
                    self.unclosed(opener, closer);
                    return (items, true);
                }
                Lexeme::Close(found) => {
                    self.next();
                    is_broken = true;
                    let message = format!("unmatched `{found}`");
                    self.report(code::UNCLOSED, span, message, format!("remove it, or write `{closer}`"));
                }
                Lexeme::Comma => {
                    self.next();
                    is_broken = true;
                    self.report(code::SYNTAX, span, "expected a value before the `,`", "remove it");
                }
                Lexeme::Open(_)
                | Lexeme::Colon
                | Lexeme::Name(_)
                | Lexeme::Text(_)
                | Lexeme::Integer(_)
                | Lexeme::Float
                | Lexeme::Bad => {
                    let item = self.item(closer);
                    is_broken |= matches!(&item, Item::Value(node) if node.is_broken && matches!(node.kind, Kind::Bad));
                    items.push(item);
                    self.separator(closer);
                }
            }
        }
    }

    /// Is a closer that does not fit the innermost bracket meant for it all the same? It is if that bracket stands on its
    /// line, and none that it would fit does.
    fn is_typo(&self, found: char, span: &Range<usize>) -> bool {
        let is_same_line = |at: usize| !self.text[at..span.start].contains('\n');
        let fitting = self.open.iter().rev().find(|(closer, _)| *closer == found);
        self.open.last().is_some_and(|(_, at)| is_same_line(*at))
            && !fitting.is_some_and(|(_, at)| is_same_line(*at))
    }

    fn unclosed(&mut self, opener: &Range<usize>, closer: char) {
        let bracket = &self.text[opener.clone()];
        let message = format!("unclosed `{bracket}`");
        self.report(code::UNCLOSED, opener.clone(), message, format!("write `{closer}` where it ends"));
    }

    /// Reads a value, or `field: value`; in braces `key: value` with any value as key.
    fn item(&mut self, closer: char) -> Item {
        let second = self.tokens.get(self.at + 1).map(|token| &token.lexeme);
        if closer != '}' && second == Some(&Lexeme::Colon) {
            if let Token { span, lexeme: Lexeme::Name(text) | Lexeme::Text(text) } = self.peek().clone() {
                if matches!(self.peek().lexeme, Lexeme::Text(_)) {
                    let help = format!("write `{text}:`");
                    self.report(code::SYNTAX, span.clone(), "the name of a field has no quotes", help);
                }
                self.at += 2;
                let value = self.value(&format!("the value of `{text}`"));
                return Item::Field(Name { span, text }, value);
            }
        }
        let value = self.value("a value");
        if closer == '}' && self.peek().lexeme == Lexeme::Colon {
            self.next();
            let key = Node { is_broken: true, ..value };
            let value = self.value("the value of a key");
            // A pair travels as two values; `pairs` puts it together again.
            let span = key.span.start..value.span.end;
            return Item::Value(Node { span, kind: Kind::Map(vec![(key, value)]), is_broken: false });
        }
        Item::Value(value)
    }

    /// Takes the comma behind an item; reports it if it is missing.
    fn separator(&mut self, closer: char) {
        while closer != '}' && self.peek().lexeme == Lexeme::Colon {
            let span = self.next().span;
            let message = "expected the name of a field before `:`";
            self.report(code::SYNTAX, span, message, "write `field: value`");
            self.value("a value");
        }
        match self.peek().lexeme {
            Lexeme::Comma => self.at += 1,
            Lexeme::Close(_) | Lexeme::End => {}
            Lexeme::Open(_)
            | Lexeme::Colon
            | Lexeme::Name(_)
            | Lexeme::Text(_)
            | Lexeme::Integer(_)
            | Lexeme::Float
            | Lexeme::Bad => {
                let before = self.tokens[self.at.saturating_sub(1)].span.end;
                let from = self.text[..before].char_indices().next_back().map_or(0, |(at, _)| at);
                self.report(code::SYNTAX, from..before, "expected `,`", "write `,` after this");
            }
        }
    }

    /// Skips a bracket that nests too deep; the first one is reported.
    fn too_deep(&mut self, start: usize, opener: Range<usize>) -> Node {
        let mut depth = 1usize;
        while depth > 0 {
            match self.next().lexeme {
                Lexeme::Open(_) => depth += 1,
                Lexeme::Close(_) => depth -= 1,
                Lexeme::End => break,
                Lexeme::Comma
                | Lexeme::Colon
                | Lexeme::Name(_)
                | Lexeme::Text(_)
                | Lexeme::Integer(_)
                | Lexeme::Float
                | Lexeme::Bad => {}
            }
        }
        if !self.is_depth_reported {
            self.is_depth_reported = true;
            let message = format!("brackets nest deeper than {DEPTH_MAX}");
            self.report(code::DEPTH, opener.clone(), message, "use fewer levels");
        }
        Node { span: start..opener.end, kind: Kind::Bad, is_broken: true }
    }

    /// Returns the items of a list; a field in it is reported.
    fn only_values(&mut self, items: Vec<Item>) -> Vec<Node> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Value(node) => values.push(node),
                Item::Field(name, node) => {
                    let help = format!("write the value alone, or `Name({}: …)`", name.text);
                    self.report(code::SYNTAX, name.span, "a list has no fields", help);
                    values.push(Node { kind: Kind::Bad, is_broken: true, ..node });
                }
            }
        }
        values
    }

    /// Returns the pairs of a map; what is no pair is reported.
    fn pairs(&mut self, items: Vec<Item>) -> Kind {
        let mut pairs = Vec::with_capacity(items.len());
        for item in self.only_values(items) {
            let span = item.span.clone();
            match item.kind {
                Kind::Map(mut pair) if pair.len() == 1 && pair[0].0.is_broken && !item.is_broken => {
                    let (key, value) = pair.remove(0);
                    pairs.push((Node { is_broken: matches!(key.kind, Kind::Bad), ..key }, value));
                }
                Kind::Bad => {}
                Kind::Text(_)
                | Kind::Integer(_)
                | Kind::Float
                | Kind::Bool(_)
                | Kind::List(_)
                | Kind::Map(_)
                | Kind::Call(..) => {
                    self.report(code::SYNTAX, span, "expected `key: value` in a map", "write `key: value`");
                }
            }
        }
        Kind::Map(pairs)
    }
}

fn to_args(items: Vec<Item>) -> Args {
    let (mut fields, mut values) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Value(node) => values.push(node),
            Item::Field(name, node) => fields.push((name, node)),
        }
    }
    if fields.is_empty() { Args::Tuple(values) } else { Args::Fields(fields, values) }
}
