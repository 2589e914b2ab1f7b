//! Manager and model side by side through one sequence of inputs, and a count of what was tried.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_rtm::{
    Call, EventType, Fact, Function, Input, LockAction, Manager, Outcome, Output, Profile, Reply,
};

use super::methods::Methods;
use crate::driver::{Crowd, Driver, Waiting};
use crate::{Difference, Model};

/// Counts what became of calls that met a lock.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Locks taken on destinations and on next hops, but for route locks.
    pub(super) dests_locked: u64,
    pub(super) next_hops_locked: u64,
    /// Next hops that were left edited.
    pub(super) next_hops_edited: u64,
    /// Calls that had to wait, when they were made.
    pub(super) pending: u64,
    pub(super) ready: u64,
    /// Calls that went on, by how they ended then.
    pub(super) resumed_done: u64,
    pub(super) resumed_refused: u64,
    pub(super) resumed_pending: u64,
    /// Tickets handed back that were not ready, or named no call.
    pub(super) resumed_in_vain: u64,
    pub(super) deadlocks: u64,
    /// Clients that deregistered and had a lock.
    pub(super) leavers_with_locks: u64,
    /// Calls that went on when their client had left.
    pub(super) resumed_after_leaving: u64,
}

impl Waits {
    fn add(&mut self, other: &Self) {
        self.dests_locked += other.dests_locked;
        self.next_hops_locked += other.next_hops_locked;
        self.next_hops_edited += other.next_hops_edited;
        self.pending += other.pending;
        self.ready += other.ready;
        self.resumed_done += other.resumed_done;
        self.resumed_refused += other.resumed_refused;
        self.resumed_pending += other.resumed_pending;
        self.resumed_in_vain += other.resumed_in_vain;
        self.deadlocks += other.deadlocks;
        self.leavers_with_locks += other.leavers_with_locks;
        self.resumed_after_leaving += other.resumed_after_leaving;
    }

    /// Checks that enough was tried of what there is to waiting.
    pub(super) fn check(&self) {
        for (what, count, least) in [
            ("locks on destinations", self.dests_locked, 1_000),
            ("locks on next hops", self.next_hops_locked, 300),
            ("next hops left edited", self.next_hops_edited, 30),
            ("calls that wait", self.pending, 1_000),
            ("calls that become ready", self.ready, 1_000),
            ("calls that go on and succeed", self.resumed_done, 500),
            ("calls that go on and are refused", self.resumed_refused, 300),
            ("calls that go on and wait again", self.resumed_pending, 60),
            ("tickets that are not ready", self.resumed_in_vain, 100),
            ("deadlocks", self.deadlocks, 300),
            ("clients that leave with locks", self.leavers_with_locks, 120),
            ("calls that go on when their client has left", self.resumed_after_leaving, 100),
        ] {
            assert!(count >= least, "{what}: {count} of at least {least}");
        }
    }

    /// Counts what an input came to, before it is learnt.
    fn count(&mut self, driver: &Driver<'_>, input: &Input, outputs: &[Output]) {
        for output in outputs {
            self.ready += u64::from(matches!(output, Output::Ready { .. }));
            self.deadlocks += u64::from(matches!(output, Output::Fact(Fact::Deadlock { .. })));
        }
        let Some(Output::Reply(outcome)) = outputs.last() else { return };
        let (caller, call) = match input {
            Input::Call { caller, call, .. } | Input::CallInMethod { caller, call, .. } => {
                self.pending += u64::from(matches!(outcome, Outcome::Pending(_)));
                (*caller, call)
            }
            Input::Resume { ticket } => {
                let known = driver.waiting.iter().find(|waiting| waiting.ticket == *ticket && waiting.ready);
                let Some(Waiting { caller, call, .. }) = known else {
                    self.resumed_in_vain += 1;
                    return;
                };
                self.resumed_done += u64::from(matches!(outcome, Outcome::Done(_)));
                self.resumed_pending += u64::from(matches!(outcome, Outcome::Pending(_)));
                self.resumed_refused += u64::from(!matches!(outcome, Outcome::Done(_) | Outcome::Pending(_)));
                let left = driver.clients.iter().any(|client| client.entity == *caller && !client.registered);
                self.resumed_after_leaving += u64::from(left);
                (Some(*caller), call)
            }
            Input::TimerFired { .. }
            | Input::Invoke { .. }
            | Input::MethodReturned { .. }
            | Input::CallbackReturned { .. } => return,
        };
        if let Outcome::Done(_) = outcome {
            self.count_call(call);
            let locked = driver.locked.iter().any(|(holder, _)| Some(*holder) == caller);
            self.leavers_with_locks += u64::from(locked && *call == Call::DeregisterEntity);
        }
    }

    fn count_call(&mut self, call: &Call) {
        if let Call::LockDestination { action: LockAction::Lock, .. } = call {
            self.dests_locked += 1;
        } else if let Call::LockNextHop { action, edited, .. } = call {
            self.next_hops_locked += u64::from(*action == LockAction::Lock);
            self.next_hops_edited += u64::from(edited.is_some());
        }
    }
}

