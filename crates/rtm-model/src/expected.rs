//! What the manager said of one input, sorted; and what it should have said.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_rtm::{
    CallbackFrame, CallbackId, DeadlockLink, DueEvent, EntityHandle, Event, Fact, HostError, LeakKind,
    LeakSubject, LockedObject, MethodFrame, NetAddress, Outcome, Output, RouteHandle, Ticket, TimerKey,
    ViewSet,
};

use super::{Difference, On, same};

/// Is a hold that has begun, with the route and its end, or ended; of these views of a destination.
type HoldNote = (NetAddress, ViewSet, Option<(RouteHandle, u64)>);

/// Is what the manager said.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    /// The reply, if it is the last output.
    pub(super) reply: Option<&'a Outcome>,
    replies: usize,
    frames: Vec<&'a CallbackFrame>,
    methods: Vec<MethodFrame>,
    inert: Vec<CallbackId>,
    refused: Vec<(CallbackId, HostError)>,
    /// Armed (when, generation) or disarmed.
    pub(super) timers: Vec<(TimerKey, Option<(u64, u32)>)>,
    holds: Vec<HoldNote>,
    pub(super) delivered: Vec<(CallbackId, EntityHandle, DueEvent)>,
    pub(super) dropped: Vec<(EntityHandle, CallbackId)>,
    ready: Vec<(EntityHandle, Ticket)>,
    pub(super) deadlocks: Vec<&'a [DeadlockLink]>,
    /// What clients that leave had locked.
    leaked_locks: Vec<(EntityHandle, LockedObject)>,
    best: Vec<&'a Fact>,
    /// Routes in the order in which they were created, changed or refreshed.
    pub(super) touched: Vec<RouteHandle>,
    /// Routes in the order in which they were deleted.
    pub(super) deleted: Vec<RouteHandle>,
}

impl<'a> Told<'a> {
    /// Sorts the outputs.
    pub(super) fn read(outputs: &'a [Output]) -> Self {
        let mut told = Self::default();
        for output in outputs {
            match output {
                Output::Reply(_) => told.replies += 1,
                Output::ArmTimer { timer, at, generation } => {
                    told.timers.push((*timer, Some((*at, *generation))));
                }
                Output::DisarmTimer { timer } => told.timers.push((*timer, None)),
                Output::Deliver { to, callback, event } => told.delivered.push((*callback, *to, *event)),
                Output::Drop { to, callback } => told.dropped.push((*to, *callback)),
                Output::Ready { to, ticket } => told.ready.push((*to, *ticket)),
                Output::Frame(frame) => told.frames.push(frame),
                Output::Method(frame) => told.methods.push(*frame),
                Output::Inert { callback } => told.inert.push(*callback),
                Output::Refused { callback, error } => told.refused.push((*callback, *error)),
                Output::Fact(fact) => told.read_fact(fact),
            }
        }
        if let Some(Output::Reply(outcome)) = outputs.last() {
            told.reply = Some(outcome);
        }
        told
    }

    fn read_fact(&mut self, fact: &'a Fact) {
        match fact {
            Fact::BestChanged { .. } => self.best.push(fact),
            Fact::RouteAdded(name) | Fact::RouteUpdated(name) | Fact::RouteRefreshed(name) => {
                self.touched.push(name.route);
            }
            Fact::RouteDeleted { route, .. } => self.deleted.push(route.route),
            Fact::Deadlock { cycle } => self.deadlocks.push(cycle),
            Fact::Leak { entity, subject, kind: LeakKind::Locked } => {
                self.leaked_locks.extend(locked(subject).map(|object| (*entity, object)));
            }
            Fact::RouteHeld { route, views, until } => {
                self.holds.push((route.dest, *views, Some((route.route, *until))));
            }
            Fact::HoldEnded { dest, views, .. } => self.holds.push((*dest, *views, None)),
            Fact::ChangePending { .. }
            | Fact::ChangeCoalesced { .. }
            | Fact::CallbackDropped { .. }
            | Fact::Leak {
                kind: LeakKind::References(_) | LeakKind::NotDeleted | LeakKind::NotCleared,
                ..
            }
            | Fact::TargetIgnored { .. }
            | Fact::Violation { .. } => {}
        }
    }

