//! gnome-keyring, as a desktop runs it; and no keyring at all.

use std::fs;

use parlance_tests::desktop::Session;

use crate::keys;

const CANARY: &str = "sk-canary-0123456789abcdef";

#[test]
fn a_key_is_written_read_and_forgotten_and_outlives_both_processes() {
    let session = Session::start();
    let keyring = session.keyring();
    let mut first = keys(Some(session.address()));
    assert_eq!(first.ask("state"), "available: Secret Service");
    assert_eq!(first.ask("get key-1"), "not_found");
    assert_eq!(first.ask(&format!("put key-1 {CANARY}")), "ok");
    assert_eq!(first.ask("put key-2 \"quoted\" и кириллица "), "ok");
    assert_eq!(first.ask("put key-2 another"), "ok");
    assert_eq!(first.ask("get key-2"), "= another");

    // The service is started anew under a process that still holds a connection of before.
    keyring.stop();
    assert_eq!(first.ask("state"), "unavailable: Secret Service");
    let keyring = session.keyring();
    assert_eq!(first.ask("get key-1"), format!("= {CANARY}"));
    let (status, took) = first.exit();
    println!("exit: {took:?}");
    assert!(status.success());

    let mut second = keys(Some(session.address()));
    assert_eq!(second.ask("get key-1"), format!("= {CANARY}"));
    assert_eq!(second.ask("delete key-1"), "ok");
    assert_eq!(second.ask("delete key-1"), "ok");
    assert_eq!(second.ask("get key-1"), "not_found");
    assert_eq!(second.ask("get key-2"), "= another");
    keyring.stop();
    for file in session.keyring_files() {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(8).any(|window| CANARY.as_bytes().windows(8).any(|part| part == window)), "{file:?}");
    }
}

#[test]
fn long_keys_are_kept_whole() {
    let session = Session::start();
    let keyring = session.keyring();
    let mut keys = keys(Some(session.address()));
    for length in [1_199, 1_200, 1_201, 2_559, 2_560, 2_561, 16 * 1024, 20] {
        let text: String = ('a'..='z').cycle().take(length).collect();
        assert_eq!(keys.ask(&format!("put key-1 {text}")), "ok", "{length}");
        assert_eq!(keys.ask("get key-1"), format!("= {text}"), "{length}");
    }
    let wide = "x".to_owned() + &"語".repeat(900);
    assert_eq!(keys.ask(&format!("put key-1 {wide}")), "ok");
    keyring.stop();
    let _keyring = session.keyring();
    assert_eq!(keys.ask("get key-1"), format!("= {wide}"));
    assert_eq!(keys.ask(&format!("put key-1 {}", "k".repeat(16 * 1024 + 1))), "too_long");
    assert_eq!(keys.ask("delete key-1"), "ok");
    assert_eq!(keys.ask("get key-1"), "not_found");
}

#[test]
fn a_locked_keyring_says_locked_and_loses_nothing() {
    let session = Session::start();
    let keyring = session.keyring();
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask(&format!("put key-1 {CANARY}")), "ok");
    keyring.stop();

    let keyring = session.locked_keyring();
    assert_eq!(keys.ask("state"), "locked: Secret Service");
    assert_eq!(keys.ask("get key-1"), "locked");
    assert_eq!(keys.ask("get key-never-saved"), "locked", "what a locked keyring holds is not known");
    assert_eq!(keys.ask("delete key-1"), "locked");
    // There is no prompter on this bus, so nobody can be asked.
    assert_eq!(keys.ask("unlock"), "locked");
    assert_eq!(keys.ask("put key-1 other"), "locked");
    keyring.stop();

    let _keyring = session.keyring();
    assert_eq!(keys.ask("get key-1"), format!("= {CANARY}"));
}

#[test]
fn a_service_without_a_keyring_is_not_taken_for_one_without_keys() {
    let session = Session::start();
    let _keyring = session.empty_keyring();
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("state"), "locked: Secret Service");
    assert_eq!(keys.ask("get key-1"), "locked");
    assert_eq!(keys.ask("put key-1 x"), "locked");
}

#[test]
fn without_a_bus_there_is_no_keyring() {
    let mut keys = keys(None);
    assert_eq!(keys.ask("state"), "unavailable: Secret Service");
    for command in ["get key-1", "put key-1 x", "delete key-1", "unlock"] {
        assert_eq!(keys.ask(command), "unavailable", "{command}");
    }
    let (status, took) = keys.exit();
    println!("exit: {took:?}");
    assert!(status.success());
}

#[test]
fn a_keyring_that_starts_after_the_app_is_used() {
    let session = Session::start();
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("state"), "unavailable: Secret Service");
    assert_eq!(keys.ask("put key-1 x"), "unavailable");
    let _keyring = session.keyring();
    assert_eq!(keys.ask("state"), "available: Secret Service");
    assert_eq!(keys.ask("put key-1 x"), "ok");
    assert_eq!(keys.ask("get key-1"), "= x");
}

#[test]
fn a_bus_that_ends_takes_nothing_with_it() {
    let session = Session::start();
    let _keyring = session.keyring();
    let mut keys = keys(Some(session.address()));
    assert_eq!(keys.ask("put key-1 x"), "ok");
    session.stop();
    assert_eq!(keys.ask("get key-1"), "unavailable");
    assert_eq!(keys.ask("ping"), "ok");
    assert!(keys.exit().0.success());
}
