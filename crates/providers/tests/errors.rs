//! What an error answer is read as: category, words, hints.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use parlance_providers::{
    Category::{self, *},
    ProviderError,
    catalog::{Catalog, DialectId},
    dialect::ResponseHead,
    dialects::dialect,
};

fn read(status: u16, headers: &[(&str, &str)], body: &str) -> ProviderError {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let vendor = Catalog::bundled().get("openai-compatible").unwrap();
    dialect(DialectId::OpenaiChat).unwrap().error(vendor, &ResponseHead { status, headers }, body.as_bytes())
}

/// What the words of Cohere mean, and its number that others use for something else.
#[test]
fn the_category_table_of_cohere() {
    let vendor = Catalog::bundled().get("cohere").unwrap();
    let read = |status: u16, body: &str| {
        let head = ResponseHead { status, headers: Vec::new() };
        dialect(DialectId::Cohere).unwrap().error(vendor, &head, body.as_bytes())
    };
    let table: &[(u16, &str, Category)] = &[
        (401, "invalid api token", RejectedKey),
        (404, "model 'x' not found, make sure the correct model ID was used", UnknownModel),
        (400, "invalid request: message must be at least 1 token long", BadRequest),
        (
            400,
            "too many tokens: size limit exceeded by 9 tokens. The limit for this model is 8 tokens.",
            ContextTooLong,
        ),
        (400, "too many tokens: total number of tokens in the prompt cannot exceed 4081", ContextTooLong),
        (422, "tool_choice is not supported with this model", BadRequest),
        (429, "You are using a Trial key, which is limited to 1000 API calls / month.", NoCredit),
        (429, "You are using a Trial key, which is limited to 20 API calls / minute.", RateLimited),
        (429, "too many requests", RateLimited),
        (498, "blocked output: please adjust your prompt and try again", Refused),
        (499, "request cancelled by user", Internal),
        (500, "internal server error", Internal),
        (503, "service unavailable", Overloaded),
    ];
    for (status, words, category) in table {
        let code = if words.starts_with("too many tokens") { "\"error_type\":\"TOO_MANY_TOKENS\"," } else { "" };
        let error = read(*status, &format!("{{{code}\"id\":\"e7\",\"message\":\"{words}\"}}"));
        assert_eq!((error.category, error.message.as_str()), (*category, *words), "{status} {words}");
        assert_eq!((error.status, error.request_id.as_deref()), (Some(*status), Some("e7")));
    }
}

