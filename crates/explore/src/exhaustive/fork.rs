//! Runs that can be forked, and who chooses in them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::ControlFlow;

use tiebreak_kernel::{Candidate, Choices, End, Frontier, Guidance, PartCodes, Site, Streams, fold, mix};

use super::delayed::Delayed;
use super::footprint::{Due, conflicting};
use super::interchange::{Group, Turns};
use crate::directory::Directory;
use crate::history::History;
use crate::program::{Failure, Setup};

/// A program that is run event by event.
pub trait Stepping {
    /// A run under way.
    type Run;

    /// Begins a run with its first events scheduled, but none of them run. The same each time.
    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run;

    /// Runs one event; breaks if the run has ended.
    fn step(&self, run: &mut Self::Run) -> ControlFlow<End>;

    /// Returns who chooses in a run.
    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker;

    /// Returns what has failed in a run; at its end, all that is wrong with it.
    fn failures(&self, run: &Self::Run, end: Option<&End>) -> Vec<Failure>;
}

/// A program whose runs can be forked and compared. [`Replaying`](super::Replaying) makes one of a program whose runs cannot.
pub trait Forking: Stepping {
    /// Returns a run that has come to where this one is. The new one goes on at once, and this one later.
    fn fork(&self, run: &mut Self::Run) -> Self::Run;

    /// Returns a hash of all that decides how a run goes on, and of what its judges know. Two runs with the same one are taken
    /// for one; `None` if states cannot be compared.
    fn digest(&self, run: &Self::Run) -> Option<u128>;

    /// Returns the groups of actors that can change places. None, unless somebody knows better.
    fn groups(&self) -> Vec<Group> {
        Vec::new()
    }

    /// Returns the events that are due at the next instant, each with what it touches; `None` if that is not known.
    fn due(&self, _run: &Self::Run) -> Option<Vec<Due>> {
        None
    }
}

/// An event that could run, by what tells it from the others that could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub(crate) name: u64,
    /// Which of its name it is, in the order of scheduling.
    nth: u32,
    /// Whether others of its name could run too: which of them it is may then look different after another event.
    pub(crate) has_twin: bool,
}

/// The events that could run, and which of them are to be followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offer {
    /// In the order of scheduling.
    pub(crate) labels: Vec<Label>,
    pub(crate) candidates: Vec<Candidate>,
    /// The places of those that are to be followed.
    pub(crate) ways: Vec<usize>,
    /// The place of the one that ran.
    pub(crate) ran: usize,
    /// For how many orders the one that ran stands: it was the first event of one of so many that could have been it.
    pub(crate) times: u32,
}

impl Offer {
    /// Returns the event that ran, as it was offered.
    pub(crate) fn taken(&self) -> Option<&Candidate> {
        self.candidates.get(self.ran)
    }

    /// Returns what tells the event that ran from the others.
    pub(crate) fn event(&self) -> Option<Label> {
        self.labels.get(self.ran).copied()
    }

    /// Whether not all are followed.
    pub(crate) fn is_reduced(&self) -> bool {
        self.ways.len() < self.labels.len()
    }
}

/// Which event to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// Of those that are to be followed, this one.
    Way(usize),
    /// The one at this place in the order of scheduling.
    At(usize),
    /// The one with this code; any other if there is none.
    Coded(u64),
    /// The one with the smallest label, whatever was scheduled first; of those that are to be followed, if some have to wait
    /// for their turn.
    Smallest,
    /// Of those that are to be followed, one by a random number.
    Random(u64),
    /// The one with these codes; if there is none, the only one of that actor and kind; otherwise any.
    Like(PartCodes),
}

/// Which of the events that could run are to be followed.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// All.
    All,
    /// All, but those of a group begin in turn.
    InTurn(Turns),
    /// One set of those that conflict, if it is known what they touch.
    Conflicting,
    /// Those that are reached by passing over few.
    Delayed(Delayed),
}

/// The choices of a forked run: it takes the events that it is told to, and notes among which it could choose.
///
/// Draws are answered from the streams of a seed, and are the same in every order as far as their sites are asked alike.
#[derive(Debug, Clone)]
pub struct Picker {
    streams: Streams,
    rule: Rule,
    pick: Pick,
    path: Path,
    offer: Offer,
    /// What is due, and what it touches.
    due: Option<Vec<Due>>,
    /// What happens and what is chosen, if somebody wants to be told.
    told: Option<Box<Told>>,
}

