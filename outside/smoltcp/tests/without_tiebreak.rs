//! Each fault of smoltcp 0.14.0 that FOUND.md tells of, by smoltcp alone. The tests hold as long as the faults are there; one that
//! fails with a later version says that the fault is fixed.
//!
//! Two sides are polled by hand, and the test is the network between them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{RecvError, Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, Ipv4Packet, TcpPacket};

/// A device. It always takes in what arrives; `is_full` says whether it has room for what leaves.
#[derive(Default)]
struct Wire {
    arrived: VecDeque<Vec<u8>>,
    leaving: Vec<Vec<u8>>,
    is_full: bool,
}

struct Taken(Vec<u8>);
struct Room<'a>(&'a mut Vec<Vec<u8>>);

impl Device for Wire {
    type RxToken<'a> = Taken;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _now: Instant) -> Option<(Taken, Room<'_>)> {
        let packet = self.arrived.pop_front()?;
        Some((Taken(packet), Room(&mut self.leaving)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Room<'_>> {
        (!self.is_full).then_some(Room(&mut self.leaving))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = 1500;
        capabilities
    }
}

impl RxToken for Taken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        let mut packet = vec![0; length];
        let result = fill(&mut packet);
        self.0.push(packet);
        result
    }
}

/// A host with some sockets.
struct Side {
    interface: Interface,
    sockets: SocketSet<'static>,
    wire: Wire,
    handles: Vec<SocketHandle>,
}

impl Side {
    fn new(number: u8, seed: u64, receive_buffers: &[usize]) -> Self {
        let mut wire = Wire::default();
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut wire, Instant::ZERO);
        interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(address(number), 24)).unwrap());
        let mut sockets = SocketSet::new(Vec::new());
        let handles = receive_buffers.iter().map(|length| {
            let mut socket =
                Socket::new(SocketBuffer::new(vec![0; *length]), SocketBuffer::new(vec![0; 4096]));
            socket.set_ack_delay(None);
            socket.set_nagle_enabled(false);
            sockets.add(socket)
        });
        let handles = handles.collect();
        Self { interface, sockets, wire, handles }
    }

    fn socket(&mut self) -> &mut Socket<'static> {
        self.socket_of(0)
    }

    fn socket_of(&mut self, place: usize) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handles[place])
    }

    fn connect(&mut self) {
        let Self { interface, sockets, handles, .. } = self;
        let socket = sockets.get_mut::<Socket<'_>>(handles[0]);
        socket.connect(interface.context(), (address(2), 80), 5000).unwrap();
    }

    /// Lets packets arrive, one poll for each, and polls; returns what leaves.
    fn hears(&mut self, millis: i64, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
        for packet in packets {
            self.wire.arrived.push_back(packet.clone());
            self.polled(millis);
        }
        self.polled(millis);
        std::mem::take(&mut self.wire.leaving)
    }

    fn polled(&mut self, millis: i64) {
        self.interface.poll(Instant::from_millis(millis), &mut self.wire, &mut self.sockets);
    }

    fn writes(&mut self, millis: i64, bytes: &[u8]) -> Vec<Vec<u8>> {
        assert_eq!(self.socket().send_slice(bytes), Ok(bytes.len()));
        self.hears(millis, &[])
    }

    fn closes(&mut self, millis: i64) -> Vec<Vec<u8>> {
        self.socket().close();
        self.hears(millis, &[])
    }

    fn reads(&mut self) -> Result<Vec<u8>, RecvError> {
        let mut bytes = [0; 4096];
        let length = self.socket().recv_slice(&mut bytes)?;
        Ok(bytes[..length].to_vec())
    }

    fn poll_at(&mut self, millis: i64) -> Option<Instant> {
        self.interface.poll_at(Instant::from_millis(millis), &self.sockets)
    }
}

fn address(number: u8) -> IpAddress {
    IpAddress::v4(10, 0, 0, number)
}

