//! A member of a group as a node of a network: what happens to it, and what that is called.

use raft::SnapshotStatus;
use raft::eraftpb::Message;
use tiebreak::net::{Label, Node, NodeId, Port};
use tiebreak::{Ratio, terms};

use crate::machine::kind;
use crate::replica::{Input, Replica};
use crate::setups::TICK;

terms! {
    TICKS = "tick", TURN = "turn", DISK = "disk", REPORT = "report", RETRY = "retry", ACT = "act", PROBE = "probe",
}

/// What a member waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Timer {
    Tick,
    /// The loop looks whether there is something to send or to write.
    Turn,
    /// The disk has written.
    Disk,
    /// The transport knows what has become of a snapshot for a member.
    Report(u64),
    /// The client of the probe is still waiting.
    Retry,
}

/// What the client of a member does.
#[derive(Debug, Clone, Copy)]
pub enum Command {
    /// It asks for something.
    Act,
    /// It begins the probe.
    Probe,
    /// It asks for what the probe waits for once more.
    Retry,
}

impl Node for Replica {
    // Boxed: a message is large, and events are moved about.
    type Message = Box<Message>;
    type Timer = Timer;
    type Command = Command;

    fn start(&mut self, port: &mut Port<'_, Self>) {
        self.begin(port);
        port.arm_after(TICK, Timer::Tick);
    }

    fn receive(&mut self, _from: NodeId, message: Box<Message>, port: &mut Port<'_, Self>) {
        self.input(Input::Message(*message), port);
    }

    fn expire(&mut self, timer: Timer, port: &mut Port<'_, Self>) {
        match timer {
            Timer::Tick => {
                port.arm_after(TICK, Timer::Tick);
                self.input(Input::Tick, port);
            }
            Timer::Turn => self.turn(port),
            Timer::Disk => self.written(port),
            Timer::Report(to) => {
                let is_well = port.chance(REPORT, Ratio::percent(50));
                let status = if is_well { SnapshotStatus::Finish } else { SnapshotStatus::Failure };
                self.input(Input::Report(to, status), port);
            }
            Timer::Retry => self.serve(Command::Retry, port),
        }
    }

    fn command(&mut self, command: Command, port: &mut Port<'_, Self>) {
        self.serve(command, port);
    }

    fn name_of_message(message: &Box<Message>) -> Label {
        Label::new(kind(message.get_msg_type()))
    }

    fn name_of_timer(timer: &Timer) -> Label {
        match timer {
            Timer::Tick => Label::new(TICKS),
            Timer::Turn => Label::new(TURN),
            Timer::Disk => Label::new(DISK),
            Timer::Report(to) => Label::new(REPORT).number(*to),
            Timer::Retry => Label::new(RETRY),
        }
    }

    fn name_of_command(command: &Command) -> Label {
        Label::new(match command {
            Command::Act => ACT,
            Command::Probe => PROBE,
            Command::Retry => RETRY,
        })
    }
}
