//! Events with a column for each actor, so that who did what is seen at a glance.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

/// More actors than this have no columns.
const ACTORS_MAX: usize = 6;
/// The longest line of a table. Whoever prints it indents it a little.
const WIDTH_MAX: usize = 118;

/// One event, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// When it ran.
    pub(crate) at: Instant,
    /// What stands before it: a space, or what is special about it.
    pub(crate) mark: char,
    /// Its name, with its number.
    pub(crate) name: String,
    /// What stands behind it: its cause; nothing if it came from outside.
    pub(crate) tail: String,
}

impl Row {
    /// The actor, and what it does.
    fn parts(&self) -> (&str, &str) {
        self.name.split_once('/').unwrap_or(("", &self.name))
    }

    fn line(&self, before: usize, what: &str) -> String {
        format!("{} {:before$}{what}{}", self.mark, "", self.tail)
    }
}

/// Returns the lines of a table with a column for each actor. If there is one actor alone, there are too many of them, or a
/// line would be too long, it is a list with the whole names.
pub(crate) fn lines(rows: &[Row]) -> Vec<String> {
    columns(rows).unwrap_or_else(|| by_instant(rows, |row| row.line(0, &row.name)))
}

fn columns(rows: &[Row]) -> Option<Vec<String>> {
    let mut columns: Vec<(&str, usize)> = Vec::new();
    for (actor, what) in rows.iter().map(Row::parts) {
        let width = what.chars().count().max(actor.chars().count());
        match columns.iter_mut().find(|(other, _)| *other == actor) {
            Some((_, widest)) => *widest = width.max(*widest),
            None => columns.push((actor, width)),
        }
    }
    if !(2..=ACTORS_MAX).contains(&columns.len()) {
        return None;
    }
    let before = |actor: &str| -> usize {
        columns.iter().take_while(|(other, _)| *other != actor).map(|(_, width)| width + 2).sum()
    };
    let head =
        columns.iter().fold(String::from("  "), |head, (actor, width)| format!("{head}{actor:width$}  "));
    let mut lines = Vec::from([String::from(head.trim_end())]);
    lines.extend(by_instant(rows, |row| {
        let (actor, what) = row.parts();
        row.line(before(actor), what)
    }));
    lines.iter().all(|line| line.chars().count() <= WIDTH_MAX).then_some(lines)
}

/// The lines of rows, those of an instant below it.
fn by_instant(rows: &[Row], line: impl Fn(&Row) -> String) -> Vec<String> {
    let (mut lines, mut last) = (Vec::new(), None);
    for row in rows {
        if last.replace(row.at) != Some(row.at) {
            lines.push(format!("at {}", row.at));
        }
        lines.push(line(row));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: u64, name: &str, cause: &str) -> Row {
        let at = Instant::from_nanos(at * 1_000_000_000);
        let tail = if cause.is_empty() { String::new() } else { format!("  < {cause}") };
        Row { at, mark: if cause.is_empty() { ' ' } else { '*' }, name: name.into(), tail }
    }

    fn text(rows: &[Row]) -> String {
        lines(rows).join("\n")
    }

    #[test]
    fn actors_have_columns_in_the_order_in_which_they_come() {
        let rows = [
            row(1, "server/expire(1)#1", ""),
            row(1, "client/renew(1)#12", "client/renew(1)#1"),
            row(2, "server/x#1", "client/renew(1)#12"),
        ];
        let expected = [
            "  server       client",
            "at 1s",
            "  expire(1)#1",
            "*              renew(1)#12  < client/renew(1)#1",
            "at 2s",
            "* x#1  < client/renew(1)#12",
        ];
        assert_eq!(text(&rows), expected.join("\n"));
    }

    #[test]
    fn what_has_no_room_for_columns_is_a_list() {
        let of_actors = |count: u64| -> Vec<Row> {
            (0..count).map(|actor| row(1, &format!("a{actor}/does#1"), "")).collect()
        };
        assert_eq!(text(&of_actors(1)), "at 1s\n  a0/does#1");
        assert!(
            text(&of_actors(6))
                .starts_with("  a0      a1      a2      a3      a4      a5\nat 1s\n  does#1\n")
        );
        assert!(text(&of_actors(7)).starts_with("at 1s\n  a0/does#1\n  a1/does#1\n"));
        // "* " and its column are 10 characters, "c#1" 3, and "  < " 4.
        let with_cause =
            |len: usize| [row(1, "a/does-it#1", ""), row(1, "b/c#1", &"x".repeat(len - 2 - 11 - 3 - 4))];
        for (len, is_table) in [(WIDTH_MAX, true), (WIDTH_MAX + 1, false)] {
            let lines = lines(&with_cause(len));
            assert_eq!(lines[0].starts_with("  a"), is_table, "{lines:?}");
            assert!(!is_table || lines[3].chars().count() == len, "{lines:?}");
        }
    }
}
