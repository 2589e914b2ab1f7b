//! The bugs by name, and how they are run.

use core::fmt;

use tiebreak::explore::{Director, Outcome, Program, Setup};
use tiebreak::{Settings, Simulation, World, outcome, watching};

use crate::bugs;
use crate::judge::{Judge, Rule};
use crate::museum::{self, Museum};
use crate::script::{About, Script, Step};
use crate::story::{Others, Staged, Visitor};

/// A world with a bug in it.
pub(crate) trait Scene: World<Event: From<Step>, Subject = About> + Sized {
    /// What must hold.
    type Rule: Rule;

    /// The world before anything happens.
    fn new(planted: Planted) -> Self;

    /// What happens.
    fn script() -> Script;
}

macro_rules! bugs {
    (
        INVENTED {$(
            $(#[$attribute:meta])*
            $bug:ident = $name:literal, depth $depth:literal, $world:path;
        )+}
        OF_REAL_MANAGERS {$(
            $(#[$real_attribute:meta])*
            $real:ident = $real_name:literal, depth $real_depth:literal, $real_world:path;
        )+}
    ) => {
        impl Bug {
            /// Those that were invented for this crate.
            pub const INVENTED: &'static [Self] = &[$(Self::$bug),+];
        }

        impl Planted {
            /// Does something with the story of an invented bug, among other clients; `None` if it is one of a real manager.
            pub fn visit<V: Visitor>(self, others: Others, visitor: V) -> Option<V::Output> {
                match self.bug {
                    $(Bug::$bug => Some(visitor.visit(&Staged::<$world>::new(self, others))),)+
                    $(Bug::$real)|+ => None,
                }
            }
        }

        bugs! { ALL OF_REAL_MANAGERS [$($real)+]
            $($(#[$attribute])* $bug = $name, $depth, $world;)+
            $($(#[$real_attribute])* $real = $real_name, $real_depth, $real_world;)+
        }
    };
    (
        ALL OF_REAL_MANAGERS [$($real:ident)+]
        $($(#[$attribute:meta])* $bug:ident = $name:literal, $depth:literal, $world:path;)+
    ) => {
        /// A bug that shows in some orders of simultaneous events only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug {
            $($(#[$attribute])* $bug,)+
        }

        impl Bug {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$bug),+];

            /// Those that were found in real managers of routing tables; they are planted around the one of this repository.
            pub const OF_REAL_MANAGERS: &'static [Self] = &[$(Self::$real),+];

            /// Returns what it is called.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)+
                }
            }

            /// Returns its depth as it was planned: how many orderings suffice to make it show, about.
            #[must_use]
            pub const fn depth(self) -> u32 {
                match self {
                    $(Self::$bug => $depth,)+
                }
            }

            /// Returns the name of the monitor that has to notice it.
            #[must_use]
            pub const fn monitor(self) -> &'static str {
                match self {
                    $(Self::$bug => <<$world as Scene>::Rule as Rule>::NAME,)+
                }
            }
        }

        impl Program for Planted {
            fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
                match self.bug {
                    $(Bug::$bug => perform::<$world>(*self, &self.script::<$world>(), setup, choices),)+
                }
            }
        }
    };
}

bugs! {
    INVENTED {
        /// A timer deletes a route that is refreshed at the instant at which it expires.
        ExpireBeforeRefresh = "expire-before-refresh", depth 1, bugs::expire_before_refresh::Table;
        /// A client is told of a change although it has deregistered.
        NotifyAfterDeregister = "notify-after-deregister", depth 2, bugs::notify_after_deregister::Manager;
        /// A change between collecting and clearing is forgotten.
        LostDirtyBit = "lost-dirty-bit", depth 2, bugs::lost_dirty_bit::Mirror;
        /// Two clients read a count and write it back.
        RefcountLostUpdate = "refcount-lost-update", depth 2, bugs::refcount_lost_update::Route;
        /// A handle of a deleted route reaches the route that took its slot.
        StaleHandleAba = "stale-handle-aba", depth 3, bugs::stale_handle_aba::Slot;
        /// A link that went down and up again is taken for a stable one.
        FlapCoalesced = "flap-coalesced", depth 3, bugs::flap_coalesced::Link;
        /// Two clients wait for what the other one holds. The one bug that shows in the order of scheduling.
        HoldCycle = "hold-cycle", depth 2, bugs::hold_cycle::Holds;
        /// A queue of sixteen overflows when nobody drains it in time.
        QueueOverflow16 = "queue-overflow-16", depth 2, bugs::queue_overflow_16::Queue;
        /// A check comes after the first opening and before any confirmation.
        Reorder10 = "reorder-10", depth 2, bugs::reorder_10::Sessions;
        /// A commit comes after all clients are ready and before the table is sealed.
        AllThenWindow = "all-then-window", depth 3, bugs::all_then_window::Restart;
        /// A route that must not be exported is handed on three times, each time before it is withdrawn.
        Chain4 = "chain-4", depth 4, bugs::chain_4::Confederation;
        /// Two clients take a route from each other five times in a row.
        PingPong5 = "ping-pong-5", depth 5, bugs::ping_pong_5::Damping;
        /// A listener is called after another listener has removed it.
        RemovedListenerHears = "removed-listener-hears", depth 1, bugs::removed_listener_hears::Source;
        /// A late reply is taken for the answer to the next request. The server draws how long it takes.
        ReplyAfterCancellation = "reply-after-cancellation", depth 2, bugs::reply_after_cancellation::Exchange;
    }
    OF_REAL_MANAGERS {
        /// Who wants the routes of one protocol is not told that another protocol's is the best now.
        LostOnNewOwner = "lost-on-new-owner", depth 1, Museum<museum::lost_on_new_owner::Redistribution>;
        /// A link goes down and up before anybody is told, and nobody is told then.
        DownUpCoalesced = "down-up-coalesced", depth 2, Museum<museum::down_up_coalesced::Flap>;
        /// A route waits in a queue while its owner leaves, and is added then.
        RouteOutlivesItsOwner = "route-outlives-its-owner", depth 2, Museum<museum::route_outlives_its_owner::Leaving>;
        /// A client is thought to be about to be told, but the notification was taken back.
        QueuedMarkLeftSet = "queued-mark-left-set", depth 3, Museum<museum::queued_mark_left_set::Polling>;
        /// Who comes behind a listener that leaves is not told.
        NextListenerSkipped = "next-listener-skipped", depth 2, Museum<museum::next_listener_skipped::Listeners>;
        /// A withdrawal is undone by a copy of the table from before it.
        SnapshotAfterWithdrawal = "snapshot-after-withdrawal", depth 2, Museum<museum::snapshot_after_withdrawal::Joining>;
        /// A route through a dead neighbour is refreshed by another neighbour.
        RefreshedByAnother = "refreshed-by-another", depth 1, Museum<museum::refreshed_by_another::TwoNeighbours>;
        /// An owner is told that its route has expired when the route is gone.
        ToldOfAGoneRoute = "told-of-a-gone-route", depth 2, Museum<museum::told_of_a_gone_route::Withdrawal>;
        /// Whether a withdrawal is told is decided by the filter that came after it.
        WithdrawalMeetsNewFilter = "withdrawal-meets-new-filter", depth 2, Museum<museum::withdrawal_meets_new_filter::Export>;
        /// News of a route overtake the news of its owner.
        RouteBeforeItsOwner = "route-before-its-owner", depth 2, Museum<museum::route_before_its_owner::Starting>;
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What is different in a program, and has nothing to do with its bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// The clients are declared the other way round.
    Backwards,
    /// Another client draws.
    Draws,
    /// There are events of another kind, which cause others.
    Kinds,
}

impl Change {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Nothing, Self::Backwards, Self::Draws, Self::Kinds];
}

/// A bug, or its fixed twin, to be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// The bug.
    pub bug: Bug,
    /// Whether it is fixed.
    pub is_fixed: bool,
    /// How many clients there are besides, each with [50 steps](Planted::STEPS_OF_NOISE). At most 12.
    pub noise: u32,
    /// What else is different.
    pub change: Change,
}

impl Planted {
    /// How many steps a client of the noise has.
    pub const STEPS_OF_NOISE: usize = 50;

    /// The bug as it is.
    #[must_use]
    pub const fn new(bug: Bug) -> Self {
        Self { bug, is_fixed: false, noise: 0, change: Change::Nothing }
    }

    /// Its fixed twin.
    #[must_use]
    pub const fn fixed(self) -> Self {
        Self { is_fixed: true, ..self }
    }

    /// The same, with so many clients of noise.
    #[must_use]
    pub const fn with_noise(self, noise: u32) -> Self {
        Self { noise, ..self }
    }

    /// The same, but for this.
    #[must_use]
    pub const fn with_change(self, change: Change) -> Self {
        Self { change, ..self }
    }

    /// All that happens.
    fn script<S: Scene>(self) -> Script {
        self.surround(S::script())
    }

    /// The same script with the noise and what else is different.
    pub(crate) fn surround(self, script: Script) -> Script {
        let script = script.others(self.noise as usize, Self::STEPS_OF_NOISE);
        match self.change {
            Change::Nothing => script,
            Change::Backwards => script.backwards(),
            Change::Draws => script.with_draws(),
            Change::Kinds => script.with_audits(),
        }
    }
}

pub(crate) fn perform<S: Scene>(
    planted: Planted,
    script: &Script,
    setup: Setup,
    choices: &mut Director<'_>,
) -> Outcome {
    let settings = Settings::new(setup.seed).with_order(setup.order);
    let recorder = watching([Judge::<S::Rule>::default()]);
    let simulation = Simulation::new(S::new(planted), settings).with_recorder(recorder);
    let mut simulation = simulation.with_choices(choices);
    simulation.act(|_, stage| script.schedule(stage));
    let end = simulation.run();
    outcome(&simulation, Some(&end))
}
