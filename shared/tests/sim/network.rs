//! The network between machines and relay: slow, lossy, cut at any moment, but in order.

use shared::device::row::DeviceRow;
use shared::device::table::{Key, MetaKey};
use shared::sync::client::Input;
use shared::wire::{Frame, FromClient};

use super::rare::Rare;
use super::version::{Version, hidden};
use super::world::{Event, Wire, World};

impl World {
    pub fn connect(&mut self, device: usize, tab: u32) {
        self.last_wire += 1;
        let wire = self.last_wire;
        let latency = self.random.between(2, if self.is_calm { 60 } else { 400 });
        let is_slow = !self.is_calm && self.random.percent(15);
        self.wires.insert(
            wire,
            Wire {
                device,
                tab,
                client_is_there: true,
                relay_is_there: false,
                to_client_at: 0,
                to_relay_at: 0,
                latency,
                batches_under_way: 0,
                is_full: false,
                is_slow,
            },
        );
        if let Some(engine) = self.engine(device, tab) {
            engine.connection = Some(wire);
        }
        // Whichever process answers: none is the device's own.
        let running = self.relay.running();
        let process = self.random.pick(&running).filter(|_| !self.devices[device].is_cut_off);
        let process = process.filter(|_| self.is_calm || !self.random.percent(5));
        let Some(process) = process else { return self.plan(latency * 3, Event::ClientHearsEnd(wire)) };
        let row: DeviceRow =
            self.devices[device].disk.get(&Key::meta(MetaKey::Device)).expect("every store has a device");
        if self.relay.revoked.contains(&row.device) {
            return self.plan(latency * 2, Event::Unauthorised(wire));
        }
        self.wires.get_mut(&wire).expect("it was just put").relay_is_there = true;
        if self.devices[device].served_by.replace(process).is_some_and(|before| before != process) {
            self.reached.note(Rare::MovedToOtherRelay);
        }
        self.accept(wire, process, self.devices[device].user.clone(), row.device);
        self.plan(latency * 2, Event::Opened(wire));
        if !self.is_calm && self.random.percent(15) {
            let after = self.random.between(1, 20_000);
            self.plan(after, Event::ClientHearsEnd(wire));
        }
    }

    pub fn client_of(&self, wire: u64) -> Option<(usize, u32)> {
        let wire = self.wires.get(&wire).filter(|wire| wire.client_is_there)?;
        Some((wire.device, wire.tab))
    }

    /// The client's side of a connection ends; the relay hears of it later.
    pub fn hang_up(&mut self, wire: u64) {
        let Some(ended) = self.wires.get_mut(&wire) else { return };
        if !std::mem::replace(&mut ended.client_is_there, false) {
            return;
        }
        if ended.batches_under_way > 0 {
            self.reached.note(Rare::CutMidBatch);
        }
        let (device, tab) = (ended.device, ended.tab);
        if let Some(engine) = self.engine(device, tab)
            && engine.connection == Some(wire)
        {
            engine.connection = None;
        }
        let after = if self.random.percent(70) { self.random.below(300) } else { self.random.below(30_000) };
        self.plan(after, Event::RelayHearsEnd(wire));
        // What is under way may still arrive, or only its beginning, or nothing.
        if !self.is_calm
            && self.random.percent(50)
            && let Some(ended) = self.wires.get_mut(&wire)
        {
            ended.relay_is_there = false;
        }
    }

    /// Cuts a device's connections.
    pub fn cut(&mut self, device: usize) {
        let wires: Vec<u64> = self
            .wires
            .iter()
            .filter(|(_, wire)| wire.device == device && wire.client_is_there)
            .map(|(id, _)| *id)
            .collect();
        self.cut_wires(wires);
    }

    /// Cuts connections.
    pub fn cut_wires(&mut self, wires: Vec<u64>) {
        for wire in wires {
            let after = self.random.below(2_000);
            self.plan(after, Event::ClientHearsEnd(wire));
            if let Some(wire) = self.wires.get_mut(&wire) {
                wire.relay_is_there = false;
                wire.to_client_at = u64::MAX;
            }
            let after = self.random.below(10_000);
            self.plan(after, Event::RelayHearsEnd(wire));
        }
    }

    pub fn send_up(&mut self, device: usize, tab: u32, bytes: Vec<u8>) {
        if let Ok(FromClient::Push(push)) = FromClient::decode(&bytes) {
            self.oracle.sent(&self.devices[device].disk, &push);
        }
        let Some(wire) = self.engine(device, tab).and_then(|engine| engine.connection) else { return };
        let jitter = self.random.below(20);
        let now = self.now;
        let Some(there) = self.wires.get_mut(&wire).filter(|wire| wire.client_is_there) else { return };
        there.to_relay_at = there.to_relay_at.max(now + there.latency + jitter);
        let after = there.to_relay_at - now;
        self.plan(after, Event::ToRelay(wire, bytes));
    }

    /// A frame on its way to the client.
    pub fn send_down(&mut self, wire: u64, bytes: Vec<u8>, is_batch: bool) {
        let jitter = self.random.below(20);
        let now = self.now;
        let Some(there) = self.wires.get_mut(&wire) else { return };
        if there.to_client_at == u64::MAX {
            return;
        }
        if is_batch {
            assert!(!there.is_full, "invariant 7: a batch waits for a slow reader");
            there.is_full = true;
        }
        there.batches_under_way += u32::from(is_batch);
        let longest = if there.is_slow { 20_000 } else { 200 };
        there.to_client_at = there.to_client_at.max(now + there.latency + jitter);
        let after = there.to_client_at - now;
        self.plan(after, Event::ToClient(wire, bytes));
        if is_batch {
            let slow = self.random.below(longest);
            self.plan(slow, Event::SocketReady(wire));
        }
    }

    pub fn client_hears(&mut self, wire: u64, mut bytes: Vec<u8>) {
        let Some((device, tab)) = self.client_of(wire) else { return };
        if let Some(there) = self.wires.get_mut(&wire) {
            if there.to_client_at == u64::MAX {
                return;
            }
            there.batches_under_way = there.batches_under_way.saturating_sub(1);
        }
        if !self.is_calm && self.random.below(400) == 0 {
            // A broken proxy: the frame comes in part.
            bytes.truncate(bytes.len() / 2);
            self.reached.note(Rare::TruncatedFrame);
        }
        let bytes = self.found_by(device, bytes);
        self.tell_engine(device, tab, Input::Frame(bytes));
    }

    pub fn relay_hears(&mut self, wire: u64, mut bytes: Vec<u8>) {
        if !self.wires.get(&wire).is_some_and(|wire| wire.relay_is_there) {
            return;
        }
        if !self.is_calm && self.random.below(400) == 0 {
            bytes.truncate(bytes.len() / 2);
            self.reached.note(Rare::TruncatedFrame);
        }
        if self.relay.version == Version::Old {
            bytes = hidden(&bytes);
        }
        self.relay_takes(wire, bytes);
    }

    /// Closes a connection from the relay's side, after what was sent.
    pub fn relay_hangs_up(&mut self, wire: u64) {
        self.relay.connections.remove(&wire);
        let now = self.now;
        let Some(there) = self.wires.get_mut(&wire) else { return };
        there.relay_is_there = false;
        if there.to_client_at != u64::MAX {
            let after = there.to_client_at.max(now) - now + 1;
            self.plan(after, Event::ClientHearsEnd(wire));
        }
    }
}
