//! The words of traces.

use tiebreak::terms;

terms! {
    // Packets, as they arrive.
    pub SYN = "syn", pub SYN_ACK = "syn-ack", pub RST = "rst", pub FIN = "fin", pub DATA = "data", pub ACK = "ack",
    // Timers.
    pub DUE = "due", pub STEP = "step", pub SETTLE = "settle", pub DEADLINE = "deadline",
    // What applications do.
    pub CONNECTS = "connects", pub WRITES = "writes", pub CLOSES = "closes", pub ABORTS = "aborts",
    pub HOLDS = "holds", pub READS = "reads", pub DOZES = "dozes",
    // What happens to them.
    pub FINISHED = "finished", pub CORRUPT = "corrupt", pub RESET = "reset", pub TIMED_OUT = "timed-out",
    // What is wrong with a host.
    pub STUCK = "stuck", pub SPINS = "spins", pub BEYOND = "beyond-window",
    // Facts.
    pub KEY = "key", pub TOTAL = "total", pub PLACE = "place", pub STATE = "state", pub SILENT = "silent",
    pub LIMIT = "limit", pub LENGTH = "length", pub OVER = "over", pub QUEUE = "queue",
    // Draws.
    pub SEED = "seed", pub PAUSE = "pause", pub ACTION = "action", pub END = "end", pub AMOUNT = "amount",
    pub BUFFER = "buffer", pub MTU = "mtu", pub NAGLE = "nagle", pub ACK_DELAY = "ack-delay",
    pub KEEP_ALIVE = "keep-alive", pub TIMEOUT = "timeout", pub ROOM = "room", pub APPETITE = "appetite",
}
