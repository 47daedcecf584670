//! What is done with single messages: read, edited, replaced, deleted and put back.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{self, Bench, count, text_of, texts};
use parlance_core::{
    App, Error,
    view::{MessageRole, RunReceipt, SendInput, ShelfChange, Target},
};

async fn replace(app: &App, chat: &str, message: &str, text: &str, provider: &str) -> Result<RunReceipt, Error> {
    let target = Target { provider_id: provider.to_owned(), model: "m-1".into() };
    let plain = SendInput::text(Some(chat.to_owned()), text, target);
    app.send(SendInput { replaces: Some(message.to_owned()), ..plain }).await
}

fn refused(result: Result<impl std::fmt::Debug, Error>, wanted: &str) {
    match result.unwrap_err() {
        Error::Invalid { reason, .. } => assert_eq!(reason, wanted),
        other => assert_eq!(other.code(), wanted),
    }
}

#[tokio::test]
async fn the_spine_names_all_and_the_last_come_whole() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, ..] = bench.talk(None, "0", &provider).await;
    for nth in 1..25 {
        bench.talk(Some(&chat), &"é".repeat(nth), &provider).await;
    }
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!((view.spine.len(), view.messages.len()), (50, 40));
    let last: Vec<_> = view.spine[10..].iter().map(|stub| stub.id.clone()).collect();
    assert_eq!(view.messages.iter().map(|message| message.id.clone()).collect::<Vec<_>>(), last);
    assert_eq!((view.spine[0].role, view.spine[1].role), (MessageRole::User, MessageRole::Assistant));
    let sizes: Vec<_> = view.messages.iter().map(|message| text_of(message).len() as u32).collect();
    assert_eq!(view.spine[10..].iter().map(|stub| stub.size).collect::<Vec<_>>(), sizes, "bytes, not characters");

    let mut wanted: Vec<_> = view.spine[..10].iter().map(|stub| stub.id.clone()).collect();
    wanted.reverse();
    let read = bench.app.get_messages(wanted.clone()).await.unwrap();
    assert_eq!(read.iter().map(|message| message.id.clone()).collect::<Vec<_>>(), wanted, "in the order asked for");
    assert_eq!(text_of(&read[9]), "0");
    assert_eq!(read[0].attempts.len(), 1);
    wanted[3] = "999999".into();
    refused(bench.app.get_messages(wanted).await, "not_found");
    refused(bench.app.get_messages(vec![view.spine[0].id.clone(); 201]).await, "too_many");
    refused(bench.app.get_messages(vec!["-1".into()]).await, "not_an_id");
    assert!(bench.app.get_messages(vec![]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_edited_prompt_is_changed_in_its_place_and_sent_as_it_is_then() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, user, reply] = bench.talk(None, "first draft", &provider).await;
    let edited = bench.app.edit_message(&user, "what I meant").await.unwrap();
    assert_eq!((edited.id.as_str(), text_of(&edited)), (user.as_str(), "what I meant".to_owned()));
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!(
        (view.summary.title.as_str(), texts(&view)),
        ("what I meant", vec!["what I meant".into(), "re: first draft".into()])
    );
    let receipt = bench.send(Some(&chat), "go on", &provider).await;
    refused(bench.app.edit_message(&user, "while it runs").await, "running");
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(
        asked.request.messages[0],
        parlance_providers::Message::text(parlance_providers::Role::User, "what I meant")
    );
    let (snapshot, mut reader) = bench.app.attach("main");
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;

    bench.app.rename_conversation(&chat, "mine").await.unwrap();
    bench.app.edit_message(&user, "once more").await.unwrap();
    bench.app.edit_message(&receipt.messages[0].id, "second").await.unwrap();
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap().summary.title, "mine");
    refused(bench.app.edit_message(&user, " \n").await, "empty");
    refused(bench.app.edit_message(&reply, "I never said that").await, "not_a_prompt");
    refused(bench.app.edit_message("777777", "x").await, "not_found");
    refused(bench.app.edit_message(&user, &"x".repeat(5 << 20)).await, "too_long");
    assert_eq!(texts(&bench.app.get_conversation(&chat).await.unwrap())[0], "once more");
}

