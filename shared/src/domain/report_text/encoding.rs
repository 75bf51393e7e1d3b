//! Text files as office programs save them: UTF-8, "Unicode" (UTF-16 with its mark), and "ANSI", which on an office's Windows is
//! windows-1252.

/// What windows-1252 has from 0x80 to 0x9f; five places are empty. Source: WHATWG Encoding Standard, index windows-1252.
const HIGH: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// The text of a file without its byte order mark; `None` where it is no text in any of these.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok()?,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => windows_1252(bytes)?,
        },
    };
    Some(text)
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    if rest.is_empty() { text.collect::<Result<String, _>>().ok() } else { None }
}

/// Any bytes could be this: those that no text has say that it is none.
fn windows_1252(bytes: &[u8]) -> Option<String> {
    let read = |byte: &u8| match byte {
        b'\t' | b'\n' | b'\r' | 0x0c | 0x20..=0x7e | 0xa0..=0xff => Some(char::from(*byte)),
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => None,
    };
    bytes.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "I. PENDAHULUAN\r\nKafé – “rapat”\r\n";

    #[test]
    fn text_is_read_as_office_programs_save_it() {
        let with = |mark: &[u8], bytes: Vec<u8>| mark.iter().copied().chain(bytes).collect::<Vec<u8>>();
        let units: Vec<u16> = TEXT.encode_utf16().collect();
        let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let ansi = b"I. PENDAHULUAN\r\nKaf\xe9 \x96 \x93rapat\x94\r\n".to_vec();
        for bytes in [
            TEXT.as_bytes().to_vec(),
            with(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()),
            with(b"\xff\xfe", little),
            with(b"\xfe\xff", big),
            ansi,
        ] {
            assert_eq!(decode(&bytes).as_deref(), Some(TEXT));
        }
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bytes in [
            &b"\xff\xfea"[..],
            &b"\xff\xfe\x00\xd8"[..],
            &b"\x89PNG\r\n\x1a\n\x00"[..],
            &b"teks \x81"[..],
            &b"\xef\xbb\xbf\xff"[..],
        ] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
