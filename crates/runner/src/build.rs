//! From a plan to a world that can be run.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak::{Instant, NameError, Names, Span, Symbol};
use tiebreak_recording::Recording;
use tiebreak_rtm::{EntityId, EntityInfo, EventCallback, OpaqueSlot, Profile, TableId};
use tiebreak_rtm_sim::{Delay, Observer, RoutingMonitors, RoutingWorld};
use tiebreak_scenario::plan::{self, Actor, Client};
use tiebreak_scenario::{Misplaced, Plan, default_entity};

use crate::client::ScenarioClient;
use crate::convert::{change_types, view_set};
use crate::feed::{Feed, Replay};
use crate::scripted::{Role, Script, Scripted, Step};

/// The recordings of a plan's feeds, by the feeds' names.
pub type Recordings = BTreeMap<String, Recording>;

/// The world of a scenario.
pub(crate) type ScenarioWorld<'p> = RoutingWorld<ScenarioClient<'p>>;

/// Why a plan cannot be prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepareError {
    /// A feed was given no recording.
    MissingRecording {
        /// The feed.
        feed: String,
    },
    /// The plan expects a monitor to fail that does not exist.
    UnknownMonitor {
        /// The name in the plan.
        name: String,
    },
    /// The name of a client or the label of a step is not a valid name; a checked plan has only valid ones.
    BadName {
        /// The name or label.
        name: String,
        /// Why it is not valid.
        error: NameError,
    },
    /// The switches of the plan are not resolved: [`Plan::with_switches`] does that.
    UnresolvedSwitch {
        /// One of them.
        name: String,
    },
    /// A client has an action that cannot be done where it stands; a checked plan has none such.
    Misplaced {
        /// The client.
        client: String,
        /// Why not.
        why: Misplaced,
    },
    /// The longest delay or duration of callbacks is shorter than the shortest; a checked plan has none such.
    EmptyDelay {
        /// The shortest.
        min: Span,
        /// The longest.
        max: Span,
    },
}

impl fmt::Display for PrepareError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRecording { feed } => write!(out, "the feed `{feed}` has no recording"),
            Self::UnknownMonitor { name } => {
                write!(
                    out,
                    "unknown monitor `{name}`; expected one of `{}`",
                    RoutingMonitors::names().join("`, `")
                )
            }
            Self::BadName { name, error } => write!(out, "{name:?} cannot be a name: {error}"),
            Self::UnresolvedSwitch { name } => {
                write!(out, "nobody has said whether the switch `{name}` is on")
            }
            Self::Misplaced { client, why } => write!(out, "`{client}`: {why}"),
            Self::EmptyDelay { min, max } => {
                write!(out, "the longest delay, {max}, is shorter than the shortest, {min}")
            }
        }
    }
}

impl core::error::Error for PrepareError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::BadName { error, .. } => Some(error),
            Self::MissingRecording { .. }
            | Self::UnknownMonitor { .. }
            | Self::UnresolvedSwitch { .. }
            | Self::Misplaced { .. }
            | Self::EmptyDelay { .. } => None,
        }
    }
}

/// Checks that the switches of a plan are resolved.
pub(crate) fn check_switches(plan: &Plan) -> Result<(), PrepareError> {
    match plan.switches.first() {
        Some(name) => Err(PrepareError::UnresolvedSwitch { name: name.clone() }),
        None => Ok(()),
    }
}

/// Who takes part in the world of a scenario: what does not change in a run. The clients of a run borrow it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cast(Vec<Member>);

/// A client before it has done anything.
#[derive(Debug, Clone)]
struct Member {
    name: Symbol,
    pace: Pace,
    part: Part,
}

/// What a client does.
#[derive(Debug, Clone)]
enum Part {
    Script(Script),
    Observer(Observer),
    Replay(Replay),
}

impl Cast {
    fn add(&mut self, name: Symbol, pace: Pace, part: Part) {
        self.0.push(Member { name, pace, part });
    }

