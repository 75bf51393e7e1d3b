//! Dates, moments and sizes as the screen shows them, in the language of the interface.
//!
//! The printed page is Indonesian whatever the screen speaks: it uses `shared::domain::date_text` itself.

use shared::domain::date::PartialDate;
use shared::domain::date_text;
use shared::domain::decimal::Decimal;
use shared::model::feed_settings::TimeZone;

use super::{Language, language, words};

words! {
    just_now: "baru saja", "just now";
    minutes_ago(count: u64): "{count} menit lalu", "{count} min ago";
    hours_ago(count: u64): "{count} jam lalu", "{count} h ago";
    yesterday: "kemarin", "yesterday";
    never: "belum pernah", "not yet";
    in_seconds(count: u64): "dalam {count} detik", "in {count} s";
    since(start: &str): "sejak {start}", "since {start}";
    until(end: &str): "s.d. {end}", "until {end}";
    months_left(count: u32): "{count} bulan lagi", "Months left: {count}";
    days_left(count: i64): "{count} hari lagi", "Days left: {count}";
    ends_today: "berakhir hari ini", "ends today";
    this_month: "bulan ini", "this month";
    reversed(start: &str, end: &str): "mulai {start}, tetapi selesai {end}", "begins {start}, but ends {end}";
}

/// A date with its precision.
pub fn date(date: PartialDate) -> String {
    match language() {
        Language::Indonesian => date_text::date_text(date),
        Language::English => {
            let month = date.month().map(|month| date_text::ENGLISH_MONTHS[usize::from(month) - 1]);
            match (date.day(), month) {
                (Some(day), Some(month)) => format!("{day} {month} {:04}", date.year()),
                (_, Some(month)) => format!("{month} {:04}", date.year()),
                _ => format!("{:04}", date.year()),
            }
        }
    }
}

/// A stretch of days of which an end may be unknown; `None` where both are.
pub fn range(starts_on: Option<PartialDate>, ends_on: Option<PartialDate>) -> Option<String> {
    match (starts_on, ends_on) {
        (Some(start), Some(end)) if start == end => Some(date(start)),
        (Some(start), Some(end)) if end.is_before(start) => Some(reversed(&date(start), &date(end))),
        (Some(start), Some(end)) => Some(match language() {
            Language::Indonesian => date_text::range_text(start, end),
            Language::English => match (start.day(), end.day()) {
                // As Indonesian does: the month and the year are named once.
                (Some(first), Some(_)) if (start.year(), start.month()) == (end.year(), end.month()) => {
                    format!("{first} to {}", date(end))
                }
                _ => format!("{} to {}", date(start), date(end)),
            },
        }),
        (Some(start), None) => Some(since(&date(start))),
        (None, Some(end)) => Some(until(&date(end))),
        (None, None) => None,
    }
}

/// How long it is until a date: in whole months, and in days where less than one is left.
pub fn left(months: u32, ends_on: Option<PartialDate>) -> String {
    left_on(day_of(now()), months, ends_on)
}

/// The same on a day.
pub fn left_on(today: Option<PartialDate>, months: u32, ends_on: Option<PartialDate>) -> String {
    let day = |date: Option<PartialDate>| date.and_then(PartialDate::day_number);
    let days = day(ends_on).zip(day(today)).map(|(end, today)| end - today);
    match (months, days) {
        (0, Some(0)) => ends_today.text().to_owned(),
        (0, Some(days)) => days_left(days),
        (0, None) => this_month.text().to_owned(),
        _ => months_left(months),
    }
}

/// The day of a moment on this device's calendar. `at` is in milliseconds since 1970.
pub fn day_of(at: u64) -> Option<PartialDate> {
    let moment = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    let year = u16::try_from(moment.get_full_year()).ok()?;
    PartialDate::day_of(year, moment.get_month() as u8 + 1, moment.get_date() as u8)
}