/// Counts what was tried.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) inputs: u64,
    /// Inputs that are no calls, and calls that succeeded.
    pub(super) successes: u64,
    frames: u64,
    expiries: u64,
    inert: u64,
    dropped: u64,
    fetched: u64,
    updates_in_place: u64,
    violations: u64,
    pub(super) waits: Waits,
    pub(super) methods: Methods,
    pub(super) begun: u64,
    pub(super) ended: u64,
    /// How often each function succeeded, and was refused.
    pub(super) calls: BTreeMap<Function, [u64; 2]>,
}

impl Run {
    pub(super) fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.successes += other.successes;
        self.frames += other.frames;
        self.expiries += other.expiries;
        self.inert += other.inert;
        self.dropped += other.dropped;
        self.fetched += other.fetched;
        self.updates_in_place += other.updates_in_place;
        self.violations += other.violations;
        self.waits.add(&other.waits);
        self.methods.add(&other.methods);
        self.begun += other.begun;
        self.ended += other.ended;
        for (function, [done, refused]) in &other.calls {
            let total = self.calls.entry(*function).or_default();
            *total = [total[0] + done, total[1] + refused];
        }
    }

    fn count_call(&mut self, input: &Input, outputs: &[Output]) {
        if let Some(Output::Reply(Outcome::Done(Reply::InvokeMethod { .. }))) = outputs.last() {
            self.calls.entry(Function::InvokeMethod).or_default()[0] += 1;
        }
        let (Input::Call { call, .. } | Input::CallInMethod { call, .. }) = input else { return };
        if let Some(Output::Reply(outcome)) = outputs.last() {
            let is_refused = !matches!(outcome, Outcome::Done(_));
            self.calls.entry(call.function()).or_default()[usize::from(is_refused)] += 1;
        }
    }

    fn count(&mut self, output: &Output) {
        match output {
            Output::Reply(Outcome::Done(reply)) => {
                self.fetched += u64::from(matches!(reply, Reply::GetChangedDests { .. }));
                self.updates_in_place += u64::from(matches!(reply, Reply::UpdateAndUnlockRoute { .. }));
            }
            Output::Reply(Outcome::Violated(_)) => self.violations += 1,
            Output::Frame(frame) => {
                self.frames += 1;
                self.expiries += u64::from(frame.event.event_type() == EventType::RouteExpired);
            }
            Output::Inert { .. } => self.inert += 1,
            Output::Drop { .. } => self.dropped += 1,
            Output::Fact(Fact::RouteHeld { .. }) => self.begun += 1,
            Output::Fact(Fact::HoldEnded { .. }) => self.ended += 1,
            Output::Ready { .. }
            | Output::Method(_)
            | Output::Reply(_)
            | Output::ArmTimer { .. }
            | Output::DisarmTimer { .. }
            | Output::Deliver { .. }
            | Output::Refused { .. }
            | Output::Fact(_) => {}
        }
    }
}

/// Tells where manager and model part.
pub(super) struct Failure {
    pub(super) difference: Difference,
    seed: u64,
    last: Vec<String>,
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "sequence {}: {}", self.seed, self.difference)?;
        self.last.iter().try_for_each(|line| writeln!(formatter, "  {line}"))
    }
}

/// Runs one sequence; the profiles are the model's and the manager's.
pub(super) fn run(
    seed: u64,
    inputs: u32,
    profiles: (Profile, Profile),
    tamper: fn(&mut Vec<Output>),
) -> Result<Run, Failure> {
    let (mut model, manager) = (Model::new(profiles.0), Manager::new(profiles.1));
    let crowd = if seed % 2 == 1 { Crowd::Crowded } else { Crowd::Sparse };
    let mut generator = Generator(seed);
    let mut driver = Driver::new(crowd, manager, move |limit| generator.roll() % limit);
    let (mut total, mut log) = (Run::default(), VecDeque::new());
    for _ in 0..inputs {
        let input = driver.next_input();
        let mut outputs = driver.handle(&input);
        total.waits.count(&driver, &input, &outputs);
        total.methods.count(&input, &outputs);
        driver.learn(&input, &outputs);
        total.inputs += 1;
        total.successes += u64::from(match outputs.last() {
            Some(Output::Reply(outcome)) => matches!(outcome, Outcome::Done(_)),
            _ => true,
        });
        total.count_call(&input, &outputs);
        for output in &outputs {
            total.count(output);
        }
        tamper(&mut outputs);
        log.push_back(format!("{} {input:?}\n      -> {outputs:?}", driver.now));
        if log.len() > 40 {
            log.pop_front();
        }
        let followed = model.follow(driver.now, &input, &outputs);
        if let Err(difference) = followed.and_then(|()| model.compare(&driver.manager)) {
            return Err(Failure { difference, seed, last: log.into() });
        }
    }
    Ok(total)
}

/// A generator of our own: splitmix64.
struct Generator(u64);

impl Generator {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
