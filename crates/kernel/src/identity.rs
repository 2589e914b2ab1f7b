//! Which simulation a handle or a symbol belongs to, known in debug builds only.

#[cfg(debug_assertions)]
use core::sync::atomic::{AtomicU32, Ordering};

/// The simulation, or fork of one, in which something was made. Debug builds compare it and refuse what belongs to
/// another; release builds have nothing to compare. It is in no key, trace, comparison or output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity {
    #[cfg(debug_assertions)]
    number: u32,
}

/// The identity under which new things are made. Its clone is another: what two forks make is told apart, what was made
/// before they parted belongs to both.
#[derive(Debug)]
pub(crate) struct Maker(Identity);

impl Identity {
    /// Of what nobody has made yet.
    pub(crate) const UNKNOWN: Self = Self {
        #[cfg(debug_assertions)]
        number: u32::MAX,
    };

    /// Whether both were made by the same maker; release builds cannot tell and say yes.
    #[cfg_attr(not(debug_assertions), expect(clippy::unused_self, reason = "there is nothing to compare"))]
    pub(crate) const fn is(self, other: Self) -> bool {
        #[cfg(debug_assertions)]
        return self.number == other.number;
        #[cfg(not(debug_assertions))]
        {
            let _ = other;
            true
        }
    }
}

impl Maker {
    pub(crate) const fn identity(&self) -> Identity {
        self.0
    }
}

impl Default for Maker {
    fn default() -> Self {
        #[cfg(debug_assertions)]
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(Identity {
            #[cfg(debug_assertions)]
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        })
    }
}

impl Clone for Maker {
    fn clone(&self) -> Self {
        Self::default()
    }
}
