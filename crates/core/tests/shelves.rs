//! The chat list, its shelves, and what is gone for good.

use crate::common::{self, Bench, NOON, count};
use parlance_core::{
    Error,
    view::{ConversationPage, Shelf, ShelfChange},
};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn ids(page: &ConversationPage) -> Vec<&str> {
    page.items.iter().map(|row| row.id.as_str()).collect()
}

fn pinned(page: &ConversationPage) -> Vec<&str> {
    page.pinned.iter().map(|row| row.id.as_str()).collect()
}

async fn chats(bench: &mut Bench, number: usize) -> Vec<String> {
    let provider = bench.provider().await;
    let mut made = Vec::new();
    for nth in 0..number {
        let [chat, ..] = bench.talk(None, &format!("chat {nth}"), &provider).await;
        made.push(chat);
    }
    made
}

#[tokio::test]
async fn each_chat_stands_on_one_shelf_and_the_pinned_above_the_list() {
    let mut bench = Bench::new().await;
    let chats = chats(&mut bench, 5).await;
    let list = |shelf| bench.app.list_shelf(shelf, None);
    let shelve = |nth: &[usize], change| bench.app.shelve(nth.iter().map(|n| chats[*n].clone()).collect(), change);

    let rows = shelve(&[1, 0], ShelfChange::Pin).await.unwrap();
    assert!(rows.iter().all(|row| row.pinned && row.shelf == Shelf::List));
    assert_eq!([&rows[0].id, &rows[1].id], [&chats[1], &chats[0]], "in the order asked for");
    let page = list(Shelf::List).await.unwrap();
    assert_eq!(pinned(&page), [&chats[1], &chats[0]]);
    assert_eq!(ids(&page), [&chats[4], &chats[3], &chats[2]]);
    let touched = page.items[0].touched;
    let next = bench.app.list_shelf(Shelf::List, Some(touched)).await.unwrap();
    assert_eq!((pinned(&next).len(), ids(&next).len()), (0, 2), "the pinned come once");

    shelve(&[1, 2], ShelfChange::Archive).await.unwrap();
    let archive = list(Shelf::Archive).await.unwrap();
    assert_eq!((ids(&archive), pinned(&archive).len()), (vec![chats[2].as_str(), &chats[1]], 0));
    shelve(&[1], ShelfChange::Trash).await.unwrap();
    assert_eq!(ids(&list(Shelf::Trash).await.unwrap()), [&chats[1]]);
    assert_eq!(ids(&list(Shelf::Archive).await.unwrap()), [&chats[2]]);
    assert_eq!(pinned(&list(Shelf::List).await.unwrap()), [&chats[0]]);
    assert_eq!(shelve(&[1], ShelfChange::Restore).await.unwrap()[0].shelf, Shelf::Archive, "back to where it was");
    let back = shelve(&[1, 2], ShelfChange::Unarchive).await.unwrap();
    assert!(back.iter().all(|row| row.shelf == Shelf::List) && back[0].pinned);
    shelve(&[0, 1], ShelfChange::Unpin).await.unwrap();
    let page = list(Shelf::List).await.unwrap();
    assert_eq!((pinned(&page).len(), ids(&page).len()), (0, 5));
    assert_eq!(bench.app.bootstrap().await.unwrap().conversations, page);
}

