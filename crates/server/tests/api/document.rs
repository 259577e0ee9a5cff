//! Whether answers are what the OpenAPI document says of them: every answer that a test gets is compared.

use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::{Value, json};

/// Refusals that any operation can come to, and the document does not list with each.
const OF_ALL: [u16; 5] = [405, 408, 413, 500, 503];

pub struct Document {
    document: Value,
    /// By the pointers of the schemas.
    validators: HashMap<String, Validator>,
}

impl Document {
    pub fn new(document: Value) -> Self {
        Self {
            document,
            validators: HashMap::new(),
        }
    }

    /// An answer without a body, or of no JSON, is compared by its status alone.
    #[track_caller]
    pub fn check(&mut self, (method, path): (&str, &str), (status, body): (u16, &Value)) {
        let Some(template) = self.template(path) else {
            return;
        };
        let operation = format!(
            "/paths/{}/{}",
            template.replace('/', "~1"),
            method.to_ascii_lowercase()
        );
        let Some(described) = self.document.pointer(&operation) else {
            return;
        };
        let Some(answer) = described["responses"].get(status.to_string()) else {
            assert!(
                OF_ALL.contains(&status),
                "the document says nothing of {status}: {method} {path} {body}"
            );
            return;
        };
        if answer["content"]["application/json"]["schema"].is_null() || body.is_null() {
            return;
        }
        let schema = format!("{operation}/responses/{status}/content/application~1json/schema");
        let document = &self.document;
        let validator = self
            .validators
            .entry(schema)
            .or_insert_with_key(|schema| validator(document, schema));
        if let Err(error) = validator.validate(body) {
            let at = error.instance_path();
            panic!("{method} {path} {status}: {error} at `{at}` of {body}");
        }
    }

    /// Of the templates that fit, the one with the fewest braces.
    fn template(&self, path: &str) -> Option<&str> {
        let path = path.split('?').next().unwrap_or_default();
        let paths = self.document["paths"].as_object().expect("paths");
        let templates = paths.keys().filter(|template| fits(template, path));
        let braces = |template: &&String| template.matches('{').count();
        templates.min_by_key(braces).map(String::as_str)
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, got) = (template.split('/'), path.split('/'));
    wanted.clone().count() == got.clone().count()
        && wanted
            .zip(got)
            .all(|(wanted, got)| wanted == got || wanted.starts_with('{'))
}

fn validator(document: &Value, schema: &str) -> Validator {
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [document.pointer(schema)],
    });
    jsonschema::validator_for(&root).expect("it is a schema")
}

#[test]
fn an_answer_of_another_form_is_found() {
    let document = json!({
        "paths": { "/a/{b}": { "get": { "responses": { "200": { "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } } } } },
        "components": { "schemas": { "A": { "type": "object", "required": ["id"] } } },
    });
    let holds = |status: u16, body: Value| {
        let mut document = Document::new(document.clone());
        let check = || document.check(("GET", "/a/x?y=1"), (status, &body));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_ok()
    };
    assert!(holds(200, json!({ "id": 1 })) && holds(405, json!({})));
    assert!(!holds(200, json!({})) && !holds(404, json!({})));
}
