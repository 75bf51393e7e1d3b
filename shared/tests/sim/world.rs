//! One history: devices, relay and network on one virtual clock.
//!
//! Everything happens as an event at a time; events of equal time happen in the order in which they were
//! planned. No threads, no real clock: a seed alone decides.

use shared::device::row::{Access, DeviceRow, FeedRow, Stored};
use shared::device::table::{Key, MetaKey};
use shared::ids::{DeviceId, DocumentId, EpochId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::client::{Connection, Input};
use shared::sync::relay::compaction::Snapshot;

use super::disk::Disk;
use super::oracle::Oracle;
use super::random::Random;
use super::rare::Reached;
use super::relay::Relay;
use super::tab::Tab;
use super::trace::Trace;
use super::transition::Transition;
use super::version::Version;

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A person does something.
    Step,
    /// A device's store does the next piece of work.
    Disk(usize),
    /// A tab makes a change of what was typed.
    Flush(usize, u32, DocumentId),
    /// A connection is open for the client.
    Opened(u64),
    /// A connection could not be opened: the session is over.
    Unauthorised(u64),
    /// A frame reaches the client.
    ToClient(u64, Vec<u8>),
    /// A frame reaches the relay.
    ToRelay(u64, Vec<u8>),
    /// The client learns that the connection has ended.
    ClientHearsEnd(u64),
    /// The relay learns that the connection has ended.
    RelayHearsEnd(u64),
    /// The socket has taken a batch.
    SocketReady(u64),
    /// A connection's machine wants to be woken.
    RelayTick(u64),
    /// The commit of a process is on disk.
    Stored((usize, u64)),
    /// A process of the relay starts.
    RelayStarts((usize, u64)),
    /// A process hears that another one has stored entries of a feed up to a number.
    Heard((usize, u64), FeedId, u64),
    /// An engine wants to be woken.
    Wake(usize, u32, u64),
    /// The browser lets a tab go on.
    Thaw(usize, u32),
    /// A person signs in again.
    SignIn(usize),
    /// A tab that leads applies again what lost its ground.
    ApplyAgain(usize),
    /// The worker of a process has folded a document.
    Folded((usize, u64), Box<Snapshot>),
}

/// One machine of one person.
pub struct Device {
    /// The person.
    pub user: UserId,
    /// What its app knows.
    pub version: Version,
    /// Its store.
    pub disk: Disk,
    /// When the store has time again.
    pub disk_free_at: u64,
    /// Its tabs.
    pub tabs: OrderedMap<u32, Tab>,
    /// Whether it has no network.
    pub is_cut_off: bool,
    /// The process that served it the last time.
    pub served_by: Option<usize>,
    /// Whether a sign-in is planned.
    pub is_signing_in: bool,
    /// Documents with a gap for which it was retired once. What a new device does not cure, a second one
    /// would not either.
    pub gaps: OrderedSet<DocumentId>,
}

/// A connection between an engine and the relay.
pub struct Wire {
    /// Whose.
    pub device: usize,
    /// Which tab's.
    pub tab: u32,
    /// Whether the client's side lives.
    pub client_is_there: bool,
    /// Whether what the client sends arrives.
    pub relay_is_there: bool,
    /// Frames arrive in order: not before these times.
    pub to_client_at: u64,
    /// See `to_client_at`.
    pub to_relay_at: u64,
    /// How long a frame takes.
    pub latency: u64,
    /// A batch has come, and another is under way.
    pub batches_under_way: u32,
    /// The socket has not taken the last batch yet.
    pub is_full: bool,
    /// It takes its time for it.
    pub is_slow: bool,
}

/// The whole.
pub struct World {
    /// Milliseconds.
    pub now: u64,
    events: OrderedMap<(u64, u64), Event>,
    planned: u64,
    /// The dice.
    pub random: Random,
    /// What happened.
    pub trace: Trace,
    /// The machines.
    pub devices: Vec<Device>,
    /// The relay.
    pub relay: Relay,
    /// The connections.
    pub wires: OrderedMap<u64, Wire>,
    /// The newest connection.
    pub last_wire: u64,
    /// The newest tab.
    pub last_tab: u32,
    /// What must hold.
    pub oracle: Oracle,
    /// What was reached.
    pub reached: Reached,
    /// Nothing goes wrong any more.
    pub is_calm: bool,
    /// What is done, and how often.
    pub transitions: &'static [(Transition, u64)],
}

/// The feeds of every history.
pub fn feeds() -> [FeedId; 2] {
    ["kab-sleman", "kota-yogyakarta"].map(|name| name.parse().expect("these are feed ids"))
}

/// A feed that an operator makes later.
pub fn extra_feed() -> FeedId {
    "desa-baru".parse().expect("this is a feed id")
}

impl World {
    /// A world with a few devices that are all signed in.
    pub fn new(seed: u64, is_told: bool, transitions: &'static [(Transition, u64)]) -> Self {
        let mut random = Random::new(seed);
        let mut relay = Relay::new(EpochId::from_bytes(random.bytes()));
        for feed in feeds() {
            relay.log.put_feed(feed.clone(), feed.as_str());
        }
        let mut world = Self {
            now: 1_000_000,
            events: OrderedMap::new(),
            planned: 0,
            random,
            trace: Trace::new(is_told),
            devices: Vec::new(),
            relay,
            wires: OrderedMap::new(),
            last_wire: 0,
            last_tab: 0,
            oracle: Oracle::default(),
            reached: Reached::default(),
            is_calm: false,
            transitions,
        };
        world.relay.version = world.some_version();
        let count = world.random.between(2, 3);
        for index in 0..count {
            let user: UserId = format!("officer-{index}").parse().expect("this is a user id");
            for (place, feed) in feeds().iter().enumerate() {
                // The last one sees one feed only.
                if place == 0 || index + 1 < count {
                    world.relay.set_role(&user, feed, Role::Writer, world.now);
                }
            }
            world.add_device(user);
        }
        world
    }

