//! Maps and lists where a record has none, as JSON for people: nothing of them is to vanish unseen.

use automerge::{ObjId, ObjType, ReadDoc, Value};

use super::reader::scalar_of;
use super::text_cache::TextCache;
use crate::model::field::Scalar;

/// How deep an outline goes.
const DEPTH: usize = 8;
/// How many bytes it has at most, besides the last value and what closes it.
const BYTES: usize = 2_000;

/// An object as JSON, at a version or now; what goes deeper or longer than people read is an ellipsis.
pub(super) fn outline(
    doc: &TextCache,
    heads: Option<&[automerge::ChangeHash]>,
    of: ObjType,
    id: &ObjId,
) -> String {
    let mut text = String::new();
    Outline { doc, heads, text: &mut text }.object(of, id, 0);
    text
}

struct Outline<'a> {
    doc: &'a TextCache,
    heads: Option<&'a [automerge::ChangeHash]>,
    text: &'a mut String,
}

impl Outline<'_> {
    fn object(&mut self, of: ObjType, id: &ObjId, depth: usize) {
        let is_list = of == ObjType::List;
        self.text.push(if is_list { '[' } else { '{' });
        if depth < DEPTH {
            self.content(is_list, id, depth);
        } else {
            self.text.push('…');
        }
        self.text.push(if is_list { ']' } else { '}' });
    }

    fn content(&mut self, is_list: bool, id: &ObjId, depth: usize) {
        let (doc, heads) = (self.doc, self.heads);
        if is_list {
            let values = match heads {
                None => doc.list_range(id, ..),
                Some(heads) => doc.list_range_at(id, .., heads),
            };
            for (place, item) in values.enumerate() {
                if !self.begins(place) {
                    return;
                }
                self.value(&item.value.clone().into_value(), &item.id(), depth);
            }
        } else {
            let values = match heads {
                None => doc.map_range(id, ..),
                Some(heads) => doc.map_range_at(id, .., heads),
            };
            for (place, item) in values.enumerate() {
                if !self.begins(place) {
                    return;
                }
                self.quoted(&item.key);
                self.text.push(':');
                self.value(&item.value.clone().into_value(), &item.id(), depth);
            }
        }
    }

    /// Goes on to the next value; false where there is no room for it.
    fn begins(&mut self, place: usize) -> bool {
        if place > 0 {
            self.text.push(',');
        }
        let has_room = self.text.len() < BYTES;
        if !has_room {
            self.text.push('…');
        }
        has_room
    }

    fn value(&mut self, value: &Value<'_>, id: &ObjId, depth: usize) {
        match value {
            Value::Object(of) if *of != ObjType::Text => self.object(*of, id, depth + 1),
            _ => match scalar_of(self.doc, self.heads, value, id) {
                Scalar::Empty => self.text.push_str("null"),
                Scalar::Text(text) => self.quoted(&text),
                scalar => self.text.push_str(&scalar.into_prose()),
            },
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        let mut characters = text.chars();
        for character in characters.by_ref().take(BYTES) {
            match character {
                '"' | '\\' => self.text.extend(['\\', character]),
                '\n' => self.text.push_str("\\n"),
                _ => self.text.push(character),
            }
        }
        if characters.next().is_some() {
            self.text.push('…');
        }
        self.text.push('"');
    }
}
