//! What random sequences have tried of methods.

use tiebreak_rtm::{
    Call, DeadlockLink, Fact, Input, LockedObject, MethodOutput, Outcome, Output, Reply, Status, Violation,
};

/// Counts what became of methods.
#[derive(Debug, Default)]
pub(super) struct Methods {
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
    pub(super) fn check(&self) {
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
