//! Clients that export methods, invoke them, and block them; and the host that runs them.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, Input, MethodBlocking, MethodFrame, MethodTypes, Output, Status,
};

use super::Driver;

impl Driver<'_> {
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
