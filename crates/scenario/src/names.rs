//! Names and what they stand for: what is known of a whole file once it has been lowered.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::net::IpAddr;
use core::ops::Range;

use tiebreak_diagnostic::{Diagnostic, code, meant};
use tiebreak_kernel::{NameError, Names, Span};
use tiebreak_rtm::AddressError;

use crate::SUGGESTIONS_MAX;
use crate::check::Used;
use crate::check::cast::{Cast, Thing};
use crate::check::client::Entity;
use crate::check::patterns::one_of_names;
use crate::dest::CHANGED;
use crate::events::{About, Role};
use crate::groups::{PLACEHOLDERS, fill, member_name};
use crate::labels::Taken;
use crate::makers::Makers;
use crate::plan::{Family, MANAGER, Pattern, Prefix};
use crate::rows::Use;

/// What a name is made of.
pub(crate) const NAME_HELP: &str = "a name has no spaces and none of `/ ( ) # * { } @`";

/// What is to be said of one client, or of one of its registrations.
#[derive(Debug)]
pub(crate) struct ClientTexts {
    pub(crate) role: Role,
    pub(crate) instance: u16,
    /// The family it registers for; of a feed the default one, because its peers register for either.
    pub(crate) family: Family,
    /// The numbers of a group's members; `None` if it is no group.
    pub(crate) members: Option<Vec<u32>>,
    pub(crate) used: Vec<Used>,
    /// The labels of its steps, and what else its events can be about although it is no text of the file.
    pub(crate) things: Vec<Thing>,
    pub(crate) does: BTreeSet<&'static str>,
}

/// Who may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A client, an observer or a peer of a feed.
    Client,
    /// One of these, or the manager.
    Anybody,
}

/// A name that must be that of somebody who takes part.
#[derive(Debug)]
pub(crate) struct ActorUse {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
    /// The member that says so, if it depends on it.
    pub(crate) user: Option<String>,
    pub(crate) who: Who,
}

/// What is known across clients.
#[derive(Debug, Default)]
pub(crate) struct Registry<'t> {
    /// The text of the file.
    pub(crate) source: &'t str,
    /// Where its lines start.
    pub(crate) lines: Vec<usize>,
    /// The end of the run, if it could be read.
    pub(crate) end: Option<Span>,
    /// The names that are taken, where they stand first, and by whom.
    pub(crate) names: BTreeMap<String, (Range<usize>, Role)>,
    pub(crate) feeds: BTreeSet<String>,
    /// Who takes part.
    pub(crate) cast: Vec<Cast>,
    /// The actors of what the manager notes: one for each table that somebody can register in.
    pub(crate) tables: BTreeSet<String>,
    /// Who says which entity it is.
    pub(crate) entities: BTreeMap<Entity, (String, Range<usize>)>,
    pub(crate) patterns: Vec<(Pattern, Range<usize>)>,
    pub(crate) subjects: Vec<(String, Range<usize>)>,
    pub(crate) actor_uses: Vec<ActorUse>,
    pub(crate) switches: Vec<(String, Range<usize>)>,
    /// Where each of them stands first.
    pub(crate) switch_places: BTreeMap<String, Range<usize>>,
    pub(crate) switch_uses: Vec<(String, Range<usize>)>,
    pub(crate) times: Vec<(Span, Range<usize>)>,
    /// The first and the last time of each repeated step.
    pub(crate) last_times: Vec<(Span, Span, Range<usize>)>,
}

