//! Globs: texts in which `*` stands for any run of characters.

/// Does `text` fit `glob`, in which `*` stands for any run of characters?
#[must_use]
pub fn is_glob_match(glob: &str, text: &str) -> bool {
    let Some((head, mut rest)) = glob.split_once('*') else { return glob == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    while let Some((part, tail)) = rest.split_once('*') {
        let Some(found) = text.find(part) else { return false };
        text = &text[found + part.len()..];
        rest = tail;
    }
    text.ends_with(rest)
}
