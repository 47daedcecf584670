//! Vectors of many texts: batches, order, and what happens when some of it is refused.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use parlance_providers::{
    CancellationToken, Category, ChatRequest, ChatResponse, EmbedPurpose, EmbedRequest, EmbedResponse, EventStream,
    ModelInfo, Provider, ProviderError, Usage, embed_all,
};
use proptest::prelude::*;
use tokio::sync::Notify;

/// What the vendor makes of a text, beyond a vector of its number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Good,
    /// The whole request is refused for its sake.
    Refused(Category),
    /// It alone has no vector.
    Missing,
    /// It is left out of the answer.
    LeftOut,
    /// The whole call can go no further.
    Ends(Category),
}

#[derive(Default)]
struct Fake {
    limit: usize,
    /// The vectors of more texts than these are more than is read of an answer.
    most_read: usize,
    fates: HashMap<String, Fate>,
    uncounted: bool,
    asked: Mutex<Vec<Vec<String>>>,
    /// Requests wait for this, where there is one.
    gate: Option<Arc<Notify>>,
    under_way: Mutex<(usize, usize)>,
}

impl Fake {
    fn fate(&self, text: &str) -> Fate {
        self.fates.get(text).copied().unwrap_or(Fate::Good)
    }

    fn of(limit: usize, fates: &[(usize, Fate)]) -> Self {
        let fates = fates.iter().map(|(at, fate)| (text(*at), *fate)).collect();
        Self { limit, most_read: usize::MAX, fates, ..Self::default() }
    }

    fn begin(&self) {
        let mut under_way = self.under_way.lock().unwrap();
        *under_way = (under_way.0 + 1, under_way.1.max(under_way.0 + 1));
    }

    fn asked(&self) -> Vec<Vec<String>> {
        self.asked.lock().unwrap().clone()
    }
}

fn said(category: Category) -> ProviderError {
    ProviderError { status: Some(400), ..ProviderError::new(category, "no") }
}

fn vector(text: &str) -> Vec<f32> {
    vec![text.trim_start_matches("text ").parse().unwrap()]
}

#[async_trait]
impl Provider for Fake {
    async fn models(&self, _: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        unreachable!()
    }
    async fn stream(&self, _: ChatRequest, _: CancellationToken) -> Result<EventStream, ProviderError> {
        unreachable!()
    }
    async fn complete(&self, _: ChatRequest, _: CancellationToken) -> Result<ChatResponse, ProviderError> {
        unreachable!()
    }
    async fn check(&self, _: CancellationToken) -> Result<(), ProviderError> {
        unreachable!()
    }
    async fn embed(&self, request: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        assert!(request.inputs.len() <= self.limit && !request.inputs.is_empty(), "{request:?}");
        assert_eq!((request.model.as_str(), request.dimensions, request.purpose), ("m", Some(1), PURPOSE));
        self.asked.lock().unwrap().push(request.inputs.clone());
        if let Some(gate) = &self.gate {
            self.begin();
            gate.notified().await;
            self.under_way.lock().unwrap().0 -= 1;
        }
        let fates = || request.inputs.iter().map(|text| (text, self.fate(text)));
        if request.inputs.len() > self.most_read {
            return Err(ProviderError::because(
                Category::BrokenStream,
                "too_large",
                "The answer is larger than allowed",
            ));
        }
        for (_, fate) in fates() {
            match fate {
                Fate::Refused(category) | Fate::Ends(category) => return Err(said(category)),
                Fate::Good | Fate::Missing | Fate::LeftOut => {}
            }
        }
        let vectors = fates().filter(|(_, fate)| *fate != Fate::LeftOut);
        let vectors = vectors.map(|(text, fate)| if fate == Fate::Good { Ok(vector(text)) } else { Err(no_vector()) });
        let tokens = u64::try_from(request.inputs.len()).unwrap();
        let usage = (!self.uncounted).then(|| Usage { input_total: Some(tokens), ..Usage::default() });
        let reported_cost = (!self.uncounted).then(|| (10 * i64::try_from(tokens).unwrap(), tokens.to_string()));
        Ok(EmbedResponse { model: Some("served".into()), vectors: vectors.collect(), usage, reported_cost })
    }
}

