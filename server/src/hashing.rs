//! Where passwords are hashed: on one thread, or as many as the operator allows, each with one buffer.
//!
//! Whatever comes to the door, hashing takes no more than its threads' cores and buffers. A buffer is made at the first
//! hash and given back after a minute without one. Who waits, waits in one of two queues: devices that prove that they were
//! here before come first, at most one hash each; all others take turns by address and by name ([`queue`]).

mod queue;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::ids::DeviceId;
use tokio::sync::oneshot;

use crate::password::{AllowedPassword, PasswordDigest, Workspace};
use queue::{FairQueue, KnownQueue};

/// Hashes of unknown devices that may wait: some seconds of work. More would find a turn for nobody, since places come free as
/// fast as passwords are hashed, however many there are; and each one holds a connection's memory.
const WAITING: usize = 96;
/// The longest that anybody waits for their turn.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);
/// How long a buffer is kept without use.
const BUFFER_KEPT: Duration = Duration::from_secs(60);

/// For whom a password is hashed, by which turns are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A device that has proved that it was enrolled here.
    Known(DeviceId),
    /// Anybody else.
    Unknown {
        /// The user name that they give.
        name: String,
        /// Where they come from.
        address: IpAddr,
    },
}

/// There is no turn for the caller just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many wait for a password to be hashed")]
pub struct Crowded;

/// The threads that hash. They end when this is dropped.
#[derive(Debug)]
pub struct Hashing {
    shared: Arc<Shared>,
    began: Instant,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    has_come: Condvar,
    /// Checked in place of an unknown person's.
    nobody: PasswordDigest,
}

#[derive(Debug)]
struct Waiting {
    known: KnownQueue<Work>,
    unknown: FairQueue<Work>,
    is_over: bool,
}

/// What is to be hashed, and who waits for it.
#[derive(Debug)]
enum Work {
    Check { digest: Option<PasswordDigest>, password: String, answer: oneshot::Sender<bool> },
    Digest { password: AllowedPassword, answer: oneshot::Sender<PasswordDigest> },
}

