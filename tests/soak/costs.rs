//! A thousand chats against a server that is not ours and says what it counted, over every wire it speaks: streamed to
//! the end, cut, refused, stopped, tried again, told from memory. Its journal and our ledger agree request by request:
//! in number, in tokens, in nano-USD, which are worked out here once more; and the dashboard's sums are theirs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a soak that cannot go on stops, and says what it counted"
)]

#[path = "costs/books.rs"]
mod books;
#[path = "costs/driver.rs"]
mod driver;
#[path = "costs/plan.rs"]
mod plan;
#[path = "costs/sums.rs"]
mod sums;

use std::collections::BTreeMap;
use std::time::Instant;

use books::{About, Booked, Heard};
use driver::{Driver, Task};
use parlance_tests::Aimock;
use plan::{CHATS, Chat, Counted, DEAD, FRONT, Fate, Price, TEXTS};
use rusqlite::Connection;

/// The model of the embeddings: its vendor counts no tokens here, as the mock says.
const VECTORS: (&str, &str) = ("mistral", "mistral-embed");

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a soak"]
async fn a_thousand_chats_are_booked_as_the_server_counted_them() {
    let mock = Aimock::start(&plan::fixtures());
    // Bound and let go: nobody listens there any more.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::open(folder.path(), plan::configuration(&mock.origin(), &dead)).await;

    let began = Instant::now();
    driver.play((0..CHATS).map(|n| Task::Begin(Chat(n))).collect()).await;
    driver.next_day();
    let again = (0..CHATS).map(Chat).filter_map(|chat| match chat.fate() {
        Fate::AskedAgain => Some(Task::Again(chat, driver.replies[&chat.0].clone())),
        Fate::Kept => Some(Task::Begin(chat)),
        _ => None,
    });
    driver.play(again.collect()).await;
    for n in 0..TEXTS {
        driver.embed(VECTORS.0, VECTORS.1, format!("{} {n:02}", plan::TEXT)).await;
    }
    let mut checked = 0;
    for seat in &plan::SEATS {
        let check = driver.app.check_provider(driver.provider(seat.id), None).await.unwrap();
        checked += usize::from(check.ok);
    }
    let took = began.elapsed();

    let store = Connection::open(folder.path().join("data/parlance.db")).unwrap();
    let rows = books::booked(&store);
    let attempts: i64 = store.query_row("SELECT count(*) FROM attempt", [], |row| row.get(0)).unwrap();
    assert_eq!(rows.len() as i64, attempts, "each attempt is in the ledger, once");
    println!("{CHATS} chats, {TEXTS} texts, {checked} good checks in {took:.1?}: {attempts} attempts");

    let (mut heard, others) = books::heard(&mock.journal());
    println!("the journal: {} requests of these, {others} others", heard.values().map(Vec::len).sum::<usize>());
    let mut tally = Tally::default();
    let by_chat = books::by_chat(&rows, &driver.chats);
    for n in 0..CHATS {
        tally.chat(Chat(n), &by_chat[&About::Chat(n)], heard.remove(&About::Chat(n)).unwrap_or_default());
    }
    for n in 0..TEXTS {
        tally.text(&by_chat[&About::Text(n)], &heard.remove(&About::Text(n)).unwrap());
    }
    assert!(heard.is_empty(), "nothing is in the journal that we do not know of");
    tally.print();
    sums::compare(&driver, &rows).await;
    driver.app.close().await;
}

/// What was joined, and how.
#[derive(Default)]
struct Tally {
    /// By which id an attempt and a line of the journal found each other.
    joined: BTreeMap<&'static str, usize>,
    fates: BTreeMap<Fate, usize>,
    /// How each attempt was booked: entries and nano-USD.
    booked: BTreeMap<(String, String), (usize, i64)>,
    tokens: [u64; 4],
}

