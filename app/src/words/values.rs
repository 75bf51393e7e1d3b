//! What a field says of what was typed into it.

use shared::domain::reading::{Doubt, FactKind, Refusal};
use shared::model::warning::Warning;

use super::{Word, words};

words! {
    date_hint: "Tahun, bulan, atau hari: 2017, Mei 2017, 9 Mei 2017, 9-5-2017", "Year, month or day: 2017, May 2017, 9 May 2017, 9-5-2017";
    read_as(text: &str): "Terbaca: {text}", "Read as: {text}";
    stored_still(value: &str): "Tersimpan: {value}. Yang diketik belum disimpan.", "Stored: {value}. What was typed is not stored yet.";
    nothing_stored: "Isian ini masih kosong; yang diketik belum dipakai.", "The field is still empty; what was typed is not used yet.";
    still_unread: "Yang diketik belum terbaca.", "What was typed could not be read.";
    readings(label: &str): "Yang dimaksud: {label}", "What is meant: {label}";

    country_hint: "Nama atau kode, misalnya Jepang", "A name or code, such as Japan";
    country_asked: "Pilih negara yang dimaksud.", "Choose the country that is meant.";
    no_country: "Negara ini tidak ada dalam daftar. Tulis namanya dalam bahasa Indonesia atau Inggris, atau kode ISO dua huruf.", "This country is not on the list. Write its name in Indonesian or English, or its two-letter ISO code.";
    outdated: "Isian ini berubah sementara itu. Pilih bila yang diketik di sini yang berlaku, atau tulis yang baru.", "This field changed meanwhile. Choose what was typed here if it holds, or write anew.";
    spent_above_ceiling: "Realisasi melebihi pagu. Periksa kedua jumlahnya.", "More is spent than the ceiling. Check both amounts.";
    ends_before_start: "Tanggal selesai lebih awal daripada tanggal mulai.", "The end is before the start.";
    before_earlier_stage: "Tanggal ini lebih awal daripada tahap sebelumnya.", "This date is before that of an earlier stage.";
    part_of_a_person: "Orang dihitung dengan bilangan bulat. Periksa jumlahnya.", "People are counted in whole numbers. Check the number.";
    starts_before_signing: "Tanggal mulai lebih awal daripada penandatanganan.", "The start is before the signing.";

    separator_asked: "Belum jelas arti tanda di antara angka ini. Pilih yang dimaksud.", "It is not clear what the mark between these digits means. Choose what is meant.";
    word_asked: "Singkatan ini tidak dipakai semua orang dengan arti yang sama. Pilih bila ini yang dimaksud.", "Not everybody means the same by this abbreviation. Choose this if it is meant.";
    weekday_asked: "Hari dan tanggalnya tidak cocok. Pilih bila tanggal ini yang dimaksud, atau perbaiki.", "The day of the week does not fit the date. Choose this date if it is meant, or mend it.";
    century_asked: "Tahun dua angka ini dapat berarti dua abad. Pilih yang dimaksud.", "This year of two digits can be of two centuries. Choose what is meant.";
    year_asked: "Tahun ini jauh dari masa sekarang. Pilih bila memang tahun ini yang dimaksud, atau perbaiki.", "This year is far from the present. Choose it if it is meant, or mend it.";
    order_asked: "Urutan hari dan bulan di sini tidak biasa. Pilih bila tanggal ini yang dimaksud.", "Day and month stand in an unusual order. Choose this date if it is meant.";

    no_number: "Ini tidak terbaca sebagai satu angka. Tulis misalnya 61 atau 2,5.", "This could not be read as one number. Write for example 61 or 2.5.";
    no_amount: "Jumlah ini tidak terbaca. Tulis misalnya 1.250.000 atau 1,5 juta.", "This amount could not be read. Write for example 1.250.000 or 1,5 juta.";
    words_refused: "Tulis angkanya saja, tanpa kata lain; satuan dan keterangan punya isian sendiri.", "Write the number alone, without other words; units and notes have fields of their own.";
    negative: "Angka ini tidak boleh kurang dari nol.", "This number cannot be below zero.";
    above_hundred: "Kemajuan paling sedikit 0 dan paling banyak 100 persen.", "Progress is at least 0 and at most 100 percent.";
    too_large: "Angka ini terlalu besar. Periksa jumlah nolnya.", "This number is too large. Check how many zeros it has.";
    too_fine: "Tulis paling banyak enam angka di belakang koma.", "Write at most six digits behind the decimal mark.";
    sen: "Rupiah ditulis bulat, tanpa sen. Titik memisahkan ribuan, misalnya 1.250.000; untuk juta tulis 1,25 juta.", "Rupiah are whole, without sen. Points part thousands, as in 1.250.000; for millions write 1,25 juta.";
    no_date: "Tanggal ini tidak terbaca. Tulis misalnya 2017, Mei 2017, 9 Mei 2017, atau 9-5-2017.", "This date could not be read. Write for example 2017, May 2017, 9 May 2017 or 9-5-2017.";
    two_dates: "Isian ini untuk satu tanggal. Tulis satu saja; yang lain di isiannya sendiri bila ada.", "This field is for one date. Write one alone; the other in a field of its own where there is one.";
    no_year: "Tahunnya belum ada. Tulis misalnya 9 Mei 2017.", "The year is missing. Write for example 9 May 2017.";
    no_such_day: "Tanggal ini tidak ada di kalender. Periksa hari dan bulannya.", "The calendar has no such day. Check day and month.";
    hijri: "Bulan atau tahun ini Hijriah. Tulis tanggal Masehi, misalnya 9 Mei 2017.", "This month or year is of the Islamic calendar. Write the common date, for example 9 May 2017.";
    week: "Minggu dalam bulan tidak dapat disimpan. Tulis harinya, atau bulannya saja: Mei 2017.", "A week of a month cannot be stored. Write the day, or the month alone: May 2017.";
}

