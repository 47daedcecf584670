//! From a vendor's error to our category: its codes first, then the words about the context window, then other
//! words, then the status.

use http::StatusCode;

use super::{facts::Facts, got_html, wait};
use crate::{Category, ProviderError, dialect::ResponseHead};

/// Codes that mean the same with every vendor that has them.
const CODES: &[(&str, Category)] = &[
    ("context_length_exceeded", Category::ContextTooLong),
    ("exceed_context_size_error", Category::ContextTooLong),
    ("model_max_prompt_tokens_exceeded", Category::ContextTooLong),
    ("contextwindowexceedederror", Category::ContextTooLong),
    ("request_too_large", Category::ContextTooLong),
    // Cohere.
    ("too_many_tokens", Category::ContextTooLong),
    ("insufficient_quota", Category::NoCredit),
    ("credit_balance_exhausted", Category::NoCredit),
    ("billing_hard_limit_reached", Category::NoCredit),
    ("billing_not_active", Category::NoCredit),
    ("exceeded_current_quota_error", Category::NoCredit),
    ("insufficient_balance", Category::NoCredit),
    ("insufficient_credits", Category::NoCredit),
    ("payment_required", Category::NoCredit),
    // Anthropic, under HTTP 402.
    ("billing_error", Category::NoCredit),
    ("arrearage", Category::NoCredit),
    ("budgetexceedederror", Category::NoCredit),
    // Copilot.
    ("quota_exceeded", Category::NoCredit),
    ("free_quota_exceeded", Category::NoCredit),
    ("overage_limit_reached", Category::NoCredit),
    ("billing_not_configured", Category::NoCredit),
    // Z.ai: balance used up, under HTTP 429.
    ("1113", Category::NoCredit),
    ("invalid_api_key", Category::RejectedKey),
    ("incorrect_api_key", Category::RejectedKey),
    ("invalidapikey", Category::RejectedKey),
    // Google, under HTTP 400.
    ("api_key_invalid", Category::RejectedKey),
    ("authentication_error", Category::RejectedKey),
    ("invalid_authentication_error", Category::RejectedKey),
    ("authenticationerror", Category::RejectedKey),
    ("unauthorized", Category::RejectedKey),
    ("permission_denied", Category::Forbidden),
    ("permission_error", Category::Forbidden),
    ("unsupported_country_region_territory", Category::Forbidden),
    // Google, under HTTP 400: the region, or a project without billing.
    ("failed_precondition", Category::Forbidden),
    // Z.ai: no permission for the model.
    ("1220", Category::Forbidden),
    ("model_not_found", Category::UnknownModel),
    ("deploymentnotfound", Category::UnknownModel),
    ("model_not_available", Category::UnknownModel),
    ("model_not_supported", Category::UnknownModel),
    (WRONG_WIRE, Category::BadRequest),
    ("model_deprecated", Category::UnknownModel),
    ("model_decommissioned", Category::UnknownModel),
    ("invalid_model", Category::UnknownModel),
    ("content_filter", Category::Refused),
    ("content_policy_violation", Category::Refused),
    ("responsibleaipolicyviolation", Category::Refused),
    ("data_inspection_failed", Category::Refused),
    ("refusal", Category::Refused),
    ("overloaded_error", Category::Overloaded),
    ("server_overloaded", Category::Overloaded),
    ("engine_overloaded", Category::Overloaded),
    ("engine_overloaded_error", Category::Overloaded),
    ("provider_overloaded", Category::Overloaded),
    ("provider_unavailable", Category::Overloaded),
    ("service_unavailable", Category::Overloaded),
    ("service_unavailable_error", Category::Overloaded),
    ("serviceunavailableerror", Category::Overloaded),
    ("unavailable_error", Category::Overloaded),
    ("capacity_exceeded", Category::Overloaded),
    ("insufficient_system_resource", Category::Overloaded),
    // xAI's sentence stands in `code`.
    ("the service is currently unavailable", Category::Overloaded),
    // Groq: the model made a malformed call; the same request may well work.
    ("tool_use_failed", Category::Internal),
    ("rate_limit_exceeded", Category::RateLimited),
    ("rate_limit_error", Category::RateLimited),
    ("rate_limit_reached_error", Category::RateLimited),
    ("ratelimiterror", Category::RateLimited),
    ("too_many_requests", Category::RateLimited),
    ("queue_exceeded", Category::RateLimited),
    // Copilot.
    ("rate_limited", Category::RateLimited),
    ("user_model_rate_limited", Category::RateLimited),
    ("integration_rate_limited", Category::RateLimited),
    ("agent_mode_limit_exceeded", Category::RateLimited),
    ("extension_blocked", Category::RateLimited),
];

