//! The OpenAPI 3.1 document, made from the table of operations and the types of their bodies.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use cmi5::{Decision, State};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answers::Refused;
use super::operation::{Access, Kind, OPERATIONS, Operation, Parameter, SchemaOf};
use crate::request::Method;

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
    let refused = generator.subschema_for::<Refused>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths
            .entry(operation.route.template())
            .or_insert_with(|| json!({}));
        let method = operation.method.name().to_ascii_lowercase();
        path[method] = describe(operation, &mut generator, &refused);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tessera, the API for cmi5",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sessions, tokens, violations, policies and launch tenants. xAPI itself is described by its specification.",
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
            },
        },
    })
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator, refused: &Value) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": responses(operation, generator, refused),
    });
    let parameters: Vec<Value> = path_parameters(operation)
        .chain(operation.query.iter().map(query_parameter))
        .collect();
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = operation.body {
        described["requestBody"] = json!({ "required": true, "content": content(body, generator) });
    }
    match operation.access {
        Access::Open => described["security"] = json!([]),
        Access::Admin => described["description"] = json!("Needs a key with scope `admin`."),
        Access::Lms => {}
    }
    described
}

fn responses(operation: &Operation, generator: &mut SchemaGenerator, refused: &Value) -> Value {
    let mut responses = Map::new();
    let (status, well) = match (operation.answer, operation.method) {
        (Some(answer), _) => {
            let content = content(answer, generator);
            ("200", json!({ "description": "Done.", "content": content }))
        }
        (None, Method::Delete) => ("204", json!({ "description": "It is not there." })),
        (None, _) => {
            let content = json!({ "application/json": {} });
            ("200", json!({ "description": "Done.", "content": content }))
        }
    };
    responses.insert(status.to_owned(), well);
    let of_all: &[(u16, &str)] = match operation.access {
        Access::Open => &[],
        Access::Lms | Access::Admin => &[
            (
                400,
                "A parameter or the body is wrong; all that is wrong is listed.",
            ),
            (401, "No key, or no such key and secret."),
            (403, "The key may not do this."),
        ],
    };
    for (status, when) in of_all.iter().chain(operation.also) {
        let refusal = json!({
            "description": when,
            "content": { "application/json": { "schema": refused } },
        });
        responses.insert(status.to_string(), refusal);
    }
    Value::Object(responses)
}

fn content(schema: SchemaOf, generator: &mut SchemaGenerator) -> Value {
    json!({ "application/json": { "schema": schema(generator).to_value() } })
}

fn path_parameters(operation: &Operation) -> impl Iterator<Item = Value> {
    let segments = operation.route.template().split('/');
    let names = segments.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let schema = match name {
            "launchTenant" => json!({ "type": "integer" }),
            "registration" | "token" => json!({ "type": "string", "format": "uuid" }),
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
    use crate::cmi5::route::Route;

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
    fn every_path_is_a_route_and_every_route_a_path() {
        let document: Value = serde_json::from_str(document()).expect("it is JSON");
        let paths = document["paths"].as_object().expect("an object");
        assert_eq!(paths.len(), Route::ALL.len());
        for route in Route::ALL {
            let path = &paths[route.template()];
            let filled = route.template().replace(['{', '}'], "x");
            assert_eq!(Route::find(&filled).map(|(found, _)| found), Some(route));
            for method in path.as_object().expect("an object").keys() {
                let allowed = route.methods();
                assert!(
                    allowed.contains(&method.to_ascii_uppercase().as_str()),
                    "{method}"
                );
            }
        }
    }
}
