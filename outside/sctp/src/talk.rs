//! An association, and the application that uses it: it opens streams, writes, reads and closes, as draws say.

use std::collections::BTreeMap;

use sctp_proto::{Association, Event, PayloadProtocolIdentifier, ReliabilityType, Stream, StreamEvent};
use tiebreak::net::{About, NodeId};
use tiebreak::{Fact, Span, Term};
use tiebreak_outside_shown::timed;

use crate::host::{Place, Setup, Timer};
use crate::words::{
    ASSOCIATION, BYTES, CLOSED, CLOSES, CLOSING, CONNECTED, CONNECTING, ESTABLISHED, FINISHED, GENERATION,
    GONE, GOT, HANDSHAKE_FAILED, NUMBER, OPENED, OPENS, PAUSE, REASON, RESET_COMPLETE, RESET_FAILED,
    SHUTS_DOWN, SIZE, SOUND, WHAT, WHICH, WROTE,
};

/// How messages of a stream are delivered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kind {
    /// Whether they come in the order in which they were written.
    pub is_ordered: bool,
    /// What is done for those that are lost.
    pub effort: ReliabilityType,
    /// For how many retransmissions, or milliseconds, it is done.
    pub value: u32,
}

impl Kind {
    /// The kind of a stream: hosts agree on it by its number. Even numbers are opened by one side, odd ones by the other.
    pub(crate) fn of(kinds: &[Self], stream: impl Into<u64>) -> Self {
        kinds[index(stream.into() / 2) % kinds.len()]
    }
}

/// A stream as its user knows it.
struct Channel {
    /// Which one it is of all that its host has had: two uses of one number differ in it.
    generation: u16,
    written: u16,
}

/// An association, and what its application knows of it.
pub(crate) struct Talk {
    pub(crate) association: Association,
    pub(crate) peer: NodeId,
    /// Which one it is on its host.
    number: usize,
    pause: Span,
    burst: u64,
    closes: bool,
    kinds: &'static [Kind],
    /// The streams that are open for writing.
    channels: BTreeMap<u16, Channel>,
    generation: u16,
    has_left: bool,
}

impl Talk {
    pub(crate) fn new(
        association: Association,
        (number, peer): (usize, NodeId),
        setup: &Setup,
        life: u32,
    ) -> Self {
        let generation = u16::try_from(life).unwrap_or(0) << 12 | u16::try_from(number).unwrap_or(0) << 8;
        let Setup { pause, burst, closes, kinds, .. } = *setup;
        Self {
            association,
            peer,
            number,
            pause,
            burst,
            closes,
            kinds,
            channels: BTreeMap::new(),
            generation,
            has_left: false,
        }
    }

    pub(crate) fn state(&self) -> Term {
        match &self.association {
            association if association.is_closed() && self.has_left => CLOSED,
            association if association.is_handshaking() => CONNECTING,
            association if association.is_closed() => CLOSED,
            association if association.is_closing() => CLOSING,
            _ => ESTABLISHED,
        }
    }

    pub(crate) fn buffered(&mut self) -> u64 {
        let streams = self.association.stream_ids();
        let amounts =
            streams.into_iter().filter_map(|id| self.association.stream(id).ok()?.buffered_amount().ok());
        amounts.map(|amount| amount as u64).sum()
    }
}

/// What the application does.
impl Talk {
    /// Does something that is drawn, if the association is up.
    pub(crate) fn act(&mut self, port: &mut Place<'_>) {
        if self.state() != ESTABLISHED {
            return;
        }
        match port.draw(WHAT, 0..=if self.closes { 9 } else { 7 }) {
            0..=3 => self.write_one(port),
            4 | 5 => self.write_many(port),
            6 | 7 => self.open_one(port),
            _ => self.close_one(port),
        }
    }

