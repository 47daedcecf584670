//! What a model takes. Its abilities are the vendor's data; whether a parameter or a file goes out is asked of the
//! dialect's own encoder, so that nothing is offered that would silently be dropped.

use parlance_providers::{
    Abilities, ChatRequest, Message, ModelInfo, Parameters, Part, ReasoningEffort, Role,
    catalog::{self, ModelRule, ParameterRule, Thinking, Vendor},
    dialects,
};

use crate::{
    attachments::kinds,
    error::Error,
    history::rows::AttachmentRow,
    view::{AttachmentKind, Capabilities, ParameterName, ParameterRefusal, ParameterView},
};

/// What a model can do: as the vendor's list says, then as the catalogue does.
pub fn of(vendor: &Vendor, model: &str, listed: Option<&ModelInfo>) -> Capabilities {
    let Abilities { images, pdf, audio, tools, reasoning, structured, embeddings, makes_images, .. } =
        listed.map(|listed| listed.can).unwrap_or_default().or(vendor.abilities(model));
    Capabilities { images, pdf, audio, tools, reasoning, structured, embeddings, makes_images }
}

/// What one or the other can: true where one is known to, false where both are known not to.
pub fn either(one: Capabilities, other: Capabilities) -> Capabilities {
    let or = |one: Option<bool>, other: Option<bool>| match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    Capabilities {
        images: or(one.images, other.images),
        pdf: or(one.pdf, other.pdf),
        audio: or(one.audio, other.audio),
        tools: or(one.tools, other.tools),
        reasoning: or(one.reasoning, other.reasoning),
        structured: or(one.structured, other.structured),
        embeddings: or(one.embeddings, other.embeddings),
        makes_images: or(one.makes_images, other.makes_images),
    }
}

/// Whether a file of this type can be sent to a model: it is not known to refuse it, and the wire has a place for it.
/// Text always can.
pub fn takes(vendor: &Vendor, model: &str, can: &Capabilities, media_type: &str) -> bool {
    let able = match kinds::kind(media_type) {
        AttachmentKind::Text => return true,
        AttachmentKind::Image => can.images,
        AttachmentKind::Pdf => can.pdf,
        AttachmentKind::Audio => can.audio,
        AttachmentKind::Other => Some(false),
    };
    able != Some(false) && wire_takes(vendor, model, media_type)
}

/// Whether these files may be sent to a model: each is one that the model is not known to refuse, and that the
/// vendor's wire has a place for. What is not known may be tried.
///
/// # Errors
/// [`Error::Invalid`] for the field `attachments`: `images_refused`, `pdf_refused`, `audio_refused`, or
/// `not_sendable` for what no model is sent.
pub fn accepts(vendor: &Vendor, model: &str, listed: Option<&ModelInfo>, files: &[AttachmentRow]) -> Result<(), Error> {
    accepts_with(vendor, model, &of(vendor, model, listed), files)
}

/// The same for a model that is known to be able to do this.
///
/// # Errors
/// As [`accepts`].
pub fn accepts_with(vendor: &Vendor, model: &str, can: &Capabilities, files: &[AttachmentRow]) -> Result<(), Error> {
    let refused = files.iter().find(|file| !takes(vendor, model, can, &file.media_type));
    let Some(file) = refused else { return Ok(()) };
    let reason = match kinds::kind(&file.media_type) {
        AttachmentKind::Image => "images_refused",
        AttachmentKind::Pdf => "pdf_refused",
        AttachmentKind::Audio => "audio_refused",
        AttachmentKind::Text | AttachmentKind::Other => "not_sendable",
    };
    Err(Error::invalid("attachments", reason))
}

fn wire_takes(vendor: &Vendor, model: &str, media_type: &str) -> bool {
    // No text in any encoding, so that it is not written out instead.
    let data = vec![0xff, 0x00];
    let part = match kinds::kind(media_type) {
        AttachmentKind::Image => Part::image(media_type, data),
        _ => Part::File { name: "file".to_owned(), media_type: media_type.to_owned(), data },
    };
    let message = Message { role: Role::User, parts: vec![Part::text("text"), part] };
    body(vendor, ChatRequest::new(model, vec![message])).is_ok_and(|body| body.is_some())
}

/// The body as it would leave; `None` where the vendor has no wire.
fn body(vendor: &Vendor, request: ChatRequest) -> Result<Option<String>, parlance_providers::ProviderError> {
    dialects::sent(vendor, &request)
}

fn body_with(vendor: &Vendor, model: &str, parameters: Parameters) -> Option<String> {
    let request = ChatRequest { parameters, ..ChatRequest::new(model, vec![Message::text(Role::User, "text")]) };
    body(vendor, request).ok().flatten()
}

