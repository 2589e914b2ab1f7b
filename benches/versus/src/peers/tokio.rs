//! tokio's current-thread runtime with a paused clock. Timers fire at whole milliseconds.
//!
//! An actor is a task: it receives, sleeps, sends. While it sleeps, other messages wait for it, so its hops take another
//! course than those of the other peers.

use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::rc::Rc;

use tiebreak_versus::{Case, Cursor, Meter, Outcome, Workload, delays, picks};
use tokio::sync::{broadcast, mpsc};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, Sleep, sleep};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "tokio",
    package: Some("tokio"),
    ties: Ties::Unpromised,
    clock: Clock::Milliseconds,
    fit: |case| match case.workload {
        Workload::Actors => Fit::Differs,
        Workload::Burst => Fit::LeftOut("a task that sleeps is all it has: see hold, const"),
        Workload::Hold | Workload::Churn | Workload::FanOut => Fit::Runs,
    },
    program: Program::Here(run),
};

/// What the tasks share.
struct Shared {
    delays: Vec<u64>,
    picks: Vec<u32>,
    cursor: RefCell<(Cursor, Cursor)>,
    meter: RefCell<Meter>,
    began: Instant,
    done: mpsc::UnboundedSender<Duration>,
}

impl Shared {
    fn next(&self) -> Duration {
        Duration::from_nanos(self.delays[self.cursor.borrow_mut().0.advance()])
    }

    fn next_pick(&self) -> usize {
        self.picks[self.cursor.borrow_mut().1.advance()] as usize
    }

    /// Counts an event; the last one hands over the time.
    fn count(&self, value: u64) {
        let mut meter = self.meter.borrow_mut();
        if !meter.count(value) {
            let _ = self.done.send(self.began.elapsed());
        }
    }
}

fn run(case: &Case) -> Outcome {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("a runtime starts");
    runtime.block_on(async {
        let (done, mut is_done) = mpsc::unbounded_channel();
        let shared = Rc::new(Shared {
            delays: delays(case.distribution),
            picks: picks(case.size),
            cursor: RefCell::default(),
            meter: RefCell::new(Meter::new(case)),
            began: Instant::now(),
            done,
        });
        let start = async {
            match case.workload {
                Workload::Hold => hold(case, &shared),
                Workload::Churn => churn(case, &shared),
                Workload::Actors => actors(case, &shared),
                Workload::FanOut => fan_out(case, &shared),
                Workload::Burst => unreachable!("left out"),
            }
            is_done.recv().await.expect("the workload never runs dry")
        };
        let local = LocalSet::new();
        let now = local.run_until(start).await;
        let mut outcome = shared.meter.borrow().outcome(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX));
        // Tasks that are ready at the last instant still run.
        outcome.sum = outcome.sum.filter(|_| case.workload == Workload::FanOut);
        // Taking a million sleeping tasks apart is not measured; the process ends here.
        println!("{outcome}");
        std::process::exit(0)
    })
}

fn hold(case: &Case, shared: &Rc<Shared>) {
    for timer in 0..case.size_u64() {
        let shared = Rc::clone(shared);
        spawn_local(async move {
            loop {
                sleep(shared.next()).await;
                shared.count(timer);
            }
        });
    }
}

fn churn(case: &Case, shared: &Rc<Shared>) {
    type Timers = Rc<RefCell<Vec<Pin<Box<Sleep>>>>>;
    let timers: Timers =
        Rc::new(RefCell::new((0..case.size).map(|_| Box::pin(sleep(shared.next()))).collect()));
    for timer in 0..case.size {
        let (shared, timers) = (Rc::clone(shared), Rc::clone(&timers));
        spawn_local(async move {
            loop {
                core::future::poll_fn(|context| timers.borrow_mut()[timer].as_mut().poll(context)).await;
                let now = Instant::now();
                let mut all = timers.borrow_mut();
                all[timer].as_mut().reset(now + shared.next());
                for _ in 0..9 {
                    all[shared.next_pick()].as_mut().reset(now + shared.next());
                }
                shared.count(timer as u64);
            }
        });
    }
}

fn actors(case: &Case, shared: &Rc<Shared>) {
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..case.size).map(|_| mpsc::unbounded_channel::<u64>()).unzip();
    let senders = Rc::new(senders);
    for (actor, mut receiver) in receivers.into_iter().enumerate() {
        senders[actor].send(1).expect("the actor is there");
        let (shared, senders) = (Rc::clone(shared), Rc::clone(&senders));
        spawn_local(async move {
            let mut sum = 0;
            while let Some(value) = receiver.recv().await {
                sum += value;
                let index = shared.cursor.borrow_mut().0.advance();
                sleep(Duration::from_nanos(shared.delays[index])).await;
                shared.count(value);
                senders[shared.picks[index] as usize].send(value + 1).expect("the actor is there");
            }
            sum
        });
    }
}

fn fan_out(case: &Case, shared: &Rc<Shared>) {
    let (sender, _) = broadcast::channel::<u64>(16);
    for _ in 0..case.size {
        let (shared, mut receiver) = (Rc::clone(shared), sender.subscribe());
        spawn_local(async move {
            let mut sum = 0;
            while let Ok(value) = receiver.recv().await {
                sum += value;
                shared.count(value);
            }
            sum
        });
    }
    spawn_local(async move {
        let mut value = 0;
        loop {
            sleep(Duration::from_secs(1)).await;
            sender.send(value).expect("subscribers are there");
            value += 1;
        }
    });
}
