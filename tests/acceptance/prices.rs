//! Price data over real sockets: what is refused and said so, what is kept, and when it is fetched unasked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use parlance_core::{
    App, Error, Host, Outside,
    clock::ManualClock,
    costs::{catalogue::PriceData, price_file},
    registry::OverHttp,
    secrets::Secrets,
    view::{PriceSource, PricesInput, SettingChange},
};
use parlance_tests::{FaultyUpstream, Script, wire};
use serde_json::{Value, json};

/// 2026-11-22 12:00 UTC.
const NOON: i64 = 1_795_348_800_000;
const DAY: i64 = 24 * 3_600_000;

struct Desk {
    app: App,
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Desk {
    async fn new(address: &str) -> Self {
        Self::over(tempfile::tempdir().unwrap(), address).await
    }

    async fn over(folder: tempfile::TempDir, address: &str) -> Self {
        let clock = Arc::new(ManualClock::new(NOON, 0));
        let outside = Outside { prices: address.to_owned(), ..Outside::below(folder.path()) };
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: clock.clone(),
            secrets: Secrets::new(|_| None),
            connect: Arc::new(OverHttp),
            outside,
        })
        .await
        .unwrap();
        Self { app, folder, clock }
    }

    async fn reopen(self, address: &str) -> Self {
        self.app.close().await;
        Self::over(self.folder, address).await
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// Where prices come from, and what a model of them costs.
    async fn stand(&self) -> (PriceSource, Option<f64>) {
        let input = PricesInput { text: "OpenAI gpt-4o-mini".to_owned(), limit: 500, ..PricesInput::default() };
        let list = self.app.list_prices(input).await.unwrap();
        let row = list.rows.iter().find(|row| row.model == "gpt-4o-mini").expect("it is in the list");
        (list.source, row.rates.input)
    }
}

/// The bundled data as a document of the published form, with one price of a later day.
fn document() -> Vec<Value> {
    let data = PriceData::bundled();
    let usd = |rate: Option<parlance_core::costs::Rate>| rate.map(|rate| rate.nano() as f64 / 1e9);
    let model = |provider: &str, id: &str| {
        let price = data.list_price(provider, id, NOON).unwrap_or_default();
        let mut prices = json!({});
        for (kind, rate) in [("input_mtok", price.input), ("output_mtok", price.output)] {
            if let Some(usd) = usd(rate) {
                prices[kind] = json!(usd);
            }
        }
        json!({ "id": id, "match": { "equals": id }, "prices": prices })
    };
    let mut providers: Vec<Value> = Vec::new();
    for provider in data.calculator().providers() {
        let models: Vec<Value> = provider.models().map(|of| model(provider.id(), of.id())).collect();
        let about =
            json!({ "id": provider.id(), "name": provider.name(), "api_pattern": "https://x", "models": models });
        providers.push(about);
    }
    dated(&mut providers, "2026-11-04");
    providers
}

/// The model that the tests look at costs 0.2 USD from a day on.
fn dated(providers: &mut [Value], day: &str) {
    *price_of(providers, "gpt-4o-mini") = json!([
        { "prices": { "input_mtok": 0.15, "output_mtok": 0.6 } },
        { "constraint": { "start_date": day }, "prices": { "input_mtok": 0.2, "output_mtok": 0.8 } },
        { "constraint": { "start_date": "2027-01-01" }, "prices": { "input_mtok": 0.1, "output_mtok": 0.8 } },
    ]);
}

fn price_of<'a>(providers: &'a mut [Value], model: &str) -> &'a mut Value {
    let openai = providers.iter_mut().find(|provider| provider["id"] == "openai").unwrap();
    let models = openai["models"].as_array_mut().unwrap();
    &mut models.iter_mut().find(|known| known["id"] == model).unwrap()["prices"]
}

fn changed(change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut providers = document();
    change(&mut providers);
    serde_json::to_vec(&providers).unwrap()
}

fn answer(body: &[u8]) -> Script {
    Script::new().send(wire::answer("200 OK", "text/plain", body)).close()
}

fn address(upstream: &FaultyUpstream) -> String {
    format!("http://{}/data.json", upstream.address())
}

