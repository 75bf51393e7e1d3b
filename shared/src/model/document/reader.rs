//! Reading the fields of one object of a document, now or at an old version.

use automerge::{AutoCommit, ObjId, ObjType, ReadDoc, ScalarValue, Value};

use crate::model::field::{Field, Scalar};

/// Reads the fields of one object of a document. What is absent or of another type reads as empty.
///
/// Two devices may make an item with the same id at once (the personal data of one traveller). Automerge
/// keeps both objects under one key; the one that loses is a *twin*, and what only it says is read too.
pub struct Reader<'a> {
    pub(super) doc: &'a AutoCommit,
    pub(super) object: ObjId,
    pub(super) twins: Vec<ObjId>,
    pub(super) heads: Option<Vec<automerge::ChangeHash>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(doc: &'a AutoCommit, object: ObjId, twins: Vec<ObjId>) -> Self {
        Self { doc, object, twins, heads: None }
    }

    pub(super) fn at(mut self, heads: Vec<automerge::ChangeHash>) -> Self {
        self.heads = Some(heads);
        self
    }
}

impl Reader<'_> {
    /// The text of a prose field.
    pub fn prose(&self, field: Field) -> String {
        self.objects()
            .map(|object| self.prose_of(object, field.name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The value of a fact that the view shows.
    pub fn fact(&self, field: Field) -> Scalar {
        self.scalar(field.name)
    }

    pub(super) fn scalar(&self, name: &str) -> Scalar {
        self.objects()
            .map(|object| match self.get(object, name) {
                Some((value, _)) => scalar_of(&value),
                None => Scalar::Empty,
            })
            .find(|scalar| *scalar != Scalar::Empty)
            .unwrap_or_default()
    }

    fn objects(&self) -> impl Iterator<Item = &ObjId> {
        std::iter::once(&self.object).chain(&self.twins)
    }

    fn prose_of(&self, object: &ObjId, name: &str) -> String {
        let Some((Value::Object(ObjType::Text), text)) = self.get(object, name) else { return String::new() };
        match &self.heads {
            None => self.doc.text(&text).unwrap_or_default(),
            Some(heads) => self.doc.text_at(&text, heads).unwrap_or_default(),
        }
    }

    fn get(&self, object: &ObjId, name: &str) -> Option<(Value<'_>, ObjId)> {
        match &self.heads {
            None => self.doc.get(object, name),
            Some(heads) => self.doc.get_at(object, name, heads),
        }
        .ok()
        .flatten()
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
