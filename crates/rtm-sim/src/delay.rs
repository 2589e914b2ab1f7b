//! How long things take, and how it is drawn.

use tiebreak::{Context, Span, Symbol, Term};

use crate::event::Event;
use crate::subject::Subject;

/// How long something of a client's callbacks takes: until a callback that is due runs, or until one that runs returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Delay {
    /// No time.
    #[default]
    None,
    /// Always that much later.
    Constant(Span),
    /// Drawn for each callback between the two, both included, in the coarsest unit of time (s, ms, µs or ns) that both are
    /// whole multiples of. A run in which the first is longer than the second panics.
    Drawn(Span, Span),
}

/// How long something takes this time.
pub(crate) fn draw(
    delay: Delay,
    actor: Symbol,
    purpose: Term,
    context: &mut Context<'_, Event, Subject>,
) -> Span {
    match delay {
        Delay::None => Span::ZERO,
        Delay::Constant(span) => span,
        Delay::Drawn(min, max) => draw_span((min, max), 1, (actor, purpose), context),
    }
}

/// Draws a span between two, both included, in parts of their coarsest unit, so many to one.
pub(crate) fn draw_span(
    (min, max): (Span, Span),
    parts: u64,
    (actor, purpose): (Symbol, Term),
    context: &mut Context<'_, Event, Subject>,
) -> Span {
    let unit = (shared_unit(min, max) / parts).max(1);
    let units = min.as_nanos() / unit..=max.as_nanos() / unit;
    Span::from_nanos(unit) * context.draw(actor, purpose, units)
}

/// The coarsest unit of time that both spans are whole multiples of, in nanoseconds: delays are drawn in it, so that they
/// read as the scenario does.
fn shared_unit(min: Span, max: Span) -> u64 {
    let units = [1_000_000_000, 1_000_000, 1_000];
    let is_shared = |unit: &u64| min.as_nanos() % unit == 0 && max.as_nanos() % unit == 0;
    units.into_iter().find(is_shared).unwrap_or(1)
}
