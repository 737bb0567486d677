//! The JSON Schema of everything that is printed as JSON.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::explanation::Explanation;
use super::model::Report;

/// The schema: an object with required `kind` and `version`, and a `oneOf` by kind.
#[must_use]
pub fn schema() -> Value {
    // As it is written, not as it could be read: a field that may be null is there all the same.
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut definitions = Map::new();
    for (name, mut document) in [
        ("Check", generator.clone().into_root_schema_for::<Report>().to_value()),
        ("Explanation", generator.into_root_schema_for::<Explanation>().to_value()),
    ] {
        let Some(object) = document.as_object_mut() else { continue };
        object.remove("$schema");
        if let Some(Value::Object(inner)) = object.remove("$defs") {
            definitions.extend(inner);
        }
        definitions.insert(name.to_owned(), document);
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
        "oneOf": [{"$ref": "#/$defs/Check"}, {"$ref": "#/$defs/Explanation"}],
        "$defs": definitions
    })
}
