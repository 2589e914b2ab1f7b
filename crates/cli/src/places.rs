//! Where a scenario file names monitors and recordings: the plan does not say, and a broken file has no plan.

use core::ops::Range;

/// A text of a scenario file and where it stands, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The text, escapes not resolved.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Range<usize>,
}

/// What a file says of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedPlace {
    /// The feed's name; empty if there is none.
    pub(crate) name: String,
    /// Its recording.
    pub(crate) file: Place,
}

/// Returns the monitors in `Fails("…")`, in the order of the file.
pub(crate) fn monitors(source: &str) -> Vec<Place> {
    let tokens: Vec<_> = Lexer { source, at: 0 }.collect();
    let triples = tokens.windows(3).filter_map(|window| match window {
        [(Token::Word("Fails"), _), (Token::Mark('('), _), (Token::Text(text), span)] => {
            Some(Place { text: (*text).to_owned(), span: span.clone() })
        }
        _ => None,
    });
    triples.collect()
}

/// Returns the feeds that have a recording, in the order of the file.
pub(crate) fn feeds(source: &str) -> Vec<FeedPlace> {
    let tokens: Vec<_> = Lexer { source, at: 0 }.collect();
    let starts = tokens.windows(2).enumerate().filter_map(|(index, window)| match window {
        [(Token::Word("Feed"), _), (Token::Mark('('), _)] => Some(index + 2),
        _ => None,
    });
    starts.filter_map(|start| feed(&tokens[start..])).collect()
}

/// The feed whose fields these tokens begin with.
fn feed(tokens: &[(Token<'_>, Range<usize>)]) -> Option<FeedPlace> {
    let (mut name, mut file, mut depth) = (String::new(), None, 0u32);
    for (index, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') if depth == 0 => break,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            Token::Word(field) if depth == 0 => {
                if let Some([(Token::Mark(':'), _), (Token::Text(text), span)]) =
                    tokens.get(index + 1..index + 3)
                {
                    match *field {
                        "name" => (*text).clone_into(&mut name),
                        "file" => file = Some(Place { text: (*text).to_owned(), span: span.clone() }),
                        _ => {}
                    }
                }
            }
            Token::Mark(_) | Token::Word(_) | Token::Text(_) => {}
        }
    }
    file.map(|file| FeedPlace { name, file })
}

/// A token of RON, as far as places need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Mark(char),
}

/// Reads tokens, comments left out. Never fails: what is not closed ends with the file.
struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn skip_blank(&mut self) {
        loop {
            let rest = self.source[self.at..].trim_start();
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                comment_length(rest)
            } else {
                0
            };
            self.at = self.source.len() - rest.len() + length;
            if length == 0 {
                return;
            }
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = (Token<'a>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blank();
        let rest = &self.source[self.at..];
        let first = rest.chars().next()?;
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let (token, length) = if let Some(raw) = raw_text(rest) {
            raw
        } else if first == '"' {
            let inner = text_length(&rest[1..]);
            (Token::Text(&rest[1..=inner]), (inner + 2).min(rest.len()))
        } else if is_word(first) {
            let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
            (Token::Word(&rest[..length]), length)
        } else {
            (Token::Mark(first), first.len_utf8())
        };
        let start = self.at;
        self.at += length;
        Some((token, start..self.at))
    }
}

/// The length of the comment, comments within it included, that the text begins with.
fn comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0u32, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a text up to its closing quote.
fn text_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The raw text, `r#"…"#`, that the text begins with, and its length.
fn raw_text(text: &str) -> Option<(Token<'_>, usize)> {
    let hashed = text.strip_prefix('r')?;
    let quoted = hashed.trim_start_matches('#');
    let inner = quoted.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashed.len() - quoted.len()));
    let length = inner.find(&close).unwrap_or(inner.len());
    let end = text.len() - inner.len() + length + close.len();
    Some((Token::Text(&inner[..length]), end.min(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_are_found_but_not_in_comments_and_texts() {
        let source = r##"about: "Fails(\"a\")", x: r#"Fails("b")"#, // Fails("c")
            /* /* */ Fails("d") */ expect: [Fails("e"), Fails ( "f" )]"##;
        let found = monitors(source);
        let texts: Vec<&str> = found.iter().map(|place| place.text.as_str()).collect();
        assert_eq!(texts, ["e", "f"]);
        assert_eq!(&source[found[0].span.clone()], "\"e\"");
    }

    #[test]
    fn feeds_are_found_with_name_and_file() {
        let source = "[Feed(name: \"u\", views: [(file: \"no\")], file: \"a.csv\"), Client(file: \"no\")";
        let found = feeds(source);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].file.text.as_str()), ("u", "a.csv"));
    }

    #[test]
    fn whatever_is_not_closed_ends_with_the_file() {
        for source in
            ["Fails(\"x", "Fails(r#\"x\"", "/* x", "\"\\", "Feed(file: \"", "Feed(", "\"", "r\"", "é\"é"]
        {
            let _ = (monitors(source), feeds(source));
        }
    }
}
