//! Clients that follow a script: steps at given instants, reactions in callbacks.

mod changes;
mod conditions;
mod enumerations;
mod few;
mod holds;
mod locks;
mod matching;
mod methods;
mod opaque;
mod queries;
mod registration;
mod routes;
mod skipped;
mod steps;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use tiebreak::{Fact, Handle, Span, Symbol, Term};
use tiebreak_rtm::{CallbackFrame, Event, EventType, MethodFrame, NetAddress, Status, Ticket};
use tiebreak_rtm_sim::vocabulary::{key, kind, word};
use tiebreak_rtm_sim::{Answer, Behaviour, Desk, MethodAnswer, Subject};
use tiebreak_scenario::plan as scenario;
use tiebreak_scenario::plan::{Action, Condition, Dest};

use self::methods::StoppedMethod;
use self::registration::Registration;
pub(crate) use self::registration::Role;
use self::skipped::{Skipped, Stop, made};
pub(crate) use self::steps::Step;

/// What the plan says of a client that follows a script: the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// As what it registers: first what the client's own fields describe.
    pub(crate) roles: Vec<Role>,
    pub(crate) steps: Vec<Step>,
}

/// What a client does in callbacks.
pub(crate) type Reactions = BTreeMap<scenario::Event, Vec<Action>>;

/// A client that follows a script.
#[derive(Debug, Clone)]
pub(crate) struct Scripted<'p> {
    script: &'p Script,
    /// How many times each step was taken. The next time is scheduled when one is taken, so that a step of a million times
    /// takes no more room than one.
    taken: Vec<u32>,
    state: State<'p>,
}

/// What a scripted client knows: its registrations with what it holds as each of them, and flags.
#[derive(Debug, Clone, Hash)]
struct State<'p> {
    /// By the places of their roles.
    registrations: Vec<Registration<'p>>,
    flags: BTreeSet<&'p str>,
    /// What was put off and has not come, by its token.
    later: BTreeMap<u64, Later<'p>>,
    /// How much was put off.
    put_off: u64,
    /// How many steps the script has; tokens from there on number `later`.
    scripted: u64,
    /// The callback that goes on later.
    paused: Option<Paused<'p>>,
    /// The step that goes on when its call may.
    stopped: Option<Stopped<'p>>,
    /// The methods that go on when their calls may.
    methods: Vec<StoppedMethod<'p>>,
}

/// What of a client acts: one of them may stand still while the others go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Thread {
    Steps,
    Callbacks,
    /// A method that this invocation runs.
    Method(Ticket),
}

/// As what and about what actions are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Scope {
    /// As which registration, by its place.
    acting: usize,
    /// What `changed` means: within what a `Drain` does for each destination.
    changed: Option<NetAddress>,
}

/// The registration that the fields of a client itself describe, and nothing that has changed.
const OUTERMOST: Scope = Scope { acting: 0, changed: None };

/// Actions that were put off.
#[derive(Debug, Clone, Hash)]
struct Later<'p> {
    label: Symbol,
    handle: Handle,
    scope: Scope,
    actions: &'p [Action],
}

/// What is left to do, each in its scope.
type Rest<'p> = VecDeque<(Scope, &'p Action)>;

/// Whether actions are done, or go on later with the rest of them.
#[derive(Debug)]
enum Flow<'p> {
    Done,
    Stopped(Until, Rest<'p>),
}

/// When actions go on.
#[derive(Debug, Clone, Copy)]
enum Until {
    /// That much later.
    Later(Span),
    /// When the call that waits may go on; it is made again by the first of the rest.
    Granted,
}

/// A step whose call waits.
#[derive(Debug, Clone, Hash)]
enum Stopped<'p> {
    /// Its condition is asked again; which step, and its token.
    Condition(usize, u64),
    /// The rest is done.
    Actions(Rest<'p>),
}

/// A callback that goes on later: what it does then, and its answer so far.
#[derive(Debug, Clone, Hash)]
struct Paused<'p> {
    rest: Rest<'p>,
    answer: Status,
}

/// Without the script, which is the same in every run.
impl Hash for Scripted<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.taken, &self.state).hash(state);
    }
}

