//! Who holds the places at the door: so many in all, without a session so many from one address, and so many of one person.
//!
//! A connection begins as its address's and becomes its person's with the first request that has a session. Where all
//! places are taken, an address that has more idle ones than the newcomer's loses its oldest: so nobody keeps others out by
//! holding places that they do not use. Who has a session is never turned out by who has none.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::UserId;
use tokio::sync::oneshot;

use crate::http::network_of;

/// How many places there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// In all.
    pub all: usize,
    /// From one address (of version 6: from one network), without a session.
    pub of_address: usize,
    /// Of one person.
    pub of_person: usize,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many connections are open")]
pub struct Full;

/// All places.
#[derive(Clone, Debug)]
pub struct Places(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    bounds: Bounds,
    next: u64,
    guests: BTreeMap<u64, Guest>,
    of_address: BTreeMap<IpAddr, OfAddress>,
    of_person: BTreeMap<UserId, usize>,
}

/// What one address holds.
#[derive(Debug, Default)]
struct OfAddress {
    count: usize,
    /// Those in which nothing is asked just now and that may be turned out.
    idle: BTreeSet<u64>,
}

#[derive(Debug)]
struct Guest {
    holder: Holder,
    /// A proxy's connections are never turned out: it has them for others too.
    is_of_proxy: bool,
    /// Requests that are answered in it: one, or none.
    asked: usize,
    turn_out: Option<oneshot::Sender<()>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    /// A proxy that has asked for nobody yet.
    Nobody,
    Address(IpAddr),
    Person(UserId),
}

/// Who comes to the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Somebody, from their own address.
    Client(IpAddr),
    /// A proxy of the operator's, for whoever it will name.
    Proxy,
}

/// A connection's place, until it and its copies are dropped.
#[derive(Clone, Debug)]
pub struct Place(Arc<Held>);

#[derive(Debug)]
struct Held {
    places: Places,
    number: u64,
}

/// A request that is answered in a place, until it is dropped.
#[derive(Debug)]
pub struct Asking(Place);

