//! Comparisons: one prompt to many lanes, each of which answers for itself.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod desk;
mod isolation;
mod judging;
mod laying;
mod merging;
mod ranking;

use std::collections::HashMap;

use crate::common::{self, Asked, Bench, count, text_of};
use parlance_core::{
    App, Error,
    chat::hub::FrameReader,
    view::{
        ChatSetup, ChatTarget, CompareInput, CompareReceipt, CompareView, ConversationKind, LaneInput, LaneView,
        LimitSettings, MessageStatus, MessageView, OwnPriceInput, ProviderInput, ProviderView, Rates, SendInput,
        Settled, Shelf, Target, TurnView,
    },
};
use parlance_providers::{Category, Message, Part, Role};

/// Nano-USD a million input tokens of lane `at` cost; output costs ten times that.
fn rate(at: usize) -> f64 {
    (at as f64 + 1.0) * 1e9
}

fn model(at: usize) -> String {
    format!("m-{at}")
}

fn target(provider: &ProviderView, at: usize) -> ChatTarget {
    Target { provider_id: provider.id.clone(), model: model(at) }.into()
}

fn lane(provider: &ProviderView, at: usize) -> LaneInput {
    let (target, setup) = (target(provider, at), ChatSetup::default());
    LaneInput { id: None, target, fallback_route_id: None, setup, asked: true }
}

fn lanes(provider: &ProviderView, count: usize) -> Vec<LaneInput> {
    (0..count).map(|at| lane(provider, at)).collect()
}

/// The same lanes again, as a page gives them back.
fn again(lanes: &[LaneView]) -> Vec<LaneInput> {
    let shown = lanes.iter().filter(|lane| !lane.hidden).cloned();
    shown
        .map(|lane| LaneInput {
            id: Some(lane.id),
            target: lane.target.unwrap(),
            fallback_route_id: lane.fallback_route_id,
            setup: lane.setup,
            asked: true,
        })
        .collect()
}

fn input(text: &str, lanes: Vec<LaneInput>) -> CompareInput {
    CompareInput {
        conversation_id: None,
        text: text.into(),
        attachments: Vec::new(),
        lanes,
        shared_from: None,
        replaces: None,
        blind: false,
        over_budget: false,
    }
}

fn follow(receipt: &CompareReceipt, text: &str) -> CompareInput {
    CompareInput { conversation_id: Some(receipt.summary.id.clone()), ..input(text, again(&receipt.lanes)) }
}

/// Prices of all models of the tests, so that every lane costs something else.
async fn priced(bench: &Bench, provider: &ProviderView) {
    for at in 0..12 {
        let rates = Rates { input: Some(rate(at)), output: Some(rate(at) * 10.0), ..Rates::default() };
        let price = OwnPriceInput {
            id: None,
            provider_id: provider.id.clone(),
            model: model(at),
            valid_from: "2020-01-01".into(),
            rates,
            book_late: false,
        };
        bench.app.save_price(price).await.unwrap();
    }
}

/// A page that follows all runs.
struct Page {
    app: App,
    attachment: String,
    reader: FrameReader,
    settled: HashMap<String, Settled>,
    /// By run, the text that came in frames.
    seen: HashMap<String, String>,
}

impl Page {
    fn of(bench: &Bench) -> Self {
        let (snapshot, reader) = bench.app.attach("main");
        let (settled, seen) = (HashMap::new(), HashMap::new());
        Self { app: bench.app.clone(), attachment: snapshot.attachment, reader, settled, seen }
    }

    async fn frame(&mut self) {
        let frame = self.reader.next().await.unwrap();
        self.app.acknowledge("main", &self.attachment, frame.frame);
        for delta in frame.runs {
            let seen = self.seen.entry(delta.run_id.clone()).or_default();
            delta.parts.iter().for_each(|part| seen.push_str(&part.append));
            if let Some(settled) = delta.settled {
                self.settled.insert(delta.run_id, settled);
            }
        }
    }

