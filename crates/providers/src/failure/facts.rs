//! What an error body says, in whichever of its many shapes.

use serde_json::Value;

/// The longest message that is kept, in characters.
const LONGEST: usize = 1000;
/// Categories of a content filter that are looked at.
const MOST_VERDICTS: usize = 30;

/// The words of an error.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// The vendor's own sentence.
    pub(crate) message: Option<String>,
    /// `code` and `type` and what else names the kind of error, the most specific first.
    pub(crate) codes: Vec<String>,
    /// A status inside the body, for errors inside a 200.
    pub(crate) status: Option<u16>,
    /// The vendor's request id, where the body has it.
    pub(crate) request_id: Option<String>,
    /// Google's `retryDelay`, e.g. `37s`.
    pub(crate) retry_delay: Option<String>,
    /// The body is a web page.
    pub(crate) html: bool,
}

impl Facts {
    /// Reads a whole body.
    pub(crate) fn of_body(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let mut facts = Self::default();
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(items)) => items.first().into_iter().for_each(|first| facts.read(first)),
            Ok(value) => facts.read(&value),
            Err(_) if text.starts_with('<') => facts.html = true,
            Err(_) if !text.is_empty() => facts.message = Some(clean(text)),
            Err(_) => {}
        }
        facts
    }

    /// Reads the value of an `error` field.
    pub(crate) fn of_error(error: &str) -> Self {
        let mut facts = Self::default();
        if let Ok(value) = serde_json::from_str::<Value>(error) {
            facts.error(&value);
        }
        facts
    }

    /// True where the vendor said anything.
    pub(crate) fn has_words(&self) -> bool {
        self.message.is_some() || !self.codes.is_empty()
    }

    fn read(&mut self, body: &Value) {
        if let Value::String(text) = body {
            self.say(text);
        }
        if let Some(error) = body.get("error") {
            self.error(error);
        }
        self.object(body);
        match body.get("detail") {
            Some(Value::String(text)) => self.say(text),
            Some(Value::Array(items)) => {
                if let Some(item) = items.iter().find(|item| item.get("msg").is_some_and(Value::is_string)) {
                    self.say(&unknown_field(item));
                }
            }
            Some(detail) => self.object(detail),
            None => {}
        }
        if let Some(text) = body.pointer("/errors/0/message").and_then(Value::as_str) {
            self.say(text);
        }
        if let Some(id) = body.get("request_id").or(body.get("id")).and_then(Value::as_str) {
            self.request_id.get_or_insert_with(|| id.to_owned());
        }
    }

    fn error(&mut self, error: &Value) {
        match error {
            Value::String(text) => self.say(text),
            Value::Object(_) => self.object(error),
            _ => {}
        }
    }

    /// An object with `message`, `code`, `type`.
    fn object(&mut self, error: &Value) {
        if let Some(kind) = error.pointer("/metadata/error_type").and_then(Value::as_str) {
            self.codes.push(kind.to_owned());
        }
        for key in ["code", "status_code", "status", "raw_status_code"] {
            self.code(error.get(key).filter(|code| key != "status" || !is_health(code)));
        }
        for key in ["type", "error_type"] {
            match error.get(key).and_then(Value::as_str) {
                Some(kind) if !kind.is_empty() && kind != "error" => self.codes.push(kind.to_owned()),
                _ => {}
            }
        }
        for key in ["message", "msg", "error_message"] {
            match error.get(key) {
                Some(Value::String(text)) => self.say(text),
                // Some nest the error of their own upstream here.
                Some(inner @ Value::Object(_)) => {
                    if let Some(text) = inner.get("message").or(inner.get("detail")).and_then(Value::as_str) {
                        self.say(text);
                    }
                }
                _ => {}
            }
        }
        if let Some(details) = error.get("details").and_then(Value::as_array) {
            self.details(details);
        }
        if let Some(inner) = error.get("innererror").or(error.get("inner_error")) {
            self.filtered(inner);
        }
    }

    /// Azure's content filter: which of its categories it was.
    fn filtered(&mut self, inner: &Value) {
        self.code(inner.get("code"));
        let verdicts = inner.get("content_filter_result").or(inner.get("content_filter_results"));
        let Some(verdicts) = verdicts.and_then(Value::as_object) else { return };
        let hit = |(name, verdict): (&String, &Value)| {
            let filtered = verdict.get("filtered").and_then(Value::as_bool) == Some(true);
            let severity = verdict.get("severity").and_then(Value::as_str);
            filtered.then(|| severity.map_or_else(|| name.clone(), |severity| format!("{name}: {severity}")))
        };
        let hits: Vec<String> = verdicts.iter().take(MOST_VERDICTS).filter_map(hit).collect();
        if let Some(message) = self.message.as_mut().filter(|_| !hits.is_empty()) {
            *message = clean(&format!("{message} ({})", hits.join(", ")));
        }
    }

    /// Google's details (`google.rpc.ErrorInfo`, `QuotaFailure`, `RetryInfo`).
    fn details(&mut self, details: &[Value]) {
        if let Some(reason) = details.iter().find_map(|d| d.get("reason")?.as_str()) {
            self.codes.insert(0, reason.to_owned());
        }
        let violations = details.iter().filter_map(|d| d.get("violations")?.as_array()).flatten();
        let quotas: Vec<&str> = violations.filter_map(|v| v.get("quotaId")?.as_str()).collect();
        // The quota of the day is the one that decides, whichever else is used up.
        let day = quotas.iter().find(|quota| quota.contains("PerDay"));
        if let Some(quota) = day.or(quotas.first()) {
            self.codes.insert(0, (*quota).to_owned());
        }
        // The delay that comes with a quota of the day is far too short.
        if day.is_none() {
            self.retry_delay = details.iter().find_map(|d| d.get("retryDelay")?.as_str()).map(str::to_owned);
        }
    }

    fn code(&mut self, code: Option<&Value>) {
        let text = match code {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return,
        };
        if let Some(status) = text.parse().ok().filter(|s| (400..600).contains(s)) {
            self.status.get_or_insert(status);
        }
        if !self.codes.contains(&text) {
            self.codes.push(text);
        }
    }

    fn say(&mut self, text: &str) {
        if self.message.is_none() && !text.trim().is_empty() {
            self.message = Some(clean(text));
            // LiteLLM puts the class of the error in front: `litellm.RateLimitError: …`.
            if let Some((class, _)) = text.strip_prefix("litellm.").and_then(|t| t.split_once(':')) {
                self.codes.insert(0, class.to_owned());
            }
        }
    }
}