/// Copilot: the model answers by another wire than the one it was asked by.
const WRONG_WIRE: &str = "unsupported_api_for_model";
/// Copilot: the client says a version that is no longer taken.
const TOO_OLD: u16 = 466;

/// Words about the context window, in lower case.
const OVERFLOW: &[&str] = &[
    "exceeds the context window",
    "maximum context length",
    "max context length",
    "reduce the length of the",
    "prompt is too long",
    "prompt too long",
    "input is too long for requested model",
    "exceed context limit",
    "extra usage is required for long context",
    "exceeds the maximum number of tokens",
    "maximum prompt length is",
    "tokens + max_new_tokens must be <=",
    "exceeded model token limit",
    "context window exceeds limit",
    "exceeds the available context size",
    "greater than the context length",
    "exceeds the context length",
    "longer than the context length",
    "range of input length should be",
];

/// Words that say it is about rates, whatever else they say about tokens.
const RATES: &[&str] = &["rate limit", "throttl", "per minute", "per day", "(tpm)", "(rpm)"];

/// Words about money.
const MONEY: &[&str] = &[
    "insufficient balance",
    // The quota of Cohere's trial keys, under HTTP 429; that of a minute is a matter of rates.
    "api calls / month",
    "insufficient credit",
    "insufficient funds",
    "exceeded your current quota",
    "credit balance is too low",
    "plan and billing details",
    "api usage limits",
];

/// Reads a failure out of an answer of any status.
pub(crate) fn response_error(head: &ResponseHead, body: &[u8]) -> ProviderError {
    let facts = Facts::of_body(body);
    let mut error = provider_error(Some(head.status), &facts);
    error.retry_after = wait::retry_after(head, &Facts::default()).or(error.retry_after);
    error.request_id = request_id(head).or(error.request_id);
    error
}

/// The request id of a response head.
pub(crate) fn request_id(head: &ResponseHead) -> Option<String> {
    ["x-request-id", "request-id", "apim-request-id", "x-amzn-requestid", "x-litellm-call-id", "cf-ray"]
        .iter()
        .find_map(|name| head.header(name))
        .map(str::to_owned)
}

/// Reads a failure out of what was said; `status` is absent for errors inside a stream.
pub(crate) fn provider_error(status: Option<u16>, facts: &Facts) -> ProviderError {
    let judged = status.filter(|s| *s >= 400).or(facts.status).or(status);
    if facts.html && judged.is_none_or(|s| s < 400) {
        return ProviderError { status, ..got_html() };
    }
    let category = category(judged, facts);
    let message = facts.message.clone().unwrap_or_else(|| plain_message(judged, facts));
    let wrong_wire = facts.codes.iter().any(|code| code == WRONG_WIRE);
    let (cause, advice) = match judged {
        _ if facts.html => (Some("got_html"), None),
        Some(TOO_OLD) => (Some("client_too_old"), Some("raise the versions in a vendor file of your own")),
        _ if wrong_wire => (Some("wrong_wire"), Some("fetch the list of models anew: it says how each is asked")),
        _ => (None, None),
    };
    let message = match advice {
        Some(advice) => format!("{} ({advice})", message.trim_end_matches('.')),
        None => message,
    };
    ProviderError {
        category,
        status,
        code: facts.codes.first().cloned(),
        message,
        // The words of a used-up quota of the day still say to come back in seconds.
        retry_after: wait::in_words(facts).filter(|_| category != Category::NoCredit),
        request_id: facts.request_id.clone(),
        cause,
    }
}

fn category(status: Option<u16>, facts: &Facts) -> Category {
    let codes: Vec<String> = facts.codes.iter().map(|c| c.to_ascii_lowercase()).collect();
    let words = facts.message.as_deref().unwrap_or_default().to_lowercase();
    let about_rates = RATES.iter().any(|w| words.contains(w));
    let too_long = !about_rates && may_overflow(status) && overflows(&words);
    match codes.iter().find_map(|c| by_code(c)) {
        // Anthropic has one code for every 429 and every 403, also for a context that is not paid for.
        Some(Category::RateLimited | Category::Forbidden) if too_long => return Category::ContextTooLong,
        Some(found) => return found,
        None if too_long => return Category::ContextTooLong,
        None => {}
    }
    by_words(status, &words).unwrap_or_else(|| by_status(status, &codes, &words))
}

