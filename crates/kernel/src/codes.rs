//! What stands for names in keys and records: stable codes of 64 bits.

use crate::mix::fold;

/// The codes of the parts of a name: what stands for them in keys and records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartCodes {
    /// The code of the actor.
    pub actor: u64,
    /// The code of the kind.
    pub kind: u64,
    /// The code of the subject; 0 if there is none.
    pub subject: u64,
}

impl PartCodes {
    /// Returns the code of the whole name: `fold(fold(actor, kind), subject)`.
    #[must_use]
    pub const fn name(self) -> u64 {
        fold(self.actor_kind(), self.subject)
    }

    pub(crate) const fn actor_kind(self) -> u64 {
        fold(self.actor, self.kind)
    }

    /// Returns a number by which to look the name up, for less than [`PartCodes::name`] costs: a bijection of each code, and
    /// as unlikely as there to be the same for two names of a run. Codes that somebody chose for it can have the same number.
    /// It is in no format.
    #[inline]
    #[must_use]
    pub const fn lookup(self) -> u64 {
        let actor = self.actor.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let kind = self.kind.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let subject = self.subject.wrapping_mul(0x94D0_49BB_1331_11EB);
        let sum = actor.wrapping_add(kind).wrapping_add(subject);
        // Subjects choose their codes: those that differ in high bits only have to differ in the low ones here.
        sum ^ sum >> 32
    }
}

/// The codes of a name: of actor and kind together, and of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameCodes {
    pub(crate) actor_kind: u64,
    pub(crate) name: u64,
}

/// Returns the stable code of the `repeat`-th event of the name with code `name` (repeats count from 1):
/// `fold(name, repeat)`.
#[must_use]
pub const fn event_code(name: u64, repeat: u32) -> u64 {
    fold(name, repeat as u64)
}
