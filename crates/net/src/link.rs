//! Links between nodes.

use core::ops::RangeInclusive;

use tiebreak_kernel::{Ratio, Span};

use crate::when::Spread;

/// What a link does to the messages on it, in one direction. What a node sends to itself goes over a link too.
///
/// A link has no bandwidth: messages do not wait for each other. Unless it is [in order](Link::in_order), a message with a
/// shorter latency overtakes the one before, and of two that arrive at one instant either may be first.
///
/// ```
/// use tiebreak_kernel::{Ratio, Span};
/// use tiebreak_net::Link;
///
/// // From 10 to 30 ms, in steps of 5, and one message of a hundred is lost.
/// let latency = Span::from_millis(10)..=Span::from_millis(30);
/// let link = Link::new(Span::ZERO).latency(latency).in_steps_of(Span::from_millis(5)).loss(Ratio::percent(1));
/// # assert_ne!(link, Link::new(Span::ZERO));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link {
    least: Span,
    spread: Spread,
    loss: Ratio,
    duplication: Ratio,
    sequence: Sequence,
    dead: DeadLetters,
}

/// Whether messages can overtake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sequence {
    Free,
    InOrder,
}

/// What becomes of a message whose receiver crashed while it was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum DeadLetters {
    Dropped,
    Delivered,
}

impl Link {
    /// A link that delivers everything after this latency.
    #[must_use]
    pub const fn new(latency: Span) -> Self {
        Self {
            least: latency,
            spread: Spread::NONE,
            loss: Ratio::ZERO,
            duplication: Ratio::ZERO,
            sequence: Sequence::Free,
            dead: DeadLetters::Dropped,
        }
    }

    /// The same link, with a latency that is drawn anew for each message, to the nanosecond.
    ///
    /// # Panics
    /// If the range is empty.
    #[must_use]
    pub fn latency(self, range: RangeInclusive<Span>) -> Self {
        let (least, most) = range.into_inner();
        let Some(most) = most.checked_sub(least) else { panic!("a latency is drawn from at least one") };
        Self { least, spread: self.spread.up_to(most), ..self }
    }

    /// The same link, with a latency that is drawn in steps: the shortest one, and a whole number of steps more. Then messages
    /// arrive together with other messages and timers, and the order at that instant can be searched.
    ///
    /// # Panics
    /// If the step is [`Span::ZERO`].
    #[must_use]
    pub const fn in_steps_of(self, step: Span) -> Self {
        Self { spread: self.spread.in_steps_of(step), ..self }
    }

    /// The same link, losing this share of messages.
    #[must_use]
    pub const fn loss(self, share: Ratio) -> Self {
        Self { loss: share, ..self }
    }

    /// The same link, delivering this share of messages twice, each with a latency of its own.
    #[must_use]
    pub const fn duplication(self, share: Ratio) -> Self {
        Self { duplication: share, ..self }
    }

    /// The same link, first in, first out, also among messages that arrive at one instant: the stream of bytes of a reliable
    /// transport, cut into messages, as long as the link loses nothing and nobody crashes.
    #[must_use]
    pub const fn in_order(self) -> Self {
        Self { sequence: Sequence::InOrder, ..self }
    }

    /// The same link, delivering to the next life of a node what was on its way when the node crashed, if that has
    /// begun when the message arrives. Otherwise nothing that was meant for a former life arrives.
    #[must_use]
    pub const fn outlives_crashes(self) -> Self {
        Self { dead: DeadLetters::Delivered, ..self }
    }

    pub(crate) const fn least(&self) -> Span {
        self.least
    }

    /// What is drawn beside the least latency; `None` if nothing is.
    pub(crate) fn drawn(&self) -> Option<Spread> {
        (self.spread.steps() > 0).then_some(self.spread)
    }

    pub(crate) fn losing(&self) -> Option<Ratio> {
        is_possible(self.loss)
    }

    pub(crate) fn duplicating(&self) -> Option<Ratio> {
        is_possible(self.duplication)
    }

    pub(crate) fn is_in_order(&self) -> bool {
        self.sequence == Sequence::InOrder
    }

    pub(crate) fn delivers_to_next_life(&self) -> bool {
        self.dead == DeadLetters::Delivered
    }
}

/// The share, unless it is nothing: what never happens is not drawn.
fn is_possible(share: Ratio) -> Option<Ratio> {
    (!share.is_zero()).then_some(share)
}
