//! The HTTP routes, in the words of the wire. Refusals are answers (HTTP 200, `success: false`); only what
//! is no proper request, or the server's own trouble, has another status.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    accounts::{Accounts, SignIn, SignOut, SignUp},
    address::ClientAddress,
    error::Refusal,
    messages::{Language, Phrase},
    metrics::{Metrics, SignInEnd},
    store::Account,
    token::Token,
};

/// Most bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;

/// What the routes share.
#[derive(Clone)]
struct Desk {
    accounts: Arc<Accounts>,
    /// How long a body may take to arrive.
    read_timeout: Duration,
    metrics: Metrics,
}

/// The routes of the server, without the sockets.
pub(crate) fn routes(accounts: Arc<Accounts>, read_timeout: Duration, metrics: Metrics) -> Router {
    Router::new()
        .route("/api/auth/signUp", post(sign_up))
        .route("/api/auth/signIn", post(sign_in))
        .route("/api/auth/signOut", post(sign_out))
        .route("/api/auth/renew", get(renew))
        .route("/api/verify/{code}", get(verify))
        .fallback(not_found)
        .with_state(Desk { accounts, read_timeout, metrics })
}

#[derive(Deserialize)]
struct SignUpBody {
    #[serde(rename = "newUser")]
    new_user: NewUser,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    first_name: String,
    last_name: String,
    email: String,
    password: String,
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
struct SignInBody {
    #[serde(rename = "logedUser")]
    loged_user: LogedUser,
}

#[derive(Deserialize)]
struct LogedUser {
    email: String,
    password: String,
    /// Echoed, and nothing else: whatever it says, the password is checked.
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
struct SignOutBody {
    closeuser: String,
    /// All devices of the person, not only the one whose token this is.
    #[serde(default)]
    everywhere: bool,
}

#[derive(Serialize)]
struct Accepted<T> {
    success: bool,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<T>,
    message: &'static str,
}

#[derive(Serialize)]
struct SignedIn {
    token: String,
    #[serde(rename = "userData")]
    user_data: UserData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserData {
    #[serde(rename = "_id")]
    id: Arc<str>,
    first_name: String,
    last_name: String,
    email: String,
}

async fn not_found(language: Language) -> Response {
    refused(StatusCode::NOT_FOUND, Phrase::NotFound, language)
}

async fn sign_up(State(desk): State<Desk>, language: Language, Sent(body): Sent<SignUpBody>) -> Response {
    let NewUser { first_name, last_name, email, password, from } = body.new_user;
    let form = SignUp { first_name, last_name, email, password };
    match desk.accounts.sign_up(form, language).await {
        Ok(said) => {
            let message = said.text(language);
            Json(Accepted::<()> { success: true, from, response: None, message }).into_response()
        }
        Err(refusal) => answer(&refusal, language),
    }
}

async fn sign_in(
    State(desk): State<Desk>,
    language: Language,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Sent(body): Sent<SignInBody>,
) -> Response {
    let LogedUser { email, password, from } = body.loged_user;
    let address = address.map(|Extension(address)| address);
    let form = SignIn { email, password, token: header_token(&headers), address, language };
    let done = desk.accounts.sign_in(form, desk.accounts.rule()).await;
    desk.metrics.sign_in(match &done {
        Ok(_) => SignInEnd::Right,
        Err(Refusal::Asked(Phrase::WrongCredentials)) => SignInEnd::Wrong,
        Err(Refusal::Asked(_)) => SignInEnd::Refused,
        Err(Refusal::Busy) => SignInEnd::Busy,
        Err(Refusal::Slowed(_)) => SignInEnd::Slowed,
        Err(Refusal::Store(_) | Refusal::Hash(_)) => SignInEnd::Failed,
    });
    match done {
        Ok((account, token)) => signed_in(account, &token, from, language),
        Err(refusal) => answer(&refusal, language),
    }
}

/// Makes the session of a token last longer.
async fn renew(State(desk): State<Desk>, language: Language, headers: HeaderMap) -> Response {
    let Some(token) = header_token(&headers) else {
        return refused(StatusCode::OK, Phrase::TokenMissing, language);
    };
    match desk.accounts.renew(&token).await {
        Ok(account) => signed_in(account, &token, "renew".to_owned(), language),
        Err(refusal) => answer(&refusal, language),
    }
}

fn signed_in(account: Account, token: &Token, from: String, language: Language) -> Response {
    let user_data = UserData {
        id: account.id,
        first_name: account.first_name,
        last_name: account.last_name,
        email: account.email,
    };
    let response = Some(SignedIn { token: token.reveal().to_owned(), user_data });
    let message = Phrase::SignedIn.text(language);
    // The answer holds a token: no cache on the way may keep it.
    let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, Json(Accepted { success: true, from, response, message })).into_response()
}

async fn sign_out(
    State(desk): State<Desk>,
    language: Language,
    headers: HeaderMap,
    Sent(body): Sent<SignOutBody>,
) -> Response {
    let token = header_token(&headers);
    let form = SignOut { email: &body.closeuser, token: token.as_ref(), everywhere: body.everywhere };
    match desk.accounts.sign_out(form).await {
        Ok(()) => Json(()).into_response(),
        Err(refusal) => answer(&refusal, language),
    }
}

async fn verify(State(desk): State<Desk>, language: Language, Path(code): Path<String>) -> Response {
    match desk.accounts.verify(&code).await {
        Ok(true) => Redirect::to("/").into_response(),
        Ok(false) => refused(StatusCode::NOT_FOUND, Phrase::UnknownCode, language),
        Err(refusal) => answer(&refusal, language),
    }
}

/// The token of a request's or handshake's headers: `x-token`, or `Authorization: Bearer`.
pub(crate) fn header_token(headers: &HeaderMap) -> Option<Token> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || {
        let (scheme, rest) = text(AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(rest).and_then(Token::presented)
    };
    text("x-token").and_then(Token::presented).or_else(bearer)
}

/// The language of a request's or handshake's headers.
pub(crate) fn header_language(headers: &HeaderMap) -> Language {
    Language::accepted(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

pub(crate) fn refused(status: StatusCode, phrase: Phrase, language: Language) -> Response {
    (status, Json(json!({ "success": false, "message": phrase.text(language) }))).into_response()
}

/// Too much at present: `wait` says when there is less.
fn come_back(phrase: Phrase, wait: Duration, language: Language) -> Response {
    let mut response = refused(StatusCode::TOO_MANY_REQUESTS, phrase, language);
    // Whole seconds, and none too few.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn answer(refusal: &Refusal, language: Language) -> Response {
    match refusal {
        Refusal::Asked(phrase) => refused(StatusCode::OK, *phrase, language),
        Refusal::Busy => come_back(Phrase::Busy, Duration::from_secs(3), language),
        Refusal::Slowed(wait) => come_back(Phrase::WaitBeforeSignIn, *wait, language),
        Refusal::Store(_) | Refusal::Hash(_) => {
            tracing::error!(%refusal, "a request failed");
            refused(StatusCode::INTERNAL_SERVER_ERROR, Phrase::Failure, language)
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(header_language(&parts.headers))
    }
}

/// A JSON body of bounded size that has arrived in time, whatever its `Content-Type` says.
struct Sent<T>(T);

impl<T: DeserializeOwned> FromRequest<Desk> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Self::Rejection> {
        let language = header_language(request.headers());
        let body = tokio::time::timeout(desk.read_timeout, to_bytes(request.into_body(), BODY_BYTES))
            .await
            .map_err(|_| refused(StatusCode::REQUEST_TIMEOUT, Phrase::RequestTooSlow, language))?
            // The other way to fail, a connection that broke, has nobody left to read the answer.
            .map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE, Phrase::RequestTooLarge, language))?;
        serde_json::from_slice(&body)
            .map(Sent)
            .map_err(|_| refused(StatusCode::BAD_REQUEST, Phrase::IncompleteRequest, language))
    }
}
