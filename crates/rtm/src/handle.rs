//! Handles: typed, generational, never reused within a run (D-73), and the slabs they point into.

use crate::look_up::fold;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::num::NonZeroU32;
use core::ops::{Index, IndexMut};

/// What the slabs need to know of a handle type.
pub(crate) trait Handle: Copy {
    /// The same place without the generation: how the manager's own objects refer to each other. A reference count
    /// keeps the place occupied, so no generation is needed.
    type Slot: Copy + Eq + fmt::Debug;
    /// What a handle of this type is introduced by to a hasher.
    const TAG: u64;
    fn from_parts(slot: NonZeroU32, generation: NonZeroU32) -> Self;
    fn parts(self) -> (NonZeroU32, NonZeroU32);
    fn slot_at(place: NonZeroU32) -> Self::Slot;
    fn place_of(slot: Self::Slot) -> NonZeroU32;
}

/// A number for a type of handles, unlikely to be hashed for anything else.
const fn tag(noun: &str) -> u64 {
    let (bytes, mut sum, mut at) = (noun.as_bytes(), 0x9E37_79B9_7F4A_7C15, 0);
    while at < bytes.len() {
        sum = fold(sum ^ bytes[at] as u64, 0xD6E8_FEB8_6659_FD93);
        at += 1;
    }
    sum
}

macro_rules! handles {
    ($($(#[$documentation:meta])* $handle:ident, $slot:ident, $noun:literal;)*) => {$(
        $(#[$documentation])*
        ///
        /// It names one object for ever and is never reused (D-73).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $handle {
            slot: NonZeroU32,
            generation: NonZeroU32,
        }

        impl $handle {
            /// Returns the handle as one number, for maps and encodings; equal numbers are equal handles.
            #[must_use]
            pub const fn to_bits(self) -> u64 {
                ((self.generation.get() as u64) << 32) | self.slot.get() as u64
            }
        }

        impl fmt::Display for $handle {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}#{}.{}", $noun, self.slot, self.generation)
            }
        }

        impl fmt::Debug for $handle {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        /// By its number, and so that [`Naming`](crate::Naming) can tell that it is a handle.
        impl Hash for $handle {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_u128(u128::from(Self::TAG) << 64 | u128::from(self.to_bits()));
            }
        }

        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $slot(NonZeroU32);

        impl Handle for $handle {
            type Slot = $slot;
            const TAG: u64 = tag($noun);
            fn from_parts(slot: NonZeroU32, generation: NonZeroU32) -> Self {
                Self { slot, generation }
            }
            fn parts(self) -> (NonZeroU32, NonZeroU32) {
                (self.slot, self.generation)
            }
            fn slot_at(place: NonZeroU32) -> $slot {
                $slot(place)
            }
            fn place_of(slot: $slot) -> NonZeroU32 {
                slot.0
            }
        }
    )*};
}

handles! {
    /// The handle of an entity: of a registered client, or of one that has been.
    EntityHandle, EntitySlot, "entity";
    /// The handle of a destination.
    DestHandle, DestSlot, "dest";
    /// The handle of a route.
    RouteHandle, RouteSlot, "route";
    /// The handle of a next hop.
    NextHopHandle, NextHopSlot, "next-hop";
    /// The handle of a registration for change notification.
    NotifyHandle, NotifySlot, "notify";
    /// The handle of a route list, which only the client that created it can use (D-74); it is consumed when the list is deleted.
    RouteListHandle, RouteListSlot, "route-list";
    /// The handle of an enumeration, which only the client that created it can use (D-74); it is consumed when that is deleted.
    EnumHandle, EnumSlot, "enum";
    /// The id of one callback, from its delivery to its return.
    CallbackId, CallbackSlot, "callback";
    /// The ticket of one call that waits.
    Ticket, TicketSlot, "ticket";
}

/// A handle of any type a client can hold references on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyHandle {
    /// An entity.
    Entity(EntityHandle),
    /// A destination.
    Dest(DestHandle),
    /// A route.
    Route(RouteHandle),
    /// A next hop.
    NextHop(NextHopHandle),
}

