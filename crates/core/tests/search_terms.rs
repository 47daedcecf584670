//! Words of text: what is found by what, asked of a real index.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use parlance_core::history::search::{
    needle::Needle,
    query::{self, Compare, What, Word},
    snippet::snippet,
    terms::{self, Columns, LONGEST, fold},
};
use proptest::prelude::*;
use rusqlite::{Connection, params};

/// An index as the migration makes it.
fn index(texts: &[&str]) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let migration = include_str!("../migrations/0003_search.sql");
    let start = migration.find("CREATE VIRTUAL TABLE search_index").unwrap();
    let end = start + migration[start..].find(';').unwrap();
    connection.execute_batch(&migration[start..end]).unwrap();
    for (nth, text) in texts.iter().enumerate() {
        let columns = Columns::of(text);
        connection
            .execute(
                "INSERT INTO search_index (rowid, body, whole, tags) VALUES (?1, ?2, ?3, '')",
                params![nth as i64, columns.body, columns.whole],
            )
            .unwrap();
    }
    connection
}

fn needles(asked: &str, typing: bool) -> Vec<Needle> {
    query::parse(asked).words.iter().filter_map(|word| Needle::of(word, typing)).collect()
}

fn finds(text: &str, asked: &str, typing: bool) -> bool {
    let expression: Vec<String> = needles(asked, typing).iter().map(Needle::expression).collect();
    assert!(!expression.is_empty(), "{asked} asks nothing");
    let sql = "SELECT count(*) FROM search_index WHERE search_index MATCH ?1";
    index(&[text]).query_row(sql, [expression.join(" AND ")], |row| row.get::<_, i64>(0)).unwrap() == 1
}

fn marks(text: &str, asked: &str) -> Vec<String> {
    let pieces = snippet(text, &needles(asked, true), terms::MOST);
    pieces.into_iter().filter(|piece| piece.hit).map(|piece| piece.text).collect()
}

