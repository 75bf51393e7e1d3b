//! Pictures for a letterhead: PNG, or SVG of which every element and attribute is known to be harmless.
//!
//! They are shown on papers in everybody's app, also offline. So an SVG is refused where it holds anything that is not on
//! the lists here: scripts, styles' sheets, what is loaded from elsewhere, entities, and elements that multiply others.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Bytes of a picture.
pub const MOST_BYTES: usize = 64 << 10;
/// Pixels of a PNG's side: few bytes may hold a picture that takes gigabytes to show.
const MOST_PIXELS: u32 = 2_048;
/// How deep an SVG may be nested.
const MOST_DEPTH: usize = 64;

const PNG_BEGINS: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const PNG_ENDS: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";
const SVG_NAMESPACE: &[u8] = b"http://www.w3.org/2000/svg";
const XLINK_NAMESPACE: &[u8] = b"http://www.w3.org/1999/xlink";

/// Elements that only draw. Sorted. `use` is none: it can draw what it names a billion times over.
const ELEMENTS: &[&str] = &[
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "mask",
    "path",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "svg",
    "text",
    "title",
    "tspan",
];

/// Attributes that only say how. Sorted.
const ATTRIBUTES: &[&str] = &[
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "color",
    "cx",
    "cy",
    "d",
    "display",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "href",
    "id",
    "letter-spacing",
    "mask",
    "maskUnits",
    "offset",
    "opacity",
    "points",
    "preserveAspectRatio",
    "r",
    "rx",
    "ry",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "style",
    "text-anchor",
    "transform",
    "version",
    "viewBox",
    "visibility",
    "width",
    "x",
    "x1",
    "x2",
    "xlink:href",
    "xml:space",
    "xmlns",
    "xmlns:svg",
    "xmlns:xlink",
    "y",
    "y1",
    "y2",
];

/// Why a picture is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Too many bytes.
    #[error("the picture has {0} bytes; at most {MOST_BYTES} are kept: make it smaller")]
    TooLarge(usize),
    /// Neither of the two kinds.
    #[error("the picture is neither a whole PNG nor an SVG")]
    Kind,
    /// Too wide or too high.
    #[error("the picture is {0} by {1} pixels; at most {MOST_PIXELS} by {MOST_PIXELS} are taken")]
    TooWide(u32, u32),
    /// Something in the SVG is not known to be harmless.
    #[error("the SVG holds {0}, which is not taken: save it as a plain SVG without it, or as PNG")]
    Unsafe(String),
}

/// Looks at a picture; gives its media type.
///
/// # Errors
/// Why it is not taken.
pub fn media_type(bytes: &[u8]) -> Result<&'static str, PictureError> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureError::TooLarge(bytes.len()));
    }
    if let Some(header) = bytes.strip_prefix(PNG_BEGINS) {
        return png(header).map(|()| "image/png");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| PictureError::Kind)?;
    svg(text).map(|()| "image/svg+xml")
}

/// Looks at what follows the name of a PNG's first chunk.
fn png(header: &[u8]) -> Result<(), PictureError> {
    let side = |at: usize| header.get(at..at + 4)?.try_into().map(u32::from_be_bytes).ok();
    let (Some(width), Some(height), true) = (side(0), side(4), header.ends_with(PNG_ENDS)) else {
        return Err(PictureError::Kind);
    };
    let sides = 1..=MOST_PIXELS;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(())
    } else {
        Err(PictureError::TooWide(width, height))
    }
}

fn svg(text: &str) -> Result<(), PictureError> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let refused = |what: &str| Err(PictureError::Unsafe(what.to_owned()));
    let (mut depth, mut has_root) = (0_usize, false);
    loop {
        match reader.read_event().map_err(|_| PictureError::Kind)? {
            Event::Start(element) => {
                check_place(&element, depth, &mut has_root)?;
                check_element(&element)?;
                depth += 1;
                if depth > MOST_DEPTH {
                    return refused("elements nested too deep");
                }
            }
            Event::Empty(element) => {
                check_place(&element, depth, &mut has_root)?;
                check_element(&element)?;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) => {
                if depth == 0 && !text.iter().all(u8::is_ascii_whitespace) {
                    return Err(PictureError::Kind);
                }
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::GeneralRef(reference) => {
                let is_predefined = matches!(&*reference, b"amp" | b"lt" | b"gt" | b"quot" | b"apos");
                if !is_predefined {
                    return refused("an entity");
                }
            }
            Event::CData(_) => return refused("a CDATA section"),
            Event::PI(_) => return refused("a processing instruction"),
            Event::DocType(_) => return refused("a document type"),
            Event::Eof => break,
        }
    }
    if has_root && depth == 0 { Ok(()) } else { Err(PictureError::Kind) }
}

/// The root is an `svg`, and there is one.
fn check_place(element: &BytesStart<'_>, depth: usize, has_root: &mut bool) -> Result<(), PictureError> {
    if depth == 0 && (std::mem::replace(has_root, true) || element.name().as_ref() != b"svg") {
        return Err(PictureError::Kind);
    }
    Ok(())
}

fn check_element(element: &BytesStart<'_>) -> Result<(), PictureError> {
    let name = shown(element.name().as_ref());
    if ELEMENTS.binary_search(&name.as_str()).is_err() {
        return Err(PictureError::Unsafe(format!("the element {name}")));
    }
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| PictureError::Kind)?;
        let key = shown(attribute.key.as_ref());
        let is_safe = ATTRIBUTES.binary_search(&key.as_str()).is_ok()
            && match key.as_str() {
                "xmlns" | "xmlns:svg" => *attribute.value == *SVG_NAMESPACE,
                "xmlns:xlink" => *attribute.value == *XLINK_NAMESPACE,
                "href" | "xlink:href" => attribute.value.starts_with(b"#"),
                _ => is_plain(&attribute.value),
            };
        if !is_safe {
            return Err(PictureError::Unsafe(format!("the attribute {key} of {name}")));
        }
    }
    Ok(())
}

