//! The words of this world: its events, records, facts and draws.

use tiebreak::terms;

terms! {
    // Events of a host.
    pub DUE = "due", pub READ = "read", pub CONNECT = "connect", pub ACT = "act", pub SHUT_DOWN = "shut-down",
    pub AUDIT = "audit",
    // Records of a host: what its application does and what it is told.
    pub CONNECTED = "connected", pub HANDSHAKE_FAILED = "handshake-failed", pub GONE = "gone", pub OPENS = "opens",
    pub OPENED = "opened", pub CLOSES = "closes", pub FINISHED = "finished", pub RESET_COMPLETE = "reset-complete",
    pub RESET_FAILED = "reset-failed", pub WROTE = "wrote", pub GOT = "got", pub SHUTS_DOWN = "shuts-down",
    pub STANDS = "stands", pub TOO_LONG = "too-long",
    // Facts.
    pub ASSOCIATION = "association", pub GENERATION = "generation", pub NUMBER = "number", pub BYTES = "bytes",
    pub STATE = "state", pub BUFFERED = "buffered", pub WAITS = "waits", pub REASON = "reason", pub SOUND = "sound",
    // States of an association.
    pub CONNECTING = "connecting", pub ESTABLISHED = "established", pub CLOSING = "closing", pub CLOSED = "closed",
    // Draws of a host.
    pub SEED = "seed", pub WHAT = "what", pub WHICH = "which", pub SIZE = "size", pub PAUSE = "pause",
}
