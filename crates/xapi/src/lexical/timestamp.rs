//! Timestamps: RFC 3339, and the offsets `+0000` and `+00` of ISO 8601 besides.

use chrono::{DateTime, Datelike, NaiveDate, Timelike};

/// An instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// Microseconds since 1970-01-01T00:00:00Z; further digits are cut.
    pub micros: i64,
    /// It was written in UTC, as `Z` or with an offset of zero.
    pub utc: bool,
}

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// `0000-01-01T00:00:00.000000Z` and `9999-12-31T23:59:59.999999Z`: what four digits of a year can say.
const RENDERED_MIN: i64 = -62_167_219_200_000_000;
const RENDERED_MAX: i64 = 253_402_300_799_999_999;

/// Reads a timestamp. A zone is required; `-00`, `-0000` and `-00:00` (an unknown offset by RFC 3339) are refused,
/// and so are the lower case `t` and `z` and the space, which ISO 8601 does not know (XAPI-00123).
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let (clock, rest) = text.as_bytes().split_at_checked(19)?;
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        i1,
        i2,
        b':',
        s1,
        s2,
    ] = clock
    else {
        return None;
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?;
    let (second, leap) = match number(&[s1, s2])? {
        60 => (59, true),
        second => (second, false),
    };
    let local = date.and_hms_opt(number(&[h1, h2])?, number(&[i1, i2])?, second)?;
    let (micros, zone) = fraction(rest)?;
    let offset = offset(zone)?;
    let mut seconds = local.and_utc().timestamp() - offset;
    if leap {
        // A leap second is the last of a UTC day; it is counted as the first of the next.
        if seconds.rem_euclid(SECONDS_PER_DAY) != SECONDS_PER_DAY - 1 {
            return None;
        }
        seconds += 1;
    }
    Some(Timestamp {
        micros: seconds * MICROS_PER_SECOND + micros,
        utc: offset == 0,
    })
}

/// Writes `2026-11-21T18:30:52.123456Z`, always with six digits of fraction. An instant outside the years 0 to 9999
/// is written as the nearest inside.
#[must_use]
pub fn render(micros: i64) -> String {
    let micros = micros.clamp(RENDERED_MIN, RENDERED_MAX);
    let instant = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    let mut text = String::with_capacity(27);
    let mut put = |value: u32, digits: u32, after: char| {
        for place in (0..digits).rev() {
            text.extend(char::from_digit(value / 10_u32.pow(place) % 10, 10));
        }
        text.push(after);
    };
    put(instant.year().unsigned_abs(), 4, '-');
    put(instant.month(), 2, '-');
    put(instant.day(), 2, 'T');
    put(instant.hour(), 2, ':');
    put(instant.minute(), 2, ':');
    put(instant.second(), 2, '.');
    put(instant.timestamp_subsec_micros(), 6, 'Z');
    text
}

/// The microseconds of a fraction of a second, if there is one, and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, zone) = rest.split_at_checked(length)?;
    if digits.is_empty() {
        return None;
    }
    let micros = digits
        .iter()
        .chain(std::iter::repeat(&b'0'))
        .take(6)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some((micros, zone))
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match *zone {
        [b'Z'] => return Some(0),
        [sign, h1, h2] => (sign, [h1, h2], [b'0', b'0']),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let (hours, minutes) = (number(&hours)?, number(&minutes)?);
    let east = i64::from(hours * 60 + minutes) * 60;
    match sign {
        _ if hours > 23 || minutes > 59 => None,
        b'+' => Some(east),
        b'-' if east > 0 => Some(-east),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u32::from(digit - b'0'))
    })
}
