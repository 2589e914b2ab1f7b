//! Clients that follow a script: steps at given instants, reactions in callbacks.

mod changes;
mod queries;
mod routes;
mod skipped;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Fact, Handle, Instant, Span, Symbol, Term};
use tiebreak_rtm::{
    Call, CallbackFrame, EntityId, Event, EventCallback, EventType, HandleArgument, Marking, NetAddress,
    NextHopHandle, NextHopSpec, NextHopTarget, NotifyHandle, Outcome, Reply, RouteHandle, Status, TableId,
};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Answer, Behaviour, Desk, Subject};
use tiebreak_scenario::plan as scenario;
use tiebreak_scenario::plan::{Action, AddNextHop, Condition, Timing};

use self::skipped::Skipped;
use crate::convert::dest_address;

/// The purpose of drawing how much later a repeated step is taken.
const JITTER: Term = Term::new("jitter");
/// The name by which a reaction to an expiry means the event's route.
const EXPIRED: &str = "expired";
/// The name by which a reaction to a change notification means the event's registration.
const NOTIFIED: &str = "notified";

/// How a client registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registration {
    pub(crate) table: TableId,
    pub(crate) id: EntityId,
    pub(crate) callback: EventCallback,
}

/// A step of a script. The next time it is taken is scheduled when it is taken, so that a step of a million times takes no
/// more room than one.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    pub(crate) step: scenario::Step,
    /// The label of its first time.
    pub(crate) label: Symbol,
    /// How many times it was taken.
    pub(crate) taken: u32,
}

/// A client that follows a script.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    registration: Registration,
    script: Vec<Scheduled>,
    reactions: BTreeMap<scenario::Event, Vec<Action>>,
    state: State,
}

/// What a scripted client knows: handles under its own names for them, and flags.
#[derive(Debug, Clone, Default)]
struct State {
    next_hops: BTreeMap<String, NextHopHandle>,
    routes: BTreeMap<String, Held>,
    changes: BTreeMap<String, NotifyHandle>,
    flags: BTreeSet<String>,
    /// The largest batch the manager hands out (`MaxHandlesInEnum`).
    batch: u32,
    /// What was put off and has not come, by its token.
    later: BTreeMap<u64, Later>,
    /// How much was put off.
    put_off: u64,
    /// How many steps the script has; tokens from there on number `later`.
    scripted: u64,
    /// The callback that goes on later.
    paused: Option<Paused>,
}

/// Actions that were put off.
#[derive(Debug, Clone)]
struct Later {
    label: Symbol,
    handle: Handle,
    actions: Vec<Action>,
}

/// A route under a name, with how many references on it the client holds by that name.
#[derive(Debug, Clone, Copy)]
struct Held {
    route: RouteHandle,
    references: u32,
}

/// Whether actions are done, or go on later with the rest of them.
#[derive(Debug)]
enum Flow {
    Done,
    Paused(Span, VecDeque<Action>),
}

/// A callback that goes on later: what it does then, and its answer so far.
#[derive(Debug, Clone)]
struct Paused {
    rest: VecDeque<Action>,
    answer: Status,
}

/// The occasion on which actions are done: a step, or a callback with its event and the answer so far.
#[derive(Debug)]
struct Occasion<'a> {
    event: Option<&'a Event>,
    answer: Status,
}

impl Scripted {
    pub(crate) fn new(
        registration: Registration,
        script: Vec<Scheduled>,
        reactions: BTreeMap<scenario::Event, Vec<Action>>,
    ) -> Self {
        let state = State { scripted: script.len() as u64, ..State::default() };
        Self { registration, script, reactions, state }
    }
}

