//! Azure's and Vertex AI's own addresses and keys, at the same mock.

use std::collections::BTreeMap;

use parlance_providers::catalog::{Catalog, Fields, KeyForm};
use parlance_providers::transport::Endpoint;
use parlance_providers::{Secret, credential};

use super::*;

const TOKEN: &str = "ya29.canary-token-0123456789";

/// A way to a cloud: its name, the wire behind it, the key it takes, and the path of a streamed chat.
struct Door {
    name: &'static str,
    wire: DialectId,
    key: &'static str,
    path: &'static str,
}

/// The mock knows of Azure the chat of deployments, and the address without one, where it reads any prefix of OpenAI's.
const DOORS: [Door; 3] = [
    Door {
        name: "azure, a deployment",
        wire: OpenaiChat,
        key: KEY,
        path: "/openai/deployments/house-model/chat/completions?api-version=2024-10-21",
    },
    Door { name: "azure, v1", wire: OpenaiChat, key: KEY, path: "/openai/v1/chat/completions" },
    Door {
        name: "vertex",
        wire: Gemini,
        key: TOKEN,
        path: "/v1/projects/p-1/locations/global/publishers/google/models/house-model:streamGenerateContent?alt=sse",
    },
];

impl Door {
    fn provider(&self, origin: &str) -> HttpProvider {
        self.with_key(origin, self.key)
    }

    fn with_key(&self, origin: &str, key: &str) -> HttpProvider {
        let catalog = Catalog::bundled();
        let (vendor, endpoint) = if self.wire == Gemini {
            let read = credential::read(KeyForm::Google, key).unwrap();
            let fields = BTreeMap::from([("project".to_owned(), "p-1".to_owned())]);
            let base_url = format!("{origin}/v1/projects/p-1/locations/global");
            let endpoint =
                Endpoint { base_url, key: read.secret, identity: read.identity, fields, ..Endpoint::default() };
            (catalog.shared("vertex").unwrap(), endpoint)
        } else {
            let vendor = catalog.shared("azure").unwrap();
            let pasted = vendor.pasted(&format!("{origin}{}", self.path), &Fields::new());
            let key = Some(Secret::from_pasted(key));
            let vendor = vendor.at(&pasted.address);
            (vendor, Endpoint { base_url: pasted.address, fields: pasted.fields, key, ..Endpoint::default() })
        };
        let dialect = parlance_providers::dialects::dialect(vendor.dialect).unwrap();
        HttpProvider::new(vendor, dialect, endpoint).unwrap()
    }
}

#[tokio::test]
async fn a_cloud_answers_whole_and_streamed_where_its_address_says() {
    let mock = Aimock::start(&json!([greeting()]));
    for door in DOORS {
        let (name, provider) = (door.name, door.provider(&mock.origin()));
        let whole = provider.complete(asking(MODEL, "please greet"), CancellationToken::new()).await.unwrap();
        assert_eq!((text(&whole.parts).as_str(), totals(whole.usage)), (GREETING, (Some(11), Some(7))), "{name}");
        let outcome = play(&provider, asking(MODEL, "please greet")).await;
        assert_eq!((outcome.error.as_ref(), outcome.text().as_str()), (None, GREETING), "{name}");
        let pieces = outcome.events.iter().filter(|e| matches!(e, ChatEvent::TextDelta { .. })).count();
        assert_eq!(pieces, GREETING.chars().count().div_ceil(5), "{name}: the pieces the mock sent, not one text");
        assert_eq!(
            (outcome.finish(), totals(outcome.usage())),
            (Some(FinishClass::Stop), (Some(11), Some(7))),
            "{name}"
        );
        let heard = mock.journal().pop().unwrap();
        assert_eq!((&heard["method"], &heard["path"]), (&json!("POST"), &json!(door.path)), "{name}");
        assert_eq!(heard["body"]["model"], MODEL, "{name}");
    }
}

#[tokio::test]
async fn a_cloud_takes_calls_and_their_results() {
    let mock = Aimock::start(&tool_fixtures());
    for (door, streamed) in DOORS.iter().flat_map(|door| [(door, true), (door, false)]) {
        let name = format!("{}, {}", door.name, if streamed { "streamed" } else { "whole" });
        round_of_calls(&mock, door.wire, &door.provider(&mock.origin()), streamed, &name).await;
    }
}

#[tokio::test]
async fn a_cloud_refuses_in_the_words_of_its_wire() {
    for door in DOORS {
        let mock = Aimock::start(&refusal_fixtures(&refusals(door.wire)));
        every_refusal(door.wire, &door.provider(&mock.origin())).await;
    }
}

#[tokio::test]
async fn a_cloud_finds_the_key_and_a_cut_answer_is_none() {
    for door in DOORS {
        let response = json!({ "content": GREETING });
        let mock = Aimock::start_with_key(&json!([greeting(), cut_after(4, &response)]), door.key);
        let provider = door.provider(&mock.origin());
        assert_eq!(play(&provider, asking(MODEL, "please greet")).await.text(), GREETING, "{}", door.name);
        let stranger = door.with_key(&mock.origin(), "ya29.another-0123456789");
        let error = play(&stranger, asking(MODEL, "please greet")).await.error.unwrap();
        assert_eq!((error.category, error.status), (Category::RejectedKey, Some(401)), "{}", door.name);
        broken(&play(&provider, asking(MODEL, &cut_words(4))).await, door.name);
    }
}
