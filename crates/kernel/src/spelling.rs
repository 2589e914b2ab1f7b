//! Which texts may be names: what is written in traces, constraints and messages must be read back as it was meant.

use core::fmt;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty.
    Empty,
    /// It holds a character that cannot be seen: a control, a mark of direction, a joiner, or a space of no width.
    Invisible(char),
    /// It holds a character with which event names are put together: `/`, `(`, `)` or `#`.
    Reserved(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("a name cannot be empty"),
            Self::Invisible(bad) => {
                write!(out, "a name cannot contain the invisible character U+{:04X}", u32::from(*bad))
            }
            Self::Reserved(bad) => {
                write!(
                    out,
                    "a name cannot contain `{bad}`: event names are spelled actor/kind(subject)#repeat"
                )
            }
        }
    }
}

impl core::error::Error for NameError {}

/// What a text is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Part of an event name, before the subject.
    Name,
    /// Between the parentheses of an event name, or the value of a fact: reserved characters are harmless there.
    Label,
}

/// Checks that a text can play a role.
pub(crate) const fn check(text: &str, role: Role) -> Result<(), NameError> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(NameError::Empty);
    }
    let mut at = 0;
    while at < bytes.len() {
        let (character, length) = decode(bytes, at);
        if is_invisible(character) {
            return Err(NameError::Invisible(character));
        }
        if matches!(role, Role::Name) && matches!(character, '/' | '(' | ')' | '#') {
            return Err(NameError::Reserved(character));
        }
        at += length;
    }
    Ok(())
}

/// Whether a reader cannot see a character, or it changes how others are seen: controls, line and paragraph separators,
/// marks of direction, joiners and other characters without width. No name holds one.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Reads the character that begins at a place of a UTF-8 text, and its length; `str::chars` is not for constants.
const fn decode(bytes: &[u8], at: usize) -> (char, usize) {
    let first = bytes[at];
    let (mut code, length) = match first {
        0..0x80 => (first as u32, 1),
        0x80..0xE0 => ((first & 0x1F) as u32, 2),
        0xE0..0xF0 => ((first & 0x0F) as u32, 3),
        0xF0..=0xFF => ((first & 0x07) as u32, 4),
    };
    let mut next = 1;
    while next < length {
        code = code << 6 | (bytes[at + next] & 0x3F) as u32;
        next += 1;
    }
    match char::from_u32(code) {
        Some(character) => (character, length),
        None => panic!("a str holds UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    #[test]
    fn names_hold_what_can_be_seen_and_is_not_part_of_the_spelling() {
        for good in ["rip1", "zürich", "路由器", "a b", "feed@192.0.2.1", "x.y-z_0", "🦀"] {
            assert_eq!(check(good, Role::Name), Ok(()), "{good}");
        }
        for bad in ['/', '(', ')', '#'] {
            let text = String::from_iter(['a', bad, 'b']);
            assert_eq!(check(&text, Role::Name), Err(NameError::Reserved(bad)));
            assert_eq!(check(&text, Role::Label), Ok(()));
        }
        for bad in
            ['\n', '\u{1B}', '\u{85}', '\u{200B}', '\u{202E}', '\u{2066}', '\u{FEFF}', '\u{AD}', '\u{E0041}']
        {
            let text = String::from_iter(['a', bad]);
            assert_eq!(check(&text, Role::Name), Err(NameError::Invisible(bad)));
            assert_eq!(check(&text, Role::Label), Err(NameError::Invisible(bad)));
        }
        assert_eq!(check("", Role::Name), Err(NameError::Empty));
    }

    #[test]
    fn every_character_is_decoded_as_the_standard_library_does() {
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(decode(bytes, 0), (character, bytes.len()));
            assert!(!character.is_control() || is_invisible(character), "{character:?}");
        }
    }

    #[test]
    fn an_error_says_which_character_and_why() {
        assert_eq!(
            NameError::Invisible('\u{200B}').to_string(),
            "a name cannot contain the invisible character U+200B"
        );
        assert!(NameError::Reserved('/').to_string().contains("actor/kind(subject)#repeat"));
    }
}
