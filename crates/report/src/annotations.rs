//! Results as GitHub shows them beside the files of a change: workflow commands, one line each.

use crate::case::Case;

/// Returns the lines that annotate the files of cases with their problems.
#[must_use]
pub fn annotations(cases: &[Case]) -> Vec<String> {
    let mut lines = Vec::new();
    for case in cases {
        for problem in &case.problems {
            let place =
                problem.place.map_or_else(String::new, |(line, column)| format!(",line={line},col={column}"));
            let title = property(&problem.title);
            let text = format!("{}\n{}", problem.title, problem.detail);
            lines.push(format!(
                "::error file={}{place},title={title}::{}",
                property(&case.file),
                data(text.trim_end())
            ));
        }
    }
    lines
}

/// What stands behind the colons: the command ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before them, which in addition ends with a comma or the colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
