//! What a client works with: calls of the manager, its own wakes, draws and notes.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use tiebreak::{Choices, Context, Draws, Fact, Handle, InThePast, Instant, Name, Place, Span, Symbol, Term};
use tiebreak_rtm::{
    Call, EntityHandle, EntityId, EntityInfo, EnumHandle, EventCallback, Manager, NotifyHandle, OpaqueSlot,
    Outcome, Reply, RouteListHandle, TableId, ViewInfo,
};

use crate::core::{Caller, Core, Noting, Private};
use crate::delay::draw_span;
use crate::describe;
use crate::event::{Event, What};
use crate::subject::{Subject, TimeLabel};

/// By how much finer a client draws spans than their coarsest unit is.
const THOUSANDTH: u64 = 1_000;

/// A client's view of the world while it acts: calls of the manager, wakes and timers, draws, notes.
pub struct Desk<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) context: Context<'a, Event, Subject>,
    pub(crate) caller: Caller,
}

impl fmt::Debug for Desk<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Desk").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Desk<'_> {
    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.context.now()
    }

    /// Returns the name the client acts under.
    #[must_use]
    pub const fn actor(&self) -> Symbol {
        self.caller.actor
    }

    /// Returns the text of a name.
    #[must_use]
    pub fn text(&self, symbol: Symbol) -> &str {
        self.context.names().text(symbol)
    }

    /// Returns the symbol of a name, interning it at first sight.
    ///
    /// # Panics
    /// If the text cannot be a name.
    pub fn intern(&mut self, text: &str) -> Symbol {
        self.context.intern(text)
    }

    /// Returns the symbol of a label, interning it at first sight: of a text that names no actor, and may therefore
    /// contain `/ ( ) #`.
    ///
    /// # Panics
    /// If the text is empty or has characters that cannot be seen.
    pub fn label(&mut self, text: &str) -> Symbol {
        match self.context.names_mut().try_intern_label(text) {
            Ok(symbol) => symbol,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the subject of one time of a repeated step whose first time has the label `first`: that label with another number
    /// behind its last `#`, which is not interned. No other event of this client may have that label.
    #[must_use]
    pub fn time_of(&self, first: Symbol, number: u64) -> Subject {
        Subject::Time(TimeLabel::new(self.context.names(), first, number))
    }

    /// Returns the entity the client calls as, once it has registered.
    #[must_use]
    pub const fn entity(&self) -> Option<EntityHandle> {
        self.caller.entity
    }

    /// Returns the name an entity acts under, also after it is gone; `None` for a handle that was never given out.
    #[must_use]
    pub fn actor_of(&self, entity: EntityHandle) -> Option<Symbol> {
        self.core.actor_of(entity)
    }

    /// Returns the manager, to read: what a client could copy by calls that change nothing.
    #[must_use]
    pub const fn manager(&self) -> &Manager {
        &self.core.manager
    }

    /// Returns the name given to a registration for changes; `None` if the client has given it none.
    #[must_use]
    pub fn changes_name(&self, notify: NotifyHandle) -> Option<Symbol> {
        self.core.name_of(notify)
    }

    /// Returns the actor of the manager's notes about a table.
    pub fn table_actor(&mut self, table: TableId) -> Symbol {
        self.core.table_actor(table, |text| self.context.intern(text))
    }

    /// Acts under another name and as another entity of this client until the wake or callback is done: for a client
    /// that plays several parts.
    pub const fn act_as(&mut self, actor: Symbol, entity: Option<EntityHandle>) {
        self.caller.actor = actor;
        self.caller.entity = entity;
    }

    /// Makes a call of the manager and notes it.
    pub fn call(&mut self, call: Call) -> Outcome {
        self.make(self.caller, call, Noting::Always)
    }

    /// Makes a call as another entity of this client, and notes it: a client may register in several tables.
    pub fn call_as(&mut self, entity: EntityHandle, call: Call) -> Outcome {
        self.make(Caller { entity: Some(entity), ..self.caller }, call, Noting::Always)
    }

    /// Makes a call of the manager that is noted only if it fails: for look-ups whose findings the client notes.
    pub fn ask(&mut self, call: Call) -> Outcome {
        self.make(self.caller, call, Noting::Failures)
    }

    /// Makes a call of the manager that is never noted: for look-ups that may find nothing.
    pub fn peek(&mut self, call: Call) -> Outcome {
        self.make(self.caller, call, Noting::Never)
    }

    /// Makes a call. That which goes on is made by its ticket, as the first of its function.
    fn make(&mut self, caller: Caller, call: Call, noting: Noting) -> Outcome {
        let function = call.function();
        let granted = self.caller.granted.take_if(|granted| granted.function == function);
        self.core.call(Caller { granted, ..caller }, call, noting, &mut self.context)
    }

    /// Registers the client in a table; from then on its calls are made as the new entity.
    pub fn register(&mut self, table: TableId, id: EntityId, callback: EventCallback) -> Outcome {
        self.register_with(table, id, (callback, OpaqueSlot::NotReserved), 0)
    }

    /// Registers the client as [`register`](Self::register) does, and says whether it wants an opaque slot in every
    /// destination of the table, and how many methods it exports, 32 at most.
    pub fn register_with(
        &mut self,
        table: TableId,
        id: EntityId,
        (callback, reserve_opaque_pointer): (EventCallback, OpaqueSlot),
        methods: u32,
    ) -> Outcome {
        let info = EntityInfo { table, id };
        let registration = Caller { entity: None, ..self.caller };
        let call = Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer };
        let outcome = self.make(registration, call, Noting::Always);
        if let Outcome::Done(Reply::RegisterEntity { entity, .. }) = &outcome {
            self.caller.entity = Some(*entity);
            self.core.clients[self.caller.client.index()].entity = Some(*entity);
        }
        outcome
    }

    /// Registers for changes under a name, which the notifications then carry.
    ///
    /// # Errors
    /// With the outcome if the call did not succeed.
    pub fn register_for_changes(&mut self, name: Symbol, call: Call) -> Result<NotifyHandle, Outcome> {
        let caller = Caller { naming: Some(name), ..self.caller };
        let outcome = self.make(caller, call, Noting::Always);
        let Outcome::Done(Reply::RegisterForChangeNotification { notify }) = outcome else {
            return Err(outcome);
        };
        self.core.name_notify(notify, name);
        Ok(notify)
    }

    /// Creates an enumeration or a route list under a name, by which calls about it are noted.
    pub fn create(&mut self, name: Symbol, call: Call) -> Outcome {
        let caller = Caller { naming: Some(name), ..self.caller };
        let outcome = self.core.call(caller, call, Noting::Always, &mut self.context);
        if let Outcome::Done(Reply::CreateEnum { enumeration }) = outcome {
            self.core.name_private(Private::Enum(enumeration), name);
        } else if let Outcome::Done(Reply::CreateRouteList { list }) = outcome {
            self.core.name_private(Private::List(list), name);
        }
        outcome
    }

    /// Deletes an enumeration, and forgets its name if that succeeds.
    pub fn delete_enum(&mut self, enumeration: EnumHandle) -> Outcome {
        let outcome = self.call(Call::DeleteEnumHandle { enumeration });
        if matches!(outcome, Outcome::Done(_)) {
            self.core.forget_private(Private::Enum(enumeration));
        }
        outcome
    }

    /// Deletes a route list, and forgets its name if that succeeds.
    pub fn delete_route_list(&mut self, list: RouteListHandle) -> Outcome {
        let outcome = self.call(Call::DeleteRouteList { list });
        if matches!(outcome, Outcome::Done(_)) {
            self.core.forget_private(Private::List(list));
        }
        outcome
    }

    /// Schedules a wake of this client at an instant, in the lane of its steps.
    ///
    /// # Errors
    /// If the instant has passed.
    pub fn step_at(
        &mut self,
        at: Instant,
        (kind, subject): (Term, Subject),
        token: u64,
    ) -> Result<Handle, InThePast> {
        let event = self.wake_event(kind, subject, token);
        let handle = self.context.on(Core::step_lane(self.caller.client)).schedule_at(at, event)?;
        Ok(self.in_step_lane(handle))
    }

    /// Lets a step that was scheduled stand still, if the client does.
    fn in_step_lane(&mut self, handle: Handle) -> Handle {
        self.core.park_if_still(self.caller.client, handle, &mut self.context);
        handle
    }

    /// Schedules a wake of this client under another name, in the lane of its steps; at once if the instant has passed.
    pub fn step_as(
        &mut self,
        at: Instant,
        actor: Symbol,
        (kind, subject): (Term, Subject),
        token: u64,
    ) -> Handle {
        let event = Event::new(actor, kind, subject, What::Wake { client: self.caller.client, token });
        let handle = self.context.on(Core::step_lane(self.caller.client)).schedule_no_earlier(at, event);
        self.in_step_lane(handle)
    }

    /// Schedules a wake of this client after a span, in the lane of its steps; past the end of time that is never. `kind` and
    /// `subject` name the event, `token` comes back with [`Behaviour::wake`](crate::Behaviour::wake).
    pub fn step_after(&mut self, span: Span, (kind, subject): (Term, Subject), token: u64) -> Handle {
        let event = self.wake_event(kind, subject, token);
        let handle = self.context.on(Core::step_lane(self.caller.client)).schedule_after(span, event);
        self.in_step_lane(handle)
    }

    /// Arms a timer of this client: a wake after a span, in no lane, so that it ties with everything else. Otherwise as
    /// [`step_after`](Self::step_after).
    pub fn timer_after(&mut self, span: Span, (kind, subject): (Term, Subject), token: u64) -> Handle {
        let event = self.wake_event(kind, subject, token);
        self.context.schedule_after(span, event)
    }

    /// Arms a timer as [`timer_after`](Self::timer_after) does, which does not keep the run alive: for what a client does over
    /// and over.
    pub fn background_after(&mut self, span: Span, (kind, subject): (Term, Subject), token: u64) -> Handle {
        let event = self.wake_event(kind, subject, token);
        self.context.on(Place::FREE.background()).schedule_after(span, event)
    }

    /// Cancels a wake or a timer; returns whether it was still pending.
    pub fn cancel(&mut self, handle: Handle) -> bool {
        self.context.cancel(handle).is_some()
    }

    /// Draws a whole number of a range, each equally likely, from the client's stream for a purpose.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw(&mut self, purpose: Term, range: RangeInclusive<u64>) -> u64 {
        self.context.draw(self.caller.actor, purpose, range)
    }

    /// Draws a span of a range from the client's stream for a purpose: in thousandths of the coarsest unit of time (s, ms, µs
    /// or ns) that both ends are whole multiples of, and not to the nanosecond as
    /// [`Context::draw_span`](tiebreak::Context::draw_span) does.
    ///
    /// # Panics
    /// If the range is empty.
    pub fn draw_span(&mut self, purpose: Term, range: RangeInclusive<Span>) -> Span {
        draw_span((*range.start(), *range.end()), THOUSANDTH, (self.caller.actor, purpose), &mut self.context)
    }

    /// Returns the client's stream for a purpose as a `rand_core` generator.
    pub fn draws(&mut self, purpose: Term) -> Draws<'_, dyn Choices + '_> {
        self.context.draws(self.caller.actor, purpose)
    }

    /// Notes something under the client's name: 255 facts at most, where a trace is kept.
    pub fn note(&mut self, kind: Term, subject: Subject, facts: &[Fact<Subject>]) {
        self.context.record(Name::of(self.caller.actor, kind, subject), facts);
    }

    /// Returns the fact that names the owner of a route; it says `none` where there is no route.
    #[must_use]
    pub fn owner_fact(&self, owner: Option<EntityHandle>) -> Fact<Subject> {
        describe::owner_fact(self.core, owner)
    }

    /// Appends what a copy of a destination says of a view: the view, the owner of the best route, and that of the route in
    /// hold-down if there is one.
    pub fn view_facts(&self, view: &ViewInfo, facts: &mut Vec<Fact<Subject>>) {
        describe::view_facts(self.core, view, facts);
    }

    fn wake_event(&self, kind: Term, subject: Subject, token: u64) -> Event {
        Event::new(self.caller.actor, kind, subject, What::Wake { client: self.caller.client, token })
    }
}
