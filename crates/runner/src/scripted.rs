//! Clients that follow a script: steps at given instants, reactions in callbacks.

mod changes;
mod queries;
mod registration;
mod routes;
mod skipped;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Fact, Handle, Instant, Span, Symbol, Term};
use tiebreak_rtm::{CallbackFrame, Event, EventType, Status};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Answer, Behaviour, Desk, Subject};
use tiebreak_scenario::plan as scenario;
use tiebreak_scenario::plan::{Action, Condition, Timing};

pub(crate) use self::registration::Registration;
use self::skipped::Skipped;
use crate::convert::dest_address;

/// The purpose of drawing how much later a repeated step is taken.
const JITTER: Term = Term::new("jitter");
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
    script: Vec<Scheduled>,
    /// What it does in callbacks, by the places of its registrations.
    reactions: Vec<Reactions>,
    state: State,
}

/// What a client does in callbacks.
pub(crate) type Reactions = BTreeMap<scenario::Event, Vec<Action>>;

/// What a scripted client knows: its registrations with what it holds as each of them, and flags.
#[derive(Debug, Clone)]
struct State {
    /// First the one that the client's own fields describe.
    registrations: Vec<Registration>,
    flags: BTreeSet<String>,
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
    /// As which registration they are done, by its place.
    acting: usize,
    actions: Vec<Action>,
}

/// What is left to do, each with the registration as which it is done, by its place.
type Rest = VecDeque<(usize, Action)>;

/// Whether actions are done, or go on later with the rest of them.
#[derive(Debug)]
enum Flow {
    Done,
    Paused(Span, Rest),
}

/// A callback that goes on later: what it does then, and its answer so far.
#[derive(Debug, Clone)]
struct Paused {
    rest: Rest,
    answer: Status,
}

/// The occasion on which actions are done: a step, or a callback with its event and the answer so far.
#[derive(Debug)]
struct Occasion<'a> {
    event: Option<&'a Event>,
    answer: Status,
    /// As which registration the client acts, by its place.
    acting: usize,
}

/// The registration that the fields of a client itself describe.
const FIRST: usize = 0;

impl Scripted {
    /// A client with these registrations, first the one that its own fields describe.
    pub(crate) fn new(registrations: Vec<(Registration, Reactions)>, script: Vec<Scheduled>) -> Self {
        let (registrations, reactions) = registrations.into_iter().unzip();
        let state = State {
            registrations,
            flags: BTreeSet::new(),
            later: BTreeMap::new(),
            put_off: 0,
            scripted: script.len() as u64,
            paused: None,
        };
        Self { script, reactions, state }
    }
}

impl Behaviour for Scripted {
    fn start(&mut self, desk: &mut Desk<'_>) {
        for (token, step) in (0..).zip(&self.script) {
            step.schedule(token, step.label, desk);
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        let mut occasion = Occasion { event: None, answer: Status::NoError, acting: FIRST };
        // The world takes a client for what it registered as last.
        self.state.act_as(FIRST, desk);
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
            let flow = self.state.perform(&scheduled.step.action, &mut occasion, desk);
            assert!(matches!(flow, Flow::Done), "only callbacks pause");
            return;
        }
        let Some(later) = self.state.later.remove(&token) else {
            unreachable!("what is given up does not come")
        };
        let flow = self.state.perform_as(later.acting, &later.actions, &mut occasion, desk);
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
        let told = self.state.told(desk);
        let Some(actions) = self.reactions[told].get(&event) else { return Answer::Return(default) };
        let mut occasion = Occasion { event: Some(&frame.event), answer: Status::NoError, acting: told };
        match self.state.perform_all(actions, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Paused(span, rest) => self.state.pause(span, rest, occasion.answer),
        }
    }

