//! What an attachment is: found out from its bytes, and taken only where it is one of a few kinds.
//!
//! Photos, PDF and office files. Nothing that a browser would run: no HTML, no SVG, no script. What the client
//! says of the type only chooses between the old office formats, whose bytes begin alike.

use std::fmt;

/// A type that is taken: its name, the names under which clients know it too, and the ending of its files.
struct Allowed {
    name: &'static str,
    also: &'static [&'static str],
    ending: &'static str,
}

const fn allowed(name: &'static str, also: &'static [&'static str], ending: &'static str) -> Allowed {
    Allowed { name, also, ending }
}

const ALLOWED: [Allowed; 14] = [
    allowed("image/jpeg", &["image/jpg", "image/pjpeg"], "jpg"),
    allowed("image/png", &[], "png"),
    allowed("image/webp", &[], "webp"),
    allowed("image/heif", &["image/heic", "image/heif-sequence", "image/heic-sequence"], "heif"),
    allowed("application/pdf", &["application/x-pdf"], "pdf"),
    allowed("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[], "docx"),
    allowed("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[], "xlsx"),
    allowed("application/vnd.openxmlformats-officedocument.presentationml.presentation", &[], "pptx"),
    allowed("application/vnd.oasis.opendocument.text", &[], "odt"),
    allowed("application/vnd.oasis.opendocument.spreadsheet", &[], "ods"),
    allowed("application/vnd.oasis.opendocument.presentation", &[], "odp"),
    allowed("application/msword", &[], "doc"),
    allowed("application/vnd.ms-excel", &["application/msexcel"], "xls"),
    allowed("application/vnd.ms-powerpoint", &["application/mspowerpoint"], "ppt"),
];

/// The old office formats, which share one container.
const OLD_OFFICE: [&str; 3] =
    ["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];

/// A type that is taken.
///
/// Invariant: it is one of [`ALLOWED`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MediaType(usize);

impl MediaType {
    /// The type of these bytes. `said`: what the client calls it, if it does; `None` where the bytes are of no type
    /// that is taken, or of another than the client says.
    pub fn of(bytes: &[u8], said: Option<&str>) -> Option<Self> {
        let found = Self::named(infer::get(bytes)?.mime_type())?;
        // What a browser says of a file that it does not know says nothing.
        let said = said.map(essence).filter(|said| !said.is_empty() && said != "application/octet-stream");
        let Some(said) = said else { return Some(found) };
        let said = Self::named(&said)?;
        let is_old_office = |this: Self| OLD_OFFICE.contains(&this.name());
        let is_same = said == found || (is_old_office(said) && is_old_office(found));
        is_same.then_some(said)
    }

    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        let is_its = |allowed: &Allowed| allowed.name == name || allowed.also.contains(&name);
        ALLOWED.iter().position(is_its).map(Self)
    }

    /// As in `Content-Type`.
    pub fn name(self) -> &'static str {
        ALLOWED[self.0].name
    }

    /// The ending of its files' names.
    pub fn ending(self) -> &'static str {
        ALLOWED[self.0].ending
    }
}

impl fmt::Debug for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A type without its parameters.
fn essence(said: &str) -> String {
    said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n";
    const OLD: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more";

    /// The head of a zip's first file.
    fn zip(name: &str, content: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
        bytes.resize(26, 0);
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.as_bytes());
        bytes.extend(content.as_bytes());
        bytes
    }

    fn name(bytes: &[u8], said: Option<&str>) -> Option<&'static str> {
        MediaType::of(bytes, said).map(MediaType::name)
    }

    #[test]
    fn photos_pdf_and_office_files_are_known_by_their_bytes() {
        let odt = zip("mimetype", "application/vnd.oasis.opendocument.text");
        for (bytes, ending) in [
            (b"\xff\xd8\xff\xe0 and more".as_slice(), "jpg"),
            (b"\x89PNG\r\n\x1a\n and more", "png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heif"),
            (PDF, "pdf"),
            (&zip("word/document.xml", ""), "docx"),
            (&zip("xl/workbook.xml", ""), "xlsx"),
            (&zip("ppt/presentation.xml", ""), "pptx"),
            (&odt, "odt"),
            (OLD, "doc"),
        ] {
            assert_eq!(MediaType::of(bytes, None).map(MediaType::ending), Some(ending));
        }
    }

    #[test]
    fn what_a_browser_would_run_and_what_nobody_knows_is_not_taken() {
        let plain = zip("letter.txt", "");
        for bytes in [
            b"<!DOCTYPE html><script>".as_slice(),
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"#!/bin/sh\n",
            b"MZ\x90\0",
            b"GIF89a",
            b"plain words",
            b"",
            &plain,
        ] {
            assert_eq!(MediaType::of(bytes, None), None);
            assert_eq!(MediaType::of(bytes, Some("image/png")), None, "whatever the client says");
        }
    }

    #[test]
    fn client_may_not_say_another_type_than_the_bytes_have() {
        assert_eq!(name(PDF, Some("application/pdf")), Some("application/pdf"));
        assert_eq!(name(PDF, Some("Application/PDF; charset=binary")), Some("application/pdf"));
        assert_eq!(name(PDF, Some("application/octet-stream")), Some("application/pdf"));
        assert_eq!(name(PDF, Some("image/png")), None);
        assert_eq!(name(PDF, Some("text/html")), None);
    }

    #[test]
    fn client_says_which_of_the_old_office_formats_it_is() {
        assert_eq!(name(OLD, Some("application/vnd.ms-excel")), Some("application/vnd.ms-excel"));
        assert_eq!(name(OLD, Some("application/pdf")), None);
    }

    #[test]
    fn bytes_that_end_anywhere_harm_nobody() {
        let docx = zip("[Content_Types].xml", &"PK\x03\x04".repeat(9));
        for bytes in [&docx, &zip("mimetype", "vnd.oasis"), OLD, PDF] {
            for end in 0..bytes.len() {
                let _ = MediaType::of(&bytes[..end], None);
            }
        }
    }
}
