//! Texts around the printed page, on the screen. The page itself is Indonesian.

use super::words;

words! {
    paper_size: "Kertas", "Paper";
    a4: "A4 (210 × 297 mm)", "A4 (210 × 297 mm)";
    f4: "F4/folio (215 × 330 mm)", "F4/folio (215 × 330 mm)";
    marks: "Format teks", "Text format";
    bold: "Tebal", "Bold";
    italic: "Miring", "Italic";
    numbers: "Daftar bernomor", "Numbered list";
    bullets: "Daftar butir", "Bulleted list";
}
