//! Questions with more than one answer: draws by name, and the streams that answer them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::hash::{Hash, Hasher};
use core::num::NonZeroU32;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng, TryRng};

use crate::guidance::{Frontier, Guidance};
use crate::mix::{fold, mix};
use crate::name::{Actor, Names, Term};

/// Where a draw is made: the actor (by the hash of its name) and the purpose. Each site has a stream of its own, so
/// that one more draw at one site moves nothing at any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    actor: u64,
    purpose: u64,
}

impl Site {
    /// The site of the actor whose name hashes to `actor`, for one purpose.
    #[must_use]
    pub const fn new(actor: u64, purpose: Term) -> Self {
        Self { actor, purpose: purpose.code() }
    }

    /// Returns the stable code of the site: the number of its stream.
    #[must_use]
    pub const fn code(self) -> u64 {
        fold(self.actor, self.purpose)
    }
}

/// A probability as a ratio of whole numbers, between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u32,
    denominator: NonZeroU32,
}

impl Ratio {
    /// Never.
    pub const ZERO: Self = Self::percent(0);
    /// Always.
    pub const ONE: Self = Self::percent(100);

    /// Returns so many in a hundred.
    ///
    /// # Panics
    /// If there are more than 100.
    #[must_use]
    pub const fn percent(count: u32) -> Self {
        match Self::new(count, 100) {
            Some(ratio) => ratio,
            None => panic!("a probability is at most 100 percent"),
        }
    }

    /// Returns so many in a thousand.
    ///
    /// # Panics
    /// If there are more than 1000.
    #[must_use]
    pub const fn permille(count: u32) -> Self {
        match Self::new(count, 1000) {
            Some(ratio) => ratio,
            None => panic!("a probability is at most 1000 permille"),
        }
    }

    /// Returns `numerator / denominator`, or `None` if that is not a number between 0 and 1.
    #[must_use]
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        match NonZeroU32::new(denominator) {
            Some(denominator) if numerator <= denominator.get() => Some(Self { numerator, denominator }),
            _ => None,
        }
    }

    /// Whether it is [`ZERO`](Self::ZERO), or another way to write it.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Returns the numerator, at most the denominator.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// Returns the denominator, at least 1.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator.get()
    }
}

/// Answers the questions of a run. [`Streams`] answers draws from the seed and leaves the order of simultaneous events to
/// the order policy. An explorer records, replays and fixes draws, and takes part in the order.
pub trait Choices {
    /// Draws a whole number between `low` and `high`, both included.
    ///
    /// # Panics
    /// If `low` exceeds `high`.
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64;

    /// Draws yes with the given probability: a number below the denominator is below the numerator.
    fn chance(&mut self, site: Site, probability: Ratio) -> bool {
        let drawn = self.number(site, 0, u64::from(probability.denominator.get()) - 1);
        drawn < u64::from(probability.numerator)
    }

