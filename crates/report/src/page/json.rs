//! JSON within an HTML file.

use core::fmt;

/// Writes a JSON string that is safe within an element: no `<`, `>` or `&` is left, so that no text can end the element or
/// begin a comment. Escaped are also what JSON demands, and the line separators that older scripts do not take.
pub(super) fn write_json_text(text: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '<' | '>' | '&' | '\0'..='\u{1F}' | '\u{7F}' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(character))?;
            }
            _ => out.write_char(character)?,
        }
    }
    out.write_char('"')
}

/// Writes a JSON array of texts.
pub(super) fn write_json_texts(texts: &[String], out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('[')?;
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_json_text(text, out)?;
    }
    out.write_char(']')
}

/// Writes a JSON array of numbers.
pub(super) fn write_json_numbers(numbers: &[i64], out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('[')?;
    for (index, number) in numbers.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write!(out, "{number}")?;
    }
    out.write_char(']')
}
