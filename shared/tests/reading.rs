//! What people type into facts: what is taken, what is asked, what is refused, and why.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use shared::domain::countries::Country;
use shared::domain::date::PartialDate;
use shared::domain::decimal::Decimal;
use shared::domain::money::Rupiah;
use shared::domain::reading::{Doubt, FactKind, Reading, Refusal};
use shared::model::field::{FactValue, Scalar};

use FactKind::{Date, Number, People, Percent, Text};
use Refusal::{
    AboveHundred, Hijri, Negative, NoAmount, NoDate, NoNumber, NoSuchDay, NoYear, Sen, TooFine, TooLarge,
    TwoDates, Week, Words,
};

/// A decimal, written with a point.
fn decimal(text: &str) -> Scalar {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let millionths = format!("{fraction:0<6}").parse().unwrap();
    Decimal::new(whole.parse().unwrap(), millionths).unwrap().to_scalar()
}

fn rupiah(amount: i64) -> Scalar {
    Rupiah(amount).to_scalar()
}

fn date(text: &str) -> Scalar {
    text.parse::<PartialDate>().unwrap().to_scalar()
}

fn values(kind: FactKind, texts: &[&str]) -> Vec<Scalar> {
    let one = |text: &&str| match kind {
        FactKind::Rupiah => rupiah(text.parse().unwrap()),
        Date => date(text),
        _ => decimal(text),
    };
    texts.iter().map(one).collect()
}

fn assert_taken(kind: FactKind, cases: &[(&str, &str)]) {
    for (text, value) in cases {
        let wanted = Reading::Value(values(kind, &[value]).remove(0));
        assert_eq!(kind.read(text, "paket"), wanted, "{kind:?} {text:?}");
    }
}

fn assert_asked(kind: FactKind, doubt: Doubt, cases: &[(&str, &[&str])]) {
    for (text, readings) in cases {
        let wanted = Reading::Ask(doubt, values(kind, readings));
        assert_eq!(kind.read(text, "paket"), wanted, "{kind:?} {text:?}");
    }
}

fn assert_refused(kind: FactKind, cases: &[(&str, Refusal)]) {
    for (text, refusal) in cases {
        assert_eq!(kind.read(text, "paket"), Reading::Refused(*refusal), "{kind:?} {text:?}");
    }
}

#[test]
fn amounts_are_read_as_offices_write_them() {
    assert_taken(
        FactKind::Rupiah,
        &[
            ("0", "0"),
            ("-", "0"),
            ("Rp -", "0"),
            ("500", "500"),
            ("Rp 1.500.000,- (satu juta lima ratus ribu rupiah)", "1500000"),
            ("1.250 (seribu dua ratus lima puluh rupiah)", "1250"),
            ("1.250 (seribu dua ratus lima puluh) rupiah", "1250"),
            ("15 juta 500 ribu", "15500000"),
            ("Rp 1 miliar 250 juta 500 ribu rupiah", "1250500000"),
            ("1.250", "1250"),
            ("1250000", "1250000"),
            ("1.250.000", "1250000"),
            ("1.250.000,00", "1250000"),
            ("1.250.000,0", "1250000"),
            ("1250000.00", "1250000"),
            ("1250000,00", "1250000"),
            ("12,00", "12"),
            ("Rp1.250.000,00", "1250000"),
            ("Rp 1.250.000", "1250000"),
            ("Rp. 1.250.000,-", "1250000"),
            ("Rp.1.250.000,-", "1250000"),
            ("rp1250000", "1250000"),
            ("RP 1.000.000", "1000000"),
            ("IDR 1.000.000", "1000000"),
            ("idr1000000", "1000000"),
            ("1.000.000 rupiah", "1000000"),
            ("1.000.000 IDR", "1000000"),
            ("1.000.000,-", "1000000"),
            ("1.000.000,--", "1000000"),
            ("1.000.000.-", "1000000"),
            ("1.000.000,=", "1000000"),
            ("1 250 000", "1250000"),
            ("Rp\u{a0}1.250.000", "1250000"),
            ("1\u{a0}250\u{a0}000", "1250000"),
            ("1\u{202f}250\u{2009}000", "1250000"),
            ("\u{200b}1.250.000\u{feff}", "1250000"),
            ("  1.250.000\t", "1250000"),
            ("15 juta", "15000000"),
            ("15juta", "15000000"),
            ("15 jt", "15000000"),
            ("Rp15 jt.", "15000000"),
            ("1,5 juta", "1500000"),
            ("1.5 juta", "1500000"),
            ("Rp2,5 jt", "2500000"),
            ("Rp1,2 miliar", "1200000000"),
            ("1,2 milyar", "1200000000"),
            ("1,2 Miliar rupiah", "1200000000"),
            ("1,2 M", "1200000000"),
            ("1.250,5 juta", "1250500000"),
            ("2 T", "2000000000000"),
            ("1,25 triliun", "1250000000000"),
            ("250 ribu", "250000"),
            ("750rb", "750000"),
            ("1.5 million", "1500000"),
            ("9.007.199.254.740.991", "9007199254740991"),
        ],
    );
}

