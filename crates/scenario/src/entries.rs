//! The rows of who takes part: clients, observers, feeds, and what a client registers as besides.

use crate::check::client;
use crate::groups::MEMBERS_MAX;
use crate::plan::Family;
use crate::rows::{DELIVERY, Field, Is, Row, STEPS, TIME, TYPES, Table, U16, U32, Use, VIEWS, opt, or, req};
use crate::words::variants;

const FAMILY: Is = Is::Word("an address family", variants::<Family>);
const ON: Field = or("on", Is::Reactions, "`{}`").means(
    "its reactions: `{ RouteExpired: […], ChangeNotification: […], EntityRegistered: […], EntityDeregistered: […], Method: […] }`",
);

/// Who takes part.
pub(crate) static ENTRIES: Table = Table {
    what: "a client",
    rows: &[
        Row::fields(
            "Client",
            &[
                req("name", Is::Name(Use::OwnName)).means("the actor of its events"),
                req("protocol", Is::Protocol).means("what it registers as"),
                or("instance", U16, "`0`").means("the manager instance, 0 to 65535"),
                or("family", FAMILY, "`ipv4`").means("`ipv4` or `ipv6`"),
                opt("entity", U32)
                    .absent("unique")
                    .means("its `EntityInstanceId`, 0 to 2³² − 1; the default depends on the name alone"),
                or("callback", Is::Boolean, "`true`")
                    .means("`false`: it registers without a callback and never reacts"),
                or("opaque_slot", Is::Boolean, "`false`")
                    .means("`true`: it reserves an opaque slot in every destination when it registers"),
                or("methods", U32, "`0`").means(
                    "how many methods it exports when it registers, 32 at most; what they do is its reaction to `Method`",
                ),
                or("misbehaves", Is::Boolean, "`false`").means(
                    "`true`: it may break the contract or have calls refused; the monitor `calls-are-accepted` lets it",
                ),
                opt("delivery", DELIVERY)
                    .absent("the scenario's")
                    .means("its own policy; `Constant(\"0s\")` for none"),
                opt("takes", DELIVERY)
                    .absent("the scenario's")
                    .means("how long its callbacks take; `Constant(\"0s\")` for no time, and yet two events"),
                or("also", Is::List(&Is::One(&REGISTRATIONS)), "`[]`")
                    .means("what it can register as besides: a list of `Registration`, for `As`"),
                opt("count", Is::Integer(1, MEMBERS_MAX as u64))
                    .absent("no group")
                    .means("makes it a group of 1 to 65,535 members"),
                or("only", Is::List(&Is::Text), "all")
                    .means("the members that take part, by full name; they keep names and numbers"),
                or("script", Is::List(&Is::One(&STEPS)), "`[]`").means("its steps"),
                ON,
            ],
            "",
        )
        .also(client::client),
        Row::fields(
            "Observer",
            &[
                req("name", Is::Name(Use::OwnName)).means("the actor of its events"),
                or("at", TIME, "`\"0s\"`").means("when it registers"),
                or("protocol", Is::Protocol, "`\"NETMGMT\"`").means("what it registers as"),
                or("instance", U16, "`0`").means("the manager instance"),
                or("family", FAMILY, "`ipv4`").means("the address family"),
                opt("entity", U32).absent("unique").means("its `EntityInstanceId`"),
                or("types", TYPES, "`[Best]`")
                    .means("which changes it hears of: `All`, `Best`, `Forwarding`"),
                or("views", Is::Some(&VIEWS, "without a view nothing is ever notified"), "`[ucast]`")
                    .means("in which views"),
                opt("delivery", DELIVERY).absent("the scenario's").means("its own policy"),
                opt("takes", DELIVERY).absent("the scenario's").means("how long its callbacks take"),
            ],
            "",
        )
        .also(client::observer),
        Row::fields(
            "Feed",
            &[
                req("name", Is::Name(Use::OwnName)).means("what its actors begin with"),
                req("file", Is::File)
                    .means("the recording, relative to the scenario; `--input NAME=PATH` replaces it"),
                or("at", TIME, "`\"0s\"`").means("when its first row is due"),
                or("protocol", Is::Protocol, "`\"BGP\"`").means("what its peers register as"),
                or("instance", U16, "`0`").means("the manager instance"),
            ],
            "",
        )
        .also(client::feed),
    ],
};

/// What a client can register as besides.
pub(crate) static REGISTRATIONS: Table = Table {
    what: "a registration",
    rows: &[Row::fields(
        "Registration",
        &[
            req("name", Is::Name(Use::NewRegistration))
                .means("how an `As` of the client names it; the actor `ipv6` of `rip1` is `rip1.ipv6`"),
            or("instance", U16, "`0`").means("the manager instance"),
            or("family", FAMILY, "`ipv4`").means("the address family"),
            opt("entity", U32)
                .absent("unique")
                .means("its `EntityInstanceId`; the default depends on the name of the actor alone"),
            or("callback", Is::Boolean, "`true`")
                .means("`false`: without a callback; the client is told of nothing here"),
            or("opaque_slot", Is::Boolean, "`false`")
                .means("`true`: with an opaque slot in every destination of this table"),
            or("methods", U32, "`0`").means("how many methods the client exports with it"),
            ON,
        ],
        "",
    )
    .acts_as("name")
    .also(client::registration)],
};
