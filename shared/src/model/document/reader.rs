//! Reading the fields of one object of a document, now or at an old version.

use std::sync::Arc;

use automerge::iter::MapRangeItem;
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value};

use super::outline::outline;
use super::text_cache::{Fields, TextCache};
use crate::model::field::{FactType, Field, Holds, Scalar};
use crate::model::foreign::{self, ForeignValue};

/// Reads the fields of one object of a document. What is absent reads as empty; what another program wrote in another
/// form is read as [`FactType::meaning`] says.
///
/// All fields are read in one pass, and remembered: a plan has thousands.
///
/// Two devices may make an item with the same id at once (the personal data of one traveller). Automerge
/// keeps both objects under one key; the one that loses is a *twin*, and what only it says is read too.
pub struct Reader<'a> {
    doc: &'a TextCache,
    heads: Option<Vec<automerge::ChangeHash>>,
    /// The object and its twins, each with its fields.
    objects: Vec<(ObjId, Fields)>,
}

impl<'a> Reader<'a> {
    /// The object comes before its twins.
    pub(super) fn new(doc: &'a TextCache, objects: Vec<ObjId>) -> Self {
        let read = |object: ObjId| {
            let fields = doc.fields_of(&object);
            (object, fields)
        };
        Self { doc, heads: None, objects: objects.into_iter().map(read).collect() }
    }

    /// The same object at an old version.
    pub(super) fn at(&self, heads: Vec<automerge::ChangeHash>) -> Self {
        let read = |(object, _): &(ObjId, _)| {
            let fields = self.doc.map_range_at(object, .., &heads).map(MapRangeItem::into_owned);
            (object.clone(), Arc::new(fields.collect()))
        };
        Self { doc: self.doc, objects: self.objects.iter().map(read).collect(), heads: Some(heads) }
    }
}

impl Reader<'_> {
    /// The text of a prose field; also where it is no text object, or holds block markers, which are line breaks.
    pub fn prose(&self, field: Field) -> String {
        self.said(field.name)
            .map(|item| self.read(item).into_prose())
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The value of a fact that the view shows.
    pub fn fact(&self, field: Field) -> Scalar {
        let value = self.scalar(field.name);
        if let Holds::Fact(of) = field.holds { of.meaning(value) } else { value }
    }

    /// Whether a key says yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        FactType::Flag.meaning(self.scalar(name)) == Scalar::Flag(true)
    }

    /// The value of a fact, or a prose field's text.
    pub fn value(&self, field: Field) -> Scalar {
        match field.holds {
            Holds::Fact(_) => self.fact(field),
            Holds::Prose => Scalar::Text(self.prose(field)),
        }
    }

    pub(super) fn scalar(&self, name: &str) -> Scalar {
        self.said(name)
            .map(|item| self.read(item))
            .find(|scalar| *scalar != Scalar::Empty)
            .unwrap_or_default()
    }

    /// The objects that may disagree on a field, the shown one first; none where there is one value at most.
    pub(super) fn disputants(&self, name: &str) -> &[(ObjId, Fields)] {
        let is_settled = self.objects.len() == 1 && self.said(name).all(|item| !item.conflict);
        if is_settled { &[] } else { &self.objects }
    }

    /// The object and its twins, with their fields.
    pub(super) fn all(&self) -> &[(ObjId, Fields)] {
        &self.objects
    }

    /// The object and its twins.
    pub(super) fn objects(&self) -> impl ExactSizeIterator<Item = &ObjId> {
        self.objects.iter().map(|(object, _)| object)
    }

    /// Whether more than one value stands under a key in the object or a twin.
    pub(super) fn has_several(&self, name: &str) -> bool {
        self.said(name).any(|item| item.conflict)
    }

    /// Whether it is one object in which no key has more than one value.
    pub(super) fn is_single(&self) -> bool {
        self.objects.len() == 1 && self.objects[0].1.iter().all(|item| !item.conflict)
    }

    /// The object that is shown.
    pub(super) fn object(&self) -> &ObjId {
        &self.objects[0].0
    }

    fn read(&self, item: &MapRangeItem<'static>) -> Scalar {
        scalar_of(self.doc, self.heads.as_deref(), &item.value.clone().into_value(), &item.id())
    }

    /// What the object, and then each twin, says under a name.
    fn said(&self, name: &str) -> impl Iterator<Item = &MapRangeItem<'static>> {
        self.objects.iter().filter_map(move |(_, fields)| fields.iter().find(|item| item.key == name))
    }
}

/// What some fields of one object say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<(Field, Scalar)>);

impl Values {
    pub(super) fn read(reader: &Reader<'_>, fields: &[Field]) -> Self {
        Self(fields.iter().map(|field| (*field, reader.value(*field))).collect())
    }

    /// The value of a fact, or a prose field's text; `None` for a field that was not asked for.
    pub fn get(&self, field: Field) -> Option<&Scalar> {
        self.0.iter().find(|(read, _)| *read == field).map(|(_, value)| value)
    }
}

/// A value as it was written; texts and objects are read at a version, or now.
pub(super) fn scalar_of(
    doc: &TextCache,
    heads: Option<&[automerge::ChangeHash]>,
    value: &Value<'_>,
    id: &ObjId,
) -> Scalar {
    match value {
        Value::Scalar(value) => match value.as_ref() {
            ScalarValue::Null => Scalar::Empty,
            ScalarValue::Str(text) => Scalar::Text(text.to_string()),
            ScalarValue::Int(number) => Scalar::Integer(*number),
            ScalarValue::Uint(number) => i64::try_from(*number)
                .map_or(Scalar::Foreign(ForeignValue::Unsigned(*number)), Scalar::Integer),
            ScalarValue::Counter(counter) => Scalar::Integer(counter.into()),
            ScalarValue::F64(number) => foreign::float(*number),
            ScalarValue::Boolean(flag) => Scalar::Flag(*flag),
            ScalarValue::Timestamp(at) => Scalar::Foreign(ForeignValue::Moment(*at)),
            ScalarValue::Bytes(bytes) => Scalar::Foreign(ForeignValue::Bytes(bytes.clone())),
            ScalarValue::Unknown { .. } => Scalar::Foreign(ForeignValue::Unknown),
        },
        Value::Object(ObjType::Text) => Scalar::Text(match heads {
            None => doc.prose_of(id),
            Some(heads) => doc.prose_at(id, heads),
        }),
        Value::Object(of) => Scalar::Foreign(ForeignValue::Object(outline(doc, heads, *of, id))),
    }
}

/// A fact's value as it is stored; a map or a list is stored as its JSON.
pub(super) fn automerge_scalar(scalar: &Scalar) -> ScalarValue {
    match scalar {
        Scalar::Empty | Scalar::Foreign(ForeignValue::Unknown) => ScalarValue::Null,
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => ScalarValue::Int(*number),
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
        Scalar::Foreign(ForeignValue::Float(bits)) => ScalarValue::F64(f64::from_bits(*bits)),
        Scalar::Foreign(ForeignValue::Unsigned(number)) => ScalarValue::Uint(*number),
        Scalar::Foreign(ForeignValue::Moment(at)) => ScalarValue::Timestamp(*at),
        Scalar::Foreign(ForeignValue::Bytes(bytes)) => ScalarValue::Bytes(bytes.clone()),
        Scalar::Foreign(ForeignValue::Object(json)) => json.as_str().into(),
    }
}
