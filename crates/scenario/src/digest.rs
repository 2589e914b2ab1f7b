//! Plan to canonical bytes: what the digest of a plan is taken over.
//!
//! The bytes hold what runs and nothing else: the horizon, the delivery, and every actor with groups turned into their
//! members and switches resolved. They do not hold what people read (`about`), what is checked or shown afterwards
//! (`expect`, `snapshots`, `regression`), or what a trace's header names itself (`seed`, the policy of `order`).
//!
//! ```text
//! plan     = format byte, fields                  fields = { number (1 byte, from 1), value }, 0
//! variant  = number (1 byte, from 1), fields      list   = count (u64), its values
//! number   = u64 little endian, whatever its width in Rust; so are spans (nanoseconds), protocols and statuses
//! text     = length in bytes (u64), UTF-8         address = 4 or 6, then its octets; a prefix adds its length, a number
//! ```
//!
//! Invariants:
//! * Plans that run differently have different bytes. The number of a field says of which kind its value is, every value
//!   says where it ends, and 0 ends the fields, so the bytes can be read in one way only.
//! * A field at its default adds no bytes, and neither does one that the language does not have yet: a new field, action
//!   or event takes the next free number and moves no digest. The defaults are written down here; if the language ever
//!   changes one of its own, the digests of the plans that run differently change with it.
//! * The numbers are assigned by exhaustive matches and by patterns that name every field. Renaming or reordering anything
//!   in Rust changes no byte, and what is new in Rust does not compile until it has a number.
//! * A number is never given a second meaning. Whatever changes the bytes of an existing plan raises [`FORMAT`].
//!
//! What clients do is in `action` and `condition`, each beside its type.
//!
//! It does not go through serde or the text of a scenario: there a protocol that gets a name, or another way to write a
//! span or an address, would change the digest of a plan that runs as before.

use alloc::collections::BTreeMap;
use core::net::IpAddr;

use tiebreak_kernel::Span;

use crate::plan::{
    Action, Actor, AddMode, Cause, ChangeType, Client, Delivery, Dest, Event, Family, Feed, LockMode, Match,
    Observer, Plan, Prefix, Protocol, Registration, Rest, Selector, Status, Step, Timing, View,
};

/// The first of the bytes.
const FORMAT: u8 = 1;

/// What ends the fields of a plan or a variant; no field has this number.
const END: u8 = 0;

impl Plan {
    /// Returns canonical bytes of what the plan runs, for a digest: plans that run differently have different bytes.
    ///
    /// What only people read, what is checked or shown afterwards, the seed and the order policy are not in them; an order by
    /// hand is. Neither are
    /// the recordings of feeds, which are not part of a plan. A plan with switches counts as one with all of them off.
    ///
    /// # Panics
    /// If a group was not checked, like [`Plan::expand`].
    #[must_use]
    pub fn digest_bytes(&self) -> Vec<u8> {
        if self.switches.is_empty() {
            return self.digest_bytes_of(&self.expand());
        }
        match self.with_switches(&[]) {
            Ok(resolved) => resolved.digest_bytes_of(&resolved.expand()),
            Err(error) => panic!("turning no switch on asks for no unknown one: {error}"),
        }
    }

    /// Returns the bytes of [`Plan::digest_bytes`] for a plan whose switches are resolved; `actors` are those that
    /// [`Plan::expand`] gave, so that groups need not be expanded again.
    #[must_use]
    pub fn digest_bytes_of(&self, actors: &[Actor]) -> Vec<u8> {
        let mut bytes = Bytes(vec![FORMAT]);
        bytes.plan(self, actors);
        bytes.0
    }
}

/// Something with canonical bytes, which say themselves where they end.
pub(crate) trait Canonical {
    /// Appends them.
    fn put(&self, bytes: &mut Bytes);
}

/// The bytes so far.
pub(crate) struct Bytes(Vec<u8>);

impl Bytes {
    /// Appends the fields of a plan without switches.
    fn plan(&mut self, plan: &Plan, actors: &[Actor]) {
        let Plan {
            format: _,
            about: _,
            until,
            order,
            seed: _,
            limit: _,
            delivery,
            takes,
            switches: _,
            clients: _,
            expect: _,
            snapshots: _,
            regression: _,
        } = plan;
        self.field(1, until).unless(2, delivery, &Delivery::None).list(3, actors, &[]);
        self.unless(4, takes, &Delivery::None);
        if let Some(Cause { constraints, draws, rest }) = order.cause() {
            self.list(5, constraints, &[]).list(6, draws, &[]);
            if *rest == Rest::Quiet {
                self.field(7, &true);
            }
        }
        self.end();
    }

