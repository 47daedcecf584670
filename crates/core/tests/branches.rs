//! Chats that begin as a copy of a branch.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{self, Bench, count, look, texts};
use parlance_core::{
    Error,
    view::{ChatSetup, ConversationView, MessageStatus, PartKind, ShelfChange},
};
use parlance_providers::{ChatEvent, OpaqueData};

fn attempts(view: &ConversationView) -> Vec<Vec<String>> {
    let of = |message: &parlance_core::view::MessageView| message.attempts.iter().map(|a| a.id.clone()).collect();
    view.messages.iter().map(of).collect()
}

async fn purge(bench: &Bench, chat: &str) {
    for change in [ShelfChange::Trash, ShelfChange::Purge] {
        bench.app.shelve(vec![chat.to_owned()], change).await.unwrap();
    }
}

#[tokio::test]
async fn a_branch_is_a_chat_of_its_own_with_the_figures_of_the_original() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, _, first_reply] = bench.talk(None, "one", &provider).await;
    let setup = ChatSetup { system_prompt: "Be brief.".into(), temperature: Some(0.5), ..ChatSetup::default() };
    bench.app.set_up_chat(&chat, setup.clone()).await.unwrap();
    bench.talk(Some(&chat), "two", &provider).await;
    bench.app.rename_conversation(&chat, "My chat").await.unwrap();
    let original = bench.app.get_conversation(&chat).await.unwrap();

    let branch = bench.app.branch_off(&first_reply).await.unwrap();
    assert_ne!(branch.summary.id, chat);
    assert_eq!((branch.summary.title.as_str(), &branch.setup, &branch.target), ("My chat", &setup, &original.target));
    assert_eq!(texts(&branch), ["one", "re: one"]);
    assert_eq!(attempts(&branch), attempts(&original)[..2]);
    assert_eq!(branch.messages[1].attempts, original.messages[1].attempts, "whom it asked, and the figures");
    assert_eq!((branch.spend.entries, branch.summary.cost_nano), (0, 0.0), "its own spend begins at nothing");
    assert!(branch.messages.iter().all(|copy| copy.versions == [copy.id.clone()]));
    let title_by: String = look(&bench.data())
        .query_row("SELECT title_by FROM conversation ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(title_by, "user");

    let [_, own, _] = bench.talk(Some(&branch.summary.id), "another way", &provider).await;
    bench.app.edit_message(&own, "my way").await.unwrap();
    bench.app.edit_message(&branch.messages[0].id, "uno").await.unwrap();
    let branch = bench.app.get_conversation(&branch.summary.id).await.unwrap();
    assert_eq!(texts(&branch), ["uno", "re: one", "my way", "re: another way"]);
    assert_eq!(branch.spend.entries, 1);
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap(), original, "the original knows nothing of it");
    assert_eq!(bench.app.spend().await.unwrap().entries, 3, "no money is counted twice");
}

#[tokio::test]
async fn a_copy_is_answered_again_and_gone_on_with_in_its_own_chat() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "count", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("one ");
    common::seen(&bench.app, &snapshot.attachment, &mut reader, "one ").await;
    let running = bench.app.branch_off(&receipt.messages[1].id).await;
    assert!(matches!(running, Err(Error::Running)), "what is being written is not copied: {running:?}");
    let question = bench.app.branch_off(&receipt.messages[0].id).await.unwrap();
    assert_eq!(texts(&question), ["count"], "what stands may be, while it runs");
    bench.app.stop(&receipt.run_id).unwrap();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;

    let branch = bench.app.branch_off(&receipt.messages[1].id).await.unwrap();
    let copy = branch.messages[1].id.clone();
    assert_eq!(branch.messages[1].status, MessageStatus::Cancelled);
    let goes_on = bench.app.continue_message(&copy, false).await.unwrap();
    bench.answer(&goes_on, "two").await;
    let original = bench.app.continue_message(&receipt.messages[1].id, false).await.unwrap();
    bench.answer(&original, "zwei").await;
    let again = bench.app.retry(&copy, None, false).await.unwrap();
    assert_eq!(again.messages[0].versions.len(), 2);
    bench.answer(&again, "three").await;

    let branch = bench.app.select_version(&copy).await.unwrap();
    assert_eq!(texts(&branch), ["count", "one two"]);
    let own = attempts(&branch)[1].clone();
    let original = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(texts(&original), ["count", "one zwei"]);
    let theirs = attempts(&original)[1].clone();
    assert_eq!((own.len(), theirs.len()), (2, 2), "each has the first attempt and its own second");
    assert_eq!(own[0], theirs[0]);
    assert_ne!(own[1], theirs[1]);
    let writers: Vec<_> = branch.messages[1].parts.iter().filter_map(|part| part.attempt_id.clone()).collect();
    assert_eq!(writers, own, "the seam knows who wrote what, in the copy too");
    assert_eq!(branch.spend.entries, 2);
}

