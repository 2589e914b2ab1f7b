//! Words of lines that can be pasted into a shell.

use alloc::borrow::Cow;
use std::path::Path;

use crate::output::{is_harmless, is_standard, spelled};

/// A word for a shell. One with characters that must not reach a terminal is spelled `$'\x1b…'`, as bash and zsh read it.
pub(crate) fn quoted(word: &str) -> String {
    if word.chars().all(is_harmless) {
        // No path with a NUL in it can be opened.
        return shlex::try_quote(word).map_or_else(|_| word.to_owned(), Cow::into_owned);
    }
    let spell = |byte: u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("$'{}'", word.bytes().map(spell).collect::<String>())
}

/// Returns how the command was called: by its name, or through cargo, which sets variables of the environment.
pub(super) fn called_as() -> &'static [&'static str] {
    let is_of = |profile: &str| {
        let own = std::env::current_exe().unwrap_or_default();
        own.parent().is_some_and(|folder| folder.ends_with(profile))
    };
    let package = std::env::var_os("CARGO_PKG_NAME").filter(|name| name == env!("CARGO_PKG_NAME"));
    match package {
        Some(_) if is_of("release") => &["cargo", "run", "--release", "--"],
        Some(_) if is_of("debug") => &["cargo", "run", "--"],
        Some(_) | None => &["tiebreak"],
    }
}

/// Returns a path as an argument that cannot be mistaken for an option.
pub(super) fn as_argument(path: &Path) -> String {
    let text = spelled(path.display());
    if text.starts_with('-') && !is_standard(path) { format!("./{text}") } else { text }
}