const PURPOSE: Option<EmbedPurpose> = Some(EmbedPurpose::Document);

fn no_vector() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "no_vector", "none")
}

fn text(at: usize) -> String {
    format!("text {at}")
}

fn request(inputs: Vec<String>) -> EmbedRequest {
    EmbedRequest { model: "m".into(), inputs, dimensions: Some(1), purpose: PURPOSE }
}

async fn embed(fake: &Fake, texts: usize) -> Result<EmbedResponse, ProviderError> {
    let limit = u32::try_from(fake.limit).ok();
    embed_all(|request| fake.embed(request, CancellationToken::new()), limit, request((0..texts).map(text).collect()))
        .await
}

#[tokio::test]
async fn many_texts_go_out_in_batches_and_come_back_in_order() {
    let fake = Fake::of(3, &[]);
    let answer = embed(&fake, 8).await.unwrap();
    assert_eq!(answer.vectors, (0..8).map(|at| Ok(vector(&text(at)))).collect::<Vec<_>>());
    assert_eq!((answer.model.as_deref(), answer.usage.unwrap().input_total), (Some("served"), Some(8)));
    assert_eq!(answer.reported_cost, Some((80, "3 + 3 + 2".to_owned())));
    assert_eq!(fake.asked().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
    let none = embed(&fake, 0).await.unwrap();
    assert_eq!((none.vectors, none.usage), (vec![], None));
    assert_eq!(fake.asked().len(), 3, "nothing is asked for nothing");
}

#[tokio::test]
async fn one_refused_text_costs_no_other_its_vector() {
    let fake = Fake::of(8, &[(5, Fate::Refused(Category::ContextTooLong))]);
    let answer = embed(&fake, 8).await.unwrap();
    for (at, result) in answer.vectors.iter().enumerate() {
        match result {
            Ok(numbers) => assert_eq!(*numbers, vector(&text(at))),
            Err(error) => assert_eq!((at, error.category), (5, Category::ContextTooLong)),
        }
    }
    assert!(answer.vectors[5].is_err());
    assert_eq!(answer.usage.unwrap().input_total, Some(7), "a refused request is not charged");
    assert_eq!(fake.asked().iter().map(Vec::len).collect::<Vec<_>>(), [8, 4, 4, 2, 1, 1, 2]);
}

#[tokio::test]
async fn what_concerns_every_text_ends_the_call_at_once() {
    for category in [Category::RejectedKey, Category::NoCredit, Category::RateLimited, Category::Network] {
        let fake = Fake::of(2, &[(0, Fate::Ends(category))]);
        assert_eq!(embed(&fake, 20).await.unwrap_err().category, category);
        assert_eq!(fake.asked().len(), 1, "{category:?}");
    }
    // What was paid for is kept, and no more goes out than is under way.
    let fake = Fake::of(1, &[(4, Fate::Ends(Category::RateLimited))]);
    let answer = embed(&fake, 40).await.unwrap();
    assert!(answer.vectors[..4].iter().all(Result::is_ok));
    assert_eq!(answer.vectors[39].as_ref().unwrap_err().category, Category::RateLimited);
    assert!(fake.asked().len() <= 9, "{}", fake.asked().len());
}

#[tokio::test]
async fn a_request_that_suits_no_text_is_given_up_soon() {
    let fates: Vec<_> = (0..1000).map(|at| (at, Fate::Refused(Category::BadRequest))).collect();
    let fake = Fake::of(512, &fates);
    assert_eq!(embed(&fake, 1000).await.unwrap_err().category, Category::BadRequest);
    assert!(fake.asked().len() < 30, "{}", fake.asked().len());
    // Texts that are too long say nothing of the others.
    let fates: Vec<_> = (0..20).map(|at| (at, Fate::Refused(Category::ContextTooLong))).collect();
    let answer = embed(&Fake::of(32, &fates), 21).await.unwrap();
    assert_eq!(answer.vectors.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_vendor_without_embeddings_is_asked_once() {
    let request = request((0..100).map(text).collect());
    let demo = parlance_providers::demo::DemoProvider;
    let error = embed_all(|request| demo.embed(request, CancellationToken::new()), None, request).await.unwrap_err();
    assert_eq!(error.category, Category::BadRequest);
    assert_eq!(error.cause, Some("no_embeddings"));
}

#[tokio::test]
async fn counts_are_unknown_where_one_answer_leaves_them_out() {
    let fake = Fake { uncounted: true, ..Fake::of(2, &[]) };
    let answer = embed(&fake, 5).await.unwrap();
    assert_eq!((answer.usage, answer.reported_cost), (None, None));
}

#[tokio::test]
async fn vectors_that_are_too_much_for_one_answer_come_in_several() {
    let fake = Fake { most_read: 3, ..Fake::of(8, &[]) };
    let answer = embed(&fake, 8).await.unwrap();
    assert!(answer.vectors.iter().all(Result::is_ok));
    assert_eq!((answer.usage, answer.reported_cost), (None, None), "nobody knows what the lost answers cost");
    let error = embed(&Fake { most_read: 0, ..Fake::of(1, &[]) }, 1).await.unwrap().vectors.remove(0).unwrap_err();
    assert_eq!(error.cause, Some("too_large"));
}

#[tokio::test]
async fn empty_texts_go_nowhere() {
    let fake = Fake::of(4, &[]);
    let inputs = vec![String::new(), text(1), String::new()];
    let answer =
        embed_all(|request| fake.embed(request, CancellationToken::new()), Some(4), request(inputs)).await.unwrap();
    let causes: Vec<_> = answer.vectors.iter().map(|result| result.as_ref().err().and_then(|e| e.cause)).collect();
    assert_eq!(causes, [Some("empty_input"), None, Some("empty_input")]);
    assert_eq!(fake.asked(), [[text(1)]]);
}

#[tokio::test]
async fn four_requests_are_under_way_at_most_and_the_first_goes_alone() {
    let gate = Arc::new(Notify::new());
    let fake = Arc::new(Fake { gate: Some(gate.clone()), ..Fake::of(1, &[]) });
    let call = tokio::spawn({
        let fake = fake.clone();
        async move { embed(&fake, 12).await }
    });
    let settled = |count: usize| {
        let fake = fake.clone();
        async move {
            while fake.under_way.lock().unwrap().0 < count {
                tokio::task::yield_now().await;
            }
        }
    };
    settled(1).await;
    assert_eq!(fake.asked().len(), 1);
    gate.notify_one();
    settled(4).await;
    assert_eq!(fake.asked().len(), 5);
    while !call.is_finished() {
        gate.notify_waiters();
        tokio::task::yield_now().await;
    }
    assert_eq!(call.await.unwrap().unwrap().vectors.len(), 12);
    assert_eq!(fake.under_way.lock().unwrap().1, 4);
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Good),
        1 => Just(Fate::Refused(Category::BadRequest)),
        1 => Just(Fate::Refused(Category::ContextTooLong)),
        1 => Just(Fate::Refused(Category::Refused)),
        1 => Just(Fate::Missing),
        1 => Just(Fate::LeftOut),
    ]
}

proptest! {
    #[test]
    fn every_text_gets_its_own_result(limit in 1..20_usize, fates in prop::collection::vec(fate(), 0..60)) {
        let given: Vec<_> = fates.iter().copied().enumerate().collect();
        let fake = Fake::of(limit, &given);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let hopeless = limit.min(fates.len()) >= 8
            && fates[..8].iter().all(|fate| *fate == Fate::Refused(Category::BadRequest));
        let answer = match runtime.block_on(embed(&fake, fates.len())) {
            Ok(answer) => answer,
            Err(error) => {
                prop_assert!(hopeless && error.category == Category::BadRequest);
                return Ok(());
            }
        };
        prop_assert!(!hopeless);
        prop_assert_eq!(answer.vectors.len(), fates.len());
        for ((at, fate), result) in given.iter().zip(&answer.vectors) {
            match (fate, result) {
                (Fate::Good, Ok(numbers)) => prop_assert_eq!(numbers, &vector(&text(*at))),
                (Fate::Refused(category), Err(error)) => prop_assert_eq!(error.category, *category),
                (Fate::Missing | Fate::LeftOut, Err(error)) => prop_assert_eq!(error.cause, Some("no_vector")),
                other => prop_assert!(false, "{at}: {other:?}"),
            }
        }
        prop_assert!(fake.asked().len() <= 2 * fates.len());
    }
}
