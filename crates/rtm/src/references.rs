//! Reference counts: who holds what, and when an object goes.
//!
//! An object counts every reference to it: the handles of clients, its place in a table or list, and the objects that
//! refer to it. It is freed at zero (1.10). Each client has a ledger of the references it holds, so that a release of
//! something it does not hold is seen (D-72, D-74), and so is what it leaves behind (D-71).

use crate::call::Reply;
use crate::function::Function;
use crate::handle::{
    AnyHandle, DestHandle, DestSlot, EntitySlot, NextHopHandle, NextHopSlot, NotifyHandle, RouteHandle,
    RouteSlot, from_bits,
};
use crate::info::{DestInfo, NextHopInfo, RouteInfo, RouteSpec};
use crate::look_up::fold;
use crate::lookup::Dest;
use crate::manager::{State, Step};
use crate::output::LeakSubject;
use crate::status::{Refusal, Status, Violation};
use alloc::vec::Vec;
use core::fmt;
use hashbrown::HashTable;

/// Which family of release functions a reference is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A handle, alone or in a structure other than those below.
    Handle,
    /// A copy of a destination that was looked up. Whether it is released with the copy or alone is the client's to
    /// choose (D-75); only a deletion tells it from [`Source::Handle`] (D-106).
    DestInfo,
    /// `RtmGetEntityInfo`: the structure holds no handle, so nothing else can release it.
    EntityInfo,
    /// `RtmGetChangedDests` of this registration (RTM-087).
    ChangedDests(NotifyHandle),
}

/// What a deletion has taken off the client's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consumed {
    /// One reference, which the object still counts.
    Reference,
    /// Nothing.
    Nothing,
}

/// Lists the references one client holds.
///
/// Taking one and giving it back costs the same however many objects are held. Lines of one object are found by one hash and
/// gone through: there is one for each way in which it is held, and for each registration through which it was fetched.
#[derive(Clone)]
pub(crate) struct Ledger {
    lines: HashTable<Line>,
    /// All references together.
    total: u64,
}

/// How often something is held.
#[derive(Clone, Copy, Debug)]
struct Line {
    key: Key,
    count: u32,
}

/// Says what is held and where it came from, in numbers: they are compared without a look at what kind they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    handle: u64,
    /// The registration it was fetched through; less than any number of one for the other sources.
    source: u64,
    kind: u8,
}

impl Key {
    const fn of(handle: AnyHandle, source: Source) -> Self {
        let kind = match handle {
            AnyHandle::Entity(_) => 0,
            AnyHandle::Dest(_) => 1,
            AnyHandle::Route(_) => 2,
            AnyHandle::NextHop(_) => 3,
        };
        let source = match source {
            Source::Handle => 0,
            Source::DestInfo => 1,
            Source::EntityInfo => 2,
            Source::ChangedDests(notify) => notify.to_bits(),
        };
        Self { handle: handle.to_bits(), source, kind }
    }

    fn handle(self) -> AnyHandle {
        match self.kind {
            0 => AnyHandle::Entity(from_bits(self.handle)),
            1 => AnyHandle::Dest(from_bits(self.handle)),
            2 => AnyHandle::Route(from_bits(self.handle)),
            3.. => AnyHandle::NextHop(from_bits(self.handle)),
        }
    }

    fn source(self) -> Source {
        match self.source {
            0 => Source::Handle,
            1 => Source::DestInfo,
            2 => Source::EntityInfo,
            3.. => Source::ChangedDests(from_bits(self.source)),
        }
    }

    /// Handles of different kinds with one number may meet: they are few.
    const fn hash(self) -> u64 {
        fold(self.handle ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93)
    }
}

impl Source {
    /// Returns what is released by the same functions, and is taken when there is none of this source left.
    const fn other(self) -> Option<Self> {
        match self {
            Self::Handle => Some(Self::DestInfo),
            Self::DestInfo => Some(Self::Handle),
            Self::EntityInfo | Self::ChangedDests(_) => None,
        }
    }
}

impl Ledger {
    pub(crate) const fn new() -> Self {
        Self { lines: HashTable::new(), total: 0 }
    }

    fn add(&mut self, handle: AnyHandle, source: Source) {
        self.total += 1;
        let key = Key::of(handle, source);
        if let Some(line) = self.lines.find_mut(key.hash(), |line| line.key == key) {
            line.count += 1;
        } else {
            self.lines.insert_unique(key.hash(), Line { key, count: 1 }, |line| line.key.hash());
        }
    }