#[test]
fn amounts_that_can_mean_two_things_are_asked() {
    assert_asked(
        FactKind::Rupiah,
        Doubt::Separator,
        &[
            ("1,500,000", &["1500000"]),
            ("1'250'000", &["1250000"]),
            ("1’250’000", &["1250000"]),
            ("1,250,000.00", &["1250000"]),
            ("1,250", &["1250"]),
            ("1,000", &["1", "1000"]),
            ("100.00", &["100"]),
            ("1.250 juta", &["1250000000", "1250000"]),
            ("1,250 juta", &["1250000", "1250000000"]),
        ],
    );
    assert_asked(
        FactKind::Rupiah,
        Doubt::Word,
        &[("1,2 m", &["1200000000"]), ("15k", &["15000"]), ("2 t", &["2000000000000"])],
    );
}

#[test]
fn amounts_are_never_read_by_their_beginning_or_rounded_and_never_below_nought() {
    assert_refused(
        FactKind::Rupiah,
        &[
            ("1.25", Sen),
            ("12,50", Sen),
            ("1250000.50", Sen),
            ("1.250.000,5", Sen),
            ("1.250.000,50", Sen),
            ("1,2345678 juta", Sen),
            ("0,5", Sen),
            ("1.250.000 per orang", Words),
            ("5 juta 500", NoAmount),
            ("500 ribu 5 juta", NoAmount),
            ("1,5 juta 500 ribu", NoAmount),
            ("5 juta 5.000 ribu", NoAmount),
            ("Rp1.500.000 (dua juta rupiah)", Words),
            ("-500 (lima ratus rupiah)", Negative),
            ("1.250.000/orang", NoAmount),
            ("-500", Negative),
            ("Rp-1.000", Negative),
            ("Rp -1.000", Negative),
            ("\u{2212}500", Negative),
            ("(1.000)", Negative),
            ("Rp", NoAmount),
            ("Rp.", NoAmount),
            ("seribu", NoAmount),
            ("lima juta", NoAmount),
            ("1.250.00", NoAmount),
            ("1250.000", NoAmount),
            ("1.250.", NoAmount),
            ("1.250.000,", NoAmount),
            ("1..000", NoAmount),
            ("1 5", NoAmount),
            ("1-2 juta", NoAmount),
            ("± 5 juta", NoAmount),
            ("1e6", NoAmount),
            ("0.250", Sen),
            ("USD 1,000", NoAmount),
            ("$1000", NoAmount),
            ("99999999999999999999", TooLarge),
            ("9.007.199.254.740.992", TooLarge),
            ("99999 triliun", TooLarge),
        ],
    );
}

