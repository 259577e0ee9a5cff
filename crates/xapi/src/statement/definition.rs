//! The fast path's check of an Activity Definition (Data 2.4.4.1), which is kept as text.

use serde_json::value::RawValue;

use super::check::{Checked, Refused, ensure, extensions, language_map};
use super::nested::all_distinct;
use super::raw::{Closed, RawComponent, RawDefinition};
use crate::Limits;
use crate::lexical::iri;

pub(super) const INTERACTION_TYPES: [&str; 10] = [
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
];

pub(super) fn check(raw: &RawValue, limits: &Limits) -> Checked<()> {
    let Closed(definition): Closed<RawDefinition<'_>> =
        serde_json::from_str(raw.get()).map_err(|_| Refused)?;
    for map in [&definition.name, &definition.description]
        .into_iter()
        .flatten()
    {
        language_map(map)?;
    }
    for text in [&definition.kind, &definition.more_info]
        .into_iter()
        .flatten()
    {
        ensure(iri::is_iri(&text.0))?;
    }
    if let Some(map) = definition.extensions {
        extensions(map, limits)?;
    }
    let lists = [
        &definition.choices,
        &definition.scale,
        &definition.source,
        &definition.target,
        &definition.steps,
    ];
    match &definition.interaction_type {
        Some(kind) => ensure(INTERACTION_TYPES.contains(&&*kind.0))?,
        None => ensure(
            definition.correct_responses_pattern.is_none()
                && lists.iter().all(|list| list.is_none()),
        )?,
    }
    lists
        .into_iter()
        .flatten()
        .try_for_each(|list| components(list))
}

fn components(list: &[Closed<RawComponent<'_>>]) -> Checked<()> {
    for Closed(component) in list {
        if let Some(description) = &component.description {
            language_map(description)?;
        }
    }
    ensure(all_distinct(list, |component| &component.0.id.0))
}
