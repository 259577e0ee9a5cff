//! The parts of a statement whose check needs nothing but themselves.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::super::nested::{all_distinct, is_sound};
use super::super::raw::{
    Closed, RawAccount, RawActor, RawAttachment, RawMap, RawScore, RawStatementRef, RawVerb, Text,
};
use super::super::{Agent, Attachment, Extensions, Ifi, Score, Verb};
use super::{Checked, Refused};
use crate::Limits;
use crate::lexical::{decimal, identifier, iri, language, media_type, timestamp};

pub(super) fn agent(raw: RawActor<'_>) -> Checked<Agent<'_>> {
    ensure(raw.object_type.is_none() || is(raw.object_type.as_ref(), "Agent"))?;
    ensure(raw.member.is_none())?;
    Ok(Agent {
        name: text(raw.name),
        ifi: ifi(raw.mbox, raw.mbox_sha1sum, raw.openid, raw.account)?.ok_or(Refused)?,
    })
}

/// At most one.
pub(super) fn ifi<'a>(
    mbox: Option<Text<'a>>,
    mbox_sha1sum: Option<Text<'a>>,
    openid: Option<Text<'a>>,
    account: Option<Closed<RawAccount<'a>>>,
) -> Checked<Option<Ifi<'a>>> {
    match (mbox, mbox_sha1sum, openid, account) {
        (None, None, None, None) => Ok(None),
        (Some(mbox), None, None, None) => Ok(Some(Ifi::Mbox(kept(mbox, identifier::is_mbox)?))),
        (None, Some(sha1), None, None) => {
            Ok(Some(Ifi::MboxSha1sum(kept(sha1, identifier::is_sha1)?)))
        }
        (None, None, Some(openid), None) => Ok(Some(Ifi::OpenId(iri(openid)?))),
        (None, None, None, Some(Closed(account))) => Ok(Some(Ifi::Account {
            home_page: iri(account.home_page)?,
            name: account.name.0,
        })),
        _ => Err(Refused),
    }
}

pub(super) fn verb(raw: RawVerb<'_>) -> Checked<Verb<'_>> {
    if let Some(display) = raw.display {
        let map: RawMap<'_, Text<'_>> = serde_json::from_str(display.get()).map_err(|_| Refused)?;
        language_map(&map)?;
    }
    Ok(Verb {
        id: iri(raw.id)?,
        display: raw.display,
    })
}

pub(super) fn statement_ref(raw: &RawStatementRef<'_>) -> Checked<Uuid> {
    ensure(raw.object_type.0 == "StatementRef")?;
    identifier::uuid(&raw.id.0).ok_or(Refused)
}

pub(super) fn relevant_types(raw: Option<Vec<Text<'_>>>) -> Checked<()> {
    ensure(raw.is_none_or(|types| !types.is_empty() && types.iter().all(|iri| iri::is_iri(&iri.0))))
}

pub(super) fn score(raw: RawScore<'_>) -> Checked<Score<'_>> {
    let score = Score {
        scaled: optional(raw.scaled, number)?,
        raw: optional(raw.raw, number)?,
        min: optional(raw.min, number)?,
        max: optional(raw.max, number)?,
    };
    ensure(at_most(Some("-1"), score.scaled) && at_most(score.scaled, Some("1")))?;
    ensure(at_most(score.min, score.raw) && at_most(score.raw, score.max))?;
    if let (Some(min), Some(max)) = (score.min, score.max) {
        ensure(decimal::compare(min, max) == Ordering::Less)?;
    }
    Ok(score)
}

/// True as well when there is nothing to compare.
pub(in crate::statement) fn at_most(low: Option<&str>, high: Option<&str>) -> bool {
    match (low, high) {
        (Some(low), Some(high)) => decimal::compare(low, high) != Ordering::Greater,
        (None, _) | (_, None) => true,
    }
}

fn number(raw: &RawValue) -> Checked<&str> {
    let text = raw.get();
    ensure(text.starts_with(|first: char| first == '-' || first.is_ascii_digit()))?;
    Ok(text)
}

pub(super) fn attachment(raw: RawAttachment<'_>) -> Checked<Attachment<'_>> {
    language_map(&raw.display)?;
    if let Some(description) = &raw.description {
        language_map(description)?;
    }
    Ok(Attachment {
        usage_type: iri(raw.usage_type)?,
        content_type: kept(raw.content_type, media_type::is_media_type)?,
        length: raw.length,
        sha2: kept(raw.sha2, identifier::is_sha2)?,
        file_url: optional(raw.file_url, iri)?,
    })
}

pub(in crate::statement) fn language_map(map: &RawMap<'_, Text<'_>>) -> Checked<()> {
    ensure(
        map.0.iter().all(|(tag, _)| language::is_tag(tag)) && all_distinct(&map.0, |(tag, _)| tag),
    )
}

pub(in crate::statement) fn extensions<'a>(
    map: RawMap<'a, &'a RawValue>,
    limits: &Limits,
) -> Checked<Extensions<'a>> {
    let sound = |(key, value): &(Cow<'_, str>, &RawValue)| {
        iri::is_iri(key) && is_sound(value.get(), limits.json_depth_max)
    };
    ensure(map.0.iter().all(sound) && all_distinct(&map.0, |(key, _)| key))?;
    Ok(Extensions(map.0))
}

pub(super) fn uuid(text: Text<'_>) -> Checked<Uuid> {
    identifier::uuid(&text.0).ok_or(Refused)
}

pub(super) fn iri(text: Text<'_>) -> Checked<Cow<'_, str>> {
    kept(text, iri::is_iri)
}

pub(super) fn moment(text: Text<'_>) -> Checked<Cow<'_, str>> {
    kept(text, |text| timestamp::parse(text).is_some())
}

pub(super) fn kept<'a>(
    text: Text<'a>,
    is_valid: impl FnOnce(&str) -> bool,
) -> Checked<Cow<'a, str>> {
    ensure(is_valid(&text.0))?;
    Ok(text.0)
}

pub(super) fn text(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0)
}

pub(super) fn is(text: Option<&Text<'_>>, expected: &str) -> bool {
    text.is_some_and(|text| text.0 == expected)
}

pub(super) fn optional<T, U>(
    raw: Option<T>,
    check: impl FnOnce(T) -> Checked<U>,
) -> Checked<Option<U>> {
    raw.map(check).transpose()
}

pub(super) fn each<T, U>(raw: Vec<T>, check: impl FnMut(T) -> Checked<U>) -> Checked<Vec<U>> {
    raw.into_iter().map(check).collect()
}

pub(in crate::statement) fn ensure(holds: bool) -> Checked<()> {
    if holds { Ok(()) } else { Err(Refused) }
}
