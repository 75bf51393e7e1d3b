//! Lays functions that are alike side by side, so that there is less to send.
//!
//! Brotli says "as so many bytes before" in fewer bits the nearer that is, and of a generic there are dozens of copies
//! that differ in a few numbers. Nothing else changes: the program has as many bytes as before and does the same. As a task
//! this is the ordering of documents by their shared words, as it is done for the layout of programs by compressed size
//! (Lee et al., "Optimizing Function Layout for Mobile Applications", 2022); here a chain of nearest neighbours.

use std::collections::HashMap;
use std::convert::Infallible;

use sha2::{Digest, Sha256};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    BinaryReaderError, CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, Parser,
    Payload, TypeRef,
};

use crate::error::BundleError;

/// The step's name in the cache: another number where the order is found otherwise.
pub const STEP: &str = "function order 1";

/// Instructions in one run: what two functions share is told by the runs that stand in both.
const RUN: usize = 3;

/// A run that stands in more functions says nothing of any.
const MOST_WITH_A_RUN: usize = 1500;

/// What a shared run with the last function but one counts, against one with the last: a copy may also be near.
const FADES: f32 = 0.8;

/// What comes of it where the arguments and the result are of the same types too.
const SAME_TYPE: f32 = 1.5;

/// Instructions that are added to all lengths, so that the shortest do not seem alike by one run.
const BESIDES: f32 = 8.0;

/// Gives the program with its functions in another order, and without sections that no browser reads.
///
/// # Errors
/// When it is not a wasm program.
pub fn reorder(wasm: &[u8]) -> Result<Vec<u8>, BundleError> {
    let refused = |error: &dyn std::fmt::Display| BundleError::FunctionOrder(error.to_string());
    let functions = Functions::read(wasm).map_err(|error| refused(&error))?;
    let order = functions.in_order().map_err(|error| refused(&error))?;
    let mut module = Module::new();
    let mut reordered = Reordered::new(functions.imported, order);
    reordered.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| refused(&error))?;
    Ok(module.finish())
}

/// The functions of a program, in its order.
struct Functions<'a> {
    imported: u32,
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Functions<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut functions = Self { imported: 0, types: Vec::new(), bodies: Vec::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                _ => {}
            }
        }
        Ok(functions)
    }

    /// Each function once: the one after another is the most like it, and those before it, of all that are left.
    fn in_order(&self) -> Result<Vec<usize>, BinaryReaderError> {
        let runs = self.bodies.iter().map(runs_of).collect::<Result<Vec<_>, _>>()?;
        let mut with_run: HashMap<u64, Vec<usize>> = HashMap::new();
        for (function, runs) in runs.iter().enumerate() {
            for run in runs {
                with_run.entry(*run).or_default().push(function);
            }
        }
        with_run.retain(|_, functions| (2..=MOST_WITH_A_RUN).contains(&functions.len()));
        let lengths: Vec<f32> = runs
            .iter()
            .map(|runs| runs.iter().filter(|run| with_run.contains_key(run)).count() as f32)
            .collect();

        // Where nothing is alike, the next is the smallest of the same type.
        let mut rest: Vec<usize> = (0..self.bodies.len()).collect();
        rest.sort_by_key(|function| (self.types[*function], self.bodies[*function].range().len()));
        let mut is_placed = vec![false; rest.len()];
        let mut order = Vec::with_capacity(rest.len());
        let mut shared = vec![0.0_f32; rest.len()];
        let mut alike: Vec<usize> = Vec::new();
        let mut next = rest.first().copied();
        while let Some(last) = next {
            is_placed[last] = true;
            order.push(last);
            alike.retain(|function| !is_placed[*function]);
            for function in &alike {
                shared[*function] *= FADES;
            }
            for functions in runs[last].iter().filter_map(|run| with_run.get(run)) {
                let weight = 1.0 / (functions.len() as f32).sqrt();
                for function in functions.iter().filter(|function| !is_placed[**function]) {
                    if shared[*function] == 0.0 {
                        alike.push(*function);
                    }
                    shared[*function] += weight;
                }
            }
            let likeness = |function: &usize| {
                let same_type = if self.types[*function] == self.types[last] { SAME_TYPE } else { 1.0 };
                same_type * shared[*function] / (lengths[*function] + lengths[last] + BESIDES)
            };
            let nearest = alike
                .iter()
                .copied()
                .max_by(|one, other| likeness(one).total_cmp(&likeness(other)).then(other.cmp(one)));
            next = nearest.or_else(|| {
                rest.retain(|function| !is_placed[*function]);
                let of_the_type = rest.iter().find(|function| self.types[**function] == self.types[last]);
                of_the_type.or(rest.first()).copied()
            });
        }
        Ok(order)
    }
}

