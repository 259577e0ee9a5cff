//! The OpenAPI 3.1 document, made from the table of operations and the types of their bodies.

use std::sync::OnceLock;

use ::cmi5::{Decision, State};
use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::cmi5::answers::Refused;
use crate::operation::{Access, Gives, Kind, Operation, Parameter, SchemaOf, Takes, schema};
use crate::{cmi5, player};

pub fn answer() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(document())
}

/// The document as JSON text.
fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| format!("{:#}", make()))
}

fn make() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in cmi5::operation::OPERATIONS {
        let template = operation.route.template();
        describe(
            (&mut paths, template),
            operation,
            (&mut generator, schema::<Refused>),
        );
    }
    for operation in player::operation::OPERATIONS {
        let template = operation.route.template();
        let refused = schema::<player::answers::Refused>;
        describe((&mut paths, template), operation, (&mut generator, refused));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tessera, the API for cmi5",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sessions, tokens, violations and policies; courses, registrations and launches, below /cmi5/v1 and below /api/v1 as ADL's CATAPULT player has them. xAPI itself is described by its specification.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "basic": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A key of role `lms` or `lms+au`, or one with scope `admin`, and its secret.",
                },
                "launchTenant": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A launch tenant's token, which opens what is its own.",
                },
            },
        },
    })
}

fn describe<R>(
    (paths, template): (&mut Map<String, Value>, &str),
    operation: &Operation<R>,
    (generator, refused): (&mut SchemaGenerator, SchemaOf),
) {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": responses(operation, generator, refused),
    });
    let parameters: Vec<Value> = path_parameters(template)
        .chain(operation.query.iter().map(query_parameter))
        .collect();
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    let body = match operation.body {
        Takes::Nothing => None,
        Takes::Json(body) => Some(json_content(body, generator)),
        Takes::Package => Some(json!({ "application/zip": {}, "text/xml": {} })),
    };
    if let Some(content) = body {
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    match operation.access {
        Access::Open => described["security"] = json!([]),
        Access::Admin => described["description"] = json!("Needs a key with scope `admin`."),
        Access::Lms => {}
        Access::LaunchTenant => described["security"] = json!([{ "launchTenant": [] }]),
        Access::LmsOrLaunchTenant => {
            described["security"] = json!([{ "basic": [] }, { "launchTenant": [] }]);
        }
    }
    let path = paths.entry(template).or_insert_with(|| json!({}));
    path[operation.method.name().to_ascii_lowercase()] = described;
}

fn responses<R>(
    operation: &Operation<R>,
    generator: &mut SchemaGenerator,
    refused: SchemaOf,
) -> Value {
    let mut responses = Map::new();
    let content = match operation.answer {
        Gives::Nothing => None,
        Gives::Json(answer) => Some(json_content(answer, generator)),
        Gives::AnyJson => Some(json!({ "application/json": {} })),
        Gives::Structure => Some(json!({ "text/xml": {} })),
        Gives::Package => Some(json!({ "application/zip": {} })),
    };
    match content {
        None => responses.insert("204".to_owned(), json!({ "description": "Done." })),
        Some(content) => responses.insert(
            "200".to_owned(),
            json!({ "description": "Done.", "content": content }),
        ),
    };
    let of_all: &[(u16, &str)] = match operation.access {
        Access::Open => &[],
        Access::Lms | Access::Admin | Access::LaunchTenant | Access::LmsOrLaunchTenant => &[
            (
                400,
                "A parameter or the body is wrong; all that is wrong is listed.",
            ),
            (401, "No key or token, or none that counts."),
            (403, "The key may not do this."),
        ],
    };
    let content = json_content(refused, generator);
    for (status, when) in of_all.iter().chain(operation.also) {
        let refusal = json!({ "description": when, "content": content });
        responses.insert(status.to_string(), refusal);
    }
    Value::Object(responses)
}

fn json_content(schema: SchemaOf, generator: &mut SchemaGenerator) -> Value {
    json!({ "application/json": { "schema": schema(generator).to_value() } })
}

fn path_parameters(template: &str) -> impl Iterator<Item = Value> {
    let names = template
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let schema = match name {
            "launchTenant" | "auIndex" | "id" => json!({ "type": "integer" }),
            "course" | "registration" | "token" => json!({ "type": "string", "format": "uuid" }),
            _ => json!({ "type": "string" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    })
}

fn query_parameter(parameter: &Parameter) -> Value {
    let names = |all: &[&str]| json!({ "type": "string", "enum": all });
    let schema = match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Uuid => json!({ "type": "string", "format": "uuid" }),
        Kind::Iri => json!({ "type": "string", "format": "iri" }),
        Kind::Agent => json!({ "type": "string", "contentMediaType": "application/json" }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::State => names(&State::ALL.map(State::as_str)),
        Kind::Decision => names(&[Decision::Flagged, Decision::Rejected].map(Decision::as_str)),
        Kind::Count => json!({ "type": "integer", "minimum": 1 }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.meaning,
        "schema": schema,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|one| references(one, found));
            }
            Value::Array(entries) => entries.iter().for_each(|one| references(one, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(document()).expect("it is JSON");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("it is of this document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_is_described_once() {
        let document: Value = serde_json::from_str(document()).expect("it is JSON");
        let paths = document["paths"].as_object().expect("an object");
        let described = |path: &Value| path.as_object().map_or(0, Map::len);
        let own = cmi5::operation::OPERATIONS.len();
        let of_player = player::operation::OPERATIONS.len();
        let count: usize = paths.values().map(described).sum();
        assert_eq!(count, own + of_player);
        for route in cmi5::route::Route::ALL {
            assert!(paths.contains_key(route.template()), "{route:?}");
        }
        for route in player::route::Route::ALL {
            assert!(paths.contains_key(route.template()), "{route:?}");
        }
    }
}