impl fmt::Display for AnyHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(handle) => handle.fmt(formatter),
            Self::Dest(handle) => handle.fmt(formatter),
            Self::Route(handle) => handle.fmt(formatter),
            Self::NextHop(handle) => handle.fmt(formatter),
        }
    }
}

/// Owns the objects of one kind.
///
/// Generations stand apart from what they are of, which would have to be rounded up to make room for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slab<H, T> {
    generations: Vec<NonZeroU32>,
    values: Vec<Option<T>>,
    free: Vec<NonZeroU32>,
    alive: usize,
    kind: core::marker::PhantomData<H>,
}

impl<H: Handle, T> Slab<H, T> {
    pub(crate) const fn new() -> Self {
        Self {
            generations: Vec::new(),
            values: Vec::new(),
            free: Vec::new(),
            alive: 0,
            kind: core::marker::PhantomData,
        }
    }

    /// Stores `value` in the place freed last, or in a new one.
    ///
    /// # Panics
    /// If more than `u32::MAX` objects of one kind are alive.
    pub(crate) fn insert(&mut self, value: T) -> H::Slot {
        self.alive += 1;
        if let Some(place) = self.free.pop() {
            let free = &mut self.values[position(place)];
            assert!(free.is_none(), "a free place holds nothing");
            *free = Some(value);
            return H::slot_at(place);
        }
        self.values.push(Some(value));
        self.generations.push(NonZeroU32::MIN);
        let place = u32::try_from(self.values.len()).ok().and_then(NonZeroU32::new);
        H::slot_at(place.expect("fewer than 2^32 objects of one kind are alive"))
    }

    /// Takes the object out; its handle is dead from now on.
    pub(crate) fn remove(&mut self, slot: H::Slot) -> T {
        let place = H::place_of(slot);
        let value = self.values[position(place)].take().expect("what is removed is alive");
        self.alive -= 1;
        // A place whose generations are used up is retired: no handle comes twice (D-73).
        let generation = &mut self.generations[position(place)];
        if let Some(next) = generation.checked_add(1) {
            *generation = next;
            self.free.push(place);
        }
        value
    }

    /// Finds the place of a handle, if its object is alive.
    pub(crate) fn slot(&self, handle: H) -> Option<H::Slot> {
        let (place, generation) = handle.parts();
        let known = *self.generations.get(position(place))?;
        (known == generation && self.values[position(place)].is_some()).then(|| H::slot_at(place))
    }

    pub(crate) fn get(&self, handle: H) -> Option<&T> {
        self.slot(handle).map(|slot| &self[slot])
    }

    /// Tells whether this slab ever gave out `handle`.
    pub(crate) fn was_given_out(&self, handle: H) -> bool {
        let (place, generation) = handle.parts();
        self.generations.get(position(place)).is_some_and(|known| generation <= *known)
    }

    pub(crate) fn handle(&self, slot: H::Slot) -> H {
        let place = H::place_of(slot);
        H::from_parts(place, self.generations[position(place)])
    }

    /// Returns how many objects are alive.
    pub(crate) const fn alive(&self) -> usize {
        self.alive
    }

    /// Returns the live objects in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (H::Slot, &T)> {
        (1_u32..).zip(&self.values).filter_map(|(place, value)| {
            let slot = H::slot_at(NonZeroU32::new(place)?);
            Some((slot, value.as_ref()?))
        })
    }
}

fn position(place: NonZeroU32) -> usize {
    place.get() as usize - 1
}

impl<H: Handle, T> Index<H::Slot> for Slab<H, T> {
    type Output = T;
    fn index(&self, slot: H::Slot) -> &T {
        self.values[position(H::place_of(slot))].as_ref().expect("a slot in use is alive")
    }
}

impl<H: Handle, T> IndexMut<H::Slot> for Slab<H, T> {
    fn index_mut(&mut self, slot: H::Slot) -> &mut T {
        self.values[position(H::place_of(slot))].as_mut().expect("a slot in use is alive")
    }
}