#[tokio::test]
async fn a_change_happens_to_all_or_to_none() {
    let mut bench = Bench::new().await;
    let chats = chats(&mut bench, 3).await;
    let shelve = |ids: &[&str], change| bench.app.shelve(ids.iter().map(|id| (*id).to_owned()).collect(), change);
    shelve(&[&chats[2]], ShelfChange::Trash).await.unwrap();
    for change in [ShelfChange::Pin, ShelfChange::Archive, ShelfChange::Trash, ShelfChange::Unarchive] {
        let refused = shelve(&[&chats[0], &chats[1], &chats[2]], change).await.unwrap_err();
        assert_eq!(refused.code(), "not_found", "{change:?} of one in the trash");
        assert_eq!(shelve(&[&chats[0], "999"], change).await.unwrap_err().code(), "not_found");
    }
    for change in [ShelfChange::Restore, ShelfChange::Purge] {
        let refused = shelve(&[&chats[2], &chats[0]], change).await.unwrap_err();
        assert_eq!(refused.code(), "not_found", "{change:?} of one that is not in the trash");
    }
    let page = bench.app.list_shelf(Shelf::List, None).await.unwrap();
    assert_eq!((ids(&page), pinned(&page).len()), (vec![chats[1].as_str(), &chats[0]], 0));
    assert_eq!(bench.app.list_shelf(Shelf::Trash, None).await.unwrap().items.len(), 1);
    let many = vec![chats[0].clone(); 501];
    assert!(matches!(bench.app.shelve(many, ShelfChange::Pin).await, Err(Error::Invalid { reason: "too_many", .. })));
    assert!(matches!(shelve(&["x"], ShelfChange::Pin).await, Err(Error::Invalid { reason: "not_an_id", .. })));
    let twice = shelve(&[&chats[0], &chats[0]], ShelfChange::Trash).await.unwrap();
    assert_eq!(twice.len(), 1, "named twice is named once");
}

#[tokio::test]
async fn what_is_purged_leaves_its_money_and_nothing_else() {
    let mut bench = Bench::new().await;
    let chats = chats(&mut bench, 2).await;
    let rows = "SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM lane) + (SELECT count(*) FROM turn)
        + (SELECT count(*) FROM turn_part) + (SELECT count(*) FROM message) + (SELECT count(*) FROM part)
        + (SELECT count(*) FROM run) + (SELECT count(*) FROM attempt)";
    let before = count(&bench.data(), rows);
    let change = |change| bench.app.shelve(vec![chats[0].clone()], change);
    change(ShelfChange::Trash).await.unwrap();
    assert_eq!(change(ShelfChange::Purge).await.unwrap(), [], "nothing is left of it");
    assert_eq!(count(&bench.data(), rows) * 2, before, "the other chat is whole");
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM ledger WHERE conversation_id IS NULL"), 1);
    assert_eq!(bench.app.spend().await.unwrap().entries, 2);
    assert_eq!(change(ShelfChange::Restore).await.unwrap_err().code(), "not_found");
    let bench = bench.reopen().await;
    assert_eq!(bench.app.get_conversation(&chats[1]).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn a_chat_that_is_being_answered_can_be_trashed_but_not_purged() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let receipt = bench.send(None, "long", &provider).await;
    let id = receipt.summary.id.clone();
    bench.app.shelve(vec![id.clone()], ShelfChange::Trash).await.unwrap();
    let refused = bench.app.shelve(vec![id.clone()], ShelfChange::Purge).await;
    assert!(matches!(refused, Err(Error::Running)), "{refused:?}");
    let end = bench.answer(&receipt, "kept").await;
    assert_eq!(end.summary.shelf, Shelf::Trash);
    bench.app.shelve(vec![id.clone()], ShelfChange::Restore).await.unwrap();
    assert_eq!(common::texts(&bench.app.get_conversation(&id).await.unwrap()), ["long", "kept"]);
}

#[tokio::test]
async fn the_trash_is_emptied_of_what_is_a_month_old() {
    let mut bench = Bench::new().await;
    let chats = chats(&mut bench, 3).await;
    bench.app.shelve(vec![chats[0].clone()], ShelfChange::Trash).await.unwrap();
    bench.clock.set(NOON + 20 * DAY);
    bench.app.shelve(vec![chats[1].clone()], ShelfChange::Trash).await.unwrap();
    bench.clock.set(NOON + 31 * DAY);
    assert_eq!(bench.app.empty_old_trash().await.unwrap(), 1);
    let trash = bench.app.list_shelf(Shelf::Trash, None).await.unwrap();
    assert_eq!(ids(&trash), [&chats[1]]);
    assert_eq!(bench.app.empty_old_trash().await.unwrap(), 0);
    assert_eq!(bench.app.list_shelf(Shelf::List, None).await.unwrap().items.len(), 1);
}