/// Why one of several readings is to be chosen.
pub fn doubt(doubt: Doubt) -> Word {
    match doubt {
        Doubt::Separator => separator_asked,
        Doubt::Word => word_asked,
        Doubt::Weekday => weekday_asked,
        Doubt::Century => century_asked,
        Doubt::Year => year_asked,
        Doubt::Order => order_asked,
        Doubt::Country => country_asked,
    }
}

/// Why what was typed is not stored, and what to do.
pub fn refusal(refusal: Refusal) -> Word {
    match refusal {
        Refusal::NoNumber => no_number,
        Refusal::NoAmount => no_amount,
        Refusal::Words => words_refused,
        Refusal::Negative => negative,
        Refusal::AboveHundred => above_hundred,
        Refusal::TooLarge => too_large,
        Refusal::TooFine => too_fine,
        Refusal::Sen => sen,
        Refusal::NoDate => no_date,
        Refusal::TwoDates => two_dates,
        Refusal::NoYear => no_year,
        Refusal::NoSuchDay => no_such_day,
        Refusal::Hijri => hijri,
        Refusal::Week => week,
        Refusal::NoCountry => no_country,
    }
}

/// What does not fit; nothing is blocked.
pub fn warning(warning: Warning) -> Word {
    match warning {
        Warning::SpentAboveCeiling => spent_above_ceiling,
        Warning::EndsBeforeStart => ends_before_start,
        Warning::BeforeEarlierStage => before_earlier_stage,
        Warning::StartsBeforeSigning => starts_before_signing,
        Warning::PartOfAPerson => part_of_a_person,
    }
}

/// How a kind of fact is filled in, where that is not plain.
pub fn hint(kind: FactKind) -> Option<Word> {
    match kind {
        FactKind::Date => Some(date_hint),
        FactKind::Country => Some(country_hint),
        _ => None,
    }
}
