//! Brotli and gzip forms of the files that gain from them.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;

use crate::cache::Cache;
use crate::error::BundleError;
use crate::piped;
use crate::site::Site;

/// The compressed forms, by the path of the original.
#[derive(Clone, Debug, Default)]
pub struct Compressed {
    /// Brotli, quality 11.
    pub brotli: BTreeMap<String, Vec<u8>>,
    /// Gzip, level 9.
    pub gzip: BTreeMap<String, Vec<u8>>,
}

/// Compresses each file whose kind gains from it, on two threads.
///
/// # Errors
/// When node is not there, or a result cannot be stored.
pub fn compress(site: &Site, cache: &Cache) -> Result<Compressed, BundleError> {
    let chosen = || site.files.iter().filter(|(path, _)| is_compressible(path));
    std::thread::scope(|scope| {
        let gzip = scope.spawn(|| {
            chosen()
                .map(|(path, content)| Ok((path.clone(), cache.get_or_make("gzip 9", content, gzip)?)))
                .collect::<Result<_, BundleError>>()
        });
        let brotli = chosen()
            .map(|(path, content)| Ok((path.clone(), cache.get_or_make(BROTLI, content, brotli)?)))
            .collect::<Result<_, BundleError>>()?;
        let gzip = gzip.join().expect("compressing into memory does not panic")?;
        Ok(Compressed { brotli, gzip })
    })
}

/// Pictures and fonts are compressed already.
fn is_compressible(path: &str) -> bool {
    const KINDS: [&str; 8] = [".wasm", ".js", ".css", ".html", ".svg", ".webmanifest", ".json", ".txt"];
    KINDS.iter().any(|kind| path.ends_with(kind))
}

/// Brotli is asked of node, which a release needs anyway: it has the encoder of brotli's authors, and its settings. Some
/// distances get symbols of their own, and blocks may be long, which programs gain from (a thousandth).
const BROTLI: &str = "
    const { constants, brotliCompressSync } = require('node:zlib');
    const content = require('node:fs').readFileSync(0);
    const params = {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_LGBLOCK]: 22,
        [constants.BROTLI_PARAM_NDIRECT]: 12,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    process.stdout.write(brotliCompressSync(content, { params }));
";

fn brotli(content: &[u8]) -> Result<Vec<u8>, BundleError> {
    piped::through(Command::new("node").args(["-e", BROTLI]), "node", content, BundleError::Brotli)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, BundleError> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let compressed = encoder.write_all(content).and_then(|()| encoder.finish());
    Ok(compressed.expect("compressing from memory into memory cannot fail"))
}
