//! The schema and the guide say what the types say.

use super::*;
use serde_json::{Value, json};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/profile.schema.json");
const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/PROFILES.md");

const SHORTEST: &str = "name = \"mine\"\n\n[roster]\nsnapshot = [\"people\"]\nlist = [\"\"]\n";

/// TOML has no `null`, and a description is one line.
fn tidy(schema: &mut Value) {
    if let Value::Object(fields) = schema {
        if let Some(Value::Array(choices)) = fields.get_mut("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                fields.remove("anyOf");
                fields.extend(only);
            }
        }
        if let Some(Value::String(description)) = fields.get_mut("description") {
            *description = description.replace('\n', " ");
        }
        fields.values_mut().for_each(tidy);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(tidy);
    }
}

/// What the schema does not like of a value. It knows the words that our schema is made of, patterns aside.
fn complaint(root: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    if let Some(target) = schema["$ref"].as_str() {
        let target = root.pointer(target.trim_start_matches('#')).unwrap();
        return complaint(root, target, value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &&Value| complaint(root, choice, value, place).is_none();
        return (choices.iter().filter(fits).count() != 1).then(|| format!("{place}: none of the choices"));
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("the schema has a type {other}"),
        None => true,
    };
    let is_chosen = schema.get("const").is_none_or(|word| word == value)
        && schema["enum"].as_array().is_none_or(|words| words.contains(value));
    if !fits || !is_chosen {
        return Some(format!("{place}: it is {value}"));
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|name| value.get(name).is_none()) {
        return Some(format!("{place}: {missing} is missing"));
    }
    let items = value.as_array().into_iter().flatten().filter(|_| schema.get("items").is_some());
    let fields = value.as_object().into_iter().flatten().filter(|_| schema["type"] == "object");
    items.map(|item| complaint(root, &schema["items"], item, place)).find_map(|complaint| complaint).or_else(
        || {
            fields.into_iter().find_map(|(name, field)| {
                let place = format!("{place}.{name}");
                let rest = &schema["additionalProperties"];
                match schema["properties"].get(name) {
                    Some(known) => complaint(root, known, field, &place),
                    None if *rest == false => Some(format!("{place}: unknown")),
                    None => complaint(root, rest, field, &place),
                }
            })
        },
    )
}

#[test]
fn every_preset_is_valid_by_the_schema_and_what_is_not_is_told() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let complaint_about = |text: &str| complaint(&schema, &schema, &toml::from_str(text).unwrap(), "");
    for (name, text) in PRESETS {
        assert_eq!(complaint_about(text), None, "{name}");
        assert_eq!(complaint_about(&Profile::from_toml(text).unwrap().to_toml().unwrap()), None, "{name}");
    }
    for (from, to, place) in [
        ("snapshot", "snapshots", ".roster"),
        ("[\"\"]", "\"\"", ".roster.list"),
        ("name = \"mine\"", "name = 5", ".name"),
        ("[roster]", "[presence]\nby = \"htpp\"\n[roster]", ".presence.by"),
    ] {
        let told = complaint_about(&SHORTEST.replace(from, to)).unwrap();
        assert!(told.starts_with(place), "{told} of {to}");
    }
}

fn schema() -> String {
    let mut schema = schemars::schema_for!(Profile).to_value();
    tidy(&mut schema);
    schema["title"] = json!("A profile of Presente");
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    if std::env::var_os("PRESENTE_WRITE").is_some() {
        std::fs::write(SCHEMA, schema()).unwrap();
    }
    let published = std::fs::read_to_string(SCHEMA).unwrap_or_default();
    // Compared as values: the order of fields depends on how serde_json is built.
    let current = |text: &str| serde_json::from_str::<Value>(text).ok();
    let is_current = current(&published) == current(&schema());
    assert!(is_current, "docs/profile.schema.json is not current: run this test with PRESENTE_WRITE=1");
}

/// Every name of a field and every word of a choice.
fn names_in(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let properties = fields.get("properties").and_then(Value::as_object);
            names.extend(properties.into_iter().flat_map(|properties| properties.keys().cloned()));
            names.extend(fields.get("const").and_then(Value::as_str).map(ToOwned::to_owned));
            let words = fields.get("enum").and_then(Value::as_array);
            names.extend(words.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned));
            fields.values().for_each(|value| names_in(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        _ => {}
    }
}

#[test]
fn the_guide_tells_of_every_field_choice_and_placeholder() {
    let guide = std::fs::read_to_string(GUIDE).unwrap();
    let mut names = Vec::new();
    names_in(&serde_json::from_str(&schema()).unwrap(), &mut names);
    assert!(names.len() > 50, "{names:?}");
    names.extend(PLACEHOLDERS.map(|name| format!("{{{name}}}")));
    names.extend(Profile::preset_names().map(ToOwned::to_owned));
    let missing: Vec<_> = names.iter().filter(|name| !guide.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/PROFILES.md does not tell of {missing:?}");
}

/// The examples of the guide: each block that is marked `toml profile`.
#[test]
fn every_profile_in_the_guide_can_be_used() {
    let guide = std::fs::read_to_string(GUIDE).unwrap();
    let blocks: Vec<&str> =
        guide.split("```toml profile\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    assert!(blocks.len() >= 2, "the guide has no examples");
    for block in blocks {
        Profile::from_toml(block).unwrap_or_else(|error| panic!("{error} in\n{block}"));
    }
}