impl Registry<'_> {
    /// Takes in a client and checks what concerns it alone.
    pub(crate) fn client(
        &mut self,
        name: &str,
        texts: ClientTexts,
        (own, makers): (usize, &Makers),
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for used in &texts.used {
            self.text(name, used, &texts, diagnostics);
        }
        let kinds = [
            (
                Use::NewNextHop,
                Use::NextHop,
                code::UNKNOWN_NEXT_HOP,
                "next hop",
                ["AddNextHop(name: ", ", …)"],
            ),
            (Use::NewRoute, Use::Route, code::UNKNOWN_ROUTE, "route", ["AddRoute(name: ", ", …)"]),
            (
                Use::NewChanges,
                Use::Changes,
                code::UNKNOWN_CHANGES,
                "registration for changes",
                ["RegisterForChanges(name: ", ", …)"],
            ),
            (Use::NewList, Use::List, code::UNKNOWN_LIST, "route list", ["CreateRouteList(name: ", ")"]),
            (Use::NewEnum, Use::Enum, code::UNKNOWN_ENUM, "enumeration", ["CreateDestEnum(name: ", ", …)"]),
            (
                Use::NewLater,
                Use::Later,
                code::UNKNOWN_LABEL,
                "`After` labelled",
                ["After(\"5ms\", […], ", ")"],
            ),
        ];
        for (new, usage, code, what, [before, behind]) in kinds {
            let of = |what| texts.used.iter().filter(move |used: &&Used| used.what == what);
            let known: BTreeSet<&str> = of(new).map(|used| used.text.as_str()).collect();
            for used in of(usage).filter(|used| !known.contains(used.text.as_str())) {
                let message = format!("`{name}` has no {what} `{}`", used.text);
                let help = match makers.other(own, new, &used.text) {
                    None if diagnostics.len() >= SUGGESTIONS_MAX => String::new(),
                    Some(other) => format!("`{other}` has it: each registration has its own"),
                    None => meant(&used.text, known.iter().copied(), || {
                        format!("`{before}\"{}\"{behind}` in the same client makes it", used.text)
                    }),
                };
                diagnostics.push(Diagnostic::error(code, used.span.clone(), message).help(help));
            }
        }
        let ClientTexts { role, instance, family, members, used, mut things, does } = texts;
        self.check_labels(name, &things, members.as_deref(), diagnostics);
        things.extend(used.into_iter().filter_map(|Used { what, text, span, of: _ }| {
            Some(Thing { about: what.about()?, text, times: None, span })
        }));
        let actors = match (role, members) {
            (Role::Peer, _) => Vec::new(),
            (_, None) => Vec::from([(name.to_owned(), None)]),
            (_, Some(members)) => {
                members.into_iter().map(|member| (member_name(name, member), Some(member))).collect()
            }
        };
        self.tables.insert(table(instance, family));
        if role == Role::Peer {
            self.tables.insert(table(instance, Family::Ipv6));
            self.feeds.insert(name.to_owned());
        }
        self.cast.push(Cast { role, actors, things, does });
    }

    /// Reports labels that stand for two steps, also where only one member has them twice. A repeated step has a whole range
    /// of numbers.
    fn check_labels(
        &self,
        client: &str,
        things: &[Thing],
        members: Option<&[u32]>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let labels = || things.iter().filter(|thing| thing.about == About::Label);
        let members = members.filter(|_| labels().any(|label| label.text.contains('{')));
        let members: Vec<Option<u32>> =
            members.map_or(Vec::from([None]), |members| members.iter().copied().map(Some).collect());
        let mut reported: BTreeSet<usize> = BTreeSet::new();
        for member in members {
            let mut taken = Taken::new();
            for label in labels() {
                let text = label.of(member);
                let Err(before) = taken.take(&text, label.times, &label.span) else { continue };
                if reported.insert(label.span.start) {
                    let owner = member.map(|member| format!("for `{}`: ", member_name(client, member)));
                    let owner = owner.unwrap_or_default();
                    let what = format!("{owner}the label `{text}`");
                    let twice = self.twice(code::DUPLICATE_LABEL, &what, before, label.span.clone());
                    let help = "a label names one step of the client: write another one with `label: …`";
                    diagnostics.push(twice.help(help));
                }
            }
        }
    }

    /// Returns that something is given twice, with the line in which it stands first.
    pub(crate) fn twice(
        &self,
        code: &'static str,
        what: &str,
        first: &Range<usize>,
        again: Range<usize>,
    ) -> Diagnostic {
        let line = self.lines.partition_point(|start| *start <= first.start);
        let message = format!("{what} is given twice, first in line {line}");
        Diagnostic::error(code, again, message).label("given again").help("keep one of them")
    }

    /// Checks one text of a client; in a group, as each member will have it.
    fn text(&mut self, client: &str, used: &Used, texts: &ClientTexts, diagnostics: &mut Vec<Diagnostic>) {
        let Some(members) = &texts.members else {
            if let Some(mistake) = self.filled(used, &used.text, texts, None) {
                diagnostics.push(without_group(mistake, &used.text));
            }
            return;
        };
        if fill(&used.text, 1).is_err() {
            let message = format!("\"{}\" has a brace that belongs to no placeholder", used.text);
            let help = format!("the placeholders are `{}`", PLACEHOLDERS.join("`, `"));
            diagnostics.push(Diagnostic::error(code::GROUP, used.span.clone(), message).help(help));
            return;
        }
        let depends = used.text.contains('{') || used.what == Use::OwnName;
        let members = if depends { members.as_slice() } else { &members[..members.len().min(1)] };
        for member in members {
            let is_own = used.what == Use::OwnName;
            let filled = if is_own {
                member_name(&used.text, *member)
            } else {
                fill(&used.text, *member).unwrap_or_default()
            };
            let owner = depends.then(|| member_name(client, *member));
            if let Some(mut mistake) = self.filled(used, &filled, texts, owner.clone()) {
                if let Some(owner) = owner.filter(|_| !is_own) {
                    mistake.message = format!("for `{owner}`: {}", mistake.message);
                }
                diagnostics.push(mistake);
                return;
            }
        }
    }

    /// Checks a text without placeholders.
    fn filled(
        &mut self,
        used: &Used,
        text: &str,
        texts: &ClientTexts,
        member: Option<String>,
    ) -> Option<Diagnostic> {
        let (span, table) = (used.span.clone(), (texts.family, texts.role));
        match used.what {
            // Where it may stand was checked where it stands.
            Use::Prefix | Use::NewDest if text == CHANGED => None,
            Use::Prefix | Use::NewDest => prefix_problem(text, table, span),
            Use::Address => address_problem(text, table, span),
            Use::OwnName => {
                if let Some(problem) = name_problem(text) {
                    // What a registration is called is checked for itself.
                    let is_own = texts.role != Role::Registration;
                    return is_own.then(|| bad_name(text, problem, span));
                }
                if is_of_manager(text) {
                    let message = format!("the name `{text}` belongs to the routing table manager");
                    return Some(Diagnostic::error(code::NAME, span, message).help("use another name"));
                }
                if let Some((first, _)) = self.names.get(text) {
                    let twice = self.twice(code::DUPLICATE_NAME, &format!("the name `{text}`"), first, span);
                    return Some(twice.help("use another name"));
                }
                self.names.insert(text.to_owned(), (span, texts.role));
                None
            }
            Use::NewRoute if text == "expired" => Some(reserved(text, "the event's route", span)),
            Use::NewChanges if text == "notified" => Some(reserved(text, "the event's registration", span)),
            Use::NewNextHop
            | Use::NewRoute
            | Use::NewChanges
            | Use::NewList
            | Use::NewEnum
            | Use::NewRegistration
            | Use::FlagName => name_problem(text).map(|problem| bad_name(text, problem, span)),
            Use::Label | Use::NewLater => label_problem(text).map(|problem| {
                let message = format!("{text:?} cannot be a label: {problem}");
                Diagnostic::error(code::NAME, span, message)
                    .help("leave it out for the default label; a label has no spaces and none of `* { } \"`")
            }),
            Use::Client => {
                let name = text.to_owned();
                self.actor_uses.push(ActorUse { name, span, user: member, who: Who::Client });
                None
            }
            Use::NextHop
            | Use::Route
            | Use::Changes
            | Use::List
            | Use::Enum
            | Use::Registration
            | Use::Later => None,
        }
    }

    /// Checks what needs the whole file.
    pub(crate) fn check(self, diagnostics: &mut Vec<Diagnostic>) {
        let mut reported: BTreeSet<(usize, usize)> = BTreeSet::new();
        for ActorUse { name, span, user, who } in &self.actor_uses {
            let is_known = self.is_client(name) || (*who == Who::Anybody && self.tables.contains(name));
            if !is_known && reported.insert((span.start, span.end)) {
                let mut mistake = if reported.len() > SUGGESTIONS_MAX {
                    Diagnostic::error(
                        code::UNKNOWN_CLIENT,
                        span.clone(),
                        format!("there is no client `{name}`"),
                    )
                } else {
                    self.unknown_actor(name, span.clone(), *who)
                };
                if let Some(user) = user {
                    mistake.message = format!("for `{user}`: {}", mistake.message);
                }
                diagnostics.push(mistake);
            }
        }
        self.check_patterns(diagnostics);
        self.check_switches(diagnostics);
        if let Some(end) = self.end {
            self.check_times(end, diagnostics);
        }
    }

    fn check_switches(&self, diagnostics: &mut Vec<Diagnostic>) {
        let used: BTreeSet<&str> = self.switch_uses.iter().map(|(name, _)| name.as_str()).collect();
        let mut is_all_known = true;
        for (name, span) in self.switch_uses.iter().filter(|(name, _)| !self.switch_places.contains_key(name))
        {
            is_all_known = false;
            let message = format!("there is no switch `{name}`");
            let help = if diagnostics.len() >= SUGGESTIONS_MAX {
                String::new()
            } else {
                meant(name, self.switches.iter().map(|(name, _)| name.as_str()), || {
                    format!("add `switches: [\"{name}\"]` to the scenario")
                })
            };
            diagnostics.push(Diagnostic::error(code::UNKNOWN_SWITCH, span.clone(), message).help(help));
        }
        // While a use is misspelt, nobody can say which switch is not used.
        for (name, span) in
            self.switches.iter().filter(|(name, _)| is_all_known && !used.contains(name.as_str()))
        {
            let message = format!("the switch `{name}` is never used");
            let help = "use it in `with:`, `without:`, `With` or `Without`, or remove it";
            diagnostics.push(Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help));
        }
    }

    fn check_times(&self, until: Span, diagnostics: &mut Vec<Diagnostic>) {
        for (at, span) in self.times.iter().filter(|(at, _)| *at > until) {
            let message = format!("{at} comes after the end of the run at {until}");
            let help = format!("write at most \"{until}\", or end the run later");
            diagnostics.push(Diagnostic::error(code::TOO_LATE, span.clone(), message).help(help));
        }
        for (_, last, span) in
            self.last_times.iter().filter(|(first, last, _)| *first <= until && *last > until)
        {
            let message = format!("the last time, {last}, comes after the end of the run at {until}");
            let help = "write fewer times, or end the run later";
            diagnostics.push(Diagnostic::warning(code::DOUBTFUL, span.clone(), message).help(help));
        }
    }

    /// Is it a client, an observer or a peer of a feed?
    fn is_client(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|(_, role)| *role != Role::Peer) || self.is_of_feed(name)
    }

    /// Is it one of a feed's actors, `feed@` and an address as it is usually written?
    pub(crate) fn is_of_feed(&self, name: &str) -> bool {
        name.split_once('@').is_some_and(|(feed, address)| {
            let spelled = address.parse::<IpAddr>().map(|address| address.to_string());
            self.feeds.contains(feed) && spelled.is_ok_and(|spelled| spelled == address)
        })
    }

    /// Returns that there is no such actor, and what it is probably meant to be.
    pub(crate) fn unknown_actor(&self, name: &str, span: Range<usize>, who: Who) -> Diagnostic {
        let feed = name.split('@').next().unwrap_or_default();
        let (message, help) = if self.feeds.contains(feed) {
            let help = format!("write `{feed}@` and the address of a peer, such as `{feed}@192.0.2.1`");
            (format!("`{name}` is not a peer of the feed `{feed}`"), help)
        } else if who == Who::Anybody && is_of_manager(name) {
            let help = one_of_names(name, self.tables.iter().map(String::as_str));
            (format!("nobody registers in a table of the manager called `{name}`"), help)
        } else {
            let clients = self.names.iter().filter(|(_, (_, role))| *role != Role::Peer);
            let help = one_of_names(name, clients.map(|(name, _)| name.as_str()));
            (format!("there is no client `{name}`"), help)
        };
        Diagnostic::error(code::UNKNOWN_CLIENT, span, message).help(help)
    }
}

