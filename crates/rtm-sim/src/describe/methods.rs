//! How methods that clients export are spelled.

use tiebreak::Fact;
use tiebreak_rtm::{Call, MethodBlocking, MethodOutput, MethodTypes, Reply, Status};

use super::Facts;
use crate::methods::number_of;
use crate::subject::Subject;
use crate::vocabulary::{self, key, word};

/// What there is to say of the arguments of a call about methods.
pub(super) fn arguments(call: &Call, facts: &mut Facts) {
    if let Call::InvokeMethod { methods, input, .. } = call {
        if *methods == MethodTypes::ALL {
            facts.push(Fact::word(key::METHOD, word::ALL));
        } else {
            facts.extend(methods.iter().map(|method| Fact::number(key::METHOD, number_of(method))));
        }
        facts.push(Fact::number(key::INPUT, *input));
    } else if let Call::BlockMethods { action, .. } = call {
        let word = match action {
            MethodBlocking::Block => word::BLOCK,
            MethodBlocking::Resume => word::RESUME,
        };
        facts.push(Fact::word(key::ACTION, word));
    }
}

/// What a call about methods has answered: of each that has run its number, how it ended, and what it put out.
pub(super) fn reply(reply: &Reply, facts: &mut Facts) {
    if let Reply::GetEntityMethods { count, .. } = reply {
        facts.push(Fact::number(key::COUNT, u64::from(*count)));
    } else if let Reply::InvokeMethod { outputs } = reply {
        for MethodOutput { method, status, output } in outputs {
            facts.push(Fact::number(key::METHOD, number_of(*method)));
            facts.push(answer(*status));
            facts.push(Fact::number(key::OUTPUT, *output));
        }
    }
}

fn answer(status: Status) -> Fact<Subject> {
    match vocabulary::status(status) {
        Some(word) => Fact::word(key::ANSWER, word),
        None => Fact::number(key::ANSWER, u64::from(status.code())),
    }
}
