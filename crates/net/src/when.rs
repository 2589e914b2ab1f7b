//! Instants that may be drawn.

use core::ops::RangeInclusive;

use tiebreak_kernel::{Actor, Context, Instant, Span, Subject, Term};

/// An instant, or a range of which one is drawn.
///
/// What is drawn to the nanosecond practically never coincides with anything. In steps it does, and then the order at that
/// instant can be searched.
///
/// ```
/// use tiebreak_kernel::{Instant, Span};
/// use tiebreak_net::When;
///
/// let exactly = When::from(Instant::from_secs(2));
/// let some_time = When::within(Instant::from_secs(1)..=Instant::from_secs(3)).in_steps_of(Span::from_millis(100));
/// # assert_ne!(exactly, some_time);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct When {
    first: Instant,
    spread: Spread,
}

impl When {
    /// An instant of a range, drawn to the nanosecond.
    ///
    /// # Panics
    /// If the range is empty.
    #[must_use]
    pub fn within(range: RangeInclusive<Instant>) -> Self {
        let (first, last) = range.into_inner();
        let Some(span) = last.checked_since(first) else { panic!("an instant is drawn from at least one") };
        Self { first, spread: Spread::new(span) }
    }

    /// The same, a whole number of steps after the beginning of the range.
    ///
    /// # Panics
    /// If the step is [`Span::ZERO`].
    #[must_use]
    pub const fn in_steps_of(self, step: Span) -> Self {
        Self { spread: self.spread.in_steps_of(step), ..self }
    }

    pub(crate) fn draw<E, S: Subject>(
        self,
        actor: Actor,
        purpose: Term,
        context: &mut Context<'_, E, S>,
    ) -> Instant {
        self.first.saturating_add(self.spread.draw(actor, purpose, context))
    }
}

impl From<Instant> for When {
    fn from(instant: Instant) -> Self {
        Self { first: instant, spread: Spread::NONE }
    }
}

impl From<RangeInclusive<Instant>> for When {
    /// As [`When::within`], with its panic if the range is empty.
    fn from(range: RangeInclusive<Instant>) -> Self {
        Self::within(range)
    }
}

/// A span that is drawn, from nothing up to a number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Spread {
    most: Span,
    step: Span,
}

impl Spread {
    pub(crate) const NONE: Self = Self::new(Span::ZERO);

    /// Up to this span, to the nanosecond.
    pub(crate) const fn new(most: Span) -> Self {
        Self { most, step: Span::from_nanos(1) }
    }

    /// The same steps, up to this span.
    pub(crate) const fn up_to(self, most: Span) -> Self {
        Self { most, ..self }
    }

    pub(crate) const fn in_steps_of(self, step: Span) -> Self {
        assert!(step.as_nanos() > 0, "a step takes some time");
        Self { step, ..self }
    }

    /// The greatest number of steps.
    pub(crate) const fn steps(self) -> u64 {
        self.most.as_nanos() / self.step.as_nanos()
    }

    /// Draws, unless there is nothing to draw.
    pub(crate) fn draw<E, S: Subject>(
        self,
        actor: impl Into<Actor>,
        purpose: Term,
        context: &mut Context<'_, E, S>,
    ) -> Span {
        match self.steps() {
            0 => Span::ZERO,
            most => self.step * context.draw(actor, purpose, 0..=most),
        }
    }
}
