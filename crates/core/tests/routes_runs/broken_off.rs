//! What comes of text that broke off.

use super::*;

#[tokio::test]
async fn another_target_goes_on_with_the_text_and_says_none_of_it_twice() {
    let mut scene = Scene::new(after(AfterOutput::Continue)).await;
    let receipt = scene.send(None, "a pangram").await;
    let first = scene.asked(0).await;
    first.text("The quick brown fox jumps");
    first.fail(Category::BrokenStream);
    let second = scene.asked(1).await;
    let roles: Vec<Role> = second.request.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User], "asked to go on");
    answer(&second, "brown fox jumps over the lazy dog");
    let reply = scene.end(&receipt).await;
    assert_eq!(text_of(&reply), "The quick brown fox jumps over the lazy dog");
    let expected =
        [(AttemptReason::First, MessageStatus::Interrupted), (AttemptReason::Continued, MessageStatus::Complete)];
    assert_eq!(reasons(&reply), expected);
    assert!(reply.attempts.iter().all(|attempt| attempt.cost.is_some()), "both are booked");
    assert!(reply.parts.iter().any(|part| part.name.as_deref() == Some("overlap_trimmed")));

    // Nobody goes on with half a call.
    let receipt = scene.send(None, "call").await;
    let first = scene.asked(0).await;
    first.text("I look");
    first.say.send(Ok(ChatEvent::ToolCallStart { block: 1, id: "1".into(), name: "t".into() })).unwrap();
    first.fail(Category::BrokenStream);
    assert_eq!(scene.end(&receipt).await.status, MessageStatus::Interrupted);
    assert!(scene.bench.asked.try_recv().is_err());
}

#[tokio::test]
async fn another_target_answers_anew_as_a_version_of_its_own() {
    let mut scene = Scene::new(after(AfterOutput::Restart)).await;
    let (snapshot, mut reader) = scene.bench.app.attach("main");
    let receipt = scene.send(None, "hi").await;
    let first = scene.asked(0).await;
    first.text("half");
    first.fail(Category::BrokenStream);
    // The page learns of the new version with the end of the old one, while nothing of it was said yet.
    let end = settled(&scene.bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let anew = end.replaced_by.unwrap();
    let version = &anew.messages[0];
    assert_eq!((anew.messages.len(), version.versions.len(), version.status), (1, 2, MessageStatus::Streaming));
    assert!(anew.summary.id == receipt.summary.id && anew.summary.running && end.summary.running);
    let second = scene.asked(1).await;
    assert_eq!(second.request.messages.len(), 1, "what broke off is not sent");
    answer(&second, "whole");
    while count(&scene.bench.data(), "SELECT count(*) FROM run WHERE outcome IS NOT NULL") < 2 {
        tokio::task::yield_now().await;
    }
    while !scene.bench.app.attach("look").0.runs.is_empty() {
        tokio::task::yield_now().await;
    }
    let chat = scene.bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!((text_of(&chat.messages[1]).as_str(), chat.messages[1].versions.len()), ("whole", 2));
    let before = scene.reply(&receipt).await;
    assert_eq!((before.status, text_of(&before).as_str()), (MessageStatus::Interrupted, "half"));
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM ledger"), 2);
}

#[tokio::test]
async fn text_that_is_kept_waits_for_the_person_who_goes_on_with_it_on_the_route() {
    let mut scene = Scene::new(after(AfterOutput::Keep)).await;
    let receipt = scene.send(None, "count").await;
    let first = scene.asked(0).await;
    first.text("one two three four");
    first.fail(Category::BrokenStream);
    let reply = scene.end(&receipt).await;
    assert_eq!((reply.status, reply.attempts.len()), (MessageStatus::Interrupted, 1));
    assert!(scene.bench.asked.try_recv().is_err());
    assert!(reply.attempts[0].first_token_ms.is_some(), "how fast it began is known, though it broke off");
    assert!(scene.first_token(0).await.is_some(), "and counts for whom a route asks first");
    let again = scene.bench.app.continue_message(&reply.id).await.unwrap();
    scene.asked(0).await.fail(Category::NoCredit);
    answer(&scene.asked(1).await, "three four five");
    let reply = scene.end(&again).await;
    assert_eq!((reply.status, text_of(&reply).as_str()), (MessageStatus::Complete, "one two three four five"));
    assert_eq!(reply.attempts.len(), 3);
}