#[tokio::test]
async fn a_prompt_sent_anew_is_a_version_and_what_followed_stays_with_the_old_one() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, first, _] = bench.talk(None, "one", &provider).await;
    let [_, second, _] = bench.talk(Some(&chat), "two", &provider).await;
    let receipt = replace(&bench.app, &chat, &second, "zwei", &provider.id).await.unwrap();
    assert_eq!(receipt.messages[0].versions, [second.clone(), receipt.messages[0].id.clone()]);
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.messages.len(), 3, "the old version is not sent");
    let (snapshot, mut reader) = bench.app.attach("main");
    asked.text("re: zwei");
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one", "zwei", "re: zwei"]);

    let root = replace(&bench.app, &chat, &first, "eins", &provider.id).await.unwrap();
    bench.answer(&root, "re: eins").await;
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!((texts(&view), view.summary.title.as_str()), (vec!["eins".into(), "re: eins".into()], "eins"));
    let view = bench.app.select_version(&first).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one", "zwei", "re: zwei"], "with what was last shown below it");
    assert_eq!(view.messages[0].versions.len(), 2);
    let view = bench.app.select_version(&second).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one", "two", "re: two"]);

    let [other, ..] = bench.talk(None, "another chat", &provider).await;
    refused(replace(&bench.app, &other, &second, "x", &provider.id).await, "not_of_this_chat");
    refused(replace(&bench.app, &chat, &view.messages[1].id, "x", &provider.id).await, "not_a_prompt");
    refused(replace(&bench.app, &chat, "999999", "x", &provider.id).await, "not_found");
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap(), view, "refused is unchanged");
}

#[tokio::test]
async fn deleted_messages_are_neither_shown_nor_sent_and_undo_brings_back_the_branch() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, first, first_reply] = bench.talk(None, "one", &provider).await;
    let [_, second, second_reply] = bench.talk(Some(&chat), "two", &provider).await;
    let before = bench.app.get_conversation(&chat).await.unwrap();

    let middle = vec![first_reply.clone(), second.clone()];
    let view = bench.app.delete_messages(middle.clone(), true).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: two"], "the branch passes through");
    assert_eq!(view.spine.len(), 2);
    refused(bench.app.get_messages(vec![second.clone()]).await, "not_found");
    refused(bench.app.delete_messages(middle.clone(), true).await, "not_found");
    refused(bench.app.retry(&second_reply, None, false).await, "prompt_deleted");
    let view = bench.app.delete_messages(middle, false).await.unwrap();
    assert_eq!(view, before);

    let last = vec![second_reply.clone()];
    let view = bench.app.delete_messages(last.clone(), true).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one", "two"], "without another version the branch ends before it");
    let receipt = bench.send(Some(&chat), "three", &provider).await;
    refused(bench.app.delete_messages(vec![first.clone()], true).await, "running");
    let asked = bench.asked.recv().await.unwrap();
    let sent: Vec<_> = asked.request.messages.iter().map(|message| message.role).collect();
    use parlance_providers::Role::{Assistant, User};
    assert_eq!(sent, [User, Assistant, User, User]);
    let (snapshot, mut reader) = bench.app.attach("main");
    asked.text("re: three");
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let view = bench.app.delete_messages(last, false).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one", "two", "re: two", "three", "re: three"], "put back in its place");

    let all: Vec<_> = view.spine.iter().map(|stub| stub.id.clone()).collect();
    let empty = bench.app.delete_messages(all.clone(), true).await.unwrap();
    assert!(empty.spine.is_empty() && empty.messages.is_empty());
    assert_eq!(bench.app.delete_messages(all, false).await.unwrap(), view);

    let [_, other, _] = bench.talk(None, "elsewhere", &provider).await;
    refused(bench.app.delete_messages(vec![first.clone(), other], true).await, "not_of_one_chat");
    refused(bench.app.delete_messages(vec![first.clone(), "99999".into()], true).await, "not_found");
    refused(bench.app.delete_messages(vec![first.clone()], false).await, "not_found");
    refused(bench.app.delete_messages(vec![], true).await, "empty");
    bench.app.shelve(vec![chat], ShelfChange::Trash).await.unwrap();
    refused(bench.app.delete_messages(vec![first], true).await, "not_found");
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM message WHERE deleted_at IS NOT NULL"), 0);
}

#[tokio::test]
async fn where_the_last_message_is_deleted_another_version_is_shown() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, user, reply] = bench.talk(None, "one", &provider).await;
    let receipt = bench.app.retry(&reply, None, false).await.unwrap();
    bench.answer(&receipt, "better").await;
    let better = receipt.messages[0].id.clone();
    let [_, _, after] = bench.talk(Some(&chat), "two", &provider).await;
    let before = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!(texts(&before), ["one", "better", "two", "re: two"]);

    let ids: Vec<_> = before.spine[1..].iter().map(|stub| stub.id.clone()).collect();
    let view = bench.app.delete_messages(ids.clone(), true).await.unwrap();
    assert_eq!(texts(&view), ["one", "re: one"]);
    assert_eq!(view.messages[1].versions, std::slice::from_ref(&reply));
    assert_eq!(bench.app.delete_messages(ids, false).await.unwrap(), before);

    // What is said in the meantime follows what was shown, and undo does not take it away.
    bench.app.delete_messages(vec![better.clone(), after.clone()], true).await.unwrap();
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!(texts(&view), ["one", "two"], "the branch passes through, for its end is still there");
    bench.app.delete_messages(vec![better, after], false).await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap(), before);
    refused(bench.app.delete_messages(vec![user, reply, "0".into()], true).await, "not_found");
}