impl Hashing {
    /// Starts so many threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(threads: usize) -> std::io::Result<Self> {
        let waiting =
            Waiting { known: KnownQueue::default(), unknown: FairQueue::new(WAITING), is_over: false };
        let shared = Arc::new(Shared {
            waiting: Mutex::new(waiting),
            has_come: Condvar::new(),
            nobody: PasswordDigest::of_nobody(),
        });
        for number in 0..threads.max(1) {
            let shared = Arc::clone(&shared);
            let thread = std::thread::Builder::new().name(format!("hashing-{number}"));
            thread.spawn(move || shared.work())?;
        }
        Ok(Self { shared, began: Instant::now() })
    }

    /// Whether a password is the one of this digest; where there is none, the same work is done for nobody.
    ///
    /// # Errors
    /// [`Crowded`] where there is no turn within half a minute.
    pub async fn check(
        &self,
        caller: Caller,
        digest: Option<PasswordDigest>,
        password: String,
    ) -> Result<bool, Crowded> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(caller, Work::Check { digest, password, answer })?;
        wait(answered).await
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Crowded`] where there is no turn within half a minute.
    pub async fn digest(&self, caller: Caller, password: AllowedPassword) -> Result<PasswordDigest, Crowded> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(caller, Work::Digest { password, answer })?;
        wait(answered).await
    }

    fn hand_over(&self, caller: Caller, work: Work) -> Result<(), Crowded> {
        let now = self.began.elapsed();
        let mut waiting = self.shared.waiting();
        // What is left out is dropped, and who waits for it is told by that.
        let is_in = match caller {
            Caller::Known(device) => waiting.known.push(device, work),
            Caller::Unknown { name, address } => waiting.unknown.push(now, &name, address, work),
        };
        drop(waiting);
        self.shared.has_come.notify_one();
        if is_in { Ok(()) } else { Err(Crowded) }
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.shared.waiting().is_over = true;
        self.shared.has_come.notify_all();
    }
}

async fn wait<T>(answered: oneshot::Receiver<T>) -> Result<T, Crowded> {
    tokio::time::timeout(WAIT_AT_MOST, answered).await.map_err(|_| Crowded)?.map_err(|_| Crowded)
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut workspace = Workspace::default();
        while let Some(work) = self.next(&mut workspace) {
            // A panic answers by dropping the sender; the thread goes on with a new buffer.
            let done = catch_unwind(AssertUnwindSafe(|| work.carry_out(&mut workspace, &self.nobody)));
            if done.is_err() {
                tracing::error!("hashing a password panicked");
                workspace = Workspace::default();
            }
        }
    }

    /// The next piece of work whose answer is still waited for; `None` when all is over.
    fn next(&self, workspace: &mut Workspace) -> Option<Work> {
        let mut waiting = self.waiting();
        loop {
            if waiting.is_over {
                return None;
            }
            while let Some(work) = waiting.known.pop().or_else(|| waiting.unknown.pop()) {
                if work.is_waited_for() {
                    return Some(work);
                }
            }
            let until = if workspace.is_empty() { None } else { Some(BUFFER_KEPT) };
            waiting = match until {
                None => self.has_come.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(kept) => {
                    let waited = self.has_come.wait_timeout(waiting, kept);
                    let (waiting, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() {
                        workspace.give_back();
                    }
                    waiting
                }
            };
        }
    }
}

impl Work {
    fn is_waited_for(&self) -> bool {
        match self {
            Self::Check { answer, .. } => !answer.is_closed(),
            Self::Digest { answer, .. } => !answer.is_closed(),
        }
    }

    fn carry_out(self, workspace: &mut Workspace, nobody: &PasswordDigest) {
        // Who waited may have gone meanwhile.
        match self {
            Self::Check { digest, password, answer } => {
                let is_right = digest.as_ref().unwrap_or(nobody).matches_in(workspace, &password);
                let _ = answer.send(is_right && digest.is_some());
            }
            Self::Digest { password, answer } => {
                let _ = answer.send(PasswordDigest::of_in(workspace, &password));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sri() -> Caller {
        Caller::Unknown { name: "sri".to_owned(), address: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST) }
    }

    #[tokio::test]
    async fn password_is_checked_and_hashed_on_the_thread() {
        let hashing = Hashing::start(1).unwrap();
        let user = "sri".parse().unwrap();
        let owner = crate::password::Owner { user: &user, name: "" };
        let password = AllowedPassword::new("Perahu-Pagi-07".to_owned(), owner).unwrap();
        let digest = hashing.digest(sri(), password).await.unwrap();
        let check = |digest, password: &str| hashing.check(sri(), digest, password.to_owned());
        assert_eq!(check(Some(digest.clone()), "Perahu-Pagi-07").await, Ok(true));
        assert_eq!(check(Some(digest), "Perahu-Pagi-08").await, Ok(false));
        assert_eq!(check(None, "Perahu-Pagi-07").await, Ok(false), "nobody has no password");
    }

    #[tokio::test]
    async fn known_device_has_one_turn_at_a_time_and_never_loses_it_to_others() {
        // Nobody works: what is handed over waits.
        let waiting = Waiting { known: KnownQueue::default(), unknown: FairQueue::new(2), is_over: false };
        let shared = Arc::new(Shared {
            waiting: Mutex::new(waiting),
            has_come: Condvar::new(),
            nobody: PasswordDigest::of_nobody(),
        });
        let hashing = Hashing { shared, began: Instant::now() };
        let hand_over = |caller| {
            let (answer, answered) = oneshot::channel();
            let work = Work::Check { digest: None, password: String::new(), answer };
            hashing.hand_over(caller, work).map(|()| answered)
        };
        let _others: Vec<_> = (0..10).map(|_| hand_over(sri())).collect();
        let device = Caller::Known(DeviceId::from_bytes([1; 16]));
        let _first = hand_over(device.clone()).unwrap();
        assert_eq!(hand_over(device).err(), Some(Crowded));
        assert!(hand_over(Caller::Known(DeviceId::from_bytes([2; 16]))).is_ok());
    }
}
