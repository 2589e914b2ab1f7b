//! How calls that read the table are spelled: matches.

use tiebreak::{Fact, Term};
use tiebreak_rtm::{MatchFlags, RouteInfo};

use super::{Facts, next_hop_subject, owner_fact};
use crate::core::Core;
use crate::vocabulary::{key, word};

/// What a route has to agree with; nothing if every route will do.
pub(super) fn match_flags(matching: MatchFlags, facts: &mut Facts) {
    let words: [(MatchFlags, Term); 5] = [
        (MatchFlags::OWNER, word::OWNER),
        (MatchFlags::NEIGHBOUR, word::NEIGHBOUR),
        (MatchFlags::PREF, word::PREF),
        (MatchFlags::NEXTHOP, word::NEXT_HOP),
        (MatchFlags::INTERFACE, word::INTERFACE),
    ];
    let selected = words.into_iter().filter(|(flag, _)| matching.contains(*flag));
    facts.extend(selected.map(|(_, word)| Fact::word(key::MATCH, word)));
}

/// Which route it is that was found.
pub(super) fn route(core: &Core, info: &RouteInfo, facts: &mut Facts) {
    facts.push(owner_fact(core, Some(info.owner)));
    facts.push(Fact::number(key::METRIC, u64::from(info.spec.metric)));
    facts.push(Fact::number(key::PREFERENCE, u64::from(info.spec.preference)));
    let hop = |hop| next_hop_subject(core, hop);
    facts.extend(info.spec.neighbour.map(|neighbour| Fact::subject(key::NEIGHBOUR, hop(neighbour))));
    facts.extend(info.spec.next_hops.iter().map(|next_hop| Fact::subject(key::VIA, hop(*next_hop))));
}
