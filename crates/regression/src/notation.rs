//! The notation of kept files, laid out as a person would write it.

use ron::Options;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::Serialize;

/// The longest line into which brackets are folded.
const WIDTH: usize = 110;

/// Returns the options under which files are read and written: `Some` goes without saying, and so do doubled parentheses.
#[must_use]
pub fn options() -> Options {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    Options::default().with_default_extension(extensions).without_recursion_limit()
}

/// Returns the text of a value, with brackets on one line where they fit.
///
/// # Errors
/// If the value has no notation.
pub fn to_text<T: Serialize>(value: &T) -> ron::Result<String> {
    let config = PrettyConfig::new().new_line("\n").struct_names(true).separate_tuple_members(false);
    options().to_string_pretty(value, config.compact_arrays(false)).map(|text| fold(&text))
}

/// Returns the text with every bracket on one line that fits there, as a person would write it.
fn fold(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Where the lines with the brackets that are open stand.
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        lines.push(line.to_owned());
        if line.trim_start().starts_with([')', ']', '}']) {
            if let Some(start) = open.pop().filter(|start| *start > 0) {
                if let Some(joined) = join(&lines[start..]) {
                    lines.truncate(start);
                    lines.push(joined);
                }
            }
        }
        if line.ends_with(['(', '[', '{']) {
            open.push(lines.len() - 1);
        }
    }
    lines.join("\n") + "\n"
}

/// Joins the lines of a bracket if they fit into one.
fn join(lines: &[String]) -> Option<String> {
    let [first, inner @ .., last] = lines else { return None };
    let space = if first.ends_with('{') { " " } else { "" };
    let inner: Vec<&str> = inner.iter().take(WIDTH).map(|line| line.trim_start()).collect();
    let inner = inner.join(" ");
    let inner = inner.strip_suffix(',').unwrap_or(&inner);
    let joined = format!("{first}{space}{inner}{space}{}", last.trim_start());
    (joined.chars().count() <= WIDTH).then_some(joined)
}
