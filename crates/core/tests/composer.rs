//! What the composer is told before a message is sent.
#![allow(clippy::unwrap_used)]

use crate::common::{Asked, Bench, input, settled};
use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_core::{
    Error, capabilities,
    history::rows::AttachmentRow,
    view::{
        ChatSetup, DefaultParameters, EstimateInput, EstimateView, ParameterName, ParameterRefusal, ProviderInput,
        ProviderSettings, ProviderView, Target, TargetView,
    },
};
use parlance_providers::{
    ChatEvent, ChatRequest, FinishClass, Message, ModelInfo, Parameters, ReasoningEffort, Role, Usage,
    catalog::{Catalog, Vendor},
    dialects,
};
use proptest::prelude::*;

use ParameterName::{MaxTokens, ReasoningEffort as Effort, Seed, Stop, Temperature, TopP};
use ParameterRefusal::{ByModel, ByWire, WithOther};

async fn provider_of(bench: &Bench, vendor: &str) -> ProviderView {
    let input = ProviderInput { vendor: vendor.into(), ..input("http://127.0.0.1:9") };
    bench.app.save_provider(input).await.unwrap()
}

fn target(provider: &ProviderView, model: &str) -> Target {
    Target { provider_id: provider.id.clone(), model: model.into() }
}

async fn describe(bench: &Bench, vendor: &str, model: &str) -> TargetView {
    let provider = provider_of(bench, vendor).await;
    bench.app.describe_target(target(&provider, model)).await.unwrap()
}

#[tokio::test]
async fn a_target_is_described_without_a_key() {
    let bench = Bench::new().await;
    let claude = describe(&bench, "anthropic", "claude-haiku-4-5").await;
    assert_eq!((claude.context, claude.max_output), (Some(200_000), Some(64_000)));
    assert_eq!((claude.can.images, claude.can.pdf, claude.can.audio), (Some(true), Some(true), Some(false)));
    assert!(claude.input_nano.unwrap() > claude.cache_read_nano.unwrap());
    assert!(claude.output_nano.unwrap() > claude.input_nano.unwrap());
    let own = describe(&bench, "ollama", "anything").await;
    assert_eq!((own.input_nano, own.cache_read_nano, own.output_nano), (Some(0.0), Some(0.0), Some(0.0)));
    assert_eq!((own.context, own.can.images), (None, None));
    let unknown = describe(&bench, "openai-compatible", "anything").await;
    assert_eq!((unknown.input_nano, unknown.output_nano), (None, None));
}

#[tokio::test]
async fn each_wire_says_which_parameters_it_has_no_place_for() {
    use ReasoningEffort::{High, Low, Max, Medium, Minimal, None as Off};
    let bench = Bench::new().await;
    let every = [Off, Minimal, Low, Medium, High, Max];
    type Row<'a> = (&'a str, &'a str, &'a [(ParameterName, ParameterRefusal)], &'a [ReasoningEffort]);
    let table: &[Row<'_>] = &[
        ("openai-compatible", "anything", &[], &every),
        ("openai", "gpt-4o", &[(Effort, ByModel)], &[]),
        ("openai", "gpt-5-mini", &[(Temperature, ByModel), (TopP, ByModel)], &[Minimal, Low, Medium, High]),
        ("openai", "gpt-5.6", &[(Temperature, WithOther), (TopP, WithOther)], &[Off, Low, Medium, High, Max]),
        ("openai", "gpt-5.4", &[(Temperature, WithOther), (TopP, WithOther)], &[Off, Low, Medium, High, Max]),
        ("openai-responses-compatible", "anything", &[(Stop, ByWire), (Seed, ByWire)], &every),
        ("mistral", "mistral-large-latest", &[(Effort, ByModel)], &[]),
        ("groq", "llama-3.3-70b-versatile", &[(Effort, ByModel)], &[]),
        ("gemini", "gemini-2.5-flash", &[], &[Off, Minimal, Low, Medium, High]),
        ("gemini", "gemini-3.1-pro-preview", &[], &[Low, Medium, High]),
        ("gemini", "gemini-2.0-flash", &[(Effort, ByModel)], &[]),
        ("ollama", "anything", &[], &[Off, Low, Medium, High, Max]),
        ("anthropic-compatible", "anything", &[(Temperature, WithOther), (TopP, WithOther), (Seed, ByWire)], &every),
        (
            "anthropic",
            "claude-opus-5-5",
            &[(Temperature, ByModel), (TopP, ByModel), (Seed, ByWire)],
            &[Low, Medium, High, Max],
        ),
        (
            "anthropic",
            "claude-opus-4-6",
            &[(Temperature, WithOther), (TopP, WithOther), (Seed, ByWire)],
            &[Off, Low, Medium, High, Max],
        ),
        ("anthropic", "claude-3-haiku", &[(Seed, ByWire), (Effort, ByModel)], &[]),
    ];
    for (vendor, model, refused, efforts) in table {
        let view = describe(&bench, vendor, model).await;
        let said: Vec<_> = view.parameters.iter().filter_map(|p| Some((p.name, p.refused?))).collect();
        assert_eq!(said, *refused, "{vendor} {model}");
        assert_eq!(view.efforts, *efforts, "{vendor} {model}");
    }
    let most = |view: &TargetView, name| view.parameters.iter().find(|p| p.name == name).unwrap().most;
    let claude = describe(&bench, "anthropic", "claude-opus-4-6").await;
    assert_eq!((most(&claude, Temperature), most(&claude, MaxTokens)), (Some(1.0), Some(128_000.0)));
    assert_eq!(most(&describe(&bench, "openai", "gpt-4o").await, Temperature), Some(2.0));
}