/// Returns the actor of what the manager notes about a table.
fn table(instance: u16, family: Family) -> String {
    let instance = if instance == 0 { String::new() } else { format!(".{instance}") };
    match family {
        Family::Ipv4 => format!("{MANAGER}{instance}"),
        Family::Ipv6 => format!("{MANAGER}{instance}.{family}"),
    }
}

/// Returns why a text cannot be a name.
pub(crate) fn name_problem(text: &str) -> Option<String> {
    problem(text, Names::check(text), "*{}@\"")
}

/// Returns why a text cannot be a label.
fn label_problem(text: &str) -> Option<String> {
    problem(text, Names::check_label(text), "*{}\"")
}

/// Returns what is wrong with a name or label: what the kernel says of it, or a character that this language needs.
fn problem(text: &str, checked: Result<(), NameError>, needed: &str) -> Option<String> {
    let wrong = |c: char| match c {
        c if c.is_whitespace() => Some("it contains white space".to_owned()),
        c => needed.contains(c).then(|| format!("it contains `{c}`")),
    };
    match checked {
        Ok(()) => text.chars().find_map(wrong),
        Err(NameError::Empty) => Some("it is empty".to_owned()),
        Err(NameError::Reserved(c)) => Some(format!("it contains `{c}`")),
        Err(NameError::Invisible(c)) => {
            Some(format!("it contains the invisible character U+{:04X}", u32::from(c)))
        }
        Err(other) => Some(other.to_string()),
    }
}

