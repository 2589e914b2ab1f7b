//! All orders of a scenario, each run from its beginning.

use tiebreak::explore::{Director, Directory, Failure, Program as _, Setup, Strategy};
use tiebreak::kernel::Frontier;
use tiebreak_runner::Explored;

/// So many orders are run one by one at most.
pub(crate) const ORDERS_MAX: u128 = 2_000;

/// What came of all orders.
pub(crate) struct Brute {
    pub(crate) orders: u128,
    /// Sorted, each once.
    failing: Vec<String>,
}

/// Takes the events at these places, and then those that were scheduled first; notes among how many there was a choice.
#[derive(Debug)]
struct Odometer<'a> {
    places: &'a [usize],
    choices: Vec<usize>,
}

impl Strategy for Odometer<'_> {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let place = self.places.get(self.choices.len()).copied().unwrap_or_default();
        self.choices.push(frontier.len());
        place
    }
}

impl Brute {
    pub(crate) fn of(explored: &Explored<'_>, setup: Setup) -> Self {
        let (mut brute, mut places) = (Self { orders: 0, failing: Vec::new() }, Vec::new());
        loop {
            let (failures, choices) = run(explored, setup, &places);
            brute.failing.extend(failures.into_iter().map(|failure| failure.monitor));
            brute.failing.sort();
            brute.failing.dedup();
            brute.orders += 1;
            assert!(brute.orders <= ORDERS_MAX, "there are more orders than were counted");
            // The next one differs at the last choice that has another event left.
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

    /// The names of all that fails in some order.
    pub(crate) fn failing(&self) -> Vec<&str> {
        self.failing.iter().map(String::as_str).collect()
    }
}

/// Runs in one order, up to the event during which something fails; returns what failed, and among how many there was a
/// choice.
pub(crate) fn run(explored: &Explored<'_>, setup: Setup, places: &[usize]) -> (Vec<Failure>, Vec<usize>) {
    let mut odometer = Odometer { places, choices: Vec::new() };
    let mut directory = Directory::default();
    let mut director = Director::new(&mut directory, setup.seed).with_strategy(&mut odometer);
    let outcome = explored.run(setup, &mut director);
    let (mut failures, (_, chosen)) = (outcome.failures().to_vec(), director.finish());
    let mut choices = odometer.choices;
    // Those that fail during an event come first.
    if let Some(event) = failures.first().and_then(|failure| failure.event) {
        failures.retain(|failure| failure.event == Some(event));
        choices.truncate(chosen.iter().filter(|chosen| chosen.event <= event).count());
    }
    (failures, choices)
}