/// The fewest tokens of an answer, for wires that begin at more than one.
const LEAST_OUTPUT: u32 = 16;
/// An output limit that no model has as its own, and in which there is room to think.
const PROBE_LIMIT: u32 = 8_191;

const NAMES: [ParameterName; 6] = [
    ParameterName::Temperature,
    ParameterName::TopP,
    ParameterName::MaxTokens,
    ParameterName::Stop,
    ParameterName::Seed,
    ParameterName::ReasoningEffort,
];

/// The catalogue's name of a parameter.
fn known_as(name: ParameterName) -> catalog::ParameterName {
    match name {
        ParameterName::Temperature => catalog::ParameterName::Temperature,
        ParameterName::TopP => catalog::ParameterName::TopP,
        ParameterName::MaxTokens => catalog::ParameterName::MaxTokens,
        ParameterName::Stop => catalog::ParameterName::Stop,
        ParameterName::Seed => catalog::ParameterName::Seed,
        ParameterName::ReasoningEffort => catalog::ParameterName::ReasoningEffort,
    }
}

fn rule(vendor: &Vendor, model: &str, name: ParameterName) -> Option<ParameterRule> {
    vendor.rule(model)?.parameters.get(&known_as(name)).cloned()
}

/// A value of every parameter to ask the encoder with: one that the model's rules leave as it is, and that does not
/// go out unasked.
fn probes(vendor: &Vendor, model: &str) -> Parameters {
    let mut probes = Parameters {
        temperature: Some(0.5),
        top_p: Some(0.5),
        max_tokens: Some(PROBE_LIMIT),
        stop: vec!["stop".to_owned()],
        seed: Some(7),
        reasoning_effort: Some(ReasoningEffort::High),
    };
    for name in NAMES {
        let (Some(rule), Some(usual)) = (rule(vendor, model, name), known_as(name).number(&probes)) else { continue };
        let fits = |value: &f64| {
            rule.fixed.is_none_or(|fixed| fixed == *value)
                && rule.least.is_none_or(|least| least <= *value)
                && rule.most.is_none_or(|most| *value <= most)
                && rule.required != Some(*value)
        };
        let others = [Some(usual), rule.fixed, rule.least, rule.most, Some(usual / 2.0), Some(usual * 1.5)];
        let value = others.into_iter().flatten().find(fits);
        known_as(name).set_number(&mut probes, value.unwrap_or(usual));
    }
    probes
}

fn set(parameters: &mut Parameters, name: ParameterName, probes: &Parameters) {
    match name {
        ParameterName::Temperature => parameters.temperature = probes.temperature,
        ParameterName::TopP => parameters.top_p = probes.top_p,
        ParameterName::MaxTokens => parameters.max_tokens = probes.max_tokens,
        ParameterName::Stop => parameters.stop.clone_from(&probes.stop),
        ParameterName::Seed => parameters.seed = probes.seed,
        ParameterName::ReasoningEffort => parameters.reasoning_effort = probes.reasoning_effort,
    }
}

fn only(name: ParameterName, probes: &Parameters) -> Parameters {
    let mut parameters = Parameters::default();
    set(&mut parameters, name, probes);
    parameters
}

/// Everything but one.
fn all_but(left_out: Option<ParameterName>, probes: &Parameters) -> Parameters {
    let mut parameters = Parameters::default();
    let kept = NAMES.into_iter().filter(|name| Some(*name) != left_out);
    kept.for_each(|name| set(&mut parameters, name, probes));
    parameters
}

/// Each parameter of a chat, and whether the model takes it.
pub fn parameters(vendor: &Vendor, model: &str, can: &Capabilities) -> Vec<ParameterView> {
    let view = |name| {
        let (least, most) = range(vendor, model, name);
        ParameterView { name, refused: refused(vendor, model, can, name), least, most }
    };
    NAMES.into_iter().map(view).collect()
}

fn refused(vendor: &Vendor, model: &str, can: &Capabilities, name: ParameterName) -> Option<ParameterRefusal> {
    if name == ParameterName::ReasoningEffort && can.reasoning == Some(false) {
        return Some(ParameterRefusal::ByModel);
    }
    let probes = probes(vendor, model);
    let sent = |vendor: &Vendor| {
        body_with(vendor, model, only(name, &probes)) != body_with(vendor, model, Parameters::default())
    };
    let (all, others) = (all_but(None, &probes), all_but(Some(name), &probes));
    if sent(vendor) {
        let with_others = body_with(vendor, model, all) != body_with(vendor, model, others);
        return (!with_others).then_some(ParameterRefusal::WithOther);
    }
    // It may go out where the model is told not to think: then it is the thinking that forbids it.
    let unthinking = || {
        let mut alone = only(name, &probes);
        alone.reasoning_effort = Some(ReasoningEffort::None);
        let without = Parameters { reasoning_effort: Some(ReasoningEffort::None), ..Parameters::default() };
        body_with(vendor, model, alone) != body_with(vendor, model, without)
    };
    if name != ParameterName::ReasoningEffort && unthinking() {
        return Some(ParameterRefusal::WithOther);
    }
    Some(if sent(&permissive(vendor, model)) { ParameterRefusal::ByModel } else { ParameterRefusal::ByWire })
}

