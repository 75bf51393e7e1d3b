//! The pages of a SQLite file as its writers left them: those in the log beside it count before those in the file.
//!
//! SQLite gives up a whole query at the first bad page, so a damaged file is read here, by the format that is published for
//! good (sqlite.org/fileformat2.html, parts 1 and 4). Everything that is read is hostile: whatever does not fit is `None`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::super::write_ahead;

/// The first bytes of every database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What SQLite takes where nothing else is wished, and so what ours have.
const USUAL_PAGE_BYTES: usize = 4_096;

/// Bytes of the log's header, and of that of each of its frames.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// A file of pages, with the log beside it.
pub(super) struct Pages {
    file: File,
    log: Option<File>,
    /// Where in the log the newest copy of a page lies.
    in_log: BTreeMap<u32, u64>,
    page_bytes: usize,
    usable_bytes: usize,
    in_file: u32,
    /// The last page after the last commit, as the file or the log says. It may be any number.
    last: u32,
    /// Whether a frame of the log that was written is damaged, so that what came after it is lost.
    pub(super) log_ends_early: bool,
}

impl Pages {
    /// Opens a file; what it holds need not be a database.
    ///
    /// # Errors
    /// When the file cannot be opened or its length is not known.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let mut header = [0; 100];
        let has_header = (&file).read_exact(&mut header).is_ok() && header.starts_with(MAGIC);
        let said = usize::from(u16::from_be_bytes([header[16], header[17]]));
        // One stands for 65,536, which two bytes do not hold.
        let said = if said == 1 { 65_536 } else { said };
        let is_said = has_header && said.is_power_of_two() && said >= 512;
        let page_bytes = if is_said { said } else { USUAL_PAGE_BYTES };
        let reserved_bytes = if is_said { usize::from(header[20]) } else { 0 };
        let in_file = u32::try_from(file.metadata()?.len() / page_bytes as u64).unwrap_or(u32::MAX);
        let mut pages = Self {
            file,
            log: None,
            in_log: BTreeMap::new(),
            page_bytes,
            usable_bytes: page_bytes.saturating_sub(reserved_bytes).max(480),
            in_file,
            last: in_file,
            log_ends_early: false,
        };
        if let Some(log) = write_ahead::log_of(path).and_then(|log| File::open(log).ok()) {
            pages.read_log(&log);
            pages.log = Some(log);
        }
        Ok(pages)
    }

    /// The pages that file or log have; the first is number 1.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        let behind_file = self.in_log.keys().copied().filter(|number| *number > self.in_file);
        (1..=self.in_file).chain(behind_file).take_while(|number| *number <= self.last)
    }

    /// Whether file or log have a page.
    pub(super) fn has(&self, number: u32) -> bool {
        (1..=self.last).contains(&number) && (number <= self.in_file || self.in_log.contains_key(&number))
    }

    /// Bytes of all pages, at most.
    pub(super) fn size_bytes(&self) -> u64 {
        (u64::from(self.in_file) + self.in_log.len() as u64) * self.page_bytes as u64
    }

    /// Bytes of a page that hold something.
    pub(super) fn usable_bytes(&self) -> usize {
        self.usable_bytes
    }

    /// A page; `None` where the file does not have it or the disk does not give it.
    pub(super) fn page(&self, number: u32) -> Option<Vec<u8>> {
        if !self.has(number) {
            return None;
        }
        let mut bytes = vec![0; self.page_bytes];
        match (self.in_log.get(&number), &self.log) {
            (Some(at), Some(log)) => read_at(log, *at, &mut bytes)?,
            _ => read_at(&self.file, u64::from(number - 1) * self.page_bytes as u64, &mut bytes)?,
        }
        bytes.truncate(self.usable_bytes);
        Some(bytes)
    }

    /// Notes the pages of the log up to its last commit. A frame counts only with the salt of the log's present life and
    /// with a checksum over everything before it.
    fn read_log(&mut self, log: &File) {
        let mut header = [0; LOG_HEADER_BYTES];
        if read_at(log, 0, &mut header).is_none() {
            return;
        }
        let order = match number(&header, 0) {
            0x377f_0682 => u32::from_le_bytes,
            0x377f_0683 => u32::from_be_bytes,
            _ => return,
        };
        let mut sum = checksum(order, (0, 0), &header[..24]);
        let is_sound = sum == (number(&header, 24), number(&header, 28));
        if !is_sound || number(&header, 8) as usize != self.page_bytes {
            return;
        }
        let mut frame = vec![0; FRAME_HEADER_BYTES + self.page_bytes];
        let mut uncommitted = Vec::new();
        let mut at = LOG_HEADER_BYTES as u64;
        while read_at(log, at, &mut frame).is_some() {
            if frame[8..16] != header[16..24] {
                break;
            }
            sum = checksum(order, sum, &frame[..8]);
            sum = checksum(order, sum, &frame[FRAME_HEADER_BYTES..]);
            if sum != (number(&frame, 16), number(&frame, 20)) {
                // Of a commit that was cut off nobody was told; what follows in the same life was.
                self.log_ends_early = self.is_followed(log, at, &header);
                break;
            }
            uncommitted.push((number(&frame, 0), at + FRAME_HEADER_BYTES as u64));
            let pages_after = number(&frame, 4);
            if pages_after > 0 {
                self.in_log.extend(uncommitted.drain(..));
                self.last = pages_after;
            }
            at += frame.len() as u64;
        }
    }

    /// Whether behind the frame there is another one of the log's present life.
    fn is_followed(&self, log: &File, at: u64, header: &[u8]) -> bool {
        let mut next = [0; FRAME_HEADER_BYTES];
        let behind = at + (FRAME_HEADER_BYTES + self.page_bytes) as u64;
        read_at(log, behind, &mut next).is_some() && next[8..16] == header[16..24]
    }
}

