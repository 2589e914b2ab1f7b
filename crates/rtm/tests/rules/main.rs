//! One test a rule of the specification, by family; each doc comment names its rule.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the outcome it wants; every other one fails it"
)]
#![expect(clippy::needless_pass_by_value, reason = "tests hand over what they made for the call")]
#![expect(clippy::std_instead_of_alloc, reason = "tests have std")]

mod amended;
mod batch;
mod best;
mod book;
mod callbacks;
mod change;
mod decisions;
mod edges;
mod enumerations;
mod every_call;
mod expiry;
mod handles;
mod held_routes;
mod hold;
mod locked;
mod matching;
mod methods;
mod next_hops;
mod opaque;
mod pointers;
mod printing;
mod random;
mod registration;
mod route_lists;
mod routes;
mod silences;
mod waits;
mod world;
