//! Whether the order that a scenario asks for was kept.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;

use tiebreak_diagnostic::meant;
use tiebreak_explore::{Answer, Cause, Directory, EventRef, FixedDraw, FullChoices, History, NameId, Next};

/// How many events are named that could have been meant.
const SHOWN: usize = 3;

/// Something that an order by hand asks for and a run did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unkept {
    /// An event did not happen.
    NoEvent {
        /// The event.
        event: String,
        /// What was probably meant, as a sentence.
        help: String,
    },
    /// An event had to run although the one that it waits for had not.
    NotBefore {
        /// The event that should have run first.
        before: String,
        /// The event that should have waited.
        after: String,
    },
    /// A draw was not made.
    NoDraw {
        /// The draw.
        draw: String,
        /// What was probably meant, as a sentence.
        help: String,
    },
    /// A draw cannot be answered so.
    NoAnswer {
        /// The draw and the answer.
        draw: String,
        /// Why not.
        why: &'static str,
    },
    /// A draw cannot have the value.
    OutOfRange {
        /// The draw and the value.
        draw: String,
        /// The smallest value that it can have.
        low: u64,
        /// The greatest.
        high: u64,
    },
}

impl fmt::Display for Unkept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the order cannot be kept: {}", self.what())
    }
}

impl Unkept {
    /// What was not kept.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::NoEvent { event, help } => format!("`{event}` did not happen; {help}"),
            Self::NotBefore { before, after } => {
                format!("`{after}` had to run although `{before}` had not")
            }
            Self::NoDraw { draw, help } => format!("nothing is drawn as `{draw}`; {help}"),
            Self::NoAnswer { draw, why } => format!("{draw}, but it {why}"),
            Self::OutOfRange { draw, low, high } => format!("{draw}, but can only be {low} to {high}"),
        }
    }

    /// Returns what a run did not keep of a cause; `broken` are the numbers of the orderings that could not be kept.
    #[must_use]
    pub fn of(cause: &Cause, broken: &[usize], history: &History, directory: &Directory) -> Vec<Self> {
        let mut unkept = Vec::new();
        for (constraint, at) in cause.constraints.iter().zip(0..) {
            let events = [&constraint.before, &constraint.after];
            let missing = events.into_iter().filter_map(|event| absent(event, history, directory));
            let missing: Vec<Self> = missing.map(|event| no_event(event, history, directory)).collect();
            unkept.extend(if missing.is_empty() && broken.contains(&at) {
                vec![Self::NotBefore {
                    before: constraint.before.to_string(),
                    after: constraint.after.to_string(),
                }]
            } else {
                missing
            });
        }
        unkept.extend(cause.draws.iter().filter_map(|draw| draw_problem(draw, history, directory)));
        let mut said = BTreeSet::new();
        unkept.retain(|one| said.insert(one.to_string()));
        unkept
    }
}

/// Returns the first choice or draw of a list that a run with these choices did not take; `None` if it took them all.
pub(crate) fn untaken(choices: &FullChoices, history: &History, directory: &Directory) -> Option<Unkept> {
    let mut last: Option<(u64, &EventRef)> = None;
    for Next { event, .. } in &choices.next {
        if let Some(missing) = absent(event, history, directory) {
            return Some(no_event(missing, history, directory));
        }
        let number = history.number_of(event, directory).unwrap_or_default();
        match last {
            Some((later, before)) if later > number => {
                let (before, after) = (before.to_string(), event.to_string());
                return Some(Unkept::NotBefore { before, after });
            }
            Some(_) | None => last = Some((number, event)),
        }
    }
    choices.draws.iter().find_map(|draw| draw_problem(draw, history, directory))
}

/// Whether every event and draw of an order happens in some of these runs: then it is spelled as it should be, and if a run
/// does not keep it, the program no longer lets it happen.
pub(crate) fn is_possible<'e>(
    events: impl IntoIterator<Item = &'e EventRef>,
    draws: &[FixedDraw],
    (runs, directory): (&[History], &Directory),
) -> bool {
    let mut events = events.into_iter();
    events.all(|event| runs.iter().any(|run| absent(event, run, directory).is_none()))
        && draws.iter().all(|draw| runs.iter().any(|run| draw_problem(draw, run, directory).is_none()))
}

/// The event itself or the one among its causes that did not happen; `None` if it happened.
fn absent<'a>(event: &'a EventRef, history: &History, directory: &Directory) -> Option<&'a EventRef> {
    let cause = event.cause().and_then(|cause| absent(cause, history, directory));
    cause.or_else(|| history.number_of(event, directory).is_none().then_some(event))
}

fn no_event(event: &EventRef, history: &History, directory: &Directory) -> Unkept {
    let names: BTreeSet<NameId> = history.dispatches.iter().map(|event| event.name).collect();
    let names: Vec<&str> = names.into_iter().map(|name| directory.text(name)).collect();
    let help = if names.contains(&event.name.as_str()) {
        let others = history.dispatches.iter().zip(1..);
        let others = others.filter(|(other, _)| directory.text(other.name) == event.name);
        let others = others.map(|(_, number)| history.reference(number, directory).to_string());
        listed(others)
    } else {
        meant(&event.name, names, || "the run has no event of that name".to_string())
    };
    Unkept::NoEvent { event: event.to_string(), help }
}

fn draw_problem(draw: &FixedDraw, history: &History, directory: &Directory) -> Option<Unkept> {
    let FixedDraw { draw: meant_draw, value } = draw;
    let Some(made) = history.draw_of(meant_draw, directory) else {
        if let Some(event) = meant_draw.cause().and_then(|event| absent(event, history, directory)) {
            return Some(no_event(event, history, directory));
        }
        let site = &meant_draw.name;
        let is_site = |id| directory.text(id) == site;
        let sites: BTreeSet<NameId> = history.draws.iter().map(|drawn| drawn.site).collect();
        let sites: Vec<&str> = sites.into_iter().map(|site| directory.text(site)).collect();
        let help = match history.draws.iter().filter(|drawn| is_site(drawn.site)).count() {
            0 => meant(site, sites, || "the run makes no such draw".to_string()),
            1 => "it is drawn once".to_string(),
            _ => {
                let made = history.draws.iter().filter(|drawn| is_site(drawn.site));
                listed(made.map(|drawn| history.draw_reference(drawn, directory).to_string()))
            }
        };
        return Some(Unkept::NoDraw { draw: meant_draw.to_string(), help });
    };
    let is_possible = made.value_of(*value).is_some();
    (!is_possible).then(|| match (value, made.chance) {
        (Answer::Number(_), _) => {
            Unkept::OutOfRange { draw: draw.to_string(), low: made.low, high: made.high }
        }
        (Answer::Yes | Answer::No, Some(_)) => Unkept::NoAnswer { draw: draw.to_string(), why: "is certain" },
        (Answer::Yes | Answer::No, None) => Unkept::NoAnswer { draw: draw.to_string(), why: "is a number" },
    })
}

/// Lists the first few.
fn listed(mut texts: impl Iterator<Item = String>) -> String {
    let shown: Vec<String> = texts.by_ref().take(SHOWN).map(|text| format!("`{text}`")).collect();
    let more = if texts.next().is_some() { ", …" } else { "" };
    format!("there is {}{more}", shown.join(", "))
}
