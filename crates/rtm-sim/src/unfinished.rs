//! What has begun in a routing world and not ended.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak::{Name, Names, Subject as _};

use crate::behaviour::Behaviour;
use crate::core::Running;
use crate::world::RoutingWorld;

impl<B: Behaviour> RoutingWorld<B> {
    /// Returns what has begun and not ended, a sentence each, client by client: callbacks that have not returned, and calls that
    /// wait for a lock.
    #[must_use]
    pub fn unfinished(&self, names: &Names) -> Vec<String> {
        let mut unfinished = Vec::new();
        for client in &self.core.clients {
            let name = names.text(client.name);
            if let Some(Running { name: callback, .. }) = &client.running {
                unfinished.push(format!("{} has begun and not returned", spelled(callback, names)));
            }
            let waiting = client.waits.waiting().map(|waiting| (waiting.function.name(), waiting.on));
            unfinished.extend(waiting.map(|(function, on)| {
                let mut subject = String::new();
                // Writing to a `String` cannot fail.
                let _ = on.write(names, &mut subject);
                format!("{name} waits in {function} for {subject}")
            }));
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