#[tokio::test]
async fn copies_keep_their_figures_when_the_original_is_gone() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "q", &provider).await;
    let (chat, reply) = (receipt.summary.id.clone(), receipt.messages[1].id.clone());
    bench.asked.recv().await.unwrap().text("a");
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    // Three copies, each made one run of the original later, and a copy of a copy.
    let mut copies = Vec::new();
    for nth in 0..3 {
        copies.push(bench.app.branch_off(&reply).await.unwrap().summary.id);
        let receipt = bench.app.continue_message(&reply, false).await.unwrap();
        let (snapshot, mut reader) = bench.app.attach("main");
        let asked = bench.asked.recv().await.unwrap();
        asked.text(&nth.to_string());
        drop(asked);
        common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    }
    let middle = bench.app.get_conversation(&copies[1]).await.unwrap();
    copies.push(bench.app.branch_off(&middle.messages[1].id).await.unwrap().summary.id);
    let mut views = Vec::new();
    for copy in &copies {
        views.push(bench.app.get_conversation(copy).await.unwrap());
    }
    let numbers: Vec<_> = views.iter().map(|view| attempts(view)[1].len()).collect();
    assert_eq!(numbers, [1, 2, 3, 2]);
    assert_eq!(views.iter().map(|view| texts(view)[1].clone()).collect::<Vec<_>>(), ["a", "a0", "a01", "a0"]);

    let money = bench.app.spend().await.unwrap();
    purge(&bench, &chat).await;
    for (copy, before) in copies.iter().zip(&views) {
        assert_eq!(&bench.app.get_conversation(copy).await.unwrap(), before);
    }
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM attempt"), 3, "what no copy shows is gone");
    purge(&bench, &copies[0]).await;
    purge(&bench, &copies[1]).await;
    for (copy, before) in copies.iter().zip(&views).skip(2) {
        assert_eq!(&bench.app.get_conversation(copy).await.unwrap(), before);
    }
    purge(&bench, &copies[2]).await;
    purge(&bench, &copies[3]).await;
    let left = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM run) + (SELECT count(*) FROM attempt)";
    assert_eq!(count(&bench.data(), left), 0);
    assert_eq!(bench.app.spend().await.unwrap(), money);
}

#[tokio::test]
async fn opaque_data_and_files_come_along_and_deleted_messages_do_not() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, secret, _] = bench.talk(None, "a secret", &provider).await;
    let receipt = bench.send(Some(&chat), "two", &provider).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let asked = bench.asked.recv().await.unwrap();
    asked.reasoning("hm");
    let data = OpaqueData { kind: "signature".into(), json: "\"s\"".into() };
    asked.say.send(Ok(ChatEvent::Opaque { block: 1, data: data.clone() })).unwrap();
    asked.text("yes");
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    bench.app.delete_messages(vec![secret], true).await.unwrap();
    let branch = bench.app.branch_off(&receipt.messages[1].id).await.unwrap();
    assert_eq!(texts(&branch), ["re: a secret", "two", "yes"]);
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM turn_part WHERE text = 'a secret'"), 1);
    assert_eq!(branch.messages[2].parts[0].kind, PartKind::Reasoning);
    bench.send(Some(&branch.summary.id), "three", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    let back = asked.request.messages.iter().flat_map(|message| &message.parts);
    let back: Vec<_> = back
        .filter_map(|part| match part {
            parlance_providers::Part::Reasoning { opaque, .. } => Some(opaque.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(back, [vec![data]], "to the same provider and model it goes back unchanged");
}

#[tokio::test]
async fn what_is_not_there_is_not_branched_off() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, user, reply] = bench.talk(None, "one", &provider).await;
    for id in ["", "x", "-1", "0", "99999"] {
        assert!(bench.app.branch_off(id).await.is_err());
    }
    bench.app.delete_messages(vec![reply.clone()], true).await.unwrap();
    assert_eq!(bench.app.branch_off(&reply).await.unwrap_err().code(), "not_found");
    bench.app.shelve(vec![chat], ShelfChange::Trash).await.unwrap();
    assert_eq!(bench.app.branch_off(&user).await.unwrap_err().code(), "not_found");
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM conversation"), 1);
}
