//! The smallest dialect there can be, so that tests of the transport test nothing else.
//!
//! A stream is lines: `:comment`, `role` (an event without content), `t TEXT` (content), `error` (an error inside
//! the stream), `done` (the terminal event). A whole answer is `{"text": …}`; a model list is
//! `{"models": […], "next": …}`.

use parlance_providers::catalog::Vendor;
use parlance_providers::dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest};
use parlance_providers::{Category, ChatEvent, ChatRequest, ChatResponse, FinishClass, ModelInfo, Part, ProviderError};
use serde_json::{Value, json};

/// See the module.
pub struct LineDialect;

/// The decoder of [`LineDialect`].
#[derive(Default)]
pub struct LineDecoder {
    line: Vec<u8>,
    is_done: bool,
    events: u64,
    progress: u64,
}

impl LineDecoder {
    fn take_line(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        if line.is_empty() || line.starts_with(':') {
            return Ok(());
        }
        self.events += 1;
        match line.split_once(' ') {
            Some(("t", text)) => {
                self.progress += 1;
                out.push(ChatEvent::TextDelta { block: 0, text: text.to_owned() });
            }
            _ if line == "role" => out.push(ChatEvent::Started { id: None, model: None }),
            _ if line == "error" => return Err(ProviderError::new(Category::Overloaded, "overloaded")),
            _ if line == "done" => {
                self.is_done = true;
                out.push(ChatEvent::Finished { class: FinishClass::Stop, reason: None });
            }
            _ => {}
        }
        Ok(())
    }
}

impl StreamDecoder for LineDecoder {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        for &byte in bytes {
            if self.is_done {
                break;
            }
            if byte == b'\n' {
                self.take_line(out)?;
            } else {
                self.line.push(byte);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let cut = || ProviderError::because(Category::BrokenStream, "cut_off", "the answer was cut off");
        if self.is_done { Ok(()) } else { Err(cut()) }
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn events_seen(&self) -> u64 {
        self.events
    }

    fn progress_seen(&self) -> u64 {
        self.progress
    }
}

fn json_of(body: &[u8]) -> Result<Value, ProviderError> {
    serde_json::from_slice(body).map_err(|_| ProviderError::because(Category::BrokenStream, "bad_json", "not JSON"))
}

impl Dialect for LineDialect {
    fn base_path(&self, typed: &str) -> String {
        if typed.is_empty() { "/v1".to_owned() } else { typed.to_owned() }
    }

    fn chat(&self, _: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let wire = WireRequest::post("chat", json!({ "model": request.model }), stream);
        Ok(WireRequest { headers: vec![("x-line", "1".to_owned())], ..wire })
    }

    fn decoder(&self, _: &Vendor) -> Box<dyn StreamDecoder> {
        Box::<LineDecoder>::default()
    }

    fn response(&self, _: &Vendor, _: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let text = json_of(body)?["text"].as_str().unwrap_or_default().to_owned();
        Ok(ChatResponse { parts: vec![Part::text(text)], ..ChatResponse::default() })
    }

    fn error(&self, _: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        let error = ProviderError::new(Category::Internal, String::from_utf8_lossy(body));
        ProviderError { status: Some(head.status), request_id: head.header("x-request-id").map(Into::into), ..error }
    }

    fn models(&self, _: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        Some(WireRequest::get(page.map_or("models".to_owned(), |page| format!("models?page={page}"))))
    }

    fn model_list(
        &self,
        _: &Vendor,
        _: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        let list = json_of(body)?;
        let missing = || ProviderError::because(Category::BrokenStream, "bad_json", "no models");
        let ids = list["models"].as_array().ok_or_else(missing)?.iter().filter_map(Value::as_str);
        let models = ids.map(|id| ModelInfo { id: id.to_owned(), ..ModelInfo::default() }).collect();
        Ok((models, list["next"].as_str().map(Into::into)))
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        self.models(vendor, None).expect("it lists models")
    }
}

/// A vendor that wants a key where `auth` is not `none`.
///
/// # Panics
/// When the words are none of the catalogue's.
pub fn vendor(category: &str, auth: &str) -> Vendor {
    let key = if auth == "none" { "none" } else { "required" };
    serde_json::from_value(json!({
        "id": "test", "name": "Test", "category": category, "dialect": "openai-chat", "auth": auth, "key": key,
        "mark": { "letters": "Te", "hue": "blue" },
    }))
    .expect("a vendor")
}
