//! What models can do: from the catalogue, and from what vendors' lists say.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    Abilities, ModelInfo,
    catalog::{Catalog, Vendor},
    dialect::ResponseHead,
    dialects,
};

fn vendor(id: &str) -> &'static Vendor {
    Catalog::bundled().get(id).unwrap()
}

fn can(
    images: Option<bool>,
    pdf: Option<bool>,
    audio: Option<bool>,
    tools: Option<bool>,
    reasoning: Option<bool>,
) -> Abilities {
    Abilities { images, pdf, audio, tools, reasoning, ..Abilities::default() }
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[test]
fn the_catalogue_tells_by_name_by_date_and_by_the_beginning_of_the_name() {
    for (id, model, abilities) in [
        ("anthropic", "claude-opus-5", can(YES, YES, NO, YES, YES)),
        ("anthropic", "claude-something-new", can(YES, YES, NO, YES, YES)),
        ("anthropic", "claude-3-5-haiku-20241022", can(YES, YES, NO, YES, NO)),
        ("anthropic", "claude-3-7-sonnet-20250219", can(YES, YES, NO, YES, YES)),
        ("anthropic", "somebody-elses", Abilities::default()),
        ("openai", "gpt-4o", can(YES, YES, NO, YES, NO)),
        ("openai", "gpt-4o-2024-08-06", can(YES, YES, NO, YES, NO)),
        ("openai", "gpt-5.2-codex", can(YES, None, NO, YES, YES)),
        ("openai", "o3", can(None, None, NO, None, YES)),
        ("gemini", "gemini-2.5-flash", can(YES, YES, YES, YES, YES)),
        ("gemini", "gemini-2.5-flash-tts", can(NO, NO, NO, NO, NO)),
        ("groq", "openai/gpt-oss-20b", can(NO, None, NO, YES, YES)),
        ("openai-compatible", "gpt-4o", Abilities::default()),
        ("ollama", "anything", Abilities::default()),
    ] {
        let known = Abilities { structured: None, ..vendor(id).abilities(model) };
        assert_eq!(known, abilities, "{id} {model}");
    }
}

/// The bundled vendors send files to most of their models: a slip in the data would take that away.
#[test]
fn the_catalogue_knows_most_of_its_models() {
    for id in ["anthropic", "openai", "gemini", "mistral", "groq", "deepseek"] {
        for model in vendor(id).models.iter().filter(|model| model.can.embeddings != Some(true)) {
            let known = vendor(id).abilities(&model.id);
            assert!(known.images.is_some(), "{id} {}", model.id);
        }
    }
}

fn listed(id: &str, body: &str) -> Vec<ModelInfo> {
    let vendor = vendor(id);
    let head = ResponseHead { status: 200, headers: Vec::new() };
    dialects::dialect(vendor.dialect).unwrap().model_list(vendor, &head, body.as_bytes()).unwrap().0
}

#[test]
fn vendors_lists_say_it_in_their_own_words() {
    let openrouter = r#"{"data":[
        {"id":"a","architecture":{"input_modalities":["text","image","file"]},"supported_parameters":["tools","reasoning"]},
        {"id":"b","architecture":{"input_modalities":["text"]},"supported_parameters":["temperature"]},
        {"id":"c","architecture":{"input_modalities":[]},"supported_parameters":[]},
        {"id":"d","architecture":{"input_modalities":"image"},"supported_parameters":{"tools":1},"capabilities":[1]},
        {"id":"e","capabilities":{"vision":true,"function_calling":true,"reasoning":false,"audio":"yes"}}]}"#;
    let abilities: Vec<_> = listed("openrouter", openrouter).into_iter().map(|model| model.can).collect();
    let unstructured = |can: Abilities| Abilities { structured: NO, ..can };
    assert_eq!(
        abilities,
        [
            unstructured(can(YES, YES, NO, YES, YES)),
            unstructured(can(NO, None, NO, NO, NO)),
            Abilities::default(),
            Abilities::default(),
            can(YES, None, None, YES, NO),
        ]
    );
    let anthropic = r#"{"data":[{"id":"a","capabilities":{"image_input":{"supported":true},"pdf_input":{"supported":false},
        "thinking":{"supported":true,"types":{}}}},{"id":"b","capabilities":null},{"id":"c","capabilities":[{}]}]}"#;
    let abilities: Vec<_> = listed("anthropic", anthropic).into_iter().map(|model| model.can).collect();
    assert_eq!(abilities, [can(YES, NO, None, None, YES), Abilities::default(), Abilities::default()]);
    let gemini = r#"{"models":[{"name":"models/a","thinking":true},{"name":"models/b","thinking":"x"},{"name":"c"}]}"#;
    let thinks: Vec<_> = listed("gemini", gemini).into_iter().map(|model| model.can.reasoning).collect();
    assert_eq!(thinks, [YES, None, None]);
    let ollama = r#"{"models":[{"name":"a","capabilities":["completion","vision","tools"]},{"name":"b","capabilities":7},
        {"name":"c"}]}"#;
    let abilities: Vec<_> = listed("ollama", ollama).into_iter().map(|model| model.can).collect();
    let talks = Abilities { embeddings: NO, makes_images: NO, ..can(YES, None, NO, YES, NO) };
    assert_eq!(abilities, [talks, Abilities::default(), Abilities::default()]);
}