    /// Takes off one reference that functions for this source release; returns where it came from, if it is held.
    fn take(&mut self, handle: AnyHandle, source: Source) -> Option<Source> {
        if self.take_of(handle, source) {
            return Some(source);
        }
        source.other().filter(|other| self.take_of(handle, *other))
    }

    /// Takes off one reference of exactly this source, if it is held.
    fn take_of(&mut self, handle: AnyHandle, source: Source) -> bool {
        let key = Key::of(handle, source);
        let Ok(mut entry) = self.lines.find_entry(key.hash(), |line| line.key == key) else {
            return false;
        };
        let line = entry.get_mut();
        assert!(line.count > 0, "a ledger has no empty lines");
        line.count -= 1;
        self.total -= 1;
        if line.count == 0 {
            entry.remove();
            self.give_room_back();
        }
        true
    }

    /// Keeps the room within a multiple of what is held.
    fn give_room_back(&mut self) {
        let held = self.lines.len();
        if self.lines.capacity() > 8 * held + 256 {
            self.lines.shrink_to(2 * held, |line| line.key.hash());
        }
    }

    /// Returns what is held of each object, whatever it is released by, in the order of handles.
    pub(crate) fn totals(&self) -> Vec<(AnyHandle, u32)> {
        let mut totals: Vec<(AnyHandle, u32)> = Vec::new();
        for (handle, _, count) in self.lines() {
            match totals.last_mut() {
                Some((last, total)) if *last == handle => *total += count,
                Some(_) | None => totals.push((handle, count)),
            }
        }
        totals
    }

    /// Returns what is held, from which source, and how often, in the order of handles. Sorts.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (AnyHandle, Source, u32)> + use<> {
        let lines = self.lines.iter().map(|line| (line.key.handle(), line.key.source(), line.count));
        let mut lines: Vec<(AnyHandle, Source, u32)> = lines.collect();
        lines.sort_unstable();
        lines.into_iter()
    }

    pub(crate) const fn count(&self) -> u64 {
        self.total
    }

    fn holds(&self, handle: AnyHandle) -> bool {
        let key = Key::of(handle, Source::Handle);
        let is_it = |line: &Line| (line.key.handle, line.key.kind) == (key.handle, key.kind);
        self.lines.find(key.hash(), is_it).is_some()
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.lines()).finish()
    }
}

impl PartialEq for Ledger {
    fn eq(&self, other: &Self) -> bool {
        self.total == other.total && self.lines().eq(other.lines())
    }
}

impl State {
    /// Gives a client a reference.
    pub(crate) fn reference(&mut self, client: EntitySlot, handle: AnyHandle, source: Source) {
        self.hold(handle);
        self.entities[client].ledger.add(handle, source);
    }

    fn references_mut(&mut self, handle: AnyHandle) -> Option<&mut u32> {
        match handle {
            AnyHandle::Entity(handle) => self.entities.get_mut(handle).map(|entity| &mut entity.references),
            AnyHandle::Dest(handle) => self.dests.get_mut(handle).map(|dest| &mut dest.references),
            AnyHandle::Route(handle) => self.routes.get_mut(handle).map(|route| &mut route.references),
            AnyHandle::NextHop(handle) => {
                self.next_hops.get_mut(handle).map(|next_hop| &mut next_hop.references)
            }
        }
    }

    /// Counts a reference to a living object.
    pub(crate) fn hold(&mut self, handle: AnyHandle) {
        *self.references_mut(handle).expect("what is referenced is alive") += 1;
    }

    /// Counts the references a stored route has on its neighbour and next hops.
    pub(crate) fn hold_next_hops(&mut self, spec: &RouteSpec) {
        for next_hop in next_hops_in(spec) {
            self.hold(AnyHandle::NextHop(next_hop));
        }
    }

    pub(crate) fn leak_subject(&self, handle: AnyHandle) -> LeakSubject {
        match handle {
            AnyHandle::Entity(handle) => {
                let entity = self.entities.get(handle).expect("a ledger names living objects");
                LeakSubject::Entity(handle, entity.info)
            }
            AnyHandle::Dest(handle) => {
                let dest = self.dests.get(handle).expect("a ledger names living objects");
                LeakSubject::Dest(handle, dest.address)
            }
            AnyHandle::Route(handle) => {
                let route = self.routes.slot(handle).expect("a ledger names living objects");
                LeakSubject::Route(self.route_name(route))
            }
            AnyHandle::NextHop(handle) => {
                let next_hop = self.next_hops.slot(handle).expect("a ledger names living objects");
                LeakSubject::NextHop(self.next_hop_name(next_hop))
            }
        }
    }
}