/// What a packet is: its flags, where it begins, how long its payload is.
fn shape(packet: &[u8]) -> (String, i32, usize) {
    let ip = Ipv4Packet::new_checked(packet).unwrap();
    let tcp = TcpPacket::new_checked(ip.payload()).unwrap();
    let flags = [(tcp.syn(), 'S'), (tcp.fin(), 'F'), (tcp.rst(), 'R'), (tcp.ack(), 'A')];
    let flags = flags.into_iter().filter_map(|(is_set, letter)| is_set.then_some(letter)).collect();
    (flags, tcp.seq_number().0, tcp.payload().len())
}

fn has_fin(packet: &[u8]) -> bool {
    shape(packet).0.contains('F')
}

/// A client and a server that are connected; the server's buffer is so large.
fn connected(buffer: usize) -> (Side, Side) {
    let (mut client, mut server) = (Side::new(1, 1, &[4096]), Side::new(2, 2, &[buffer]));
    server.socket().listen(80).unwrap();
    client.connect();
    let syn = client.hears(0, &[]);
    let syn_ack = server.hears(0, &syn);
    let ack = client.hears(0, &syn_ack);
    server.hears(0, &ack);
    assert_eq!((client.socket().state(), server.socket().state()), (State::Established, State::Established));
    (client, server)
}

#[test]
fn a_fin_is_never_sent_again_after_three_duplicate_acknowledgements() {
    let (mut client, mut server) = connected(4096);
    let data = client.writes(10, b"data");
    let ack = server.hears(20, &data);
    let lost = client.closes(25);
    assert!(has_fin(&lost[0]));
    // The acknowledgement of the data arrives, and then three copies of it.
    for _ in 0..4 {
        client.hears(30, &ack);
    }
    assert_eq!(client.socket().state(), State::FinWait1);
    assert_eq!(client.poll_at(30), None, "nothing is waited for any more");
    assert!(client.hears(600_000, &[]).is_empty());
}

#[test]
fn what_is_closed_before_it_is_established_never_sends_its_fin() {
    let (mut client, mut server) = (Side::new(1, 1, &[4096]), Side::new(2, 2, &[4096]));
    server.socket().listen(80).unwrap();
    client.connect();
    let syn = client.hears(0, &[]);
    let syn_ack = server.hears(0, &syn);
    assert_eq!(server.socket().state(), State::SynReceived);
    assert!(server.closes(1).is_empty());
    let ack = client.hears(2, &syn_ack);
    assert!(server.hears(3, &ack).is_empty());
    // The acknowledgement of the SYN is taken for one of the FIN.
    assert_eq!(server.socket().state(), State::FinWait2);
    let fin = client.closes(4);
    let answer = server.hears(5, &fin);
    assert!(!has_fin(&answer[0]));
    client.hears(6, &answer);
    assert_eq!((client.socket().state(), client.poll_at(6)), (State::FinWait2, None));
}

#[test]
fn who_restarts_cannot_connect_again_from_the_same_port() {
    let (mut client, mut server) = connected(4096);
    client.hears(0, &[]);
    let mut restarted = Side::new(1, 99, &[4096]);
    restarted.connect();
    let syn = restarted.hears(1_000, &[]);
    // RFC 9293 3.10.7.4: a SYN in a synchronized state is answered by an acknowledgement.
    assert!(server.hears(1_010, &syn).is_empty());
    // RFC 9293 3.10.7.3: an acknowledgement of something that was never sent is answered by a reset in SYN-SENT.
    let data = server.writes(2_000, b"data");
    let fin = server.closes(3_000);
    let answers = [restarted.hears(2_010, &data), restarted.hears(3_010, &fin)].concat();
    assert!(answers.iter().all(|packet| shape(packet).0 == "S"), "it sends its SYN again, and no reset");
    // So it goes on for ever.
    let mut now = 4_000;
    while now < 3_600_000 {
        let (to_server, to_client) = (restarted.hears(now, &[]), server.hears(now, &[]));
        server.hears(now + 10, &to_server);
        restarted.hears(now + 10, &to_client);
        now += 1_000;
    }
    assert_eq!((restarted.socket().state(), server.socket().state()), (State::SynSent, State::FinWait1));
}

