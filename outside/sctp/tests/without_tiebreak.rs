//! Each fault of sctp-proto 0.10.8 that FOUND.md tells of, by sctp-proto alone. The tests hold as long as the faults are there; one
//! that fails with a later version says that the fault is fixed.
//!
//! Two sides are driven by hand, and the test is the network between them.

#![expect(
    clippy::unwrap_used,
    clippy::needless_for_each,
    reason = "a test, where a packet more or less reads best as one line"
)]

#[path = "by_hand/side.rs"]
mod side;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sctp_proto::{ClientConfig, Event, StreamEvent, TransportConfig};
use side::{
    Side, all, carry, chunk, finished, handshake, is_connected, is_lost, is_readable, none, pair, parameter,
    reset_complete, reset_failed, wait,
};
// Only for what stands in for the operating system's randomness, which has to be linked.
use tiebreak_outside_sctp as _;

/// The type of a chunk of data.
const DATA: u8 = 0;

#[test]
fn a_late_copy_of_the_first_packet_ends_an_established_association() {
    let now = Instant::now();
    let ([mut client, mut server], [init, ..]) = handshake(now);
    server.take(now, &init);
    assert!(server.give(now).is_empty(), "the other side is not told");
    assert_eq!(server.count(is_lost), 1);
    assert!(server.association().is_closed());
    assert!(client.give(now).is_empty());
    assert!(!client.association().is_closed());
}

#[test]
fn a_late_copy_of_a_cookie_opens_a_closed_association_again() {
    let now = Instant::now();
    let ([_, mut server], [_, _, cookie_echo, _]) = handshake(now);
    server.association().close().unwrap();
    server.give(now);
    assert!(server.association().is_closed());
    server.take(now, &cookie_echo);
    server.give(now);
    assert_eq!(server.count(is_connected), 2);
    assert!(!server.association().is_closed());
}

#[test]
fn a_closed_association_goes_on_to_open_streams() {
    let now = Instant::now();
    let [mut one, mut other] = pair(TransportConfig::default);
    one.open(0);
    one.write(0, b"late");
    let late = one.give(now);
    other.association().close().unwrap();
    other.give(now);
    other.take(now, &late[0]);
    other.give(now);
    let lost = other.events.iter().position(is_lost).unwrap();
    let opened = |event: &Event| matches!(event, Event::Stream(StreamEvent::Opened { .. }));
    assert!(other.events.iter().position(opened).unwrap() > lost);
}

#[test]
#[should_panic(expected = "called `Option::unwrap()` on a `None` value")]
fn a_first_packet_to_an_endpoint_that_accepts_nothing_is_a_panic() {
    let now = Instant::now();
    let mut sides = [Side::new(false), Side::new(false)];
    sides[0].connect(ClientConfig::new());
    let init = sides[0].give(now).remove(0);
    sides[1].take(now, &init);
}

#[test]
fn an_association_that_is_shut_down_stays_on_both_sides() {
    let mut sides = pair(TransportConfig::default);
    sides[0].association().shutdown().unwrap();
    wait(&mut sides, Instant::now(), all);
    for side in &mut sides {
        assert_eq!(side.count(is_lost), 0);
        assert!(side.association().is_closing() && !side.association().is_closed());
        assert!(side.association().poll_timeout().is_some(), "it goes on for ever");
    }
}

#[test]
fn the_side_that_shuts_down_is_not_told_that_it_is_done() {
    // What the association has for the endpoint is kept back, so that the answers still find the association.
    let mut sides = pair(TransportConfig::default);
    sides.iter_mut().for_each(|side| side.tells = false);
    sides[0].association().shutdown().unwrap();
    wait(&mut sides, Instant::now(), all);
    assert!(sides[1].association().is_closed());
    assert_eq!(sides[0].count(is_lost), 0);
    assert!(sides[0].association().is_closing() && !sides[0].association().is_closed());
}