    async fn settle(&mut self, run: &str) -> Settled {
        while !self.settled.contains_key(run) {
            self.frame().await;
        }
        self.settled[run].clone()
    }
}

/// The requests that were asked for a prompt, by model.
async fn asked(bench: &mut Bench, count: usize) -> HashMap<String, Asked> {
    let mut by_model = HashMap::new();
    for _ in 0..count {
        let asked = bench.asked.recv().await.unwrap();
        by_model.insert(asked.request.model.clone(), asked);
    }
    by_model
}

/// Sends, has every lane answer with its own name, and waits until all of it is on the disk.
async fn round(bench: &mut Bench, page: &mut Page, input: CompareInput) -> CompareReceipt {
    let text = input.text.clone();
    let receipt = bench.app.send_compare(input).await.unwrap();
    for (model, asked) in asked(bench, receipt.runs.len()).await {
        asked.text(&format!("{model} on {text}"));
        asked.finish();
    }
    for run in &receipt.runs {
        page.settle(&run.run_id).await;
    }
    receipt
}

fn said(message: &Message) -> String {
    let text = |part: &Part| match part {
        Part::Text { text, .. } => text.clone(),
        _ => String::new(),
    };
    message.parts.iter().map(text).collect()
}

fn history(asked: &Asked) -> Vec<(Role, String)> {
    asked.request.messages.iter().map(|message| (message.role, said(message))).collect()
}

async fn answers(bench: &Bench, turn: &TurnView) -> Vec<MessageView> {
    let ids = turn.answers.iter().map(|answer| answer.message_id.clone()).collect();
    bench.app.get_messages(ids).await.unwrap()
}

async fn answer_texts(bench: &Bench, turn: &TurnView) -> Vec<String> {
    answers(bench, turn).await.iter().map(text_of).collect()
}

#[tokio::test]
async fn one_prompt_goes_to_every_lane_at_once_and_is_there_after_a_restart() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut page = Page::of(&bench);
    let receipt = bench.app.send_compare(input("  Which is best?\n", lanes(&provider, 4))).await.unwrap();
    assert_eq!((receipt.summary.kind, receipt.summary.title.as_str()), (ConversationKind::Compare, "Which is best?"));
    assert!(receipt.summary.running);
    assert_eq!((receipt.lanes.len(), receipt.runs.len(), receipt.messages.len()), (4, 4, 5));
    // Everything is on the disk before anybody was asked: the prompt once, an empty answer in each lane.
    let data = bench.data();
    assert_eq!(count(&data, "SELECT count(*) FROM turn"), 1);
    assert_eq!(count(&data, "SELECT count(*) FROM turn_part"), 1);
    assert_eq!(count(&data, "SELECT count(*) FROM message WHERE role = 'user'"), 4);
    assert_eq!(count(&data, "SELECT count(*) FROM message WHERE status = 'streaming'"), 4);

    let by_model = asked(&mut bench, 4).await;
    // All run side by side: the last is heard while the first has not said a word.
    for at in (0..4).rev() {
        let asked = &by_model[&model(at)];
        assert_eq!(history(asked), [(Role::User, "  Which is best?\n".to_owned())]);
        asked.text(&format!("answer {at}"));
        asked.finish();
    }
    for run in &receipt.runs {
        let end = page.settle(&run.run_id).await;
        assert_eq!(end.status, MessageStatus::Complete);
    }
    assert_eq!(count(&data, "SELECT count(*) FROM ledger WHERE purpose = 'compare'"), 4);
    let settings = bench.app.bootstrap().await.unwrap().settings;
    assert_eq!(settings.last_target, None, "the next chat begins as it would have");

    let bench = bench.reopen().await;
    let list = bench.app.list_shelf(Shelf::List, None).await.unwrap().items;
    assert_eq!(
        list.iter().map(|row| (row.kind, row.running)).collect::<Vec<_>>(),
        [(ConversationKind::Compare, false)]
    );
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    let targets: Vec<_> = view.lanes.iter().map(|lane| lane.target.clone().unwrap()).collect();
    assert_eq!(targets, (0..4).map(|at| target(&provider, at)).collect::<Vec<_>>());
    let [turn] = &view.turns[..] else { panic!("{:?}", view.turns) };
    assert_eq!(answer_texts(&bench, turn).await, ["answer 0", "answer 1", "answer 2", "answer 3"]);
    assert_eq!(view.messages.len(), 5, "the last prompt comes whole");
    assert_eq!(text_of(&view.messages[0]), "  Which is best?\n");
    sums_agree(&view);
    assert!(matches!(bench.app.get_conversation(&receipt.summary.id).await, Err(Error::Store(_))), "it is no chat");
}