/// Whether a value refers to nothing outside of the picture, in whatever disguise: no entities, no escapes of CSS, no
/// comments, no rules.
fn is_plain(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    let has = |part: &[u8]| value.windows(part.len()).any(|window| window == part);
    let refers_outside = value.windows(4).enumerate().any(|(at, window)| {
        let rest = value[at + window.len()..].iter().find(|byte| !b" '\"".contains(byte));
        window == b"url(" && rest != Some(&b'#')
    });
    !refers_outside
        && !value.iter().any(|byte| b"&\\@<".contains(byte))
        && !has(b"/*")
        && !has(b"image")
        && !has(b"src(")
}

/// A name for eyes and for the lists.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        [PNG_BEGINS, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 2, 0, 0, 0], PNG_ENDS].concat()
    }

    fn within(inside: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{inside}</svg>")
    }

    #[test]
    fn lists_are_sorted() {
        assert!(ELEMENTS.is_sorted() && ATTRIBUTES.is_sorted());
    }

    #[test]
    fn whole_png_of_a_bounded_size_is_taken() {
        assert_eq!(media_type(&png_of(300, 200)), Ok("image/png"));
        assert_eq!(media_type(&png_of(60_000, 2)), Err(PictureError::TooWide(60_000, 2)));
        assert_eq!(media_type(&png_of(0, 2)), Err(PictureError::TooWide(0, 2)));
        let whole = png_of(3, 3);
        assert_eq!(media_type(&whole[..whole.len() - 1]), Err(PictureError::Kind));
        assert_eq!(media_type(b"GIF89a"), Err(PictureError::Kind));
        assert_eq!(media_type(b""), Err(PictureError::Kind));
        let large = [png_of(3, 3), vec![0; MOST_BYTES]].concat();
        assert_eq!(media_type(&large), Err(PictureError::TooLarge(large.len())));
    }

    #[test]
    fn drawing_is_taken() {
        let drawing = within(
            "<title>Lambang &amp; nama</title><defs><linearGradient id=\"a\"><stop offset=\"0\" stop-color=\"#0a0\"/>\
             </linearGradient><linearGradient id=\"b\" href=\"#a\"/></defs>\
             <g style=\"fill:url(#a);stroke:none\"><path d=\"M0 0h9v9z\" fill=\"url( '#b' )\"/></g><text x=\"1\">Sleman</text>",
        );
        assert_eq!(media_type(drawing.as_bytes()), Ok("image/svg+xml"));
        let declared = format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- lambang -->\n{drawing}\n");
        assert_eq!(media_type(declared.as_bytes()), Ok("image/svg+xml"));
    }

    #[test]
    fn whatever_could_act_load_or_multiply_is_refused() {
        for (name, inside) in [
            ("a script", "<script>alert(1)</script>"),
            ("a handler", "<rect onload=\"alert(1)\"/>"),
            ("a sheet", "<style>*{}</style>"),
            ("a page", "<foreignObject/>"),
            ("an image", "<image href=\"#a\"/>"),
            ("a multiplier", "<use href=\"#a\"/>"),
            ("an animation", "<set attributeName=\"href\" to=\"javascript:alert(1)\"/>"),
            ("a link", "<a href=\"#a\"/>"),
            ("a reference outside", "<linearGradient xlink:href=\"https://example.org/a#b\"/>"),
            ("a picture from elsewhere", "<rect fill=\"url(https://example.org/a)\"/>"),
            ("the same in a style", "<rect style=\"fill:URL( 'https://example.org/a')\"/>"),
            ("the same with escapes", "<rect style=\"fill:u\\72l(https://example.org/a)\"/>"),
            ("the same with entities", "<rect style=\"fill:&#117;rl(https://example.org/a)\"/>"),
            ("a set of pictures", "<rect style=\"mask:image-set('a.png' 1x)\"/>"),
            ("an import", "<rect style=\"@import 'a'\"/>"),
            ("an entity", "<text>&lambang;</text>"),
            ("a section", "<text><![CDATA[<script/>]]></text>"),
            ("another namespace", "<g xmlns=\"http://www.w3.org/1999/xhtml\"/>"),
            ("an unknown prefix", "<x:script xmlns:x=\"http://www.w3.org/2000/svg\"/>"),
        ] {
            let refused = media_type(within(inside).as_bytes());
            assert!(matches!(refused, Err(PictureError::Unsafe(_))), "{name}: {refused:?}");
        }
        for (name, whole) in [
            ("a document type", format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>{}", within(""))),
            ("an instruction", format!("<?xml-stylesheet href=\"a.css\"?>{}", within(""))),
            ("deep", within(&format!("{}{}", "<g>".repeat(80), "</g>".repeat(80)))),
        ] {
            let refused = media_type(whole.as_bytes());
            assert!(matches!(refused, Err(PictureError::Unsafe(_))), "{name}: {refused:?}");
        }
        for (name, whole) in [
            ("two roots", format!("{}{}", within(""), within(""))),
            ("a page", "<html/>".to_owned()),
            ("cut off", within("")[..40].to_owned()),
            ("no end", "<svg><g>".to_owned()),
            ("text behind", format!("{}x", within(""))),
        ] {
            assert_eq!(media_type(whole.as_bytes()), Err(PictureError::Kind), "{name}");
        }
    }
}