    /// Draws an order: permutes `items` evenly (Fisher and Yates, from the last place down; one number for each place
    /// but the first).
    fn permute(&mut self, site: Site, items: &mut [u32]) {
        for last in (1..items.len()).rev() {
            let other = self.number(site, 0, last as u64);
            items.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }

    /// Is told before each draw what its site is called. Not told when a [`Stream`] that the world keeps is drawn from.
    fn introduce(&mut self, _site: Site, _names: &Names, _actor: Actor, _purpose: Term) {}

    /// Returns how far these choices take part in the order of simultaneous events. The answer is the same for a whole
    /// run. With [`Guidance::None`], which is the default, none of the methods below is called.
    fn guidance(&self) -> Guidance {
        Guidance::None
    }

    /// Whether an event must wait that could run now. It is asked again after each event that runs; that one counts as
    /// what enabled the event when the answer is no. At the open instant alone: what waits is
    /// [released](Choices::release) before the next phase, and before the instant ends.
    ///
    /// `event` is a frontier of one event.
    fn must_wait(&mut self, _event: &Frontier<'_>) -> bool {
        false
    }

    /// Is told that an event runs although it was to wait, because nothing else of its phase is left. It is not asked
    /// about this event again.
    fn release(&mut self, _event: &Frontier<'_>) {}

    /// Chooses which of several events runs next, by its number in the frontier: the events of the lowest phase and band
    /// that need not wait. A number that is too large means the last. Called only with [`Guidance::Picks`] and
    /// [`Guidance::Chooses`].
    fn choose(&mut self, _frontier: &Frontier<'_>) -> usize {
        0
    }

    /// Is told of each event right before it runs, also of one that is alone at its instant. It is a frontier of one event.
    fn run(&mut self, _event: &Frontier<'_>) {}
}

impl<C: Choices> Choices for &mut C {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        (**self).number(site, low, high)
    }

    fn chance(&mut self, site: Site, probability: Ratio) -> bool {
        (**self).chance(site, probability)
    }

    fn permute(&mut self, site: Site, items: &mut [u32]) {
        (**self).permute(site, items);
    }

    fn introduce(&mut self, site: Site, names: &Names, actor: Actor, purpose: Term) {
        (**self).introduce(site, names, actor, purpose);
    }

    fn guidance(&self) -> Guidance {
        (**self).guidance()
    }

    fn must_wait(&mut self, event: &Frontier<'_>) -> bool {
        (**self).must_wait(event)
    }

    fn release(&mut self, event: &Frontier<'_>) {
        (**self).release(event);
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        (**self).choose(frontier)
    }

    fn run(&mut self, event: &Frontier<'_>) {
        (**self).run(event);
    }
}

/// One named stream: `ChaCha8` keyed by the seed, numbered by the site.
///
/// Its 256-bit key is four words of 64 bits, little-endian, the word `part` being `mix(fold(seed, part))` for `part` 0 to
/// 3. The block counter starts at 0; the other 64 bits of the input block, the stream number, are [`Site::code`]. A drawn
/// `u64` is the next two 32-bit words of the key stream, the lower half first.
///
/// It implements the `rand_core` traits, so that a user's own code may draw through `rand`; values drawn that way are
/// as stable as the release of `rand` they pass through, those of [`Choices`] as stable as the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Opens the stream of a site under a seed, at its beginning.
    #[must_use]
    pub fn open(seed: u64, site: Site) -> Self {
        let mut key = [0; 32];
        for (part, chunk) in key.chunks_exact_mut(8).enumerate() {
            chunk.copy_from_slice(&mix(fold(seed, part as u64)).to_le_bytes());
        }
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(site.code());
        Self(stream)
    }

    /// Draws a whole number between `low` and `high`, both included, each equally likely.
    ///
    /// Widening multiplication: of `drawn × count` the upper 64 bits are the result; where the lower 64 bits are less
    /// than 2⁶⁴ mod `count` they would favour some results, and another is drawn. A range of one number draws too, so
    /// that how often a stream is asked does not depend on the ranges; the full range takes the draw as it is.
    ///
    /// # Panics
    /// If `low` exceeds `high`.
    pub fn number(&mut self, low: u64, high: u64) -> u64 {
        assert!(low <= high, "a range of numbers holds at least one");
        let Some(count) = (high - low).checked_add(1) else {
            return self.0.next_u64();
        };
        let unfair = count.wrapping_neg() % count;
        loop {
            let wide = u128::from(self.0.next_u64()) * u128::from(count);
            let [fraction, whole] = [wide & u128::from(u64::MAX), wide >> 64];
            if fraction >= u128::from(unfair) {
                return low + u64::try_from(whole).unwrap_or(count - 1);
            }
        }
    }
}

/// By its seed, its site and its position.
impl Hash for Stream {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.get_seed(), self.0.get_stream(), self.0.get_word_pos()).hash(state);
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

/// The usual [`Choices`]: answers from the named streams of a seed, each opened at its first draw.
#[derive(Debug, Clone)]
pub struct Streams {
    seed: u64,
    /// Apart from what finds them: a stream is large.
    open: Vec<Stream>,
    places: BTreeMap<Site, usize>,
}

/// By their seed and what is open, in whatever order it was opened.
impl Hash for Streams {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { seed, open, places } = self;
        (seed, open.len()).hash(state);
        for (site, place) in places {
            (site, &open[*place]).hash(state);
        }
    }
}

impl Streams {
    /// Makes the streams of a seed; none is open yet.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, open: Vec::new(), places: BTreeMap::new() }
    }

    fn stream(&mut self, site: Site) -> &mut Stream {
        let Self { seed, open, places } = self;
        let place = *places.entry(site).or_insert_with(|| {
            open.push(Stream::open(*seed, site));
            open.len() - 1
        });
        &mut open[place]
    }
}

impl Choices for Streams {
    fn number(&mut self, site: Site, low: u64, high: u64) -> u64 {
        self.stream(site).number(low, high)
    }
}

/// The draws of one site as a `rand_core` generator: each 64 bits are one question to the run's [`Choices`].
#[derive(Debug)]
pub struct Draws<'a, C: ?Sized> {
    pub(crate) choices: &'a mut C,
    pub(crate) site: Site,
}

impl<C: Choices + ?Sized> TryRng for Draws<'_, C> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.choices.number(self.site, 0, u64::from(u32::MAX))).unwrap_or(u32::MAX))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.choices.number(self.site, 0, u64::MAX))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.choices.number(self.site, 0, u64::MAX).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}
