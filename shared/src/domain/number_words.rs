//! *Terbilang*: numbers in Indonesian words, as official papers write them beside the digits.

const UNITS: [&str; 12] = [
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh",
    "sebelas",
];

const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "kuintiliun"),
    (1_000_000_000_000_000, "kuadriliun"),
    (1_000_000_000_000, "triliun"),
    (1_000_000_000, "miliar"),
    (1_000_000, "juta"),
    (1_000, "ribu"),
];

/// A number in words: `61` is `enam puluh satu`.
pub fn in_words(number: u64) -> String {
    let mut words = Vec::new();
    push_words(number, &mut words);
    words.join(" ")
}

/// The digits with dots between thousands: `15.000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A count as papers write it: `1.061 (seribu enam puluh satu)`.
pub fn count_text(number: u64) -> String {
    format!("{} ({})", grouped(number), in_words(number))
}

fn push_words(number: u64, words: &mut Vec<&'static str>) {
    let small = |number: u64| UNITS[number as usize];
    match number {
        0..=11 => words.push(small(number)),
        12..=19 => words.extend([small(number - 10), "belas"]),
        20..=99 => {
            words.extend([small(number / 10), "puluh"]);
            push_rest(number % 10, words);
        }
        100..=199 => {
            words.push("seratus");
            push_rest(number - 100, words);
        }
        200..=999 => {
            words.extend([small(number / 100), "ratus"]);
            push_rest(number % 100, words);
        }
        1_000..=1_999 => {
            words.push("seribu");
            push_rest(number - 1_000, words);
        }
        _ => {
            let (scale, name) = SCALES
                .into_iter()
                .find(|(scale, _)| number >= *scale)
                .expect("every number of two thousand and more has a scale");
            push_words(number / scale, words);
            words.push(name);
            push_rest(number % scale, words);
        }
    }
}

fn push_rest(rest: u64, words: &mut Vec<&'static str>) {
    if rest > 0 {
        push_words(rest, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_papers_write_them() {
        let cases = [
            (0, "nol"),
            (10, "sepuluh"),
            (11, "sebelas"),
            (12, "dua belas"),
            (17, "tujuh belas"),
            (20, "dua puluh"),
            (61, "enam puluh satu"),
            (100, "seratus"),
            (111, "seratus sebelas"),
            (200, "dua ratus"),
            (1_000, "seribu"),
            (1_100, "seribu seratus"),
            (2_019, "dua ribu sembilan belas"),
            (11_000, "sebelas ribu"),
            (100_000, "seratus ribu"),
            (1_000_000, "satu juta"),
            (1_000_000_000, "satu miliar"),
            (1_000_000_000_000, "satu triliun"),
            (1_001_000, "satu juta seribu"),
        ];
        for (number, words) in cases {
            assert_eq!(in_words(number), words, "{number}");
        }
    }

    #[test]
    fn the_largest_number_has_words() {
        assert!(in_words(u64::MAX).starts_with("delapan belas kuintiliun"));
    }

    #[test]
    fn a_count_stands_with_its_words() {
        assert_eq!(count_text(61), "61 (enam puluh satu)");
        assert_eq!(count_text(15_000_000), "15.000.000 (lima belas juta)");
        assert_eq!([0, 999, 1_000, 123_456].map(grouped), ["0", "999", "1.000", "123.456"]);
    }
}
