//! The client.

use std::fmt;
use std::sync::Arc;

use futures_util::{Stream, TryStreamExt, stream};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::oauth::Session;
use crate::page::{follow, with_parameter};
use crate::secrets::DroppedSecret;
use crate::send::{Credential, Incoming, Line, Outgoing, Target};
use crate::transport::Transport;
use crate::{
    Call, Clock, Cursor, CursorError, Error, Governor, GovernorSettings, Grant, HttpOptions, List, Listing,
    Origin, Page, PageRead, ProxyInForce, RetrySettings, ServiceApp, Sink, SystemClock, View, Write,
};

/// A client of one Okta org. Cheap to clone; clones share connections and rate limits.
#[derive(Clone)]
pub struct Client(Arc<Line>);

/// Settings of a [`Client`] to be.
pub struct ClientBuilder {
    origin: Origin,
    token: Option<SecretString>,
    app: Option<ServiceApp>,
    http: HttpOptions,
    governor: GovernorSettings,
    retry: RetrySettings,
    clock: Option<Arc<dyn Clock>>,
    user_agent: String,
}

/// The answer to [`Client::request`].
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status, 200–299.
    pub status: u16,
    /// The body, secrets dropped; `Null` when empty.
    pub body: Value,
    /// How the call went.
    pub call: Call,
    /// What was dropped from the body.
    pub dropped: Vec<DroppedSecret>,
}

