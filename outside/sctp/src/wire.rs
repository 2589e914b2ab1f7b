//! What a packet of SCTP is, as far as names of events and monitors have to know.

use tiebreak::{Term, terms};

terms! {
    pub INIT = "init", pub INIT_ACK = "init-ack", pub COOKIE_ECHO = "cookie-echo", pub COOKIE_ACK = "cookie-ack",
    pub DATA = "data", pub SACK = "sack", pub FORWARD_TSN = "forward-tsn", pub RESET = "reset",
    pub SHUTDOWN = "shutdown", pub SHUTDOWN_ACK = "shutdown-ack", pub SHUTDOWN_COMPLETE = "shutdown-complete",
    pub ABORT = "abort", pub OTHER = "other",
}

/// Bytes of the common header of a packet (RFC 9260, section 3.1), after which its chunks begin.
const COMMON_HEADER: usize = 12;

/// What the first chunk of a packet is. This library puts chunks of one kind into a packet.
#[must_use]
pub fn kind(packet: &[u8]) -> Term {
    match packet.get(COMMON_HEADER) {
        Some(0) => DATA,
        Some(1) => INIT,
        Some(2) => INIT_ACK,
        Some(3) => SACK,
        Some(6) => ABORT,
        Some(7) => SHUTDOWN,
        Some(8) => SHUTDOWN_ACK,
        Some(10) => COOKIE_ECHO,
        Some(11) => COOKIE_ACK,
        Some(14) => SHUTDOWN_COMPLETE,
        Some(130) => RESET,
        Some(192) => FORWARD_TSN,
        _ => OTHER,
    }
}