    pub(crate) fn shut_down(&mut self, port: &mut Place<'_>) {
        if timed(|| self.association.shutdown()).is_ok() {
            self.channels.clear();
            port.note(SHUTS_DOWN, port.symbol(self.peer), &[]);
        }
    }

    fn write_one(&mut self, port: &mut Place<'_>) {
        let Some(stream) = choose(&self.channels, port) else { return };
        let size = [8, 600, 1200, 5000][index(port.draw(SIZE, 0..=3))];
        self.write(stream, size, port);
    }

    fn write_many(&mut self, port: &mut Place<'_>) {
        let Some(stream) = choose(&self.channels, port) else { return };
        for _ in 0..port.draw(SIZE, 2..=self.burst) {
            self.write(stream, 5, port);
        }
    }

    fn open_one(&mut self, port: &mut Place<'_>) {
        let side = u64::from(port.id().index() % 2);
        let stream = 2 * port.draw(WHICH, 0..=self.kinds.len() as u64 - 1) + side;
        let stream = u16::try_from(stream).expect("there are few streams");
        let Ok(mut opened) =
            timed(|| self.association.open_stream(stream, PayloadProtocolIdentifier::Binary))
        else {
            return;
        };
        prefer(&mut opened, Kind::of(self.kinds, stream));
        self.begin(stream, OPENS, port);
        self.write(stream, 8, port);
    }

    fn close_one(&mut self, port: &mut Place<'_>) {
        let Some(stream) = choose(&self.channels, port) else { return };
        self.channels.remove(&stream);
        let close = |association: &mut Association| association.stream(stream)?.close();
        timed(|| close(&mut self.association)).expect("a stream of an established association can be closed");
        port.note(CLOSES, About::Of(port.symbol(self.peer).into(), stream.into()), &[]);
    }

    /// Writes a message that says which one it is: its generation, its number in it, and the number again to the end.
    fn write(&mut self, stream: u16, size: usize, port: &mut Place<'_>) {
        let Some(channel) = self.channels.get_mut(&stream) else { return };
        let [high, low] = channel.written.to_be_bytes();
        let mut message = vec![low; size];
        message[..2].copy_from_slice(&channel.generation.to_be_bytes());
        message[2..4].copy_from_slice(&[high, low]);
        let write = |association: &mut Association| {
            association.stream(stream)?.write_with_ppi(&message, PayloadProtocolIdentifier::Binary)
        };
        if timed(|| write(&mut self.association)).is_err() {
            return; // A reset that has begun forbids it, which the application hears of later.
        }
        let facts = [
            Fact::number(GENERATION, channel.generation.into()),
            Fact::number(NUMBER, channel.written.into()),
            Fact::number(BYTES, size as u64),
        ];
        channel.written += 1;
        port.note(WROTE, About::Of(port.symbol(self.peer).into(), stream.into()), &facts);
    }

    /// Reads what there is on a stream.
    pub(crate) fn read(&mut self, stream: u16, port: &mut Place<'_>) {
        let about = About::Of(port.symbol(self.peer).into(), stream.into());
        while let Some(message) = timed(|| take(&mut self.association, stream)) {
            let [a, b, high, low, rest @ ..] = message.as_slice() else {
                port.note(GOT, about, &[Fact::truth(SOUND, false)]);
                continue;
            };
            let is_sound = rest.iter().all(|byte| byte == low);
            let facts = [
                Fact::number(GENERATION, u16::from_be_bytes([*a, *b]).into()),
                Fact::number(NUMBER, u16::from_be_bytes([*high, *low]).into()),
                Fact::truth(SOUND, is_sound),
            ];
            port.note(GOT, about, &facts);
        }
    }

    fn begin(&mut self, stream: u16, how: Term, port: &mut Place<'_>) {
        self.generation += 1;
        self.channels.insert(stream, Channel { generation: self.generation, written: 0 });
        let facts =
            [Fact::number(GENERATION, self.generation.into()), Fact::number(ASSOCIATION, self.number as u64)];
        port.note(how, About::Of(port.symbol(self.peer).into(), stream.into()), &facts);
    }
}

