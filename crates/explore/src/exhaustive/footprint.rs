//! What events touch, and which of those that could run have to be tried in more than one order.
//!
//! Events that touch nothing in common can change places. Where it is known what all events of an instant touch, those that could
//! run fall into sets that do not concern each other, and it is enough to follow one of the sets: what the others do comes
//! later, and is the same then. (A persistent set; Godefroid 1996.)

use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Instant, Lane};

/// What handling an event reads and writes, together with all that it brings about at the same instant.
///
/// Cells are numbered by whoever states it: whatever two events may both change, or one may change and the other look at,
/// is a cell: also what monitors remember, a timer that is cancelled, and a site at which is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    reads: Vec<u64>,
    writes: Vec<u64>,
    is_everything: bool,
}

impl Footprint {
    /// Touches nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { reads: Vec::new(), writes: Vec::new(), is_everything: false }
    }

    /// Touches everything: conflicts with all others.
    #[must_use]
    pub const fn everything() -> Self {
        Self { reads: Vec::new(), writes: Vec::new(), is_everything: true }
    }

    /// Reads a cell as well.
    #[must_use]
    pub fn reads(mut self, cell: u64) -> Self {
        self.reads.push(cell);
        self
    }

    /// Writes a cell as well.
    #[must_use]
    pub fn writes(mut self, cell: u64) -> Self {
        self.writes.push(cell);
        self
    }

    /// Touches also what another one does.
    fn add(&mut self, other: &Self) {
        self.reads.extend(&other.reads);
        self.writes.extend(&other.writes);
        self.is_everything |= other.is_everything;
    }

    /// Whether one writes what the other reads or writes.
    fn conflicts_with(&self, other: &Self) -> bool {
        let touches = |one: &Self, cell: &u64| one.reads.contains(cell) || one.writes.contains(cell);
        self.is_everything
            || other.is_everything
            || self.writes.iter().any(|cell| touches(other, cell))
            || other.writes.iter().any(|cell| touches(self, cell))
    }

    /// Whether another one touches nothing that this one does not.
    fn covers(&self, other: &Self) -> bool {
        let may_read = |cell: &u64| self.reads.contains(cell) || self.writes.contains(cell);
        self.is_everything
            || (!other.is_everything
                && other.reads.iter().all(may_read)
                && other.writes.iter().all(|cell| self.writes.contains(cell)))
    }
}

/// A pending event, and what it touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When it is due.
    pub at: Instant,
    /// The code of its name.
    pub name: u64,
    /// Its lane.
    pub lane: Option<Lane>,
    /// What it touches.
    pub touches: Footprint,
}

impl Due {
    /// What stands in line together: a lane, or all free events of a name.
    fn queue(&self) -> Queue {
        self.lane.map_or(Queue::Name(self.name), Queue::Lane)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    Lane(Lane),
    Name(u64),
}

fn queue_of(candidate: &Candidate) -> Queue {
    candidate.lane.map_or(Queue::Name(candidate.codes.name()), Queue::Lane)
}

/// What a candidate touches, and all that stands behind it in its lane.
fn touched_behind(candidate: &Candidate, due: &[Due]) -> Footprint {
    let queue = queue_of(candidate);
    let mut behind = due.iter().filter(|due| due.queue() == queue).map(|due| &due.touches);
    let Some(first) = behind.next() else { return Footprint::everything() };
    behind.fold(first.clone(), |mut all, other| {
        all.add(other);
        all
    })
}

/// The places of the smallest set of candidates that conflict with each other and with no others, directly or by way of others; of
/// equal ones, the first.
pub(crate) fn conflicting(candidates: &[Candidate], due: &[Due]) -> Vec<usize> {
    let touched: Vec<Footprint> = candidates.iter().map(|candidate| touched_behind(candidate, due)).collect();
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut smallest: Option<Vec<usize>> = None;
    while let Some(first) = left.first().copied() {
        let mut set = Vec::from([first]);
        left.remove(0);
        let mut looked_at = 0;
        while let Some(member) = set.get(looked_at).copied() {
            looked_at += 1;
            let conflicts = |at: &usize| touched[member].conflicts_with(&touched[*at]);
            set.extend(left.iter().copied().filter(conflicts));
            left.retain(|at| !conflicts(at));
        }
        if smallest.as_ref().is_none_or(|smallest| set.len() < smallest.len()) {
            smallest = Some(set);
        }
    }
    let mut smallest = smallest.unwrap_or_default();
    smallest.sort_unstable();
    smallest
}

/// Whether what an event has brought about at its instant touches only what the event was said to touch. If several of its name
/// stand in its queue, each of them has to be said to.
pub(crate) fn is_covered(ran: &Candidate, before: &[Due], after: &[Due]) -> bool {
    let queue = queue_of(ran);
    let is_own = |due: &&Due| due.name == ran.codes.name() && due.queue() == queue;
    let own: Vec<&Footprint> = before.iter().filter(is_own).map(|due| &due.touches).collect();
    let now = before.first().map(|due| due.at);
    let mut known: Vec<&Due> = before.iter().collect();
    after.iter().filter(|due| Some(due.at) == now).all(|due| {
        match known.iter().position(|known| *known == due) {
            Some(place) => {
                known.swap_remove(place);
                true
            }
            None => own.iter().all(|own| own.covers(&due.touches)),
        }
    })
}
