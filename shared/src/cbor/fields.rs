//! The fields of a struct, read from a map in whatever order its keys stand.

use super::Form;
use super::reader::Reader;

/// The most fields that one struct has.
const MOST: usize = 32;

/// Where the values of a struct's fields lie in a map.
#[derive(Debug)]
pub struct Fields<'r, 'a> {
    reader: &'r mut Reader<'a>,
    names: &'static [&'static str],
    /// Where each value begins; 0 for one that is not there.
    places: [usize; MOST],
    next: usize,
    /// Behind the map.
    end: usize,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// Looks for these keys in the map that follows; others are skipped. `None` where there is no map, or a key stands
    /// twice. A struct of more fields than [`MOST`] does not compile.
    pub fn find<const N: usize>(
        reader: &'r mut Reader<'a>,
        names: &'static [&'static str; N],
    ) -> Option<Self> {
        const { assert!(N <= MOST, "raise `MOST`: a struct has more fields than are looked for") };
        Self::find_any(reader, names)
    }

    fn find_any(reader: &'r mut Reader<'a>, names: &'static [&'static str]) -> Option<Self> {
        let mut places = [0; MOST];
        let mut left = reader.map()?;
        while reader.more(&mut left) {
            let key = reader.key()?;
            if let Some(index) = names.iter().position(|name| name.as_bytes() == key) {
                let place = places.get_mut(index)?;
                if *place != 0 {
                    return None;
                }
                *place = reader.at;
            }
            reader.skip()?;
        }
        let end = reader.at;
        Some(Self { reader, names, places, next: 0, end })
    }

    /// Whether the next field is there; the reader then stands before it.
    fn seek(&mut self) -> bool {
        let place = self.places[self.next];
        self.next += 1;
        self.reader.at = place;
        place != 0
    }

    /// Reads what the reader stands before, and notes the key where that fails.
    fn read<T: Form>(&mut self) -> Option<T> {
        let value = T::read(self.reader);
        if value.is_none() {
            self.blame();
        }
        value
    }

    fn blame(&mut self) {
        self.reader.wrong.get_or_insert(self.names[self.next - 1]);
    }

    /// The next field in the order of the names, which must be there.
    pub fn needed<T: Form>(&mut self) -> Option<T> {
        if self.seek() {
            return self.read();
        }
        self.blame();
        None
    }

    /// The next field; its default where it is not there.
    pub fn defaulted<T: Form + Default>(&mut self) -> Option<T> {
        if self.seek() { self.read() } else { Some(T::default()) }
    }

    /// The next field, which is not written where it is its default.
    pub fn sparse<T: Form + Default>(&mut self) -> Option<T> {
        self.defaulted()
    }

    /// All were read: goes on behind the map.
    pub fn finish(self) {
        self.reader.at = self.end;
    }
}
