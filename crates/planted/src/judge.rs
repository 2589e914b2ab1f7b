//! Monitors in few lines.

use core::hash::{Hash, Hasher};

use tiebreak::{Failure, Monitor, Names, Record, Verdict};

use crate::script::About;

/// What must hold.
pub trait Rule: Default {
    /// What it is called.
    const NAME: &'static str;

    /// Looks at the next record.
    ///
    /// # Errors
    /// If the rule is broken: what happened.
    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String>;

    /// Returns what has yet to happen, if anything has.
    fn owed(&self) -> Option<String> {
        None
    }
}

/// A monitor of one rule; it keeps the first failure.
#[derive(Debug, Clone, Default)]
pub struct Judge<R> {
    rule: R,
    failure: Option<Failure>,
}

/// By what it goes on by: what it has said is not compared.
impl<R: Hash> Hash for Judge<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule.hash(state);
        self.failure.is_some().hash(state);
    }
}

impl<R: Rule> Monitor<About> for Judge<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn observe(&mut self, _names: &Names, record: &Record<'_, About>) {
        if self.failure.is_none() {
            self.failure = self.rule.observe(record).err().map(|message| Failure::at(record, message));
        }
    }

    fn verdict(&self, _names: &Names) -> Verdict {
        match (&self.failure, self.rule.owed()) {
            (Some(failure), _) => Verdict::Fails(failure.clone()),
            (None, Some(owed)) => Verdict::Waits(owed),
            (None, None) => Verdict::Holds,
        }
    }
}