impl Tally {
    fn chat(&mut self, chat: Chat, attempts: &[&Booked], heard: Vec<Heard>) {
        let name = format!("{} ({:?} at {})", chat.prompt(), chat.fate(), chat.seat().id);
        *self.fates.entry(chat.fate()).or_default() += 1;
        let mut heard = heard.into_iter();
        for attempt in attempts {
            assert_eq!(attempt.purpose, "chat", "{name}");
            if attempt.cached {
                self.told_again(chat, attempt, &name);
            } else if attempt.provider == DEAD {
                self.nothing(attempt, &name);
            } else {
                let line = heard.next().unwrap_or_else(|| panic!("{name}: the server read nothing of {attempt:?}"));
                self.join(attempt, &line, &name);
                self.one(chat, attempt, &line, &name);
            }
            self.book(attempt);
        }
        assert_eq!(heard.count(), 0, "{name}: the server read more than was attempted");
        let again = attempts.last().is_some_and(|attempt| attempt.cached);
        assert_eq!(again, chat.fate() == Fate::Kept, "{name}: nobody is asked for what is kept");
        let providers: Vec<&str> = attempts.iter().map(|attempt| attempt.provider.as_str()).collect();
        let own = chat.seat().id;
        let before = providers.iter().take_while(|provider| **provider != own).count();
        let (in_front, times) = match chat.fate() {
            // A target that failed too often rests for a while.
            Fate::FellBack => (Some(FRONT), 1..=1),
            Fate::DeadFirst => (Some(DEAD), 1..=1),
            Fate::Retried | Fate::AskedAgain | Fate::Kept => (None, 2..=2),
            // A model without a route is asked three times at most.
            Fate::Throttled | Fate::Broken | Fate::Dropped => (None, 1..=3),
            Fate::Whole | Fate::Cut | Fate::Stopped => (None, 1..=1),
        };
        assert!(providers[..before].iter().all(|provider| Some(*provider) == in_front), "{name}: {providers:?}");
        assert!(providers[before..].iter().all(|provider| *provider == own), "{name}: {providers:?}");
        assert!(times.contains(&(providers.len() - before)), "{name}: {providers:?}");
    }

    /// By the ids that the server gave, where the wire carries them; always by the chat and the order in it.
    fn join(&mut self, attempt: &Booked, line: &Heard, name: &str) {
        let by = match (&attempt.request_id, &attempt.response_id, &line.response_id) {
            (Some(ours), ..) => {
                assert_eq!(*ours, line.request_id, "{name}: {attempt:?}");
                "request id"
            }
            (None, Some(ours), Some(theirs)) if ours == theirs => "response id",
            _ => "chat and order",
        };
        *self.joined.entry(by).or_default() += 1;
    }

    fn one(&mut self, chat: Chat, attempt: &Booked, line: &Heard, name: &str) {
        match attempt.outcome.as_str() {
            "complete" => {
                assert_eq!((line.status, line.interrupted), (200, false), "{name}: {line:?}");
                if chat.seat().mute {
                    uncounted(chat.seat().price, attempt, name);
                } else {
                    self.exact(chat, attempt, line, name);
                }
            }
            "interrupted" | "cancelled" => {
                assert_eq!(
                    chat.fate(),
                    if attempt.outcome == "cancelled" { Fate::Stopped } else { Fate::Cut },
                    "{name}"
                );
                assert_eq!(line.status, 200, "{name}");
                uncounted(chat.seat().price, attempt, name);
            }
            "failed" if line.status >= 400 => self.nothing(attempt, name),
            "failed" => {
                assert_eq!(chat.fate(), Fate::Dropped, "{name}: {attempt:?}");
                silent(chat.seat().price, attempt, name);
            }
            other => panic!("{name} ended {other}"),
        }
    }