fn read_at(mut file: &File, at: u64, bytes: &mut [u8]) -> Option<()> {
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(bytes).ok()
}

/// The four bytes at a place that is there, as the number that they are.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The log's checksum goes on over these bytes, in the order in which the log's writer counts.
fn checksum(order: fn([u8; 4]) -> u32, before: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let mut sum = before;
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| order([pair[at], pair[at + 1], pair[at + 2], pair[at + 3]]);
        sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of one commit with one page, which says that so many pages are there.
    fn log(page: u32, pages_after: u32) -> Vec<u8> {
        let mut log = Vec::new();
        for long in [0x377f_0682, 3_007_000, USUAL_PAGE_BYTES as u32, 0, 7, 9] {
            log.extend(long.to_be_bytes());
        }
        let mut sum = checksum(u32::from_le_bytes, (0, 0), &log);
        log.extend([sum.0.to_be_bytes(), sum.1.to_be_bytes()].concat());
        let begun = [page.to_be_bytes(), pages_after.to_be_bytes()].concat();
        let bytes = vec![1; USUAL_PAGE_BYTES];
        sum = checksum(u32::from_le_bytes, sum, &begun);
        sum = checksum(u32::from_le_bytes, sum, &bytes);
        let salt = [7_u32.to_be_bytes(), 9_u32.to_be_bytes()].concat();
        log.extend([begun, salt, sum.0.to_be_bytes().to_vec(), sum.1.to_be_bytes().to_vec(), bytes].concat());
        log
    }

    #[test]
    fn pages_are_those_of_file_and_log_whatever_the_log_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bad.sqlite");
        std::fs::write(&path, vec![0; 3 * USUAL_PAGE_BYTES]).unwrap();
        let most = u32::MAX;
        let cases: [(u32, u32, &[u32]); 5] = [
            (2, most, &[1, 2, 3]),
            (5, most, &[1, 2, 3, 5]),
            (most, most, &[1, 2, 3, most]),
            (5, 5, &[1, 2, 3, 5]),
            (2, 2, &[1, 2]),
        ];
        for (page, last, there) in cases {
            std::fs::write(write_ahead::log_of(&path).unwrap(), log(page, last)).unwrap();
            let pages = Pages::open(&path).unwrap();
            assert_eq!(pages.numbers().collect::<Vec<_>>(), there);
            assert_eq!(pages.page(page), Some(vec![1; USUAL_PAGE_BYTES]));
            assert_eq!(pages.page(4), None);
        }
    }
}
