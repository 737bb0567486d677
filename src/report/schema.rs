//! The JSON Schema of everything that is printed as JSON.

use serde_json::{Value, json};

use super::model::Report;

/// The schema: an object with required `kind` and `version`, and a `oneOf` by kind.
#[must_use]
pub fn schema() -> Value {
    let mut check = schemars::schema_for!(Report).to_value();
    let mut definitions = check.as_object_mut().and_then(|o| o.remove("$defs")).unwrap_or_else(|| json!({}));
    if let Some(object) = check.as_object_mut() {
        object.remove("$schema");
    }
    if let Some(map) = definitions.as_object_mut() {
        map.insert("Check".to_owned(), check);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "certcheck output, one object a line",
        "type": "object",
        "required": ["kind", "version"],
        "properties": {
            "kind": {"type": "string"},
            "version": {"type": "integer"}
        },
        "oneOf": [{"$ref": "#/$defs/Check"}],
        "$defs": definitions
    })
}