/// The occasion on which actions are done: a step, or a callback with its event, or a method, and the answer so far.
#[derive(Debug)]
struct Occasion<'a> {
    event: Option<&'a Event>,
    method: Option<&'a MethodFrame>,
    answer: Status,
    /// What a method puts out.
    output: u64,
    scope: Scope,
}

impl<'a> Occasion<'a> {
    const fn of_step() -> Self {
        Self { event: None, method: None, answer: Status::NoError, output: 0, scope: OUTERMOST }
    }

    const fn of_event(event: &'a Event, answer: Status, scope: Scope) -> Self {
        Self { event: Some(event), method: None, answer, output: 0, scope }
    }

    const fn thread(&self) -> Thread {
        match (self.method, self.event) {
            (Some(frame), _) => Thread::Method(frame.invocation),
            (None, Some(_)) => Thread::Callbacks,
            (None, None) => Thread::Steps,
        }
    }

    /// Returns the destination of an action or a condition.
    ///
    /// # Panics
    /// If it is `changed` outside of a `Drain`; a checked plan has none such.
    fn address(&self, dest: &Dest) -> NetAddress {
        match (dest, self.scope.changed) {
            (Dest::Prefix(prefix), _) => *prefix,
            (Dest::Changed, Some(changed)) => changed,
            (Dest::Changed, None) => unreachable!("`changed` stands only in what a `Drain` does"),
        }
    }
}

impl<'p> Scripted<'p> {
    /// A client that has done nothing yet.
    pub(crate) fn new(script: &'p Script) -> Self {
        let state = State {
            registrations: script.roles.iter().map(Registration::new).collect(),
            flags: BTreeSet::new(),
            later: BTreeMap::new(),
            put_off: 0,
            scripted: script.steps.len() as u64,
            paused: None,
            stopped: None,
            methods: Vec::new(),
        };
        Self { script, taken: alloc::vec![0; script.steps.len()], state }
    }

    fn take_step(&mut self, at: usize, token: u64, mut occasion: Occasion<'_>, desk: &mut Desk<'_>) {
        let scheduled = &self.script.steps[at];
        let step = &scheduled.plan;
        let holds = |condition: &Condition| self.state.holds(condition, &occasion, desk);
        match step.condition.as_ref().map_or(Ok(true), holds) {
            Ok(true) => {}
            Ok(false) => {
                Skipped(word::CONDITION_FALSE).note(&step.action, &occasion, desk);
                return;
            }
            Err(_) => {
                self.state.stopped = Some(Stopped::Condition(at, token));
                return;
            }
        }
        let taken = &mut self.taken[at];
        *taken += 1;
        if *taken < step.times() {
            scheduled.schedule(*taken, token, desk);
        }
        let flow = self.state.perform(&step.action, &mut occasion, desk);
        self.state.end_step(flow);
    }
}

impl Behaviour for Scripted<'_> {
    fn start(&mut self, desk: &mut Desk<'_>) {
        for (token, step) in (0..).zip(&self.script.steps) {
            step.schedule(0, token, desk);
        }
    }

    fn wake(&mut self, token: u64, desk: &mut Desk<'_>) {
        let mut occasion = Occasion::of_step();
        // The world takes a client for what it registered as last.
        self.state.act_as(OUTERMOST.acting, desk);
        let step = usize::try_from(token).ok().filter(|at| *at < self.script.steps.len());
        if let Some(at) = step {
            self.take_step(at, token, occasion, desk);
            return;
        }
        let Some(Later { scope, actions, .. }) = self.state.later.remove(&token) else {
            unreachable!("what is given up does not come")
        };
        let flow = self.state.perform_in(scope, actions, &mut occasion, desk);
        self.state.end_step(flow);
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
        let Some(actions) = self.script.roles[told].reactions.get(&event) else {
            return Answer::Return(default);
        };
        let scope = Scope { acting: told, ..OUTERMOST };
        let mut occasion = Occasion::of_event(&frame.event, Status::NoError, scope);
        match self.state.perform_all(actions, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Stopped(until, rest) => self.state.pause(until, rest, occasion.answer),
        }
    }

    fn resumed(&mut self, frame: &CallbackFrame, desk: &mut Desk<'_>) -> Answer {
        let Some(Paused { rest, answer }) = self.state.paused.take() else {
            unreachable!("only a callback that has paused goes on")
        };
        let scope = Scope { acting: self.state.told(desk), ..OUTERMOST };
        let occasion = Occasion::of_event(&frame.event, answer, scope);
        self.state.go_on(rest, occasion, desk)
    }

    fn method(&mut self, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        self.run_method(frame, desk)
    }

    fn method_granted(&mut self, _ticket: Ticket, frame: &MethodFrame, desk: &mut Desk<'_>) -> MethodAnswer {
        self.go_on_with_method(frame, desk)
    }

    fn granted(&mut self, _ticket: Ticket, frame: Option<&CallbackFrame>, desk: &mut Desk<'_>) -> Answer {
        if let Some(frame) = frame {
            return self.resumed(frame, desk);
        }
        let mut occasion = Occasion::of_step();
        self.state.act_as(OUTERMOST.acting, desk);
        match self.state.stopped.take() {
            Some(Stopped::Condition(at, token)) => self.take_step(at, token, occasion, desk),
            Some(Stopped::Actions(rest)) => {
                let flow = self.state.perform_rest(rest, &mut occasion, desk);
                self.state.end_step(flow);
            }
            None => unreachable!("only a step whose call waits goes on"),
        }
        Answer::Return(Status::NoError)
    }
}

