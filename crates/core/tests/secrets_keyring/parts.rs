//! Long secrets: numbered items, complete or not there.

use parlance_core::secrets::SecretError;
use proptest::prelude::*;

use super::fake::Fake;
use super::{delete, get, put};

fn sizes(fake: &Fake) -> Vec<usize> {
    fake.state().items.values().map(|(_, kept)| kept.len()).collect()
}

#[tokio::test]
async fn what_is_longer_than_1200_bytes_is_kept_in_parts() {
    let fake = Fake::new();
    let store = fake.store();
    for (length, items) in [
        (1, 1),
        (1_199, 1),
        (1_200, 1),
        (1_201, 3),
        (2_400, 3),
        (2_401, 4),
        (2_559, 4),
        (2_560, 4),
        (2_561, 4),
        (16 * 1024, 15),
        (2_561, 4),
        (5, 1),
    ] {
        let text: String = ('!'..='~').cycle().take(length).collect();
        put(&store, &text).await.unwrap();
        assert_eq!(get(&store).await.as_deref(), Ok(text.as_str()), "{length}");
        assert_eq!(sizes(&fake).len(), items, "{length}: the parts of the value before are gone");
        assert!(sizes(&fake).iter().all(|size| *size <= 1_200), "{length}");
    }
    let limit = 16 * 1024;
    assert_eq!(put(&store, &"k".repeat(limit + 1)).await, Err(SecretError::TooLong { limit }));
    assert_eq!(get(&store).await.map(|text| text.len()), Ok(5));
    delete(&store).await.unwrap();
    assert!(fake.state().items.is_empty());
}

#[tokio::test]
async fn a_cut_falls_between_characters() {
    let fake = Fake::new();
    let store = fake.store();
    for letter in ["ß", "語", "𝔎"] {
        for shift in 0..4 {
            let text = "x".repeat(shift) + &letter.repeat(1_000);
            put(&store, &text).await.unwrap();
            assert_eq!(get(&store).await.as_deref(), Ok(text.as_str()), "{letter} {shift}");
            for (name, (_, kept)) in &fake.state().items {
                assert!(kept.len() <= 1_200 && std::str::from_utf8(kept).is_ok(), "{letter} {shift}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn the_longest_secret_of_the_widest_letters_has_its_parts() {
    let fake = Fake::new();
    let store = fake.store();
    let text = "x".to_owned() + &"𝔎".repeat(4_095);
    put(&store, &text).await.unwrap();
    assert_eq!(get(&store).await, Ok(text));
    delete(&store).await.unwrap();
    assert!(fake.state().items.is_empty());
}

#[tokio::test]
async fn what_a_broken_save_has_left_is_gone_after_the_next() {
    let fake = Fake::new();
    let store = fake.store();
    fake.state().changes_left = Some(5);
    assert_eq!(put(&store, &"k".repeat(16_000)).await, Err(SecretError::Unavailable));
    fake.restart();
    assert_eq!(sizes(&fake).len(), 5);
    assert_eq!(get(&store).await, Err(SecretError::NotFound));
    put(&store, &"k".repeat(1_300)).await.unwrap();
    assert_eq!(sizes(&fake).len(), 3);
}

#[tokio::test]
async fn a_secret_that_looks_like_an_index_is_none() {
    let fake = Fake::new();
    let store = fake.store();
    for text in ["parlance-parts:1:a:1:5", "parlance-parts:1:", "parlance-parts:1:b:99999999999999999999:1"] {
        put(&store, text).await.unwrap();
        assert_eq!(get(&store).await.as_deref(), Ok(text));
    }
    for index in [
        "parlance-parts:1:a:15:0",
        "parlance-parts:1:a:1000000:5",
        "parlance-parts:1:c:1:1",
        "parlance-parts:1:a:1:99999999",
        "parlance-parts:1:a:1:1:1",
        "parlance-parts:1:a",
    ] {
        fake.state().items.clear();
        put(&store, "x").await.unwrap();
        fake.state().items.values_mut().for_each(|(_, kept)| *kept = index.into());
        assert_eq!(get(&store).await, Err(SecretError::Damaged), "{index}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(usize),
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<(Step, Option<usize>)>> {
    let length = prop_oneof![1..40_usize, 1_190..1_210_usize, 2_390..2_410_usize, 3_000..6_000_usize];
    let step = prop_oneof![4 => length.prop_map(Step::Put), 1 => Just(Step::Delete)];
    prop::collection::vec((step, prop::option::of(0..9_usize)), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The service dies at any change. What is read afterwards is the value before, the new one, or an error; and the
    /// next value that is kept leaves no items beside its own.
    #[test]
    fn a_half_written_secret_is_never_read(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = Fake::new();
            let store = fake.store();
            let mut possible: Vec<Option<String>> = vec![None];
            for (number, (step, dies_after)) in steps.into_iter().enumerate() {
                fake.state().changes_left = dies_after;
                let next = match &step {
                    Step::Put(length) => Some(char::from(b'A' + u8::try_from(number).unwrap()).to_string().repeat(*length)),
                    Step::Delete => None,
                };
                let done = match &next {
                    Some(text) => put(&store, text).await,
                    None => delete(&store).await,
                };
                fake.restart();
                if done.is_ok() {
                    possible = vec![next];
                } else {
                    possible.push(next);
                }
                match get(&store).await {
                    Ok(text) => assert!(possible.contains(&Some(text))),
                    Err(SecretError::NotFound) => assert!(possible.contains(&None)),
                    Err(SecretError::Damaged) => assert!(done.is_err() && possible.contains(&None), "{step:?}"),
                    Err(other) => panic!("{other}"),
                }
            }
            put(&store, "the last").await.unwrap();
            assert_eq!(fake.state().items.len(), 1, "nothing is left over");
            delete(&store).await.unwrap();
            assert!(fake.state().items.is_empty());
        });
    }
}
