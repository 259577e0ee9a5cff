//! The rules that the schema does not know: ids, references, URLs, extensions without a schema.

use std::collections::{HashMap, HashSet};

use roxmltree::Node;
use xapi::Violation;

use super::fault::{Found, path};
use super::schema::Type;
use super::validate::{Typed, XSI};
use super::values::{Value, collapse, score, trim};
use super::xml::{namespace, own_attribute, own_value, string_value, whole_text};
use super::{Limits, NAMESPACE, any_uri, bounds, requirement, url};

/// Decimals that a mastery score may have (10.2.4.0-1).
const MASTERY_SCORE_DECIMALS_MAX: usize = 4;

/// What is wrong with the course itself. Values that the schema refuses have their fault already.
pub(super) fn check(seen: &[Typed<'_, '_>], limits: &Limits, found: &mut Found) {
    let ours = || seen.iter().filter(|typed| typed.is_ours);
    ids(ours(), found);
    for typed in ours() {
        match typed.of {
            Type::Au => {
                activity_type(typed.node, found);
                mastery_score(typed.node, found);
            }
            Type::Url => au_url(typed.node, found),
            _ => {}
        }
    }
    let mut aus = ours().filter(|typed| typed.of == Type::Au);
    if let Some(typed) = aus.nth(limits.aus_max) {
        let count = limits.aus_max.saturating_add(1);
        if let Err(mut violation) = bounds::at_most(count, limits.aus_max, "AUs") {
            violation.pointer = path(typed.node);
            found.push(typed.node.range().start, || *violation);
        }
    }
}

/// Absolute IRIs, each once across courses, blocks, objectives and AUs, and references to what is defined.
fn ids<'t, 'a: 't, 'input: 'a>(
    ours: impl Iterator<Item = &'t Typed<'a, 'input>>,
    found: &mut Found,
) {
    let mut known: HashMap<&str, Node<'_, '_>> = HashMap::new();
    let mut objectives = HashSet::new();
    let mut references = Vec::new();
    for Typed { node, of, .. } in ours {
        let (name, once) = match of {
            Type::Course => ("id", None),
            Type::Block => ("id", Some(requirement::BLOCK_ID)),
            Type::Objective => ("id", Some(requirement::OBJECTIVE_ID)),
            Type::Au => ("id", Some(requirement::AU_ID)),
            Type::Reference => ("idref", None),
            _ => continue,
        };
        let Some(id) = absolute_iri(*node, name, found) else {
            continue;
        };
        if *of == Type::Reference {
            references.push((*node, id));
            continue;
        }
        if *of == Type::Objective {
            objectives.insert(id);
        }
        match (known.get(id), once) {
            (Some(first), Some(once)) => {
                let attribute = own_attribute(*node, name);
                let at = attribute.map_or(node.range().start, |attribute| attribute.range().start);
                found.push(at, || {
                    let expected = format!("an id of its own, not that of `{}`", path(*first));
                    Violation::new(once, format!("{}/@{name}", path(*node)), expected, id)
                });
            }
            _ => {
                known.insert(id, *node);
            }
        }
    }
    for (node, id) in references {
        if !objectives.contains(id) {
            let expected = "the id of an objective of the course";
            found.attribute(node, "idref", requirement::OBJECTIVE_KNOWN, expected, id);
        }
    }
}

/// The trimmed value of an attribute that the schema takes.
fn absolute_iri<'a>(node: Node<'a, '_>, name: &str, found: &mut Found) -> Option<&'a str> {
    let value = own_value(node, name)?;
    if !Value::AnyUri.takes(value) {
        return None;
    }
    let id = trim(value);
    if !xapi::lexical::iri::is_iri(id) {
        found.attribute(
            node,
            name,
            requirement::ABSOLUTE_IRI,
            "an absolute IRI",
            value,
        );
    }
    Some(id)
}

/// A string to the schema, and an IRI to the specification.
fn activity_type(node: Node<'_, '_>, found: &mut Found) {
    let value = trim(own_value(node, "activityType").unwrap_or_default());
    if !value.is_empty() && !xapi::lexical::iri::is_iri(value) {
        let requirement = requirement::ABSOLUTE_IRI;
        found.attribute(node, "activityType", requirement, "an absolute IRI", value);
    }
}

fn au_url(node: Node<'_, '_>, found: &mut Found) {
    let text = collapse(&string_value(node));
    if text.is_empty() || !any_uri::is_any_uri(&text) {
        return;
    }
    if let Some(fault) = url::fault(&text) {
        let expected = "an http(s) URL, one of an application, or one relative to the package";
        let at = node.range().start;
        found.push(at, || {
            Violation::new(requirement::AU_URL, path(node), expected, &*text).with_detail(fault)
        });
    }
    if let Some(name) = url::reserved(&text) {
        let expected = "a query without the names of launch parameters";
        found.element(node, requirement::RESERVED_QUERY, expected, name);
    }
}

/// What is accepted, and worth a word.
pub(super) fn warn(seen: &[Typed<'_, '_>], found: &mut Found) {
    schemas(seen, found);
    for Typed { node, of, .. } in seen.iter().filter(|typed| typed.is_ours) {
        match of {
            Type::Untyped if node.first_element_child().is_some() => {
                let got = whole_text(*node);
                found.element(*node, requirement::PLAIN_TEXT, "text without markup", got);
            }
            _ => {}
        }
    }
}

fn mastery_score(node: Node<'_, '_>, found: &mut Found) {
    let value = own_value(node, "masteryScore").unwrap_or_default();
    let number = score(value).unwrap_or_default();
    let (_, decimals) = number.split_once('.').unwrap_or_default();
    if decimals.trim_end_matches('0').len() > MASTERY_SCORE_DECIMALS_MAX {
        let expected = format!("at most {MASTERY_SCORE_DECIMALS_MAX} decimals");
        let requirement = requirement::MASTERY_SCORE;
        found.attribute(node, "masteryScore", requirement, expected, value);
    }
}

/// One warning for each namespace of elements that no `xsi:schemaLocation` gives a schema for.
fn schemas(seen: &[Typed<'_, '_>], found: &mut Found) {
    let locations = seen
        .iter()
        .filter_map(|typed| typed.node.attribute((XSI, "schemaLocation")));
    let mut told: HashSet<&str> = locations
        .flat_map(|pairs| pairs.split_ascii_whitespace().step_by(2))
        .collect();
    for Typed { node, .. } in seen {
        let Some(uri) = namespace(*node) else {
            continue;
        };
        if uri != NAMESPACE && told.insert(uri) {
            let expected = "an `xsi:schemaLocation` for the namespace";
            let requirement = requirement::EXTENSION_SCHEMA;
            found.element(*node, requirement, expected, uri);
        }
    }
}