#[test]
fn an_orderly_end_loses_what_is_on_its_way() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides.iter_mut().for_each(|side| side.tells = false);
    sides[0].open(0);
    sides[0].write(0, b"not lost, only late");
    assert_eq!(sides[0].give(now).len(), 1, "which the network loses");
    sides[0].association().shutdown().unwrap();
    carry(&mut sides, now, all);
    assert!(sides[1].association().is_closed());
    assert_eq!(sides[1].count(is_readable), 0);
}

#[test]
fn an_orderly_end_loses_what_has_not_been_sent_yet() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides.iter_mut().for_each(|side| side.tells = false);
    sides[0].open(0);
    sides[0].write(0, &vec![0; 20_000]);
    sides[0].association().shutdown().unwrap();
    carry(&mut sides, now, all);
    assert!(sides[1].association().is_closed());
    assert_eq!(sides[1].count(is_readable), 0);
}

#[test]
fn packets_are_longer_than_the_limit_and_never_get_through() {
    const LIMIT: usize = 1228; // 1,200 bytes of payload as the machine comes, and the headers of one chunk
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides[0].open(0);
    (0..71).for_each(|_| sides[0].write(0, b"x"));
    let packets = sides[0].give(now);
    assert_eq!(packets.iter().map(Bytes::len).max(), Some(1432));
    wait(&mut sides, now, |packet| packet.len() <= LIMIT);
    assert!(sides[1].read(0).is_none(), "after an hour");
    assert_eq!(sides[0].association().stream(0).unwrap().buffered_amount().unwrap(), 71);
}

/// A stream is closed by the first side; returns what the first side has sent in the end: a request, and an answer. The
/// other side has opened another stream of that number by then.
fn reopened(sides: &mut [Side; 2], now: Instant) -> [Bytes; 2] {
    sides[0].open(0);
    sides[0].write(0, b"first");
    carry(sides, now, all);
    // The acknowledgement is delayed.
    let now = sides[1].expire().unwrap();
    carry(sides, now, all);
    assert!(sides[1].read(0).is_some());
    sides[0].close(0);
    let request = sides[0].give(now);
    request.iter().for_each(|packet| _ = sides[1].take(now, packet));
    let answers = sides[1].give(now);
    assert_eq!(answers.iter().map(parameter).collect::<Vec<_>>(), [13, 16]);
    answers.iter().for_each(|packet| _ = sides[0].take(now, packet));
    let [again, answer] = sides[0].give(now).try_into().unwrap();
    assert_eq!(
        [&again, &answer].map(parameter),
        [13, 16],
        "a third request, for a stream that both sides have reset"
    );
    sides[1].take(now, &answer);
    sides[1].give(now);
    assert_eq!((sides[1].count(finished(0)), sides[1].count(reset_complete(0))), (1, 1));
    sides[1].open(0);
    [again, answer]
}

#[test]
fn a_request_that_is_overtaken_by_an_answer_ends_a_new_stream() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    let [again, _] = reopened(&mut sides, now);
    sides[1].take(now, &again);
    sides[1].give(now);
    assert_eq!(sides[1].count(finished(0)), 2);
    assert!(sides[1].association().stream(0).is_err(), "nobody has closed it");
}

#[test]
#[should_panic(expected = "it has no end")]
fn resets_of_unread_streams_call_forth_each_other() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    let [again, _] = reopened(&mut sides, now);
    sides[1].write(0, b"unread");
    let data = sides[1].give(now);
    data.iter().for_each(|packet| _ = sides[0].take(now, packet));
    sides[0].give(now);
    let now = sides[0].expire().unwrap().max(now);
    let acknowledgement = sides[0].give(now);
    acknowledgement.iter().for_each(|packet| _ = sides[1].take(now, packet));
    sides[1].give(now);
    // The request comes late, and so does the one that it calls forth. In between the first side answers the message.
    sides[1].take(now, &again);
    let [late, answer] = sides[1].give(now).try_into().unwrap();
    assert_eq!([&late, &answer].map(parameter), [13, 16]);
    sides[0].take(now, &answer);
    sides[0].give(now);
    sides[0].write(0, b"unread");
    let data = sides[0].give(now);
    data.iter().for_each(|packet| _ = sides[1].take(now, packet));
    sides[0].take(now, &late);
    wait(&mut sides, now, all);
}