fn bad_name(text: &str, problem: impl fmt::Display, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(code::NAME, span, format!("{text:?} cannot be a name: {problem}")).help(NAME_HELP)
}

fn reserved(text: &str, what: &str, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(code::NAME, span, format!("`{text}` always names {what}")).help("use another name")
}

/// A placeholder outside a group is the likelier mistake.
fn without_group(mistake: Diagnostic, text: &str) -> Diagnostic {
    if PLACEHOLDERS.iter().any(|placeholder| text.contains(placeholder)) {
        let message = format!("\"{text}\" has a placeholder, but the client is not a group");
        return Diagnostic { code: code::GROUP, message, ..mistake }.help("add `count: …` to the client");
    }
    mistake
}

fn prefix_problem(text: &str, (family, role): (Family, Role), span: Range<usize>) -> Option<Diagnostic> {
    match text.parse::<Prefix>() {
        Ok(prefix) if Family::of(prefix.ip()) == family => None,
        Ok(prefix) => Some(wrong_family(text, Family::of(prefix.ip()), (family, role), span)),
        Err(error) => Some(prefix_mistake(
            text,
            error,
            span,
            if family == Family::Ipv4 { "10.0.0.0/8" } else { "2001:db8::/32" },
        )),
    }
}

/// Returns what is wrong with a text that is no prefix.
pub(crate) fn prefix_mistake(
    text: &str,
    error: AddressError,
    span: Range<usize>,
    example: &str,
) -> Diagnostic {
    match error {
        AddressError::HostBits { would_be_right } => {
            let message = format!("\"{text}\" has bits set below its length");
            Diagnostic::error(code::HOST_BITS, span, message)
                .help(format!("did you mean \"{would_be_right}\"?"))
        }
        AddressError::NoLength
        | AddressError::NotAnAddress
        | AddressError::BadLength
        | AddressError::LengthTooLong(_) => {
            let message = format!("\"{text}\" is not a prefix: {error}");
            Diagnostic::error(code::PREFIX, span, message)
                .help(format!("write a prefix such as \"{example}\""))
        }
    }
}