/// Each lane has its own money, and together they have the comparison's.
fn sums_agree(view: &CompareView) {
    let lanes: f64 = view.lanes.iter().map(|lane| lane.spend.total_nano).sum();
    assert!(lanes > 0.0);
    assert_eq!(lanes, view.spend.total_nano);
    let entries: u32 = view.lanes.iter().map(|lane| lane.spend.entries).sum();
    assert_eq!(entries, view.spend.entries);
}

#[tokio::test]
async fn follow_ups_go_on_from_each_lanes_own_answer_or_from_a_chosen_one() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let first = round(&mut bench, &mut page, input("one", lanes(&provider, 3))).await;
    let second = bench.app.send_compare(follow(&first, "two")).await.unwrap();
    let by_model = asked(&mut bench, 3).await;
    for at in 0..3 {
        let (user, own) = ((Role::User, "one".to_owned()), (Role::Assistant, format!("m-{at} on one")));
        assert_eq!(history(&by_model[&model(at)]), [user, own, (Role::User, "two".to_owned())]);
        by_model[&model(at)].text("second");
        by_model[&model(at)].finish();
    }
    for run in &second.runs {
        page.settle(&run.run_id).await;
    }
    let chosen = first.turn.answers[1].message_id.clone();
    let shared = CompareInput { shared_from: Some(chosen.clone()), ..follow(&second, "three") };
    let third = bench.app.send_compare(shared).await.unwrap();
    assert_eq!(third.turn.shared_from, Some(chosen));
    for (_, asked) in asked(&mut bench, 3).await {
        let of_one = [(Role::User, "one".to_owned()), (Role::Assistant, "m-1 on one".to_owned())];
        assert_eq!(history(&asked)[..2], of_one, "all of them go on from the same");
        asked.text("third");
        asked.finish();
    }
    for run in &third.runs {
        page.settle(&run.run_id).await;
    }
    // What each said before is still what is shown beside the first prompt.
    let view = bench.app.get_compare(&first.summary.id).await.unwrap();
    assert_eq!(answer_texts(&bench, &view.turns[0]).await, ["m-0 on one", "m-1 on one", "m-2 on one"]);
    assert_eq!(view.turns.len(), 3);

    // A prompt that is edited leaves what came from there on out of its history.
    let edit = CompareInput { replaces: Some(second.turn.id.clone()), ..follow(&third, "two, better") };
    bench.app.send_compare(edit).await.unwrap();
    for (model, asked) in asked(&mut bench, 3).await {
        let texts: Vec<String> = history(&asked).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["one", &format!("{model} on one"), "two, better"]);
    }
}