#[test]
fn a_stream_whose_last_message_is_unread_ends_twice() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides[0].open(0);
    sides[0].write(0, b"unread");
    carry(&mut sides, now, all);
    let now = sides[1].expire().unwrap();
    carry(&mut sides, now, all);
    sides[0].close(0);
    wait(&mut sides, now, all);
    assert_eq!(sides[1].count(finished(0)), 0, "as long as there is something to read");
    assert!(sides[1].read(0).is_some());
    wait(&mut sides, now, all);
    assert_eq!(sides[1].count(finished(0)), 2);
}

#[test]
fn an_answer_to_a_request_that_waits_makes_all_later_requests_fail() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    for stream in [2, 4, 6] {
        sides[0].open(stream);
        sides[0].write(stream, b"here I am");
    }
    sides[1].open(1);
    sides[1].write(1, b"here I am");
    let now = wait(&mut sides, now, all);
    assert!(sides[0].read(1).is_some());
    assert!([2, 4, 6].iter().all(|stream| sides[1].read(*stream).is_some()));
    // The first side closes a stream behind a message of another stream, which is lost.
    sides[0].open(0);
    sides[0].write(0, b"lost");
    assert_eq!(sides[0].give(now).len(), 1);
    sides[0].close(2);
    carry(&mut sides, now, all);
    assert_eq!(sides[1].count(finished(2)), 0, "it waits for the message that is lost");
    // The other side closes a stream of its own. Its request names the one that waits.
    sides[1].close(1);
    carry(&mut sides, now, all);
    assert_eq!(sides[0].count(reset_failed(1)), 1);
    // The message arrives in the end, and nothing is lost any more. No stream can be closed ever after.
    let now = wait(&mut sides, now, all);
    assert!(sides[1].read(0).is_some());
    for stream in [4, 6] {
        sides[0].close(stream);
        wait(&mut sides, now, all);
        assert_eq!(sides[0].count(reset_failed(stream)), 1);
        assert_eq!(sides[0].count(reset_complete(stream)), 0);
    }
}

#[test]
fn a_request_that_was_given_up_makes_all_later_requests_fail() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    for stream in [0, 2] {
        sides[0].open(stream);
        sides[0].write(stream, b"here I am");
    }
    let now = wait(&mut sides, now, all);
    sides[0].close(0);
    let now = wait(&mut sides, now, none);
    assert_eq!(sides[0].count(reset_failed(0)), 1, "the network was down");
    sides[0].close(2);
    wait(&mut sides, now, all);
    assert_eq!(sides[0].count(reset_failed(2)), 1, "the network is up");
}

#[test]
fn a_stream_closed_before_its_predecessor_is_confirmed_stays_open_on_the_other_side() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides[0].open(0);
    sides[0].write(0, b"first");
    let now = wait(&mut sides, now, all);
    assert!(sides[1].read(0).is_some());
    sides[0].close(0);
    for side in [0, 1, 0] {
        let packets = sides[side].give(now);
        packets.iter().for_each(|packet| _ = sides[1 - side].take(now, packet));
    }
    let late = sides[1].give(now);
    assert_eq!(late.iter().map(parameter).collect::<Vec<_>>(), [16]);
    assert_eq!(sides[1].count(reset_complete(0)), 1);
    // The other side uses the number again, as it may. The first side closes the new stream.
    sides[1].open(0);
    sides[1].write(0, b"second");
    let data = sides[1].give(now);
    data.iter().for_each(|packet| _ = sides[0].take(now, packet));
    sides[0].give(now);
    sides[0].close(0);
    late.iter().for_each(|packet| _ = sides[0].take(now, packet));
    wait(&mut sides, now, all);
    assert_eq!(sides[1].count(finished(0)), 1, "of the old one");
    assert!(sides[1].association().stream(0).unwrap().is_writable(), "an hour later");
}