/// A moment as a person says it: *5 menit lalu*, or the date and the time. Both in milliseconds since 1970.
pub fn ago(at: u64, now: u64) -> String {
    lately(at, now)
        .unwrap_or_else(|| if at > now { moment(at) } else { day_of(at).map(date).unwrap_or_default() })
}

/// A moment of the last two days, as it is said; `None` where only its date says when it was.
fn lately(at: u64, now: u64) -> Option<String> {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    // One of the two clocks is wrong: nothing is just now that lies so far ahead.
    if at > now.saturating_add(2 * MINUTE) {
        return None;
    }
    let age = now.saturating_sub(at);
    if at == 0 {
        Some(never.text().to_owned())
    } else if age < MINUTE {
        Some(just_now.text().to_owned())
    } else if age < HOUR {
        Some(minutes_ago(age / MINUTE))
    } else if age < 24 * HOUR {
        Some(hours_ago(age / HOUR))
    } else if age < 48 * HOUR {
        Some(yesterday.text().to_owned())
    } else {
        None
    }
}

/// A moment to the minute by this device's time zone, which it names: `10 Juli 2019 14.05 WIB`.
pub fn moment(at: u64) -> String {
    let clock = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    let minutes_ahead = -clock.get_timezone_offset() as i64;
    let zone = zone_name(&device_zone(), minutes_ahead);
    moment_text(day_of(at), clock.get_hours(), clock.get_minutes(), &zone)
}

/// The same by the time zone of a record's region, where that is known here.
pub fn moment_in(at: u64, zone: Option<TimeZone>) -> String {
    const HOUR: u64 = 60 * 60_000;
    let Some(zone) = zone else { return moment(at) };
    let there = at.saturating_add(zone.utc_offset_hours() * HOUR);
    let clock = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(there as f64));
    let year = u16::try_from(clock.get_utc_full_year()).ok();
    let day = year.and_then(|year| {
        PartialDate::day_of(year, clock.get_utc_month() as u8 + 1, clock.get_utc_date() as u8)
    });
    moment_text(day, clock.get_utc_hours(), clock.get_utc_minutes(), zone.as_str())
}

fn moment_text(day: Option<PartialDate>, hour: u32, minute: u32, zone: &str) -> String {
    let time = match language() {
        Language::Indonesian => format!("{hour:02}.{minute:02} {zone}"),
        Language::English => format!("{hour:02}:{minute:02} {zone}"),
    };
    day.map(|day| format!("{} {time}", date(day))).unwrap_or(time)
}

/// The name of this device's time zone, as `Asia/Jakarta`.
fn device_zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into());
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_default()
}

