//! Which bytes a request wants, and whether it has them already (RFC 9110, sections 13 and 14).

/// From the first byte to the last, both in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Part {
    pub(super) fn length(self) -> u64 {
        self.last - self.first + 1
    }
}

/// What `Range` wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: also for several parts, and for what cannot be read.
    Whole,
    Part(Part),
    /// A part that is not there.
    Nothing,
}

/// What `Range` wants of so many bytes.
pub(super) fn parse(header: &str, length: u64) -> Wanted {
    read(header, length).unwrap_or(Wanted::Whole)
}

fn read(header: &str, length: u64) -> Option<Wanted> {
    let (unit, wanted) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = match wanted.trim().split_once('-')? {
        ("", count) => {
            let count = number(count)?.min(length);
            (length - count, length)
        }
        (first, "") => (number(first)?, u64::MAX),
        (first, last) => (number(first)?, number(last)?),
    };
    if last < first {
        return None;
    }
    Some(match length.checked_sub(1) {
        Some(end) if first <= end => {
            let last = last.min(end);
            Wanted::Part(Part { first, last })
        }
        Some(_) | None => Wanted::Nothing,
    })
}

/// One that is too large is as large as can be.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Whether `If-None-Match` names this tag, be it as a weak one.
pub(super) fn names(header: &str, etag: &str) -> bool {
    header
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_of_what_is_there() {
        let part = |first, last| Wanted::Part(Part { first, last });
        for (header, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=0-9", part(0, 9)),
            ("bytes=3-", part(3, 9)),
            ("bytes=9-", part(9, 9)),
            ("bytes=5-100", part(5, 9)),
            ("bytes=5-99999999999999999999999", part(5, 9)),
            ("bytes=-1", part(9, 9)),
            ("bytes=-10", part(0, 9)),
            ("bytes=-100", part(0, 9)),
            ("Bytes = 1-2", part(1, 2)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=20-", Wanted::Nothing),
            ("bytes=10-20", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=2-1", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("rows=0-1", Wanted::Whole),
        ] {
            assert_eq!(parse(header, 10), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(parse("bytes=-5", 0), Wanted::Nothing);
    }

    #[test]
    fn tags_are_compared_weakly() {
        for header in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*", " \"a\" "] {
            assert!(names(header, "\"a\""), "{header}");
        }
        for header in ["", "a", "\"b\"", "W/\"b\"", "\"A\""] {
            assert!(!names(header, "\"a\""), "{header}");
        }
    }
}