    /// What the callback that runs is told.
    pub(super) fn event(&self) -> Option<&'a Event> {
        self.frames.first().map(|frame| &frame.event)
    }
}

/// The object of a lock that was never given back.
fn locked(subject: &LeakSubject) -> Option<LockedObject> {
    match subject {
        LeakSubject::Dest(_, address) => Some(LockedObject::Dest(*address)),
        LeakSubject::NextHop(name) => Some(LockedObject::NextHop(*name)),
        LeakSubject::Entity(..)
        | LeakSubject::Route(_)
        | LeakSubject::RouteList(_)
        | LeakSubject::Enum(_) => None,
    }
}

/// Is a callback that should be delivered; those of one wave come in registration order.
#[derive(Debug, Clone, Copy)]
struct Due {
    wave: u32,
    to: EntityHandle,
    event: DueEvent,
    /// Whether what comes later of the same input takes it back.
    taken_back: bool,
}

/// Is what the manager should have said, less the contents of the reply.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) replies: usize,
    pub(super) frame: Option<CallbackFrame>,
    pub(super) methods: Vec<MethodFrame>,
    pub(super) inert: Vec<CallbackId>,
    pub(super) refused: Vec<(CallbackId, HostError)>,
    /// Armed (when) or disarmed.
    pub(super) timers: Vec<(TimerKey, Option<u64>)>,
    pub(super) holds: Vec<HoldNote>,
    pub(super) dropped: Vec<(EntityHandle, CallbackId)>,
    pub(super) best: Vec<Fact>,
    /// What becomes ready, in the order of the line.
    pub(super) ready: Vec<(On, EntityHandle, Ticket)>,
    /// How many links the shortest cycles have that are told.
    pub(super) deadlocks: Vec<usize>,
    pub(super) leaked_locks: Vec<(EntityHandle, LockedObject)>,
    /// The client that leaves.
    leaver: Option<EntityHandle>,
    due: Vec<Due>,
    wave: u32,
    /// In registration order.
    clients: Vec<EntityHandle>,
}

impl Expected {
    /// Expects nothing yet of a manager with these clients.
    pub(super) fn new(clients: Vec<EntityHandle>) -> Self {
        Self { clients, ..Self::default() }
    }

    /// Begins another change: what it makes due need not be ordered against what was due before.
    pub(super) fn next_wave(&mut self) {
        self.wave += 1;
    }

    /// Expects a callback.
    pub(super) fn deliver(&mut self, to: EntityHandle, event: DueEvent) {
        self.due.push(Due { wave: self.wave, to, event, taken_back: false });
    }

    /// Expects that callbacks which this input has made due, and which are about this event, are taken back.
    pub(super) fn take_back(&mut self, event: DueEvent) {
        for due in self.due.iter_mut().filter(|due| due.event == event) {
            due.taken_back = true;
        }
    }

    /// Expects that what this input has made due for a client that leaves is taken back.
    pub(super) fn leaves(&mut self, client: EntityHandle) {
        self.leaver = Some(client);
        for due in self.due.iter_mut().filter(|due| due.to == client) {
            due.taken_back = true;
        }
    }

