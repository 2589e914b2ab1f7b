//! Clients that export methods, invoke them, and block them; and the host that runs them.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, DeadlockLink, EntityHandle, Fact, Input, LockedObject, MethodBlocking, MethodFrame,
    MethodOutput, MethodTypes, Outcome, Output, Reply, Status, Violation,
};

use super::Driver;

/// Counts what became of methods.
#[derive(Debug, Default)]
pub(in super::super) struct Methods {
    run: u64,
    /// Calls made in methods that succeeded, were refused, and had to wait.
    done: u64,
    refused: u64,
    waiting: u64,
    /// Invocations made in methods.
    nested: u64,
    too_deep: u64,
    self_deadlocks: u64,
    /// Invocations that met a block.
    blocked: u64,
    /// Invocations that came to their end, and of them those of which methods did not run, since their client had left.
    ended: u64,
    cut_short: u64,
    /// Deadlocks with an invocation.
    deadlocks: u64,
}

impl Methods {
    pub(super) fn add(&mut self, other: &Self) {
        self.run += other.run;
        self.done += other.done;
        self.refused += other.refused;
        self.waiting += other.waiting;
        self.nested += other.nested;
        self.too_deep += other.too_deep;
        self.self_deadlocks += other.self_deadlocks;
        self.blocked += other.blocked;
        self.ended += other.ended;
        self.cut_short += other.cut_short;
        self.deadlocks += other.deadlocks;
    }

    /// Checks that enough was tried of what there is to methods.
    pub(in super::super) fn check(&self) {
        for (what, count, least) in [
            ("methods that run", self.run, 1_000),
            ("calls in methods that succeed", self.done, 500),
            ("calls in methods that are refused", self.refused, 200),
            ("calls in methods that wait", self.waiting, 100),
            ("invocations in methods", self.nested, 100),
            ("invocations that are too deep", self.too_deep, 5),
            ("clients that would wait for themselves", self.self_deadlocks, 5),
            ("invocations that meet a block", self.blocked, 100),
            ("invocations that end", self.ended, 500),
            ("invocations that are cut short", self.cut_short, 5),
            ("deadlocks with an invocation", self.deadlocks, 20),
        ] {
            assert!(count >= least, "{what}: {count} of at least {least}");
        }
    }

    pub(super) fn count(&mut self, input: &Input, outputs: &[Output]) {
        for output in outputs {
            self.run += u64::from(matches!(output, Output::Method(_)));
            if let Output::Fact(Fact::Deadlock { cycle }) = output {
                let is_invocation = |link: &DeadlockLink| matches!(link.on, LockedObject::Methods(_));
                self.deadlocks += u64::from(cycle.iter().any(is_invocation));
            }
        }
        let runs = outputs.iter().any(|output| matches!(output, Output::Method(_)));
        let Some(Output::Reply(outcome)) = outputs.last() else { return };
        if let Outcome::Done(Reply::InvokeMethod { outputs }) = outcome {
            self.ended += 1;
            let cut = |output: &MethodOutput| output.status == Status::InvalidHandle;
            self.cut_short += u64::from(outputs.iter().any(cut));
        }
        let (Input::Call { call, .. } | Input::CallInMethod { call, .. }) = input else { return };
        let invokes = matches!(call, Call::InvokeMethod { .. });
        let waits = matches!(outcome, Outcome::Pending(_));
        self.blocked += u64::from(invokes && waits && !runs);
        if let Outcome::Violated(violation) = outcome {
            self.too_deep += u64::from(matches!(violation, Violation::TooDeep { .. }));
            let alone = matches!(violation, Violation::SelfDeadlock { .. });
            self.self_deadlocks += u64::from(invokes && alone);
        }
        if let Input::CallInMethod { .. } = input {
            let is_done = matches!(outcome, Outcome::Done(_));
            self.done += u64::from(is_done);
            self.nested += u64::from(waits && runs);
            self.waiting += u64::from(waits && !runs);
            self.refused += u64::from(!is_done && !waits);
        }
    }
}

