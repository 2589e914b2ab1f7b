//! All orders of a story, each run from its beginning.

use alloc::collections::BTreeSet;

use tiebreak::explore::Setup;
use tiebreak::{Choices, Frontier, Guidance, Site, Streams};
use tiebreak_planted::Story;

/// So many orders are run one by one at most.
pub(crate) const ORDERS_MAX: u128 = 25_000;

/// What came of all orders.
#[derive(Debug, Default)]
pub(crate) struct Brute {
    pub(crate) orders: u128,
    /// The names of all that fails in some order.
    pub(crate) failing: BTreeSet<String>,
    /// What orders come to in which nothing fails.
    pub(crate) ends: BTreeSet<u128>,
    /// How many events run in the longest one.
    pub(crate) events: u64,
}

/// Takes the events at these places, and then those that were scheduled first; notes among how many there was a choice. Draws are
/// those of a seed.
struct Odometer<'a> {
    places: &'a [usize],
    choices: Vec<usize>,
    streams: Streams,
}

impl Choices for Odometer<'_> {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.streams.number(site, low, high)
    }

    fn guidance(&self) -> Guidance {
        Guidance::Picks
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let place = self.places.get(self.choices.len()).copied().unwrap_or_default();
        self.choices.push(frontier.len());
        place
    }
}

impl Brute {
    pub(crate) fn of(story: &impl Story, setup: Setup) -> Self {
        let (mut brute, mut places) = (Self::default(), Vec::new());
        loop {
            let (places_before, streams) = (places.clone(), Streams::new(setup.seed));
            let mut odometer = Odometer { places: &places_before, choices: Vec::new(), streams };
            let played = story.play(setup, &mut odometer);
            if played.failures.is_empty() {
                brute.ends.insert(played.state);
            }
            brute.failing.extend(played.failures.into_iter().map(|failure| failure.monitor));
            brute.events = brute.events.max(played.events);
            brute.orders += 1;
            assert!(brute.orders <= ORDERS_MAX, "there are more orders than were counted");
            // The next one differs at the last choice that has another event left.
            let choices = odometer.choices;
            places.resize(choices.len(), 0);
            while let Some(last) = places.pop() {
                if last + 1 < choices[places.len()] {
                    places.push(last + 1);
                    break;
                }
            }
            if places.is_empty() {
                return brute;
            }
        }
    }
}