#[tokio::test]
async fn a_lane_that_fails_or_cannot_be_asked_disturbs_no_other() {
    let mut bench = Bench::new().await;
    let (provider, off) = (bench.provider().await, bench.provider().await);
    let switched = ProviderInput {
        id: Some(off.id.clone()),
        enabled: false,
        name: "Off".into(),
        ..common::input("http://127.0.0.1:9/v1")
    };
    bench.app.save_provider(switched).await.unwrap();
    let mut page = Page::of(&bench);
    let mut wanted = lanes(&provider, 2);
    wanted.insert(1, lane(&off, 7));
    let receipt = bench.app.send_compare(input("go", wanted)).await.unwrap();
    assert_eq!(receipt.runs.len(), 2);
    let by_model = asked(&mut bench, 2).await;
    by_model[&model(0)].text("half");
    by_model[&model(0)].fail(Category::BadRequest);
    by_model[&model(1)].text("whole");
    by_model[&model(1)].finish();
    let ends = [page.settle(&receipt.runs[0].run_id).await, page.settle(&receipt.runs[1].run_id).await];
    assert_eq!(ends.map(|end| end.status), [MessageStatus::Interrupted, MessageStatus::Complete]);

    let mut bench = bench.reopen().await;
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    let shown = answers(&bench, &view.turns[0]).await;
    assert_eq!(shown.iter().map(text_of).collect::<Vec<_>>(), ["half", "", "whole"]);
    let refused = shown[1].refused.as_ref().unwrap();
    assert_eq!((shown[1].status, refused.cause.as_deref()), (MessageStatus::Failed, Some("provider_disabled")));
    assert!(shown[1].attempts.is_empty() && shown[0].refused.is_none());
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM ledger"), 2, "who was not asked costs nothing");

    // It is tried again like any other, with another model, which the lane keeps.
    let mut page = Page::of(&bench);
    let retried = bench.app.retry(&shown[1].id, Some(target(&provider, 5)), false).await.unwrap();
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.model, model(5));
    asked.text("at last");
    asked.finish();
    page.settle(&retried.run_id).await;
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    assert_eq!(answer_texts(&bench, &view.turns[0]).await, ["half", "at last", "whole"]);
    assert_eq!(view.turns[0].answers[1].versions.len(), 2);
    assert_eq!(view.lanes[1].target, Some(target(&provider, 5)));
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM run WHERE purpose <> 'compare'"), 0);
}

