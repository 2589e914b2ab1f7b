//! The row of what routes have to agree with.

use super::{HOPS, NEIGHBOUR};
use crate::check::frame;
use crate::rows::{Is, Row, Table, U32, Use, opt};

/// What a route has to agree with.
pub(crate) static CRITERIA: Table = Table {
    what: "criteria",
    rows: &[Row::fields(
        "Criteria",
        &[
            opt("owner", Is::Name(Use::Client))
                .means("its owner, by the name of a client (`RTM_MATCH_OWNER`)"),
            NEIGHBOUR
                .means("its neighbour, by the name of a next hop of this client (`RTM_MATCH_NEIGHBOUR`)"),
            opt("preference", U32).means("its preference; with `metric` alone (`RTM_MATCH_PREF`)"),
            opt("metric", U32).means("its metric; with `preference` alone (`RTM_MATCH_PREF`)"),
            opt("via", HOPS).means("all its next hops, in their order (`RTM_MATCH_NEXTHOP`)"),
            opt("interface", U32).means("one of its next hops is on this interface (`RTM_MATCH_INTERFACE`)"),
        ],
        "",
    )
    .also(frame::criteria)],
};
