//! How diagnostics are drawn.

use core::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use tiebreak_diagnostic::{Diagnostic, Location, Places, Severity, code, counted};

use crate::output::{Paint, push_visible, visible};
use crate::sheet::Sheet;

/// The most mistakes of one file that are drawn; those after them are counted.
const DRAWN_MAX: usize = 100;
/// The most bytes of a line that are drawn before and after a mistake, and of the mistake itself: more than fit a terminal.
const WINDOW_BYTES: usize = 512;

/// Returns the drawings of all diagnostics of a file: its place, the line, the message, the help. Beyond [`DRAWN_MAX`] they
/// are counted.
pub(crate) fn draw(sheet: &Sheet, paint: Paint) -> String {
    let renderer = match paint {
        Paint::Coloured => Renderer::styled(),
        Paint::Plain => Renderer::plain(),
    };
    let mut places = sheet.text.as_deref().map(Places::new);
    let (drawn, rest) = sheet.diagnostics.split_at(sheet.diagnostics.len().min(DRAWN_MAX));
    let drawings = drawn.iter().map(|diagnostic| draw_one(sheet, diagnostic, places.as_mut(), &renderer));
    let mut drawings: Vec<String> = drawings.map(|drawing| drawing + "\n").collect();
    // The last one may say itself how many more were found.
    let (more, counted_more): (Vec<_>, Vec<_>) = rest.iter().partition(|found| found.code != code::MORE);
    if !more.is_empty() {
        let counted = counted(more.len(), "more diagnostic");
        drawings.push(format!("and {counted} of {}; fix some of these first\n", sheet.path));
    }
    drawings.extend(counted_more.iter().map(|found| format!("{}: {}\n", found.severity, found.message)));
    drawings.join("\n")
}

fn draw_one(
    sheet: &Sheet,
    diagnostic: &Diagnostic,
    places: Option<&mut Places<'_>>,
    renderer: &Renderer,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let [message, label, help] = [&diagnostic.message, &diagnostic.label, &diagnostic.help].map(visible);
    let title = level.primary_title(message).id(diagnostic.code);
    let mut elements: Vec<Element<'_>> = Vec::new();
    if let Some((text, places)) = sheet.text.as_ref().zip(places) {
        let Window { lines, span, column: drawn } = Window::of(text, &diagnostic.span);
        let Location { line, column } = places.locate(diagnostic.span.start);
        let label = Some(label).filter(|label| !label.is_empty());
        let annotation = AnnotationKind::Primary.span(span).label(label);
        let snippet = Snippet::source(lines).line_start(line).annotation(annotation);
        if drawn == column {
            elements.push(snippet.path(&sheet.path).into());
        } else {
            // The drawing would name the column within the window.
            elements.push(Origin::path(&sheet.path).line(line).char_column(column).into());
            elements.push(snippet.into());
        }
    }
    if !help.is_empty() {
        elements.push(Level::HELP.message(help).into());
    }
    renderer.render(&[title.elements(elements)])
}

/// The lines of a text that a span touches, or what of them is near it.
struct Window {
    /// The lines, with invisible characters escaped.
    lines: String,
    /// The span within them.
    span: Range<usize>,
    /// The column at which it starts there, from 1: another one than in the file if the beginning of a long line is left out, or
    /// something before it is escaped.
    column: usize,
}

impl Window {
    /// Cuts a window out of a text, so that drawing does not walk through a long line or recording for each of its mistakes.
    fn of(text: &str, span: &Range<usize>) -> Self {
        let near = boundary_from(text, span.start.saturating_sub(WINDOW_BYTES));
        let start = text[near..span.start].rfind('\n').map_or(near, |newline| near + newline + 1);
        let span = span.start..span.end.min(boundary_from(text, span.start.saturating_add(WINDOW_BYTES)));
        let near = boundary_from(text, span.end.saturating_add(WINDOW_BYTES));
        let end = text[span.end..near].find('\n').map_or(near, |newline| span.end + newline);
        assert!(start <= span.start && span.end <= end, "a window holds its span");
        let before = visible_lines(&text[start..span.start]);
        let within = visible_lines(&text[span.clone()]);
        let after = visible_lines(&text[span.end..end]);
        let span = before.len()..before.len() + within.len();
        let column = before.chars().count() + 1;
        Self { lines: before + &within + &after, span, column }
    }
}

/// Returns the first boundary between characters at an offset or after it.
fn boundary_from(text: &str, offset: usize) -> usize {
    (offset..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Sheet {
        let found = |span: Range<usize>| Diagnostic::error(code::SYNTAX, span, "wrong");
        Sheet {
            path: "a.ron".to_owned(),
            text: Some(text.to_owned()),
            diagnostics: spans.into_iter().map(found).collect(),
        }
    }

    #[test]
    fn of_a_long_line_what_is_near_is_drawn_with_the_column_of_the_file() {
        let text = format!("first\n{}bad{}", "ü".repeat(100_000), "y".repeat(1 << 20));
        let start = 6 + 200_000;
        let drawn = draw(&sheet(&text, Some(start..start + 3)), Paint::Plain);
        assert!(drawn.contains("a.ron:2:100001\n"), "{drawn}");
        assert!(drawn.contains("bad") && drawn.len() < 2_000, "{drawn}");
        let all = draw(&sheet(&text, Some(0..text.len())), Paint::Plain);
        assert!(all.contains("a.ron:1:1\n") && all.len() < 4_000, "{all}");
    }

    #[test]
    fn a_window_is_short_however_long_the_line() {
        let text = "x".repeat(1 << 20);
        for span in [0..3, 500_000..500_003, 0..text.len(), text.len() - 3..text.len()] {
            let window = Window::of(&text, &span);
            assert!(window.lines.len() <= 3 * 512 + 3, "{span:?}: {}", window.lines.len());
            assert!(window.span.len() <= 512, "{span:?}");
        }
    }

    #[test]
    fn a_drawing_begins_with_one_place() {
        let drawn = draw(&sheet("a bad b", Some(2..5)), Paint::Plain);
        assert!(drawn.contains(" --> a.ron:1:3\n  |\n1 | a bad b\n"), "{drawn}");
    }

    #[test]
    fn an_escaped_character_counts_as_one() {
        let drawn = draw(&sheet("\u{1b}\u{202e}bad", Some(4..7)), Paint::Plain);
        assert!(drawn.contains("a.ron:1:3\n"), "{drawn}");
    }

    #[test]
    fn mistakes_beyond_a_limit_are_counted() {
        let spans = vec![0..1; DRAWN_MAX + 7];
        let mut many = sheet("x", spans.clone());
        let drawn = draw(&many, Paint::Plain);
        assert_eq!(drawn.matches("error[S001]").count(), 100);
        assert!(drawn.ends_with("\nand 7 more diagnostics of a.ron; fix some of these first\n"), "{drawn}");
        many.diagnostics.push(Diagnostic::more(30, 1));
        let drawn = draw(&many, Paint::Plain);
        assert!(drawn.ends_with("\nand 7 more diagnostics of a.ron; fix some of these first\n\nerror: there are 30 more mistakes\n"), "{drawn}");
        let drawn = draw(&sheet("x", spans.into_iter().take(DRAWN_MAX)), Paint::Plain);
        assert!(!drawn.contains("and 0"), "{drawn}");
    }
}