/// The wire of a model, with models that take everything it has a place for.
fn permissive(vendor: &Vendor, model: &str) -> Vendor {
    use ReasoningEffort::{High, Low, Medium, Minimal};
    let rule = ModelRule {
        dialect: Some(vendor.dialect_of(model)),
        thinking: Thinking::Adaptive,
        thinking_levels: vec![Minimal, Low, Medium, High],
        ..ModelRule::of("")
    };
    Vendor { models: Vec::new(), rules: vec![rule], ..vendor.clone() }
}

/// From where to where a parameter goes: as the model's rule says, else as the wire does.
fn range(vendor: &Vendor, model: &str, name: ParameterName) -> (Option<f64>, Option<f64>) {
    let (least, most) = range_of_wire(vendor, model, name);
    match rule(vendor, model, name) {
        Some(rule) => (rule.fixed.or(rule.least).or(least), rule.fixed.or(rule.most).or(most)),
        None => (least, most),
    }
}

fn range_of_wire(vendor: &Vendor, model: &str, name: ParameterName) -> (Option<f64>, Option<f64>) {
    match name {
        ParameterName::Temperature => {
            // Where the wire ends at 1, more goes out as 1.
            let vendor = permissive(vendor, model);
            let at = |t: f64| body_with(&vendor, model, Parameters { temperature: Some(t), ..Parameters::default() });
            let ends_at_one = at(2.0) == at(1.0) && at(1.0) != at(0.0);
            (Some(0.0), Some(if ends_at_one { 1.0 } else { 2.0 }))
        }
        ParameterName::TopP => (Some(0.0), Some(1.0)),
        ParameterName::MaxTokens => {
            // Where the wire begins at more, less goes out as that.
            let free = permissive(vendor, model);
            let at = |most: u32| {
                let asked = Parameters { max_tokens: Some(most), ..Parameters::default() };
                body_with(&free, model, asked)
            };
            let least = if at(1) == at(LEAST_OUTPUT) { LEAST_OUTPUT } else { 1 };
            (Some(f64::from(least)), vendor.max_output(model).map(|most| most as f64))
        }
        ParameterName::Seed => (Some(0.0), Some(f64::from(u32::MAX))),
        ParameterName::Stop | ParameterName::ReasoningEffort => (None, None),
    }
}

/// How hard a model can be told to think, from the least to the most. Efforts that go out alike are one; `none` is there
/// only where it switches thinking off.
pub fn efforts(vendor: &Vendor, model: &str, can: &Capabilities) -> Vec<ReasoningEffort> {
    use ReasoningEffort::{High, Low, Max, Medium, Minimal, None as Off};
    let refusal = refused(vendor, model, can, ParameterName::ReasoningEffort);
    if matches!(refusal, Some(ParameterRefusal::ByModel | ParameterRefusal::ByWire)) {
        return Vec::new();
    }
    let sent = |effort| {
        // Room for the largest budget.
        let parameters = Parameters { reasoning_effort: Some(effort), max_tokens: Some(100_000), ..Default::default() };
        body_with(vendor, model, parameters)
    };
    let mut found: Vec<(ReasoningEffort, Option<String>)> = Vec::new();
    // Of those that go out alike the plainest word stays.
    for effort in [Low, Medium, High, Max, Minimal].into_iter().chain(can_be_off(vendor, model).then_some(Off)) {
        let body = sent(effort);
        if found.iter().all(|(_, known)| *known != body) {
            found.push((effort, body));
        }
    }
    let mut efforts: Vec<_> = found.into_iter().map(|(effort, _)| effort).collect();
    efforts.sort();
    efforts
}

fn can_be_off(vendor: &Vendor, model: &str) -> bool {
    let Some(rule) = vendor.rule(model) else { return true };
    match rule.thinking_budget {
        Some(budget) => budget.off,
        // A model that is told in words has no word for off, unless the rule says how it is switched.
        None => match rule.thinking {
            Thinking::AlwaysOn | Thinking::None => false,
            Thinking::Budget => {
                rule.thinking_levels.is_empty() || rule.thinking_levels.contains(&ReasoningEffort::None)
            }
            Thinking::Adaptive | Thinking::OnByDefault => true,
        },
    }
}
