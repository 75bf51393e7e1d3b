//! What the stores tell in the audit log by themselves, in the transaction that does it.

use shared::audit::{Act, Sort};
use shared::ids::{DeviceId, FeedId, UserId};
use shared::sync::relay::entry::Content;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::Verdict;
use shared::sync::settings::SetBy;

use super::person::{NewPassword, PasswordSetter, Person};

/// The decisions that a batch stores.
pub(super) fn decided(batch: &[Submission], verdicts: &[Verdict]) -> Vec<Act> {
    let mut acts = Vec::new();
    for (submission, verdict) in batch.iter().zip(verdicts) {
        let Verdict::Accept(plan) = verdict else { continue };
        for new in &plan.items {
            if let (Content::Decision(decision), Some(placed)) = (&new.item.content, new.places.first()) {
                let made = &new.item.authorship;
                let (doc, event) = (new.item.doc, decision.event);
                acts.push(Act::decision(submission.at, &made.by, made.device, &placed.feed, doc, event));
            }
        }
    }
    acts
}

/// A person was added, or changed from what they were before.
pub(super) fn written(before: Option<&Person>, person: &Person, now: u64) -> Act {
    let detail = match before {
        None if person.is_disabled => "added, disabled".to_owned(),
        None => "added".to_owned(),
        Some(before) => {
            let parts = [
                ("name", before.name != person.name),
                ("position", before.position != person.position),
                ("office", before.office != person.office),
                ("password", before.password_digest != person.password_digest),
                ("whether they may sign in", before.is_disabled != person.is_disabled),
            ];
            let changed: Vec<_> = parts.into_iter().filter(|(_, is_changed)| *is_changed).collect();
            let names: Vec<_> = changed.into_iter().map(|(name, _)| name).collect();
            format!("changed: {}", if names.is_empty() { "nothing".to_owned() } else { names.join(", ") })
        }
    };
    Act::new(now, Sort::Person).of(&person.user).saying(detail)
}

/// A person has a new password.
pub(super) fn password(user: &UserId, password: &NewPassword, now: u64) -> Act {
    let detail = match password.setter {
        PasswordSetter::Themselves => "new password, their own",
        PasswordSetter::Somebody => "new password, set by somebody else",
        PasswordSetter::Demonstration => "new password, the demonstration's",
    };
    Act::new(now, Sort::Person).of(user).saying(detail)
}

/// A link was made by which a person sets a password.
pub(super) fn link_made(user: &UserId, now: u64) -> Act {
    Act::new(now, Sort::Person).of(user).saying("link to set a password made")
}

/// A person set a password by a link.
pub(super) fn link_used(user: &UserId, now: u64) -> Act {
    Act::new(now, Sort::Person).of(user).saying("new password, their own, by a link")
}

/// A person may sign in no more, or again.
pub(super) fn person(user: &UserId, detail: &str, now: u64) -> Act {
    Act::new(now, Sort::Person).of(user).saying(detail)
}

/// A device was enrolled.
pub(super) fn enrolled(device: DeviceId, owner: &UserId, now: u64) -> Act {
    Act::new(now, Sort::DeviceEnrolled).of(owner).on(device)
}

/// A device was revoked.
pub(super) fn revoked(device: DeviceId, owner: Option<&UserId>, now: u64) -> Act {
    let act = Act::new(now, Sort::DeviceRevoked).on(device);
    match owner {
        Some(owner) => act.of(owner),
        None => act,
    }
}

/// A setting of a feed has another value, under this number; what it is, the settings' own history says.
pub(super) fn setting(feed: &FeedId, key: &str, number: u64, by: &SetBy, now: u64) -> Act {
    let act = Act::new(now, Sort::Feed).in_feed(feed).saying(format!("setting {key}, number {number}"));
    Act { person: by.to_string(), ..act }
}