/// Returns the next hops a route refers to, the neighbour first, each as often as it is named.
pub(crate) fn next_hops_in(spec: &RouteSpec) -> impl Iterator<Item = NextHopHandle> {
    spec.neighbour.into_iter().chain(spec.next_hops.iter().copied())
}

/// Returns the handles in a copy of a route.
pub(crate) fn handles_in_route(info: &RouteInfo) -> impl Iterator<Item = AnyHandle> {
    [AnyHandle::Dest(info.dest), AnyHandle::Entity(info.owner)]
        .into_iter()
        .chain(next_hops_in(&info.spec).map(AnyHandle::NextHop))
}

/// Returns the handles in a copy of a next hop.
pub(crate) fn handles_in_next_hop(info: &NextHopInfo) -> impl Iterator<Item = AnyHandle> {
    core::iter::once(AnyHandle::Entity(info.owner)).chain(info.spec.remote.map(AnyHandle::Dest))
}

/// Hands on each handle in a copy of a destination.
fn each_handle_in_dest(info: &DestInfo, mut each: impl FnMut(AnyHandle)) {
    each(AnyHandle::Dest(info.dest));
    for view in &info.views {
        for route in [view.route, view.hold_route].into_iter().flatten() {
            each(AnyHandle::Route(route));
        }
        if let Some(owner) = view.owner {
            each(AnyHandle::Entity(owner));
        }
    }
}