impl<'p> State<'p> {
    /// Returns the registration that is told of an event: in callbacks the desk acts as it.
    fn told(&self, desk: &Desk<'_>) -> usize {
        let told = self.registrations.iter().position(|known| known.role.actor == desk.actor());
        told.unwrap_or_else(|| unreachable!("who is called back has registered"))
    }

    /// Lets the desk act as a registration.
    fn act_as(&self, acting: usize, desk: &mut Desk<'_>) {
        let Registration { role, entity, .. } = &self.registrations[acting];
        desk.act_as(role.actor, *entity);
    }

    /// Does what is left of a callback up to its end, or up to where it pauses again.
    fn go_on(&mut self, rest: Rest<'p>, mut occasion: Occasion<'_>, desk: &mut Desk<'_>) -> Answer {
        match self.perform_rest(rest, &mut occasion, desk) {
            Flow::Done => Answer::Return(occasion.answer),
            Flow::Stopped(until, rest) => self.pause(until, rest, occasion.answer),
        }
    }

    /// Keeps what a callback does when it goes on.
    fn pause(&mut self, until: Until, rest: Rest<'p>, answer: Status) -> Answer {
        self.paused = Some(Paused { rest, answer });
        match until {
            Until::Later(span) => Answer::Pause(span),
            // It stands still whatever it answers.
            Until::Granted => Answer::Return(answer),
        }
    }

    /// Keeps what a step does when its call may go on.
    fn end_step(&mut self, flow: Flow<'p>) {
        match flow {
            Flow::Done => {}
            Flow::Stopped(Until::Granted, rest) => self.stopped = Some(Stopped::Actions(rest)),
            Flow::Stopped(Until::Later(_), _) => unreachable!("only callbacks pause"),
        }
    }

