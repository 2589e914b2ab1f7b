//! The final best routes, one row for each destination and view.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tiebreak::Names;

use crate::behaviour::Behaviour;
use crate::world::RoutingWorld;

/// The best route of a destination in a view, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableRow {
    /// The manager instance.
    pub instance: u16,
    /// The destination: `10.0.0.0/8`.
    pub dest: String,
    /// The view: `ucast` or `mcast`.
    pub view: String,
    /// The name of the client that owns the route.
    pub owner: String,
    /// Who taught it, by address; `None` if it has no neighbour.
    pub neighbour: Option<String>,
    /// The preference, lower wins.
    pub preference: u32,
    /// The metric, lower wins among equal preferences.
    pub metric: u32,
    /// The next hops, by address, in the order of the route.
    pub next_hops: Vec<String>,
}

impl<B: Behaviour> RoutingWorld<B> {
    /// Returns the best routes of all tables, by instance and family, then in the order of addresses, then of views.
    #[must_use]
    pub fn table(&self, names: &Names) -> Vec<TableRow> {
        let mut tables: Vec<_> = self.manager().tables().collect();
        tables.sort();
        let mut rows = Vec::new();
        for table in tables {
            for found in self.manager().best_routes(table) {
                rows.push(TableRow {
                    instance: table.instance,
                    dest: found.dest.to_string(),
                    view: found.view.to_string(),
                    owner: self.actor_of(found.best.owner, names).unwrap_or_default().to_string(),
                    neighbour: found.best.neighbour.map(|hop| hop.address.bare().to_string()),
                    preference: found.best.preference,
                    metric: found.best.metric,
                    next_hops: found
                        .best
                        .next_hops
                        .iter()
                        .map(|hop| hop.address.bare().to_string())
                        .collect(),
                });
            }
        }
        rows
    }
}
