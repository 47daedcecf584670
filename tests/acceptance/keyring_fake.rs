//! A Secret Service that misbehaves.

use parlance_tests::desktop::{FakeSecrets, Habit, Lock, Session};

use crate::keys;

#[test]
fn a_prompt_that_nobody_answers_holds_up_nobody() {
    let session = Session::start();
    let service = FakeSecrets::start(session.address(), Habit::Keeps, Lock::Open);
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("put key-1 one"), "ok");
    service.lock(Lock::NeverAnswered);
    let saving = keys.send("put key-2 two");
    service.wait_for_prompts(1);
    assert_eq!(keys.ask("ping"), "ok", "other work goes on");
    assert_eq!(keys.ask("get key-1"), "locked", "a call behind the prompt does not wait for it");
    assert_eq!(keys.ask("state"), "locked: Secret Service");
    assert_eq!(keys.ask("get key-1"), "locked");
    assert_eq!(service.prompts(), 1, "reading opens no prompt");
    assert!(!keys.is_answered(saving), "the person is waited for");
    let (status, took) = keys.exit();
    println!("exit with a prompt open: {took:?}");
    assert!(status.success());
}

#[test]
fn a_save_that_was_given_up_withdraws_its_prompt_and_its_thread() {
    let session = Session::start();
    let service = FakeSecrets::start(session.address(), Habit::Keeps, Lock::NeverAnswered);
    let mut keys = keys(Some(session.address()));
    for prompts in 1..=10 {
        let saving = keys.send("put key-1 one");
        service.wait_for_prompts(prompts);
        assert_eq!(keys.ask(&format!("drop {saving}")), "ok");
        service.wait_until_nobody_is_asked();
        assert_eq!(keys.ask("state"), "locked: Secret Service");
    }
    let unlocking = keys.send("unlock");
    service.wait_for_prompts(11);
    service.answer_prompt();
    assert_eq!(keys.answer(unlocking), "ok", "a later question is answered");
    assert_eq!(keys.ask("get key-1"), "not_found");
    assert_eq!(service.labels(), [""; 0]);
}

#[test]
fn a_service_that_answers_nothing_is_left_alone_for_a_while() {
    let session = Session::start();
    let service = FakeSecrets::start(session.address(), Habit::Silent, Lock::Open);
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("get key-1"), "unavailable");
    let sessions = service.sessions();
    assert_eq!(keys.ask("state"), "unavailable: Secret Service");
    assert_eq!(keys.ask("delete key-1"), "unavailable");
    assert_eq!(service.sessions(), sessions, "it was not asked again");
    let saving = keys.send("put key-1 one");
    assert_eq!(keys.ask("ping"), "ok");
    assert!(!keys.is_answered(saving));
    let (status, took) = keys.exit();
    println!("exit with a silent service: {took:?}");
    assert!(status.success());
}

#[test]
fn saved_is_not_said_of_what_the_service_does_not_give_back() {
    let session = Session::start();
    let service = FakeSecrets::start(session.address(), Habit::Keeps, Lock::Open);
    let mut keys = keys(Some(session.address()));
    for habit in [Habit::Forgets, Habit::Mangles, Habit::RefusesToRead] {
        service.set(habit);
        assert_eq!(keys.ask("put key-1 one"), "not_kept", "{habit:?}");
        service.set(Habit::Keeps);
        assert_eq!(service.labels(), [""; 0], "{habit:?}: nothing is left");
    }
    assert_eq!(keys.ask("put key-1 one"), "ok");
    assert_eq!(service.labels(), ["Parlance: api.example.com"]);
    service.set(Habit::GivesTheFirst);
    assert_eq!(keys.ask("put key-2 two"), "not_kept", "an old value under a new name");
    assert_eq!(service.labels().len(), 1);
    service.set(Habit::Forgets);
    assert_eq!(keys.ask("put key-1 two"), "not_kept");
    service.set(Habit::Keeps);
    assert_eq!(keys.ask("get key-1"), "= one", "the key of before is still there");
}

#[test]
fn a_person_unlocks_declines_or_makes_a_keyring() {
    let session = Session::start();
    let service = FakeSecrets::start(session.address(), Habit::Keeps, Lock::Dismissed);
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("state"), "locked: Secret Service");
    assert_eq!(keys.ask("unlock"), "locked");
    assert_eq!(keys.ask("put key-1 one"), "locked");
    assert_eq!(service.prompts(), 2);
    service.lock(Lock::OpensWhenAsked);
    assert_eq!(keys.ask("get key-1"), "locked");
    assert_eq!(keys.ask("delete key-1"), "locked");
    assert_eq!(service.prompts(), 2, "neither reading nor forgetting asks anybody");
    assert_eq!(keys.ask("put key-1 one"), "ok", "saving does");
    assert_eq!(keys.ask("get key-1"), "= one");
    service.lock(Lock::OpensWhenAsked);
    assert_eq!(keys.ask("unlock"), "ok");
    assert_eq!(keys.ask("unlock"), "ok", "what is open stays open");
    assert_eq!(service.prompts(), 4);
    service.lock(Lock::MadeWhenAsked);
    assert_eq!(keys.ask("state"), "locked: Secret Service");
    assert_eq!(keys.ask("get key-1"), "locked");
    assert_eq!(keys.ask("put key-2 two"), "ok", "saving makes one");
    assert_eq!(keys.ask("get key-2"), "= two");
}
