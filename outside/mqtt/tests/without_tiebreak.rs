//! Each fault by itself, without Tiebreak: each test asserts what is wrong, so that it fails when a later version has put it right.
#![expect(clippy::unwrap_used, clippy::similar_names, reason = "tests, and packets are called as they are")]

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::role::RoleType;
use mqtt_protocol_core::mqtt::connection::{Event, TimerKind};
use mqtt_protocol_core::mqtt::packet::v5_0::{Connack, Connect, Publish, Pubrec, Pubrel, Subscribe};
use mqtt_protocol_core::mqtt::packet::{
    GenericPacketTrait, MaximumPacketSize, Packet, Property, Qos, ReceiveMaximum, SessionExpiryInterval,
    SubEntry, SubOpts, TopicAliasMaximum,
};
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, DisconnectReasonCode, MqttError};
use mqtt_protocol_core::mqtt::{Connection, Version, role};

type Client = Connection<role::Client>;
type Server = Connection<role::Server>;

fn client() -> Client {
    let mut client = Client::new(Version::V5_0);
    client.set_auto_pub_response(true);
    client
}

fn server() -> Server {
    let mut server = Server::new(Version::V5_0);
    server.set_auto_pub_response(true);
    server.set_auto_ping_response(true);
    server
}

fn connect(keep_alive: u16, more: Vec<Property>) -> Packet {
    let mut properties = vec![SessionExpiryInterval::new(3_600).unwrap().into()];
    properties.extend(more);
    let builder = Connect::builder().client_id("c").unwrap().keep_alive(keep_alive).clean_start(false);
    builder.props(properties).build().unwrap().into()
}

fn connack(has_session: bool, properties: Vec<Property>) -> Packet {
    let builder = Connack::builder().session_present(has_session).reason_code(ConnectReasonCode::Success);
    builder.props(properties).build().unwrap().into()
}

fn publish(topic: &str, qos: Qos, id: Option<u16>, payload: &str) -> Packet {
    let builder = Publish::builder().topic_name(topic).unwrap().qos(qos).packet_id(id);
    builder.payload(payload).build().unwrap().into()
}

/// Hands bytes to a machine, packet by packet.
fn receive<R: RoleType>(machine: &mut Connection<R>, bytes: &[u8]) -> Vec<Event> {
    let (mut cursor, mut events) = (Cursor::new(bytes), Vec::new());
    while cursor.position() < bytes.len() as u64 {
        events.extend(machine.recv(&mut cursor));
    }
    events
}

fn sent(events: &[Event]) -> Vec<&Packet> {
    let packets = events.iter().filter_map(|event| match event {
        Event::RequestSendPacket { packet, .. } => Some(packet),
        _ => None,
    });
    packets.collect()
}

fn bytes(events: &[Event]) -> Vec<u8> {
    sent(events).into_iter().flat_map(GenericPacketTrait::to_continuous_buffer).collect()
}

fn heard(events: &[Event]) -> Vec<&Packet> {
    let packets = events.iter().filter_map(|event| match event {
        Event::NotifyPacketReceived(packet) => Some(packet),
        _ => None,
    });
    packets.collect()
}

fn errors(events: &[Event]) -> Vec<MqttError> {
    let error = |event: &Event| match event {
        Event::NotifyError(error) => Some(*error),
        _ => None,
    };
    events.iter().filter_map(error).collect()
}

fn armed(events: &[Event]) -> Vec<(TimerKind, u64)> {
    let timer = |event: &Event| match event {
        Event::RequestTimerReset { kind, duration_ms } => Some((*kind, *duration_ms)),
        _ => None,
    };
    events.iter().filter_map(timer).collect()
}

/// Says CONNECT and CONNACK.
fn begin(client: &mut Client, has_session: bool, properties: Vec<Property>) -> Vec<Event> {
    client.send(connect(2, Vec::new()));
    receive(client, &connack(has_session, properties).to_continuous_buffer())
}

#[test]
#[should_panic(expected = "attempt to subtract with overflow")]
fn quota_underflow() {
    let quota = || vec![ReceiveMaximum::new(2).unwrap().into()];
    let mut client = client();
    begin(&mut client, false, quota());
    let id = client.acquire_packet_id().unwrap();
    client.send(publish("t", Qos::AtLeastOnce, Some(id), "x"));
    client.notify_closed();
    let events = begin(&mut client, true, quota());
    assert_eq!(sent(&events).len(), 1, "it is sent again");
    assert_eq!(client.get_receive_maximum_vacancy_for_send(), Some(2), "although one is on its way");
    let mut server = server();
    receive(&mut server, &connect(2, Vec::new()).to_continuous_buffer());
    server.send(connack(true, Vec::new()));
    let puback = bytes(&receive(&mut server, &bytes(&events)));
    receive(&mut client, &puback);
}

