//! How diagnostics are drawn.

use core::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use tiebreak_diagnostic::{Diagnostic, Severity, location};

use crate::output::{Paint, push_visible, visible};
use crate::sheet::Sheet;

/// Returns the drawings of all diagnostics of a file: its place, the line, the message, the help.
pub(crate) fn draw(sheet: &Sheet, paint: Paint) -> String {
    let renderer = match paint {
        Paint::Coloured => Renderer::styled(),
        Paint::Plain => Renderer::plain(),
    };
    let drawings = sheet.diagnostics.iter().map(|diagnostic| draw_one(sheet, diagnostic, &renderer) + "\n");
    drawings.collect::<Vec<_>>().join("\n")
}

fn draw_one(sheet: &Sheet, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let [message, label, help] = [&diagnostic.message, &diagnostic.label, &diagnostic.help].map(visible);
    let title = level.primary_title(message).id(diagnostic.code);
    let mut elements: Vec<Element<'_>> = Vec::new();
    if let Some(text) = &sheet.text {
        let Window { lines, first_line, span } = window(text, &diagnostic.span);
        let label = Some(label).filter(|label| !label.is_empty());
        let annotation = AnnotationKind::Primary.span(span).label(label);
        let snippet = Snippet::source(lines).line_start(first_line).path(&sheet.path).annotation(annotation);
        elements.push(snippet.into());
    }
    if !help.is_empty() {
        elements.push(Level::HELP.message(help).into());
    }
    renderer.render(&[title.elements(elements)])
}

/// The lines of a text that a span touches.
struct Window {
    /// The lines, with invisible characters escaped.
    lines: String,
    /// The number of the first, from 1.
    first_line: usize,
    /// The span within them.
    span: Range<usize>,
}

/// Cuts a window out of a text, so that drawing does not walk through a long recording for each of its mistakes.
fn window(text: &str, span: &Range<usize>) -> Window {
    let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |newline| span.end + newline);
    assert!(start <= span.start && span.end <= end, "a window holds its span");
    let first_line = location(text, span.start).line;
    let before = visible_lines(&text[start..span.start]);
    let within = visible_lines(&text[span.clone()]);
    let after = visible_lines(&text[span.end..end]);
    let span = before.len()..before.len() + within.len();
    Window { lines: before + &within + &after, first_line, span }
}

/// Returns source lines so that they can be printed. Tabs are left to the drawing, which expands them; the carriage returns
/// of line ends are dropped.
fn visible_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' if matches!(rest.peek(), Some('\n') | None) => {}
            c => push_visible(&mut shown, c),
        }
    }
    shown
}
