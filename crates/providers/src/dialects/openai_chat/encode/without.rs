//! What a server turned out not to take, left out of the next request.

use serde_json::Value;

use crate::{ChatRequest, ProviderError};

pub(super) const STREAM_OPTIONS: &str = "stream_options";

/// The request without what this refusal names: the wish for token counts at the end of a stream, which old versions of
/// the API do not know, or the newer name of the output limit. `None` where it names neither.
pub(in crate::dialects) fn without(request: &ChatRequest, refusal: &ProviderError) -> Option<ChatRequest> {
    if !matches!(refusal.status, Some(400 | 422)) {
        return None;
    }
    let said = refusal.message.to_ascii_lowercase();
    let mut simpler = request.clone();
    if said.contains(STREAM_OPTIONS) && tells_stream_options(request) {
        simpler.extra.insert(STREAM_OPTIONS.to_owned(), Value::Null);
        return Some(simpler);
    }
    // A model that wants the newer name says "instead".
    let is_old = said.contains("max_completion_tokens") && !said.contains("instead");
    let limit = simpler.parameters.max_tokens.take().filter(|_| is_old)?;
    simpler.extra.entry("max_tokens").or_insert_with(|| limit.into());
    Some(simpler)
}

/// Whether it was not refused before.
pub(super) fn tells_stream_options(request: &ChatRequest) -> bool {
    request.extra.get(STREAM_OPTIONS) != Some(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Message, Role, catalog::Catalog, dialect::Dialect, dialects::openai_chat::OpenaiChat};

    fn refused(status: u16, message: &str) -> ProviderError {
        ProviderError { status: Some(status), ..ProviderError::new(Category::BadRequest, message) }
    }

    fn request() -> ChatRequest {
        let mut request = ChatRequest::new("m", vec![Message::text(Role::User, "Hi")]);
        request.parameters.max_tokens = Some(7);
        request
    }

    fn body(request: &ChatRequest) -> Value {
        let vendor = Catalog::bundled().get("azure").unwrap();
        serde_json::from_str(&OpenaiChat.chat(vendor, request, true).unwrap().body.unwrap()).unwrap()
    }

    #[test]
    fn what_an_old_version_does_not_know_is_left_out_once() {
        let refusal = refused(400, "Unrecognized request argument supplied: stream_options");
        let simpler = without(&request(), &refusal).unwrap();
        assert_eq!(body(&request())["stream_options"]["include_usage"], true);
        assert!(!body(&simpler).as_object().unwrap().contains_key(STREAM_OPTIONS));
        assert!(without(&simpler, &refusal).is_none(), "nothing is left to take away");
    }

    #[test]
    fn the_limit_gets_its_older_name_where_the_newer_is_refused() {
        let refusal = refused(422, "Extra inputs are not permitted: max_completion_tokens");
        let (before, after) = (body(&request()), body(&without(&request(), &refusal).unwrap()));
        assert_eq!((&before["max_completion_tokens"], &after["max_tokens"]), (&7.into(), &7.into()));
        assert!(after.get("max_completion_tokens").is_none());
        let mut unlimited = request();
        unlimited.parameters.max_tokens = None;
        assert!(without(&unlimited, &refusal).is_none());
    }

    #[test]
    fn other_refusals_change_nothing() {
        for (status, message) in [
            (400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
            (400, "bad"),
            (500, "stream_options"),
        ] {
            assert!(without(&request(), &refused(status, message)).is_none(), "{message}");
        }
    }
}