/// What people call a time zone: in Indonesia WIB, WITA or WIT, elsewhere by what it is ahead of UTC. Singapore has
/// WITA's clock, and nobody there calls it so.
fn zone_name(zone: &str, minutes_ahead: i64) -> String {
    let indonesian = match zone {
        "Asia/Jakarta" | "Asia/Pontianak" => Some(TimeZone::Wib),
        "Asia/Makassar" | "Asia/Ujung_Pandang" => Some(TimeZone::Wita),
        "Asia/Jayapura" => Some(TimeZone::Wit),
        _ => None,
    };
    if let Some(zone) = indonesian {
        return zone.as_str().to_owned();
    }
    let (sign, ahead) = if minutes_ahead < 0 { ('-', -minutes_ahead) } else { ('+', minutes_ahead) };
    match (ahead / 60, ahead % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The moment now, in milliseconds since 1970.
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// A number of bytes in the unit that suits it: `640 B`, `12 KB`, `1,4 MB`.
pub fn bytes(count: u64) -> String {
    // Whole numbers throughout: the writing of fractions alone would be 4 kB of the app.
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let (mut unit, mut unit_bytes) = (0, 1000);
    // What would be told as 1000 of a unit is one of the next.
    while count >= unit_bytes * 999 + unit_bytes / 2 && unit + 1 < UNITS.len() {
        unit += 1;
        unit_bytes *= 1000;
    }
    let tenths = count.saturating_add(unit_bytes / 20) / (unit_bytes / 10);
    let text = match (tenths, language()) {
        (100.., _) => (count.saturating_add(unit_bytes / 2) / unit_bytes).to_string(),
        (_, Language::Indonesian) => format!("{},{}", tenths / 10, tenths % 10),
        (_, Language::English) => format!("{}.{}", tenths / 10, tenths % 10),
    };
    format!("{text} {}", UNITS[unit])
}

/// A number with the decimal mark of the language. Its thousands are not apart: it also stands where `1.250` could mean either.
pub fn number(number: Decimal) -> String {
    let text = number.to_string();
    if language() == Language::English { text } else { text.replace('.', ",") }
}

/// A number with the marks of the language, its thousands apart.
pub fn grouped(number: Decimal) -> String {
    let text = number.text();
    let other = |mark| match mark {
        '.' => ',',
        ',' => '.',
        digit => digit,
    };
    if language() == Language::English { text.chars().map(other).collect() } else { text }
}

/// A count with its thousands apart.
pub fn count(count: usize) -> String {
    grouped(Decimal::from(i64::try_from(count).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::set_language;

    #[test]
    fn time_zones_have_the_name_that_people_there_use() {
        for (zone, minutes, name) in [
            ("Asia/Jakarta", 420, "WIB"),
            ("Asia/Pontianak", 420, "WIB"),
            ("Asia/Makassar", 480, "WITA"),
            ("Asia/Jayapura", 540, "WIT"),
            ("Asia/Singapore", 480, "UTC+8"),
            ("Asia/Kolkata", 330, "UTC+5:30"),
            ("America/St_Johns", -150, "UTC-2:30"),
            ("UTC", 0, "UTC"),
        ] {
            assert_eq!(zone_name(zone, minutes), name, "{zone}");
        }
    }

    #[test]
    fn just_now_is_only_what_lies_within_two_minutes() {
        set_language(Language::Indonesian);
        const NOW: u64 = 1_562_716_800_000;
        const MINUTE: u64 = 60_000;
        for (at, said) in [
            (NOW, Some("baru saja")),
            (NOW - MINUTE + 1, Some("baru saja")),
            (NOW - MINUTE, Some("1 menit lalu")),
            (NOW - 60 * MINUTE + 1, Some("59 menit lalu")),
            (NOW - 60 * MINUTE, Some("1 jam lalu")),
            (NOW - 24 * 60 * MINUTE, Some("kemarin")),
            (NOW - 48 * 60 * MINUTE, None),
            // Ahead of this device's clock: the two differ a little, or one is wrong.
            (NOW + 2 * MINUTE, Some("baru saja")),
            (NOW + 2 * MINUTE + 1, None),
            (2_082_758_400_000, None),
            (0, Some("belum pernah")),
        ] {
            assert_eq!(lately(at, NOW).as_deref(), said, "{at}");
        }
    }

    #[test]
    fn stretch_that_ends_before_it_begins_says_so() {
        set_language(Language::Indonesian);
        let day = |day| PartialDate::day_of(2026, 10, day);
        assert_eq!(
            range(day(12), day(10)).as_deref(),
            Some("mulai 12 Oktober 2026, tetapi selesai 10 Oktober 2026")
        );
        assert_eq!(range(day(10), day(12)).as_deref(), Some("10 s.d. 12 Oktober 2026"));
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_suits_them() {
        set_language(Language::Indonesian);
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1,0 KB"),
            (1_449, "1,4 KB"),
            (9_949, "9,9 KB"),
            (9_951, "10 KB"),
            (12_300, "12 KB"),
            (999_949, "1,0 MB"),
            (1_400_000, "1,4 MB"),
            (25_499_999, "25 MB"),
            (3_000_000_000, "3,0 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(count), text, "{count}");
        }
        set_language(Language::English);
        assert_eq!(bytes(1_400_000), "1.4 MB");
    }
}
