//! The routing table manager as a world.
#![no_std]
extern crate alloc;

mod behaviour;
mod build;
mod core;
mod describe;
mod desk;
mod event;
mod expectations;
mod feed;
mod model;
mod monitors;
mod observer;
mod run;
mod scripted;
mod subject;
mod table;
pub mod vocabulary;
mod world;

pub use behaviour::{Behaviour, NoBehaviour};
pub use build::{MissingRecording, Recordings};
pub use self::core::Delivery;
pub use desk::Desk;
pub use event::{ClientId, Event};
pub use expectations::Unmet;
pub use model::{Difference, Model};
pub use monitors::{
    ExpiryExactlyOnce, ForbiddenCallsRefused, MirrorEqualsTable, NoCallbackToTheGone, ReferencesReturnToZero,
    RoutingMonitor,
};
pub use observer::{Mirrored, Observer};
pub use run::{Finding, Fingerprinted, MODEL, ModelCheck, Prepared, Recorded, RunOptions, RunReport};
pub use subject::Subject;
pub use table::TableRow;
pub use world::RoutingWorld;
