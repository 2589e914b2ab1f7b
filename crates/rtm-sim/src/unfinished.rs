//! What has begun in a routing world and not ended.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Name, Names, Subject as _};

use crate::behaviour::Behaviour;
use crate::core::Running;
use crate::world::RoutingWorld;

/// Something that a client has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The name of the client.
    pub client: String,
    /// What it is in, behind its name: `waits in RtmLockDestination for 10.0.0.0/8`.
    pub what: String,
}

impl<B: Behaviour> RoutingWorld<B> {
    /// Returns what has begun and not ended, client by client: callbacks that have not returned, and calls that wait for a lock.
    #[must_use]
    pub fn unfinished(&self, names: &Names) -> Vec<Unfinished> {
        let mut unfinished = Vec::new();
        for client in &self.core.clients {
            let name = names.text(client.name);
            let mut put = |what| unfinished.push(Unfinished { client: name.to_owned(), what });
            if let Some(Running { name: callback, .. }) = &client.running {
                put(format!("has not returned from {}", spelled(callback, names)));
            }
            for waiting in client.waits.waiting() {
                let mut subject = String::new();
                // Writing to a `String` cannot fail.
                let _ = waiting.on.write(names, &mut subject);
                put(format!("waits in {} for {subject}", waiting.function.name()));
            }
        }
        unfinished
    }
}

/// A name without a repeat, as traces spell it.
fn spelled<S: tiebreak::Subject>(name: &Name<S>, names: &Names) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = name.write(names, &mut text);
    text
}