    fn exact(&mut self, chat: Chat, attempt: &Booked, line: &Heard, name: &str) {
        let counted = chat.counted();
        // What the journal has is what was planned.
        if chat.seat().price != Price::Free {
            assert_eq!(line.usage["prompt_tokens"], counted.input, "{name}");
            assert_eq!(line.usage["completion_tokens"], counted.output, "{name}");
        }
        assert_eq!((attempt.input, attempt.output), (Some(counted.input), Some(counted.output)), "{name}");
        assert_eq!(attempt.cache_read.unwrap_or(0), counted.cache_read, "{name}");
        assert_eq!(attempt.reasoning.unwrap_or(0), counted.reasoning, "{name}");
        assert_eq!(attempt.tokens_source, "reported", "{name}");
        assert_eq!(attempt.model, chat.seat().served.unwrap_or(chat.seat().model), "{name}: who served is billed");
        let (source, nano) = amount(chat.seat().price, counted);
        assert_eq!((attempt.source.as_str(), attempt.nano), (source, nano), "{name}: {counted:?}");
        let counts = [counted.input, counted.cache_read, counted.output, counted.reasoning];
        self.tokens.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    /// Turned away, or never arrived: nothing was worked on, nothing is charged.
    fn nothing(&mut self, attempt: &Booked, name: &str) {
        assert_eq!(attempt.outcome, "failed", "{name}");
        assert!(matches!(attempt.nano, Some(0)), "{name}: {attempt:?}");
        assert_eq!(attempt.output, Some(0), "{name}");
    }

    fn told_again(&mut self, chat: Chat, attempt: &Booked, name: &str) {
        assert_eq!(chat.fate(), Fate::Kept, "{name}");
        assert_eq!((attempt.source.as_str(), attempt.nano), ("free", Some(0)), "{name}");
        assert_eq!((attempt.input, attempt.output), (Some(0), Some(0)), "{name}");
        let (saved, cost) = (attempt.saved_nano, amount(chat.seat().price, chat.counted()).1);
        assert!(if chat.seat().mute { saved > Some(0) } else { saved == cost }, "{name}: {saved:?} of {cost:?}");
    }

    fn text(&mut self, attempts: &[&Booked], heard: &[Heard]) {
        let ([attempt], [line]) = (attempts, heard) else { panic!("one request a text: {attempts:?}") };
        self.join(attempt, line, "a text");
        assert_eq!((attempt.purpose.as_str(), attempt.outcome.as_str()), ("embedding", "complete"));
        // The mock counts nothing of a text whose vector it is told.
        assert_eq!((attempt.input, attempt.output, attempt.nano), (Some(0), Some(0), Some(0)), "{attempt:?}");
        assert_eq!((attempt.tokens_source.as_str(), attempt.source.as_str()), ("reported", "priced"));
        self.book(attempt);
    }

    fn book(&mut self, attempt: &Booked) {
        let (entries, nano) = self.booked.entry((attempt.outcome.clone(), attempt.source.clone())).or_default();
        *entries += 1;
        *nano += attempt.nano.unwrap_or(0);
    }

    fn print(&self) {
        println!("chats by fate: {:?}", self.fates);
        println!("journal and ledger joined by: {:?}", self.joined);
        let [input, cached, output, reasoning] = self.tokens;
        println!(
            "tokens of whole answers, equal on both sides: {input} in ({cached} cached), {output} out ({reasoning} reasoning)"
        );
        for ((outcome, source), (entries, nano)) in &self.booked {
            println!("{outcome:>12} {source:>10}: {entries:>5} entries, {nano:>15} nano-USD");
        }
    }
}

/// What the vendor says it charges, else tokens times price.
fn amount(price: Price, counted: Counted) -> (&'static str, Option<i64>) {
    if let Some(micro) = counted.charged_micro {
        return ("reported", Some(micro as i64 * 1000));
    }
    match price {
        Price::Free => ("free", Some(0)),
        Price::Unknown => ("unknown", None),
        Price::Rates { input, cache_read, output } => {
            let kinds = [
                (counted.input - counted.cache_read, input),
                (counted.cache_read, cache_read),
                (counted.output, output),
            ];
            ("priced", Some(kinds.into_iter().map(|(count, rate)| rounded(count, rate)).sum()))
        }
    }
}

/// Tokens at nano-USD per million, to the nearest nano-USD, a half to the even one.
fn rounded(count: u64, rate: u64) -> i64 {
    let exact = u128::from(count) * u128::from(rate);
    let (whole, rest) = (exact / 1_000_000, exact % 1_000_000);
    let up = rest > 500_000 || rest == 500_000 && whole % 2 == 1;
    i64::try_from(whole + u128::from(up)).unwrap()
}

/// An answer that broke off, or whose counts nobody told: guessed and marked, never nothing.
fn uncounted(price: Price, attempt: &Booked, name: &str) {
    assert_eq!(attempt.tokens_source, "estimated", "{name}: {attempt:?}");
    assert!(attempt.input > Some(0) && attempt.output > Some(0), "{name}: {attempt:?}");
    guessed(price, attempt, name);
}

/// Sent, and nothing came: the prompt may have been read.
fn silent(price: Price, attempt: &Booked, name: &str) {
    assert_eq!((attempt.tokens_source.as_str(), attempt.output), ("estimated", Some(0)), "{name}: {attempt:?}");
    assert!(attempt.input > Some(0), "{name}: {attempt:?}");
    guessed(price, attempt, name);
}

fn guessed(price: Price, attempt: &Booked, name: &str) {
    let paid = attempt.nano.is_some_and(|nano| nano > 0);
    match (price, attempt.source.as_str()) {
        (Price::Free, "free") => assert_eq!(attempt.nano, Some(0), "{name}"),
        (Price::Unknown, "unknown") => assert_eq!(attempt.nano, None, "{name}"),
        (Price::Rates { .. }, "estimated") => assert!(paid, "{name}: {attempt:?}"),
        (_, source) => panic!("{name} is {source}: {attempt:?}"),
    }
}

#[test]
fn a_price_is_worked_out_by_hand() {
    let price = Price::Rates { input: 1_750_000_000, cache_read: 175_000_000, output: 14_000_000_000 };
    let counted = Counted { input: 1_000, output: 100, cache_read: 400, reasoning: 50, charged_micro: None };
    assert_eq!(amount(price, counted), ("priced", Some(600 * 1_750 + 400 * 175 + 100 * 14_000)));
    assert_eq!((rounded(1, 500_000), rounded(3, 500_000), rounded(1, 500_001)), (0, 2, 1));
    assert_eq!(amount(price, Counted { charged_micro: Some(48), ..counted }), ("reported", Some(48_000)));
}