#[test]
fn data_is_not_sent_any_more_once_its_retransmissions_are_used_up() {
    fn limited() -> TransportConfig {
        TransportConfig::default().with_max_data_retransmits(Some(3))
    }
    let now = Instant::now();
    let mut sides = pair(limited);
    sides[0].open(0);
    sides[0].write(0, b"stuck");
    let now = wait(&mut sides, now, none);
    assert!(sides[0].association().poll_timeout().is_none(), "nothing is to happen any more");
    let before = sides[0].events.len();
    wait(&mut sides, now, all);
    assert_eq!(sides[0].events.len(), before, "and nobody is told");
    assert!(!sides[0].association().is_closed());
    assert!(sides[1].association().stream(0).is_err());
    assert_eq!(sides[0].association().stream(0).unwrap().buffered_amount().unwrap(), 5);
}

#[test]
fn a_handshake_that_has_failed_succeeds() {
    let now = Instant::now();
    let mut sides = [Side::new(false), Side::new(true)];
    let mut config = ClientConfig::new();
    config.transport = Arc::new(TransportConfig::default().with_max_init_retransmits(Some(0)));
    sides[0].connect(config);
    let init = sides[0].give(now).remove(0);
    sides[1].take(now, &init);
    let init_ack = sides[1].give(now).remove(0);
    let now = sides[0].expire().unwrap();
    sides[0].give(now);
    sides[0].take(now, &init_ack);
    carry(&mut sides, now, all);
    let failed =
        sides[0].events.iter().position(|event| matches!(event, Event::HandshakeFailed { .. })).unwrap();
    assert!(sides[0].events.iter().position(is_connected).unwrap() > failed);
}

#[test]
fn everything_is_sent_again_at_once_when_the_timer_of_data_expires() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides[0].open(0);
    sides[0].write(0, &vec![0; 20_000]);
    let lost = sides[0].give(now).len();
    assert_eq!(lost, 3, "the first congestion window");
    let now = sides[0].expire().unwrap();
    let again = sides[0].give(now);
    assert!(again.iter().all(|packet| chunk(packet) == DATA));
    assert_eq!(again.len(), lost, "the window is one packet now (RFC 9260, sections 6.3.3 and 7.2.3)");
}

#[test]
fn a_shutdown_acknowledges_what_was_never_received() {
    let now = Instant::now();
    let mut sides = pair(TransportConfig::default);
    sides[0].open(0);
    sides[0].write(0, b"one message in one direction");
    let data = sides[0].give(now).remove(0);
    sides[1].take(now, &data);
    let now = sides[1].expire().unwrap();
    carry(&mut sides, now, all);
    sides[1].association().shutdown().unwrap();
    let shutdown = sides[1].give(now).remove(0);
    let number = |packet: &Bytes, at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    let (received, acknowledged) = (number(&data, 16), number(&shutdown, 16));
    assert_ne!(acknowledged, received, "the cumulative TSN of RFC 9260, section 3.3.8");
}

#[test]
fn a_timer_runs_by_the_clock_of_the_computer() {
    let mut client = Side::new(false);
    client.connect(ClientConfig::new());
    let now = Instant::now() + Duration::from_hours(1); // what the caller calls the present
    client.give(now);
    assert!(client.association().poll_timeout().unwrap() < now);
}

#[test]
fn closing_one_stream_can_end_the_association() {
    fn small() -> TransportConfig {
        TransportConfig::default().with_max_receive_buffer_size(16_000)
    }
    let now = Instant::now();
    let mut sides = pair(small);
    sides[0].open(0);
    sides[0].write(0, b"hello");
    let now = wait(&mut sides, now, all);
    (0..20).for_each(|_| sides[1].write(0, &[0; 1000]));
    sides[0].close(0);
    wait(&mut sides, now, all);
    assert_eq!(sides[0].count(is_lost), 1);
    let aborted = sides[1].count(is_lost);
    assert_eq!(aborted, 1);
}
