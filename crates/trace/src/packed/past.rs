//! The events that were dispatched lately, by their codes.

use alloc::vec::Vec;

/// So many events are kept: 1 MiB. And a quarter of that by which to find them, once one is asked for.
const EVENTS: usize = 1 << 16;

/// Finds events by their codes among those of late.
///
/// Most events need not be found, because they are the expected cause of others. So keeping one is a write behind the last
/// one, and only a search sorts in those that came since the search before. Each event then has one place, by the low bits of
/// its code, and takes it from the event that was there: what is not found any more is told by its code, which takes 8
/// bytes. Of the event 10,000 back it finds six in seven.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    /// The code of an event and the place of its name, by the low bits of the event's number. Empty before the first event.
    events: Vec<[u64; 2]>,
    /// The low bits of the number of an event, by the low bits of its code. Empty before the first search.
    places: Vec<u32>,
    /// Events up to this number are in `places`.
    sorted: u64,
}

impl Past {
    /// Keeps the event with this number (they count from 1), which is one after that of the event before: its code, and the
    /// place of its name.
    #[inline]
    pub(crate) fn keep(&mut self, number: u64, code: u64, name: u32) {
        let event = [code, u64::from(name)];
        match self.events.get_mut(place(number)) {
            Some(place) => *place = event,
            None => self.keep_first(number, event),
        }
    }

    #[cold]
    fn keep_first(&mut self, number: u64, event: [u64; 2]) {
        self.events = alloc::vec![[0; 2]; EVENTS];
        self.events[place(number)] = event;
    }

    /// Returns the number of the event with this code and the place of its name, if it is still there; `last` is the number
    /// of the last event.
    pub(crate) fn find(&mut self, code: u64, last: u64) -> Option<(u64, u32)> {
        if last == 0 {
            return None;
        }
        self.sort_in(last);
        let back = low_bits(last).wrapping_sub(self.places[place(code)]);
        let number = last.checked_sub(u64::from(back)).filter(|number| *number > 0)?;
        // Each code that is kept has been sorted in, so that the code alone says that it is this event.
        let is_it = self.code(number) == code;
        is_it.then(|| (number, low_bits(self.events[place(number)][1])))
    }

    /// The code of an event that is kept.
    fn code(&self, number: u64) -> u64 {
        self.events[place(number)][0]
    }

    fn sort_in(&mut self, last: u64) {
        if self.places.is_empty() {
            self.places = alloc::vec![0; EVENTS];
        }
        let first = self.sorted.max(last.saturating_sub(EVENTS as u64));
        for number in first + 1..=last {
            let code = self.code(number);
            self.places[place(code)] = low_bits(number);
        }
        self.sorted = last;
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
const fn place(bits: u64) -> usize {
    bits as usize & (EVENTS - 1)
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
const fn low_bits(bits: u64) -> u32 {
    bits as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::mix;

    fn code(number: u64) -> u64 {
        mix(number)
    }

    /// Keeps an event.
    fn keep(past: &mut Past, number: u64) {
        past.keep(number, code(number), low_bits(number) % 5);
    }

    #[test]
    fn late_events_are_found_and_what_is_kept_stays_bounded() {
        let mut past = Past::default();
        assert_eq!(past.find(7, 0), None);
        for number in 1..=200_000 {
            keep(&mut past, number);
            if number % 7 < 2 {
                assert_eq!(past.find(code(number), number), Some((number, low_bits(number) % 5)));
            }
        }
        let mut found = |from: u64| {
            (from..from + 1000).filter(|event| past.find(code(*event), 200_000).is_some()).count()
        };
        assert!(found(199_000) > 980, "{}", found(199_000));
        assert!((800..920).contains(&found(189_500)), "{}", found(189_500));
        assert_eq!(found(1), 0);
        assert_eq!(past.find(1, 200_000), None, "what was never kept");
        assert_eq!((past.events.len(), past.places.len()), (EVENTS, EVENTS));
    }

    #[test]
    fn an_event_is_found_when_nothing_was_sought_for_long() {
        let mut past = Past::default();
        let last = 3 * EVENTS as u64;
        (1..=last).for_each(|number| keep(&mut past, number));
        assert_eq!(past.find(code(last - 1000), last).map(|found| found.0), Some(last - 1000));
        assert_eq!(past.find(code(last), last).map(|found| found.0), Some(last));
        assert_eq!(past.find(code(last - EVENTS as u64), last), None);
        keep(&mut past, last + 1);
        assert_eq!(past.find(code(last + 1), last + 1).map(|found| found.0), Some(last + 1));
    }
}