    /// Compares with what the manager said.
    pub(super) fn check(&self, told: &Told<'_>) -> Result<(), Difference> {
        same("the number of replies", &self.replies, &told.replies)?;
        same("the callback that runs", &self.frame.iter().collect(), &told.frames)?;
        same("the methods that run", &self.methods, &told.methods)?;
        same("the callbacks that need not run", &self.inert, &told.inert)?;
        same("the callbacks that may not run now (D-107)", &self.refused, &told.refused)?;
        let timers = told.timers.iter().map(|(timer, armed)| (*timer, armed.map(|(at, _)| at))).collect();
        same("the timers armed and disarmed", &by_key(self.timers.clone()), &by_key(timers))?;
        same("the holds that began and ended", &self.holds, &told.holds)?;
        same("the callbacks taken back", &sorted(&self.all_dropped(told)), &sorted(&told.dropped))?;
        let best = self.best.iter().collect();
        same("the best routes that changed", &sorted_texts::<&Fact>(best), &sorted_texts(told.best.clone()))?;
        let (leaked, found) = (self.leaked_locks.clone(), told.leaked_locks.clone());
        same("the locks never given back (D-134)", &sorted_texts(leaked), &sorted_texts(found))?;
        let lengths: Vec<usize> = told.deadlocks.iter().map(|cycle| cycle.len()).collect();
        same("the lengths of the deadlocks (D-132)", &self.deadlocks, &lengths)?;
        self.check_ready(told)?;
        self.check_due(told)
    }

    /// What waits for one object becomes ready in the order of the line (D-88); but for what will be refused, since its client
    /// leaves (D-134).
    fn check_ready(&self, told: &Told<'_>) -> Result<(), Difference> {
        let expected: Vec<_> = self.ready.iter().map(|(_, to, ticket)| (*to, *ticket)).collect();
        same("the calls that become ready (D-88)", &sorted(&expected), &sorted(&told.ready))?;
        for (on, ..) in &self.ready {
            let of_object =
                self.ready.iter().filter(|(other, to, _)| other == on && Some(*to) != self.leaver);
            let of_object: Vec<_> = of_object.map(|(_, to, ticket)| (*to, *ticket)).collect();
            let found = told.ready.iter().filter(|ready| of_object.contains(ready)).copied().collect();
            same("the order in which calls become ready (D-88)", &of_object, &found)?;
        }
        Ok(())
    }

    /// The callbacks that are taken back; those that this input has made due have the ids that the manager chose.
    fn all_dropped(&self, told: &Told<'_>) -> Vec<(EntityHandle, CallbackId)> {
        let delivered = told.delivered.iter().filter(|(_, to, event)| {
            self.due.iter().any(|due| due.taken_back && (due.to, due.event) == (*to, *event))
        });
        let at_once = delivered.map(|(callback, to, _)| (*to, *callback));
        self.dropped.iter().copied().chain(at_once).collect()
    }

    fn check_due(&self, told: &Told<'_>) -> Result<(), Difference> {
        let expected: Vec<_> = self.due.iter().map(|due| (due.to, due.event)).collect();
        let found: Vec<_> = told.delivered.iter().map(|(_, to, event)| (*to, *event)).collect();
        same("the callbacks that are due", &sorted(&expected), &sorted(&found))?;
        for wave in 0..=self.wave {
            let of_wave: Vec<_> =
                self.due.iter().filter(|due| due.wave == wave).map(|due| (due.to, due.event)).collect();
            let order: Vec<_> = found.iter().filter(|due| of_wave.contains(due)).copied().collect();
            // D-04 does not say whether the clients' registrations count, or those for change notification.
            let mut of_clients = of_wave.clone();
            of_clients.sort_by_key(|(to, _)| self.clients.iter().position(|client| client == to));
            if order != of_clients {
                same("the order of the callbacks that are due (registration order, D-04)", &of_wave, &order)?;
            }
        }
        Ok(())
    }
}

fn by_key<T>(mut timers: Vec<(TimerKey, T)>) -> Vec<(TimerKey, T)> {
    timers.sort_by_key(|(timer, _)| *timer);
    timers
}

fn sorted_texts<T: fmt::Debug>(items: Vec<T>) -> Vec<String> {
    let mut texts: Vec<String> = items.into_iter().map(|item| format!("{item:?}")).collect();
    texts.sort_unstable();
    texts
}

fn sorted<T: Ord + Clone>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort();
    items
}
