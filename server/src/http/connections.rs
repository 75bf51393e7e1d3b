//! The open WebSockets, one per device, and the pulls that wait: how the rest of the relay reaches them to end them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::DeviceId;
use shared::ordered::OrderedMap;
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
    by_device: OrderedMap<DeviceId, (u64, oneshot::Sender<End>)>,
    /// Pulls that wait: each ends with its session, and none replaces another.
    pulls: OrderedMap<(DeviceId, u64), oneshot::Sender<End>>,
}

/// A pull's place among those that wait, until it is dropped.
#[derive(Debug)]
pub(super) struct PullPlace {
    connections: Connections,
    key: (DeviceId, u64),
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

    /// A pull of this device begins to wait. It is no connection of the device.
    pub(super) fn enter_pull(&self, device: DeviceId) -> (PullPlace, oneshot::Receiver<End>) {
        let (sender, receiver) = oneshot::channel();
        let mut open = self.open();
        open.next += 1;
        let key = (device, open.next);
        open.pulls.insert(key, sender);
        (PullPlace { connections: self.clone(), key }, receiver)
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
        let mut open = self.open();
        if let Some((_, connection)) = open.by_device.remove(&device) {
            let _ = connection.send(why);
        }
        let keys: Vec<_> = open.pulls.range((device, 0)..=(device, u64::MAX)).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(pull) = open.pulls.remove(&key) {
                // It may have been answered meanwhile.
                let _ = pull.send(why);
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PullPlace {
    fn drop(&mut self) {
        self.connections.open().pulls.remove(&self.key);
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

    #[test]
    fn pulls_of_a_device_end_with_its_session_and_no_others() {
        let connections = Connections::default();
        let other = DeviceId::from_bytes([2; 16]);
        let (_first, mut first_end) = connections.enter_pull(DEVICE);
        let (_second, mut second_end) = connections.enter_pull(DEVICE);
        let (others, mut others_end) = connections.enter_pull(other);
        let (_socket, mut socket_end) = connections.enter(DEVICE);
        assert!(first_end.try_recv().is_err(), "a pull is not replaced");
        connections.end_session(DEVICE);
        for end in [&mut first_end, &mut second_end, &mut socket_end] {
            assert_eq!(end.try_recv(), Ok(End::SessionEnded));
        }
        assert!(others_end.try_recv().is_err());
        drop(others);
        assert!(connections.open().pulls.is_empty());
    }
}