    /// Does actions one after the other, each in its scope.
    fn perform_rest(
        &mut self,
        mut rest: Rest<'p>,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow<'p> {
        while let Some((scope, action)) = rest.pop_front() {
            let flow = self.perform_in(scope, core::slice::from_ref(action), occasion, desk);
            if let Flow::Stopped(until, inner) = flow {
                inner.into_iter().rev().for_each(|action| rest.push_front(action));
                return Flow::Stopped(until, rest);
            }
        }
        Flow::Done
    }

    fn perform_all(
        &mut self,
        actions: &'p [Action],
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow<'p> {
        for (index, action) in actions.iter().enumerate() {
            if let Flow::Stopped(until, mut rest) = self.perform(action, occasion, desk) {
                rest.extend(actions[index + 1..].iter().map(|action| (occasion.scope, action)));
                return Flow::Stopped(until, rest);
            }
        }
        Flow::Done
    }

    /// Does actions in a scope, and acts in the former one afterwards.
    fn perform_in(
        &mut self,
        scope: Scope,
        actions: &'p [Action],
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Flow<'p> {
        let former = core::mem::replace(&mut occasion.scope, scope);
        let (actor, entity) = (desk.actor(), desk.entity());
        let is_another = scope.acting != former.acting;
        if is_another {
            self.act_as(scope.acting, desk);
        }
        let flow = self.perform_all(actions, occasion, desk);
        occasion.scope = former;
        if is_another {
            desk.act_as(actor, entity);
        }
        flow
    }

    /// Does an action, or notes why it was not done.
    fn perform(&mut self, action: &'p Action, occasion: &mut Occasion<'_>, desk: &mut Desk<'_>) -> Flow<'p> {
        match self.attempt(action, occasion, desk) {
            Ok(flow) => flow,
            Err(Stop::Skipped(skipped)) => {
                skipped.note(action, occasion, desk);
                Flow::Done
            }
            Err(Stop::Waits) => Flow::Stopped(Until::Granted, Rest::from([(occasion.scope, action)])),
        }
    }

    /// Does what concerns the client as a whole; the rest is done by the registration as which it acts.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the registration names every action that is not done here"
    )]
    fn attempt(
        &mut self,
        action: &'p Action,
        occasion: &mut Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<Flow<'p>, Stop> {
        let Scope { acting, changed: outer } = occasion.scope;
        match action {
            Action::Drain { changes, each } => {
                let changed = self.registrations[acting].drain(changes, occasion, desk)?;
                // Within a `Drain` in a `Drain` the outer one says what has changed.
                let scopes = changed.into_iter().map(|dest| Scope { acting, changed: outer.or(Some(dest)) });
                let rest = scopes.flat_map(|scope| each.iter().map(move |action| (scope, action))).collect();
                return Ok(self.perform_rest(rest, occasion, desk));
            }
            Action::Output(value) => occasion.output = *value,
            Action::Return(status) => occasion.answer = Status::from_code(status.number()),
            Action::When(condition, actions) => {
                if !self.holds(condition, occasion, desk)? {
                    return Err(Skipped(word::CONDITION_FALSE).into());
                }
                return Ok(self.perform_all(actions, occasion, desk));
            }
            Action::All(actions) => return Ok(self.perform_all(actions, occasion, desk)),
            Action::As(name, actions) => {
                let scope = Scope { acting: self.place_of(name), changed: outer };
                return Ok(self.perform_in(scope, actions, occasion, desk));
            }
            Action::Pause(span) => return Ok(Flow::Stopped(Until::Later(*span), Rest::new())),
            Action::After(after, actions, label) => self.put_off(*after, actions, label, occasion, desk),
            Action::Cancel(label) => self.give_up(label, desk)?,
            Action::Set(flag) => {
                self.flags.insert(flag);
                self.note_flag(flag, word::YES, desk);
            }
            Action::Clear(flag) => {
                self.flags.remove(flag.as_str());
                self.note_flag(flag, word::NO, desk);
            }
            Action::With(..) | Action::Without(..) => {
                unreachable!("a plan that runs has its switches resolved")
            }
            other => self.registrations[acting].attempt(other, occasion, desk)?,
        }
        Ok(Flow::Done)
    }

    /// Returns the place of a registration of this name; a checked plan names only those there are.
    fn place_of(&self, name: &str) -> usize {
        let place = self.registrations.iter().position(|known| known.role.name == name);
        place.unwrap_or_else(|| unreachable!("a checked plan has the registration `{name}`"))
    }

    /// Schedules actions as a step of the client, whatever it acts as.
    fn put_off(
        &mut self,
        after: Span,
        actions: &'p [Action],
        label: &str,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) {
        let token = self.scripted + self.put_off;
        self.put_off += 1;
        let label = desk.label(label);
        let handle =
            self.as_client(desk, |desk| desk.step_after(after, (kind::STEP, Subject::Name(label)), token));
        self.later.insert(token, Later { label, handle, scope: occasion.scope, actions });
    }

    /// Does something under the name of the client itself.
    fn as_client<'d, T>(&self, desk: &mut Desk<'d>, act: impl FnOnce(&mut Desk<'d>) -> T) -> T {
        let (actor, entity) = (desk.actor(), desk.entity());
        desk.act_as(self.registrations[OUTERMOST.acting].role.actor, entity);
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
}
