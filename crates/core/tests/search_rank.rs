//! What a search finds and in which order, beside a plain look at every message.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::{cmp::Reverse, time::Duration};

use parlance_core::history::{
    migrate::MIGRATIONS,
    search::{
        expression::Plan,
        find::{self, Found, MOST_HITS, Stop},
        index_prompt, query,
    },
};
use proptest::prelude::*;
use rusqlite::{Connection, params};

/// However busy the machine is: what a search leaves out for want of time is no matter of ranking.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A store in memory with these prompts, ids from 1 on, each chat with as many as it says.
fn store(chats: &[&[String]]) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    MIGRATIONS.iter().for_each(|migration| connection.execute_batch(&migration.sql).unwrap());
    let tx = connection.transaction().unwrap();
    let mut id = 0;
    for (chat, texts) in (1_i64..).zip(chats) {
        let sql = "INSERT INTO conversation (id, title, created_at, updated_at, touched) VALUES (?1, '', 1, 1, ?1)";
        tx.execute(sql, [chat]).unwrap();
        tx.execute("INSERT INTO lane (id, conversation_id, position) VALUES (?1, ?1, 0)", [chat]).unwrap();
        for text in *texts {
            id += 1;
            tx.execute("INSERT INTO turn (id, conversation_id, created_at) VALUES (?1, ?2, ?1)", [id, chat]).unwrap();
            let sql = "INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', ?2)";
            tx.execute(sql, params![id, text]).unwrap();
            let sql = "INSERT INTO message (id, lane_id, turn_id, role, status, created_at, updated_at)
                       VALUES (?1, ?2, ?1, 'user', 'complete', ?1, ?1)";
            tx.execute(sql, [id, chat]).unwrap();
            index_prompt(&tx, id).unwrap();
        }
    }
    tx.commit().unwrap();
    connection
}

fn find(store: &Connection, asked: &str, typing: bool, chat: Option<i64>, best: bool) -> Found {
    let plan = Plan::of(store, &query::parse(asked), typing, &|_| 0).unwrap();
    find::find(store, &plan, chat, best, &Stop::after(A_DAY)).unwrap()
}