#[test]
fn half_a_packet_stays() {
    let mut client = client();
    begin(&mut client, false, Vec::new());
    let packet = publish("t", Qos::AtMostOnce, None, "hello").to_continuous_buffer();
    receive(&mut client, &packet[..6]);
    client.notify_closed();
    client.send(connect(2, Vec::new()));
    let events = receive(&mut client, &connack(false, Vec::new()).to_continuous_buffer());
    assert!(!heard(&events).iter().any(|packet| matches!(packet, Packet::V5_0Connack(_))), "{events:?}");
    assert_eq!(heard(&events).len(), 1, "a PUBLISH that is partly made of CONNACK: {events:?}");
}

#[test]
fn handled_outlives_session() {
    let mut client = client();
    begin(&mut client, false, Vec::new());
    let before = publish("t", Qos::ExactlyOnce, Some(1), "before").to_continuous_buffer();
    assert_eq!(heard(&receive(&mut client, &before)).len(), 1);
    client.notify_closed();
    let builder = Connect::builder().client_id("c").unwrap().clean_start(true);
    client.send(builder.build().unwrap().into());
    receive(&mut client, &connack(false, Vec::new()).to_continuous_buffer());
    let after = publish("t", Qos::ExactlyOnce, Some(1), "after").to_continuous_buffer();
    let events = receive(&mut client, &after);
    assert!(heard(&events).is_empty(), "the first message of a new session is swallowed");
    assert!(matches!(sent(&events)[..], [Packet::V5_0Pubrec(_)]), "and acknowledged");
}

#[test]
fn ping_restarts_its_timer() {
    let mut client = client();
    client.set_pingresp_recv_timeout(2_000);
    begin(&mut client, false, Vec::new());
    // Nobody answers. Both timers are due every two seconds; PINGREQ goes first each time.
    for _ in 0..1_000 {
        let timers = armed(&client.notify_timer_fired(TimerKind::PingreqSend));
        assert!(timers.contains(&(TimerKind::PingrespRecv, 2_000)), "the time-out begins anew");
    }
}

#[test]
fn no_ping_after_late_connack() {
    let mut client = client();
    let events = client.send(connect(2, Vec::new()));
    assert_eq!(armed(&events), [(TimerKind::PingreqSend, 2_000)]);
    // Two seconds later the timer fires at the very instant at which CONNACK arrives.
    assert!(client.notify_timer_fired(TimerKind::PingreqSend).is_empty());
    let events = receive(&mut client, &connack(false, Vec::new()).to_continuous_buffer());
    assert!(armed(&events).is_empty(), "no PINGREQ will ever be sent");
}

#[test]
fn publish_into_nothing() {
    let mut client = client();
    begin(&mut client, false, Vec::new());
    let id = client.acquire_packet_id().unwrap();
    client.notify_closed();
    let events = client.send(publish("t", Qos::AtLeastOnce, Some(id), "x"));
    assert!(events.is_empty(), "neither an error nor a packet");
    assert!(client.get_stored_packets().is_empty(), "it is not stored either");
    let events = begin(&mut client, true, Vec::new());
    assert!(sent(&events).is_empty(), "so it is never sent");
    assert_eq!(client.acquire_packet_id(), Ok(id + 1), "and its packet id is never free again");
}

#[test]
#[should_panic(expected = "PacketIdentifierConflict")]
fn id_released_twice() {
    let mut client = client();
    begin(&mut client, false, Vec::new());
    let id = client.acquire_packet_id().unwrap();
    let entry = SubEntry::new("t", SubOpts::new()).unwrap();
    let subscribe = Subscribe::builder().packet_id(id).entries(vec![entry]).build().unwrap();
    let events = client.send(subscribe.into());
    let Event::RequestSendPacket { release_packet_id_if_send_error, .. } = &events[0] else { panic!() };
    // It could not be sent, because the connection has just broken; so the id is released, as the event asks for.
    client.release_packet_id(release_packet_id_if_send_error.unwrap());
    // The next message takes the same id, and is stored.
    let again = client.acquire_packet_id().unwrap();
    assert_eq!(again, id);
    client.send(publish("t", Qos::AtLeastOnce, Some(again), "x"));
    // Now the machine is told that the connection is closed, and releases the id once more for the SUBSCRIBE.
    client.notify_closed();
    begin(&mut client, true, Vec::new());
    let third = client.acquire_packet_id().unwrap();
    assert_eq!(third, id, "although its message is stored");
    client.send(publish("t", Qos::AtLeastOnce, Some(third), "y"));
}