#[test]
fn a_fast_retransmission_goes_beyond_the_window_and_bytes_are_lost() {
    let (mut client, mut server) = connected(64);
    let bytes: Vec<u8> = (1..=100).collect();
    let parts: Vec<Vec<Vec<u8>>> = bytes[..64].chunks(16).map(|part| client.writes(10, part)).collect();
    assert!(client.writes(10, &bytes[64..]).is_empty(), "the window is full");
    assert!(client.closes(10).is_empty());
    // The first part is lost; the others make three duplicate acknowledgements.
    let acks: Vec<Vec<u8>> = parts[1..].iter().flat_map(|part| server.hears(20, part)).collect();
    let again = client.hears(30, &acks);
    let (flags, _, length) = shape(&again[0]);
    assert_eq!((&*flags, length), ("FA", 100), "100 bytes are sent, where 64 are allowed");
    server.hears(40, &again);
    // The receiver cuts off what is beyond its window, and takes the FIN behind it.
    assert_eq!(server.reads().unwrap(), bytes[..64]);
    assert_eq!(server.reads(), Err(RecvError::Finished));
}

#[test]
fn a_listening_socket_takes_the_repeated_syn_of_another_connection() {
    let (mut client, mut server) = (Side::new(1, 1, &[4096]), Side::new(2, 2, &[4096, 4096]));
    server.socket_of(1).listen(80).unwrap();
    client.connect();
    let syn = client.hears(0, &[]);
    let syn_ack = server.hears(10, &syn);
    let ack = client.hears(20, &syn_ack);
    server.hears(30, &ack);
    assert_eq!(
        (client.socket().state(), server.socket_of(1).state()),
        (State::Established, State::Established)
    );
    // Another socket is free again and listens; then a copy of the SYN arrives.
    server.socket().listen(80).unwrap();
    let second_syn_ack = server.hears(40, &syn);
    assert_eq!(server.socket().state(), State::SynReceived);
    let answer = client.hears(50, &second_syn_ack);
    let reset = server.hears(60, &answer);
    client.hears(70, &reset);
    assert_eq!((client.socket().state(), server.socket_of(1).state()), (State::Closed, State::Established));
}

#[test]
fn with_a_window_of_zero_the_retransmission_timer_ends_without_another() {
    let (mut client, mut server) = connected(64);
    let data = client.writes(10, &[1; 64]);
    let is_full = server.hears(20, &data);
    assert_eq!(server.reads().unwrap().len(), 64);
    let has_room = server.hears(20, &[]);
    // The two acknowledgements overtake each other, and what is sent in between is lost.
    client.writes(20, &[1; 36]);
    assert_eq!(shape(&client.hears(30, &has_room)[0]).2, 36);
    client.hears(30, &is_full);
    let at = client.poll_at(30).unwrap();
    assert!(client.hears(at.total_millis(), &[]).is_empty());
    assert_eq!(client.poll_at(at.total_millis()), None, "neither a retransmission nor a probe is waited for");
    assert_eq!((client.socket().state(), client.socket().send_queue()), (State::Established, 36));
}

/// A client whose first of four segments is late, and whose device has no room when it should be sent again.
fn late_and_full() -> (Side, Side, Vec<Vec<u8>>) {
    let (mut client, mut server) = connected(4096);
    let parts: Vec<Vec<Vec<u8>>> = (1..=4).map(|part| client.writes(10, &[part; 16])).collect();
    let acks: Vec<Vec<u8>> = parts[1..].iter().flat_map(|part| server.hears(20, part)).collect();
    client.wire.is_full = true;
    assert!(client.hears(30, &acks).is_empty());
    client.wire.is_full = false;
    (client, server, parts[0].clone())
}

