//! Who is asked what, what the server does with it, and what that costs.

use serde_json::{Value, json};

/// Chats that are begun.
pub(crate) const CHATS: usize = 1000;
/// Texts that are made into vectors.
pub(crate) const TEXTS: usize = 20;
/// What a text of an embedding begins with, before its number.
pub(crate) const TEXT: &str = "text";
/// What a chat's prompt begins with, before its number.
pub(crate) const CHAT: &str = "chat";
/// The provider that always fails, in front of others.
pub(crate) const FRONT: &str = "front";
/// The provider at an address where nobody listens.
pub(crate) const DEAD: &str = "dead";

/// What a request costs by nature, in nano-USD per million tokens, as the price list has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Price {
    Rates { input: u64, cache_read: u64, output: u64 },
    Free,
    Unknown,
}

const fn rates(input: u64, cache_read: u64, output: u64) -> Price {
    Price::Rates { input, cache_read, output }
}

/// A provider at the mock: its wire, its model, the price of that.
pub(crate) struct Seat {
    pub(crate) id: &'static str,
    vendor: &'static str,
    /// What follows the mock's origin.
    path: &'static str,
    fields: &'static str,
    pub(crate) model: &'static str,
    /// The model that the mock says it served, where that is another: it is the one billed.
    pub(crate) served: Option<&'static str>,
    pub(crate) price: Price,
    /// Input tokens that each request has at least.
    floor: u64,
    /// The mock tells what it counted only where it is asked to, and this vendor tells unasked.
    pub(crate) mute: bool,
}

const fn seat(id: &'static str, vendor: &'static str, path: &'static str, model: &'static str, price: Price) -> Seat {
    Seat { id, vendor, path, fields: "", model, served: None, price, floor: 0, mute: false }
}

/// Every wire the mock speaks of those we speak. The rates are those of the price list on [`TODAY`].
pub(crate) const SEATS: [Seat; 11] = [
    Seat {
        mute: true,
        ..seat("mistral", "mistral", "/v1", "mistral-large-2512", rates(500_000_000, 50_000_000, 1_500_000_000))
    },
    Seat {
        served: Some("gpt-4.1-mini"),
        ..seat("openai", "openai", "/v1", "gpt-4.1", rates(400_000_000, 100_000_000, 1_600_000_000))
    },
    seat("responses", "openai", "/v1", "gpt-5.2", rates(1_750_000_000, 175_000_000, 14_000_000_000)),
    seat("anthropic", "anthropic", "/v1", "claude-haiku-4-5", rates(1_000_000_000, 100_000_000, 5_000_000_000)),
    // Above 200,000 input tokens the whole request has another price.
    Seat {
        floor: 200_000,
        ..seat("long", "anthropic", "/v1", "claude-sonnet-4-5", rates(6_000_000_000, 600_000_000, 22_500_000_000))
    },
    seat("gemini", "gemini", "/v1beta", "gemini-2.5-flash", rates(300_000_000, 30_000_000, 2_500_000_000)),
    seat("cohere", "cohere", "", "command-r-plus", rates(2_500_000_000, 2_500_000_000, 10_000_000_000)),
    Seat {
        fields: "region = \"us-east-1\"",
        ..seat("bedrock", "bedrock", "", "amazon.nova-lite-v1:0", rates(60_000_000, 15_000_000, 240_000_000))
    },
    seat("openrouter", "openrouter", "/api/v1", "openai/gpt-5.2", rates(1_750_000_000, 175_000_000, 14_000_000_000)),
    seat("ollama", "ollama", "", "llama3.2", Price::Free),
    seat("house", "openai-compatible", "/v1", "house-model", Price::Unknown),
];

/// When all of it happens, UTC milliseconds: 20 November 2026, ten o'clock.
pub(crate) const TODAY: i64 = 1_795_168_800_000;
/// A day.
pub(crate) const DAY: i64 = 86_400_000;

/// What becomes of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// One answer.
    Whole,
    /// One answer, and on the next day another version of it.
    AskedAgain,
    /// The connection breaks in mid-answer.
    Cut,
    Throttled,
    Broken,
    /// The connection breaks before anything came.
    Dropped,
    /// A person stops it in mid-answer.
    Stopped,
    /// Over a route whose target fails once.
    Retried,
    /// Over a route whose first target fails for good.
    FellBack,
    /// Over a route whose first target nobody reaches.
    DeadFirst,
    /// Over a route that keeps answers; asked once more the next day.
    Kept,
}

use Fate::*;

const FATES: [Fate; 20] = [
    Whole, Cut, Whole, FellBack, Whole, Throttled, AskedAgain, Whole, Broken, Whole, Stopped, Whole, Retried, Whole,
    Cut, Whole, Dropped, DeadFirst, Whole, Kept,
];

/// A chat by its number.
#[derive(Clone, Copy)]
pub(crate) struct Chat(pub(crate) usize);

/// What the vendor says it counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_read: u64,
    pub(crate) reasoning: u64,
    /// What it says it charges, in millionths of a dollar.
    pub(crate) charged_micro: Option<u64>,
}

