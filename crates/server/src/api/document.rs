//! The OpenAPI document, made from what handlers declare and from what the route table says that they need.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, License, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, ResponseBuilder,
    Schema, SecurityRequirement, Tag,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::auth::Need;
use crate::error::Told;
use crate::{App, Error, Visit};

/// What a handler declares of itself.
#[derive(Clone)]
pub(crate) struct Described {
    pub operation: Operation,
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

/// What belongs together, in the order of the page.
pub(super) const TAGS: [&str; 7] =
    ["Connections", "Sync", "Coverage", "Inventory", "Members", "Token", "Audit"];

/// What the document calls how requests show who they are.
const BEARER: &str = "token";

impl Described {
    /// Takes apart what `routes!` makes of a handler: path, method, what it declares, the handler itself.
    pub fn of(
        made: UtoipaMethodRouter<App>,
    ) -> Option<(String, Method, Self, axum::routing::MethodRouter<App>)> {
        let (schemas, paths, handler) = made;
        let (path, item) = paths.paths.into_iter().next()?;
        let (method, operation) = only(item)?;
        Some((path, method, Self { operation, schemas }, handler))
    }

    /// The operation, with the answers that the guard gives, and who may.
    fn whole(&self, need: Need, path: &str) -> Operation {
        let mut operation = self.operation.clone();
        operation.operation_id = operation.summary.as_deref().map(id_of);
        let who = match need {
            Need::Open | Need::Public => None,
            Need::SignedIn => Some("any token".to_string()),
            Need::Whole(role) => Some(format!("a token with the role {} for every org", role.label())),
            Need::Connect => Some(
                "a token with the role Admin for every org, or Owner where connecting is by invitation"
                    .to_string(),
            ),
            Need::Org(role) => Some(format!("a token with the role {} for the org", role.label())),
        };
        if let Some(who) = &who {
            let told = operation.description.take().unwrap_or_default();
            operation.description = Some(format!("{told}\n\nTakes {who}.").trim().to_string());
            operation.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
        }
        for status in self.problems(need, path) {
            let words = problem(status);
            let document = Content::new(Some(Ref::from_schema_name("Problem")));
            let answer =
                ResponseBuilder::new().description(words).content("application/problem+json", document);
            operation.responses.responses.entry(status.to_string()).or_insert_with(|| answer.build().into());
        }
        operation
    }

    /// The statuses of problems that it may answer with.
    fn problems(&self, need: Need, path: &str) -> BTreeSet<u16> {
        let mut all = BTreeSet::from([429]);
        let asks = self
            .operation
            .parameters
            .iter()
            .flatten()
            .any(|p| matches!(p, RefOr::T(p) if matches!(p.parameter_in, ParameterIn::Query)));
        let sends = self.operation.request_body.is_some();
        let changes = !self.operation.responses.responses.contains_key("200")
            || sends
            || need != Need::Org(transom_core::Role::Viewer);
        if !matches!(need, Need::Open | Need::Public) {
            all.insert(401);
        }
        if matches!(need, Need::Whole(_) | Need::Connect | Need::Org(_)) {
            all.insert(403);
        }
        if path.contains('{') {
            all.extend([400, 404]);
        }
        if asks || sends {
            all.insert(400);
        }
        if sends {
            all.extend([413, 415, 422]);
        }
        if changes {
            all.extend([409, 422, 424]);
        }
        all
    }
}

fn problem(status: u16) -> &'static str {
    match status {
        400 => "What the address or the body asks for is not to be had; the problem names the field.",
        401 => "No token, or one that does not work.",
        403 => "The token's role does not allow it.",
        404 => "There is no such thing, or the token may not see it.",
        409 => "The state of things does not allow it.",
        413 => "The body is too long.",
        415 => "The body is no JSON.",
        422 => "A field holds what it can't hold; the problem names it.",
        424 => "Okta, or what is between, did not do it; the problem says what to do.",
        _ => "Too many requests; Retry-After says how many seconds to wait.",
    }
}

/// The id of an operation, from its title: `List API tokens` is `listApiTokens`.
fn id_of(title: &str) -> String {
    let words =
        title.split(' ').filter(|word| !["a", "an", "the", "of"].contains(word)).map(str::to_lowercase);
    let mut id = String::new();
    for word in words {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !id.is_empty() => id.extend(first.to_uppercase().chain(letters)),
            _ => id.push_str(&word),
        }
    }
    id
}

/// The only operation of a path.
fn only(item: PathItem) -> Option<(Method, Operation)> {
    let all = [
        (Method::GET, item.get),
        (Method::POST, item.post),
        (Method::PUT, item.put),
        (Method::PATCH, item.patch),
        (Method::DELETE, item.delete),
    ];
    all.into_iter().find_map(|(method, operation)| operation.map(|o| (method, o)))
}

fn method(of: &Method) -> utoipa::openapi::HttpMethod {
    use utoipa::openapi::HttpMethod;
    match *of {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// The document of everything under `/api/v1`.
pub(crate) fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API token of Transom: Settings, API tokens."));
    components.security_schemes.insert(BEARER.to_string(), RefOr::T(SecurityScheme::Http(bearer.build())));
    components.schemas.insert("Problem".to_string(), Told::schema());
    let mut nested = Vec::new();
    <Told as ToSchema>::schemas(&mut nested);
    for route in crate::routes::table(false) {
        let Some(described) = &route.described else { continue };
        paths.add_path_operation(
            &route.path,
            vec![method(&route.method)],
            described.whole(route.need, &route.path),
        );
        nested.extend(described.schemas.iter().cloned());
    }
    components.schemas.extend(nested);
    let about = "Connections, verification, syncs, coverage, inventory, members, tokens and the audit, for programs. Long lists come a page at a time: `limit`, and \
                 `cursor` with what `next` of the page before said. Problems are told as RFC 9457 has them. What could \
                 not be read is told as a gap, never as an empty list that looks like a fact.";
    let info = InfoBuilder::new()
        .title("Transom")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about))
        .license(Some(License::new("Apache-2.0")));
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .tags(Some(TAGS.map(Tag::new)))
        .build()
}

/// The document as text.
///
/// # Errors
/// When it can't be written, which would be a fault of ours.
pub fn openapi() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document())
}

/// `/api/v1/openapi.json`
pub(crate) async fn show(_: Visit) -> Result<Response, Error> {
    Ok(([(header::CONTENT_TYPE, "application/json")], Json(document())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_schema() {
        let mut all = std::collections::BTreeMap::new();
        for (name, schema) in
            crate::routes::table(false).into_iter().filter_map(|r| r.described).flat_map(|d| d.schemas)
        {
            let schema = serde_json::to_value(schema).expect("a schema");
            let other = all.insert(name.clone(), schema.clone());
            assert!(other.is_none_or(|other| other == schema), "two schemas are called {name}");
        }
        assert!(all.len() > 20);
    }

    #[test]
    fn ids_are_titles_in_one_word() {
        assert_eq!(
            ["List API tokens", "Show an org", "Who am I"].map(id_of),
            ["listApiTokens", "showOrg", "whoAmI"]
        );
    }
}