#[test]
fn vendors_lists_say_what_a_model_is_for() {
    let said = |vendor: &str, body: &str| -> Vec<_> {
        let models = listed(vendor, body).into_iter();
        models
            .map(|m| (m.id, m.chats, [m.can.embeddings, m.can.makes_images, m.can.makes_audio, m.can.structured]))
            .collect()
    };
    let row = |id: &str, chats, can| (id.to_owned(), chats, can);
    let openai = r#"{"data":[
        {"id":"router","architecture":{"output_modalities":["text","image"]},"supported_parameters":["structured_outputs"]},
        {"id":"router-embeds","architecture":{"output_modalities":["embeddings"]}},
        {"id":"mistral","capabilities":{"completion_chat":true}},
        {"id":"mistral-embed","capabilities":{"completion_chat":false}},
        {"id":"together","type":"chat"},{"id":"together-embeds","type":"embedding"},{"id":"together-image","type":"image"},
        {"id":"together-rerank","type":"rerank"},{"id":"lm-studio","type":"embeddings"},
        {"id":"copilot","capabilities":{"type":"chat","supports":{"structured_outputs":true}}},
        {"id":"azure","capabilities":{"chat_completion":false,"embeddings":true}},
        {"id":"fireworks","supports_chat":true,"kind":"HF_BASE_MODEL"},{"id":"fireworks-embeds","kind":"EMBEDDING_MODEL"},
        {"id":"proxy","model_info":{"mode":"audio_speech"}},
        {"id":"plain","object":"model","type":"model"},{"id":"odd","type":{},"kind":7,"capabilities":"all"}]}"#;
    assert_eq!(
        said("openai-compatible", openai),
        [
            row("router", None, [NO, YES, NO, YES]),
            row("router-embeds", NO, [YES, NO, NO, None]),
            row("mistral", YES, [None; 4]),
            row("mistral-embed", NO, [None; 4]),
            row("together", YES, [None; 4]),
            row("together-embeds", NO, [YES, None, None, None]),
            row("together-image", NO, [None, YES, None, None]),
            row("together-rerank", NO, [None; 4]),
            row("lm-studio", NO, [YES, None, None, None]),
            row("copilot", YES, [None, None, None, YES]),
            row("azure", NO, [YES, None, None, None]),
            row("fireworks", YES, [None; 4]),
            row("fireworks-embeds", NO, [YES, None, None, None]),
            row("proxy", NO, [None, None, YES, None]),
            row("plain", None, [None; 4]),
            row("odd", None, [None; 4]),
        ]
    );
    let gemini = r#"{"models":[{"name":"models/a","supportedGenerationMethods":["generateContent"]},
        {"name":"models/b","supportedGenerationMethods":["embedContent","countTextTokens"]},{"name":"models/c"}]}"#;
    let embeds: Vec<_> = said("gemini", gemini).into_iter().map(|(_, chats, can)| (chats, can[0])).collect();
    assert_eq!(embeds, [(YES, NO), (NO, YES), (None, None)]);
    let ollama = r#"{"models":[{"name":"a","capabilities":["completion"]},{"name":"b","capabilities":["embedding"]},
        {"name":"c","capabilities":["insert"]},{"name":"d"}]}"#;
    let embeds: Vec<_> = said("ollama", ollama).into_iter().map(|(_, chats, can)| (chats, can[0])).collect();
    assert_eq!(embeds, [(YES, NO), (NO, YES), (None, NO), (None, None)]);
}

#[test]
fn a_list_that_was_stored_before_there_were_abilities_can_still_be_read() {
    let before = r#"{"id":"a","name":null,"context":5,"maxOutput":null}"#;
    let model: ModelInfo = serde_json::from_str(before).unwrap();
    assert_eq!((model.context, model.can), (Some(5), Abilities::default()));
    assert!(!serde_json::to_string(&model).unwrap().contains("can"));
    let able = ModelInfo { can: can(YES, None, NO, None, None), ..model };
    assert_eq!(serde_json::from_str::<ModelInfo>(&serde_json::to_string(&able).unwrap()).unwrap(), able);
}

#[test]
fn a_date_is_taken_off_a_name_and_nothing_else() {
    let vendor = vendor("openai");
    assert_eq!(vendor.max_output("gpt-4o-2024-08-06"), Some(16_384));
    assert_eq!(vendor.max_output("gpt-4o-20240806"), Some(16_384));
    for name in ["gpt-4o-2024-8-6", "gpt-4o-audio", "gpt-4o-2024-08", "2024-08-06", "ä2024-08-06", "-2024-08-06"] {
        assert_eq!(vendor.max_output(name), None, "{name}");
    }
}
