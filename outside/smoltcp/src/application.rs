//! What the applications of hosts do, and what they note.

use smoltcp::socket::tcp::State;
use tiebreak::net::{About, Port};
use tiebreak::{Fact, Span, Term};

use crate::host::{Loss, Role};
use crate::scene::{Action, TICK};
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "words are many"))]
use crate::words::*;
use crate::world::{Machine, micros};

impl Machine {
    /// The application of one end does something.
    pub(crate) fn step(&mut self, port: &mut Port<'_, Self>) {
        let last = Action::ALL.iter().position(|action| *action == self.scene.worst).unwrap_or_default();
        let action = Action::ALL[draw_place(port, ACTION, last + 1)];
        let ends = self.roles.len();
        let end = draw_place(port, END, ends);
        let is_open = self.host().socket(end).is_open();
        match action {
            Action::Doze => {
                self.dozes_until = port.now().saturating_add(TICK.saturating_mul(port.draw(PAUSE, 1..=50)));
                self.note(port, end, DOZES, &[]);
            }
            Action::Connect | Action::Write | Action::WriteMore if !is_open => self.open(end, port),
            Action::Rest | Action::Connect => {}
            Action::Write | Action::WriteMore => self.write(end, port),
            Action::Close => self.close(end, port),
            Action::Hold => {
                self.host().ends[end].holds ^= true;
                let holds = self.host().ends[end].holds;
                self.note(port, end, if holds { HOLDS } else { READS }, &[]);
            }
            Action::Abort => {
                self.host().socket(end).abort();
                self.host().ends[end].has_aborted = true;
                self.note(port, end, ABORTS, &[]);
            }
        }
    }

    fn open(&mut self, end: usize, port: &mut Port<'_, Self>) {
        self.connections += 1;
        let key = u32::try_from(self.place).unwrap_or_default() << 24 | self.connections;
        let offset = if self.scene.reuses_ports {
            0
        } else {
            u16::try_from(10 * self.connections).expect("runs are short")
        };
        self.host().open(end, (key, offset), micros(port.now()));
        if let Role::Connects { .. } = self.roles[end] {
            self.note(port, end, CONNECTS, &[Fact::number(KEY, key.into())]);
        }
    }

    fn write(&mut self, end: usize, port: &mut Port<'_, Self>) {
        let most = self.scene.amount;
        let length = port.draw(AMOUNT, 4..=most);
        if self.host().write(end, length).is_some_and(|written| written > 0) {
            let total = self.host().ends[end].outgoing.total;
            self.note(port, end, WRITES, &[Fact::number(LENGTH, length), Fact::number(TOTAL, total)]);
        }
    }

    fn close(&mut self, end: usize, port: &mut Port<'_, Self>) {
        let state = self.host().socket(end).state();
        let is_early = state == State::SynReceived && !self.scene.closes_early;
        if !self.host().socket(end).is_active() || is_early {
            return;
        }
        self.host().ends[end].has_aborted |= state == State::SynSent;
        self.host().socket(end).close();
        let outgoing = self.host().ends[end].outgoing;
        let facts =
            [Fact::number(KEY, outgoing.key.into()), Fact::number(TOTAL, outgoing.total), named(state)];
        self.note(port, end, CLOSES, &facts);
    }

    /// The application of an end looks what has become of it, reads, and opens it again if it listens. Returns whether there is
    /// more to read.
    pub(crate) fn attend(&mut self, end: usize, port: &mut Port<'_, Self>) -> bool {
        let now = micros(port.now());
        if let Some(loss) = self.host().look(end, now) {
            self.note_loss(end, loss, port);
        }
        let is_hungry = self.read(end, port);
        if matches!(self.roles[end], Role::Listens { .. }) && !self.host().socket(end).is_open() && !is_hungry
        {
            self.open(end, port);
        }
        let is_open = matches!(self.host().socket(end).state(), State::Established | State::CloseWait);
        if self.is_settling && is_open {
            self.close(end, port);
        }
        is_hungry
    }

    fn read(&mut self, end: usize, port: &mut Port<'_, Self>) -> bool {
        let (holds, was_finished) = (self.host().ends[end].holds, self.host().ends[end].is_finished);
        let was_wrong = self.host().ends[end].incoming.wrong.is_some();
        if holds && !self.is_settling {
            return false;
        }
        let is_hungry = self.host().read(end);
        let incoming = self.host().ends[end].incoming;
        let key = Fact::number(KEY, incoming.key().unwrap_or_default().into());
        if let Some(place) = incoming.wrong.filter(|_| !was_wrong) {
            self.note(port, end, CORRUPT, &[key, Fact::number(PLACE, place)]);
        }
        if self.host().ends[end].is_finished && !was_finished {
            self.note(port, end, FINISHED, &[key, Fact::number(TOTAL, incoming.total)]);
        }
        is_hungry
    }

    fn note_loss(&mut self, end: usize, loss: Loss, port: &mut Port<'_, Self>) {
        match loss {
            Loss::Reset { from } => self.note(port, end, RESET, &[named(from)]),
            Loss::TimedOut { from, silent } => {
                let limit = self.host().settings.timeout.unwrap_or_default();
                let facts = [
                    named(from),
                    Fact::span(SILENT, Span::from_micros(silent.total_micros())),
                    Fact::span(LIMIT, Span::from_millis(limit)),
                ];
                self.note(port, end, TIMED_OUT, &facts);
            }
        }
    }

    /// Notes something of an end, by the port of the one that has connected.
    pub(crate) fn note(&mut self, port: &mut Port<'_, Self>, end: usize, kind: Term, facts: &[Fact<About>]) {
        let number = match self.roles[end] {
            Role::Connects { port, .. } => port.into(),
            Role::Listens { .. } => end as u64,
        };
        port.note(kind, number, facts);
    }
}

/// The state of a socket, as a fact.
pub(crate) fn named(state: State) -> Fact<About> {
    Fact::text(
        STATE,
        match state {
            State::Closed => "closed",
            State::Listen => "listen",
            State::SynSent => "syn-sent",
            State::SynReceived => "syn-received",
            State::Established => "established",
            State::FinWait1 => "fin-wait-1",
            State::FinWait2 => "fin-wait-2",
            State::CloseWait => "close-wait",
            State::Closing => "closing",
            State::LastAck => "last-ack",
            State::TimeWait => "time-wait",
        },
    )
}

/// Draws one of a few values; of one alone nothing is drawn.
pub(crate) fn pick<T: Copy>(port: &mut Port<'_, Machine>, purpose: Term, values: &[T]) -> T {
    values[draw_place(port, purpose, values.len())]
}

pub(crate) fn draw_place(port: &mut Port<'_, Machine>, purpose: Term, count: usize) -> usize {
    if count < 2 {
        return 0;
    }
    usize::try_from(port.draw(purpose, 0..=count as u64 - 1)).expect("a count is a usize")
}
