//! The reference of the API, as people read it: a page made from the document that programs read.

use askama::Template;
use serde_json::{Map, Value};

use super::document::{TAGS, document};
use crate::ui::{Answer, Page, Section, render};
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/reference.html")]
struct Reference {
    page: Page,
    origin: String,
    says: String,
    parts: Vec<Part>,
}

/// What belongs together.
struct Part {
    id: String,
    title: String,
    calls: Vec<Call>,
}

struct Call {
    id: String,
    method: String,
    path: String,
    title: String,
    what: Vec<Said>,
    fields: Vec<Field>,
    /// What is sent, and what comes back.
    bodies: Vec<Shape>,
    answers: Vec<(String, Said)>,
}

/// A text in pieces, each with whether it is code.
type Said = Vec<(bool, String)>;

/// A parameter, or a field of a body.
struct Field {
    name: String,
    place: &'static str,
    ty: String,
    what: Said,
    needed: bool,
}

struct Shape {
    title: String,
    fields: Vec<Field>,
}

/// The page.
pub(crate) async fn show(visit: Visit) -> Answer {
    let whole = serde_json::to_value(document())
        .map_err(|e| Error::Internal(format!("the document can't be told: {e}")))?;
    let parts = parts(&whole);
    let calls: usize = parts.iter().map(|p| p.calls.len()).sum();
    let page = Page::new(&visit, "API reference", Section::Settings).await?;
    let says = format!(
        "{calls} calls. Connections, syncs, coverage, inventory, members, tokens and the audit, for programs."
    );
    render(&Reference { page, origin: visit.site().origin.to_string(), says, parts })
}

fn parts(document: &Value) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let none = Map::new();
    for (path, item) in document["paths"].as_object().unwrap_or(&none) {
        for (method, operation) in item.as_object().unwrap_or(&none) {
            let tag = text(&operation["tags"][0]);
            let call = call(document, path, method, operation);
            match parts.iter_mut().find(|p| p.title == tag) {
                Some(part) => part.calls.push(call),
                None => parts.push(Part { id: tag.to_lowercase(), title: tag, calls: vec![call] }),
            }
        }
    }
    parts.sort_by_key(|part| TAGS.iter().position(|tag| *tag == part.title));
    parts
}

fn call(document: &Value, path: &str, method: &str, operation: &Value) -> Call {
    let what = text(&operation["description"]);
    let mut bodies = Vec::new();
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        bodies.push(shape(document, "Send".to_string(), schema));
    }
    let mut answers = Vec::new();
    for (status, answer) in operation["responses"].as_object().unwrap_or(&Map::new()) {
        match answer.pointer("/content/application~1json/schema") {
            Some(schema) => bodies.push(shape(document, format!("Answer {status}"), schema)),
            None => answers.push((status.clone(), said(&answer["description"]))),
        }
    }
    bodies.retain(|b| !b.fields.is_empty());
    Call {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_string(),
        title: text(&operation["summary"]),
        what: what.split("\n\n").filter(|t| !t.is_empty()).map(pieces).collect(),
        fields: operation["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        bodies,
        answers,
    }
}

fn parameter(parameter: &Value) -> Field {
    Field {
        name: text(&parameter["name"]),
        place: if parameter["in"] == "path" { "in the path" } else { "in the query" },
        ty: ty(&parameter["schema"]),
        what: said(&parameter["description"]),
        needed: parameter["required"] == true,
    }
}

fn shape(document: &Value, title: String, schema: &Value) -> Shape {
    let mut fields = Vec::new();
    collect(document, schema, "", 0, &mut fields);
    Shape { title, fields }
}

/// How deep fields of fields are told.
const DEEP: usize = 3;

/// The fields of a schema; those of what is within it by their path.
fn collect(document: &Value, schema: &Value, within: &str, depth: usize, to: &mut Vec<Field>) {
    let schema = followed(document, schema);
    for one in ["oneOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()).flatten() {
        collect(document, one, within, depth, to);
    }
    if schema["type"] == "array" && depth < DEEP {
        return collect(document, &schema["items"], within, depth, to);
    }
    let needed = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name));
    for (name, field) in schema["properties"].as_object().unwrap_or(&Map::new()) {
        let resolved = followed(document, field);
        let what =
            if field["description"].is_string() { &field["description"] } else { &resolved["description"] };
        to.push(Field {
            name: format!("{within}{name}"),
            place: "",
            ty: ty(field),
            what: said(what),
            needed: needed(name),
        });
        if depth < DEEP {
            collect(document, field, &format!("{within}{name}."), depth + 1, to);
        }
    }
}

fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let at = schema["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
    at.and_then(|at| document.pointer(at)).unwrap_or(schema)
}

/// The type of a schema in a few words.
fn ty(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(text).collect::<Vec<_>>().join(" | ");
    }
    if let Some(all) = schema["oneOf"].as_array() {
        return all.iter().map(ty).collect::<Vec<_>>().join(" or ");
    }
    let word = |value: &Value| match value.as_str() {
        Some("array") => format!("list of {}", ty(&schema["items"])),
        Some("string") => match schema["format"].as_str() {
            Some(format) => format!("string, {format}"),
            None => "string".to_string(),
        },
        Some(word) => word.to_string(),
        None => "anything".to_string(),
    };
    match &schema["type"] {
        Value::Array(all) => all.iter().map(word).collect::<Vec<_>>().join(" or "),
        one => word(one),
    }
}

fn said(value: &Value) -> Said {
    pieces(value.as_str().unwrap_or_default())
}

/// What stands between backquotes is code, and the rest is not.
fn pieces(text: &str) -> Said {
    text.split('`').enumerate().map(|(n, piece)| (n % 2 == 1, piece.to_string())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
