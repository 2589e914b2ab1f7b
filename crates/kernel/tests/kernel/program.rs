//! Random programs for the stage: lanes, phases, cancelled heads, moves to the open instant.

use tiebreak_kernel::{Lane, Phase, Place, mix};

use crate::stage::{Act, Event, event};

/// A generator of programs.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0) % sides
    }
}

/// A random program: ids and lanes of its own, phases and actors shared with others.
pub(crate) struct Program<'a> {
    dice: &'a mut Dice,
    first: u64,
    made: u64,
    lane: u32,
}

impl Program<'_> {
    pub(crate) fn write(dice: &mut Dice, first: u64, lane: u32) -> Vec<Act> {
        let count = 1 + dice.roll(6);
        let mut program = Program { dice, first, made: 0, lane };
        (0..count).map(|_| Act::At(program.dice.roll(2), program.place(), program.event(3))).collect()
    }

    fn event(&mut self, depth: u64) -> Event {
        // Few names, so that some are alike; ids stay apart.
        let id = self.first + self.made;
        self.made += 1;
        let mut made = Event { id, ..event(self.dice.roll(6)) };
        for _ in 0..self.dice.roll(4) {
            if depth > 0 {
                let act = self.act(depth - 1);
                made = made.then(act);
            }
        }
        made
    }

    fn act(&mut self, depth: u64) -> Act {
        let known = self.first + self.dice.roll(self.made);
        match self.dice.roll(8) {
            0 | 1 => Act::Cancel(known),
            2 => Act::Reschedule(known, self.dice.roll(3)),
            3 => Act::After(1, self.place(), self.event(depth)),
            _ => Act::After(0, self.place(), self.event(depth)),
        }
    }

    /// Free in one of three phases, or in one of three lanes, each in a phase of its own.
    fn place(&mut self) -> Place {
        let number = u8::try_from(self.dice.roll(3)).expect("small");
        let phase = Phase::new(number, "drawn");
        if self.dice.roll(2) == 0 {
            return Place::FREE.phase(phase);
        }
        Place::lane(Lane::new(self.lane + u32::from(number))).phase(phase)
    }
}