#[test]
fn the_category_table() {
    let table: &[(u16, &str, Category)] = &[
        (401, r#"{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}"#, RejectedKey),
        (401, "", RejectedKey),
        (400, r#"{"error":{"message":"API key not valid. Please pass a valid API key."}}"#, RejectedKey),
        (402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#, NoCredit),
        (403, r#"{"error":{"message":"Not allowed"}}"#, Forbidden),
        (403, r#"{"error":{"message":"tokens + max_new_tokens must be <= 8193"}}"#, ContextTooLong),
        (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#, UnknownModel),
        (404, r#"{"error":{"message":"Not Found"}}"#, BadRequest),
        (400, r#"{"detail":"Model x is not supported. Supported models are [y]."}"#, UnknownModel),
        (400, r#"{"error":{"message":"Unable to access non-serverless model x"}}"#, UnknownModel),
        (
            400,
            r#"{"error":{"message":"Unsupported parameter: 'temperature'","type":"invalid_request_error"}}"#,
            BadRequest,
        ),
        (400, r#"{"error":{"message":"max_tokens is too large: 99"}}"#, BadRequest),
        (400, r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#, ContextTooLong),
        (400, r#"{"error":{"code":400,"message":"x","type":"exceed_context_size_error"}}"#, ContextTooLong),
        (
            400,
            r#"{"error":{"message":"This model's maximum prompt length is 5 but the request contains 6"}}"#,
            ContextTooLong,
        ),
        (400, r#"{"error":{"message":"Your request exceeded model token limit: 5"}}"#, ContextTooLong),
        (400, r#"{"error":{"message":"prompt token count of 9 exceeds the limit of 8"}}"#, ContextTooLong),
        (500, r#"{"error":{"message":"the request exceeds the available context size"}}"#, ContextTooLong),
        (502, r#"{"error":{"message":"maximum context length"}}"#, Internal),
        (400, r#"{"error":{"message":"litellm.ContextWindowExceededError: too long","code":"400"}}"#, ContextTooLong),
        (
            413,
            r#"{"error":{"message":"Request too large for model on tokens per minute (TPM): Limit 6000","code":"rate_limit_exceeded"}}"#,
            RateLimited,
        ),
        (400, r#"{"error":{"message":"rate limit: maximum context length tokens per minute"}}"#, BadRequest),
        (422, r#"{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}"#, BadRequest),
        (400, "", BadRequest),
        (429, r#"{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#, RateLimited),
        (429, "", RateLimited),
        (429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#, NoCredit),
        (429, r#"{"error":{"message":"x","code":"project_spend_limit_exceeded"}}"#, NoCredit),
        (429, r#"{"error":{"code":"1113","message":"x"}}"#, NoCredit),
        (429, r#"{"error":{"code":"1302","message":"x"}}"#, RateLimited),
        (400, r#"{"error":{"message":"x","code":"Arrearage"}}"#, NoCredit),
        (400, r#"{"error":{"message":"x","code":"data_inspection_failed"}}"#, Refused),
        (400, r#"{"error":{"message":"x","code":"content_filter"}}"#, Refused),
        (429, r#"{"error":{"message":"x","code":"Throttling.RateQuota"}}"#, RateLimited),
        (400, r#"{"error":{"message":"x","type":"invalid_request_error","code":"tool_use_failed"}}"#, Internal),
        (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, Overloaded),
        (529, "", Overloaded),
        (498, r#"{"error":{"message":"capacity exceeded"}}"#, Overloaded),
        (500, r#"{"error":{"message":"The engine is currently overloaded"}}"#, Overloaded),
        (500, "oops", Internal),
        (502, "<html><body>Bad gateway</body></html>", Internal),
        (408, "", Internal),
        (504, "", Internal),
        (524, "", Internal),
        (200, r#"{"error":{"message":"x","type":"overloaded_error"}}"#, Overloaded),
        (200, r#"{"error":{"message":"x","code":429}}"#, RateLimited),
        (200, r#"{"error":{"message":"x","type":"server_error"}}"#, Internal),
        (200, "<!doctype html><p>Sign in", BrokenStream),
        (
            400,
            r#"{"error":{"message":"x","metadata":{"error_type":"context_length_exceeded"},"code":400}}"#,
            ContextTooLong,
        ),
    ];
    for (status, body, category) in table {
        let error = read(*status, &[], body);
        assert_eq!((error.category, error.status), (*category, Some(*status)), "{status} {body}");
    }
}

#[test]
fn the_vendors_sentence_is_found_in_every_shape() {
    let table = [
        (r#"{"error":{"message":"words","type":"t","param":null,"code":null}}"#, Some("t")),
        (r#"{"object":"error","message":"words","type":"t","param":null,"code":"3051"}"#, Some("3051")),
        (r#"{"message":"words","type":"t","param":"p","code":"c"}"#, Some("c")),
        (r#"{"error":"words"}"#, None),
        (r#"{"code":"c","error":"words"}"#, Some("c")),
        (r#"{"detail":"words"}"#, None),
        (r#"{"detail":[{"loc":["a"],"msg":"words","type":"missing"}]}"#, None),
        (r#"{"errors":[{"message":"words"}]}"#, None),
        (r#"[{"error":{"message":"words","code":400,"status":"INVALID_ARGUMENT"}}]"#, Some("400")),
        (r#""words""#, None),
        ("words", None),
    ];
    for (body, code) in table {
        let error = read(400, &[], body);
        assert_eq!((error.message.as_str(), error.code.as_deref()), ("words", code), "{body}");
    }
}

#[test]
fn without_words_the_status_speaks() {
    assert_eq!(read(503, &[], "").message, "HTTP 503 Service Unavailable");
    assert_eq!(read(529, &[], "{}").message, "HTTP 529");
    let page = read(502, &[], "<html>secret internals</html>");
    assert_eq!((page.message.as_str(), page.cause), ("HTTP 502 Bad Gateway", Some("got_html")));
    assert_eq!(read(200, &[], "<html>").cause, Some("got_html"));
}

#[test]
fn hints_and_request_ids_come_along() {
    let body = r#"{"error":{"message":"Please try again in 7.66s.","code":"rate_limit_exceeded"}}"#;
    let error = read(429, &[("x-request-id", "req_1")], body);
    assert_eq!(error.retry_after, Some(Duration::from_millis(7660)));
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
    assert_eq!(read(429, &[("retry-after", "2")], body).retry_after, Some(Duration::from_secs(2)));
    let google = r#"{"error":{"code":429,"message":"x","details":[{"retryDelay":"37s"}]}}"#;
    assert_eq!(read(429, &[], google).retry_after, Some(Duration::from_secs(37)));
}

#[test]
fn an_error_inside_a_200_answer_is_an_error() {
    let vendor = Catalog::bundled().get("openai-compatible").unwrap();
    let dialect = dialect(DialectId::OpenaiChat).unwrap();
    let head = ResponseHead { status: 200, headers: vec![("x-request-id".into(), "req_2".into())] };
    let error = dialect.response(vendor, &head, br#"{"code":"c","error":"No"}"#).unwrap_err();
    assert_eq!((error.message.as_str(), error.status, error.request_id.as_deref()), ("No", Some(200), Some("req_2")));
    for (body, cause) in [("", "empty"), ("<html>", "got_html"), ("{}", "unreadable"), ("{\"choices\":[{", "cut_off")] {
        let error = dialect.response(vendor, &head, body.as_bytes()).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, Some(cause)), "{body}");
    }
}

#[test]
fn model_lists_in_every_shape() {
    let vendor = Catalog::bundled().get("openai-compatible").unwrap();
    let dialect = dialect(DialectId::OpenaiChat).unwrap();
    let head = ResponseHead { status: 200, headers: vec![] };
    for body in [
        r#"{"object":"list","data":[{"id":"a","context_window":8192},{"id":"a"},{"id":"b","name":"Bee","max_output_tokens":5},{}]}"#,
        r#"[{"id":"a","context_length":8192},{"id":"b","display_name":"Bee","max_completion_tokens":5}]"#,
        r#"{"models":[{"key":"a","max_context_length":8192},{"key":"b","display_name":"Bee","max_output_tokens":5}]}"#,
    ] {
        let (models, next) = dialect.model_list(vendor, &head, body.as_bytes()).unwrap();
        assert_eq!(next, None);
        let read: Vec<_> = models.iter().map(|m| (m.id.as_str(), m.name.as_deref(), m.context, m.max_output)).collect();
        assert_eq!(read, [("a", None, Some(8192), None), ("b", Some("Bee"), None, Some(5))], "{body}");
    }
    for (body, cause) in [("<html>", Some("got_html")), ("nothing", Some("unreadable")), ("{}", Some("unreadable"))] {
        let error = dialect.model_list(vendor, &head, body.as_bytes()).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, cause), "{body}");
    }
}