impl Places {
    /// Places within these bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Taken {
            bounds,
            next: 0,
            guests: BTreeMap::new(),
            of_address: BTreeMap::new(),
            of_person: BTreeMap::new(),
        })))
    }

    /// Takes a place; the receiver hears where it is turned out.
    ///
    /// # Errors
    /// Where there is none for this peer.
    pub fn enter(&self, peer: Peer) -> Result<(Place, oneshot::Receiver<()>), Full> {
        let mut taken = self.taken();
        let (holder, is_of_proxy) = match peer {
            Peer::Client(address) => (Holder::Address(network_of(address)), false),
            Peer::Proxy => (Holder::Nobody, true),
        };
        if !taken.has_room_for(&holder) {
            return Err(Full);
        }
        if taken.guests.len() >= taken.bounds.all {
            taken.make_room_for(&holder)?;
        }
        let (turn_out, turned_out) = oneshot::channel();
        taken.next += 1;
        let number = taken.next;
        taken.count(&holder);
        taken.guests.insert(number, Guest { holder, is_of_proxy, asked: 0, turn_out: Some(turn_out) });
        taken.set_idle(number);
        Ok((Place(Arc::new(Held { places: self.clone(), number })), turned_out))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A request begins, of a client at this address.
    ///
    /// # Errors
    /// Where a proxy asks for an address that has as many as it may.
    pub fn ask(&self, client: IpAddr) -> Result<Asking, Full> {
        let mut taken = self.0.places.taken();
        let number = self.0.number;
        if taken.guests.get(&number).is_some_and(|guest| guest.is_of_proxy) {
            taken.give(number, Holder::Address(network_of(client)))?;
        }
        taken.set_busy(number);
        if let Some(guest) = taken.guests.get_mut(&number) {
            guest.asked += 1;
        }
        drop(taken);
        Ok(Asking(self.clone()))
    }

    /// The client has a session of this person's.
    ///
    /// # Errors
    /// Where the person has as many as they may.
    pub fn is_of(&self, person: &UserId) -> Result<(), Full> {
        self.0.places.taken().give(self.0.number, Holder::Person(person.clone()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.places.taken().remove(self.number);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut taken = self.0.0.places.taken();
        if let Some(guest) = taken.guests.get_mut(&self.0.0.number) {
            guest.asked -= 1;
        }
        taken.set_idle(self.0.0.number);
    }
}

impl Taken {
    fn has_room_for(&self, holder: &Holder) -> bool {
        match holder {
            Holder::Nobody => true,
            Holder::Address(address) => {
                self.of_address.get(address).map_or(0, |of| of.count) < self.bounds.of_address
            }
            Holder::Person(person) => {
                self.of_person.get(person).copied().unwrap_or(0) < self.bounds.of_person
            }
        }
    }

    /// Turns out the oldest idle one of the address that has the most, where that has more than the newcomer's would have.
    fn make_room_for(&mut self, holder: &Holder) -> Result<(), Full> {
        let own = match holder {
            Holder::Address(address) => self.of_address.get(address).map_or(0, |of| of.count),
            Holder::Nobody | Holder::Person(_) => 0,
        };
        let most =
            self.of_address.values().max_by_key(|of| of.idle.len()).filter(|of| of.idle.len() > own + 1);
        let number = *most.and_then(|of| of.idle.first()).ok_or(Full)?;
        let turn_out = self.guests.get_mut(&number).and_then(|guest| guest.turn_out.take());
        self.remove(number);
        if let Some(turn_out) = turn_out {
            // It may have gone by itself meanwhile.
            let _ = turn_out.send(());
        }
        Ok(())
    }

    fn give(&mut self, number: u64, holder: Holder) -> Result<(), Full> {
        let Some(former) = self.guests.get(&number).map(|guest| guest.holder.clone()) else {
            return Err(Full);
        };
        if former == holder {
            return Ok(());
        }
        if !self.has_room_for(&holder) {
            return Err(Full);
        }
        self.set_busy(number);
        self.uncount(&former);
        self.count(&holder);
        if let Some(guest) = self.guests.get_mut(&number) {
            guest.holder = holder;
        }
        self.set_idle(number);
        Ok(())
    }

    fn count(&mut self, holder: &Holder) {
        match holder {
            Holder::Nobody => {}
            Holder::Address(address) => self.of_address.entry(*address).or_default().count += 1,
            Holder::Person(person) => *self.of_person.entry(person.clone()).or_default() += 1,
        }
    }

    fn uncount(&mut self, holder: &Holder) {
        match holder {
            Holder::Nobody => {}
            Holder::Address(address) => {
                if let Some(of) = self.of_address.get_mut(address) {
                    of.count -= 1;
                    if of.count == 0 {
                        self.of_address.remove(address);
                    }
                }
            }
            Holder::Person(person) => {
                if let Some(count) = self.of_person.get_mut(person) {
                    *count -= 1;
                    if *count == 0 {
                        self.of_person.remove(person);
                    }
                }
            }
        }
    }

    fn set_idle(&mut self, number: u64) {
        if let Some(Guest { holder: Holder::Address(address), is_of_proxy: false, asked: 0, .. }) =
            self.guests.get(&number)
            && let Some(of) = self.of_address.get_mut(address)
        {
            of.idle.insert(number);
        }
    }

    fn set_busy(&mut self, number: u64) {
        if let Some(Guest { holder: Holder::Address(address), .. }) = self.guests.get(&number)
            && let Some(of) = self.of_address.get_mut(address)
        {
            of.idle.remove(&number);
        }
    }

    fn remove(&mut self, number: u64) {
        self.set_busy(number);
        if let Some(guest) = self.guests.remove(&number) {
            self.uncount(&guest.holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + n))
    }

    fn client(n: u32) -> Peer {
        Peer::Client(address(n))
    }

    fn person(name: &str) -> UserId {
        name.parse().unwrap()
    }

    fn places(all: usize, of_address: usize, of_person: usize) -> Places {
        Places::new(Bounds { all, of_address, of_person })
    }

    #[test]
    fn one_address_cannot_take_all_and_one_network_of_version_6_is_one_address() {
        let places = places(10, 2, 10);
        let _own: Vec<_> = (0..2).map(|_| places.enter(client(1)).unwrap()).collect();
        assert_eq!(places.enter(client(1)).err(), Some(Full));
        assert!(places.enter(client(2)).is_ok());
        let of_6 = |text: &str| Peer::Client(text.parse().unwrap());
        let _others: Vec<_> =
            (1..3).map(|n| places.enter(of_6(&format!("2001:db8::{n}"))).unwrap()).collect();
        assert_eq!(places.enter(of_6("2001:db8::ffff")).err(), Some(Full));
        assert!(places.enter(of_6("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn office_behind_one_address_is_counted_by_person_once_signed_in() {
        let places = places(1000, 10, 2);
        let mut signed_in = Vec::new();
        for n in 0..300 {
            let (place, _) = places.enter(client(1)).unwrap();
            place.is_of(&person(&format!("u{n}"))).unwrap();
            signed_in.push(place);
        }
        let (second, _) = places.enter(client(1)).unwrap();
        second.is_of(&person("u7")).unwrap();
        let (third, _) = places.enter(client(1)).unwrap();
        assert_eq!(third.is_of(&person("u7")), Err(Full));
        drop(second);
        assert_eq!(third.is_of(&person("u7")), Ok(()));
    }

    #[test]
    fn full_house_turns_out_the_oldest_idle_of_who_holds_most_and_nobody_else() {
        let places = places(4, 4, 4);
        let mut idle: Vec<_> = (0..3).map(|_| places.enter(client(1)).unwrap()).collect();
        let (asking, mut asking_out) = places.enter(client(2)).unwrap();
        let _asking = asking.ask(address(2)).unwrap();
        let (newcomer, mut newcomer_out) = places.enter(client(3)).unwrap();
        assert_eq!(idle[0].1.try_recv(), Ok(()));
        assert!(idle[1].1.try_recv().is_err() && asking_out.try_recv().is_err());
        // The place that was taken from it is not given back a second time.
        drop(idle.remove(0));
        // Two idle against one: the next newcomer would have as many as they.
        drop(newcomer);
        assert!(newcomer_out.try_recv().is_err());
        let _third = places.enter(client(3)).unwrap();
        let _fourth = places.enter(client(4)).unwrap();
        assert_eq!(places.enter(client(4)).err(), Some(Full), "it has as many as anybody");
    }

    #[test]
    fn who_has_a_session_is_not_turned_out_by_who_has_none() {
        let places = places(2, 2, 2);
        let mut held: Vec<_> = (0..2).map(|_| places.enter(client(1)).unwrap()).collect();
        for (place, _) in &held {
            place.is_of(&person("sri")).unwrap();
        }
        assert_eq!(places.enter(client(2)).err(), Some(Full));
        assert!(held.iter_mut().all(|(_, out)| out.try_recv().is_err()));
    }

    #[test]
    fn proxys_connections_are_counted_for_whom_it_asks() {
        let places = places(10, 1, 10);
        let (first, _) = places.enter(Peer::Proxy).unwrap();
        let (second, _) = places.enter(Peer::Proxy).unwrap();
        let _asking = first.ask(address(1)).unwrap();
        assert_eq!(second.ask(address(1)).err(), Some(Full));
        assert!(second.ask(address(2)).is_ok());
    }

    #[test]
    fn all_is_forgotten_of_who_has_left() {
        let places = places(10, 10, 10);
        let (one, _) = places.enter(client(1)).unwrap();
        let asking = one.ask(address(1)).unwrap();
        let (two, _) = places.enter(client(1)).unwrap();
        two.is_of(&person("sri")).unwrap();
        drop((one, two));
        assert_eq!(places.taken().guests.len(), 1, "a request that is answered holds its place");
        drop(asking);
        let taken = places.taken();
        assert!(taken.guests.is_empty() && taken.of_address.is_empty() && taken.of_person.is_empty());
    }
}