#[test]
fn numbers_take_comma_and_point_where_only_one_reading_is_left() {
    let certain = [
        ("0", "0"),
        ("61", "61"),
        ("007", "7"),
        ("2.5", "2.5"),
        ("2,5", "2.5"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("87,50", "87.5"),
        ("12,3456", "12.3456"),
        ("1,123456", "1.123456"),
        ("1,1230000000", "1.123"),
        ("1.250.000", "1250000"),
        ("1.250,5", "1250.5"),
        ("1 250", "1250"),
        ("1 250,5", "1250.5"),
        ("1\u{a0}250", "1250"),
        ("2 ribu", "2000"),
    ];
    assert_taken(Number, &certain);
    assert_taken(People, &certain);
    assert_taken(Number, &[("3 paket", "3"), ("1.5 paket", "1.5"), ("3 Paket", "3")]);
    assert_eq!(
        Number.read("5 m", "m"),
        Reading::Value(decimal("5")),
        "the line's own unit is no word for an amount"
    );
    assert_taken(
        People,
        &[
            ("61 orang", "61"),
            ("61 org", "61"),
            ("61 Peserta", "61"),
            ("61 (enam puluh satu) orang", "61"),
            ("61 (enam puluh satu)", "61"),
            ("1.250 (seribu dua ratus lima puluh) orang", "1250"),
        ],
    );
    assert_taken(
        Percent,
        &[
            ("87.5", "87.5"),
            ("87,5", "87.5"),
            ("2.5", "2.5"),
            (".5", "0.5"),
            ("100", "100"),
            ("100 %", "100"),
            ("37,87%", "37.87"),
            ("50 persen", "50"),
            ("0", "0"),
        ],
    );
}

#[test]
fn numbers_that_can_mean_two_things_are_asked() {
    let doubtful: [(&str, &[&str]); 7] = [
        ("1.250", &["1250", "1.25"]),
        ("1,250", &["1.25", "1250"]),
        ("1234.567", &["1234567", "1234.567"]),
        ("1,500,000", &["1500000"]),
        ("1,250.5", &["1250.5"]),
        ("1'250", &["1250"]),
        ("1 250.5", &["1250.5"]),
    ];
    assert_asked(Number, Doubt::Separator, &doubtful);
    // People are whole.
    let of_people: [(&str, &[&str]); 7] = [
        ("1.250", &["1250"]),
        ("1,250", &["1250"]),
        ("1.250 orang", &["1250"]),
        ("1234.567", &["1234567"]),
        ("1,500,000", &["1500000"]),
        ("1,250.5", &["1250.5"]),
        ("1'250", &["1250"]),
    ];
    assert_asked(People, Doubt::Separator, &of_people);
    assert_asked(Percent, Doubt::Separator, &[("1.250", &["1.25"]), ("87.500", &["87.5"])]);
    assert_asked(Number, Doubt::Word, &[("5 k", &["5000"])]);
}

#[test]
fn numbers_are_never_read_by_their_beginning_and_keep_their_bounds() {
    for kind in [Number, People, Percent] {
        assert_refused(
            kind,
            &[
                ("12.34.5", NoNumber),
                ("1 5", NoNumber),
                ("3/4", NoNumber),
                ("60-70", NoNumber),
                ("1e3", NoNumber),
                ("enam puluh", NoNumber),
                ("± 60", NoNumber),
                ("60+", NoNumber),
                ("5.", NoNumber),
                ("5,", NoNumber),
                (".", NoNumber),
                ("0x10", NoNumber),
                ("٣", NoNumber),
                ("-3", Negative),
                ("-0,5", Negative),
                ("1,1234567", TooFine),
                ("60 dokumen", Words),
            ],
        );
    }
    assert_refused(
        Percent,
        &[("1000", AboveHundred), ("150", AboveHundred), ("100,01", AboveHundred), ("150.000", AboveHundred)],
    );
    assert_refused(Percent, &[("-5", Negative)]);
    assert_refused(
        Number,
        &[("61 orang", Words), ("99999999999999999", TooLarge), ("9999999999,123456", TooLarge)],
    );
    assert_refused(People, &[("1.5 paket", Words), ("61 (enam puluh) orang", Words)]);
}

#[test]
fn dates_are_read_as_offices_write_them() {
    assert_taken(
        Date,
        &[
            ("2017", "2017"),
            ("2017-05", "2017-05"),
            ("2017-05-09", "2017-05-09"),
            ("05-2017", "2017-05"),
            ("5/2017", "2017-05"),
            ("2017/05", "2017-05"),
            ("Mei 2026", "2026-05"),
            ("bulan Mei 2026", "2026-05"),
            ("2026 Mei", "2026-05"),
            ("tahun 2019", "2019"),
            ("9-5-2017", "2017-05-09"),
            ("09/05/2017", "2017-05-09"),
            ("9.5.2017", "2017-05-09"),
            ("9 5 2017", "2017-05-09"),
            ("10 - 7 - 2019", "2019-07-10"),
            ("2026/05/10", "2026-05-10"),
            ("2026.05.10", "2026-05-10"),
            ("20260510", "2026-05-10"),
            ("31122019", "2019-12-31"),
            ("10 Juli 2019", "2019-07-10"),
            ("01 Juli 2019.", "2019-07-01"),
            ("10 juli 2019", "2019-07-10"),
            ("10 JULI 2019", "2019-07-10"),
            ("10\u{a0}Juli\u{a0}2019", "2019-07-10"),
            ("10 Agt 2019", "2019-08-10"),
            ("10 Ags 2019", "2019-08-10"),
            ("10 Agust. 2019", "2019-08-10"),
            ("1 Nop 2019", "2019-11-01"),
            ("5 Nopember 2010", "2010-11-05"),
            ("1 Peb 2019", "2019-02-01"),
            ("1 Pebruari 2019", "2019-02-01"),
            ("1 Sept 2019", "2019-09-01"),
            ("3 Okt 2026", "2026-10-03"),
            ("3 October 2026", "2026-10-03"),
            ("October 3, 2026", "2026-10-03"),
            ("3 May 2026", "2026-05-03"),
            ("12 Dec 2026", "2026-12-12"),
            ("10-Jul-2019", "2019-07-10"),
            ("10/Jul/2019", "2019-07-10"),
            ("10Juli2019", "2019-07-10"),
            ("10-VII-2019", "2019-07-10"),
            ("9 V 2017", "2017-05-09"),
            ("9 IX 17", "2017-09-09"),
            ("VIII 2019", "2019-08"),
            ("9 – 5 – 2017", "2017-05-09"),
            ("17 Agustus 1945 M", "1945-08-17"),
            ("10/7/39", "2039-07-10"),
            ("10/vii/2019", "2019-07-10"),
            ("VII/2019", "2019-07"),
            ("10/7/19", "2019-07-10"),
            ("10-7-85", "1985-07-10"),
            ("10 Juli '19", "2019-07-10"),
            ("10 Juli 19", "2019-07-10"),
            ("20112012", "2012-11-20"),
            ("Rabu, 10 Juli 2019", "2019-07-10"),
            ("Rabu 10/7/2019", "2019-07-10"),
            ("hari Rabu tanggal 10 Juli 2019", "2019-07-10"),
            ("tgl. 10 Juli 2019", "2019-07-10"),
            ("10 Juli 2019 (Rabu)", "2019-07-10"),
            ("10 Mei 2026, Minggu", "2026-05-10"),
            ("Ahad, 10 Mei 2026", "2026-05-10"),
            ("Jum'at, 12 Juli 2019", "2019-07-12"),
            ("Jum’at, 12 Juli 2019", "2019-07-12"),
            ("Wednesday, 10 July 2019", "2019-07-10"),
            ("29 Februari 2024", "2024-02-29"),
            ("Jumat, 10/7/70", "1970-07-10"),
            ("Sabtu, 10/7/65", "1965-07-10"),
        ],
    );
}

#[test]
fn dates_that_can_mean_two_things_are_asked() {
    assert_asked(
        Date,
        Doubt::Weekday,
        &[
            ("10 Mei 2026, Senin", &["2026-05-10"]),
            ("Selasa, 10 Juli 2019", &["2019-07-10"]),
            ("Monday, 10 July 2019", &["2019-07-10"]),
        ],
    );
    assert_asked(
        Date,
        Doubt::Century,
        &[
            ("10/7/55", &["1955-07-10", "2055-07-10"]),
            ("17-8-45", &["1945-08-17", "2045-08-17"]),
            ("10/7/40", &["1940-07-10", "2040-07-10"]),
        ],
    );
    assert_asked(
        Date,
        Doubt::Year,
        &[
            ("9 Mei 0217", &["0217-05-09"]),
            ("1 Januari 9999", &["9999-01-01"]),
            ("2567", &["2567"]),
            ("1447", &["1447"]),
            ("Mei 2200", &["2200-05"]),
            ("10 Juli 2109", &["2109-07-10"]),
            ("3 Maret 1805", &["1805-03-03"]),
        ],
    );
    assert_asked(Date, Doubt::Order, &[("7/13/2019", &["2019-07-13"])]);
}

#[test]
fn dates_are_never_read_by_their_beginning_and_say_what_is_missing() {
    assert_refused(
        Date,
        &[
            ("2026/10/07x", NoDate),
            ("05-2026-10", NoDate),
            ("sekitar 2017", NoDate),
            ("2017?", NoDate),
            ("Julia 2019", NoDate),
            ("I 2019", NoDate),
            ("Triwulan I 2026", NoDate),
            ("10/7-2019", NoDate),
            ("10 Mei 2026 pukul 10.00", NoDate),
            ("201", NoDate),
            ("12345678", NoDate),
            ("10 Mei 2026 dan 12 Mei 2026", NoDate),
            ("Rabu", NoDate),
            ("Rabu, Juli 2019", NoDate),
            ("10 Mei 2026 s.d. 12 Mei 2026", TwoDates),
            ("10 s/d 12 Mei 2026", TwoDates),
            ("10-12 Juli 2019", TwoDates),
            ("10 – 12 Juli 2019", TwoDates),
            ("10 sd 12 Juli 2019", TwoDates),
            ("12 Mei 2017 sd 14 Mei 2017", TwoDates),
            ("12/14 Mei 2017", TwoDates),
            ("2019 - 2024", TwoDates),
            ("Juli s.d. September 2019", TwoDates),
            ("10 Mei 2026 hingga selesai", TwoDates),
            ("10 Mei", NoYear),
            ("Mei 26", NoYear),
            ("10/7", NoYear),
            ("31 Juni 2019", NoSuchDay),
            ("31/02/2017", NoSuchDay),
            ("29 Februari 2023", NoSuchDay),
            ("13-2017", NoSuchDay),
            ("0 Juli 2019", NoSuchDay),
            ("2026-13-01", NoSuchDay),
            ("31/6/55", NoSuchDay),
            ("1447 H", Hijri),
            ("10 Muharram 1447", Hijri),
            ("1 Safar 2017", Hijri),
            ("1 Ramadhan 1447 H", Hijri),
            ("Mei 2026 minggu ke-2", Week),
            ("minggu ke 2 Mei 2026", Week),
            ("week 12 2026", Week),
        ],
    );
}

#[test]
fn countries_are_read_by_name_or_code_and_asked_by_a_beginning() {
    let code = |code: &&str| Scalar::Text((*code).to_owned());
    for (text, wanted) in [
        ("jepang", "JP"),
        ("Japan", "JP"),
        ("jp", "JP"),
        ("JP", "JP"),
        (" Jepang ", "JP"),
        ("\u{200b}JEPANG\u{a0}", "JP"),
        ("korea selatan", "KR"),
        ("Korea\u{a0}Selatan", "KR"),
        ("Republic of Korea", "KR"),
        ("RRT", "CN"),
        ("Tiongkok", "CN"),
        ("Cina", "CN"),
        ("Perancis", "FR"),
        ("Belanda", "NL"),
        ("the netherlands", "NL"),
        ("Viet Nam", "VN"),
        ("Cote d'Ivoire", "CI"),
        ("C\u{f4}te d\u{2019}Ivoire", "CI"),
        ("Curacao", "CW"),
        ("T\u{fc}rkiye", "TR"),
        ("turkiye", "TR"),
        ("Timor Leste", "TL"),
        ("Inggris", "GB"),
        ("USA", "US"),
        ("id", "ID"),
        ("Papua Nugini", "PG"),
    ] {
        assert_eq!(FactKind::Country.read(text, ""), Reading::Value(code(&wanted)), "{text:?}");
    }
    for (text, readings) in [
        ("Korea", &["KP", "KR"][..]),
        ("jepan", &["JP"]),
        ("Guine", &["GN", "GQ", "GW"]),
        // The United States to who writes Indonesian, and the code of American Samoa.
        ("AS", &["AS", "US"]),
    ] {
        let wanted = Reading::Ask(Doubt::Country, readings.iter().map(code).collect());
        assert_eq!(FactKind::Country.read(text, ""), wanted, "{text:?}");
    }
    for text in ["XX", "Kyoto", "Jepangg", "Jepang (JP)", "s", "-", "62", "\u{65e5}\u{672c}"] {
        assert_eq!(FactKind::Country.read(text, ""), Reading::Refused(Refusal::NoCountry), "{text:?}");
    }
}

#[test]
fn a_country_is_shown_by_its_name_and_anything_else_that_a_record_holds_is_no_country() {
    for country in Country::all() {
        let stored = Scalar::Text(country.code().to_owned());
        let shown = FactKind::Country.typed_form(&stored).unwrap();
        assert_eq!(FactKind::Country.read(&shown, ""), Reading::Value(stored), "{shown}");
    }
    for other in ["jp", "Jepang", "XX", "Inggris Raya"] {
        assert_eq!(FactKind::Country.typed_form(&Scalar::Text(other.to_owned())), None, "{other}");
    }
}

#[test]
fn nothing_typed_clears_and_text_stays_as_typed() {
    for kind in [Text, Number, People, Percent, Date, FactKind::Rupiah, FactKind::Country] {
        for nothing in ["", " ", "\u{a0}", "\t\n"] {
            assert_eq!(kind.read(nothing, ""), Reading::Value(Scalar::Empty), "{kind:?}");
        }
    }
    let typed = " 005/1138/02 ";
    assert_eq!(Text.read(typed, ""), Reading::Value(Scalar::Text(typed.to_owned())));
}

fn numbers() -> impl Strategy<Value = Scalar> {
    let thousandths = (0..2_000_000_u64, prop::sample::select(vec![1, 10, 100, 1_000, 10_000]));
    prop_oneof![
        (0..9_007_199_254_740_991_i64).prop_map(Scalar::Integer),
        (0..20_000_i64).prop_map(Scalar::Integer),
        (0..2_147_483_648_000_000_u64)
            .prop_map(|millionths| Decimal::new(0, millionths).unwrap().to_scalar()),
        thousandths.prop_map(|(count, step)| Decimal::new(0, count * step).unwrap().to_scalar()),
    ]
}

fn dates() -> impl Strategy<Value = Scalar> {
    let date = |(year, month, day): (u16, u8, u8)| match (month, day) {
        (0, _) => PartialDate::year_only(year),
        (_, 0) => PartialDate::month_of(year, month),
        _ => PartialDate::day_of(year, month, day),
    };
    (1900..2100_u16, 0..=12_u8, 0..=31_u8)
        .prop_filter_map("a day", move |parts| date(parts).map(|date| date.to_scalar()))
}

proptest! {
    #[test]
    fn what_a_field_shows_reads_back_as_the_same_value(
        number in numbers(),
        amount in 0..=9_007_199_254_740_991_i64,
        date in dates(),
    ) {
        let percent = Decimal::from_scalar(&number).filter(|number| *number <= Decimal::from(100));
        for (kind, value) in [
            (Number, number.clone()),
            (People, number),
            (FactKind::Rupiah, rupiah(amount)),
            (Date, date),
            (Percent, percent.map_or(Scalar::Empty, |percent| percent.to_scalar())),
        ] {
            let shown = kind.typed_form(&value).expect("a value of its kind");
            prop_assert_eq!(kind.read(&shown, ""), Reading::Value(value), "{}", shown);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_never_as_less_than_nought(text in "[0-9.,' RpMjutaIVX/\\-:()%é\u{a0}]{0,24}") {
        for kind in [Number, People, Percent, Date, FactKind::Rupiah, FactKind::Country] {
            if let Reading::Value(Scalar::Integer(number)) = kind.read(&text, "") {
                prop_assert!(number >= 0);
            }
        }
    }
}