/// A number for each run of instructions in a function, each once.
fn runs_of(body: &FunctionBody<'_>) -> Result<Vec<u64>, BinaryReaderError> {
    let mut reader = body.get_operators_reader()?;
    let start = body.range().start;
    let mut ends = Vec::new();
    let first = reader.original_position() - start;
    while !reader.eof() {
        reader.read()?;
        ends.push(reader.original_position() - start);
    }
    let bytes = body.as_bytes();
    let begins = std::iter::once(first).chain(ends.iter().copied());
    let mut runs: Vec<u64> = begins
        .zip(ends.iter().skip(RUN - 1))
        .map(|(begin, end)| {
            let digest = Sha256::digest(&bytes[begin..*end]);
            u64::from_le_bytes(*digest.first_chunk().expect("a digest has 32 bytes"))
        })
        .collect();
    runs.sort_unstable();
    runs.dedup();
    Ok(runs)
}

/// Writes a program anew with its functions in an order.
struct Reordered {
    imported: u32,
    /// The place that each function had, by the place that it gets.
    order: Vec<usize>,
    /// The number that each function gets, by the number that it had; without the imported.
    numbers: Vec<u32>,
}

impl Reordered {
    fn new(imported: u32, order: Vec<usize>) -> Self {
        let mut numbers = vec![0; order.len()];
        for (number, function) in (imported..).zip(&order) {
            numbers[*function] = number;
        }
        Self { imported, order, numbers }
    }
}

impl Reencode for Reordered {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let defined = function.checked_sub(self.imported).map(|place| self.numbers[place as usize]);
        Ok(defined.unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in &self.order {
            functions.function(types[*function]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in self.order.clone() {
            self.parse_function_body(code, bodies[function].clone())?;
        }
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, ImportSection, RefType,
        TableSection, TableType, TypeSection,
    };

    use super::*;

    /// One function from outside, and then some: even ones write at one address, odd ones read from another; each calls
    /// the one behind it.
    fn program(functions: u32) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("m", "outside", wasm_encoder::EntityType::Function(0));
        let (mut declared, mut exports, mut code) =
            (FunctionSection::new(), ExportSection::new(), CodeSection::new());
        for function in 0..functions {
            declared.function(0);
            exports.export(&format!("f{function}"), ExportKind::Func, function + 1);
            let mut body = Function::new([]);
            let mut instructions = body.instructions();
            for _ in 0..4 {
                if function % 2 == 0 {
                    instructions.i32_const(64).i32_const(7).i32_add().drop();
                } else {
                    instructions.i64_const(900).i64_const(3).i64_mul().drop();
                }
            }
            instructions.call((function + 1) % functions + 1).call(0).end();
            code.function(&body);
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            minimum: 1,
            maximum: None,
            table64: false,
            shared: false,
        });
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions([2].as_slice().into()));
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&declared).section(&tables);
        module.section(&exports).section(&elements).section(&code);
        module.finish()
    }

    /// What is exported, by name: the body with the names of what it calls.
    fn told(wasm: &[u8]) -> Vec<String> {
        let functions = Functions::read(wasm).unwrap();
        let mut names: HashMap<u32, String> = HashMap::new();
        let mut in_table = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.unwrap();
                        names.insert(export.index, export.name.to_owned());
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let wasmparser::ElementItems::Functions(items) = element.unwrap().items else {
                            panic!()
                        };
                        in_table.extend(items.into_iter().map(Result::unwrap));
                    }
                }
                _ => {}
            }
        }
        let name = |function: u32| names.get(&function).cloned().unwrap_or_else(|| "outside".to_owned());
        let mut told: Vec<String> = (functions.imported..)
            .zip(&functions.bodies)
            .map(|(number, body)| {
                let instructions = body.get_operators_reader().unwrap().into_iter().map(|operator| {
                    match operator.unwrap() {
                        wasmparser::Operator::Call { function_index } => {
                            format!("call {}", name(function_index))
                        }
                        other => format!("{other:?}"),
                    }
                });
                format!("{}: {}", name(number), instructions.collect::<Vec<_>>().join(", "))
            })
            .collect();
        told.sort();
        told.push(format!("table: {:?}", in_table.into_iter().map(name).collect::<Vec<_>>()));
        told
    }

    #[test]
    fn program_in_another_order_has_the_same_functions_calls_exports_and_table() {
        let before = program(9);
        let after = reorder(&before).unwrap();
        assert_ne!(before, after);
        assert_eq!(told(&before), told(&after));
        assert_eq!(told(&before).len(), 10);
        assert_eq!(reorder(&before).unwrap(), after, "the same each time");
    }

    #[test]
    fn functions_that_are_alike_lie_side_by_side() {
        let after = reorder(&program(8)).unwrap();
        let functions = Functions::read(&after).unwrap();
        let kinds: Vec<bool> = functions.bodies.iter().map(|body| body.as_bytes().contains(&0x7e)).collect();
        assert!(kinds.is_sorted() || kinds.iter().rev().is_sorted(), "{kinds:?}");
    }

    #[test]
    fn bytes_that_are_no_program_are_refused() {
        assert!(matches!(reorder(b"no program"), Err(BundleError::FunctionOrder(_))));
        assert!(matches!(reorder(&program(3)[..60]), Err(BundleError::FunctionOrder(_))));
    }
}
