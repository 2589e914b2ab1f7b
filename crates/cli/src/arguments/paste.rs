//! Words of lines that can be pasted into a shell.

use alloc::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::output::{is_harmless, is_standard, spelled};

/// A word for a shell. One with characters that must not reach a terminal, or that is not UTF-8, is spelled `$'\x1b…'`, as bash and zsh read it.
pub(crate) fn quoted(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    if let Some(word) = word.to_str().filter(|word| word.chars().all(is_harmless)) {
        // No path with a NUL in it can be opened.
        return shlex::try_quote(word).map_or_else(|_| word.to_owned(), Cow::into_owned);
    }
    let spell = |byte: u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    format!("$'{}'", word.as_encoded_bytes().iter().copied().map(spell).collect::<String>())
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
pub(super) fn as_argument(path: &Path) -> OsString {
    // What is not UTF-8 cannot be spelled, but be quoted byte by byte.
    let word = path.to_str().map_or_else(|| path.as_os_str().to_owned(), |text| spelled(text).into());
    if word.as_encoded_bytes().starts_with(b"-") && !is_standard(path) {
        let mut behind = OsString::from("./");
        behind.push(word);
        return behind;
    }
    word
}