fn ids(found: &Found) -> Vec<i64> {
    found.hits.iter().map(|hit| hit.id).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_phrase_counts_for_what_it_is_as_a_whole() {
    let filler = "one two three four five six seven";
    let store = store(&[&[
        format!("wait for it, wait for it {filler}"),
        format!("wait for it {filler} {filler} {filler}"),
        format!("it was for all of us to wait {filler}"),
        format!("wait for it {filler}"),
    ]]);
    let found = find(&store, "\"wait for it\"", false, None, true);
    assert_eq!((ids(&found), found.ranked, found.all), (vec![1, 4, 2], true, true));
    let found = find(&store, "\"wait for it\"", false, None, false);
    assert_eq!((ids(&found), found.ranked, found.all), (vec![4, 2, 1], false, true));
}

#[test]
fn the_end_of_a_longer_word_hides_no_word_behind_it() {
    let store = store(&[&texts(&["rabbit bit bit", "bit bit and four words more"])]);
    assert_eq!(ids(&find(&store, "\"bit bit\"", false, None, true)), [1, 2]);
}

#[test]
fn the_rarer_word_decides() {
    let mut all = vec!["plain text".to_owned(); 30];
    all[4] = "plain plain plain seldom".to_owned();
    all[9] = "plain seldom seldom seldom".to_owned();
    let found = find(&store(&[&all]), "plain seldom", false, None, true);
    assert_eq!((ids(&found), found.ranked), (vec![10, 5], true));
}

#[test]
fn identifiers_count_in_parts_and_as_a_whole() {
    let store = store(&[&texts(&["tail latency", "tail-latency and tail latency", "tails of latency", "taillatency"])]);
    assert_eq!(ids(&find(&store, "tail-latency", false, None, true)), [2, 4, 1]);
    assert_eq!(ids(&find(&store, "taillat", true, None, true)), [4, 2]);
}

#[test]
fn of_many_the_newest_are_found_and_a_word_of_everywhere_ranks_nothing() {
    let many = vec!["everywhere everywhere".to_owned(); 2_001];
    let few = texts(&["everywhere everywhere", "everywhere", "everywhere, but rare, rare", "everywhere rare"]);
    let store = store(&[&many, &few]);
    let found = find(&store, "everywhere", false, None, true);
    assert_eq!(ids(&found), (2_006 - MOST_HITS as i64..=2_005).rev().collect::<Vec<_>>());
    assert!(!found.all && !found.ranked);
    let found = find(&store, "everywhere", false, Some(2), true);
    assert_eq!((ids(&found), found.all, found.ranked), (vec![2_005, 2_004, 2_003, 2_002], true, false));
    let found = find(&store, "everywhere rare", false, None, true);
    assert_eq!((ids(&found), found.all, found.ranked), (vec![2_004, 2_005], true, true));
}

const WORDS: [&str; 9] = ["bit", "ra", "rab", "rabbit", "rabbits", "tree", "treat", "of", "off"];

/// Words that follow each other; the last may be a beginning.
#[derive(Clone, Debug)]
struct Asked {
    words: Vec<&'static str>,
    beginning: bool,
}

impl Asked {
    fn times_in(&self, text: &[&str]) -> usize {
        let last = self.words.len() - 1;
        let fits = |at: usize, word: &str| {
            if self.beginning && at == last { word.starts_with(self.words[at]) } else { word == self.words[at] }
        };
        let mut from = 0;
        std::iter::from_fn(|| {
            let window = text.get(from..)?.windows(last + 1);
            let at =
                window.into_iter().position(|window| window.iter().enumerate().all(|(at, word)| fits(at, word)))?;
            // As in counting by eye: what was counted is not counted again.
            from += at + last + 1;
            Some(())
        })
        .count()
    }

    fn typed(&self) -> String {
        if self.words.len() > 1 { format!("\"{}\"", self.words.join(" ")) } else { self.words[0].to_owned() }
    }
}

fn asked() -> impl Strategy<Value = (Vec<Asked>, bool)> {
    let word = || prop::sample::select(&WORDS[..]);
    let item = prop_oneof![
        2 => word().prop_map(|word| vec![word]),
        1 => prop::collection::vec(word(), 2..4),
    ];
    (prop::collection::vec(item, 1..4), any::<bool>()).prop_map(|(items, typing)| {
        let count = items.len();
        let asked = items.into_iter().enumerate().map(|(nth, words)| {
            let beginning = typing && nth + 1 == count && words.len() == 1;
            Asked { words, beginning }
        });
        (asked.collect(), typing)
    })
}

proptest! {
    #[test]
    fn everything_is_found_and_what_says_more_in_less_comes_first(
        texts in prop::collection::vec(prop::collection::vec(prop::sample::select(&WORDS[..]), 0..9), 1..25),
        hidden in prop::collection::vec(1..25_i64, 0..3),
        (asked, typing) in asked(),
        best in any::<bool>(),
    ) {
        let store = store(&[&texts.iter().map(|words| words.join(" ")).collect::<Vec<_>>()]);
        for id in &hidden {
            store.execute("UPDATE message SET deleted_at = 1 WHERE id = ?1", [id]).unwrap();
        }
        let typed = asked.iter().map(Asked::typed).collect::<Vec<_>>().join(" ");
        let found = find(&store, &typed, typing, None, best);
        let times = |id: i64| {
            let text = &texts[id as usize - 1];
            asked.iter().map(|asked| asked.times_in(text)).collect::<Vec<_>>()
        };
        let length = |id: i64| texts[id as usize - 1].join(" ").len();
        let all = (1..=texts.len() as i64).rev().filter(|id| !hidden.contains(id) && times(*id).iter().all(|n| *n > 0));
        let expected: Vec<i64> = all.collect();
        let got = ids(&found);
        let mut newest_first = got.clone();
        newest_first.sort_unstable_by_key(|id| Reverse(*id));
        prop_assert_eq!(&newest_first, &expected, "{}", typed);
        prop_assert!(found.all);
        prop_assert_eq!(found.ranked, best && expected.len() > 1);
        if !found.ranked {
            prop_assert_eq!(&got, &expected);
        }
        for (at, before) in got.iter().enumerate().filter(|_| found.ranked) {
            for after in &got[at + 1..] {
                let (a, b) = ((times(*before), length(*before)), (times(*after), length(*after)));
                let no_less = b.0.iter().zip(&a.0).all(|(b, a)| b >= a) && b.1 <= a.1;
                prop_assert!(!no_less || a == b && before > after, "{}: {:?} before {:?}", typed, before, after);
            }
        }
    }
}