impl Behaviour for Scripted {
    fn start(&mut self, desk: &mut Desk<'_>) {
        for (token, step) in (0..).zip(&self.script) {
            step.schedule(token, step.label, desk);
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        let mut occasion = Occasion { event: None, answer: Status::NoError };
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(scheduled) = self.script.get_mut(index(token)) {
            let is_over = scheduled
                .step
                .condition
                .as_ref()
                .is_some_and(|condition| !self.state.holds(condition, &occasion, desk));
            if is_over {
                Skipped(word::CONDITION_FALSE).note(&scheduled.step.action, desk);
                return;
            }
            scheduled.taken += 1;
            if scheduled.taken < scheduled.step.times() {
                let label = desk.label(&scheduled.step.label_of(scheduled.taken));
                scheduled.schedule(token, label, desk);
            }
            let flow = self.state.perform(&self.registration, &scheduled.step.action, &mut occasion, desk);
            assert!(matches!(flow, Flow::Done), "only callbacks pause");
            return;
        }
        let Some(later) = self.state.later.remove(&token) else {
            unreachable!("what is given up does not come")
        };
        let flow = self.state.perform_all(&self.registration, &later.actions, &mut occasion, desk);
        assert!(matches!(flow, Flow::Done), "only callbacks pause");
    }

    /// Does what the script says for the event. Without a reaction an expired route is left to the manager, as the
    /// documentation's sample does by default.
    fn called(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        let (event, default) = match frame.event.event_type() {
            EventType::EntityRegistered => (scenario::Event::EntityRegistered, Status::NoError),
            EventType::EntityDeregistered => (scenario::Event::EntityDeregistered, Status::NoError),
            EventType::RouteExpired => (scenario::Event::RouteExpired, Status::NotSupported),
            EventType::ChangeNotification => (scenario::Event::ChangeNotification, Status::NoError),
        };
        let Some(actions) = self.reactions.get(&event) else { return Answer::Return(default) };
        let mut occasion = Occasion { event: Some(&frame.event), answer: Status::NoError };
        match self.state.perform_all(&self.registration, actions, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Paused(span, rest) => self.state.pause(span, rest, occasion.answer),
        }
    }

    fn resumed(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        let Some(Paused { rest, answer }) = self.state.paused.take() else {
            unreachable!("only a callback that has paused goes on")
        };
        let occasion = Occasion { event: Some(&frame.event), answer };
        self.state.go_on(&self.registration, rest, occasion, desk)
    }
}

impl Scheduled {
    /// Schedules the next time, unless that is past the end of time.
    fn schedule(&self, token: u64, label: Symbol, desk: &mut Desk<'_>) {
        let Some(at) = self.step.at(self.taken) else { return };
        let jitter = match self.step.timing {
            Timing::Every { jitter, .. } if jitter > Span::ZERO => desk.draw_span(JITTER, Span::ZERO, jitter),
            Timing::Every { .. } | Timing::Once(_) => Span::ZERO,
        };
        // One that was late for its jitter may be later than the next one would be without.
        let at = Instant::START.saturating_add(at).saturating_add(jitter).max(desk.now());
        let scheduled = desk.step_at(at, (kind::STEP, Subject::Name(label)), token);
        assert!(scheduled.is_ok(), "a script starts with the run, and its steps go forward");
    }
}

impl State {
    /// Does what is left of a callback up to its end, or up to where it pauses again.
    fn go_on(
        &mut self,
        registration: &Registration,
        rest: VecDeque<Action>,
        mut occasion: Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Answer {
        match self.perform_rest(registration, rest, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Paused(span, rest) => self.pause(span, rest, occasion.answer),
        }
    }

    /// Keeps what a callback does after its pause.
    fn pause(&mut self, span: Span, rest: VecDeque<Action>, answer: Status) -> Answer {
        self.paused = Some(Paused { rest, answer });
        Answer::Pause(span)
    }

    /// Does actions one after the other; those behind a pause are not copied.
    fn perform_rest(
        &mut self,
        registration: &Registration,
        mut rest: VecDeque<Action>,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow {
        while let Some(action) = rest.pop_front() {
            if let Flow::Paused(span, inner) = self.perform(registration, &action, occasion, desk) {
                inner.into_iter().rev().for_each(|action| rest.push_front(action));
                return Flow::Paused(span, rest);
            }
        }
        Flow::Done
    }

    fn perform_all(
        &mut self,
        registration: &Registration,
        actions: &[Action],
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow {
        for (index, action) in actions.iter().enumerate() {
            if let Flow::Paused(span, mut rest) = self.perform(registration, action, occasion, desk) {
                rest.extend(actions[index + 1..].iter().cloned());
                return Flow::Paused(span, rest);
            }
        }
        Flow::Done
    }

    /// Does an action, or notes why it was not done.
    fn perform(
        &mut self,
        registration: &Registration,
        action: &Action,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow {
        self.attempt(registration, action, occasion, desk).unwrap_or_else(|skipped| {
            skipped.note(action, desk);
            Flow::Done
        })
    }

    fn attempt(
        &mut self,
        registration: &Registration,
        action: &Action,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<Flow, Skipped> {
        match action {
            Action::Register => self.register(registration, desk),
            Action::Deregister => self.deregister(occasion, desk),
            Action::AddNextHop(next_hop) => self.add_next_hop(next_hop, desk),
            Action::DeleteNextHop { name } => self.delete_next_hop(name, desk)?,
            Action::AddRoute(route) => self.add_route(route, desk)?,
            Action::UpdateRoute(update) => self.update_route(update, occasion, desk)?,
            Action::EditRoute(edit) => self.edit_route(edit, occasion, desk)?,
            Action::DeleteRoute { route } => self.delete_route(route, occasion, desk)?,
            Action::HoldRoute { route } => self.hold_route(route, occasion, desk)?,
            Action::ReleaseRoute { route } => self.release_route(route, occasion, desk)?,
            Action::ReleaseEventRoute => routes::release_event_route(occasion, desk)?,
            Action::RegisterForChanges(changes) => self.register_for_changes(changes, desk),
            Action::DeregisterFromChanges { changes } => {
                self.deregister_from_changes(changes, occasion, desk)?;
            }
            Action::Drain { changes, each } => {
                let changed = self.drain(changes, occasion, desk)?;
                let bound = changed.iter().flat_map(|dest| each.iter().map(|action| action.bound(*dest)));
                return Ok(self.perform_all(registration, &bound.collect::<Vec<_>>(), occasion, desk));
            }
            Action::GetChanged { changes, max } => self.get_changed(changes, *max, occasion, desk)?,
            Action::Ignore(of) => self.ignore(of, occasion, desk)?,
            Action::ChangeStatus(of) => self.change_status(of, occasion, desk)?,
            Action::Mark(of) => self.mark(of, Marking::Mark, occasion, desk)?,
            Action::Unmark(of) => self.mark(of, Marking::Unmark, occasion, desk)?,
            Action::IsMarked(of) => self.is_marked(of, occasion, desk)?,
            Action::Lookup(lookup) => queries::look_up(lookup, desk),
            Action::ListEntities => queries::list_entities(desk),
            Action::EntityInfo => queries::entity_info(occasion, desk)?,
            Action::IsBest { route } => self.is_best(route, occasion, desk)?,
            Action::RouteInfo { route } => self.route_info(route, occasion, desk)?,
            Action::Return(status) => occasion.answer = Status::from_code(status.number()),
            Action::When(condition, actions) => {
                if !self.holds(condition, occasion, desk) {
                    return Err(Skipped(word::CONDITION_FALSE));
                }
                return Ok(self.perform_all(registration, actions, occasion, desk));
            }
            Action::All(actions) => return Ok(self.perform_all(registration, actions, occasion, desk)),
            Action::Pause(span) => return Ok(Flow::Paused(*span, VecDeque::new())),
            Action::After(after, actions, label) => self.put_off(*after, actions, label, desk),
            Action::Cancel(label) => self.give_up(label, desk)?,
            Action::Set(flag) => {
                self.flags.insert(flag.clone());
                note_flag(flag, word::YES, desk);
            }
            Action::Clear(flag) => {
                self.flags.remove(flag);
                note_flag(flag, word::NO, desk);
            }
            Action::With(..) | Action::Without(..) => {
                unreachable!("a plan that runs has its switches resolved")
            }
        }
        Ok(Flow::Done)
    }

    fn register(&mut self, registration: &Registration, desk: &mut Desk<'_>) {
        let outcome = desk.register(registration.table, registration.id, registration.callback);
        if let Outcome::Done(Reply::RegisterEntity { profile, .. }) = outcome {
            self.batch = profile.max_handles_in_enum;
        }
    }

    /// Gives back what the client holds under its names, one reference each, and deregisters. Its routes and next hops
    /// stay behind for the manager to clean up (D-71).
    ///
    /// In a callback about another client the manager refuses to let it go (RTM-011): then it keeps what it has.
    fn deregister(&mut self, occasion: &Occasion<'_>, desk: &mut Desk<'_>) {
        match occasion.event {
            Some(Event::EntityRegistered { .. } | Event::EntityDeregistered { .. }) => {}
            Some(Event::RouteExpired { .. } | Event::ChangeNotification { .. }) | None => {
                self.give_back(desk);
            }
        }
        desk.call(Call::DeregisterEntity);
    }

    fn give_back(&mut self, desk: &mut Desk<'_>) {
        for notify in core::mem::take(&mut self.changes).into_values() {
            desk.call(Call::DeregisterFromChangeNotification { notify });
        }
        let held = core::mem::take(&mut self.routes).into_values().filter(|held| held.references > 0);
        let routes: Vec<_> = held.map(|held| held.route).collect();
        if !routes.is_empty() {
            desk.call(Call::ReleaseRoutes { routes });
        }
        let next_hops: Vec<_> = core::mem::take(&mut self.next_hops).into_values().collect();
        if !next_hops.is_empty() {
            desk.call(Call::ReleaseNextHops { next_hops });
        }
    }

    fn add_next_hop(&mut self, next_hop: &AddNextHop, desk: &mut Desk<'_>) {
        let AddNextHop { name, address, interface } = next_hop;
        let spec = NextHopSpec::local(NetAddress::host(*address), *interface);
        let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
        if let Outcome::Done(Reply::AddNextHop { next_hop: Some(next_hop), .. }) = desk.call(call) {
            if let Some(former) = self.next_hops.insert(name.clone(), next_hop) {
                desk.call(Call::ReleaseNextHops { next_hops: Vec::from([former]) });
            }
        }
    }

    fn delete_next_hop(&mut self, name: &str, desk: &mut Desk<'_>) -> Result<(), Skipped> {
        let target = NextHopTarget::Handle(self.next_hop(name)?);
        if matches!(desk.call(Call::DeleteNextHop { target }), Outcome::Done(_)) {
            self.next_hops.remove(name);
        }
        Ok(())
    }

    fn put_off(&mut self, after: Span, actions: &[Action], label: &str, desk: &mut Desk<'_>) {
        let token = self.scripted + self.put_off;
        self.put_off += 1;
        let label = desk.label(label);
        let handle = desk.step_after(after, (kind::STEP, Subject::Name(label)), token);
        self.later.insert(token, Later { label, handle, actions: actions.to_vec() });
    }

    /// Gives up what was put off under a label and has not come.
    fn give_up(&mut self, label: &str, desk: &mut Desk<'_>) -> Result<(), Skipped> {
        let label = desk.label(label);
        let before = self.later.len();
        self.later.retain(|_, later| later.label != label || !desk.cancel(later.handle));
        if self.later.len() == before { Err(Skipped(word::NOT_PENDING)) } else { Ok(()) }
    }

    fn holds(&self, condition: &Condition, occasion: &Occasion<'_>, desk: &mut Desk<'_>) -> bool {
        match condition {
            Condition::About(client) => match occasion.event {
                Some(Event::EntityRegistered { entity, .. } | Event::EntityDeregistered { entity, .. }) => {
                    desk.actor_of(*entity).is_some_and(|actor| desk.text(actor) == client)
                }
                Some(Event::RouteExpired { .. } | Event::ChangeNotification { .. }) | None => false,
            },
            Condition::Expired(dest) => match occasion.event {
                Some(Event::RouteExpired { info, .. }) => {
                    desk.manager().dest_address(info.dest) == Some(dest_address(dest))
                }
                _ => false,
            },
            Condition::Notified(changes) => match occasion.event {
                Some(Event::ChangeNotification { notify, .. }) => self.changes.get(changes) == Some(notify),
                _ => false,
            },
            Condition::Unreachable(dest) => queries::best_owner(dest_address(dest), desk).is_none(),
            Condition::Reachable(dest) => queries::best_owner(dest_address(dest), desk).is_some(),
            Condition::Covered(dest) => queries::is_covered(dest_address(dest), desk),
            Condition::Owner(dest, client) => queries::best_owner(dest_address(dest), desk)
                .and_then(|owner| desk.actor_of(owner))
                .is_some_and(|actor| desk.text(actor) == client),
            Condition::Flag(flag) => self.flags.contains(flag),
            Condition::Not(condition) => !self.holds(condition, occasion, desk),
        }
    }

    /// The route of this client's name for it, or the event's own.
    fn route(&self, name: &str, occasion: &Occasion<'_>) -> Result<RouteHandle, Skipped> {
        let route = match occasion.event {
            Some(Event::RouteExpired { route, .. }) if name == EXPIRED => Some(*route),
            _ => self.routes.get(name).map(|held| held.route),
        };
        route.ok_or(Skipped(word::NO_ROUTE))
    }

    /// The next hop of this client's name for it.
    fn next_hop(&self, name: &str) -> Result<NextHopHandle, Skipped> {
        self.next_hops.get(name).copied().ok_or(Skipped(word::NO_NEXT_HOP))
    }

    /// The registration of this client's name for it, or the event's own.
    fn notify(&self, name: &str, occasion: &Occasion<'_>) -> Result<NotifyHandle, Skipped> {
        let notify = match occasion.event {
            Some(Event::ChangeNotification { notify, .. }) if name == NOTIFIED => Some(*notify),
            _ => self.changes.get(name).copied(),
        };
        notify.ok_or(Skipped(word::NO_REGISTRATION))
    }
}

fn note_flag(flag: &str, is_set: Term, desk: &mut Desk<'_>) {
    let flag = desk.intern(flag);
    desk.note(kind::FLAG, Subject::Name(flag), &[Fact::word(key::IS, is_set)]);
}
