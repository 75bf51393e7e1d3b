//! What the site costs over the wire, as a table.

use std::fmt;

use crate::compressed::Compressed;
use crate::site::{SERVICE_WORKER, Site};

/// One file's line.
#[derive(Clone, Debug)]
struct Line {
    path: String,
    bytes: usize,
    brotli_bytes: Option<usize>,
    first_visit: bool,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Sizes {
    lines: Vec<Line>,
}

impl Sizes {
    /// Measures a site.
    pub fn of(site: &Site, compressed: &Compressed) -> Self {
        let lines = site
            .files
            .iter()
            .map(|(path, content)| Line {
                path: path.clone(),
                bytes: content.len(),
                brotli_bytes: compressed.brotli.get(path).map(Vec::len),
                first_visit: path == SERVICE_WORKER || site.precache.contains(path),
            })
            .collect();
        Self { lines }
    }

    /// What a first visit fetches: the whole precache and the service worker, in brotli where a brotli form
    /// exists.
    pub fn first_visit_bytes(&self) -> usize {
        let fetched = self.lines.iter().filter(|line| line.first_visit);
        fetched.map(|line| line.brotli_bytes.unwrap_or(line.bytes)).sum()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>10} {:>10}  file", "bytes", "brotli")?;
        for line in &self.lines {
            let brotli = line.brotli_bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
            let note = if line.first_visit { "" } else { "  (not in the first visit)" };
            writeln!(f, "{:>10} {brotli:>10}  {}{note}", line.bytes, line.path)?;
        }
        write!(f, "first visit: {} bytes over the wire", self.first_visit_bytes())
    }
}