#[test]
fn words_and_identifiers_are_found_whole_and_by_part() {
    let found = [
        ("the queue is full", "queue"),
        ("up to max_wait, a floor", "max_wait"),
        ("up to max_wait, a floor", "maxWait"),
        ("up to max_wait, a floor", "maxwait"),
        ("up to max_wait, a floor", "wait"),
        ("let maxWait = 3", "max_wait"),
        ("call getUserById(7)", "getUserById"),
        ("call getUserById(7)", "getuserbyid"),
        ("call getUserById(7)", "user"),
        ("an HTTPServer here", "server"),
        ("std::vec::Vec", "std::vec::Vec"),
        ("std::vec::Vec", "vec"),
        ("the p99 fell", "p99"),
        ("tail-latency of it", "tail latency"),
        ("tail latency of it", "tail-latency"),
        ("don't do it", "don't"),
        ("don’t do it", "don't"),
        ("l'amour", "amour"),
        ("a café in Århus", "cafe"),
        ("a cafe", "CAFÉ"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Ｆｕｌｌ", "full"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("東京都の天気", "東京"),
        ("東京都の天気", "の天気"),
        ("東京都の天気", "気"),
        ("東京都の天気", "京"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("서울에서 만나요", "서울"),
        ("Rust言語で書く", "rust"),
        ("Rust言語で書く", "言語"),
        ("Rust言語 is new", "言語 is"),
        ("สวัสดีครับ", "สวัสดี"),
        ("हिन्दी में", "हिन्दी"),
        ("gpt-4.1-mini", "gpt-4.1"),
        ("see https://example.org/a/b?c=d", "example.org"),
    ];
    for (text, asked) in found {
        assert!(finds(text, asked, false), "{asked:?} in {text:?}: {:?}", Columns::of(text));
        assert!(finds(text, asked, true), "{asked:?} in {text:?} while typing");
    }
    let not = [
        ("the queue is full", "que"),
        ("up to max_wait", "axwait"),
        ("東京都", "京東"),
        ("ガラス", "カ"),
        ("tail of latency", "\"tail latency\""),
        ("naive", "nave"),
    ];
    for (text, asked) in not {
        assert!(!finds(text, asked, false), "{asked:?} in {text:?}");
    }
}

#[test]
fn the_last_word_is_a_beginning_while_it_is_typed() {
    for (text, asked) in
        [("the queue", "qu"), ("max_wait", "maxW"), ("max_wait", "max_w"), ("a tail latency", "tail-lat")]
    {
        assert!(finds(text, asked, true), "{asked} in {text}");
        assert!(!finds(text, asked, false), "{asked} in {text}");
        assert!(!finds(text, &format!("{asked} a"), true) || text.contains(" a"), "only the last");
    }
    assert!(!finds("the queue", "\"qu\"", true), "a closed quote is no beginning");
    assert!(!finds("aa bb", "a", true), "one letter is too little to be a beginning");
}

#[test]
fn what_was_searched_for_is_marked_as_it_is_written() {
    let table: &[(&str, &str, &[&str])] = &[
        ("Past 80 % the queue dominates the P99.", "p99 queue", &["queue", "P99"]),
        ("by up to `max_wait`, a floor", "maxWait", &["max_wait"]),
        ("by up to `max_wait`, a floor", "wait", &["wait"]),
        ("getUserById", "user", &["User"]),
        ("Ein Café.", "cafe", &["Café"]),
        ("東京都の天気", "京都", &["京都"]),
        ("東京都の天気", "都", &["都"]),
        ("東京都の天気", "気", &["気"]),
        ("東京都の天気は晴れ", "の天気", &["の天気"]),
        ("tail latency, tail-latency", "tail-latency", &["tail latency", "tail-latency"]),
        ("queues", "que", &["queues"]),
        ("one two three two three", "\"two three\"", &["two three", "two three"]),
        ("nothing here", "absent", &[]),
    ];
    for (text, asked, wanted) in table {
        assert_eq!(marks(text, asked), *wanted, "{asked} in {text}");
    }
}

#[test]
fn a_snippet_leaves_out_the_marks_that_only_dress_text() {
    let shown = |text: &str| snippet(text, &[], terms::MOST).into_iter().map(|piece| piece.text).collect::<String>();
    for (text, plain) in [
        ("# Batch **size**, `max_wait`", "Batch size, max_wait"),
        ("| Batch size | p99 |\n|:---|---:|\n| 8 | 34 |", "Batch size | p99 8 | 34"),
        ("- *one* of two\n* three\n+ four", "one of two three four"),
        ("> $$x + 1$$ is what is quoted", "x + 1 is what is quoted"),
        ("3 * 4 - 5 | 6 > 2, a*b, -x, $5", "3 * 4 - 5 | 6 > 2, a*b, -x, $5"),
        ("---\nnot a table - a rule", "not a table - a rule"),
    ] {
        assert_eq!(shown(text), plain, "{text:?}");
    }
}

#[test]
fn a_snippet_is_short_and_shows_where_most_words_stand_together() {
    let filler = "Lorem ipsum dolor sit amet. ".repeat(80);
    let text = format!("A queue first. {filler}Then **the queue** and\nits\t p99 together. {filler}");
    let pieces = snippet(&text, &needles("p99 queue", false), terms::MOST);
    let shown: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    assert!(shown.contains("the queue and its p99 together."), "{shown}");
    assert!(shown.starts_with('…') && shown.ends_with('…') && shown.chars().count() < 230, "{shown}");
    let hits: Vec<_> = pieces.iter().filter(|piece| piece.hit).map(|piece| piece.text.as_str()).collect();
    assert_eq!(hits, ["queue", "p99"]);
}

#[test]
fn blobs_stay_in_one_piece_and_long_texts_are_bounded() {
    let hash = "3f2a9c4b5d6e7f8a9b0c1d2e3f4a5b6c";
    assert_eq!(Columns::of(hash).body, hash);
    let blob = "aGVsbG8gd29ybGQ5".repeat(400);
    assert_eq!(Columns::of(&blob).body.chars().count(), LONGEST);
    let columns = Columns::of(&"word ".repeat(terms::MOST * 2));
    assert_eq!(columns.body.split(' ').count(), terms::MOST);
}

#[test]
fn filters_are_read_and_what_is_none_is_text() {
    let query = query::parse(
        "p99 \"tail latency\" -draft from:you -provider:Groq model:\"gpt 5\" has:code before:2026-11-30 cost:>0.10 in:archive is:failed",
    );
    let words: Vec<_> = query.words.iter().map(|w| (w.text.as_str(), w.phrase, w.excluded, w.open)).collect();
    assert_eq!(
        words,
        [("p99", false, false, false), ("tail latency", true, false, false), ("draft", false, true, false)]
    );
    let filters: Vec<_> = query.filters.iter().map(|f| (f.what.clone(), f.negated)).collect();
    assert_eq!(
        filters,
        [
            (What::You, false),
            (What::Provider("Groq".into()), true),
            (What::Model("gpt 5".into()), false),
            (What::Code, false),
            (What::Before("2026-11-30".into()), false),
            (What::Cost(Compare::Above, 100_000_000), false),
            (What::Archive, false),
            (What::Failed, false),
        ]
    );
    for text in [
        "std::vec",
        "https://a.b/c",
        "from:",
        "from:mars",
        "before:soon",
        "after:2026-02-30",
        "cost:5",
        "cost:>1e9",
        "x:\"y z\"",
        "-",
        "--flag",
    ] {
        assert!(query::parse(text).filters.is_empty(), "{text}");
        assert!(!query::parse(text).words.is_empty(), "{text}");
    }
    assert_eq!(query::parse("x:\"y z\" w").words[0].text, "x:\"y z\"");
    assert_eq!(query::parse("--flag").words[0].text, "--flag");
}

/// Text of many scripts, with identifiers and signs.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z]{1,9}",
        2 => "[a-z]{1,5}(_[a-z]{1,4}|[A-Z][a-z]{1,4}|-[a-z]{1,4}){1,3}",
        1 => "[a-z]{1,3}[0-9]{1,3}",
        2 => "[\u{4E00}-\u{4E40}\u{3042}-\u{3050}\u{AC00}-\u{AC20}]{1,8}",
        1 => "\\PC{1,6}",
    ];
    proptest::collection::vec((piece, "[ \n.,:;()]{1,2}"), 0..30)
        .prop_map(|all| all.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

proptest! {
    #[test]
    fn any_text_has_terms_without_a_panic_and_folding_is_final(text in "\\PC*", wild in any::<String>()) {
        for text in [text, wild] {
            for term in terms::terms(&text) {
                prop_assert!(text.get(term.at.clone()).is_some(), "{term:?}");
                prop_assert!(term.at.start < term.head && term.head <= term.at.end, "{term:?}");
                let single = fold(&term.text);
                prop_assert_eq!(&single, &term.text);
            }
            let _ = query::parse(&text);
        }
    }

    #[test]
    fn every_whole_word_of_a_text_finds_it(text in text()) {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        for text in words.iter().filter(|word| !word.is_empty()) {
            let word = Word { text: text.clone(), phrase: false, excluded: false, open: true };
            for typing in [false, true] {
                let Some(needle) = Needle::of(&word, typing) else { continue };
                let sql = "SELECT count(*) FROM search_index WHERE search_index MATCH ?1";
                let whole = words.join(" ");
                let found: i64 = index(&[&whole]).query_row(sql, [needle.expression()], |row| row.get(0)).unwrap();
                prop_assert_eq!(found, 1, "{} in {}", needle.expression(), Columns::of(&whole).body);
                prop_assert!(!needle.places(&terms::terms(&whole)).is_empty(), "{:?} is marked", needle);
            }
        }
    }

    #[test]
    fn every_piece_of_an_unspaced_text_finds_it(
        text in "[\u{4E00}-\u{4E60}\u{3042}-\u{3090}\u{30A2}-\u{30C0}\u{AC00}-\u{AC40}]{2,20}", from in 0_usize..20, length in 2_usize..8,
    ) {
        let chars: Vec<char> = text.chars().collect();
        let from = from.min(chars.len() - 2);
        let piece: String = chars[from..chars.len().min(from + length)].iter().collect();
        prop_assert!(finds(&text, &piece, false), "{} in {}", piece, text);
        prop_assert!(marks(&text, &piece).iter().any(|mark| mark.contains(&piece)), "{} marked in {}", piece, text);
    }

    #[test]
    fn a_snippet_is_a_piece_of_its_text(text in text(), asked in "[a-z]{1,3}") {
        let pieces = snippet(&text, &needles(&asked, true), terms::MOST);
        let clean = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !"…*`#|-+$>:".contains(*c)).collect::<String>();
        let shown: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        prop_assert!(clean(&text).contains(&clean(&shown)), "{shown:?} of {text:?}");
        prop_assert!(shown.chars().count() < 240);
        for piece in pieces.iter().filter(|piece| piece.hit) {
            prop_assert!(fold(&piece.text).contains(&asked), "{:?}", piece);
        }
    }
}
