//! Rust source as tokens: its functions, attributes and macro calls.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// Lines from its `fn` to its closing brace.
    pub lines: usize,
    /// Whether it carries an attribute like `#[test]`.
    pub is_test: bool,
}

/// An attribute, outer or inner; doc comments are some too.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its line, from 1.
    pub line: usize,
    /// What stands between its brackets.
    pub tokens: Vec<TokenTree>,
}

/// A macro call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroCall {
    /// Its line, from 1.
    pub line: usize,
    /// The name before the `!`.
    pub name: String,
}

/// What is to be known of one file. Bodies of macros are looked into like everything else.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The functions, in order of their lines.
    pub functions: Vec<Function>,
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// The macro calls.
    pub macro_calls: Vec<MacroCall>,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong, if the text is not made of Rust tokens.
    pub fn read(text: &str) -> Result<Self, String> {
        let stream: TokenStream = text
            .parse()
            .map_err(|error: proc_macro2::LexError| format!("line {}: {error}", error.span().start().line))?;
        let mut source = Self::default();
        source.walk(stream);
        source.functions.sort_by_key(|function| function.line);
        Ok(source)
    }

    fn walk(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut is_test = false;
        for (index, token) in tokens.iter().enumerate() {
            let rest = &tokens[index..];
            if let Some(attribute) = attribute(rest) {
                is_test |= path_end(&attribute.tokens).is_some_and(|name| name == "test");
                self.attributes.push(attribute);
            }
            self.functions.extend(function(rest).map(|function| Function { is_test, ..function }));
            self.macro_calls.extend(macro_call(rest));
            if let TokenTree::Group(group) = token {
                is_test &= group.delimiter() != Delimiter::Brace;
                self.walk(group.stream());
            }
            is_test &= !is_punct(token, ';');
        }
    }
}

impl Attribute {
    /// Iterates over the lists `name(…)` in it, however deep.
    #[must_use]
    pub fn lists(&self, name: &str) -> Vec<TokenStream> {
        let mut found = Vec::new();
        lists(&self.tokens, name, &mut found);
        found
    }

    /// Tells whether it is `#[name]`, `#[name = …]` or `#[name(…)]`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        path_end(&self.tokens).is_some_and(|last| last == name)
    }
}

fn lists(tokens: &[TokenTree], name: &str, found: &mut Vec<TokenStream>) {
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let is_named = index.checked_sub(1).is_some_and(|before| is_ident(&tokens[before], name));
        if is_named && group.delimiter() == Delimiter::Parenthesis {
            found.push(group.stream());
        }
        lists(&group.stream().into_iter().collect::<Vec<_>>(), name, found);
    }
}

fn attribute(rest: &[TokenTree]) -> Option<Attribute> {
    let after = usize::from(rest.get(1).is_some_and(|token| is_punct(token, '!')));
    let TokenTree::Group(group) = rest.get(1 + after)? else { return None };
    if !is_punct(&rest[0], '#') || group.delimiter() != Delimiter::Bracket {
        return None;
    }
    Some(Attribute { line: line(&rest[0]), tokens: group.stream().into_iter().collect() })
}

fn function(rest: &[TokenTree]) -> Option<Function> {
    let name = match rest.get(1)? {
        TokenTree::Ident(name) if is_ident(&rest[0], "fn") => name.to_string(),
        TokenTree::Punct(dollar) if is_ident(&rest[0], "fn") && dollar.as_char() == '$' => "$name".to_owned(),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {
            return None;
        }
    };
    let end = rest.iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(Some(group.span_close())),
        TokenTree::Punct(punct) if punct.as_char() == ';' => Some(None),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => None,
    });
    let first = line(&rest[0]);
    let last = end.flatten()?.end().line;
    Some(Function { name, line: first, lines: last + 1 - first, is_test: false })
}

fn macro_call(rest: &[TokenTree]) -> Option<MacroCall> {
    let (TokenTree::Ident(name), TokenTree::Group(_)) = (rest.first()?, rest.get(2)?) else { return None };
    is_punct(&rest[1], '!').then(|| MacroCall { line: line(&rest[0]), name: name.to_string() })
}

/// The last name of the path a list of tokens begins with.
fn path_end(tokens: &[TokenTree]) -> Option<String> {
    let path = tokens.iter().take_while(|token| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':'));
    path.filter(|token| matches!(token, TokenTree::Ident(_))).last().map(ToString::to_string)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_ident(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == wanted)
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn functions_are_measured_from_fn_to_closing_brace_whatever_stands_between() {
        let text = "/// A doc with fn doc() {\n#[test]\nfn first() -> [u8; 2] {\n    let _ = \"} fn no() {\"; // }\n    [1, 2]\n}\n\
                    trait T {\n    fn none(&self);\n    fn some(&self) {}\n}\n\
                    proptest! {\n    #[test]\n    fn inside(x in 0..9) {\n    }\n}\n\
                    type Pointer = fn(u8) -> u8;\n";
        let source = Source::read(text).expect("these are tokens");
        let found: Vec<_> =
            source.functions.iter().map(|f| (f.name.as_str(), f.line, f.lines, f.is_test)).collect();
        assert_eq!(found, [("first", 3, 4, true), ("some", 9, 1, false), ("inside", 13, 2, true)]);
    }

    #[test]
    fn attributes_are_found_but_not_in_strings() {
        let text =
            "#![deny(a)]\n#[cfg_attr(test, deny(b), reason = \"x\")]\nconst A: &str = \"#[deny(c)]\";\n";
        let source = Source::read(text).expect("these are tokens");
        let lists: Vec<String> = source
            .attributes
            .iter()
            .flat_map(|attribute| attribute.lists("deny"))
            .map(|list| list.to_string())
            .collect();
        assert_eq!(lists, ["a", "b"]);
    }

    #[test]
    fn what_is_not_rust_is_an_error_with_its_line() {
        let error = Source::read("fn a() {\n").expect_err("a brace is open");
        assert!(error.starts_with("line "), "{error}");
    }
}
