//! Where a text in RON begins.

/// Returns where the first word of a text stands: behind space, byte order marks, comments and attributes (`#![…]`), as whoever
/// reads scenarios skips them. It is the length of the text if there is nothing else.
pub(crate) fn root_start(text: &str) -> usize {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let skipped = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if trimmed.starts_with("/*") {
            comment(trimmed)
        } else if trimmed.starts_with("#!") {
            trimmed.find([']', '\n']).map_or(trimmed.len(), |end| end + 1)
        } else {
            return text.len() - trimmed.len();
        };
        rest = &trimmed[skipped..];
    }
}

/// The length of a comment `/* … */`, which may hold others; up to the end of the text if it is not closed.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(next) = text[at..].find(['/', '*']) {
        at += next;
        match text[at..].get(..2) {
            Some("/*") => (depth, at) = (depth + 1, at + 2),
            Some("*/") => (depth, at) = (depth - 1, at + 2),
            Some(_) | None => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use tiebreak_diagnostic::code;

    use super::*;

    #[test]
    fn a_text_begins_where_the_reader_of_scenarios_finds_its_first_word() {
        for before in [
            "",
            " \n\t",
            "\u{feff}",
            "\u{feff} // Wrong(\n",
            "// Wrong(\r\n// ä\n\n",
            "/* Wrong( */",
            "/* /* */ Wrong( */ ",
            "/*/ Wrong( */",
            "/**/",
            "/***//**/",
            "/* * / ä */",
            "#![enable(implicit_some)]\n",
            "#![enable(implicit_some)] // Wrong(\n#![a]/*\n*/",
        ] {
            let text = format!("{before}Unknown(a: 1)");
            assert_eq!(root_start(&text), before.len(), "{before:?}");
            let found = tiebreak_scenario::check(&text).diagnostics;
            let root = found.iter().find(|one| one.code == code::UNKNOWN_WORD).unwrap();
            assert_eq!(root.span, before.len()..before.len() + "Unknown".len(), "{before:?}");
        }
    }

    #[test]
    fn a_text_without_a_word_has_no_beginning() {
        for text in ["", " ", "// a", "/* a", "/* /* */", "/*", "#![a", "\u{feff}"] {
            assert_eq!(root_start(text), text.len(), "{text:?}");
        }
    }
}
