//! The events that were dispatched lately, by their codes.

use alloc::vec::Vec;

/// A window has at most so many places: 1.5 MiB.
const PLACES_MAX: usize = 1 << 16;
const PLACES_MIN: usize = 1 << 6;

/// An event: its code, its number among the events of the run from 1, and the place of its name. The number 0 is none.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    code: u64,
    event: u64,
    name: u32,
}

/// Finds events by their codes among those of late. Each event has one place, by the low bits of its code, and takes it from
/// the event that was there: what is not found any more is told by its code, which takes 8 bytes.
///
/// It doubles with the number of events up to 65,536 places. Of the event 10,000 back it then finds six in seven.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    places: Vec<Place>,
}

impl Window {
    /// Enters the event with this number.
    #[inline]
    pub(crate) fn enter(&mut self, code: u64, event: u64, name: u32) {
        if event > self.places.len() as u64 / 2 && self.places.len() < PLACES_MAX {
            self.grow();
        }
        let place = self.place(code);
        self.places[place] = Place { code, event, name };
    }

    /// Returns the number of the event with this code and the place of its name, if it is still there.
    pub(crate) fn find(&self, code: u64) -> Option<(u64, u32)> {
        let place = self.places.get(self.place(code))?;
        (place.code == code && place.event > 0).then_some((place.event, place.name))
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(PLACES_MIN);
        let old = core::mem::replace(&mut self.places, alloc::vec![Place::default(); size]);
        for place in old.into_iter().filter(|place| place.event > 0) {
            let at = self.place(place.code);
            if self.places[at].event < place.event {
                self.places[at] = place;
            }
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn place(&self, code: u64) -> usize {
        code as usize & self.places.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::mix;

    #[test]
    fn late_events_are_found_and_the_window_stays_bounded() {
        let mut window = Window::default();
        assert_eq!(window.find(7), None);
        for event in 1..=200_000 {
            window.enter(mix(event), event, 3);
            assert_eq!(window.find(mix(event)), Some((event, 3)));
        }
        let found =
            |from: u64| (from..from + 1000).filter(|event| window.find(mix(*event)).is_some()).count();
        assert_eq!(window.places.len(), PLACES_MAX);
        assert!(found(199_000) > 980, "{}", found(199_000));
        assert!((800..920).contains(&found(189_500)), "{}", found(189_500));
        assert_eq!(window.find(1), None);
    }
}