impl Chat {
    pub(crate) fn seat(self) -> &'static Seat {
        &SEATS[self.0 % SEATS.len()]
    }

    pub(crate) fn fate(self) -> Fate {
        FATES[self.0 / SEATS.len() % FATES.len()]
    }

    pub(crate) fn prompt(self) -> String {
        format!("{CHAT} {:04}", self.0)
    }

    /// The route it goes over; `None` where it goes to the model.
    pub(crate) fn route(self) -> Option<String> {
        let kind = match self.fate() {
            Retried => "retry",
            FellBack => "over",
            DeadFirst => "past",
            Kept => "kept",
            _ => return None,
        };
        Some(format!("{kind}-{}", self.seat().id))
    }

    /// What the mock says it counted.
    pub(crate) fn counted(self) -> Counted {
        let n = self.0 as u64;
        let input = self.seat().floor + 100 + n * 7_919 % 5_000;
        let output = 10 + n * 104_729 % 900;
        match self.seat().id {
            // The mock's Ollama counts nothing, whatever it is told.
            "ollama" => Counted::default(),
            // The mock has cached and reasoning tokens, and money, for OpenRouter alone.
            "openrouter" => Counted {
                input,
                output,
                cache_read: input / 3,
                reasoning: output / 2,
                charged_micro: n.is_multiple_of(2).then_some(17 + n * 31),
            },
            _ => Counted { input, output, ..Counted::default() },
        }
    }

    /// What the mock does with its prompt.
    pub(crate) fn fixtures(self) -> Vec<Value> {
        let whole = || {
            let mut response = json!({
                "content": format!("An answer to {}, of a few words.", self.prompt()),
                "id": format!("answer-{:04}", self.0),
                "usage": self.usage(),
            });
            if let Some(served) = self.seat().served {
                response["model"] = json!(served);
            }
            response
        };
        let long = |pieces: usize| {
            let mut response = whole();
            response["content"] = json!("piece ".repeat(pieces));
            response
        };
        let on = |response: Value, more: Value| {
            let mut fixture = json!({ "match": { "userMessage": self.prompt() }, "response": response });
            for (name, value) in more.as_object().into_iter().flatten() {
                match fixture[name].as_object_mut().zip(value.as_object()) {
                    Some((there, more)) => there.extend(more.clone()),
                    None => fixture[name] = value.clone(),
                }
            }
            fixture
        };
        let failing = |status: u16| json!({ "error": { "message": "not today" }, "status": status });
        let nth = |index: usize| json!({ "match": { "sequenceIndex": index } });
        match self.fate() {
            Whole | AskedAgain | DeadFirst | Kept => vec![on(whole(), json!({ "chunkSize": 7 }))],
            // The last piece is lost with the connection; the pause lets those before it through.
            Cut => vec![on(long(60), json!({ "chunkSize": 6, "latency": 2, "truncateAfterChunks": 24 }))],
            Stopped => {
                vec![on(long(600), json!({ "chunkSize": 6, "streamingProfile": { "ttft": 1, "tps": 20 } }))]
            }
            Throttled => vec![on(failing(429), Value::Null)],
            Broken => vec![on(failing(500), Value::Null)],
            Dropped => vec![on(whole(), json!({ "chaos": { "disconnectRate": 1 } }))],
            Retried => vec![on(failing(500), nth(0)), on(whole(), nth(1))],
            FellBack => {
                let front = json!({ "match": { "model": FRONT_MODEL } });
                vec![on(failing(503), front), on(whole(), Value::Null)]
            }
        }
    }

    fn usage(self) -> Value {
        let counted = self.counted();
        let mut usage = json!({ "prompt_tokens": counted.input, "completion_tokens": counted.output });
        if counted.cache_read > 0 {
            usage["prompt_tokens_details"] = json!({ "cached_tokens": counted.cache_read });
            usage["completion_tokens_details"] = json!({ "reasoning_tokens": counted.reasoning });
        }
        if let Some(micro) = counted.charged_micro {
            usage["cost"] = json!(micro as f64 / 1e6);
        }
        usage
    }
}

const FRONT_MODEL: &str = "codestral-2508";

/// Every fixture, those of the texts last.
pub(crate) fn fixtures() -> Value {
    let chats = (0..CHATS).flat_map(|n| Chat(n).fixtures());
    let texts = (0..TEXTS).map(|n| {
        let vector = json!({ "embedding": [0.25, n] });
        json!({ "match": { "inputText": format!("{TEXT} {n:02}") }, "response": vector })
    });
    chats.chain(texts).collect()
}

/// The providers and routes, as the app imports them.
pub(crate) fn configuration(origin: &str, dead: &str) -> String {
    let provider = |id: &str, vendor: &str, base: &str, fields: &str| {
        format!(
            "[[providers]]\nid = \"{id}\"\nvendor = \"{vendor}\"\nbase_url = \"{base}\"\nfields = {{ {fields} }}\n\
             [[providers.accounts]]\nlabel = \"k\"\nkey = \"key-of-{id}-0123456789\"\n"
        )
    };
    let mut text: String = SEATS
        .iter()
        .map(|seat| provider(seat.id, seat.vendor, &format!("{origin}{}", seat.path), seat.fields))
        .collect();
    text += &provider(FRONT, "mistral", &format!("{origin}/v1"), "");
    text += &provider(DEAD, "mistral", &format!("http://{dead}/v1"), "");
    let front = format!("{{ provider = \"{FRONT}\", model = \"{FRONT_MODEL}\" }}, ");
    let dead = format!("{{ provider = \"{DEAD}\", model = \"{FRONT_MODEL}\" }}, ");
    for Seat { id, model, .. } in &SEATS {
        let own = format!("{{ provider = \"{id}\", model = \"{model}\" }}");
        for (kind, before, retries, keep) in [
            ("retry", "", 1, false),
            ("over", front.as_str(), 1, false),
            ("past", dead.as_str(), 0, false),
            ("kept", "", 0, true),
        ] {
            text += &format!(
                "[[routes]]\nid = \"{kind}-{id}\"\nstrategy = \"priority\"\ntargets = [{before}{own}]\n\
                 retries = {retries}\nbackoff_ms = {{ base = 100, cap = 100 }}\n\
                 cooldown_s = {{ base = 1, cap = 1, after_failures = 20, window_s = 10 }}\n\
                 cache = {{ enabled = {keep}, ttl_s = 604800, any_temperature = true }}\n"
            );
        }
    }
    text
}
