//! Cross-origin requests: content runs on other origins than the LRS. No cookie is ever used, so an origin that is
//! let in gains nothing that its credentials do not give.

use actix_web::HttpResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap, HeaderValue, ORIGIN,
};

const ALLOWED_HEADERS: &str = "Accept, Accept-Language, Authorization, Content-Type, Content-Length, If-Match, \
    If-None-Match, If-Range, Range, X-Experience-API-Version, X-Experience-API-Hash, X-Requested-With, X-Request-Id";
const EXPOSED_HEADERS: &str = "Content-Type, ETag, Last-Modified, Accept-Ranges, Content-Range, Retry-After, \
    X-Experience-API-Version, X-Experience-API-Consistent-Through, X-Tessera-Violations, X-Request-Id";
const MAX_AGE_SECONDS: &str = "86400";

/// Which origins may call.
#[derive(Debug, Clone)]
pub enum Origins {
    Any,
    These(Vec<String>),
}

impl Origins {
    /// From the configuration: `*` anywhere in the list means any.
    #[must_use]
    pub fn of(list: &[String]) -> Self {
        if list.iter().any(|origin| origin == "*") {
            Origins::Any
        } else {
            Origins::These(list.to_vec())
        }
    }

    /// The request's origin, if it may call; echoed rather than starred, so that credentialed requests work.
    #[must_use]
    pub fn admit(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        let admitted = match self {
            Origins::Any => true,
            Origins::These(list) => list
                .iter()
                .any(|known| known.as_bytes() == origin.as_bytes()),
        };
        admitted.then(|| origin.clone())
    }
}

/// The answer to a preflight, on every path and without credentials.
#[must_use]
pub fn preflight(methods: &[&str]) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
        .finish()
}

/// Lets the page at `origin` read the answer.
pub fn expose(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED_HEADERS),
    );
}
