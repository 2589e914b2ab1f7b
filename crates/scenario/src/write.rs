//! Plan to RON: the same language a person writes.

use tiebreak_regression::to_text;

use crate::labels;
use crate::plan::{Actor, Entry, Plan};

/// Returns the scenario file of a plan. Loading it gives the same plan; equal plans give equal text.
///
/// # Panics
/// Never: everything a plan holds has a notation.
#[must_use]
pub fn write(plan: &Plan) -> String {
    let mut plan = plan.clone();
    for entry in &mut plan.clients {
        match entry {
            Entry::One(Actor::Client(client)) => labels::omit(client),
            Entry::Group(group) => labels::omit(group),
            Entry::One(Actor::Observer(_) | Actor::Feed(_)) => {}
        }
    }
    match to_text(&plan) {
        Ok(text) => text,
        Err(error) => panic!("everything a plan holds has a notation: {error}"),
    }
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