/// What is told of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) directory: Directory,
    pub(crate) history: History,
    /// The numbers of the events that were chosen among two or more, from 1.
    pub(crate) chosen: Vec<u64>,
}

/// How a run has come to where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Which event was chosen at each choice among two or more, by its place in the order of scheduling.
    pub choices: Vec<u32>,
    /// How many events have run.
    pub events: u64,
}

/// By what decides how its run goes on: the positions of its streams, and which of a group have begun.
impl Hash for Picker {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.streams.hash(state);
        if let Rule::InTurn(turns) = &self.rule {
            turns.hash(state);
        }
    }
}

impl Picker {
    pub(crate) fn new(seed: u64, rule: Rule) -> Self {
        Self {
            streams: Streams::new(seed),
            rule,
            pick: Pick::At(0),
            path: Path { choices: Vec::new(), events: 0 },
            offer: Offer::default(),
            due: None,
            told: None,
        }
    }

    /// The same choices, which tell what happens.
    pub(crate) fn telling(self) -> Self {
        Self { told: Some(Box::default()), ..self }
    }

    /// Counts events and choices from here on: a run that begins here is said to have begun.
    pub fn begin_here(&mut self) {
        self.path = Path::default();
    }

    /// What was told so far.
    pub(crate) fn told(&self) -> Option<&Told> {
        self.told.as_deref()
    }

    /// Makes the run take this event next.
    fn take(&mut self, pick: Pick) {
        self.pick = pick;
        self.offer = Offer::default();
    }

    /// Makes the run take the event next that a path has at this place.
    pub(crate) fn follow(&mut self, path: &Path) {
        let place = path.choices.get(self.path.choices.len()).copied().unwrap_or_default();
        self.take(Pick::At(usize::try_from(place).unwrap_or(usize::MAX)));
    }

    pub(crate) const fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the choices of the path away, for as long as the run waits: see [`set_choices`](Self::set_choices).
    pub(crate) fn take_choices(&mut self) -> Vec<u32> {
        core::mem::take(&mut self.path.choices)
    }

    /// Gives back the choices by which the run has come to where it is.
    pub(crate) fn set_choices(&mut self, choices: Vec<u32>) {
        self.path.choices = choices;
    }

    /// What is due, and what it touches, before the event that ran last.
    pub(crate) fn due(&self) -> Option<&[Due]> {
        self.due.as_deref()
    }

    /// Whether those of a group turned out not to be able to change places.
    pub(crate) const fn is_out_of_turn(&self) -> bool {
        matches!(&self.rule, Rule::InTurn(turns) if turns.are_unlike())
    }

    /// The places of the events that are to be followed.
    fn ways(&self, frontier: &Frontier<'_>, labels: &[Label]) -> Vec<usize> {
        let candidates = frontier.candidates();
        let all = 0..candidates.len();
        match &self.rule {
            Rule::All => all.collect(),
            Rule::InTurn(turns) => all.filter(|at| turns.may_run(candidates[*at].codes.actor)).collect(),
            Rule::Delayed(delayed) => delayed.ways(frontier),
            Rule::Conflicting => match &self.due {
                // Which of its name an event is may look different after another one.
                Some(due) if labels.iter().all(|label| !label.has_twin) => conflicting(candidates, due),
                Some(_) | None => all.collect(),
            },
        }
    }

    /// Notes among which events there is a choice.
    fn look_at(&mut self, frontier: &Frontier<'_>) {
        let labels = labels(frontier);
        let ways = self.ways(frontier, &labels);
        let candidates = frontier.candidates().to_vec();
        self.offer = Offer { labels, candidates, ways, ran: 0, times: 1 };
    }

    /// The place of the event that it was told to take.
    fn picked(&self) -> usize {
        let Offer { labels, ways, .. } = &self.offer;
        let place = match self.pick {
            Pick::Way(number) => ways.get(number).copied(),
            Pick::At(place) => Some(place),
            Pick::Coded(code) => labels.iter().position(|label| label.code() == code),
            Pick::Smallest if matches!(self.rule, Rule::InTurn(_)) => {
                ways.iter().copied().min_by_key(|at| labels.get(*at))
            }
            Pick::Smallest => (0..labels.len()).min_by_key(|at| labels.get(*at)),
            Pick::Random(random) => ways.get(random_below(ways.len(), random)).copied(),
            Pick::Like(like) => place_like(like, &self.offer.candidates).or_only(),
        };
        place.filter(|place| *place < labels.len()).unwrap_or_default()
    }
}

