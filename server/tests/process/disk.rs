//! Disks of the tests' own, and one who writes on while a disk fails.
//!
//! To mount needs the right to (root, as in most containers). Where that is lacking, nothing can be tested.
#![allow(dead_code, reason = "each test uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shared::ids::{ActorId, ChangeHash, DocumentId, FeedId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, FromClient, FromRelay, Push};

use super::log::Log;
use super::relay::{Relay, Socket, device, receive, send};

/// The document that is written.
pub const DOC: DocumentId = DocumentId::from_bytes([1; 16]);
/// Who writes, and who reads afterwards.
pub const WRITER: u16 = 0;
pub const READER: u16 = 1;

/// The feed that it is written in.
pub fn feed() -> FeedId {
    "kota".parse().unwrap()
}

/// A file system of its own, until it is dropped.
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// So many MiB of memory.
    pub fn tmpfs(at: &Path, size_mib: u32) -> Option<Self> {
        let size = format!("size={size_mib}m");
        let mounted = succeeds(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at));
        mounted.then(|| Self { at: at.to_owned() })
    }

    /// An ext4 on a file, which is made where it is not there. On an error it turns read-only, as Debian
    /// mounts disks.
    pub fn ext4(image: &Path, at: &Path) -> Option<Self> {
        if !image.exists() {
            std::fs::File::create(image).unwrap().set_len(48 << 20).unwrap();
            if !succeeds(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image)) {
                return None;
            }
        }
        let mounted =
            succeeds(Command::new("mount").args(["-o", "loop,errors=remount-ro"]).arg(image).arg(at));
        mounted.then(|| Self { at: at.to_owned() })
    }

    /// The kernel finds an error on it, and turns it read-only under whoever writes.
    pub fn break_down(&self) -> bool {
        let source = Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.at).output().unwrap();
        let source = String::from_utf8(source.stdout).unwrap();
        let name = source.trim().trim_start_matches("/dev/");
        std::fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1").is_ok()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        succeeds(Command::new("umount").arg("-l").arg(&self.at));
    }
}

/// Whether files keep what is in them whatever is written (`chattr +i`), or again take it.
pub fn set_immutable(files: &[PathBuf], sign: &str) -> bool {
    succeeds(Command::new("chattr").arg(format!("{sign}i")).args(files))
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// What `/readyz` says.
pub fn ready(relay: &Relay) -> u16 {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(config);
    agent.get(format!("http://{}/readyz", relay.address)).call().unwrap().status().as_u16()
}

/// A device that writes one document, a change after the other.
pub struct Writer {
    document: Document,
    made: u64,
    waiting: Option<(ChangeHash, Push)>,
    /// What was acked.
    pub acked: OrderedSet<ChangeHash>,
}

impl Writer {
    pub fn new() -> Self {
        let document = Document::create(DOC, Kind::ActionPlan, ActorId::new(device(WRITER), 0));
        Self { document, made: 0, waiting: None, acked: OrderedSet::new() }
    }

    /// Pushes what waits, or else one more change, and waits for the answer. What is answered by `busy` waits.
    pub async fn push(&mut self, socket: &mut Socket) -> Result<(), NackCode> {
        let (hash, push) = self.waiting.take().unwrap_or_else(|| self.write());
        send(socket, &FromClient::Push(push.clone())).await.unwrap();
        loop {
            match receive(socket).await.expect("the connection stays") {
                FromRelay::Ack(ack) if ack.id == push.id => {
                    self.acked.insert(hash);
                    return Ok(());
                }
                FromRelay::Nack(nack) if nack.id == Some(push.id) => {
                    self.waiting = Some((hash, push));
                    return Err(nack.code);
                }
                _ => {}
            }
        }
    }

    fn write(&mut self) -> (ChangeHash, Push) {
        self.made += 1;
        if self.made > 1 {
            let edit = if self.made.is_multiple_of(2) { Edit::Discard } else { Edit::Recover };
            self.document.edit(&edit).unwrap();
        }
        let change = self.document.commit(self.made * 1000).unwrap();
        let changes = vec![Bytes::from(change.bytes)];
        let push = Push { id: self.made, feed: feed(), doc: DOC, kind: Kind::ActionPlan.into(), changes };
        (change.hash, push)
    }

    /// Two devices read what the relay serves: both the same, and exactly what was acked.
    pub async fn assert_served_by(&self, relay: &Relay) {
        let (mut own, mut other) = (Log::default(), Log::default());
        own.read_on(relay, &feed(), device(WRITER)).await;
        other.read_on(relay, &feed(), device(READER)).await;
        assert_eq!(own.entries, other.entries, "both devices have the same");
        let served: OrderedSet<ChangeHash> = other.entries.values().map(|(_, hash)| *hash).collect();
        assert_eq!(served.len(), other.entries.len(), "nothing is there twice");
        assert_eq!(served, self.acked, "all that was acked is there, and nothing else");
    }
}
