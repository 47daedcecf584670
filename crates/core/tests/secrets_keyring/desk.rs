//! Calls that hang (KEY-1, KEY-2). Time stands still and jumps: nothing here waits 2 s.

use std::pin::pin;
use std::time::Duration;

use futures::poll;
use parlance_core::secrets::{KeyringState, SecretError};
use tokio::time::{Instant, advance, pause, resume, timeout};

use super::fake::{Call, Fake};
use super::{delete, get, put};

const HOLD_OFF: Duration = Duration::from_secs(30);

/// Makes a call that hangs, and lets time jump only once it does: what nobody waits for any more is not begun.
async fn hung<T>(fake: &Fake, stuck: usize, call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    assert!(poll!(call.as_mut()).is_pending());
    fake.wait_stuck(stuck);
    pause();
    let answer = call.await;
    resume();
    answer
}

async fn jump(time: Duration) {
    pause();
    advance(time).await;
    resume();
}

#[tokio::test]
async fn a_call_without_an_answer_ends_after_2_s_and_the_next_ones_at_once_for_30_s() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "one").await.unwrap();
    fake.hang_in(Call::Read);
    let began = Instant::now();
    assert_eq!(hung(&fake, 1, get(&store)).await, Err(SecretError::Unavailable));
    assert!(began.elapsed() >= Duration::from_secs(2));
    let calls = fake.state().calls.len();
    jump(HOLD_OFF - Duration::from_secs(1)).await;
    pause();
    let failed = Instant::now();
    assert_eq!(get(&store).await, Err(SecretError::Unavailable));
    assert_eq!(delete(&store).await, Err(SecretError::Unavailable));
    assert_eq!(store.state().await, KeyringState::Unavailable);
    assert_eq!(failed.elapsed(), Duration::ZERO);
    assert_eq!(fake.state().calls.len(), calls, "they did not ask");
    resume();
    jump(Duration::from_secs(1)).await;
    fake.state().hanging = None; // the first call still sleeps: nobody has woken it
    assert_eq!(fake.state().stuck, 1);
    assert_eq!(get(&store).await.as_deref(), Ok("one"), "another thread takes over");
    fake.release();
    fake.wait_stuck(0);
    fake.wait_for(|state| state.open == 1);
}

#[tokio::test]
async fn a_person_is_not_held_off() {
    let fake = Fake::new();
    let store = fake.store();
    fake.hang_in(Call::Connect);
    assert_eq!(hung(&fake, 1, store.state()).await, KeyringState::Unavailable);
    fake.state().hanging = None;
    assert_eq!(get(&store).await, Err(SecretError::Unavailable));
    put(&store, "one").await.unwrap();
    assert_eq!(get(&store).await.as_deref(), Ok("one"), "an answer ends the hold-off");
    fake.release();
    fake.wait_stuck(0);
}

#[tokio::test]
async fn threads_that_hang_are_few() {
    let fake = Fake::new();
    let store = fake.store();
    fake.hang_in(Call::Connect);
    for stuck in 1..=4 {
        assert_eq!(hung(&fake, stuck, store.state()).await, KeyringState::Unavailable);
        jump(HOLD_OFF).await;
    }
    for _ in 0..10 {
        assert_eq!(get(&store).await, Err(SecretError::Unavailable));
        let saving = timeout(Duration::from_secs(20), put(&store, "x")).await;
        assert_eq!(saving.unwrap(), Err(SecretError::Unavailable), "not even for a person");
    }
    assert_eq!(fake.state().stuck, 4);
    fake.release();
    fake.wait_stuck(0);
    // The threads end after their calls return; then there is room again.
    let again = async {
        while store.state().await != KeyringState::Available {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), again).await.unwrap();
}

#[tokio::test]
async fn a_person_is_waited_for_and_may_give_up() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().access = KeyringState::Locked;
    fake.hang_in(Call::Unlock);
    let hour = Duration::from_secs(3_600);
    let began = Instant::now();
    assert!(hung(&fake, 1, timeout(hour, put(&store, "one"))).await.is_err());
    assert!(began.elapsed() >= hour);
    fake.wait_for(|state| state.ended == 1);
    assert_eq!(get(&store).await, Err(SecretError::Locked), "others are answered while the prompt is open");
    assert_eq!(store.state().await, KeyringState::Locked);
    assert_eq!(fake.state().stuck, 1);
    fake.release();
    // The abandoned save goes on in its thread, writes, and finds that nobody waits.
    fake.wait_for(|state| {
        let changes = state.calls.iter().filter(|call| **call == Call::Write).count();
        changes == 2 && state.items.is_empty()
    });
}