    /// Lets labels be interned if two clients have one name: then no label is of one of them only. No checked plan has such.
    fn settle(&mut self) {
        let mut names: Vec<Symbol> = self.0.iter().map(|member| member.name).collect();
        names.sort();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            for member in &mut self.0 {
                if let Part::Script(script) = &mut member.part {
                    script.steps.iter_mut().for_each(|step| step.first_number = None);
                }
            }
        }
    }

    /// The names under which clients act.
    pub(crate) fn names(&self) -> impl Iterator<Item = Symbol> {
        let roles = |part: &Part| match part {
            Part::Script(script) => script.roles.iter().map(|role| role.actor).collect(),
            Part::Observer(_) | Part::Replay(_) => Vec::new(),
        };
        self.0.iter().flat_map(move |member| core::iter::once(member.name).chain(roles(&member.part)))
    }

    /// Makes a world that was not started yet: a manager and all clients.
    pub(crate) fn world(&self) -> ScenarioWorld<'_> {
        let mut world = RoutingWorld::new(Profile::default());
        for Member { name, pace, part } in &self.0 {
            let client = match part {
                Part::Script(script) => ScenarioClient::Scripted(Scripted::new(script)),
                Part::Observer(observer) => ScenarioClient::Observer(observer.clone()),
                Part::Replay(replay) => ScenarioClient::Feed(Feed::new(replay)),
            };
            let id = world.add(*name, pace.delivery, client);
            world.set_duration(id, pace.takes);
        }
        world
    }
}

/// What runs of a scenario start with: who takes part, the names, and the monitors.
pub(crate) struct Built {
    pub(crate) cast: Cast,
    pub(crate) names: Names,
    pub(crate) monitors: RoutingMonitors,
    /// The clients that are declared to misbehave, each by all the names it acts under, its own first.
    pub(crate) misbehaving: Vec<Vec<Symbol>>,
}

/// Builds what the world of a plan is made of, whose switches are resolved. `actors` are those of the plan.
///
/// # Errors
/// If a feed has no recording, or a name cannot be one.
pub(crate) fn build(plan: &Plan, actors: Vec<Actor>, recordings: &Recordings) -> Result<Built, PrepareError> {
    let mut cast = Cast::default();
    let mut names = Names::default();
    let mut misbehaving = Vec::new();
    for actor in actors {
        match actor {
            Actor::Client(client) => {
                if let Some(why) = client.misplaced() {
                    return Err(PrepareError::Misplaced { client: client.name, why });
                }
                let pace = Pace::of(client.delivery, client.takes, plan)?;
                let actors = names_of(&client, &mut names)?;
                let (name, misbehaves) = (actors[0], client.misbehaves);
                let script = script(client, &actors, &mut names)?;
                misbehaving.extend(misbehaves.then_some(actors));
                cast.add(name, pace, Part::Script(script));
            }
            Actor::Observer(observer) => {
                let pace = Pace::of(observer.delivery, observer.takes, plan)?;
                let name = intern(&mut names, &observer.name)?;
                cast.add(name, pace, Part::Observer(observing(&observer)));
            }
            Actor::Feed(feed) => {
                let recording = recordings.get(&feed.name).cloned();
                let recording =
                    recording.ok_or_else(|| PrepareError::MissingRecording { feed: feed.name.clone() })?;
                let name = intern(&mut names, &feed.name)?;
                let at = Instant::START.saturating_add(feed.at);
                let (protocol, instance) = (feed.protocol.number(), feed.instance);
                let replay = Replay { name, protocol, instance, at, recording };
                cast.add(name, Pace::default(), Part::Replay(replay));
            }
        }
    }
    cast.settle();
    let monitors = RoutingMonitors::allowing(misbehaving.iter().flatten().copied(), &names);
    Ok(Built { cast, names, monitors, misbehaving })
}