#[test]
fn alias_of_refused_publish() {
    let mut client = client();
    client.set_auto_map_topic_alias_send(true);
    let mut server = server();
    receive(&mut server, &bytes(&client.send(connect(2, Vec::new()))));
    let properties = vec![ReceiveMaximum::new(1).unwrap().into(), TopicAliasMaximum::new(1).unwrap().into()];
    receive(&mut client, &bytes(&server.send(connack(false, properties))));
    // The first message maps the only alias to its topic, on both sides.
    let id = client.acquire_packet_id().unwrap();
    receive(&mut server, &bytes(&client.send(publish("one", Qos::AtLeastOnce, Some(id), "1"))));
    // The second one is refused, because the quota is used up. But the alias is mapped to its topic now, on this side.
    let id = client.acquire_packet_id().unwrap();
    let events = client.send(publish("two", Qos::AtLeastOnce, Some(id), "2"));
    assert_eq!(errors(&events), [MqttError::ReceiveMaximumExceeded]);
    // The third one arrives under the topic of the first.
    let events = receive(&mut server, &bytes(&client.send(publish("two", Qos::AtMostOnce, None, "3"))));
    let [Packet::V5_0Publish(packet)] = heard(&events)[..] else { panic!("{events:?}") };
    assert_eq!((packet.topic_name(), packet.payload().as_slice()), ("one", &b"3"[..]));
}

#[test]
fn alias_makes_too_large() {
    let mut client = client();
    client.set_auto_map_topic_alias_send(true);
    let properties =
        vec![MaximumPacketSize::new(20).unwrap().into(), TopicAliasMaximum::new(1).unwrap().into()];
    begin(&mut client, false, properties);
    let packet = publish("topic", Qos::AtMostOnce, None, "123456789");
    assert_eq!(packet.size(), 19);
    let events = client.send(packet);
    assert_eq!(sent(&events)[0].size(), 22, "more than the peer takes");
}

#[test]
#[should_panic(expected = "lowest <= highest")]
fn no_aliases_panics() {
    let property = TopicAliasMaximum::new(0).unwrap().into();
    receive(&mut server(), &connect(2, vec![property]).to_continuous_buffer());
}

#[test]
fn keep_alive_of_former_line() {
    let mut server = server();
    receive(&mut server, &connect(2, Vec::new()).to_continuous_buffer());
    server.notify_closed();
    let events = receive(&mut server, &connect(0, Vec::new()).to_continuous_buffer());
    assert_eq!(armed(&events), [(TimerKind::PingreqRecv, 3_000)], "although the client wants no keep alive");
}

#[test]
fn restored_before_connect() {
    let mut server = server();
    let mut handled = server.get_qos2_publish_handled();
    handled.insert(1);
    server.restore_qos2_publish_handled(handled);
    let id = server.acquire_packet_id().unwrap();
    let Packet::V5_0Publish(packet) = publish("t", Qos::AtLeastOnce, Some(id), "x") else { panic!() };
    server.release_packet_id(id);
    server.restore_packets(vec![packet.try_into().unwrap()]);
    server.notify_closed();
    assert!(server.get_qos2_publish_handled().is_empty(), "what was handled is forgotten");
    assert_eq!(server.acquire_packet_id(), Ok(id), "and the packet id is free");
    assert_eq!(server.get_stored_packets().len(), 1, "although the packet is still stored");
}

#[test]
fn nothing_kept_of_pubrec() {
    let mut client = Client::new(Version::V5_0);
    begin(&mut client, false, Vec::new());
    let id = client.acquire_packet_id().unwrap();
    client.send(publish("t", Qos::ExactlyOnce, Some(id), "x"));
    assert_eq!(client.get_stored_packets().len(), 1);
    let pubrec: Packet = Pubrec::builder().packet_id(id).build().unwrap().into();
    receive(&mut client, &pubrec.to_continuous_buffer());
    assert!(client.get_stored_packets().is_empty(), "PUBREL is still to be sent, and nothing says so");
    let mut restored = Client::new(Version::V5_0);
    restored.restore_packets(client.get_stored_packets());
    assert_eq!(
        restored.acquire_packet_id(),
        Ok(id),
        "an id that the peer still takes for the message before"
    );
}

#[test]
fn pubrel_before_connection() {
    let mut client = Client::new(Version::V5_0);
    begin(&mut client, false, Vec::new());
    let id = client.acquire_packet_id().unwrap();
    client.send(publish("t", Qos::ExactlyOnce, Some(id), "x"));
    let pubrec: Packet = Pubrec::builder().packet_id(id).build().unwrap().into();
    receive(&mut client, &pubrec.to_continuous_buffer());
    client.notify_closed();
    let pubrel: Packet = Pubrel::builder().packet_id(id).build().unwrap().into();
    assert!(errors(&client.send(pubrel)).is_empty(), "it is taken, and stored");
    for _ in 0..10 {
        let events = begin(&mut client, true, Vec::new());
        assert!(matches!(sent(&events)[..], [Packet::V5_0Pubrel(_)]), "{events:?}");
        let mut server = server();
        receive(&mut server, &connect(2, Vec::new()).to_continuous_buffer());
        server.send(connack(true, Vec::new()));
        let pubcomp = bytes(&receive(&mut server, &bytes(&events)));
        let events = receive(&mut client, &pubcomp);
        assert_eq!(errors(&events), [MqttError::ProtocolError], "the answer is refused, each time");
        let [Packet::V5_0Disconnect(packet)] = sent(&events)[..] else { panic!("{events:?}") };
        assert_eq!(packet.reason_code(), Some(DisconnectReasonCode::ProtocolError));
        client.notify_closed();
    }
}