async fn refused(desk: &Desk) -> &'static str {
    match desk.app.refresh_prices().await {
        Err(Error::Prices(word)) => word,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_refused_leaves_the_prices_that_hold_and_is_said() {
    let good = changed(|_| {});
    let same_day = |change: fn(&mut Vec<Value>)| changed(change);
    let bad: Vec<(&str, Script)> = vec![
        ("network", Script::new().send(wire::head("500 Internal Server Error", &[("content-length", "0")])).close()),
        ("too_large", answer(&vec![b' '; price_file::LARGEST + 1])),
        ("truncated", answer(&good[..good.len() / 2])),
        ("not_json", answer(b"<html>sign in to this network</html>")),
        ("not_json", answer(b"")),
        ("not_json", answer(br#"{"error": "moved"}"#)),
        ("not_json", answer(&same_day(|all| all[0]["models"] = json!("none")))),
        ("absurd", answer(&same_day(|all| *price_of(all, "gpt-4o") = json!({ "input_mtok": -1 })))),
        (
            "absurd",
            answer(&same_day(|all| *price_of(all, "gpt-4o") = json!({ "input_mtok": 2500, "output_mtok": 10 }))),
        ),
        (
            "absurd",
            answer(&same_day(|all| *price_of(all, "gpt-4o") = json!({ "input_mtok": 0.0025, "output_mtok": 10 }))),
        ),
        ("absurd", answer(&same_day(|all| all.truncate(5)))),
        ("absurd", answer(b"[]")),
        ("older", answer(&same_day(|all| dated(all, "2026-10-01")))),
    ];
    let (words, scripts): (Vec<_>, Vec<_>) = bad.into_iter().unzip();
    let upstream = FaultyUpstream::start([answer(&good)].into_iter().chain(scripts)).await;
    let desk = Desk::new(&address(&upstream)).await;
    let (source, price) = desk.stand().await;
    assert_eq!((source.bundled, source.date.as_str(), price), (true, "2026-10-20", Some(0.15e9)));
    assert!(source.models > 2_000 && source.trouble.is_none() && source.fetched_at.is_none());

    let fetched = desk.app.refresh_prices().await.unwrap();
    assert_eq!((fetched.bundled, fetched.date.as_str(), fetched.trouble), (false, "2026-11-04", None));
    assert_eq!(fetched.fetched_at, Some(NOON as f64));
    assert_eq!(desk.stand().await.1, Some(0.2e9), "the new price holds");
    let kept = fs::read(desk.kept(price_file::FILE)).unwrap();
    let asked = upstream.requests();
    assert_eq!(asked[0].line(), "GET /data.json HTTP/1.1");
    for name in ["authorization", "cookie", "referer"] {
        assert_eq!(asked[0].header(name), None, "{name}");
    }

    desk.clock.advance(DAY);
    for word in words {
        assert_eq!(refused(&desk).await, word);
        let (source, price) = desk.stand().await;
        assert_eq!((source.trouble.as_deref(), source.date.as_str(), price), (Some(word), "2026-11-04", Some(0.2e9)));
        assert_eq!(source.fetched_at, Some(NOON as f64), "when the data in use was fetched");
        assert!(fs::read(desk.kept(price_file::FILE)).unwrap() == kept, "{word}: the last good copy stays");
    }
    assert_eq!(upstream.requests().len(), 14);
}

#[tokio::test]
async fn nobody_answers_and_the_next_start_knows_the_copy() {
    let upstream = FaultyUpstream::start([answer(&changed(|_| {}))]).await;
    let desk = Desk::new(&address(&upstream)).await;
    desk.app.refresh_prices().await.unwrap();
    let desk = desk.reopen("http://127.0.0.1:9/data.json").await;
    assert_eq!(refused(&desk).await, "network");
    let (source, price) = desk.stand().await;
    assert_eq!((source.bundled, source.date.as_str(), price), (false, "2026-11-04", Some(0.2e9)));
    assert_eq!(source.trouble.as_deref(), Some("network"));

    // What was kept is not what is read: a flipped digit, which is still data.
    let file = desk.kept(price_file::FILE);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("0.2,", "0.9,", 1)).unwrap();
    let desk = desk.reopen("http://127.0.0.1:9/data.json").await;
    let (source, price) = desk.stand().await;
    assert_eq!((source.bundled, price), (true, Some(0.15e9)), "what came with the app");
    assert_eq!(source.trouble.as_deref(), Some("kept_broken"));
    assert!(!file.exists() && desk.kept(price_file::BROKEN).exists(), "set aside");

    // One that the app has outrun is not used, and no trouble either.
    let document = changed(|all| dated(all, "2026-10-01"));
    let old = PriceData::read(&document, "2026-10-01".to_owned(), NOON).unwrap();
    price_file::keep(&file, &document, &old).unwrap();
    let desk = desk.reopen("http://127.0.0.1:9/data.json").await;
    let (source, _) = desk.stand().await;
    assert_eq!((source.bundled, source.date.as_str()), (true, "2026-10-20"));
    assert!(file.exists());
}

#[tokio::test]
async fn once_a_week_where_that_is_allowed_and_never_otherwise() {
    let good = changed(|_| {});
    let upstream = FaultyUpstream::start([answer(&good), answer(&good)]).await;
    let desk = Desk::new(&address(&upstream)).await;
    desk.app.change_setting(SettingChange::WeeklyPrices(false)).await.unwrap();
    assert!(!desk.stand().await.0.weekly);
    desk.app.change_setting(SettingChange::WeeklyPrices(true)).await.unwrap();
    fetched(&desk, NOON).await;
    // Allowed again within the week: nobody is asked.
    desk.clock.advance(7 * DAY - 1);
    desk.app.change_setting(SettingChange::WeeklyPrices(true)).await.unwrap();
    desk.app.close().await;
    assert_eq!(upstream.requests().len(), 1);
    let desk = Desk::over(desk.folder, &address(&upstream)).await;
    desk.clock.advance(7 * DAY);
    desk.app.change_setting(SettingChange::WeeklyPrices(true)).await.unwrap();
    fetched(&desk, NOON + 7 * DAY).await;
    assert_eq!(upstream.requests().len(), 2);
}

/// Until the data in use was fetched at a moment.
async fn fetched(desk: &Desk, at: i64) {
    let in_time = async {
        while desk.stand().await.0.fetched_at != Some(at as f64) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), in_time).await.expect("it is fetched");
}