    /// Starts a variant.
    pub(crate) fn variant(&mut self, number: u8) -> &mut Self {
        self.0.push(number);
        self
    }

    /// Appends a field without a default.
    pub(crate) fn field<T: Canonical>(&mut self, number: u8, value: &T) -> &mut Self {
        assert_ne!(number, END, "a field must not look like the end");
        self.0.push(number);
        value.put(self);
        self
    }

    /// Appends a field unless it is absent.
    pub(crate) fn option<T: Canonical>(&mut self, number: u8, value: Option<&T>) -> &mut Self {
        match value {
            Some(value) => self.field(number, value),
            None => self,
        }
    }

    /// Appends a field unless it has its default value.
    pub(crate) fn unless<T: Canonical + PartialEq>(
        &mut self,
        number: u8,
        value: &T,
        default: &T,
    ) -> &mut Self {
        if value == default { self } else { self.field(number, value) }
    }

    /// Appends a list unless it is the default one.
    pub(crate) fn list<T: Canonical + PartialEq>(
        &mut self,
        number: u8,
        items: &[T],
        default: &[T],
    ) -> &mut Self {
        if items == default { self } else { self.field(number, &items) }
    }

    /// Appends what is done on events, by number, so that the order in which Rust sorts events does not matter.
    fn reactions(&mut self, on: &BTreeMap<Event, Vec<Action>>) -> &mut Self {
        let mut reactions: Vec<(u8, &Vec<Action>)> =
            on.iter().map(|(event, actions)| (reaction(*event), actions)).collect();
        reactions.sort_by_key(|(number, _)| *number);
        for (number, actions) in reactions {
            self.field(number, actions);
        }
        self
    }

    /// Ends the fields.
    pub(crate) fn end(&mut self) {
        self.0.push(END);
    }
}

impl Canonical for u64 {
    fn put(&self, bytes: &mut Bytes) {
        bytes.0.extend(self.to_le_bytes());
    }
}

/// Numbers take the room of the widest, whatever their width in Rust.
macro_rules! widened {
    ($($type:ident)+) => {$(
        impl Canonical for $type {
            fn put(&self, bytes: &mut Bytes) {
                u64::from(*self).put(bytes);
            }
        }
    )+};
}

widened! { u32 u16 bool }

/// Words have numbers.
macro_rules! numbered {
    ($($type:ident { $($variant:ident = $number:literal),+ })+) => {$(
        impl Canonical for $type {
            fn put(&self, bytes: &mut Bytes) {
                let number = match self { $(Self::$variant => $number,)+ };
                bytes.variant(number).end();
            }
        }
    )+};
}

numbered! {
    Family { Ipv4 = 1, Ipv6 = 2 }
    View { Unicast = 1, Multicast = 2 }
    ChangeType { All = 1, Best = 2, Forwarding = 3 }
    Match { Exact = 1, Longest = 2, LessSpecific = 3, Walk = 4 }
    LockMode { Exclusive = 1, Shared = 2 }
    AddMode { Auto = 1, New = 2, First = 3 }
}

impl Canonical for String {
    fn put(&self, bytes: &mut Bytes) {
        (self.len() as u64).put(bytes);
        bytes.0.extend(self.as_bytes());
    }
}

impl<T: Canonical> Canonical for &[T] {
    fn put(&self, bytes: &mut Bytes) {
        (self.len() as u64).put(bytes);
        for item in *self {
            item.put(bytes);
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn put(&self, bytes: &mut Bytes) {
        self.as_slice().put(bytes);
    }
}

impl Canonical for Span {
    fn put(&self, bytes: &mut Bytes) {
        self.as_nanos().put(bytes);
    }
}

impl Canonical for Protocol {
    fn put(&self, bytes: &mut Bytes) {
        self.number().put(bytes);
    }
}

impl Canonical for Status {
    fn put(&self, bytes: &mut Bytes) {
        self.number().put(bytes);
    }
}

impl Canonical for IpAddr {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::V4(address) => bytes.variant(4).0.extend(address.octets()),
            Self::V6(address) => bytes.variant(6).0.extend(address.octets()),
        }
    }
}

