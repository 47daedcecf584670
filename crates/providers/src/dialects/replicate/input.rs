//! What a prediction is made of: each model has names of its own for what it takes.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{Category, ChatRequest, Message, Part, ProviderError, Role, catalog::Vendor, json::Json, transcript};

/// The largest file that goes inside a request, in bytes of its address.
const LONGEST_FILE: usize = 256 * 1024;
/// Names that models have for the limit of an answer.
const LIMITS: [&str; 5] = ["max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens", "max_length"];
/// For pictures: those of one, then those of several.
const IMAGES: [&str; 2] = ["image", "input_image"];
const IMAGE_LISTS: [&str; 3] = ["image_input", "images", "input_images"];

/// A model as a person names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// `owner/name`.
    Model(&'a str),
    /// `owner/name:version`, with the version.
    Pinned(&'a str, &'a str),
    /// A version alone.
    Version(&'a str),
    /// `deployments/owner/name`, without the beginning.
    Deployment(&'a str),
}

impl<'a> Reference<'a> {
    /// # Errors
    /// `unknown_model`, for names that could lead to another path.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ProviderError> {
        let word = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let named = |text: &str| text.split_once('/').is_some_and(|(owner, name)| word(owner) && word(name));
        let version = |text: &str| (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        match (text.strip_prefix("deployments/"), text.split_once(':')) {
            (Some(deployment), _) if named(deployment) => Ok(Self::Deployment(deployment)),
            (None, Some((model, id))) if named(model) && version(id) => Ok(Self::Pinned(model, id)),
            (None, None) if named(text) => Ok(Self::Model(text)),
            (None, None) if version(text) => Ok(Self::Version(text)),
            _ => {
                let message =
                    "a model is named owner/name, owner/name:version, deployments/owner/name, or by its version";
                Err(ProviderError::new(Category::UnknownModel, message))
            }
        }
    }

    /// Where its predictions are made.
    pub(super) fn predictions(&self) -> String {
        match self {
            Self::Model(name) => format!("models/{name}/predictions"),
            Self::Deployment(name) => format!("deployments/{name}/predictions"),
            Self::Pinned(..) | Self::Version(_) => "predictions".to_owned(),
        }
    }

    /// Where it says what it takes; `None` where that is not to be had.
    pub(crate) fn description(&self) -> Option<String> {
        match self {
            Self::Model(name) => Some(format!("models/{name}")),
            Self::Pinned(name, version) => Some(format!("models/{name}/versions/{version}")),
            Self::Version(_) | Self::Deployment(_) => None,
        }
    }
}

/// The names of what a model takes; nothing is known of some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schema(Option<BTreeSet<String>>);

impl Schema {
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Out of the description of a model, or of a version.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else { return Self::unknown() };
        let inside = "/openapi_schema/components/schemas/Input/properties";
        let found = answer.pointer(inside).or_else(|| answer.pointer(&format!("/latest_version{inside}")));
        Self(found.and_then(Value::as_object).map(|names| names.keys().cloned().collect()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|names| names.contains(name))
    }

    /// The first of these names that the model has; of an unknown one the usual first.
    fn first<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        match self.0 {
            Some(_) => names.iter().find(|name| self.has(name)).copied(),
            None => names.first().copied(),
        }
    }
}

/// The body that makes a prediction.
pub(super) fn body(
    vendor: &Vendor,
    request: &ChatRequest,
    schema: &Schema,
    model: &Reference<'_>,
) -> Result<Json, ProviderError> {
    let mut input = Map::new();
    say(request, schema, &mut input);
    show(vendor, request, schema, &mut input)?;
    tune(request, schema, &mut input);
    for (name, value) in &request.extra {
        if !ChatRequest::OWN_FIELDS.contains(&name.as_str()) {
            input.insert(name.clone(), value.clone());
        }
    }
    let mut body = json!({ "input": input, "stream": true });
    if let (Reference::Pinned(_, version) | Reference::Version(version), Value::Object(body)) = (model, &mut body) {
        body.insert("version".to_owned(), json!(version));
    }
    Ok(body.into())
}

/// The conversation: as messages where the model takes them, else as one text.
fn say(request: &ChatRequest, schema: &Schema, input: &mut Map<String, Value>) {
    let system = transcript::system(request);
    let spoken = request.messages.iter().map(|message| (message.role, transcript::words(message)));
    let spoken: Vec<_> = spoken.filter(|(_, words)| !words.is_empty()).collect();
    if schema.has("messages") {
        let role = |role: &Role| if *role == Role::User { "user" } else { "assistant" };
        let said = spoken.iter().map(|(who, words)| json!({ "role": role(who), "content": words }));
        let system = system.map(|system| json!({ "role": "system", "content": system }));
        input.insert("messages".to_owned(), system.into_iter().chain(said).collect());
        return;
    }
    // A name that a model does not know is ignored without a word, and the instructions with it.
    let apart = system.filter(|_| schema.has("system_prompt"));
    if let Some(system) = apart {
        input.insert("system_prompt".to_owned(), json!(system));
    }
    let before = system.filter(|_| apart.is_none());
    let text = match &spoken[..] {
        [(Role::User, only)] => only.clone(),
        turns => {
            let name = |role: &Role| if *role == Role::User { "User" } else { "Assistant" };
            let turns = turns.iter().map(|(who, words)| format!("{}: {words}\n", name(who)));
            format!("{}Assistant:", turns.collect::<String>())
        }
    };
    let text = before.map_or_else(|| text.clone(), |system| format!("{system}\n\n{text}"));
    input.insert("prompt".to_owned(), json!(text));
}

/// The pictures of the last message.
fn show(
    vendor: &Vendor,
    request: &ChatRequest,
    schema: &Schema,
    input: &mut Map<String, Value>,
) -> Result<(), ProviderError> {
    let unsupported = |what: &str| {
        let message = format!("{} takes no {what} with this model", vendor.name);
        ProviderError::because(Category::BadRequest, "file_unsupported", message)
    };
    let last = request.messages.iter().rfind(|message| message.role == Role::User);
    let mut images = Vec::new();
    for part in last.map(|Message { parts, .. }| parts.as_slice()).unwrap_or_default() {
        match part {
            Part::Image { media_type, data, .. } => images.push(address(media_type, data)?),
            Part::File { media_type, .. } => return Err(unsupported(&format!("files of the type {media_type}"))),
            _ => {}
        }
    }
    if images.is_empty() {
        return Ok(());
    }
    if let Some(name) = IMAGE_LISTS.iter().find(|name| schema.has(name)) {
        input.insert((*name).to_owned(), images.into());
        return Ok(());
    }
    match (schema.first(&IMAGES), images.len()) {
        (Some(name), 1) => {
            input.insert(name.to_owned(), images.remove(0));
            Ok(())
        }
        (Some(_), _) => Err(unsupported("more than one picture")),
        (None, _) => Err(unsupported("pictures")),
    }
}

fn address(media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    let text = format!("data:{media_type};base64,{}", STANDARD.encode(data));
    if text.len() <= LONGEST_FILE {
        return Ok(json!(text));
    }
    let message = "Replicate takes pictures of up to 190 kB inside a request: make it smaller";
    Err(ProviderError::because(Category::BadRequest, "file_too_large", message))
}

fn tune(request: &ChatRequest, schema: &Schema, input: &mut Map<String, Value>) {
    let parameters = &request.parameters;
    let mut set = |names: &[&str], value: Option<Value>| {
        if let (Some(name), Some(value)) = (schema.first(names), value) {
            input.insert(name.to_owned(), value);
        }
    };
    set(&LIMITS, parameters.max_tokens.map(|most| json!(most)));
    set(&["temperature"], parameters.temperature.map(|value| json!(value)));
    set(&["top_p"], parameters.top_p.map(|value| json!(value)));
    set(&["seed"], parameters.seed.map(|seed| json!(seed)));
    let stop = Some(parameters.stop.join(",")).filter(|stop| !stop.is_empty());
    set(&["stop_sequences"], stop.map(|stop| json!(stop)));
    if schema.has("reasoning_effort") {
        set(&["reasoning_effort"], parameters.reasoning_effort.and_then(|effort| serde_json::to_value(effort).ok()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parameters, catalog::Catalog};

    fn schema(names: &[&str]) -> Schema {
        Schema(Some(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    fn input(request: &ChatRequest, schema: &Schema) -> Result<Value, ProviderError> {
        let vendor = Catalog::bundled().get("replicate").unwrap();
        let model = Reference::parse(&request.model)?;
        let text = body(vendor, request, schema, &model)?.text();
        Ok(serde_json::from_str::<Value>(&text).unwrap()["input"].clone())
    }

    fn talk() -> ChatRequest {
        let turns = [(Role::User, "hi"), (Role::Assistant, "ho"), (Role::User, "and?")];
        let messages = turns.map(|(role, text)| Message::text(role, text)).to_vec();
        let parameters = Parameters { max_tokens: Some(9), temperature: Some(0.5), ..Parameters::default() };
        ChatRequest { system: Some("Be brief.".into()), parameters, ..ChatRequest::new("meta/llama", messages) }
    }

    #[test]
    fn each_model_is_told_in_its_own_words() {
        let unknown = "Be brief.\n\nUser: hi\nAssistant: ho\nUser: and?\nAssistant:";
        let expected = json!({ "prompt": unknown, "max_tokens": 9, "temperature": 0.5 });
        assert_eq!(input(&talk(), &Schema::unknown()).unwrap(), expected);
        let llama = schema(&["prompt", "system_prompt", "max_new_tokens"]);
        let prompt = "User: hi\nAssistant: ho\nUser: and?\nAssistant:";
        let expected = json!({ "prompt": prompt, "system_prompt": "Be brief.", "max_new_tokens": 9 });
        assert_eq!(input(&talk(), &llama).unwrap(), expected);
        let roles = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "ho"}, {"role": "user", "content": "and?"}]);
        assert_eq!(input(&talk(), &schema(&["messages", "prompt"])).unwrap(), json!({ "messages": roles }));
        let one = ChatRequest::new("a/b", vec![Message::text(Role::User, "hi")]);
        assert_eq!(input(&one, &Schema::unknown()).unwrap(), json!({ "prompt": "hi" }));
    }

    #[test]
    fn pictures_go_inside_where_the_model_takes_them_and_they_are_small() {
        let with = |data: Vec<u8>| {
            let parts = vec![Part::text("what?"), Part::image("image/png", data)];
            ChatRequest::new("a/b", vec![Message { role: Role::User, parts }])
        };
        let picture = "data:image/png;base64,AQID";
        assert_eq!(input(&with(vec![1, 2, 3]), &schema(&["prompt", "image"])).unwrap()["image"], picture);
        assert_eq!(input(&with(vec![1, 2, 3]), &schema(&["image_input"])).unwrap()["image_input"], json!([picture]));
        let cause = |request: ChatRequest, schema: &Schema| input(&request, schema).unwrap_err().cause;
        assert_eq!(cause(with(vec![1]), &schema(&["prompt"])), Some("file_unsupported"));
        assert_eq!(cause(with(vec![1; 200_000]), &schema(&["image"])), Some("file_too_large"));
    }

    #[test]
    fn a_model_is_a_name_a_version_or_a_deployment_and_never_a_path() {
        let version = "5c7854e8".repeat(8);
        let pinned = format!("owner/name:{version}");
        let deployment = Reference::parse("deployments/me/mine").unwrap();
        assert_eq!(deployment.predictions(), "deployments/me/mine/predictions");
        assert_eq!(Reference::parse(&pinned).unwrap(), Reference::Pinned("owner/name", &version));
        assert_eq!(Reference::parse(&version).unwrap(), Reference::Version(&version));
        assert_eq!(Reference::parse("meta/llama-3.1").unwrap().predictions(), "models/meta/llama-3.1/predictions");
        for bad in ["", "llama", "a/b/c", "../account", "a/..", "a/b?x=1", "a/b:latest", "deployments/../x", "a /b"] {
            assert_eq!(Reference::parse(bad).unwrap_err().category, Category::UnknownModel, "{bad}");
        }
    }

    #[test]
    fn what_a_model_takes_is_read_out_of_its_description() {
        let inside = json!({"openapi_schema": {"components": {"schemas": {"Input": {"properties": {"prompt": {}, "top_p": {}}}}}}});
        let expected = schema(&["prompt", "top_p"]);
        assert_eq!(Schema::read(inside.to_string().as_bytes()), expected);
        assert_eq!(Schema::read(json!({ "latest_version": inside }).to_string().as_bytes()), expected);
        for odd in ["", "[]", r#"{"latest_version":null}"#] {
            assert_eq!(Schema::read(odd.as_bytes()), Schema::unknown());
        }
    }
}