    /// A person signs in on a machine that is new to the relay.
    pub fn add_device(&mut self, user: UserId) {
        let device = DeviceId::from_bytes(self.random.bytes());
        self.relay.log.enrol(device, user.clone());
        let mut disk = Disk::default();
        let row = DeviceRow {
            user: user.clone(),
            name: user.to_string(),
            device,
            epoch: None,
            retired: false,
            revoked: false,
            former: Vec::new(),
        };
        disk.write(&row.put());
        let version = self.some_version();
        self.put_device(user, version, disk);
    }

    /// A machine with this version and this store.
    pub fn put_device(&mut self, user: UserId, version: Version, disk: Disk) {
        self.devices.push(Device {
            user,
            version,
            disk,
            disk_free_at: 0,
            tabs: OrderedMap::new(),
            is_cut_off: false,
            served_by: None,
            is_signing_in: false,
            gaps: OrderedSet::new(),
        });
        self.open_tab(self.devices.len() - 1);
    }

    /// Plans an event.
    pub fn plan(&mut self, after: u64, event: Event) {
        self.planned += 1;
        self.events.insert((self.now + after, self.planned), event);
    }

    /// Lets the next event happen, if it is not after `end`; whether there was one.
    pub fn happen(&mut self, end: u64) -> bool {
        let is_due = self.events.first_key_value().is_some_and(|(at, _)| at.0 <= end);
        let Some((at, event)) = is_due.then(|| self.events.pop_first()).flatten() else {
            self.now = self.now.max(end);
            return false;
        };
        self.now = at.0;
        match event {
            Event::Step => self.step(),
            Event::Disk(device) => self.disk_works(device),
            Event::Flush(device, tab, doc) => self.flush(device, tab, doc),
            Event::Opened(wire) => {
                if let Some((device, tab)) = self.client_of(wire) {
                    self.tell_engine(device, tab, Input::Opened);
                }
            }
            Event::Unauthorised(wire) => {
                if let Some((device, tab)) = self.client_of(wire) {
                    self.hang_up(wire);
                    self.tell_engine(device, tab, Input::SignInNeeded);
                    self.plan_sign_in(device);
                }
            }
            Event::ToClient(wire, bytes) => self.client_hears(wire, bytes),
            Event::ToRelay(wire, bytes) => self.relay_hears(wire, bytes),
            Event::ClientHearsEnd(wire) => {
                if let Some((device, tab)) = self.client_of(wire) {
                    self.hang_up(wire);
                    self.tell_engine(device, tab, Input::Closed);
                }
            }
            Event::RelayHearsEnd(wire) => {
                self.relay.connections.remove(&wire);
            }
            Event::SocketReady(wire) => self.socket_ready(wire),
            Event::RelayTick(wire) => self.relay_tick(wire),
            Event::Stored(process) => self.stored(process),
            Event::RelayStarts((index, number)) => {
                let process = &mut self.relay.processes[index];
                if process.number == number && !process.is_up {
                    process.is_up = true;
                    self.say(format_args!("relay {index} starts"));
                }
            }
            Event::Heard(process, feed, head) => self.heard(process, &feed, head),
            Event::Wake(device, tab, at) => {
                let is_wanted = self.engine(device, tab).is_some_and(|engine| engine.wake_at == Some(at));
                if is_wanted {
                    self.tell_engine(device, tab, Input::Wake);
                }
            }
            Event::Thaw(device, tab) => self.thaw(device, tab),
            Event::SignIn(device) => self.sign_in(device),
            Event::ApplyAgain(device) => self.apply_again(device),
            Event::Folded(process, snapshot) => self.keep_snapshot(process, *snapshot),
        }
        true
    }

    /// Adds a line to the trace.
    pub fn say(&mut self, line: std::fmt::Arguments<'_>) {
        self.trace.say(self.now, line);
    }

    /// Whether nothing is under way anywhere: all is stored, sent, acked and read.
    pub fn is_quiet(&self) -> Result<(), String> {
        let ids: OrderedSet<DeviceId> = self
            .devices
            .iter()
            .filter_map(|device| device.disk.get::<DeviceRow>(&Key::meta(MetaKey::Device)))
            .map(|row| row.device)
            .collect();
        if ids.len() < self.devices.len() {
            return Err("two machines speak as one device".to_owned());
        }
        for index in 0..self.devices.len() {
            let device = &self.devices[index];
            if device.tabs.values().flat_map(|tab| tab.open.values()).any(|open| !open.in_flight.is_empty()) {
                return Err(format!("device {index} stores"));
            }
            let engines: Vec<_> = device.tabs.values().filter_map(|tab| tab.engine.as_ref()).collect();
            let [engine] = engines.as_slice() else {
                return Err(format!("device {index} has {} leaders", engines.len()));
            };
            let status = engine.sync.status();
            if status.connection != Connection::Connected || status.waiting > 0 || status.retired {
                return Err(format!("device {index}: {status:?}"));
            }
            if !self.orphaned(index).is_empty() {
                return Err(format!("device {index} has yet to apply work again"));
            }
            for row in device.disk.all::<FeedRow>() {
                match row.access {
                    Access::Given => {}
                    Access::Removed => continue,
                    other => return Err(format!("device {index}: {} is {other:?}", row.feed)),
                }
                let head = self.relay.log.head(&row.feed);
                if row.cursor.0 != head || row.healing_from.is_some() {
                    return Err(format!("device {index} stands at {row:?}, the head is {head}"));
                }
            }
        }
        Ok(())
    }
}
