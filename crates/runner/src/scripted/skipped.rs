//! Actions that could not be done, and how the note that says so is spelled.

use alloc::format;
use alloc::string::{String, ToString};

use tiebreak::{Fact, Term};
use tiebreak_rtm_sim::vocabulary::{key, kind};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::{Action, Prefix};

/// Why an action was not done: a word for the note.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skipped(pub(super) Term);

impl Skipped {
    /// Notes the action, as default labels spell it, with the reason.
    pub(super) fn note(self, action: &Action, desk: &mut Desk<'_>) {
        let what = match describe(action) {
            (what, Some(subject)) => desk.label(&format!("{what}({subject})")),
            (what, None) => desk.label(what),
        };
        desk.note(kind::SKIPPED, Subject::Name(what), &[Fact::word(key::REASON, self.0)]);
    }
}

/// Returns kind and subject of an action, or of the first action of a block.
fn describe(action: &Action) -> (&'static str, Option<String>) {
    let dest = |dest: &Prefix| Some(dest.to_string());
    let name = |name: &String| Some(name.clone());
    match action {
        Action::Register => ("register", None),
        Action::Deregister => ("deregister", None),
        Action::AddNextHop(hop) => ("add-next-hop", name(&hop.name)),
        Action::DeleteNextHop { name: hop } => ("delete-next-hop", name(hop)),
        Action::AddRoute(route) => ("add-route", dest(&route.dest)),
        Action::UpdateRoute(update) => ("update-route", name(&update.route)),
        Action::EditRoute(edit) => ("edit-route", name(&edit.route)),
        Action::DeleteRoute { route } => ("delete-route", name(route)),
        Action::HoldRoute { route } => ("hold-route", name(route)),
        Action::ReleaseRoute { route } => ("release-route", name(route)),
        Action::RegisterForChanges(changes) => ("register-for-changes", name(&changes.name)),
        Action::DeregisterFromChanges { changes } => ("deregister-from-changes", name(changes)),
        Action::Drain { changes } => ("drain", name(changes)),
        Action::GetChanged { changes, .. } => ("get-changed", name(changes)),
        Action::Ignore(of) => ("ignore", dest(&of.dest)),
        Action::ChangeStatus(of) => ("change-status", dest(&of.dest)),
        Action::Mark(of) => ("mark", dest(&of.dest)),
        Action::Unmark(of) => ("unmark", dest(&of.dest)),
        Action::IsMarked(of) => ("is-marked", dest(&of.dest)),
        Action::Lookup(lookup) => ("lookup", dest(&lookup.dest)),
        Action::ListEntities => ("list-entities", None),
        Action::EntityInfo => ("entity-info", None),
        Action::IsBest { route } => ("is-best", name(route)),
        Action::RouteInfo { route } => ("route-info", name(route)),
        Action::Return(_) => ("return", None),
        Action::ReleaseEventRoute => ("release-event-route", None),
        Action::When(_, actions)
        | Action::With(_, actions)
        | Action::Without(_, actions)
        | Action::All(actions)
        | Action::After(_, actions, _) => actions.first().map_or(("nothing", None), describe),
        Action::Set(flag) => ("set", name(flag)),
        Action::Clear(flag) => ("clear", name(flag)),
    }
}