/// How late the callbacks of a client begin and how long they take: as the client says, or else as the scenario says.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    delivery: Delay,
    takes: Delay,
}

impl Pace {
    fn of(
        delivery: Option<plan::Delivery>,
        takes: Option<plan::Delivery>,
        plan: &Plan,
    ) -> Result<Self, PrepareError> {
        let delivery = delay(delivery.unwrap_or(plan.delivery))?;
        Ok(Self { delivery, takes: delay(takes.unwrap_or(plan.takes))? })
    }
}

/// Refuses what [`load`](tiebreak_scenario::load) refuses, too: a plan may be made in Rust.
fn delay(delay: plan::Delivery) -> Result<Delay, PrepareError> {
    Ok(match delay {
        plan::Delivery::None => Delay::None,
        plan::Delivery::Constant(span) => Delay::Constant(span),
        plan::Delivery::Drawn { min, max } if max < min => return Err(PrepareError::EmptyDelay { min, max }),
        plan::Delivery::Drawn { min, max } => Delay::Drawn(min, max),
    })
}

fn intern(names: &mut Names, name: &str) -> Result<Symbol, PrepareError> {
    names.try_intern(name).map_err(|error| PrepareError::BadName { name: name.into(), error })
}

/// Returns the names that a client acts under, one for each registration: first its own.
fn names_of(client: &Client, names: &mut Names) -> Result<Vec<Symbol>, PrepareError> {
    let also = client.also.iter().map(|other| other.actor(&client.name));
    core::iter::once(client.name.clone()).chain(also).map(|name| intern(names, &name)).collect()
}

fn script(client: Client, actors: &[Symbol], names: &mut Names) -> Result<Script, PrepareError> {
    let first_numbers = client.first_numbers();
    let Client {
        protocol,
        instance,
        family,
        entity,
        has_callback,
        opaque_slot,
        methods,
        also,
        script,
        on,
        ..
    } = client;
    let name = plan::MAIN.into();
    let own = plan::Registration { name, instance, family, entity, has_callback, opaque_slot, methods, on };
    let mut roles = Vec::new();
    for (registration, actor) in core::iter::once(own).chain(also).zip(actors) {
        let plan::Registration {
            name,
            instance,
            family,
            entity,
            has_callback,
            opaque_slot,
            methods,
            on: reactions,
        } = registration;
        let table = TableId { instance, family: family.of_tables() };
        let id = entity_id(protocol, entity, names.text(*actor));
        let callback = if has_callback { EventCallback::Given } else { EventCallback::Absent };
        let slot = if opaque_slot { OpaqueSlot::Reserved } else { OpaqueSlot::NotReserved };
        roles.push(Role { name, actor: *actor, table, id, callback, slot, methods, reactions });
    }
    let mut steps = Vec::new();
    for (step, first_number) in script.into_iter().zip(first_numbers) {
        // The labels of later times differ from the first one by their numbers alone.
        let name = step.label_of(0);
        let label = names.try_intern_label(&name);
        let label = label.map_err(|error| PrepareError::BadName { name, error })?;
        steps.push(Step { plan: step, label, first_number });
    }
    Ok(Script { roles, steps })
}

fn observing(observer: &plan::Observer) -> Observer {
    let table = TableId { instance: observer.instance, family: observer.family.of_tables() };
    let id = entity_id(observer.protocol, observer.entity, &observer.name);
    Observer::new(
        EntityInfo { table, id },
        Instant::START.saturating_add(observer.at),
        view_set(&observer.views),
        change_types(&observer.types),
    )
}

/// The entity a client registers as; its instance follows from its name unless the plan says otherwise, so that it
/// does not depend on who else takes part.
fn entity_id(protocol: plan::Protocol, explicit: Option<u32>, name: &str) -> EntityId {
    EntityId {
        protocol: protocol.number(),
        protocol_instance: explicit.unwrap_or_else(|| default_entity(name)),
    }
}
