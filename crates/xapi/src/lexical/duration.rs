//! ISO 8601 durations with designators: `PnW` or `PnYnMnDTnHnMnS`, a fraction only on the last component.

/// A duration's components as written. Months and years have no fixed length, so that nothing is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration<'a> {
    amounts: [Amount<'a>; 7],
}

/// An amount without its leading and trailing zeros; an absent component is `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Amount<'a> {
    whole: &'a str,
    fraction: &'a str,
}

const DATE: std::ops::Range<usize> = 0..3;
const TIME: std::ops::Range<usize> = 3..6;
const SECONDS: usize = 5;
const WEEKS: usize = 6;
const DESIGNATORS: [char; 7] = ['Y', 'M', 'D', 'H', 'M', 'S', 'W'];

/// Reads a duration. `P4W1D`, `PA1H`, `P`, `PT`, `P1DT` and negative ones are refused (Data 4.6).
#[must_use]
pub fn parse(text: &str) -> Option<Duration<'_>> {
    let mut rest = text.strip_prefix('P')?;
    let mut amounts = [Amount::default(); 7];
    if let Some((amount, "")) = read_amount(rest).and_then(|(amount, tail)| {
        let tail = tail.strip_prefix('W')?;
        Some((amount, tail))
    }) {
        amounts[WEEKS] = amount;
        return Some(Duration { amounts });
    }
    let mut open = DATE;
    let mut complete = false;
    let mut fractional = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            if open.end == TIME.end || time.is_empty() {
                return None;
            }
            open = TIME;
            rest = time;
            continue;
        }
        if fractional {
            return None;
        }
        let (amount, tail) = read_amount(rest)?;
        let designator = tail.chars().next()?;
        let position = open
            .clone()
            .find(|&position| DESIGNATORS.get(position) == Some(&designator))?;
        fractional = has_fraction(rest, tail);
        *amounts.get_mut(position)? = amount;
        open.start = position + 1;
        complete = true;
        rest = tail.strip_prefix(designator)?;
    }
    complete.then_some(Duration { amounts })
}

impl Duration<'_> {
    /// Equality as xAPI compares durations: component by component, seconds cut to two digits of fraction.
    #[must_use]
    pub fn equals_to_centisecond(&self, other: &Self) -> bool {
        self.cut() == other.cut()
    }

    /// As microseconds, where a year counts as 365 days and a month as 30; more than fit count as the most that do.
    #[must_use]
    pub fn micros(&self) -> u64 {
        const SECONDS_EACH: [u64; 7] = [31_536_000, 2_592_000, 86_400, 3_600, 60, 1, 604_800];
        let sum = self.amounts.iter().zip(SECONDS_EACH).map(|(amount, each)| {
            let each = each * 1_000_000;
            let whole = match amount.whole {
                "" => 0,
                digits => digits.parse().unwrap_or(u64::MAX),
            };
            whole
                .saturating_mul(each)
                .saturating_add(part(amount.fraction, each))
        });
        sum.fold(0, u64::saturating_add)
    }

    fn cut(mut self) -> Self {
        if let Some(seconds) = self.amounts.get_mut(SECONDS) {
            let digits = seconds.fraction.get(..2).unwrap_or(seconds.fraction);
            seconds.fraction = digits.trim_end_matches('0');
        }
        self
    }
}

/// What the digits behind a point make of `each`.
fn part(digits: &str, each: u64) -> u64 {
    const DIGITS_MAX: usize = 12;
    let digits = digits.get(..DIGITS_MAX).unwrap_or(digits);
    let numerator: u128 = digits.parse().unwrap_or(0);
    let part = numerator * u128::from(each) / 10_u128.pow(digits.len() as u32);
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// An amount and what follows it.
fn read_amount(text: &str) -> Option<(Amount<'_>, &str)> {
    let (whole, tail) = split_digits(text)?;
    let (fraction, tail) = match tail.strip_prefix(['.', ',']) {
        Some(tail) => split_digits(tail)?,
        None => ("", tail),
    };
    let amount = Amount {
        whole: whole.trim_start_matches('0'),
        fraction: fraction.trim_end_matches('0'),
    };
    Some((amount, tail))
}

fn split_digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn has_fraction(text: &str, tail: &str) -> bool {
    text.strip_suffix(tail)
        .is_some_and(|amount| amount.contains(['.', ',']))
}