/// What the application hears.
impl Talk {
    /// Takes in all that the machine tells; returns whether that is anything.
    pub(crate) fn listen(&mut self, port: &mut Place<'_>) -> bool {
        let mut events: Vec<Event> = std::iter::from_fn(|| timed(|| self.association.poll())).collect();
        // The machine walks over maps in the order of random hashes: which of several streams it calls readable first
        // is another one in each process. It means nothing.
        for run in events.chunk_by_mut(|one, other| readable(one).is_some() && readable(other).is_some()) {
            run.sort_by_key(readable);
        }
        let was_told = !events.is_empty();
        for event in events {
            self.hear(event, port);
        }
        was_told
    }

    fn hear(&mut self, event: Event, port: &mut Place<'_>) {
        let which = [Fact::number(ASSOCIATION, self.number as u64)];
        let peer = port.symbol(self.peer);
        match event {
            Event::Connected => port.note(CONNECTED, peer, &which),
            Event::HandshakeFailed { .. } => port.note(HANDSHAKE_FAILED, peer, &which),
            Event::AssociationLost { reason } => {
                self.channels.clear();
                self.has_left = true;
                port.note(GONE, peer, &[which[0], Fact::text(REASON, &reason.to_string())]);
            }
            Event::Stream(event) => self.hear_of_stream(&event, port),
            _ => {}
        }
    }

    fn hear_of_stream(&mut self, event: &StreamEvent, port: &mut Place<'_>) {
        let which = [Fact::number(ASSOCIATION, self.number as u64)];
        let about = |id: u16, port: &Place<'_>| About::Of(port.symbol(self.peer).into(), id.into());
        match *event {
            StreamEvent::Opened { id } => {
                timed(|| while self.association.accept_stream().is_some() {});
                if let Ok(mut opened) = self.association.stream(id) {
                    prefer(&mut opened, Kind::of(self.kinds, id));
                }
                self.begin(id, OPENED, port);
            }
            StreamEvent::Readable { id } if self.pause == Span::ZERO => self.read(id, port),
            StreamEvent::Readable { id } => {
                let pause = port.draw_span(PAUSE, Span::ZERO..=self.pause);
                port.submit_after(pause, Timer::Read(self.number, id));
            }
            StreamEvent::Finished { id } => {
                self.channels.remove(&id);
                port.note(FINISHED, about(id, port), &which);
            }
            StreamEvent::ResetComplete { id } => port.note(RESET_COMPLETE, about(id, port), &which),
            StreamEvent::ResetFailed { id, reason } => {
                let reason = Fact::text(REASON, &format!("{reason:?}"));
                port.note(RESET_FAILED, about(id, port), &[which[0], reason]);
            }
            _ => {}
        }
    }
}

/// Reads one message, if there is one.
fn take(association: &mut Association, stream: u16) -> Option<Vec<u8>> {
    let chunks = association.stream(stream).ok()?.read().ok()??;
    let mut message = vec![0; chunks.len()];
    chunks.read(&mut message).expect("a message fits into its length");
    Some(message)
}

/// The stream that an event calls readable.
fn readable(event: &Event) -> Option<u16> {
    match event {
        Event::Stream(StreamEvent::Readable { id }) => Some(*id),
        _ => None,
    }
}

fn prefer(stream: &mut Stream<'_>, kind: Kind) {
    let set = stream.set_reliability_params(!kind.is_ordered, kind.effort, kind.value);
    set.expect("a stream that is there can be set up");
}

/// Draws one of the streams that are open for writing.
fn choose(channels: &BTreeMap<u16, Channel>, port: &mut Place<'_>) -> Option<u16> {
    let most = (channels.len() as u64).checked_sub(1)?;
    channels.keys().nth(index(port.draw(WHICH, 0..=most))).copied()
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("there are few of anything")
}
