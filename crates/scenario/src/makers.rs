//! Which of the registrations of a client makes what.

use alloc::collections::BTreeMap;

use crate::check::Used;
use crate::rows::Use;

/// What the registrations of one client make, so that who lacks it is told who has it.
#[derive(Debug, Default)]
pub(crate) struct Makers {
    /// The names under which they act.
    actors: Vec<String>,
    /// The places of the first two of them that make something, if there is more than one registration.
    made: BTreeMap<Use, BTreeMap<String, [Option<usize>; 2]>>,
}

impl Makers {
    pub(crate) fn new(actors: Vec<String>, used: &[Used]) -> Self {
        let mut makers = Self { actors, made: BTreeMap::new() };
        let used = if makers.actors.len() > 1 { used } else { &[] };
        for Used { what, text, of, .. } in used {
            let first_two = makers.made.entry(*what).or_default().entry(text.clone()).or_default();
            if first_two[0].is_none() {
                first_two[0] = Some(*of);
            } else if first_two[0] != Some(*of) {
                first_two[1] = first_two[1].or(Some(*of));
            }
        }
        makers
    }

    /// Returns the name of the first registration but this one that makes it.
    pub(crate) fn other(&self, own: usize, what: Use, text: &str) -> Option<&str> {
        let first_two = self.made.get(&what)?.get(text)?;
        let other = first_two.iter().flatten().find(|of| **of != own)?;
        self.actors.get(*other).map(String::as_str)
    }
}
