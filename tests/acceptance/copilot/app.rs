//! Signing in within the app, and what it keeps and shows of it.

use std::{fs, path::Path, sync::Arc};

use parlance_core::{
    App, Error, Host, Outside,
    clock::SystemClock,
    registry::OverHttp,
    secrets::Secrets,
    view::{
        AccountInput, KeyPlace, KeyStatus, MessageStatus, ProviderInput, ProviderView, SendInput, SettingChange,
        Settled, SignInEnd, Target,
    },
};
use parlance_tests::copilot::{CopilotStandIn, Device, Door};

use super::no_canary;

struct Desk {
    stand_in: CopilotStandIn,
    app: App,
    folder: tempfile::TempDir,
    provider: ProviderView,
}

impl Desk {
    async fn new() -> Self {
        let stand_in = CopilotStandIn::start(0).await;
        let folder = tempfile::tempdir().unwrap();
        let vendors = folder.path().join("vendors");
        fs::create_dir_all(&vendors).unwrap();
        fs::write(vendors.join("mine.toml"), stand_in.vendor_file("mine")).unwrap();
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: Arc::new(SystemClock),
            secrets: Secrets::new(|_| None),
            connect: Arc::new(OverHttp),
            outside: Outside::below(folder.path()),
        })
        .await
        .unwrap();
        let input = ProviderInput {
            id: None,
            vendor: "mine".into(),
            name: String::new(),
            base_url: String::new(),
            enabled: true,
            default_model: None,
            in_clear: false,
            fields: Default::default(),
        };
        let provider = app.save_provider(input).await.unwrap();
        Self { stand_in, app, folder, provider }
    }

    async fn sign_in(&self, account: usize, steps: impl IntoIterator<Item = Device>) -> Result<SignInEnd, Error> {
        let provider = self.view().await;
        let begun = self.app.begin_sign_in(&provider.accounts[account].id, KeyPlace::Session).await?;
        assert_eq!(begun.page, format!("{}/login/device", self.stand_in.address()));
        no_canary(&serde_json::to_string(&begun).unwrap());
        self.stand_in.script(&begun.user_code, steps);
        self.app.await_sign_in(&begun.id).await
    }

    async fn view(&self) -> ProviderView {
        self.app.list_providers().await.unwrap().into_iter().find(|view| view.id == self.provider.id).unwrap()
    }

    async fn say(&self, model: &str) -> Settled {
        let (snapshot, mut reader) = self.app.attach("main");
        let target = Target { provider_id: self.provider.id.clone(), model: model.into() };
        let receipt = self.app.send(SendInput::text(None, "hello", target)).await.unwrap();
        loop {
            let frame = reader.next().await.unwrap();
            self.app.acknowledge("main", &snapshot.attachment, frame.frame);
            let of_run = frame.runs.into_iter().filter(|run| run.run_id == receipt.run_id);
            if let Some(settled) = of_run.filter_map(|run| run.settled).next_back() {
                return settled;
            }
        }
    }
}

fn identity(view: &ProviderView, account: usize) -> Option<&str> {
    view.accounts[account].identity.as_deref()
}

