//! Vendor files of a user, and a vendor's own fields.

use std::fs;

use parlance_core::view::{KeyInput, ProviderInput, ProviderSettings};
use parlance_providers::Balance;

use super::fake::{Desk, refusal};
use crate::common::input;

const MINE: &str = r#"
id = "mine"
name = "Mine"
category = "cloud"
dialect = "openai-chat"
base_url = "http://127.0.0.1:9/v1"
auth = "bearer"
key = "optional"
mark = { letters = "Mi", hue = "jade" }

[[fields]]
id = "team"
name = "Team"
header = "X-Mine-Team"
required = true

[[fields]]
id = "plan"
name = "Plan"
header = "X-Mine-Plan"
choices = ["small", "large"]

[[models]]
id = "mine-1"
name = "Mine One"
context = 32000
"#;

fn write(desk: &Desk, name: &str, text: &str) {
    let folder = desk.folder.path().join("vendors");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

fn fields(fields: &[(&str, &str)]) -> ProviderSettings {
    let fields = fields.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    ProviderSettings { fields, ..ProviderSettings::default() }
}

#[tokio::test]
async fn a_vendor_is_added_at_run_time_and_chatted_with() {
    let desk = Desk::new().await;
    let before = desk.app.catalogue().await.unwrap();
    assert_eq!((before.own, before.rejected.len()), (0, 0));
    assert_eq!(before.folder, desk.folder.path().join("vendors").display().to_string());
    write(&desk, "mine.toml", MINE);
    write(&desk, "broken.toml", "id = ");
    write(&desk, "openai.toml", &MINE.replace("\"mine\"", "\"openai\""));
    let after = desk.app.catalogue().await.unwrap();
    assert_eq!((after.own, after.vendors, after.models), (1, before.vendors + 1, before.models + 1));
    let rejected: Vec<_> = after.rejected.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(rejected, ["broken.toml", "openai.toml"]);
    assert!(after.rejected[1].reason.contains("already"));

    let vendor = desk.app.list_vendors().into_iter().find(|vendor| vendor.id == "mine").unwrap();
    assert!(vendor.own && vendor.fields[0].required);
    let provider = desk.of("mine", "").await;
    assert_eq!((provider.models[0].id.as_str(), provider.models[0].context), ("mine-1", Some(32_000)));
    assert!(!provider.ready);
    let refused = desk.say(&provider, "mine-1").await.unwrap_err();
    assert!(refused.starts_with("field_missing") && refused.contains("Team"), "{refused}");
    for (field, reason, settings) in [
        ("fields.team", "empty", fields(&[("team", " ")])),
        ("fields.team", "not_sendable", fields(&[("team", "a\nb")])),
        ("fields.plan", "not_a_choice", fields(&[("team", "t"), ("plan", "huge")])),
        ("fields.team", "too_long", fields(&[("team", &"t".repeat(1_001))])),
    ] {
        let said = refusal(desk.app.save_provider_settings(&provider.id, settings).await);
        assert_eq!(said, (field.to_owned(), reason));
    }
    let set = fields(&[("team", " blue "), ("plan", "large")]);
    assert!(desk.app.save_provider_settings(&provider.id, set).await.unwrap().ready);
    desk.say(&provider, "mine-1").await.unwrap();
    let made = desk.made();
    assert_eq!(made.vendor, "mine");
    assert_eq!(made.fields, [("plan".to_owned(), "large".to_owned()), ("team".to_owned(), "blue".to_owned())]);

    let desk = desk.reopen().await;
    desk.say(&provider, "mine-1").await.unwrap();
    let times = || desk.shared.made.lock().unwrap().len();
    desk.app.catalogue().await.unwrap();
    desk.say(&provider, "mine-1").await.unwrap();
    assert_eq!(times(), 1, "a file that says the same changes nothing");
    let without_plan = MINE.replace("\"plan\"", "\"other\"");
    write(&desk, "mine.toml", &without_plan);
    desk.app.catalogue().await.unwrap();
    let settings = desk.only().await.settings;
    assert_eq!(settings.fields["plan"], "large", "what a file no longer has is not lost by that");
    let saved = desk.app.save_provider_settings(&provider.id, settings).await.unwrap();
    assert_eq!(saved.settings.fields.keys().collect::<Vec<_>>(), ["team"], "and nobody is stuck with it");
    write(&desk, "mine.toml", &MINE.replace("Mine One", "Mine Two"));
    desk.app.catalogue().await.unwrap();
    desk.say(&provider, "mine-1").await.unwrap();
    assert_eq!(times(), 2, "one that says something else is obeyed");
}

#[tokio::test]
async fn a_vendor_that_went_away_leaves_its_provider_and_its_chats() {
    let desk = Desk::new().await;
    write(&desk, "mine.toml", MINE);
    desk.app.catalogue().await.unwrap();
    let provider = desk.of("mine", "").await;
    desk.app.save_provider_settings(&provider.id, fields(&[("team", "blue")])).await.unwrap();
    let chat = desk.say(&provider, "mine-1").await.unwrap().summary;
    fs::remove_file(desk.folder.path().join("vendors/mine.toml")).unwrap();
    desk.app.catalogue().await.unwrap();
    let desk = desk.reopen().await;
    let view = desk.only().await;
    assert_eq!((view.vendor.as_str(), view.name.as_str(), view.ready), ("mine", "Bench", false));
    assert_eq!((view.dialect.as_str(), view.mark.letters.as_str()), ("", "mi"), "it says that it is gone");
    assert_eq!(desk.say(&provider, "mine-1").await.unwrap_err(), "vendor: unknown_vendor");
    let messages = desk.app.get_conversation(&chat.id).await.unwrap().messages;
    assert_eq!(messages.len(), 2);
    let off = ProviderInput {
        id: Some(provider.id.clone()),
        vendor: "mine".into(),
        enabled: false,
        ..input("http://127.0.0.1:9/v1")
    };
    assert!(!desk.app.save_provider(off).await.unwrap().enabled, "it can still be switched off");
    write(&desk, "mine.toml", MINE);
    desk.app.catalogue().await.unwrap();
    assert_eq!(desk.only().await.dialect, "openai-chat");
    assert_eq!(desk.only().await.settings.fields["team"], "blue");
}

#[tokio::test]
async fn a_balance_is_told_where_the_vendor_tells() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let account = &provider.accounts[0].id;
    assert_eq!(refusal(desk.app.provider_balance(&provider.id, account).await).1, "no_balance");
    *desk.shared.balance.lock().unwrap() = Some(Balance { amount: "12.30".into(), currency: "CNY".into() });
    desk.app.set_key(account, KeyInput::Env { name: "TEST_KEY".into() }).await.unwrap();
    let balance = desk.app.provider_balance(&provider.id, account).await.unwrap();
    assert_eq!((balance.amount.as_deref(), balance.currency.as_deref()), (Some("12.30"), Some("CNY")));
    assert_eq!(desk.made().key.as_deref(), Some("sk-from-the-environment"));
    assert_eq!(desk.app.provider_balance(&provider.id, "99").await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn nothing_is_fetched_from_models_dev_unless_it_is_allowed() {
    let desk = Desk::new().await;
    assert_eq!(refusal(desk.app.refresh_model_data().await), ("modelsDev".to_owned(), "not_allowed"));
    assert!(desk.app.catalogue().await.unwrap().models_dev.is_none());
}
