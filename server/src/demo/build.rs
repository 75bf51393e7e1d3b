//! Builds the demonstration in a store: feeds, people, their devices, and what these push.

use std::sync::mpsc;

use shared::ids::UserId;
use shared::sync::relay::submission::Submission;
use shared::wire::{Bytes, Nack, Push};

use super::{FEEDS, PEOPLE, drafts, region};
use crate::clock::now_ms;
use crate::password::{PasswordDigest, PasswordError};
use crate::store::person::{NewPassword, PasswordSetter, Person};
use crate::store::{Store, StoreError};
use crate::writer::Writer;

/// Why the demonstration cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The store cannot do it.
    #[error("the store cannot take it")]
    Store(#[from] StoreError),
    /// A password of the demonstration is not taken.
    #[error("one of its passwords is not taken")]
    Password(#[from] PasswordError),
    /// The writer refuses a push of the demonstration.
    #[error("the relay refuses a push: {0:?}")]
    Refused(Box<Nack>),
    /// The writer has ended.
    #[error("the writer has ended")]
    WriterEnded,
}

/// Builds the demonstration in an empty store. Blocks until all of it is on disk.
///
/// # Errors
/// When the store fails, or the writer refuses a push.
pub fn build(store: &dyn Store, writer: &Writer) -> Result<(), BuildError> {
    let now = now_ms();
    for (feed, name) in FEEDS {
        store.put_feed(&feed.parse().expect("the feeds' ids are well-formed"), name)?;
    }
    for made_up in PEOPLE {
        let user = user_id(made_up.user);
        let person = Person {
            user: user.clone(),
            name: made_up.name.to_owned(),
            position: made_up.position.to_owned(),
            password_digest: PasswordDigest::of_nobody().as_str().to_owned(),
            office: None,
            is_disabled: false,
        };
        store.put_person(&person, now)?;
        // Everybody who tries it out has this one: it is not to be changed first.
        let digest = PasswordDigest::of(&made_up.allowed_password()?);
        let password = NewPassword { digest, setter: PasswordSetter::Demonstration };
        store.set_password(&user, &password, None, now)?;
        for feed in made_up.feeds {
            let feed = feed.parse().expect("the feeds' ids are well-formed");
            store.set_role(&user, &feed, Some(made_up.role), now)?;
        }
        store.enrol(made_up.device(), &user, "Perangkat peragaan", now)?;
    }
    push_all(writer)
}

/// Pushes every change, each from its writer's device; all are under way at once.
fn push_all(writer: &Writer) -> Result<(), BuildError> {
    let (sender, answers) = mpsc::channel();
    let mut pushes = 0;
    for draft in drafts() {
        for change in draft.changes {
            let person = PEOPLE.into_iter().find(|person| person.user == change.user);
            let person = person.expect("only the demonstration's people write it");
            let push = Push {
                id: pushes,
                feed: region(),
                doc: draft.id,
                kind: draft.kind.into(),
                changes: vec![Bytes::from(change.bytes)],
            };
            let submission = Submission::push(user_id(person.user), person.device(), now_ms(), push)
                .map_err(|nack| BuildError::Refused(Box::new(nack)))?;
            let sender = sender.clone();
            // Whoever gave up building wants no answer.
            writer.submit(submission, Box::new(move |answer| drop(sender.send(answer))));
            pushes += 1;
        }
    }
    drop(sender);
    for _ in 0..pushes {
        let answer = answers.recv().map_err(|_| BuildError::WriterEnded)?;
        answer.map_err(|nack| BuildError::Refused(Box::new(nack)))?;
    }
    Ok(())
}

fn user_id(user: &str) -> UserId {
    user.parse().expect("the made-up user names are well-formed")
}
