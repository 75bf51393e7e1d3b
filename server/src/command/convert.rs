//! `simpul convert`: a trip report from Markdown to JSON, or to the form in which Simpul writes it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use shared::domain::report_text::{self, FILE_BYTES, ImportError, ReportContent};
use shared::model::field::{Record, Scalar};
use shared::model::foreign::ForeignValue;

use super::{CommandError, say};

#[derive(Debug, Args)]
pub(super) struct ConvertArguments {
    /// The Markdown file; - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form to write
    #[arg(long, value_name = "FORM", default_value = "json")]
    to: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// Every field by its name
    Json,
    /// The office's form
    Md,
}

pub(super) fn run(arguments: &ConvertArguments) -> Result<(), CommandError> {
    let bytes = read(&arguments.file)?;
    let report = report_text::import(&bytes)?;
    say(&match arguments.to {
        Form::Json => format!("{:#}\n", json(&report)),
        Form::Md => report_text::export(&report),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    use std::io::Read;
    let error = |source| CommandError::ReadFile { path: path.to_owned(), source };
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(error)?)
    };
    let mut bytes = Vec::new();
    // One byte more than may be: enough to know that it is too much.
    input.take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() > FILE_BYTES {
        return Err(CommandError::Import(ImportError::TooLarge(bytes.len())));
    }
    Ok(bytes)
}

/// The report as JSON: the fields by their names in the document, empty ones left out.
fn json(report: &ReportContent) -> Value {
    let mut root = object(&report.heading);
    root.insert("bases".to_owned(), list(&report.bases));
    root.insert("travellers".to_owned(), list(&report.travellers));
    root.insert("outcomes".to_owned(), list(&report.outcomes));
    root.insert("follow_ups".to_owned(), list(&report.follow_ups));
    Value::Object(root)
}

fn list(records: &[impl Record]) -> Value {
    records.iter().map(|record| Value::Object(object(record))).collect()
}

fn object(record: &impl Record) -> Map<String, Value> {
    let value = |content| match content {
        Scalar::Empty => None,
        Scalar::Text(text) => Some(Value::String(text)),
        Scalar::Integer(number) => Some(number.into()),
        Scalar::Flag(flag) => Some(flag.into()),
        // A decimal's fraction is a number; what another program wrote is told as it reads.
        Scalar::Foreign(ForeignValue::Float(bits)) if f64::from_bits(bits).is_finite() => {
            Some(f64::from_bits(bits).into())
        }
        Scalar::Foreign(value) => Some(Value::String(value.to_string())),
    };
    let fields = record.contents().into_iter();
    fields.filter_map(|(field, content)| Some((field.name.to_owned(), value(content)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_report_stands_in_the_json() {
        let text = include_str!("../../../shared/tests/fixtures/laporan.md");
        let json = json(&report_text::import(text.as_bytes()).unwrap());
        assert_eq!(json["attendance"], 61);
        assert_eq!(json["starts_on"], "2019-07-10");
        assert_eq!(json["bases"][0]["number"], "005/1138/02");
        assert_eq!(json["outcomes"].as_array().unwrap().len(), 10);
    }
}