/// Which of several events are like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// One has the same name, or it is the only one of the actor and the kind.
    One(usize),
    /// Several are of the actor and the kind.
    Several,
    /// None is.
    None,
}

impl Likeness {
    const fn or_only(self) -> Option<usize> {
        match self {
            Self::One(place) => Some(place),
            Self::Several | Self::None => None,
        }
    }
}

/// The place of the event that is like one.
pub(crate) fn place_like(like: PartCodes, offered: &[Candidate]) -> Likeness {
    let is_like = |codes: PartCodes| (codes.actor, codes.kind) == (like.actor, like.kind);
    let alike: Vec<usize> = (0..offered.len()).filter(|at| is_like(offered[*at].codes)).collect();
    let exact = alike.iter().find(|at| offered[**at].codes.subject == like.subject);
    match (exact, &alike[..]) {
        (Some(place), _) | (None, [place]) => Likeness::One(*place),
        (None, []) => Likeness::None,
        (None, [_, ..]) => Likeness::Several,
    }
}

/// A number below another one, by a random one.
fn random_below(bound: usize, random: u64) -> usize {
    usize::try_from(mix(random) % (bound.max(1) as u64)).unwrap_or_default()
}

/// The events that could run, each told from the others.
fn labels(frontier: &Frontier<'_>) -> Vec<Label> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let numbered = frontier.candidates().iter().map(|candidate| {
        let name = candidate.codes.name();
        let count = counts.entry(name).or_default();
        *count += 1;
        Label { name, nth: *count - 1, has_twin: false }
    });
    let mut labels: Vec<Label> = numbered.collect();
    for label in &mut labels {
        label.has_twin = counts.get(&label.name).is_some_and(|count| *count > 1);
    }
    labels
}

impl Choices for Picker {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        if let Rule::InTurn(turns) = &mut self.rule {
            turns.drew();
        }
        self.streams.number(site, low, high)
    }

    fn guidance(&self) -> Guidance {
        Guidance::Picks
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        self.look_at(frontier);
        let at = self.picked();
        self.offer.ran = at;
        if let Rule::Delayed(delayed) = &mut self.rule {
            delayed.take(frontier, at);
        }
        self.path.choices.push(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(told) = &mut self.told {
            told.chosen.push(frontier.dispatched() + 1);
        }
        at
    }

    fn run(&mut self, event: &Frontier<'_>) {
        if self.offer.labels.is_empty() {
            self.look_at(event);
        }
        if let Rule::InTurn(turns) = &mut self.rule {
            self.offer.times = turns.ran(event[0].codes.actor);
        }
        self.path.events += 1;
        if let Some(told) = &mut self.told {
            let name = told.directory.named(event[0].codes.name(), || event.name(0));
            told.history.dispatched(name, &event[0], event.now());
        }
    }
}

/// Lets a run go on by one event; returns those among which one was chosen: one if there was no choice.
pub(crate) fn step<P: Forking>(program: &P, run: &mut P::Run, pick: Pick) -> ControlFlow<End, Offer> {
    let is_due_asked = matches!(program.picker(run).rule, Rule::Conflicting);
    let due = if is_due_asked { program.due(run) } else { None };
    let picker = program.picker(run);
    picker.due = due;
    picker.take(pick);
    program.step(run)?;
    ControlFlow::Continue(core::mem::take(&mut program.picker(run).offer))
}

impl Label {
    /// A number for the event, for sets of events.
    pub(crate) const fn code(self) -> u64 {
        fold(self.name, self.nth as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::Term;

    /// Keeps what is hashed.
    #[derive(Default)]
    struct Bytes(Vec<u8>);

    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }

    fn hashed(picker: &Picker) -> Vec<u8> {
        let mut bytes = Bytes::default();
        picker.hash(&mut bytes);
        bytes.0
    }

    #[test]
    fn what_will_be_drawn_is_hashed_and_how_the_run_came_there_is_not() {
        let mut picker = Picker::new(7, Rule::All);
        let before = hashed(&picker);
        picker.path.events += 1;
        assert_eq!(hashed(&picker), before);
        picker.number(Site::new(1, Term::new("draws")), 0, 9);
        assert_ne!(hashed(&picker), before);
    }
}
