//! `/healthz`: whether the server answers. Of everything else it says nothing, because anybody may ask.

/// Where it is: the gate lets it through whatever the request calls this server, because what watches a server calls it
/// by its number, and answers it itself, before anybody looks for a session.
pub(crate) const PATH: &str = "/healthz";

/// Says that it does.
pub(crate) async fn show() -> &'static str {
    "up\n"
}
