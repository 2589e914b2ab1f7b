//! Plan to RON: the same language a person writes.

use ron::Options;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;

use crate::labels;
use crate::plan::{Actor, Entry, Plan};

/// The longest line into which brackets are folded.
const WIDTH: usize = 110;

/// Returns the options under which files are read and written: `Some` goes without saying, and so do doubled parentheses.
pub(crate) fn options() -> Options {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    Options::default().with_default_extension(extensions).without_recursion_limit()
}

/// Returns the scenario file of a plan. Loading it gives the same plan; equal plans give equal text.
///
/// # Panics
/// Never: everything a plan holds has a notation.
#[must_use]
pub fn write(plan: &Plan) -> String {
    let config = PrettyConfig::new().new_line("\n").struct_names(true).separate_tuple_members(false);
    let mut plan = plan.clone();
    for entry in &mut plan.clients {
        match entry {
            Entry::One(Actor::Client(client)) => labels::omit(client),
            Entry::Group(group) => labels::omit(group),
            Entry::One(Actor::Observer(_) | Actor::Feed(_)) => {}
        }
    }
    match options().to_string_pretty(&plan, config.compact_arrays(false)) {
        Ok(text) => fold(&text),
        Err(error) => panic!("everything a plan holds has a notation: {error}"),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    const EVERYTHING: &str = include_str!("../tests/valid/everything.ron");

    fn lines(mistakes: &[crate::Diagnostic], text: &str) -> String {
        mistakes.iter().map(|mistake| mistake.line("f", text) + "\n").collect()
    }

    #[test]
    fn what_is_written_is_read_as_the_same_plan() {
        let loaded = load(EVERYTHING).unwrap_or_else(|mistakes| panic!("{}", lines(&mistakes, EVERYTHING)));
        assert_eq!(lines(&loaded.warnings, EVERYTHING), "");
        let written = write(&loaded.plan);
        let again =
            load(&written).unwrap_or_else(|mistakes| panic!("{}{written}", lines(&mistakes, &written)));
        assert_eq!(again.plan, loaded.plan);
        assert_eq!(write(&again.plan), written);
    }
}
