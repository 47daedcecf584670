//! Models: where what is known of them comes from, and what stays when a list is fetched anew.

use std::collections::BTreeMap;

use parlance_core::{
    Error,
    registry::model_data,
    view::{
        Capabilities, KeyInput, ModelInput, ModelOrigin, ModelView, ProviderInput, ProviderView, SettingChange, Target,
    },
};
use parlance_providers::{Abilities, Category, ModelInfo};

use super::fake::{Desk, model, refusal};
use crate::common::{self, NOON};

fn of<'a>(view: &'a ProviderView, id: &str) -> &'a ModelView {
    view.models.iter().find(|model| model.id == id).unwrap_or_else(|| panic!("{id} is not there"))
}

fn told(id: &str) -> ModelInput {
    ModelInput { id: id.into(), name: None, context: None, max_output: None, can: Capabilities::default() }
}

fn list(desk: &Desk, models: Vec<ModelInfo>) {
    *desk.shared.models.lock().unwrap() = models;
}

/// Puts data of models into the store, as a fetch that was allowed does.
async fn models_dev(desk: &Desk, models: Vec<ModelInfo>) {
    desk.app.change_setting(SettingChange::ModelsDev(true)).await.unwrap();
    let mut store = common::store(&desk.folder.path().join("data"));
    let tx = store.transaction().unwrap();
    model_data::replace(&tx, &BTreeMap::from([("openai".to_owned(), models)])).unwrap();
    tx.commit().unwrap();
}

async fn openai(desk: &Desk) -> ProviderView {
    let provider = desk.of("openai", "http://127.0.0.1:9/v1").await;
    desk.app.set_key(&provider.accounts[0].id, KeyInput::Env { name: "TEST_KEY".into() }).await.unwrap()
}

#[tokio::test]
async fn each_fact_comes_from_the_first_source_that_has_it() {
    let desk = Desk::new().await;
    let provider = openai(&desk).await;
    let bundled = provider.models.iter().find(|model| model.id == "gpt-5.4").cloned();
    let bundled = bundled.expect("the catalogue knows it");
    assert_eq!(bundled.origin, ModelOrigin::Bundled);
    let of_dev = ModelInfo {
        name: Some("By models.dev".into()),
        context: Some(1_000),
        max_output: Some(100),
        can: Abilities { audio: Some(true), images: Some(false), ..Abilities::default() },
        ..model("gpt-5.4")
    };
    models_dev(&desk, vec![of_dev, model("only-there")]).await;
    let view = desk.only().await;
    assert_eq!(of(&view, "only-there").origin, ModelOrigin::ModelsDev);
    let known = of(&view, "gpt-5.4");
    assert_eq!((known.name.as_deref(), known.context), (Some("By models.dev"), Some(1_000)));
    assert_eq!((known.can.audio, known.can.images, known.can.tools), (Some(true), Some(false), bundled.can.tools));
    desk.app.change_setting(SettingChange::ModelsDev(false)).await.unwrap();
    let view = desk.only().await;
    assert!(view.models.iter().all(|model| model.id != "only-there"), "what was fetched is not used while it is off");
    assert_eq!(*of(&view, "gpt-5.4"), bundled);
    desk.app.change_setting(SettingChange::ModelsDev(true)).await.unwrap();

    let listed = ModelInfo {
        context: Some(2_000),
        can: Abilities { images: Some(true), ..Abilities::default() },
        ..model("gpt-5.4")
    };
    list(&desk, vec![listed]);
    desk.app.list_models(&provider.id).await.unwrap();
    let view = desk.only().await;
    assert_eq!(view.models.len(), 1, "its own list is what it has");
    let known = of(&view, "gpt-5.4");
    assert_eq!((known.origin, known.context, known.max_output), (ModelOrigin::Listed, Some(2_000), Some(100)));
    assert_eq!((known.name.as_deref(), known.can.images), (Some("By models.dev"), Some(true)));

    let mine = ModelInput {
        name: Some(" Mine ".into()),
        max_output: Some(50),
        can: Capabilities { images: Some(false), ..Capabilities::default() },
        ..told("gpt-5.4")
    };
    let view = desk.app.add_model(&provider.id, mine).await.unwrap();
    let known = of(&view, "gpt-5.4").clone();
    assert_eq!((known.origin, known.name.as_deref()), (ModelOrigin::User, Some("Mine")));
    assert_eq!((known.context, known.max_output), (Some(2_000), Some(50)));
    assert_eq!((known.can.images, known.can.audio), (Some(false), Some(true)));
    assert_eq!((known.input_nano, known.cache_read_nano), (Some(2.5e9), Some(0.25e9)));

    let target = Target { provider_id: provider.id.clone(), model: "gpt-5.4".into() };
    let described = desk.app.describe_target(target).await.unwrap();
    assert_eq!((described.context, described.max_output, described.can), (known.context, known.max_output, known.can));

    let view = desk.app.remove_model(&provider.id, "gpt-5.4").await.unwrap();
    assert_eq!(of(&view, "gpt-5.4").origin, ModelOrigin::Listed);
    assert_eq!(desk.app.remove_model(&provider.id, "gpt-5.4").await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn what_a_person_chose_survives_a_fresh_list() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let app = &desk.app;
    list(&desk, vec![model("a"), model("b")]);
    app.check_provider(&provider.id, None).await.unwrap();
    app.add_model(&provider.id, told("mine")).await.unwrap();
    app.show_models(&provider.id, &["a".to_owned(), "mine".to_owned()], false).await.unwrap();
    let target = Target { provider_id: provider.id.clone(), model: "b".into() };
    app.favour_model(target, true).await.unwrap();
    list(&desk, vec![model("c"), model("b"), model("a")]);
    app.check_provider(&provider.id, None).await.unwrap();
    let desk = desk.reopen().await;
    let view = desk.only().await;
    let found: Vec<_> = view.models.iter().map(|m| (m.id.as_str(), m.shown, m.favourite)).collect();
    assert_eq!(found, [("mine", false, false), ("c", true, false), ("b", true, true), ("a", false, false)]);
    assert_eq!(view.models_fetched_at, Some(NOON as f64));
    let view = desk.app.add_model(&provider.id, told("mine")).await.unwrap();
    assert!(of(&view, "mine").shown, "who adds a model wants to see it");
    let view = desk.app.remove_model(&provider.id, "mine").await.unwrap();
    assert!(view.models.iter().all(|m| m.id != "mine"));

    let named = |name: &str| ModelInput { name: Some(name.into()), ..told("m") };
    for (field, reason, input) in [
        ("id", "empty", told(" ")),
        ("id", "not_a_model", told("a\nb")),
        ("name", "too_long", named(&"n".repeat(201))),
        ("context", "out_of_range", ModelInput { context: Some(0), ..told("m") }),
        ("maxOutput", "out_of_range", ModelInput { max_output: Some(0), ..told("m") }),
    ] {
        assert_eq!(refusal(desk.app.add_model(&provider.id, input).await), (field.to_owned(), reason));
    }
}

#[tokio::test]
async fn embedding_models_are_kept_and_offered_to_no_chat() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let embeds = Abilities { embeddings: Some(true), ..Abilities::default() };
    let embedder = ModelInfo { chats: Some(false), can: embeds, ..model("embedder") };
    let painter = ModelInfo { chats: Some(false), ..model("painter") };
    list(&desk, vec![model("talker"), embedder.clone(), painter.clone()]);
    assert_eq!(desk.app.check_provider(&provider.id, None).await.unwrap().models, 2);
    desk.app.show_models(&provider.id, &["embedder".to_owned()], true).await.unwrap();
    let view = desk.only().await;
    let found: Vec<_> = view.models.iter().map(|m| (m.id.as_str(), m.shown, m.can.embeddings)).collect();
    assert_eq!(found, [("talker", true, None), ("embedder", false, Some(true))]);
    list(&desk, vec![embedder]);
    assert!(desk.app.check_provider(&provider.id, None).await.unwrap().ok, "a vendor may do nothing else");
    list(&desk, vec![painter]);
    assert!(!desk.app.check_provider(&provider.id, None).await.unwrap().ok);
}