fn address_problem(text: &str, (family, role): (Family, Role), span: Range<usize>) -> Option<Diagnostic> {
    match text.parse::<IpAddr>() {
        Ok(address) if Family::of(address) == family => None,
        Ok(address) => Some(wrong_family(text, Family::of(address), (family, role), span)),
        Err(_) => {
            let example = if family == Family::Ipv4 { "192.0.2.1" } else { "2001:db8::1" };
            Some(address_mistake(text, span, example))
        }
    }
}

/// Returns that a text is no address.
pub(crate) fn address_mistake(text: &str, span: Range<usize>, example: &str) -> Diagnostic {
    let message = format!("\"{text}\" is not an address");
    Diagnostic::error(code::ADDRESS, span, message).help(format!("write one such as \"{example}\""))
}

fn wrong_family(text: &str, found: Family, (family, role): (Family, Role), span: Range<usize>) -> Diagnostic {
    let what = if role == Role::Registration { "registration" } else { "client" };
    let message = format!("\"{text}\" is {found}, but the {what} is {family}");
    let help = format!("write an {family} one, or add `family: {found}` to the {what}");
    Diagnostic::error(code::FAMILY, span, message).help(help)
}

/// Is it the manager, or what it is called when it notes something about another table than its first: `manager.1`?
fn is_of_manager(name: &str) -> bool {
    name.strip_prefix(MANAGER).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