#[tokio::test]
async fn a_call_behind_a_prompt_says_locked_and_holds_nobody_off() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().access = KeyringState::Locked;
    fake.hang_in(Call::Unlock);
    let mut person = pin!(store.unlock());
    assert!(poll!(person.as_mut()).is_pending());
    assert_eq!(hung(&fake, 1, get(&store)).await, Err(SecretError::Locked));
    let calls = fake.state().calls.len();
    assert_eq!(store.state().await, KeyringState::Locked);
    assert!(fake.state().calls.len() > calls, "the second one asked, on another thread");
    fake.release();
    assert_eq!(person.await, Ok(()), "the person's answer arrives");
    assert_eq!(store.state().await, KeyringState::Available);
}

#[tokio::test]
async fn a_call_behind_a_prompt_that_was_given_up_holds_nobody_off_either() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().access = KeyringState::Locked;
    fake.hang_in(Call::Unlock);
    let mut person = Box::pin(store.unlock());
    assert!(poll!(person.as_mut()).is_pending());
    fake.wait_stuck(1);
    let behind = async {
        let mut behind = pin!(get(&store));
        assert!(poll!(behind.as_mut()).is_pending());
        drop(person);
        behind.await
    };
    assert_eq!(hung(&fake, 1, behind).await, Err(SecretError::Locked));
    assert_eq!(store.state().await, KeyringState::Locked);
    fake.release();
    fake.wait_stuck(0);
}

#[tokio::test]
async fn who_gives_up_in_the_queue_leaves_the_prompt_of_another_alone() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().access = KeyringState::Locked;
    fake.hang_in(Call::Unlock);
    let mut first = pin!(store.unlock());
    assert!(poll!(first.as_mut()).is_pending());
    fake.wait_stuck(1);
    let mut second = Box::pin(put(&store, "one"));
    assert!(poll!(second.as_mut()).is_pending());
    drop(second);
    fake.release();
    assert_eq!(first.await, Ok(()));
    assert_eq!(get(&store).await, Err(SecretError::NotFound));
    assert_eq!(fake.state().ended, 0);
    assert!(!fake.state().calls.contains(&Call::Write));
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "one").await.unwrap();
    fake.hang_in(Call::Read);
    let both = hung(&fake, 1, async { tokio::join!(get(&store), delete(&store)) }).await;
    assert_eq!(both, (Err(SecretError::Unavailable), Err(SecretError::Unavailable)));
    assert_eq!(store.state().await, KeyringState::Unavailable);
    fake.release();
    fake.wait_for(|state| state.open == 0);
    jump(HOLD_OFF).await;
    assert_eq!(get(&store).await.as_deref(), Ok("one"), "the deletion did not come after all");
}

#[tokio::test]
async fn a_keyring_that_comes_later_or_again_is_used() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().access = KeyringState::Unavailable;
    assert_eq!(put(&store, "one").await, Err(SecretError::Unavailable));
    fake.state().access = KeyringState::Available;
    put(&store, "one").await.unwrap();
    fake.restart();
    assert_eq!(get(&store).await.as_deref(), Ok("one"));
    fake.state().access = KeyringState::Locked;
    assert_eq!(get(&store).await, Err(SecretError::Locked));
    store.unlock().await.unwrap();
    assert_eq!(get(&store).await.as_deref(), Ok("one"));
}

#[tokio::test]
async fn a_library_that_panics_makes_nobody_hang() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "one").await.unwrap();
    fake.state().panics = true;
    // The first panic poisons the fake's lock, so that every later call panics too.
    for _ in 0..6 {
        assert_eq!(get(&store).await, Err(SecretError::Unavailable));
        assert_eq!(put(&store, "two").await, Err(SecretError::Unavailable));
    }
}

#[test]
fn a_runtime_ends_while_a_call_hangs() {
    let fake = Fake::new();
    let store = fake.store();
    fake.hang_in(Call::State);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let began = std::time::Instant::now();
    assert_eq!(runtime.block_on(store.state()), KeyringState::Unavailable);
    drop(runtime);
    drop(store);
    println!("state and shutdown: {:?}", began.elapsed());
    fake.wait_stuck(1);
}