/// What a checker of bodies says of one of its fields; where the field is one too many, its name.
fn unknown_field(item: &Value) -> String {
    let text = item.get("msg").and_then(Value::as_str).unwrap_or_default();
    let named = item.get("loc").and_then(Value::as_array).and_then(|place| place.last()?.as_str());
    match named.filter(|_| item.get("type").and_then(Value::as_str) == Some("extra_forbidden")) {
        Some(name) => format!("{text}: {name}"),
        None => text.to_owned(),
    }
}

/// What a server that is well answers when asked how it is: no kind of error.
fn is_health(status: &Value) -> bool {
    const WELL: [&str; 6] = ["ok", "up", "healthy", "success", "running", "ready"];
    status.as_str().is_some_and(|text| WELL.iter().any(|well| text.eq_ignore_ascii_case(well)))
}

/// Cuts what is too long and blanks what looks like a key: some vendors repeat the key they refuse.
fn clean(text: &str) -> String {
    let text = text.trim();
    let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    blank_keys(&text[..cut])
}

fn blank_keys(text: &str) -> String {
    const PREFIXES: [&str; 9] = ["sk-", "gsk_", "xai-", "pplx-", "hf_", "AIza", "nvapi-", "csk-", "fw_"];
    const LONG_ENOUGH: usize = 16;
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(part_of_word) {
        let len = rest[start..].find(|c| !part_of_word(c)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + len];
        out.push_str(&rest[..start]);
        match PREFIXES.iter().find(|p| word.starts_with(**p)) {
            Some(prefix) if word.len() >= LONG_ENOUGH => {
                out.push_str(prefix);
                out.push('…');
            }
            _ => out.push_str(word),
        }
        rest = &rest[start + len..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_repeated_does_not_come_through() {
        let key = "sk-proj-abcdefghijklmnop0123456789";
        let facts = Facts::of_body(format!(r#"{{"error":{{"message":"Bad key: {key}."}}}}"#).as_bytes());
        assert_eq!(facts.message.as_deref(), Some("Bad key: sk-…."));
    }

    #[test]
    fn the_categories_of_a_content_filter_are_named() {
        let body =
            br#"{"error":{"message":"Filtered.","type":null,"param":"prompt","code":"content_filter","status":400,
            "innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,
            "severity":"high"},"jailbreak":{"detected":true,"filtered":true},"violence":{"filtered":false}}}}}"#;
        let facts = Facts::of_body(body);
        assert_eq!(facts.message.as_deref(), Some("Filtered. (hate: high, jailbreak)"));
        assert_eq!(facts.codes.first().map(String::as_str), Some("content_filter"));
    }

    #[test]
    fn a_field_that_is_one_too_many_is_named() {
        let body =
            br#"{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"No","input":1}]}"#;
        assert_eq!(Facts::of_body(body).message.as_deref(), Some("No: max_completion_tokens"));
    }

    #[test]
    fn a_masked_key_and_short_words_stay() {
        let text = "Incorrect API key provided: sk-ab***xyz, see sk-howto";
        assert_eq!(clean(text), text);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        assert_eq!(clean(&"ä".repeat(5000)).chars().count(), LONGEST);
    }
}
