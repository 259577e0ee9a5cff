//! Numbers compared exactly, as the JSON text they were sent as: `0.8`, `0.80` and `8e-1` are equal, and
//! `0.79999999999999999999` is less.

use std::cmp::Ordering;

/// An exponent beyond this is taken as this, so that the work stays bounded by the text's length.
const EXPONENT_MAX: i64 = 1_000_000_000_000_000_000;

/// Compares two JSON number texts. Both must be numbers by JSON's grammar; other text gives some order, no panic.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (Decimal::read(left), Decimal::read(right));
    match (left.sign(), right.sign()) {
        (l, r) if l != r => l.cmp(&r),
        (Ordering::Greater, _) => left.compare_magnitude(&right),
        (Ordering::Less, _) => right.compare_magnitude(&left),
        (Ordering::Equal, _) => Ordering::Equal,
    }
}

/// 0.d₁d₂d₃… × 10^`point`, where d₁ is not zero.
struct Decimal<'a> {
    negative: bool,
    /// The significant digits, in two runs: before and after where the decimal point stood.
    digits: [&'a str; 2],
    point: i64,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a str) -> Self {
        let (mantissa, exponent) = split_at(text, |b| matches!(b, b'e' | b'E'));
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = split_at(mantissa, |b| b == b'.');
        let whole = whole.trim_start_matches('0');
        let exponent = read_exponent(exponent);
        if whole.is_empty() {
            let digits = fraction.trim_start_matches('0');
            Self {
                negative,
                digits: ["", digits],
                point: exponent - length(fraction) + length(digits),
            }
        } else {
            Self {
                negative,
                digits: [whole, fraction],
                point: exponent + length(whole),
            }
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let [whole, fraction] = self.digits;
        whole.bytes().chain(fraction.bytes())
    }

    fn sign(&self) -> Ordering {
        match (self.digits().all(|digit| digit == b'0'), self.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }

    /// Neither of the two may be zero.
    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let by_point = self.point.cmp(&other.point);
        if by_point.is_ne() {
            return by_point;
        }
        let (mut left, mut right) = (self.digits(), other.digits());
        loop {
            let (l, r) = (left.next(), right.next());
            if l.is_none() && r.is_none() {
                return Ordering::Equal;
            }
            let by_digit = l.unwrap_or(b'0').cmp(&r.unwrap_or(b'0'));
            if by_digit.is_ne() {
                return by_digit;
            }
        }
    }
}

/// What stands before and after the first such ASCII byte; nothing after it when there is none.
fn split_at(text: &str, is_separator: impl FnMut(u8) -> bool) -> (&str, &str) {
    match text.bytes().position(is_separator) {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        ),
        None => (text, ""),
    }
}

/// No exponent is one of zero.
fn read_exponent(text: &str) -> i64 {
    if text.is_empty() {
        return 0;
    }
    let beyond = if text.starts_with('-') {
        -EXPONENT_MAX
    } else {
        EXPONENT_MAX
    };
    text.parse()
        .unwrap_or(beyond)
        .clamp(-EXPONENT_MAX, EXPONENT_MAX)
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(EXPONENT_MAX)
}