/// What any file below a folder holds.
fn files(folder: &Path, look: &mut impl FnMut(&[u8])) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, look);
        } else {
            look(&fs::read(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn a_login_is_kept_used_on_every_wire_and_told_nowhere() {
    let desk = Desk::new().await;
    assert!(desk.app.list_vendors().iter().any(|vendor| vendor.id == "mine" && vendor.notice.is_some()));
    desk.app.change_setting(SettingChange::RecordTraffic(true)).await.unwrap();
    let end = desk.sign_in(0, [Device::SlowDown, Device::Approved("octo-one".into())]).await.unwrap();
    let SignInEnd::SignedIn { provider } = end else { panic!("{end:?}") };
    assert_eq!((identity(&provider, 0), provider.accounts[0].key.status), (Some("octo-one"), KeyStatus::Ready));
    assert_eq!(provider.accounts[0].key.store, "session");
    no_canary(&serde_json::to_string(&provider).unwrap());
    desk.app.check_provider(&desk.provider.id, None).await.unwrap();
    for model in ["gpt-4o", "gpt-5.3-codex", "claude-sonnet-4.6"] {
        let settled = desk.say(model).await;
        assert_eq!(settled.status, MessageStatus::Complete, "{model}: {settled:?}");
        no_canary(&serde_json::to_string(&settled).unwrap());
    }
    for (path, many) in [("/chat/completions", 1), ("/responses", 1), ("/v1/messages", 1)] {
        assert_eq!(desk.stand_in.asked_for(path).len(), many, "{path}");
    }
    assert_eq!(desk.stand_in.exchanges(), 1);
    let left = desk.app.provider_balance(&desk.provider.id, &provider.accounts[0].id).await.unwrap();
    assert_eq!((left.amount.as_deref(), left.currency, left.quota.unwrap().unlimited), (Some("262.5"), None, false));
    desk.app.close().await;
    let mut looked_at = 0;
    files(desk.folder.path(), &mut |bytes| {
        looked_at += 1;
        no_canary(&String::from_utf8_lossy(bytes));
    });
    assert!(looked_at > 5, "the store and the traffic");
}

#[tokio::test]
async fn a_sign_in_ends_as_the_person_wants_and_leaves_the_login_before_alone() {
    let desk = Desk::new().await;
    let end = desk.sign_in(0, [Device::Approved("octo-one".into())]).await.unwrap();
    assert!(matches!(end, SignInEnd::SignedIn { .. }));
    assert!(matches!(desk.sign_in(0, [Device::Denied]).await.unwrap(), SignInEnd::Denied));
    assert!(matches!(desk.sign_in(0, [Device::Expired]).await.unwrap(), SignInEnd::Expired));
    let account = desk.view().await.accounts[0].id.clone();
    let begun = desk.app.begin_sign_in(&account, KeyPlace::Session).await.unwrap();
    let waiting = tokio::spawn({
        let (app, id) = (desk.app.clone(), begun.id.clone());
        async move { app.await_sign_in(&id).await.unwrap() }
    });
    tokio::task::yield_now().await;
    // A new one ends the one before.
    let second = desk.app.begin_sign_in(&account, KeyPlace::Session).await.unwrap();
    assert!(matches!(waiting.await.unwrap(), SignInEnd::Cancelled));
    desk.app.cancel_sign_in(&second.id);
    assert!(matches!(desk.app.await_sign_in(&second.id).await.unwrap(), SignInEnd::Cancelled));
    assert!(desk.app.await_sign_in(&second.id).await.is_err(), "its end was told");
    let view = desk.view().await;
    assert_eq!((identity(&view, 0), view.accounts[0].key.status), (Some("octo-one"), KeyStatus::Ready));
    assert!(matches!(desk.app.begin_sign_in(&account, KeyPlace::Vault).await.unwrap_err(), Error::Secret(_)));
    // The app closes in the middle of one.
    let third = desk.app.begin_sign_in(&account, KeyPlace::Session).await.unwrap();
    desk.app.close().await;
    assert!(matches!(desk.app.await_sign_in(&third.id).await.unwrap(), SignInEnd::Cancelled));
}

#[tokio::test]
async fn two_accounts_of_one_provider_have_each_their_login_and_their_host() {
    let desk = Desk::new().await;
    desk.stand_in.in_business("octo-two");
    let second = AccountInput { id: None, provider_id: desk.provider.id.clone(), label: "Work".into(), enabled: true };
    desk.app.save_account(second).await.unwrap();
    for (account, name) in ["octo-one", "octo-two"].into_iter().enumerate() {
        let end = desk.sign_in(account, [Device::Approved(name.into())]).await.unwrap();
        assert!(matches!(end, SignInEnd::SignedIn { .. }));
        let view = desk.view().await;
        desk.app.check_provider(&desk.provider.id, Some(&view.accounts[account].id)).await.unwrap();
    }
    let view = desk.view().await;
    assert_eq!((identity(&view, 0), identity(&view, 1)), (Some("octo-one"), Some("octo-two")));
    let doors: Vec<Door> = desk.stand_in.asked_for("/models").iter().map(|asked| asked.door).collect();
    assert_eq!(doors, [Door::First, Door::First, Door::Second, Door::Second], "the check and its list");
    desk.app.close().await;
}
