//! Roles that are taken, given again, and lost with a restore.

use shared::device::row::{Access, FeedRow, OutboxRow};
use shared::device::table::{Commit, Key, Table, Write};
use shared::ids::{DocumentId, EpochId, FeedId, UserId};
use shared::ordered::OrderedSet;
use shared::role::Role;

use super::rare::Rare;
use super::world::{World, extra_feed, feeds};

impl World {
    /// Takes somebody's role in a feed.
    pub fn take_role(&mut self, device: usize) {
        let user = self.devices[device].user.clone();
        let mine: Vec<FeedId> = self.relay.log.roles_of(&user).into_keys().collect();
        if let Some(feed) = self.random.pick(&mine) {
            self.say(format_args!("{user} loses {feed}"));
            self.relay.take_role(&user, &feed, self.now);
            self.end_connections_of(&user);
        }
    }

    /// Gives a role again that was taken.
    pub fn give_role(&mut self) {
        let taken: Vec<(UserId, FeedId)> = self.relay.taken.iter().cloned().collect();
        if let Some((user, feed)) = self.random.pick(&taken) {
            self.say(format_args!("{user} is given {feed} again"));
            self.relay.set_role(&user, &feed, Role::Writer, self.now);
            self.end_connections_of(&user);
        }
    }

    /// Makes a feed, and adds a person to it who was not there before.
    pub fn add_person(&mut self) {
        let feed = extra_feed();
        self.relay.log.put_feed(feed.clone(), feed.as_str());
        let user: UserId = format!("late-{}", self.devices.len()).parse().expect("this is a user id");
        for feed in [feed, feeds()[0].clone()] {
            self.relay.set_role(&user, &feed, Role::Writer, self.now);
        }
        self.relay.added.insert(user.clone());
        self.add_device(user);
    }

    /// Puts a backup back with the accounts as they were in it.
    pub fn restore_accounts(&mut self) {
        let backups = self.relay.backups.clone();
        let Some(backup) = self.random.pick(&backups) else { return };
        for index in 0..self.relay.processes.len() {
            self.relay_ends(index);
        }
        let is_without_somebody = self.relay.added.iter().any(|user| backup.roles_of(user).is_empty());
        if is_without_somebody {
            self.reached.note(Rare::AddedAfterBackup);
        }
        self.relay.log = backup;
        self.relay.restored += 1;
        self.relay.log.begin_epoch(EpochId::from_bytes(self.random.bytes()));
        self.relay.roles_as_in_log();
        self.oracle.restored(&self.relay.log);
    }

    /// An admin hears of feeds that are in question, and gives or refuses each.
    pub fn settle_questions(&mut self) {
        for device in 0..self.devices.len() {
            let user = self.devices[device].user.clone();
            for row in self.devices[device].disk.all::<FeedRow>() {
                if row.access != Access::InQuestion || self.relay.log.roles_of(&user).contains_key(&row.feed)
                {
                    continue;
                }
                self.relay.log.put_feed(row.feed.clone(), row.feed.as_str());
                if self.random.percent(50) {
                    self.say(format_args!("{user} is given {} after the restore", row.feed));
                    self.relay.set_role(&user, &row.feed, Role::Writer, self.now);
                } else {
                    self.say(format_args!("{user} is refused {} after the restore", row.feed));
                    self.relay.take_role(&user, &row.feed, self.now);
                }
                self.end_connections_of(&user);
            }
        }
    }

    /// The relay ends a person's connections: what they may do has changed.
    fn end_connections_of(&mut self, user: &UserId) {
        for device in 0..self.devices.len() {
            if self.devices[device].user == *user {
                self.cut(device);
            }
        }
    }

    /// What a commit of an engine says of a feed that is taken or given again.
    pub fn note_access(&mut self, device: usize, before: &[FeedRow], commit: &Commit) {
        let is_unsent = |write: &Write| matches!(write, Write::Delete(Table::Outbox, _));
        let puts_aside = |write: &Write| matches!(write, Write::Put(row) if row.table == Table::SetAside);
        let is_removal = before.iter().any(|row| row.access == Access::Leaving)
            && commit.writes.iter().any(|write| matches!(write, Write::Delete(Table::Documents, _)));
        if is_removal && commit.writes.iter().any(is_unsent) && commit.writes.iter().any(puts_aside) {
            self.reached.note(Rare::RemovedWithUnsentWork);
        }
        for write in &commit.writes {
            let Write::Put(row) = write else { continue };
            if row.table != Table::Feeds {
                continue;
            }
            let Some(now) = shared::device::row::from_bytes::<FeedRow>(&row.value) else { continue };
            let was = before.iter().find(|row| row.feed == now.feed);
            let Some(was) = was else { continue };
            match (was.access, now.access) {
                (Access::Removed, Access::Given) => self.reached.note(Rare::GivenAgain),
                (Access::Given, Access::InQuestion) => self.reached.note(Rare::KeptInQuestion),
                (Access::InQuestion, Access::Leaving) => self.reached.note(Rare::RefusedAfterQuestion),
                (Access::InQuestion, Access::Given) if now.healing_from.is_some() => {
                    self.reached.note(Rare::HealedAfterQuestion);
                }
                _ => {}
            }
            if now.access == Access::Leaving {
                self.oracle.leaves(device, now.feed);
            }
        }
    }

    /// What a device that may not read a feed any more has of it: nothing.
    pub fn check_nothing_left(&self, device: usize, feed: &FeedId) {
        let disk = &self.devices[device].disk;
        let docs: OrderedSet<DocumentId> =
            self.oracle.homes.iter().filter(|(_, home)| *home == feed).map(|(doc, _)| *doc).collect();
        for doc in docs {
            let key = Key::document(doc);
            let tables = [Table::Documents, Table::Chunks, Table::Decisions, Table::Outbox, Table::Newer];
            for table in tables {
                assert!(
                    disk.prefix(table, &key).is_empty(),
                    "device {device} has {table:?} of {} in {feed}, which it may not read",
                    doc.short()
                );
            }
        }
        let waits = disk
            .all::<OutboxRow>()
            .into_iter()
            .any(|row| matches!(row, OutboxRow::Decision { feed: of, .. } if of == *feed));
        assert!(!waits, "device {device} waits to decide in {feed}");
        let access = disk.get::<FeedRow>(&Key::feed(feed)).map(|row| row.access);
        assert_eq!(access, Some(Access::Removed), "device {device} knows that {feed} is gone");
    }
}
