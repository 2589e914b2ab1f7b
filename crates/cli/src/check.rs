//! `tiebreak check`: all mistakes of scenario files and their recordings, in one pass.

use serde::Serialize;
use tiebreak_diagnostic::{Diagnostic, Location, Severity, counted, location};

use crate::arguments::{Check, CheckFormat};
use crate::exit::{Error, Exit};
use crate::load::{Checked, check_file, scenario_files};
use crate::output::{Sink, Terminal, json};
use crate::render;
use crate::sheet::Sheet;

/// Checks files. Their mistakes are the result, so they go to standard output.
pub(crate) fn check(options: &Check, terminal: Terminal) -> Result<Exit, Error> {
    let mut out = Sink::stdout();
    let (mut summary, mut sheets) = (Summary::default(), Vec::new());
    let mut files = Vec::new();
    for path in &options.paths {
        files.extend(scenario_files(path)?);
    }
    for file in files {
        let Checked { sheets: found, .. } = check_file(&file, &[], terminal.reach);
        summary.add(&found);
        match options.format {
            CheckFormat::Text => {
                for sheet in &found {
                    out.line(render::draw(sheet, terminal.stdout_paint()));
                }
            }
            CheckFormat::Json => sheets.extend(found),
        }
    }
    match options.format {
        CheckFormat::Text if terminal.is_quiet && summary.is_clean() => {}
        CheckFormat::Text => out.line(summary.text()),
        CheckFormat::Json => out.line(json(&Report::new(&summary, &sheets))),
    }
    out.finish()?;
    Ok(if summary.errors == 0 { Exit::Fine } else { Exit::BadInput })
}

/// What was found, in numbers.
#[derive(Debug, Default)]
struct Summary {
    files: usize,
    wrong_files: usize,
    errors: usize,
    warnings: usize,
}

impl Summary {
    fn add(&mut self, sheets: &[Sheet]) {
        let count = |severity| sheets.iter().map(|sheet| sheet.count(severity)).sum::<usize>();
        let errors = count(Severity::Error);
        self.files += 1;
        self.wrong_files += usize::from(errors > 0);
        self.errors += errors;
        self.warnings += count(Severity::Warning);
    }

    const fn is_clean(&self) -> bool {
        self.errors == 0 && self.warnings == 0
    }

    fn text(&self) -> String {
        let Self { files, wrong_files, errors, warnings } = self;
        if self.is_clean() {
            return format!("ok · {} valid", counted(*files, "scenario"));
        }
        let (errors, warnings) = (counted(*errors, "error"), counted(*warnings, "warning"));
        format!("{errors} · {warnings} · {}, {wrong_files} invalid", counted(*files, "scenario"))
    }
}

/// What `--format json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    files: usize,
    wrong_files: usize,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Mistake<'a>>,
}

/// A diagnostic as `--format json` prints it; line and column are null if the file could not be read.
#[derive(Debug, Serialize)]
struct Mistake<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    severity: String,
    code: &'a str,
    message: &'a str,
    label: &'a str,
    help: &'a str,
}

impl<'a> Report<'a> {
    fn new(summary: &Summary, sheets: &'a [Sheet]) -> Self {
        let Summary { files, wrong_files, errors, warnings } = *summary;
        let mistakes = |sheet: &'a Sheet| sheet.diagnostics.iter().map(|found| Mistake::new(sheet, found));
        Self { files, wrong_files, errors, warnings, diagnostics: sheets.iter().flat_map(mistakes).collect() }
    }
}

impl<'a> Mistake<'a> {
    fn new(sheet: &'a Sheet, found: &'a Diagnostic) -> Self {
        let place = |offset| sheet.text.as_ref().map(|text| location(text, offset));
        let split = |place: Option<Location>| (place.map(|at| at.line), place.map(|at| at.column));
        let ((line, column), (end_line, end_column)) =
            (split(place(found.span.start)), split(place(found.span.end)));
        let Diagnostic { severity, code, message, label, help, .. } = found;
        let severity = severity.to_string();
        Self { file: &sheet.path, line, column, end_line, end_column, severity, code, message, label, help }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_not_spelled_as_several() {
        let text =
            |files, wrong_files, errors, warnings| Summary { files, wrong_files, errors, warnings }.text();
        assert_eq!(text(1, 0, 0, 0), "ok · 1 scenario valid");
        assert_eq!(text(2, 0, 0, 0), "ok · 2 scenarios valid");
        assert_eq!(text(1, 0, 0, 1), "0 errors · 1 warning · 1 scenario, 0 invalid");
        assert_eq!(text(4, 1, 1, 2), "1 error · 2 warnings · 4 scenarios, 1 invalid");
    }
}