fn body(vendor: &Vendor, model: &str, parameters: Parameters) -> Option<String> {
    let request = ChatRequest { parameters, ..ChatRequest::new(model, vec![Message::text(Role::User, "x")]) };
    dialects::dialect(vendor.dialect_of(model))?.chat(vendor, &request, true).unwrap().body
}

/// Whatever is set, for every model of the catalogue: what is not reported as refused is in the body.
#[test]
fn nothing_is_dropped_that_is_not_reported() {
    type Setter = fn(&mut Parameters);
    let set: [(ParameterName, Setter); 6] = [
        (Temperature, |p| p.temperature = Some(0.25)),
        (TopP, |p| p.top_p = Some(0.75)),
        (MaxTokens, |p| p.max_tokens = Some(5_000)),
        (Stop, |p| p.stop = vec!["END".into()]),
        (Seed, |p| p.seed = Some(42)),
        (Effort, |p| p.reasoning_effort = Some(ReasoningEffort::Medium)),
    ];
    let mut looked_at = 0;
    for vendor in Catalog::bundled().iter().filter(|vendor| dialects::dialect(vendor.dialect).is_some()) {
        let listed = vendor.models.iter().map(|model| model.id.as_str());
        let ruled = vendor.rules.iter().map(|rule| rule.prefix.as_str());
        for model in listed.chain(ruled).chain(["anything"]).filter(|model| !model.is_empty()) {
            let can = capabilities::of(vendor, model, None);
            let views: Vec<_> = capabilities::parameters(vendor, model, &can);
            let free: Vec<_> = views.iter().filter(|p| p.refused.is_none()).map(|p| p.name).collect();
            // Values in the range that is told.
            let within = |mut asked: Parameters| {
                let range = |name| views.iter().find(|p| p.name == name).and_then(|p| p.least.zip(p.most)).unwrap();
                let clamp = |value: f64, (least, most): (f64, f64)| value.clamp(least, most);
                asked.temperature = asked.temperature.map(|t| clamp(t, range(Temperature)));
                asked.top_p = asked.top_p.map(|p| clamp(p, range(TopP)));
                asked
            };
            let mut all = Parameters::default();
            set.iter().filter(|(name, _)| free.contains(name)).for_each(|(_, set)| set(&mut all));
            let all = within(all);
            for (name, _) in set.iter().filter(|(name, _)| free.contains(name)) {
                let mut others = Parameters::default();
                let kept = |other: &ParameterName| other != name && free.contains(other);
                set.iter().filter(|(other, _)| kept(other)).for_each(|(_, set)| set(&mut others));
                assert_ne!(
                    body(vendor, model, all.clone()),
                    body(vendor, model, within(others)),
                    "{} {model} {name:?}",
                    vendor.id
                );
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 300, "{looked_at}");
}

#[test]
fn ranges_are_those_of_the_models_rules() {
    let mine = |rules: &str| {
        let text = format!(
            "id = \"mine\"\nname = \"Mine\"\ncategory = \"cloud\"\ndialect = \"openai-chat\"\nauth = \"none\"\n\
             key = \"none\"\nmark = {{ letters = \"Mi\", hue = \"sky\" }}\n\n[[rules]]\nprefix = \"\"\n\
             [rules.parameters]\n{rules}\n"
        );
        let vendor = Vendor::from_toml("mine", &text).unwrap();
        let can = capabilities::of(&vendor, "m", None);
        let views = capabilities::parameters(&vendor, "m", &can);
        views.into_iter().map(|p| (p.name, (p.refused, p.least, p.most))).collect::<std::collections::HashMap<_, _>>()
    };
    for (rules, name, want) in [
        ("seed = { rejected = true }", Temperature, (None, Some(0.0), Some(2.0))),
        ("temperature = { rejected = true }", Temperature, (Some(ByModel), Some(0.0), Some(2.0))),
        ("temperature = { fixed = 1 }", Temperature, (None, Some(1.0), Some(1.0))),
        ("temperature = { fixed = 1, required = 1 }", Temperature, (Some(ByModel), Some(1.0), Some(1.0))),
        ("temperature = { least = 0.5, required = 0.5 }", Temperature, (None, Some(0.5), Some(2.0))),
        ("temperature = { least = 0.6, most = 1.5 }", Temperature, (None, Some(0.6), Some(1.5))),
        ("top_p = { least = 0.01 }", TopP, (None, Some(0.01), Some(1.0))),
        ("top_p = { excludes = [\"temperature\"] }", TopP, (Some(WithOther), Some(0.0), Some(1.0))),
        ("max_tokens = { most = 4096 }", MaxTokens, (None, Some(1.0), Some(4096.0))),
        ("stop = { rejected = true }", Stop, (Some(ByModel), None, None)),
        ("reasoning_effort = { rejected = true }", Effort, (Some(ByModel), None, None)),
    ] {
        assert_eq!(mine(rules)[&name], want, "{rules}");
    }
}

#[test]
fn a_file_is_refused_only_where_that_is_known() {
    let file = |media_type: &str| AttachmentRow {
        id: 1,
        sha256: "0".repeat(64),
        name: "a".into(),
        media_type: media_type.into(),
        bytes: 1,
    };
    let blind = ModelInfo {
        can: parlance_providers::Abilities { images: Some(false), ..Default::default() },
        ..ModelInfo::default()
    };
    let (png, pdf, wav, zip) = ("image/png", "application/pdf", "audio/wav", "application/zip");
    for (vendor, model, listed, media_type, refused) in [
        ("openai", "gpt-4o", None, png, None),
        ("openai", "gpt-4o", Some(&blind), png, Some("images_refused")),
        ("openai", "gpt-4o-2024-08-06", None, pdf, None),
        ("openai", "gpt-4o", None, wav, Some("audio_refused")),
        ("groq", "openai/gpt-oss-120b", None, png, Some("images_refused")),
        ("groq", "openai/gpt-oss-120b", None, "text/plain", None),
        ("groq", "meta-llama/llama-4-scout-17b-16e-instruct", None, pdf, Some("pdf_refused")),
        ("mistral", "mistral-large-latest", None, pdf, None),
        ("gemini", "gemini-2.5-flash", None, wav, None),
        ("gemini", "gemini-2.5-flash", None, zip, Some("not_sendable")),
        ("openai-compatible", "anything", None, png, None),
        ("openai-compatible", "anything", None, pdf, None),
        ("ollama", "anything", None, png, None),
        ("anthropic", "claude-opus-5", None, "image/bmp", Some("not_sendable")),
    ] {
        let vendor = Catalog::bundled().get(vendor).unwrap();
        let said = match capabilities::accepts(vendor, model, listed, &[file("text/plain"), file(media_type)]) {
            Ok(()) => None,
            Err(Error::Invalid { field: "attachments", reason }) => Some(reason),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(said, refused, "{} {model} {media_type}", vendor.id);
    }
}

fn what_if(target: Target, conversation: Option<&str>, text: &str) -> EstimateInput {
    EstimateInput {
        conversation_id: conversation.map(str::to_owned),
        target: target.into(),
        text: text.into(),
        attachments: Vec::new(),
        setup: ChatSetup::default(),
    }
}

async fn answer(
    bench: &mut Bench,
    conversation: Option<&str>,
    provider: &ProviderView,
    usage: Option<Usage>,
) -> String {
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(conversation, &"word ".repeat(80), provider).await;
    let asked: Asked = bench.asked.recv().await.unwrap();
    asked.text(&"answer ".repeat(40));
    if let Some(usage) = usage {
        asked.say.send(Ok(ChatEvent::Usage(usage))).unwrap();
    }
    asked.say.send(Ok(ChatEvent::Finished { class: FinishClass::Stop, reason: None })).unwrap();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    receipt.summary.id
}

#[tokio::test]
async fn a_new_chat_is_guessed_from_what_stands_in_the_composer() {
    let bench = Bench::new().await;
    let provider = provider_of(&bench, "anthropic").await;
    let mut input = what_if(target(&provider, "claude-haiku-4-5"), None, &"four".repeat(100));
    input.setup.system_prompt = "Be brief, and be kind.".into();
    let png =
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &[0, 0, 3, 0xe8, 0, 0, 2, 0xee, 8, 6, 0, 0, 0, 0, 0, 0, 0]];
    let picture = bench.app.add_attachment("p.png", STANDARD.encode(png.concat())).await.unwrap();
    input.attachments = vec![picture.id];
    let guess = bench.app.estimate(input.clone()).await.unwrap();
    assert_eq!((guess.text_tokens, guess.system_tokens, guess.attachment_tokens), (104, 10, 1000));
    assert_eq!((guess.history_tokens, guess.cached_tokens, guess.answer_tokens), (0, 0, 500));
    assert_eq!(guess.context, Some(200_000));
    // 1 USD in, 5 USD out a million.
    assert_eq!(guess.cost_nano, Some(f64::from(1114 * 1_000 + 500 * 5_000)));

    input.setup.max_tokens = Some(100);
    assert_eq!(bench.app.estimate(input.clone()).await.unwrap().answer_tokens, 100);
    let parameters = DefaultParameters { max_tokens: Some(60), ..DefaultParameters::default() };
    let settings = ProviderSettings { parameters, ..provider.settings.clone() };
    bench.app.save_provider_settings(&provider.id, settings).await.unwrap();
    assert_eq!(bench.app.estimate(input.clone()).await.unwrap().answer_tokens, 100, "the chat's word comes first");
    input.setup.max_tokens = None;
    assert_eq!(bench.app.estimate(input.clone()).await.unwrap().answer_tokens, 60);
    input.target = target(&provider_of(&bench, "ollama").await, "x").into();
    assert_eq!(bench.app.estimate(input.clone()).await.unwrap().cost_nano, Some(0.0));
    input.target = target(&provider_of(&bench, "openai-compatible").await, "x").into();
    assert_eq!(bench.app.estimate(input.clone()).await.unwrap().cost_nano, None);
    for id in ["x".to_owned(), "A".repeat(64)] {
        input.attachments = vec![id];
        assert!(matches!(bench.app.estimate(input.clone()).await, Err(Error::Invalid { field: "attachments", .. })));
    }
}

#[tokio::test]
async fn a_chat_is_reckoned_from_what_the_vendor_counted_last() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let guess = |bench: &Bench, id: String, model: &str| {
        let (app, input) = (bench.app.clone(), what_if(target(&provider, model), Some(&id), ""));
        async move { app.estimate(input).await.unwrap() }
    };
    // Nobody counted: the texts are guessed.
    let chat = answer(&mut bench, None, &provider, None).await;
    let first: EstimateView = guess(&bench, chat.clone(), "m-1").await;
    assert_eq!((first.history_tokens, first.cached_tokens), (104 + 74, 0));

    let usage = Usage {
        input_total: Some(9_000),
        cache_read: Some(3_000),
        cache_write: Some(1_000),
        output_total: Some(700),
        reasoning: Some(400),
        ..Usage::default()
    };
    answer(&mut bench, Some(&chat), &provider, Some(usage)).await;
    let second = guess(&bench, chat.clone(), "m-1").await;
    assert_eq!((second.history_tokens, second.cached_tokens), (9_300, 4_000));
    assert_eq!(guess(&bench, chat.clone(), "other").await.cached_tokens, 0, "another model has another cache");
    assert_eq!(second.answer_tokens, 700, "the median of what the answers had");

    // What came after the last count is guessed on top of it.
    answer(&mut bench, Some(&chat), &provider, None).await;
    assert_eq!(guess(&bench, chat.clone(), "m-1").await.history_tokens, 9_300 + 104 + 74);

    let mut input = what_if(target(&provider, "m-1"), Some(&chat), "");
    input.setup.system_prompt = "x".repeat(400);
    let with_system = bench.app.estimate(input).await.unwrap();
    assert_eq!((with_system.system_tokens, with_system.history_tokens), (104, 9_300 + 74));
}

#[test]
fn more_text_is_never_less() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (bench, provider) = runtime.block_on(async {
        let bench = Bench::new().await;
        let provider = provider_of(&bench, "openai").await;
        (bench, provider)
    });
    let estimate =
        |text: &str| runtime.block_on(bench.app.estimate(what_if(target(&provider, "gpt-5.6"), None, text))).unwrap();
    proptest!(ProptestConfig::with_cases(64), |(text in "\\PC{0,80}", more in "\\PC{0,80}", times in 1_usize..40_000)| {
        let longer = format!("{text}{}", more.repeat(times.min(2_000_000 / more.len().max(1))));
        let (less, more) = (estimate(&text), estimate(&longer));
        prop_assert!(less.text_tokens <= more.text_tokens);
        prop_assert!(less.cost_nano.unwrap() <= more.cost_nano.unwrap());
    });
}
