//! Reading the fields of one object of a document, now or at an old version.

use automerge::iter::MapRangeItem;
use automerge::{AutoCommit, ObjId, ObjType, ReadDoc, ScalarValue, Value, ValueRef};

use crate::model::field::{Field, Holds, Scalar};

/// Reads the fields of one object of a document. What is absent or of another type reads as empty.
///
/// All fields are read in one pass, which takes no longer than two look-ups: a plan has thousands.
///
/// Two devices may make an item with the same id at once (the personal data of one traveller). Automerge
/// keeps both objects under one key; the one that loses is a *twin*, and what only it says is read too.
pub struct Reader<'a> {
    doc: &'a AutoCommit,
    heads: Option<Vec<automerge::ChangeHash>>,
    /// The object and its twins, each with its fields.
    objects: Vec<(ObjId, Vec<MapRangeItem<'a>>)>,
}

impl<'a> Reader<'a> {
    /// The object comes before its twins.
    pub(super) fn new(doc: &'a AutoCommit, objects: Vec<ObjId>) -> Self {
        let read = |object: ObjId| {
            let fields = doc.map_range(&object, ..).collect();
            (object, fields)
        };
        Self { doc, heads: None, objects: objects.into_iter().map(read).collect() }
    }

    /// The same object at an old version.
    pub(super) fn at(&self, heads: Vec<automerge::ChangeHash>) -> Self {
        let read = |(object, _): &(ObjId, _)| {
            let fields = self.doc.map_range_at(object, .., &heads).collect();
            (object.clone(), fields)
        };
        Self { doc: self.doc, objects: self.objects.iter().map(read).collect(), heads: Some(heads) }
    }
}

impl Reader<'_> {
    /// The text of a prose field.
    pub fn prose(&self, field: Field) -> String {
        let text_of = |item: &MapRangeItem<'_>| match (&item.value, &self.heads) {
            (ValueRef::Object(ObjType::Text), None) => self.doc.text(item.id()),
            (ValueRef::Object(ObjType::Text), Some(heads)) => self.doc.text_at(item.id(), heads),
            _ => Ok(String::new()),
        };
        self.said(field.name)
            .filter_map(|item| text_of(item).ok())
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The value of a fact that the view shows.
    pub fn fact(&self, field: Field) -> Scalar {
        self.scalar(field.name)
    }

    /// The value of a fact, or a prose field's text.
    pub(super) fn value(&self, field: Field) -> Scalar {
        match field.holds {
            Holds::Fact => self.fact(field),
            Holds::Prose => Scalar::Text(self.prose(field)),
        }
    }

    pub(super) fn scalar(&self, name: &str) -> Scalar {
        self.said(name)
            .map(|item| scalar_of(&item.value.clone().into_value()))
            .find(|scalar| *scalar != Scalar::Empty)
            .unwrap_or_default()
    }

    /// The objects that may disagree on a field, the shown one first; none where there is one value at most.
    pub(super) fn disputants(&self, name: &str) -> &[(ObjId, Vec<MapRangeItem<'_>>)] {
        let is_settled = self.objects.len() == 1 && self.said(name).all(|item| !item.conflict);
        if is_settled { &[] } else { &self.objects }
    }

    /// The object that is shown.
    pub(super) fn object(&self) -> &ObjId {
        &self.objects[0].0
    }

    /// What the object, and then each twin, says under a name.
    fn said(&self, name: &str) -> impl Iterator<Item = &MapRangeItem<'_>> {
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

/// A value as a fact reads it; what no fact can be reads as empty.
pub(super) fn scalar_of(value: &Value<'_>) -> Scalar {
    match value.as_scalar() {
        Some(ScalarValue::Str(text)) => Scalar::Text(text.to_string()),
        Some(ScalarValue::Int(number)) => Scalar::Integer(*number),
        Some(ScalarValue::Uint(number)) => i64::try_from(*number).map_or(Scalar::Empty, Scalar::Integer),
        Some(ScalarValue::Boolean(flag)) => Scalar::Flag(*flag),
        _ => Scalar::Empty,
    }
}

/// A fact's value as it is stored.
pub(super) fn automerge_scalar(scalar: &Scalar) -> ScalarValue {
    match scalar {
        Scalar::Empty => ScalarValue::Null,
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => ScalarValue::Int(*number),
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
    }
}
