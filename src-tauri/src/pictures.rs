//! Pictures of people for the page, under an address of the app's own: `picture://localhost/NUMBER`.

use presente_core::pictures::{PictureKey, Pictures};
use tauri::{
    Builder, Runtime,
    http::{Response, StatusCode, header},
};

/// The scheme of the address; the page's content security policy names it too.
const SCHEME: &str = "picture";

/// Serves the pictures that the core has made; there are no others.
pub(crate) fn serve<R: Runtime>(builder: Builder<R>, pictures: Pictures) -> Builder<R> {
    builder.register_uri_scheme_protocol(SCHEME, move |_, request| {
        let key = PictureKey::parse(request.uri().path().trim_start_matches('/'));
        answer(key.and_then(|key| pictures.png(key)).map(|png| png.to_vec()))
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