fn by_code(code: &str) -> Option<Category> {
    let known = CODES.iter().find(|(name, _)| *name == code).map(|(_, category)| *category);
    known.or_else(|| {
        if code.ends_with("_spend_limit_exceeded") || code.ends_with("_usage_limit_exceeded") {
            return Some(Category::NoCredit);
        }
        // Google's names of quotas, e.g. `GenerateRequestsPerDayPerProjectPerModel-FreeTier`.
        if code.contains("perday") {
            return Some(Category::NoCredit);
        }
        if code.starts_with("user_global_rate_limited") {
            return Some(Category::RateLimited);
        }
        (code.starts_with("throttling") || code.contains("perminute")).then_some(Category::RateLimited)
    })
}

fn may_overflow(status: Option<u16>) -> bool {
    matches!(status, None | Some(200 | 400 | 403 | 413 | 422 | 429 | 500))
}

fn overflows(words: &str) -> bool {
    OVERFLOW.iter().any(|w| words.contains(w))
        || words.contains("prompt token count of") && words.contains("exceeds the limit of")
        || words.contains("current length is") && words.contains("while limit is")
        || words.contains("limit for this model is") && words.contains("tokens")
}

fn by_words(status: Option<u16>, words: &str) -> Option<Category> {
    let request_error = matches!(status, Some(400 | 404 | 410 | 422));
    if MONEY.iter().any(|w| words.contains(w)) {
        return Some(Category::NoCredit);
    }
    let wrong = ["invalid", "not valid", "incorrect"];
    if status == Some(400) && words.contains("api key") && wrong.iter().any(|word| words.contains(word)) {
        return Some(Category::RejectedKey);
    }
    // Anthropic names nothing but the model: `model: claude-x`.
    if request_error && unknown_model(words) || status == Some(404) && words.starts_with("model: ") {
        return Some(Category::UnknownModel);
    }
    // "server busy, please try again. maximum pending requests exceeded": Ollama, where no status tells it.
    let overloaded = ["overloaded", "capacity exceeded", "server busy"].iter().any(|w| words.contains(w));
    (overloaded && !matches!(status, Some(400..=404))).then_some(Category::Overloaded)
}

fn unknown_model(words: &str) -> bool {
    let about_model = words.contains("model") || words.contains("deployment");
    let missing = ["does not exist", "not found", "no such model", "unknown model", "supported models are"];
    let gone = ["decommissioned", "deprecated", "non-serverless", "no longer available", "not a valid model"];
    about_model && (missing.iter().any(|w| words.contains(w)) || gone.iter().any(|w| words.contains(w)))
}

fn by_status(status: Option<u16>, codes: &[String], words: &str) -> Category {
    match status {
        Some(401) => Category::RejectedKey,
        Some(402) => Category::NoCredit,
        Some(403 | 451) => Category::Forbidden,
        // The vendor's own clocks: 408, 504, 524 say as little about what to do as any other 5xx.
        Some(408 | 409 | 425 | 499) => Category::Internal,
        Some(429) => Category::RateLimited,
        Some(498 | 503 | 529) => Category::Overloaded,
        Some(400..=498) => Category::BadRequest,
        Some(500..=599) => Category::Internal,
        _ if words.contains("rate limit") => Category::RateLimited,
        _ if codes.iter().any(|c| c == "invalid_request_error" || c == "badrequesterror") => Category::BadRequest,
        _ => Category::Internal,
    }
}

/// A sentence of ours where the vendor has none.
fn plain_message(status: Option<u16>, facts: &Facts) -> String {
    let name = status.and_then(|s| StatusCode::from_u16(s).ok()).and_then(|s| s.canonical_reason());
    match (status, name, facts.codes.first()) {
        (_, _, Some(code)) if status.is_none() => format!("The vendor reports `{code}`"),
        (Some(status), Some(name), _) => format!("HTTP {status} {name}"),
        (Some(status), None, _) => format!("HTTP {status}"),
        (None, ..) => "The vendor reports an error without saying which".to_owned(),
    }
}
