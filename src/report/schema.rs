//! The JSON Schema of everything that is printed as JSON.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::model::Report;

/// The schema: an object with required `kind` and `version`, and a `oneOf` by kind.
#[must_use]
pub fn schema() -> Value {
    // As it is written, not as it could be read: a field that may be null is there all the same.
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut check = generator.into_root_schema_for::<Report>().to_value();
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
