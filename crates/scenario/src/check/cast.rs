//! Who takes part in a scenario, and what its events can be about.

use alloc::collections::BTreeSet;
use core::net::IpAddr;
use core::ops::Range;

use crate::dest::CHANGED;
use crate::events::{About, Role};
use crate::groups::fill;
use crate::labels::numbers;
use crate::pattern::{is_glob_match, is_glob_match_of_any, may_be_glob_match};
use crate::plan::Prefix;

/// Somebody who takes part: a client, a group, an observer or a feed.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) role: Role,
    /// The names it acts under, with the numbers of members; a feed has none, its peers act.
    pub(crate) actors: Vec<(String, Option<u32>)>,
    /// What its events can be about.
    pub(crate) things: Vec<Thing>,
    /// The names of its actions and of the fields that are given with them.
    pub(crate) does: BTreeSet<&'static str>,
}

/// What an event can be about, as it stands in the file: in a group it may hold placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) about: About,
    pub(crate) text: String,
    /// How many occurrences it stands for if it is the label of a repeated step.
    pub(crate) times: Option<u32>,
    pub(crate) span: Range<usize>,
}

impl Cast {
    /// Returns the members, or the one there is, that a name or pattern means.
    pub(crate) fn meant(&self, actor: &str) -> impl Iterator<Item = Option<u32>> + Clone {
        self.actors.iter().filter(move |(name, _)| is_glob_match(actor, name)).map(|(_, member)| *member)
    }

    /// Can an event of these actors be about this?
    pub(crate) fn has(&self, about: About, subject: &str, actor: &str) -> bool {
        if self.things.iter().any(|thing| thing.is_for(about) && thing.text == CHANGED) {
            return true;
        }
        let mut members: Option<Vec<Option<u32>>> = None;
        self.things.iter().filter(|thing| thing.is_for(about) && thing.may_fit(subject)).any(|thing| {
            let members = members.get_or_insert_with(|| self.meant(actor).collect());
            // What holds no placeholder is the same for all members.
            let different = if thing.text.contains('{') { members.len() } else { 1 };
            members.iter().take(different).any(|member| thing.fits(subject, *member))
        })
    }
}

impl Thing {
    pub(crate) fn is_for(&self, about: About) -> bool {
        self.about == about || (self.about == About::Route && matches!(about, About::OwnRoute | About::Dest))
    }

    /// May there be a member for which it fits? Often the template tells that there is none. An IPv6 address or a length may
    /// stand there in another spelling than in events, and a repeated step has numbers besides.
    fn may_fit(&self, subject: &str) -> bool {
        let is_as_in_events = self.times.is_none() && !self.text.contains(':') && !self.text.contains("/0");
        !is_as_in_events || may_be_glob_match(subject, &self.text)
    }

    fn fits(&self, subject: &str, member: Option<u32>) -> bool {
        let text = self.of(member);
        let Some(times) = self.times else { return is_glob_match(subject, &text) };
        let (stem, first, last) = numbers(&text, Some(times));
        is_glob_match_of_any(subject, &format!("{stem}#"), first..=last)
    }

    /// Returns it as events of a member spell it; of a repeated step the label it was given.
    pub(crate) fn of(&self, member: Option<u32>) -> String {
        let text =
            member.and_then(|member| fill(&self.text, member).ok()).unwrap_or_else(|| self.text.clone());
        if !self.is_address() {
            return text;
        }
        let prefix = text.parse::<Prefix>().map(|prefix| prefix.to_string());
        prefix.or_else(|_| text.parse::<IpAddr>().map(|address| address.to_string())).unwrap_or(text)
    }

    fn is_address(&self) -> bool {
        matches!(self.about, About::Route | About::Dest | About::Host)
    }
}
