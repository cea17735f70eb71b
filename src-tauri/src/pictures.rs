//! Pictures of people for the page, under an address of the app's own: `picture://localhost/NUMBER`.

use crate::resident::Resident;
use tauri::{
    Builder, Manager, Runtime,
    http::{Response, StatusCode, header},
};

/// The scheme of the address; the page's content security policy names it too.
const SCHEME: &str = "picture";

/// Serves the pictures that the core has made; there are no others.
pub(crate) fn serve<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.register_asynchronous_uri_scheme_protocol(SCHEME, |context, request, responder| {
        let number = request.uri().path().trim_start_matches('/').to_owned();
        let resident = context.app_handle().state::<Resident>();
        resident.picture(number, Box::new(move |png| responder.respond(answer(png))));
    })
}

fn answer(png: Option<Vec<u8>>) -> Response<Vec<u8>> {
    let status = if png.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut response = Response::new(png.unwrap_or_default());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/png"));
    // A number is never used for another picture.
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("max-age=86400, immutable"));
    response
}
