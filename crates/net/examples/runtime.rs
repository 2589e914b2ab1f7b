//! A machine that calls a runtime: it sends, notifies, and submits what is to happen later.
//!
//! Run with `cargo run -p tiebreak-net --example runtime`. It prints the trace of one run: a node
//! crashes, and the other one notes that it hears nothing of it.
//!
//! Read next: `manager` of `tiebreak-rtm-sim`, a world that others have written, with clients of your own.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use tiebreak::{Instant, Simulation, Span, Term, Traced as _, terms};
use tiebreak_net::{Link, Network, Node, NodeId, Port};

terms! { LOST_SIGHT = "lost-sight" }

/// What others wrote: a runtime is anything that can do this.
trait Runtime {
    fn send_beat(&mut self);
    fn notify(&mut self, event: Term);
    fn submit_after(&mut self, timer: Timer, millis: u64);
}

#[derive(Clone, PartialEq)]
enum Timer {
    Beat,
    /// Nothing was heard since so many beats.
    Silence(u32),
}

#[derive(Default)]
struct Heart(u32);

impl Heart {
    fn handle(&mut self, timer: &Timer, runtime: &mut impl Runtime) {
        match timer {
            Timer::Beat => {
                runtime.send_beat();
                runtime.submit_after(Timer::Beat, 100);
            }
            Timer::Silence(beats) if *beats == self.0 => runtime.notify(LOST_SIGHT),
            Timer::Silence(_) => {}
        }
    }

    fn hear(&mut self, runtime: &mut impl Runtime) {
        self.0 += 1;
        runtime.submit_after(Timer::Silence(self.0), 150);
    }
}

/// What makes it a node: a runtime that holds the port.
struct Calls<'a, 'p>(&'a mut Port<'p, Heart>);

impl Runtime for Calls<'_, '_> {
    fn send_beat(&mut self) {
        let other = if self.0.id().index() == 0 { "b" } else { "a" };
        if let Some(other) = self.0.find(other) {
            self.0.send(other, ());
        }
    }

    fn notify(&mut self, event: Term) {
        self.0.note(event, self.0.symbol(self.0.id()), &[]);
    }

    fn submit_after(&mut self, timer: Timer, millis: u64) {
        self.0.submit_after(Span::from_millis(millis), timer);
    }
}

impl Node for Heart {
    type Message = ();
    type Timer = Timer;
    type Command = ();

    fn start(&mut self, port: &mut Port<'_, Self>) {
        self.handle(&Timer::Beat, &mut Calls(port));
    }

    fn receive(&mut self, _from: NodeId, (): (), port: &mut Port<'_, Self>) {
        self.hear(&mut Calls(port));
    }

    fn expire(&mut self, timer: Timer, port: &mut Port<'_, Self>) {
        self.handle(&timer, &mut Calls(port));
    }

    fn command(&mut self, (): (), _port: &mut Port<'_, Self>) {}
}

fn main() {
    let mut network = Network::new(Link::new(Span::from_millis(10)));
    let [_, b] = ["a", "b"].map(|name| network.add(name, Heart::default()));
    network.crash(Instant::from_millis(250), b, Span::from_millis(300));
    let mut simulation = Simulation::traced(network, 1);
    simulation.act(Network::begin);
    let _ = simulation.run_for(Span::from_secs(1));
    println!("{}", simulation.recorder().trace());
}
