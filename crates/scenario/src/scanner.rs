//! Text to tokens: every byte of the file belongs to a token, to space or to a comment. Nothing stops it.

use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Its bytes in the file.
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) lexeme: Lexeme,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lexeme {
    /// `(`, `[` or `{`, by its closer.
    Open(char),
    /// `)`, `]` or `}`.
    Close(char),
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A bare name.
    Name(String),
    /// A text without its quotes and escapes.
    Text(String),
    /// A whole number; `None` if it exceeds 128 bits.
    Integer(Option<i128>),
    /// A number with a point or an exponent.
    Float,
    /// Something reported already that stands where a value may stand.
    Bad,
    /// The end of the file.
    End,
}

/// Returns the tokens of a text, the last of them [`Lexeme::End`], and what is wrong with them.
pub(crate) fn scan(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), diagnostics: Vec::new() };
    while scanner.step() {}
    let end = text.len();
    scanner.tokens.push(Token { span: end..end, lexeme: Lexeme::End });
    (scanner.tokens, scanner.diagnostics)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
}

impl Scanner<'_> {
    /// Takes one token, space or comment; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.peek() else { return false };
        let start = self.at;
        match first {
            c if c.is_whitespace() || c == '\u{feff}' => self.at += first.len_utf8(),
            '/' => self.comment(),
            '(' => self.single(Lexeme::Open(')')),
            '[' => self.single(Lexeme::Open(']')),
            '{' => self.single(Lexeme::Open('}')),
            ')' | ']' | '}' => self.single(Lexeme::Close(first)),
            ',' => self.single(Lexeme::Comma),
            ':' => self.single(Lexeme::Colon),
            '"' => self.string(),
            '\'' => self.single_quoted(),
            '#' if self.text[start..].starts_with("#!") => self.attribute(),
            'r' if self.raw_hashes().is_some() => self.raw_string(),
            c if c.is_alphabetic() || c == '_' => {
                self.take_while(|c| c.is_alphanumeric() || c == '_');
                let name = self.text[start..self.at].to_owned();
                self.push(start, Lexeme::Name(name));
            }
            c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number(),
            '=' | ';' => {
                self.at += 1;
                let (lexeme, meant) = if first == '=' { (Lexeme::Colon, ':') } else { (Lexeme::Comma, ',') };
                self.push(start, lexeme);
                self.report(
                    code::SYNTAX,
                    start,
                    format!("`{first}` has no meaning here"),
                    format!("write `{meant}`"),
                );
            }
            _ => self.strange(),
        }
        true
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn push(&mut self, start: usize, lexeme: Lexeme) {
        self.tokens.push(Token { span: start..self.at, lexeme });
    }

    fn single(&mut self, lexeme: Lexeme) {
        self.at += 1;
        self.push(self.at - 1, lexeme);
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !is_wanted(c)).unwrap_or(rest.len());
    }

    fn report(
        &mut self,
        code: &'static str,
        start: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, start..self.at, message).help(help));
    }

    /// `// …` to the end of the line, or `/* … */`, which nest.
    fn comment(&mut self) {
        let start = self.at;
        if self.text[start..].starts_with("//") {
            self.take_while(|c| c != '\n');
        } else if self.text[start..].starts_with("/*") {
            let mut depth = 0u32;
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                if rest.starts_with("/*") {
                    depth += 1;
                    self.at += 2;
                } else if rest.starts_with("*/") {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                } else {
                    self.at += rest.chars().next().map_or(1, char::len_utf8);
                }
            }
            let opened = start..start + 2;
            let message = "unclosed comment";
            self.diagnostics
                .push(Diagnostic::error(code::UNCLOSED, opened, message).help("write `*/` after it"));
        } else {
            self.strange();
        }
    }

    /// `#![…]`: what other tools put in front of a file; it is skipped.
    fn attribute(&mut self) {
        let start = self.at;
        self.take_while(|c| c != ']' && c != '\n');
        if self.peek() == Some(']') {
            self.at += 1;
        } else {
            self.report(code::UNCLOSED, start, "unclosed attribute", "write `]` after it, or remove it");
        }
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    break;
                }
                None | Some('\n') => {
                    self.hand_back(start, &mut text);
                    let help = "write `\"` after it; a line break within a text is `\\n`";
                    self.report(code::TEXT, start, "unclosed text: it must end on its line", help);
                    break;
                }
                Some('\\') => self.escape(&mut text),
                Some(c) => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        self.push(start, Lexeme::Text(text));
    }

    /// A text that is not closed has swallowed what ends its line: commas and brackets are given back.
    fn hand_back(&mut self, start: usize, text: &mut String) {
        const ENDS: [char; 7] = [',', ')', ']', '}', ' ', '\t', '\r'];
        while let Some(last) = self.text[start + 1..self.at].chars().next_back() {
            if !ENDS.contains(&last) || !text.ends_with(last) {
                break;
            }
            text.pop();
            self.at -= last.len_utf8();
        }
    }

    /// Takes an escape; what it cannot be is reported and left out.
    fn escape(&mut self, text: &mut String) {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek().filter(|c| *c != '\n') else { return };
        self.at += c.len_utf8();
        let meant = match c {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '0' => Some('\0'),
            '\\' | '"' | '\'' => Some(c),
            'x' => self.hex(2),
            'u' if self.peek() == Some('{') => {
                self.at += 1;
                let digits = self.text[self.at..].chars().take_while(char::is_ascii_hexdigit).count();
                let meant = self.hex(digits);
                let is_closed = self.peek() == Some('}');
                self.at += usize::from(is_closed);
                meant.filter(|_| is_closed)
            }
            _ => None,
        };
        match meant {
            Some(c) => text.push(c),
            None => self.report(
                code::TEXT,
                start,
                "unknown escape",
                "the escapes are \\n \\r \\t \\0 \\\\ \\\" \\' \\x41 \\u{e4}; a backslash is \\\\",
            ),
        }
    }

    /// Takes that many hexadecimal digits as a character.
    fn hex(&mut self, digits: usize) -> Option<char> {
        let found = self.text[self.at..].get(..digits).filter(|_| (1..=6).contains(&digits))?;
        if !found.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits;
        u32::from_str_radix(found, 16).ok().and_then(char::from_u32)
    }

    /// Text in single quotes: taken as text, and reported.
    fn single_quoted(&mut self) {
        let start = self.at;
        self.at += 1;
        self.take_while(|c| !matches!(c, '\'' | '\n' | ',' | ')' | ']'));
        let text = self.text[start + 1..self.at].to_owned();
        self.at += usize::from(self.peek() == Some('\''));
        self.report(code::TEXT, start, "expected double quotes around a text", format!("write {text:?}"));
        self.push(start, Lexeme::Text(text));
    }

    /// If a raw text starts here, with how many `#`.
    fn raw_hashes(&self) -> Option<usize> {
        let rest = &self.text[self.at + 1..];
        let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
        (rest.as_bytes().get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn raw_string(&mut self) {
        let start = self.at;
        let hashes = self.raw_hashes().unwrap_or(0);
        let body = start + 1 + hashes + 1;
        let closer = format!("\"{}", "#".repeat(hashes));
        let text = if let Some(len) = self.text[body..].find(&closer) {
            self.at = body + len + closer.len();
            self.text[body..body + len].to_owned()
        } else {
            self.at = body;
            self.report(code::UNCLOSED, start, "unclosed raw text", format!("write `{closer}` after it"));
            self.at = self.text.len();
            self.text[body..].to_owned()
        };
        self.push(start, Lexeme::Text(text));
    }

    fn number(&mut self) {
        let start = self.at;
        self.at += usize::from(matches!(self.peek(), Some('+' | '-')));
        self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let text = &self.text[start..self.at];
        let lexeme = match integer(text) {
            Ok(value) => Lexeme::Integer(value),
            Err(()) if is_float(text) => Lexeme::Float,
            Err(()) => {
                let help = match text.parse::<tiebreak_kernel::Span>() {
                    Ok(_) => format!("write a span of time as a text: \"{text}\""),
                    Err(_) => "write a whole number, such as 7 or 0x1f".to_owned(),
                };
                let message = format!("`{text}` is not a valid number");
                self.report(code::NUMBER, start, message, help);
                Lexeme::Bad
            }
        };
        self.push(start, lexeme);
    }

    /// Characters that can stand nowhere: one report for a run of them.
    fn strange(&mut self) {
        let start = self.at;
        self.at += self.peek().map_or(1, char::len_utf8);
        let is_strange =
            |c: char| !c.is_whitespace() && !c.is_alphanumeric() && !"()[]{},:;=\"'_#+-./".contains(c);
        self.take_while(is_strange);
        let shown: String = self.text[start..self.at].chars().take(8).flat_map(char::escape_debug).collect();
        self.report(
            code::SYNTAX,
            start,
            format!("`{shown}` has no meaning here"),
            "remove it; comments start with `//`",
        );
    }
}

/// Reads a whole number, decimal or with 0x, 0o, 0b; `Ok(None)` if it is one but exceeds 128 bits.
fn integer(text: &str) -> Result<Option<i128>, ()> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits),
    };
    let is_number = digits.starts_with(|c: char| c.is_digit(radix))
        && digits.chars().all(|c| c == '_' || c.is_digit(radix));
    if !is_number {
        return Err(());
    }
    let value = i128::from_str_radix(&digits.replace('_', ""), radix).ok();
    Ok(value.map(|value| if is_negative { -value } else { value }))
}

