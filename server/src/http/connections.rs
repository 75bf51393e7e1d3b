//! The open WebSockets, one per device: how the rest of the relay reaches them to end them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::DeviceId;
use shared::wire::code::ByeCode;
use tokio::sync::{Notify, oneshot};

/// Why a connection must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The same device connected again.
    Replaced,
    /// The person signed out.
    SessionEnded,
    /// The device was revoked.
    Revoked,
}

impl End {
    /// The code and words of the `bye`.
    pub(super) fn bye(self) -> (ByeCode, &'static str) {
        match self {
            Self::Replaced => (ByeCode::Replaced, "the same device connected again"),
            Self::SessionEnded => (ByeCode::SessionEnded, "the person signed out"),
            Self::Revoked => (ByeCode::DeviceRevoked, "the device was revoked"),
        }
    }
}

/// The open connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    open: Mutex<Open>,
    one_less: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    count: usize,
    by_device: BTreeMap<DeviceId, (u64, oneshot::Sender<End>)>,
}

/// A connection's place among the open ones, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Connections,
    device: DeviceId,
    number: u64,
}

impl Connections {
    /// Takes the device's place; whoever held it must end.
    pub(super) fn enter(&self, device: DeviceId) -> (Place, oneshot::Receiver<End>) {
        let (sender, receiver) = oneshot::channel();
        let mut open = self.open();
        open.next += 1;
        open.count += 1;
        let number = open.next;
        if let Some((_, former)) = open.by_device.insert(device, (number, sender)) {
            // It may have ended by itself meanwhile.
            let _ = former.send(End::Replaced);
        }
        (Place { connections: self.clone(), device, number }, receiver)
    }

    /// The person signed out on this device.
    pub(super) fn end_session(&self, device: DeviceId) {
        self.end(device, End::SessionEnded);
    }

    /// The device was revoked.
    pub(super) fn revoke(&self, device: DeviceId) {
        self.end(device, End::Revoked);
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.open().count
    }

    /// Waits until none is open.
    pub(super) async fn all_gone(&self) {
        loop {
            let one_less = self.0.one_less.notified();
            if self.count() == 0 {
                return;
            }
            one_less.await;
        }
    }

    fn end(&self, device: DeviceId, why: End) {
        if let Some((_, connection)) = self.open().by_device.remove(&device) {
            let _ = connection.send(why);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        // The place may be a successor's already.
        if open.by_device.get(&self.device).is_some_and(|(number, _)| *number == self.number) {
            open.by_device.remove(&self.device);
        }
        open.count -= 1;
        drop(open);
        self.connections.0.one_less.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    #[test]
    fn second_connection_of_a_device_replaces_the_first() {
        let connections = Connections::default();
        let (first, mut first_end) = connections.enter(DEVICE);
        let (second, mut second_end) = connections.enter(DEVICE);
        assert_eq!(first_end.try_recv(), Ok(End::Replaced));
        drop(first);
        assert!(
            connections.open().by_device.contains_key(&DEVICE),
            "the first's end does not take the second's place"
        );
        connections.revoke(DEVICE);
        assert_eq!(second_end.try_recv(), Ok(End::Revoked));
        drop(second);
        assert_eq!(connections.count(), 0);
    }
}
