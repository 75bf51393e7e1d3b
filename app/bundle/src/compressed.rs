//! Brotli and gzip forms of the files that gain from them.

use std::collections::BTreeMap;
use std::io::Write;

use crate::cache::Cache;
use crate::error::BundleError;
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
/// When a result cannot be stored.
pub fn compress(site: &Site, cache: &Cache) -> Result<Compressed, BundleError> {
    let chosen = || site.files.iter().filter(|(path, _)| is_compressible(path));
    std::thread::scope(|scope| {
        let gzip = scope.spawn(|| {
            chosen()
                .map(|(path, content)| Ok((path.clone(), cache.get_or_make("gzip 9", content, gzip)?)))
                .collect::<Result<_, BundleError>>()
        });
        let brotli = chosen()
            .map(|(path, content)| Ok((path.clone(), cache.get_or_make("brotli 11", content, brotli)?)))
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

fn brotli(content: &[u8]) -> Result<Vec<u8>, BundleError> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &params)
        .expect("compressing from memory into memory cannot fail");
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, BundleError> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let compressed = encoder.write_all(content).and_then(|()| encoder.finish());
    Ok(compressed.expect("compressing from memory into memory cannot fail"))
}