impl Step<'_> {
    /// Gives a client the references of a copy of a destination.
    pub(crate) fn reference_dest_info(&mut self, client: EntitySlot, info: &DestInfo, source: Source) {
        each_handle_in_dest(info, |handle| self.state.reference(client, handle, source));
    }

    /// Gives copies of destinations back, with all handles in them, and keeps the room of their entries.
    pub(crate) fn release_dests(
        &mut self,
        caller: EntitySlot,
        infos: impl IntoIterator<Item = DestInfo> + AsRef<[DestInfo]>,
        source: Source,
        function: Function,
    ) -> Result<Reply, Refusal> {
        let mut handles = self.room.handles();
        infos.as_ref().iter().for_each(|info| each_handle_in_dest(info, |handle| handles.push(handle)));
        let released = self.release(caller, &handles, source, function);
        self.room.keep_handles(handles);
        infos.into_iter().for_each(|info| self.room.keep_views(info.views));
        released
    }

    pub(crate) fn reference_handles(
        &mut self,
        caller: EntitySlot,
        handles: &[AnyHandle],
    ) -> Result<Reply, Refusal> {
        for handle in handles {
            self.state.check_visible(caller, *handle)?;
        }
        for handle in handles {
            self.state.reference(caller, *handle, Source::Handle);
        }
        Ok(Reply::Nothing)
    }

    /// Releases what a release function was given; all of it or nothing (D-72).
    pub(crate) fn release(
        &mut self,
        caller: EntitySlot,
        handles: &[AnyHandle],
        source: Source,
        function: Function,
    ) -> Result<Reply, Refusal> {
        self.take_back(caller, handles, source, function)?;
        for handle in handles {
            self.drop_handle(*handle);
        }
        Ok(Reply::Nothing)
    }

    /// Takes references off a client's ledger, all or none; the objects still count them.
    pub(crate) fn take_back(
        &mut self,
        client: EntitySlot,
        handles: &[AnyHandle],
        source: Source,
        function: Function,
    ) -> Result<(), Violation> {
        let ledger = &mut self.state.entities[client].ledger;
        // Those few that were not taken from this source, with the one they were taken from.
        let mut from_others: Vec<(usize, Source)> = Vec::new();
        for (place, handle) in handles.iter().enumerate() {
            match ledger.take(*handle, source) {
                Some(from) if from == source => continue,
                Some(from) => {
                    from_others.push((place, from));
                    continue;
                }
                None => {}
            }
            let taken = &handles[..place];
            for (place, handle) in taken.iter().enumerate() {
                let other = from_others.iter().find(|(other, _)| *other == place);
                ledger.add(*handle, other.map_or(source, |(_, from)| *from));
            }
            let handle = *handle;
            return Err(if ledger.holds(handle) && !taken.contains(&handle) {
                Violation::WrongRelease { function, handle }
            } else {
                Violation::DoubleRelease { function, handle }
            });
        }
        Ok(())
    }

    /// Takes off the reference that a deletion of the route consumes.
    ///
    /// A handle that the client found in a copy of a destination stays with the copy, which is released as a whole (D-106).
    pub(crate) fn consume_route(
        &mut self,
        client: EntitySlot,
        route: RouteHandle,
        function: Function,
    ) -> Result<Consumed, Violation> {
        let handle = AnyHandle::Route(route);
        let ledger = &mut self.state.entities[client].ledger;
        if ledger.take_of(handle, Source::Handle) {
            Ok(Consumed::Reference)
        } else if ledger.holds(handle) {
            Ok(Consumed::Nothing)
        } else {
            Err(Violation::DoubleRelease { function, handle })
        }
    }

    /// Takes one reference off an object and frees it with the last.
    pub(crate) fn drop_handle(&mut self, handle: AnyHandle) {
        match handle {
            AnyHandle::Entity(handle) => {
                let slot = self.state.entities.slot(handle).expect("what is released is alive");
                self.drop_entity(slot);
            }
            AnyHandle::Dest(handle) => self.drop_dest_handle(handle),
            AnyHandle::Route(handle) => {
                let slot = self.state.routes.slot(handle).expect("what is released is alive");
                self.drop_route(slot);
            }
            AnyHandle::NextHop(handle) => {
                let slot = self.state.next_hops.slot(handle).expect("what is released is alive");
                self.drop_next_hop(slot);
            }
        }
    }

    fn drop_dest_handle(&mut self, handle: DestHandle) {
        let slot = self.state.dests.slot(handle).expect("what is released is alive");
        self.drop_dest(slot);
    }

    pub(crate) fn drop_entity(&mut self, slot: EntitySlot) {
        let entity = &mut self.state.entities[slot];
        if is_last(&mut entity.references) {
            assert!(!entity.registered, "a registered entity is never freed");
            assert_eq!(entity.ledger.count(), 0, "a freed entity holds no reference");
            self.state.entities.remove(slot);
        }
    }

    pub(crate) fn drop_next_hop(&mut self, slot: NextHopSlot) {
        if is_last(&mut self.state.next_hops[slot].references) {
            let next_hop = self.state.next_hops.remove(slot);
            if let Some(remote) = next_hop.spec.remote {
                self.drop_dest_handle(remote);
            }
            self.drop_entity(next_hop.owner);
        }
    }

    pub(crate) fn drop_route(&mut self, slot: RouteSlot) {
        if is_last(&mut self.state.routes[slot].references) {
            let route = self.state.routes.remove(slot);
            self.drop_next_hops(&route.spec);
            self.drop_dest(route.dest);
            self.drop_entity(route.owner);
        }
    }

    /// Takes off what a stored route counted on its neighbour and next hops.
    pub(crate) fn drop_next_hops(&mut self, spec: &RouteSpec) {
        for next_hop in next_hops_in(spec) {
            self.drop_handle(AnyHandle::NextHop(next_hop));
        }
    }

    /// A destination leaves the table when it has neither routes nor a hold nor marks nor opaque values nor references
    /// (D-34). What is armed goes with it (D-121).
    pub(crate) fn drop_dest(&mut self, slot: DestSlot) {
        let dest = &mut self.state.dests[slot];
        if is_last(&mut dest.references) {
            assert!(dest.first_route.is_none(), "a destination with routes is never freed");
            assert!(!self.state.is_held(slot), "a destination that is held is never freed");
            self.state.holds.remove(&slot);
            let dest = &self.state.dests[slot];
            self.state.tables[dest.table()].index.remove(slot, &self.state.dests);
            self.state.dests.remove(slot);
        }
    }
}

impl State {
    /// Checks that a handle names an object of the caller's table.
    fn check_visible(&self, caller: EntitySlot, handle: AnyHandle) -> Result<(), Refusal> {
        let table = self.entities[caller].table;
        let visible = match handle {
            AnyHandle::Entity(handle) => self.entities.get(handle).map(|entity| entity.table),
            AnyHandle::Dest(handle) => self.dests.get(handle).map(Dest::table),
            AnyHandle::Route(handle) => self.routes.get(handle).map(|route| self.dests[route.dest].table()),
            AnyHandle::NextHop(handle) => {
                self.next_hops.get(handle).map(|next_hop| self.entities[next_hop.owner].table)
            }
        };
        if visible == Some(table) { Ok(()) } else { Err(Status::InvalidHandle.into()) }
    }
}

fn is_last(references: &mut u32) -> bool {
    assert!(*references > 0, "a reference that is taken off has been counted");
    *references -= 1;
    *references == 0
}
