//! JSON: read by the browser's own parser, written here.
//!
//! Only the few answers and the one file that the app has to do with; what is stored and synced is CBOR.

use std::str::FromStr;

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A value of a JSON text that was read; what is not there is undefined.
#[derive(Clone, Debug)]
pub struct Read(JsValue);

impl Read {
    /// Reads a text; `None` where it is no JSON.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        JSON::parse(std::str::from_utf8(bytes).ok()?).ok().map(Self)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED))
    }

    /// Whether it is missing or null.
    pub fn is_absent(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    /// Whether it is true.
    pub fn is_true(&self) -> bool {
        self.0.as_bool() == Some(true)
    }

    /// The text.
    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// The whole number, from 0 up to what JSON's writers keep exactly.
    pub fn number(&self) -> Option<u64> {
        const MOST: f64 = (1_u64 << 53) as f64;
        self.0
            .as_f64()
            .filter(|number| (0.0..MOST).contains(number) && number.fract() == 0.0)
            .map(|number| number as u64)
    }

    /// What the text stands for.
    pub fn parsed<T: FromStr>(&self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// The items, each read by `read`; none where the list is absent. `None` where it is no list, or an item is not
    /// what it should be.
    pub fn list<T>(&self, read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        if self.is_absent() {
            return Some(Vec::new());
        }
        self.0.dyn_ref::<Array>()?.iter().map(Self).map(read).collect()
    }
}

/// A value to be written.
#[derive(Clone, Debug)]
pub enum Written {
    /// `null`.
    Null,
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Written>),
    /// An object; its keys are written in this order.
    Object(Vec<(&'static str, Written)>),
}

impl FromIterator<Written> for Written {
    fn from_iter<I: IntoIterator<Item = Written>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

impl Written {
    /// A text, or `null`.
    pub fn optional(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }

    /// As one line without blanks.
    pub fn to_line(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// For people's eyes: each value on a line of its own.
    pub fn to_lines(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out
    }

    /// `depth` says how far lines are indented, where there are any.
    fn write(&self, out: &mut String, depth: Option<usize>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(out, text),
            Self::List(items) => {
                out.push('[');
                let inner = depth.map(|depth| depth + 1);
                for (index, item) in items.iter().enumerate() {
                    begin_item(out, index, inner);
                    item.write(out, inner);
                }
                end_items(out, items.is_empty(), depth);
                out.push(']');
            }
            Self::Object(pairs) => {
                out.push('{');
                let inner = depth.map(|depth| depth + 1);
                for (index, (key, value)) in pairs.iter().enumerate() {
                    begin_item(out, index, inner);
                    write_text(out, key);
                    out.push_str(if inner.is_some() { ": " } else { ":" });
                    value.write(out, inner);
                }
                end_items(out, pairs.is_empty(), depth);
                out.push('}');
            }
        }
    }
}

fn begin_item(out: &mut String, index: usize, depth: Option<usize>) {
    if index > 0 {
        out.push(',');
    }
    begin_line(out, depth);
}

fn end_items(out: &mut String, is_empty: bool, depth: Option<usize>) {
    if !is_empty {
        begin_line(out, depth);
    }
}

fn begin_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            letter if letter < ' ' => {
                let code = letter as u32;
                out.push_str("\\u00");
                out.extend([code >> 4, code & 15].map(|digit| char::from_digit(digit, 16).unwrap_or('0')));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Written {
        Written::Object(vec![
            ("none", Written::Null),
            ("number", Written::Number(u64::MAX)),
            ("text", Written::Text("«a»\"\\/\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}\u{2028}é😀".to_owned())),
            ("empty", Written::List(vec![])),
            ("nothing", Written::Object(vec![])),
            (
                "list",
                Written::List(vec![
                    Written::Object(vec![("a", Written::optional(Some("b"))), ("c", Written::List(vec![]))]),
                    Written::List(vec![Written::Number(0), Written::optional(None::<String>)]),
                ]),
            ),
        ])
    }

    #[test]
    fn text_is_as_other_writers_of_json_write_it() {
        // Its keys are in no order of their own there.
        let value = serde_json::from_str::<serde_json::Map<_, _>>(&example().to_line()).unwrap();
        for (key, ours) in match example() {
            Written::Object(pairs) => pairs,
            _ => unreachable!(),
        } {
            assert_eq!(ours.to_line(), serde_json::to_string(&value[key]).unwrap(), "{key}");
            assert_eq!(ours.to_lines(), serde_json::to_string_pretty(&value[key]).unwrap(), "{key}");
        }
    }

    #[test]
    fn keys_keep_their_order() {
        let pair = Written::Object(vec![("b", Written::Number(1)), ("a", Written::Null)]);
        assert_eq!(pair.to_line(), r#"{"b":1,"a":null}"#);
        assert_eq!(pair.to_lines(), "{\n  \"b\": 1,\n  \"a\": null\n}");
    }
}
