//! Addresses that are filled from fields, and addresses as they are pasted.

use parlance_core::view::{ProviderInput, ProviderSettings, ProviderView};

use crate::common;
use super::{
    fake::{Desk, refusal},
};

fn setting_up(vendor: &str, base_url: &str, fields: &[(&str, &str)]) -> ProviderInput {
    let fields = fields.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    ProviderInput { vendor: vendor.to_owned(), fields, ..common::input(base_url) }
}

async fn change(desk: &Desk, view: &ProviderView, field: &str, value: &str) -> ProviderView {
    let mut settings: ProviderSettings = view.settings.clone();
    settings.fields.insert(field.to_owned(), value.to_owned());
    desk.app.save_provider_settings(&view.id, settings).await.unwrap()
}

#[tokio::test]
async fn an_address_is_made_of_fields_and_follows_them_until_it_is_somebodys_own() {
    let desk = Desk::new().await;
    let view = desk.app.save_provider(setting_up("vertex", "", &[("project", " p-1 ")])).await.unwrap();
    assert_eq!(view.base_url, "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global");
    assert_eq!(view.settings.fields.get("location").map(String::as_str), Some("global"));
    let view = change(&desk, &view, "location", "europe-west4").await;
    let here = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4";
    assert_eq!(view.base_url, here);

    let mut bad = view.settings.clone();
    bad.fields.insert("location".into(), "evil.example/".into());
    let refused = desk.app.save_provider_settings(&view.id, bad).await;
    assert_eq!(refusal(refused), ("fields.location".to_owned(), "not_a_label"));
    assert_eq!(desk.only().await.base_url, here, "nothing changed");

    let own = ProviderInput { id: Some(view.id.clone()), ..setting_up("vertex", "https://proxy.example/v1", &[]) };
    let view = desk.app.save_provider(own).await.unwrap();
    let view = change(&desk, &view, "project", "p-2").await;
    assert_eq!(view.base_url, "https://proxy.example/v1");
    let back = ProviderInput { id: Some(view.id.clone()), ..setting_up("vertex", "", &[]) };
    let view = desk.app.save_provider(back).await.unwrap();
    assert!(view.base_url.ends_with("/projects/p-2/locations/europe-west4"), "{}", view.base_url);
}

#[tokio::test]
async fn a_field_that_the_address_needs_is_asked_for() {
    let desk = Desk::new().await;
    for (fields, want) in [
        (vec![], ("fields.project", "empty")),
        (vec![("project", "p"), ("location", "a b")], ("fields.location", "not_a_label")),
        (vec![("project", "..")], ("fields.project", "not_a_segment")),
        (vec![("project", "p"), ("else", "x")], ("fields.else", "unknown_field")),
    ] {
        let refused = desk.app.save_provider(setting_up("vertex", "", &fields)).await;
        assert_eq!(refusal(refused), (want.0.to_owned(), want.1));
    }
    assert!(desk.app.list_providers().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_pasted_from_a_portal_is_taken_apart() {
    let desk = Desk::new().await;
    let pasted = "https://res.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21";
    let view = desk.app.save_provider(setting_up("azure", pasted, &[])).await.unwrap();
    assert_eq!(view.base_url, "https://res.openai.azure.com/openai");
    assert_eq!(view.settings.fields.get("api_version").map(String::as_str), Some("2024-10-21"));
    assert_eq!(view.default_model.as_deref(), Some("mine"));
    let view = change(&desk, &view, "api_version", "").await;
    assert_eq!(view.base_url, "https://res.openai.azure.com/openai/v1");
    let again = ProviderInput { id: Some(view.id.clone()), ..setting_up("azure", pasted, &[]) };
    let view = desk.app.save_provider(again).await.unwrap();
    assert_eq!(view.settings.fields.get("api_version").map(String::as_str), Some("2024-10-21"));
    assert_eq!(view.default_model, None, "only a new provider takes its model from the address");
    let other = desk.app.save_provider(setting_up("openai", pasted, &[])).await;
    assert_eq!(refusal(other), ("baseUrl".to_owned(), "not_a_url"));
}