impl Driver {
    /// How many methods a client exports: some, as a rule.
    pub(super) fn number_of_methods(&mut self) -> u32 {
        self.dice.one(&[0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 32, 33])
    }

    /// A method that runs calls, or returns; now and then one that does not run.
    pub(super) fn method(&mut self) -> Option<Input> {
        if self.dice.chance(3) {
            let invocation = self.dice.pick(&self.old_tickets)?;
            let (status, output) = (Status::NoError, 1);
            return Some(Input::MethodReturned { invocation, status, output });
        }
        // The innermost ones most of the time, since the others stand still. Now and then methods invoke methods for long.
        let frames: Vec<MethodFrame> = self.methods.clone();
        let is_deep = frames.len() > 3;
        let frame = if self.dice.chance(85) { frames.last().copied() } else { self.dice.pick(&frames) }?;
        let invocation = frame.invocation;
        let place = self.clients.iter().position(|client| client.entity == frame.to)?;
        let waits = self.waiting.iter().any(|call| call.inside == Some(invocation));
        if self.dice.chance(if waits {
            8
        } else if is_deep {
            6
        } else {
            30
        }) {
            let status = self.dice.one(&[Status::NoError, Status::NoError, Status::NotSupported]);
            let output = self.dice.below(3) as u64;
            return Some(Input::MethodReturned { invocation, status, output });
        }
        if waits && self.dice.chance(90) {
            return None;
        }
        let call = match self.dice.below(10) {
            _ if is_deep => self.invocation_of_methods(frame.to),
            0..=3 => self.invocation_of_methods(frame.to),
            4..=6 => self.lock_or_unlock(frame.to),
            _ => self.some_call(place),
        };
        Some(Input::CallInMethod { caller: Some(frame.to), invocation, call })
    }

    /// Learns which methods run.
    pub(super) fn learn_methods(&mut self, input: &Input, outputs: &[Output]) {
        if let Input::MethodReturned { invocation, .. } = input {
            self.methods.retain(|frame| frame.invocation != *invocation);
        }
        for output in outputs {
            if let Output::Method(frame) = output {
                self.methods.push(*frame);
            }
        }
    }

    fn invocation_of_methods(&mut self, caller: EntityHandle) -> Call {
        let table =
            self.clients.iter().find(|client| client.entity == caller).map(|client| client.info.table);
        let gone_too = self.dice.chance(4);
        let others = self.clients.iter().filter(|client| Some(client.info.table) == table || gone_too);
        let others = others.filter(|client| client.registered || gone_too).map(|client| client.entity);
        let others: Vec<EntityHandle> = others.collect();
        let entity = self.dice.pick(&others).unwrap_or(caller);
        let methods = self.dice.one(&[
            MethodTypes::ALL,
            MethodTypes::ALL,
            MethodTypes::ALL,
            MethodTypes::from_bits(1),
            MethodTypes::from_bits(1),
            MethodTypes::from_bits(2),
            MethodTypes::from_bits(6),
            MethodTypes::from_bits(0x8000_0001),
            MethodTypes::NONE,
        ]);
        let capacity = self.dice.one(&[32, 32, 32, 32, 32, 32, 2, 0]);
        Call::InvokeMethod { entity, methods, input: self.dice.below(2) as u64, capacity }
    }

    pub(super) fn method_call(&mut self, caller: EntityHandle) -> Call {
        match self.dice.below(20) {
            0..=10 => self.invocation_of_methods(caller),
            11..=13 => {
                let Call::InvokeMethod { entity, .. } = self.invocation_of_methods(caller) else {
                    unreachable!("an invocation was asked for")
                };
                Call::GetEntityMethods { entity, capacity: self.dice.one(&[0, 0, 1, 2, 3, 32]) }
            }
            number => {
                let action = if number < 17 { MethodBlocking::Block } else { MethodBlocking::Resume };
                let target = if self.dice.chance(20) { Some(AnyHandle::Entity(caller)) } else { None };
                Call::BlockMethods { target, action }
            }
        }
    }
}