    fn resumed(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        let Some(Paused { rest, answer }) = self.state.paused.take() else {
            unreachable!("only a callback that has paused goes on")
        };
        let occasion = Occasion { event: Some(&frame.event), answer, acting: self.state.told(desk) };
        self.state.go_on(rest, occasion, desk)
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
    /// Returns the registration that is told of an event: in callbacks the desk acts as it.
    fn told(&self, desk: &Desk<'_>) -> usize {
        let told = self.registrations.iter().position(|known| known.actor == desk.actor());
        told.unwrap_or_else(|| unreachable!("who is called back has registered"))
    }

    /// Lets the desk act as a registration.
    fn act_as(&self, acting: usize, desk: &mut Desk<'_>) {
        let Registration { actor, entity, .. } = &self.registrations[acting];
        desk.act_as(*actor, *entity);
    }

    /// Does what is left of a callback up to its end, or up to where it pauses again.
    fn go_on(&mut self, rest: Rest, mut occasion: Occasion<'_>, desk: &mut Desk<'_>) -> Answer {
        match self.perform_rest(rest, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Paused(span, rest) => self.pause(span, rest, occasion.answer),
        }
    }

    /// Keeps what a callback does after its pause.
    fn pause(&mut self, span: Span, rest: Rest, answer: Status) -> Answer {
        self.paused = Some(Paused { rest, answer });
        Answer::Pause(span)
    }

    /// Does actions one after the other; those behind a pause are not copied.
    fn perform_rest(&mut self, mut rest: Rest, occasion: &mut Occasion<'_>, desk: &mut Desk<'_>) -> Flow {
        while let Some((acting, action)) = rest.pop_front() {
            let flow = self.perform_as(acting, core::slice::from_ref(&action), occasion, desk);
            if let Flow::Paused(span, inner) = flow {
                inner.into_iter().rev().for_each(|action| rest.push_front(action));
                return Flow::Paused(span, rest);
            }
        }
        Flow::Done
    }

    fn perform_all(&mut self, actions: &[Action], occasion: &mut Occasion<'_>, desk: &mut Desk<'_>) -> Flow {
        for (index, action) in actions.iter().enumerate() {
            if let Flow::Paused(span, mut rest) = self.perform(action, occasion, desk) {
                let behind = actions[index + 1..].iter().cloned();
                rest.extend(behind.map(|action| (occasion.acting, action)));
                return Flow::Paused(span, rest);
            }
        }
        Flow::Done
    }

    /// Does actions as a registration, and acts as the former one afterwards.
    fn perform_as(
        &mut self,
        acting: usize,
        actions: &[Action],
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow {
        if acting == occasion.acting {
            return self.perform_all(actions, occasion, desk);
        }
        let former = core::mem::replace(&mut occasion.acting, acting);
        let (actor, entity) = (desk.actor(), desk.entity());
        self.act_as(acting, desk);
        let flow = self.perform_all(actions, occasion, desk);
        occasion.acting = former;
        desk.act_as(actor, entity);
        flow
    }

    /// Does an action, or notes why it was not done.
    fn perform(&mut self, action: &Action, occasion: &mut Occasion<'_>, desk: &mut Desk<'_>) -> Flow {
        self.attempt(action, occasion, desk).unwrap_or_else(|skipped| {
            skipped.note(action, desk);
            Flow::Done
        })
    }

    /// Does what concerns the client as a whole; the rest is done by the registration as which it acts.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the registration names every action that is not done here"
    )]
    fn attempt(
        &mut self,
        action: &Action,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<Flow, Skipped> {
        match action {
            Action::Drain { changes, each } => {
                let changed = self.registrations[occasion.acting].drain(changes, occasion, desk)?;
                let bound = changed.iter().flat_map(|dest| each.iter().map(|action| action.bound(*dest)));
                return Ok(self.perform_all(&bound.collect::<Vec<_>>(), occasion, desk));
            }
            Action::Return(status) => occasion.answer = Status::from_code(status.number()),
            Action::When(condition, actions) => {
                if !self.holds(condition, occasion, desk) {
                    return Err(Skipped(word::CONDITION_FALSE));
                }
                return Ok(self.perform_all(actions, occasion, desk));
            }
            Action::All(actions) => return Ok(self.perform_all(actions, occasion, desk)),
            Action::As(name, actions) => {
                return Ok(self.perform_as(self.place_of(name), actions, occasion, desk));
            }
            Action::Pause(span) => return Ok(Flow::Paused(*span, VecDeque::new())),
            Action::After(after, actions, label) => self.put_off(*after, actions, label, occasion, desk),
            Action::Cancel(label) => self.give_up(label, desk)?,
            Action::Set(flag) => {
                self.flags.insert(flag.clone());
                self.note_flag(flag, word::YES, desk);
            }
            Action::Clear(flag) => {
                self.flags.remove(flag);
                self.note_flag(flag, word::NO, desk);
            }
            Action::With(..) | Action::Without(..) => {
                unreachable!("a plan that runs has its switches resolved")
            }
            other => self.registrations[occasion.acting].attempt(other, occasion, desk)?,
        }
        Ok(Flow::Done)
    }

    /// Returns the place of a registration of this name; a checked plan names only those there are.
    fn place_of(&self, name: &str) -> usize {
        let place = self.registrations.iter().position(|known| known.name == name);
        place.unwrap_or_else(|| unreachable!("a checked plan has the registration `{name}`"))
    }

    /// Schedules actions as a step of the client, whatever it acts as.
    fn put_off(
        &mut self,
        after: Span,
        actions: &[Action],
        label: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) {
        let token = self.scripted + self.put_off;
        self.put_off += 1;
        let label = desk.label(label);
        let handle =
            self.as_client(desk, |desk| desk.step_after(after, (kind::STEP, Subject::Name(label)), token));
        let acting = occasion.acting;
        self.later.insert(token, Later { label, handle, acting, actions: actions.to_vec() });
    }

    /// Does something under the name of the client itself.
    fn as_client<'d, T>(&self, desk: &mut Desk<'d>, act: impl FnOnce(&mut Desk<'d>) -> T) -> T {
        let (actor, entity) = (desk.actor(), desk.entity());
        desk.act_as(self.registrations[FIRST].actor, entity);
        let done = act(desk);
        desk.act_as(actor, entity);
        done
    }

    fn note_flag(&self, flag: &str, is_set: Term, desk: &mut Desk<'_>) {
        let flag = desk.intern(flag);
        let note = |desk: &mut Desk<'_>| {
            desk.note(kind::FLAG, Subject::Name(flag), &[Fact::word(key::IS, is_set)]);
        };
        self.as_client(desk, note);
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
                Some(Event::ChangeNotification { notify, .. }) => {
                    self.registrations[occasion.acting].is(changes, *notify)
                }
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
}