#[test]
fn a_fast_retransmission_that_finds_the_device_full_is_forgotten() {
    let (mut client, _server, _late) = late_and_full();
    assert_eq!(client.poll_at(31), None, "nothing is waited for any more");
    assert!(client.hears(600_000, &[]).is_empty());
    assert_eq!((client.socket().state(), client.socket().send_queue()), (State::Established, 64));
}

#[test]
fn then_a_keep_alive_overwrites_a_byte_of_the_stream() {
    let (mut client, mut server, late) = late_and_full();
    client.socket().set_keep_alive(Some(Duration::from_secs(1)));
    let keep_alive = client.hears(2_000, &[]);
    assert_eq!(shape(&keep_alive[0]).2, 1);
    server.hears(2_010, &keep_alive);
    server.hears(2_020, &late);
    let read = server.reads().unwrap();
    assert_eq!((read.len(), read[62], read[63]), (64, 4, 0), "the last byte was 4");
}

/// What has become after half a minute of a client in CLOSE-WAIT that has more to send than the server takes.
fn slow_reader(then: impl Fn(&mut Side)) -> State {
    let (mut client, mut server) = connected(64);
    client.socket().set_timeout(Some(Duration::from_secs(20)));
    let data = client.writes(10, &[1; 100]);
    let ack = server.hears(20, &data);
    client.hears(30, &ack);
    let fin = server.closes(40);
    let ack = client.hears(50, &fin);
    server.hears(60, &ack);
    then(&mut client);
    // The probes of these 30 seconds, the last after 15, are all answered.
    for now in (100..30_000).step_by(100) {
        let probes = client.hears(now, &[]);
        let answers = server.hears(now + 10, &probes);
        client.hears(now + 20, &answers);
    }
    client.socket().state()
}

#[test]
fn answers_to_probes_do_not_count_against_the_timeout_in_last_ack() {
    assert_eq!(slow_reader(|_| {}), State::CloseWait, "before it is closed they do");
    assert_eq!(slow_reader(|client| client.socket().close()), State::Closed);
}

#[test]
fn keep_alives_of_the_other_side_do_not_count_against_the_timeout() {
    let (mut client, mut server) = connected(4096);
    client.socket().set_timeout(Some(Duration::from_secs(5)));
    server.socket().set_keep_alive(Some(Duration::from_secs(1)));
    for now in (0..10_000).step_by(100) {
        let keep_alives = server.hears(now, &[]);
        let answers = client.hears(now + 10, &keep_alives);
        server.hears(now + 20, &answers);
    }
    assert_eq!(client.socket().state(), State::Closed);
}

#[test]
fn the_time_since_a_connection_that_was_refused_counts_as_the_round_trip_of_the_next() {
    let longest = (0..10).map(|seed| {
        let (mut client, mut server) = (Side::new(1, seed, &[4096]), Side::new(2, 100 + seed, &[4096]));
        server.socket().listen(80).unwrap();
        client.connect();
        let syn = client.hears(0, &[]);
        server.hears(10, &syn);
        client.socket().abort();
        let reset = client.hears(20, &[]);
        server.hears(30, &reset);
        assert_eq!(server.socket().state(), State::Listen);
        // Ten minutes later somebody else connects.
        let mut client = Side::new(1, 50 + seed, &[4096]);
        client.connect();
        let syn = client.hears(600_000, &[]);
        let syn_ack = server.hears(600_010, &syn);
        let ack = client.hears(600_020, &syn_ack);
        server.hears(600_030, &ack);
        server.writes(600_040, b"lost");
        server.poll_at(600_041).unwrap().total_millis() - 600_040
    });
    assert_eq!(
        longest.max(),
        Some(60_000),
        "a lost segment is sent again after a minute instead of a second"
    );
}