/// Is it a number with a point or an exponent?
fn is_float(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'_'))
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Lexeme], mistakes: usize) {
        let (tokens, diagnostics) = scan(text);
        let found: Vec<_> = tokens.into_iter().map(|token| token.lexeme).collect();
        assert_eq!(found.split_last(), Some((&Lexeme::End, expected)), "{text}");
        assert_eq!(diagnostics.len(), mistakes, "{text}: {diagnostics:?}");
    }

    fn text(text: &str) -> Lexeme {
        Lexeme::Text(text.to_owned())
    }

    #[test]
    fn texts_are_taken_with_escapes_and_raw() {
        check(r#""a\n\"\\\x41\u{e4}""#, &[text("a\n\"\\Aä")], 0);
        check(r##"r#"a"b\"#"##, &[text("a\"b\\")], 0);
        check(r#""a\q""#, &[text("a")], 1);
        check(r#""\u{110000}\u{}\x4""#, &[text("4")], 3);
        check("\"a\n\"b\"", &[text("a"), text("b")], 1);
        check("'a'", &[text("a")], 1);
        check("\"a\\", &[text("a")], 1);
        check("\"a\\u{e4},)\n,", &[text("aä"), Lexeme::Comma, Lexeme::Close(')'), Lexeme::Comma], 1);
        check("r#\"a", &[text("a")], 1);
    }

    #[test]
    fn numbers_are_whole() {
        let int = |value| Lexeme::Integer(Some(value));
        check(
            "7 0x1F 0b11 0o17 1_000 -3 +4",
            &[int(7), int(31), int(3), int(15), int(1000), int(-3), int(4)],
            0,
        );
        check("1.5 1e9 .5", &[Lexeme::Float, Lexeme::Float, Lexeme::Float], 0);
        check(&"9".repeat(60), &[Lexeme::Integer(None)], 0);
        check("30s 0x 1.2.3 -", &[Lexeme::Bad, Lexeme::Bad, Lexeme::Bad, Lexeme::Bad], 4);
    }

    #[test]
    fn comments_nest_and_are_nothing() {
        check("// a\n/* b /* c */ d */ : ,", &[Lexeme::Colon, Lexeme::Comma], 0);
        check("#![enable(implicit_some)] ,", &[Lexeme::Comma], 0);
        check("/* a /* b */", &[], 1);
    }

    #[test]
    fn strange_characters_are_one_mistake_a_run() {
        check("@@@ , ^", &[Lexeme::Comma], 2);
        check(
            "a = 1; b",
            &[
                Lexeme::Name("a".into()),
                Lexeme::Colon,
                Lexeme::Integer(Some(1)),
                Lexeme::Comma,
                Lexeme::Name("b".into()),
            ],
            2,
        );
    }
}