#[tokio::test]
async fn an_empty_list_is_said_and_wipes_nothing() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    desk.app.check_provider(&provider.id, None).await.unwrap();
    list(&desk, Vec::new());
    let checked = desk.app.check_provider(&provider.id, None).await.unwrap();
    let error = checked.error.unwrap();
    assert_eq!(
        (checked.ok, error.category, error.code.as_deref()),
        (false, Category::BrokenStream, Some("empty_list"))
    );
    let listed = desk.app.list_models(&provider.id).await;
    assert!(matches!(listed, Err(Error::Provider(error)) if error.cause == Some("empty_list")));
    assert_eq!(desk.only().await.models.len(), 1);
}

#[tokio::test]
async fn an_old_list_is_fetched_anew_when_it_is_used_and_never_by_itself() {
    const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let lists = || *desk.shared.lists.lock().unwrap();
    desk.say(&provider, "m").await.unwrap();
    assert_eq!(lists(), 0, "a list that was never asked for is not old");
    desk.app.check_provider(&provider.id, None).await.unwrap();
    desk.clock.set(NOON + WEEK);
    desk.say(&provider, "m").await.unwrap();
    desk.app.bootstrap().await.unwrap();
    assert_eq!(lists(), 1);
    desk.clock.set(NOON + WEEK + 1);
    list(&desk, vec![model("new-model")]);
    desk.app.bootstrap().await.unwrap();
    assert_eq!(lists(), 1);
    desk.say(&provider, "m").await.unwrap();
    while desk.only().await.models[0].id != "new-model" {
        tokio::task::yield_now().await;
    }
    desk.clock.set(NOON + 3 * WEEK);
    desk.say(&provider, "m").await.unwrap();
    desk.app.close().await;
    assert_eq!(*desk.shared.lists.lock().unwrap(), 2, "once while the app is open");
}

#[tokio::test]
async fn the_model_that_is_offered_first_is_there_whatever_the_lists_say() {
    let desk = Desk::new().await;
    let provider = openai(&desk).await;
    let named = ProviderInput {
        id: Some(provider.id.clone()),
        vendor: provider.vendor.clone(),
        name: provider.name.clone(),
        base_url: provider.base_url.clone(),
        enabled: true,
        default_model: Some("house-model".into()),
        in_clear: false,
        fields: Default::default(),
    };
    let view = desk.app.save_provider(named).await.unwrap();
    assert_eq!(of(&view, "house-model").origin, ModelOrigin::User);
    assert_eq!(view.models.len(), provider.models.len() + 1);
    list(&desk, vec![model("house-model"), model("other")]);
    desk.app.list_models(&provider.id).await.unwrap();
    assert_eq!(of(&desk.only().await, "house-model").origin, ModelOrigin::Listed, "and only once");
}