impl Canonical for Dest {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            // No more than the prefix itself, whose first byte is the number of its family.
            Self::Prefix(prefix) => prefix.put(bytes),
            Self::Changed => bytes.variant(1).end(),
        }
    }
}

impl Canonical for Prefix {
    fn put(&self, bytes: &mut Bytes) {
        self.ip().put(bytes);
        u64::from(self.prefix_len()).put(bytes);
    }
}

impl Canonical for Delivery {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::None => bytes.variant(1).end(),
            Self::Constant(span) => bytes.variant(2).field(1, span).end(),
            Self::Drawn { min, max } => bytes.variant(3).field(1, min).field(2, max).end(),
        }
    }
}

impl Canonical for Selector {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::Best => bytes.variant(1).end(),
            Self::This => bytes.variant(2).end(),
            Self::Of(protocol) => bytes.variant(3).field(1, protocol).end(),
        }
    }
}

impl Canonical for Actor {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::Client(client) => client.put(bytes.variant(1)),
            Self::Observer(observer) => observer.put(bytes.variant(2)),
            Self::Feed(feed) => feed.put(bytes.variant(3)),
        }
    }
}

impl Canonical for Client {
    fn put(&self, bytes: &mut Bytes) {
        let Self {
            name,
            protocol,
            instance,
            family,
            entity,
            has_callback,
            opaque_slot,
            methods,
            delivery,
            takes,
            also,
            script,
            on,
            misbehaves: _,
            count: _,
            only: _,
        } = self;
        bytes.field(1, name).field(2, protocol).unless(3, instance, &0).unless(4, family, &Family::Ipv4);
        bytes.option(5, entity.as_ref()).unless(6, has_callback, &true).option(7, delivery.as_ref());
        bytes.list(8, script, &[]);
        bytes
            .reactions(on)
            .option(13, takes.as_ref())
            .list(14, also, &[])
            .unless(15, opaque_slot, &false)
            .unless(17, methods, &0)
            .end();
    }
}

impl Canonical for Registration {
    fn put(&self, bytes: &mut Bytes) {
        let Self { name, instance, family, entity, has_callback, opaque_slot, methods, on } = self;
        bytes.field(1, name).unless(3, instance, &0).unless(4, family, &Family::Ipv4);
        bytes.option(5, entity.as_ref()).unless(6, has_callback, &true).reactions(on);
        bytes.unless(15, opaque_slot, &false).unless(17, methods, &0).end();
    }
}

/// Returns the number of the field of a client or a registration that holds what it does on this event.
const fn reaction(event: Event) -> u8 {
    match event {
        Event::EntityRegistered => 9,
        Event::EntityDeregistered => 10,
        Event::RouteExpired => 11,
        Event::ChangeNotification => 12,
        Event::Method => 16,
    }
}

impl Canonical for Observer {
    fn put(&self, bytes: &mut Bytes) {
        let Self { name, at, protocol, instance, family, entity, types, views, delivery, takes } = self;
        bytes.field(1, name).unless(2, at, &Span::ZERO).unless(3, protocol, &Protocol::NETMGMT);
        bytes.unless(4, instance, &0).unless(5, family, &Family::Ipv4).option(6, entity.as_ref());
        bytes.list(7, types, &[ChangeType::Best]).list(8, views, &[View::Unicast]);
        bytes.option(9, delivery.as_ref()).option(10, takes.as_ref()).end();
    }
}

impl Canonical for Feed {
    fn put(&self, bytes: &mut Bytes) {
        let Self { name, file, at, protocol, instance } = self;
        bytes.field(1, name).field(2, file).unless(3, at, &Span::ZERO);
        bytes.unless(4, protocol, &Protocol::BGP).unless(5, instance, &0).end();
    }
}

impl Canonical for Step {
    fn put(&self, bytes: &mut Bytes) {
        let Self { timing, action, condition, label, with, without } = self;
        match timing {
            Timing::Once(at) => bytes.variant(1).field(1, at),
            Timing::Every { from, period, times, jitter } => bytes
                .variant(2)
                .field(1, from)
                .field(2, period)
                .field(3, times)
                .unless(8, jitter, &Span::ZERO),
        };
        // Labels are the names of events, so they are always there, also default ones. The switches of a step are gone
        // from a checked plan that is resolved; of one made by hand they must not be lost.
        bytes.field(4, action).field(5, label).option(6, with.as_ref()).option(7, without.as_ref());
        bytes.option(9, condition.as_ref()).end();
    }
}