impl Client {
    /// Starts a client for an origin. Without a token it can ask only for what is public.
    #[must_use]
    pub fn builder(origin: Origin) -> ClientBuilder {
        ClientBuilder {
            origin,
            token: None,
            app: None,
            http: HttpOptions::default(),
            governor: GovernorSettings::default(),
            retry: RetrySettings::default(),
            clock: None,
            user_agent: concat!("okta-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Reads one page: the first, or the one a cursor names.
    ///
    /// # Errors
    /// A cursor that belongs to another listing, and everything in [`Error`].
    pub async fn page(&self, listing: &Listing, at: Option<&Cursor>) -> Result<Page, Error> {
        let mut items = Vec::new();
        let PageRead { next, call, dropped, .. } = self.read(listing, at, &mut items).await?;
        Ok(Page { items, next, call, dropped })
    }

    /// Reads one page as [`page`](Self::page) does, and gives its items to `sink` one by one: only one of them is in
    /// memory as a tree at a time.
    ///
    /// # Errors
    /// As [`page`](Self::page); what the sink was given until then is void.
    pub async fn read(
        &self,
        listing: &Listing,
        at: Option<&Cursor>,
        sink: &mut dyn Sink,
    ) -> Result<PageRead, Error> {
        let target = match at {
            Some(cursor) if !cursor.belongs_to(listing) => {
                return Err(CursorError::foreign().into());
            }
            Some(cursor) => cursor.as_str().to_owned(),
            None => listing.first(),
        };
        let out = Outgoing {
            method: Method::GET,
            route: listing.route,
            target,
            body: None,
            page_size: listing.page_size,
            spare: listing.spare,
        };
        let mut into = Some(Target { listing, sink });
        let incoming = self.0.send(out, &mut into).await?;
        let body = incoming.body;
        let empty = body.items == 0;
        let next = body.next.map(|link| follow(listing, &incoming.target, &link, empty)).transpose()?;
        // Okta echoes the page size in `next`; where it does not, the smaller size is kept all the same.
        let next = match (next, incoming.shrunk, listing.page_size) {
            (Some(next), Some(size), Some(page_size)) => {
                Some(Cursor::parse(&with_parameter(next.as_str(), page_size.param, size))?)
            }
            (next, _, _) => next,
        };
        Ok(PageRead { items: body.items, next, call: incoming.call, dropped: body.dropped })
    }

    /// Reads page after page, each when the caller asks for it. Ends after the last page, after an error, or, for a
    /// feed ([`Listing::is_feed`]), after the first page without items: keep its cursor and ask again later.
    pub fn pages(&self, listing: Listing) -> impl Stream<Item = Result<Page, Error>> + Send + use<> {
        enum At {
            Start,
            Cursor(Cursor),
            End,
        }
        let client = self.clone();
        stream::try_unfold((client, listing, At::Start), |(client, listing, at)| async move {
            let cursor = match &at {
                At::Start => None,
                At::Cursor(cursor) => Some(cursor),
                At::End => return Ok(None),
            };
            let page = client.page(&listing, cursor).await?;
            let caught_up = listing.is_feed() && page.items.is_empty();
            let next = page.next.clone().filter(|_| !caught_up).map_or(At::End, At::Cursor);
            Ok(Some((page, (client, listing, next))))
        })
    }

    /// Reads item after item. Ends as [`pages`](Self::pages) does.
    pub fn stream<T: View>(&self, list: List<T>) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        self.pages(list.into_listing())
            .map_ok(|page| stream::iter(page.items.into_iter().map(|item| Ok(T::from(item)))))
            .try_flatten()
    }

    /// Reads one object (or the first of a listing).
    ///
    /// # Errors
    /// [`Error::Decode`] when there is none, and everything in [`Error`].
    pub async fn get_one<T: View>(&self, list: List<T>) -> Result<T, Error> {
        let route = list.listing().route;
        let page = self.page(list.listing(), None).await?;
        page.items.into_iter().next().map(T::from).ok_or_else(|| Error::Decode {
            route: route.to_owned(),
            path: "$[0]".to_owned(),
            detail: "expected an object, got an empty list".to_owned(),
        })
    }

    /// Any other call, under the same governor and errors. `path` starts with `/` and is already percent-encoded;
    /// `query` is not. A write is tried again only where Okta refused it unread (429) or never saw it.
    ///
    /// # Errors
    /// [`Error::Setting`] for a path that is none, and everything in [`Error`].
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Response, Error> {
        let path = Cursor::parse(path).map_err(Error::Cursor)?;
        if path.as_str().contains('?') {
            let problem = "it has a “?”. Expected a path alone; give the parameters as query".to_owned();
            return Err(Error::Setting { setting: "path", problem });
        }
        let mut target = path.as_str().to_owned();
        if !query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            target = format!("{target}?{query}");
        }
        self.whole(method, path.as_str(), target, body.as_ref()).await
    }

    /// Makes a change. It is tried again only where Okta refused it unread (429) or never saw it.
    ///
    /// # Errors
    /// Everything in [`Error`]. After one without an answer of Okta's nobody knows whether the change was made.
    pub async fn write(&self, write: &Write) -> Result<Response, Error> {
        self.whole(write.method.clone(), write.route, write.target(), write.body.as_ref()).await
    }

    async fn whole(
        &self,
        method: Method,
        route: &str,
        target: String,
        body: Option<&Value>,
    ) -> Result<Response, Error> {
        let out = Outgoing { method, route, target, body, page_size: None, spare: None };
        let incoming = self.0.send(out, &mut None).await?;
        let Incoming { body, call, .. } = incoming;
        Ok(Response { status: call.status, body: body.value, call, dropped: body.dropped })
    }

    /// What the access token of a service app allows; asks for one where there is none. `None`: another credential.
    ///
    /// # Errors
    /// [`Error::ClientRejected`], [`Error::ScopesRefused`], [`Error::ProofRefused`], and whatever a call can fail with.
    pub async fn grant(&self) -> Result<Option<Grant>, Error> {
        match &self.0.credential {
            Some(Credential::Service(session)) => {
                Ok(Some(Session::grant(&session.pass(&self.0).await?).clone()))
            }
            _ => Ok(None),
        }
    }

    /// The client id of the service app that this client is.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match &self.0.credential {
            Some(Credential::Service(session)) => Some(session.client_id()),
            _ => None,
        }
    }

    /// The governor, for its numbers.
    #[must_use]
    pub fn governor(&self) -> &Governor {
        &self.0.governor
    }

    /// What is called.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.0.transport.origin()
    }

    /// The proxy calls go through, to be shown.
    #[must_use]
    pub fn proxy(&self) -> Option<&ProxyInForce> {
        self.0.transport.proxy()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("origin", &self.origin().to_string())
            .field("proxy", &self.proxy().map(ToString::to_string))
            .field("authenticated", &self.0.credential.is_some())
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// An Okta API token (SSWS).
    #[must_use]
    pub fn token(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// A service app, in place of a token.
    #[must_use]
    pub fn service_app(mut self, app: ServiceApp) -> Self {
        self.app = Some(app);
        self
    }

    /// How to reach Okta.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// How much of the rate limits to use.
    #[must_use]
    pub fn governor(mut self, settings: GovernorSettings) -> Self {
        self.governor = settings;
        self
    }

    /// How often to try again.
    #[must_use]
    pub fn retry(mut self, settings: RetrySettings) -> Self {
        self.retry = settings;
        self
    }

    /// Where time comes from; the machine by default.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Who is calling, as Okta's logs will show it. Default `okta-client/VERSION`.
    #[must_use]
    pub fn user_agent(mut self, text: impl Into<String>) -> Self {
        self.user_agent = text.into();
        self
    }

    /// Builds the client. Calls nothing.
    ///
    /// # Errors
    /// [`Error::Setting`] for a credential that cannot be one, a credential for a custom domain, a proxy or CA file that
    /// cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let credential = match (self.token, self.app) {
            (Some(_), _) | (_, Some(_)) if !self.origin.takes_credentials() => {
                let problem = format!(
                    "{} is a custom domain, where anyone could answer. Expected the org's Okta host name; \
                     find it with discover()",
                    self.origin.host()
                );
                return Err(Error::Setting { setting: "origin", problem });
            }
            (_, Some(app)) => Some(Credential::Service(Box::new(Session::new(app)?))),
            (Some(token), None) => {
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, authorization(&token)?);
                Some(Credential::Token(headers))
            }
            (None, None) => None,
        };
        let transport = Transport::new(self.origin, &self.http, &self.user_agent)?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let governor = Governor::new(self.governor, clock);
        Ok(Client(Arc::new(Line { transport, governor, retry: self.retry, credential })))
    }
}

fn authorization(token: &SecretString) -> Result<HeaderValue, Error> {
    let token = token.expose_secret().trim();
    let token = token.strip_prefix("SSWS ").unwrap_or(token).trim();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        let problem = if token.is_empty() {
            "it is empty. Expected the text Okta showed once when the token was created"
        } else {
            "it has spaces or characters no token has. Expected the text Okta showed once when the token was created; \
             copy that alone"
        };
        return Err(Error::Setting { setting: "token", problem: problem.to_owned() });
    }
    let text = Zeroizing::new(format!("SSWS {token}"));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::Setting {
        setting: "token",
        problem: "it cannot be sent in a header".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