#[tokio::test]
async fn where_nobody_can_be_asked_nothing_is_stored() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let off = ProviderInput { id: Some(provider.id.clone()), enabled: false, ..common::input("http://127.0.0.1:9/v1") };
    bench.app.save_provider(off).await.unwrap();
    let refused = bench.app.send_compare(input("go", lanes(&provider, 2))).await;
    assert!(matches!(refused, Err(Error::Provider(error)) if error.cause == Some("provider_disabled")));
    for table in ["conversation", "turn", "message", "run", "lane"] {
        assert_eq!(count(&bench.data(), &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let receipt = round(&mut bench, &mut page, input("one", lanes(&provider, 2))).await;
    let other = round(&mut bench, &mut page, input("else", lanes(&provider, 2))).await;
    let chat = bench.talk(None, "a chat", &provider).await;
    let ask = |input: CompareInput| {
        let app = bench.app.clone();
        async move {
            match app.send_compare(input).await {
                Err(Error::Invalid { field, reason }) => (field, reason),
                Err(other) => panic!("{other}"),
                Ok(_) => panic!("it was sent"),
            }
        }
    };
    assert_eq!(ask(input(" ", lanes(&provider, 2))).await, ("text", "empty"));
    assert_eq!(ask(input("x", lanes(&provider, 1))).await, ("lanes", "too_few"));
    assert_eq!(ask(input("x", lanes(&provider, 13))).await, ("lanes", "too_many"));
    let none = lanes(&provider, 2).into_iter().map(|lane| LaneInput { asked: false, ..lane }).collect();
    assert_eq!(ask(input("x", none)).await, ("lanes", "none_asked"));
    assert_eq!(ask(input("x", again(&receipt.lanes))).await, ("conversationId", "empty"));
    let strange = CompareInput { lanes: again(&other.lanes), ..follow(&receipt, "x") };
    assert_eq!(ask(strange).await, ("lanes", "not_of_this_comparison"));
    let twice = vec![again(&receipt.lanes)[0].clone(); 2];
    assert_eq!(ask(CompareInput { lanes: twice, ..follow(&receipt, "x") }).await, ("lanes", "twice"));
    let shared = CompareInput { shared_from: Some(chat[2].clone()), ..follow(&receipt, "x") };
    assert_eq!(ask(shared).await, ("sharedFrom", "not_an_answer"));
    let replaces = CompareInput { replaces: Some(other.turn.id.clone()), ..follow(&receipt, "x") };
    assert_eq!(ask(replaces).await, ("replaces", "not_of_this_comparison"));
    let no_comparison = CompareInput { conversation_id: Some(chat[0].clone()), ..input("x", lanes(&provider, 2)) };
    assert_eq!(ask(no_comparison).await, ("conversationId", "not_a_comparison"));
    // And the other way round: a comparison is no chat.
    let send = SendInput::text(Some(receipt.summary.id.clone()), "x", target(&provider, 0));
    assert!(matches!(bench.app.send(send).await, Err(Error::Store(_))));
    let prompt = receipt.turn.prompts[0].clone();
    let refused = bench.app.edit_message(&prompt, "y").await;
    assert!(matches!(refused, Err(Error::Invalid { reason: "not_of_a_chat", .. })));
    let refused = bench.app.delete_messages(vec![prompt], true).await;
    assert!(matches!(refused, Err(Error::Invalid { reason: "not_of_a_chat", .. })));
}

#[tokio::test]
async fn lanes_of_one_provider_wait_for_each_other_where_it_takes_one_at_a_time() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut settings = provider.settings.clone();
    settings.limits = LimitSettings { concurrent: Some(1), ..LimitSettings::default() };
    bench.app.save_provider_settings(&provider.id, settings).await.unwrap();
    let receipt = bench.app.send_compare(input("go", lanes(&provider, 3))).await.unwrap();
    let first = bench.asked.recv().await.unwrap();
    assert_eq!(first.request.model, model(0));
    let (snapshot, _reader) = bench.app.attach("main");
    let waiting: Vec<bool> = snapshot.runs.iter().map(|run| run.waiting.is_some()).collect();
    assert_eq!(waiting, [false, true, true], "who waits says so");
    assert!(bench.asked.try_recv().is_err(), "one at a time");
    // The second is stopped in the line; the first is not disturbed, the third has its turn after it.
    let mut page = Page::of(&bench);
    bench.app.stop(&receipt.runs[1].run_id).unwrap();
    assert_eq!(page.settle(&receipt.runs[1].run_id).await.status, MessageStatus::Cancelled);
    first.text("first");
    first.finish();
    let third = bench.asked.recv().await.unwrap();
    assert_eq!(third.request.model, model(2));
    third.text("third");
    third.finish();
    for run in [&receipt.runs[0], &receipt.runs[2]] {
        assert_eq!(page.settle(&run.run_id).await.status, MessageStatus::Complete);
    }
}

#[tokio::test]
async fn while_one_lane_answers_still_the_others_can_be_asked_on() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let receipt = bench.app.send_compare(input("one", lanes(&provider, 2))).await.unwrap();
    let mut by_model = asked(&mut bench, 2).await;
    let slow = by_model.remove(&model(0)).unwrap();
    let quick = by_model.remove(&model(1)).unwrap();
    quick.text("done");
    quick.finish();
    page.settle(&receipt.runs[1].run_id).await;
    let both = bench.app.send_compare(follow(&receipt, "two")).await;
    assert!(matches!(both, Err(Error::Running)), "the first answers still");
    let mut one = follow(&receipt, "two");
    one.lanes[0].asked = false;
    let second = bench.app.send_compare(one).await.unwrap();
    assert_eq!(second.turn.answers.len(), 1);
    slow.text("late");
    slow.finish();
    assert_eq!(page.settle(&receipt.runs[0].run_id).await.status, MessageStatus::Complete);
    let asked = bench.asked.recv().await.unwrap();
    asked.text("on");
    asked.finish();
    page.settle(&second.runs[0].run_id).await;
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    assert_eq!(answer_texts(&bench, &view.turns[0]).await, ["late", "done"]);
    assert_eq!(answer_texts(&bench, &view.turns[1]).await, ["on"]);
}
