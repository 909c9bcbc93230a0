//! `/api/v1/meta`: user types and schemas. None of them is paged.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::people::cast;
use crate::generate::user_types::{UserType, group_attributes, user_attributes, user_types};
use crate::json::time;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/meta/types/user", UserTypes, list),
    route!(GET "/api/v1/meta/types/user/{id}", UserTypes, get),
    route!(GET "/api/v1/meta/schemas/user/{id}", Schemas, user_schema),
    route!(GET "/api/v1/meta/schemas/group/default", Schemas, group_schema),
];

/// The ids of a user type and of its schema: the same but for the prefix [rec: so in every recorded type].
pub(super) fn type_ids(view: View<'_>, n: u64) -> (String, String) {
    let id = view.base.ids.encode(IdKind::UserType, n);
    let schema = format!("osc{}", &id[3..]);
    (id, schema)
}

/// A user type as Okta sends it.
pub(crate) fn user_type_json(view: View<'_>, user_type: &UserType, origin: &str) -> Value {
    let (id, schema) = type_ids(view, user_type.n);
    let by = view.user_id(cast::BREAK_GLASS);
    let link =
        |rel: &str, path: String| json!({"rel": rel, "href": format!("{origin}{path}"), "method": "GET"});
    json!({
        "id": id, "displayName": user_type.display_name, "name": user_type.name,
        "description": user_type.description, "createdBy": by, "lastUpdatedBy": by,
        "created": time(user_type.created), "lastUpdated": time(user_type.created), "default": user_type.n == 0,
        "_links": {
            "schema": link("schema", format!("/api/v1/meta/schemas/user/{schema}")),
            "self": link("self", format!("/api/v1/meta/types/user/{id}")),
        },
    })
}

/// The schema of a user type as Okta sends it: of the default type the id ends in `default` [rec].
pub(crate) fn user_schema_json(view: View<'_>, user_type: &UserType, origin: &str) -> Value {
    let (id, schema) = type_ids(view, user_type.n);
    let name = if user_type.n == 0 { "default" } else { &schema };
    let mut json = schema_json(
        &format!("{origin}/meta/schemas/user/{name}"),
        (user_type.name, user_type.display_name, user_type.description),
        user_attributes(user_type.n),
        user_type.created,
    );
    json["_links"] = json!({
        "self": {"rel": "self", "href": format!("{origin}/api/v1/meta/schemas/user/{schema}"), "method": "GET"},
        "type": {"rel": "type", "href": format!("{origin}/api/v1/meta/types/user/{id}"), "method": "GET"},
    });
    json
}

/// The schema of groups as Okta sends it.
pub(crate) fn group_schema_json(view: View<'_>, origin: &str) -> Value {
    let names = ("group", "Okta group", "Okta group profile template");
    let created = user_types(view.base.as_of)[0].created;
    let mut json =
        schema_json(&format!("{origin}/meta/schemas/group/default"), names, group_attributes(), created);
    let href = format!("{origin}/api/v1/meta/schemas/group/default");
    json["_links"] = json!({"self": {"rel": "self", "href": href, "method": "GET"}});
    json
}

fn schema_json(
    id: &str,
    (name, title, description): (&str, &str, &str),
    (base, required, custom): (Value, Value, Value),
    created: i64,
) -> Value {
    json!({
        "id": id, "$schema": "http://json-schema.org/draft-04/schema#", "name": name, "title": title,
        "description": description, "lastUpdated": time(created), "created": time(created),
        "definitions": {
            "custom": {"id": "#custom", "type": "object", "properties": custom, "required": []},
            "base": {"id": "#base", "type": "object", "properties": base, "required": required},
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
    })
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let types = user_types(view.base.as_of);
        Ok(Reply::value(&types.iter().map(|t| user_type_json(view, t, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::UserType, call.arg(0));
        let types = user_types(view.base.as_of);
        let user_type = types.iter().find(|t| Some(t.n) == n || (call.arg(0) == "default" && t.n == 0));
        let user_type = user_type.ok_or_else(|| Refusal::not_found(call.arg(0), "CVDType"))?;
        Ok(Reply::value(&user_type_json(view, user_type, call.origin)))
    })
}

fn user_schema(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let wanted = call.arg(0);
        let types = user_types(view.base.as_of);
        let mut schemas = types.iter().map(|t| (t, type_ids(view, t.n).1));
        let found = schemas.find(|(t, schema)| schema == wanted || (wanted == "default" && t.n == 0));
        let (user_type, _) = found.ok_or_else(|| Refusal::not_found(wanted, "Schema"))?;
        Ok(Reply::value(&user_schema_json(view, user_type, call.origin)))
    })
}

fn group_schema(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&group_schema_json(view, call.origin))))
}
