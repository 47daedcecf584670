//! Whatever is done with the messages of a chat, in whatever order, the branch is the one that a plain model of the
//! tree says.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::collections::BTreeMap;

use crate::common::{self, Bench};
use parlance_core::view::{ConversationView, MessageRole, ProviderView, RunReceipt, SendInput, Target};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Send,
    Replace(usize),
    Retry(usize),
    Select(usize),
    Delete(Vec<usize>),
    DeleteLast(usize),
    Undelete(usize),
    DeleteAndUndo(Vec<usize>),
    Branch(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let some = || prop::collection::vec(any::<usize>(), 1..4);
    prop_oneof![
        4 => Just(Step::Send),
        2 => any::<usize>().prop_map(Step::Replace),
        2 => any::<usize>().prop_map(Step::Retry),
        2 => any::<usize>().prop_map(Step::Select),
        2 => some().prop_map(Step::Delete),
        4 => (1..4_usize).prop_map(Step::DeleteLast),
        4 => any::<usize>().prop_map(Step::Undelete),
        2 => some().prop_map(Step::DeleteAndUndo),
        1 => any::<usize>().prop_map(Step::Branch),
    ]
}

#[derive(Clone, Debug)]
struct Node {
    parent: Option<i64>,
    user: bool,
    deleted: bool,
}

/// The tree as a person would explain it: nothing but parents, marks and the end that was chosen last.
#[derive(Clone, Debug, Default)]
struct Tree {
    nodes: BTreeMap<i64, Node>,
    chosen: Option<i64>,
}

impl Tree {
    fn add(&mut self, id: i64, parent: Option<i64>, user: bool) {
        self.nodes.insert(id, Node { parent, user, deleted: false });
    }

    fn up(&self, from: Option<i64>) -> Vec<i64> {
        std::iter::successors(from, |id| self.nodes[id].parent).collect()
    }

    fn versions(&self, id: i64) -> Vec<i64> {
        let Node { parent, user, .. } = self.nodes[&id];
        let same = |node: &Node| node.parent == parent && node.user == user && !node.deleted;
        self.nodes.iter().filter(|(_, node)| same(node)).map(|(id, _)| *id).collect()
    }

    fn newest_below(&self, id: i64) -> i64 {
        let below = self.nodes.iter().filter(|(other, node)| !node.deleted && self.up(Some(**other)).contains(&id));
        below.map(|(id, _)| *id).max().unwrap()
    }

    /// The end that is shown, and what a new message follows.
    fn ends(&self) -> (Option<i64>, Option<i64>) {
        for id in self.up(self.chosen) {
            if !self.nodes[&id].deleted {
                return (Some(id), self.chosen);
            }
            if let Some(version) = self.versions(id).last() {
                let leaf = self.newest_below(*version);
                return (Some(leaf), Some(leaf));
            }
        }
        (None, self.chosen)
    }

    fn branch(&self) -> Vec<i64> {
        let mut branch = self.up(self.ends().0);
        branch.retain(|id| !self.nodes[id].deleted);
        branch.reverse();
        branch
    }

    fn pick(&self, nth: usize, fits: impl Fn(&Node) -> bool) -> Option<i64> {
        let fitting: Vec<i64> = self.nodes.iter().filter(|(_, node)| fits(node)).map(|(id, _)| *id).collect();
        (!fitting.is_empty()).then(|| fitting[nth % fitting.len()])
    }
}

struct Play {
    bench: Bench,
    provider: ProviderView,
    chat: String,
    tree: Tree,
}

impl Play {
    async fn new() -> Self {
        let mut bench = Bench::new().await;
        let provider = bench.provider().await;
        let [chat, user, reply] = bench.talk(None, "first", &provider).await;
        let mut tree = Tree::default();
        let (user, reply) = (user.parse().unwrap(), reply.parse().unwrap());
        tree.add(user, None, true);
        tree.add(reply, Some(user), false);
        tree.chosen = Some(reply);
        Self { bench, provider, chat, tree }
    }

    fn target(&self) -> Target {
        Target { provider_id: self.provider.id.clone(), model: "m-1".into() }
    }

    /// Sends, and puts what came of it after `parent`.
    async fn send(&mut self, replaces: Option<i64>, parent: Option<i64>) {
        let input = SendInput::text(Some(self.chat.clone()), "more", self.target());
        let replaces = replaces.map(|id| id.to_string());
        let receipt = self.bench.app.send(SendInput { replaces, ..input }).await.unwrap();
        let ids: Vec<i64> = receipt.messages.iter().map(|message| message.id.parse().unwrap()).collect();
        self.tree.add(ids[0], parent, true);
        self.tree.add(ids[1], Some(ids[0]), false);
        self.tree.chosen = Some(ids[1]);
        self.answer(&receipt).await;
    }

    /// The request that left holds the shown branch and nothing else.
    async fn answer(&mut self, receipt: &RunReceipt) {
        let (snapshot, mut reader) = self.bench.app.attach("main");
        let asked = self.bench.asked.recv().await.unwrap();
        assert_eq!(asked.request.messages.len(), self.tree.branch().len() - 1, "all but the reply that is written");
        asked.text("answer");
        asked.finish();
        common::settled(&self.bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    }

    fn some(&self, nths: &[usize]) -> Vec<i64> {
        let mut ids: Vec<i64> = nths.iter().filter_map(|nth| self.tree.pick(*nth, |node| !node.deleted)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    async fn mark(&mut self, ids: &[i64], deleted: bool) -> ConversationView {
        for id in ids {
            self.tree.nodes.get_mut(id).unwrap().deleted = deleted;
        }
        let ids = ids.iter().map(i64::to_string).collect();
        self.bench.app.delete_messages(ids, deleted).await.unwrap()
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Send => {
                let parent = self.tree.ends().1;
                self.send(None, parent).await;
            }
            Step::Replace(nth) => {
                let Some(id) = self.tree.pick(nth, |node| node.user && !node.deleted) else { return };
                let parent = self.tree.nodes[&id].parent;
                self.send(Some(id), parent).await;
            }
            Step::Retry(nth) => self.retry(nth).await,
            Step::Select(nth) => {
                let Some(id) = self.tree.pick(nth, |node| !node.deleted) else { return };
                self.bench.app.select_version(&id.to_string()).await.unwrap();
                self.tree.chosen = Some(self.tree.newest_below(id));
                assert!(self.tree.branch().contains(&id), "what was chosen is shown");
            }
            Step::Delete(nths) => {
                let ids = self.some(&nths);
                if !ids.is_empty() {
                    self.mark(&ids, true).await;
                }
            }
            Step::DeleteLast(most) => {
                let branch = self.tree.branch();
                let last = branch[branch.len().saturating_sub(most)..].to_vec();
                if !last.is_empty() {
                    self.mark(&last, true).await;
                }
            }
            Step::Undelete(nth) => {
                if let Some(id) = self.tree.pick(nth, |node| node.deleted) {
                    self.mark(&[id], false).await;
                }
            }
            Step::DeleteAndUndo(nths) => {
                let before = self.bench.app.get_conversation(&self.chat).await.unwrap();
                let ids = self.some(&nths);
                if !ids.is_empty() {
                    self.mark(&ids, true).await;
                    assert_eq!(self.mark(&ids, false).await, before, "undo shows exactly what was shown");
                }
            }
            Step::Branch(nth) => self.branch_off(nth).await,
        }
    }

    async fn retry(&mut self, nth: usize) {
        let Some(id) = self.tree.pick(nth, |node| !node.user && !node.deleted) else { return };
        let parent = self.tree.nodes[&id].parent.unwrap();
        let again = self.bench.app.retry(&id.to_string(), None, false).await;
        if self.tree.nodes[&parent].deleted {
            assert_eq!(again.unwrap_err().code(), "invalid");
            return;
        }
        let receipt = again.unwrap();
        let reply = receipt.messages[0].id.parse().unwrap();
        self.tree.add(reply, Some(parent), false);
        self.tree.chosen = Some(reply);
        self.answer(&receipt).await;
    }

    async fn branch_off(&mut self, nth: usize) {
        let Some(id) = self.tree.pick(nth, |node| !node.deleted) else { return };
        let branch = self.bench.app.branch_off(&id.to_string()).await.unwrap();
        let roles: Vec<bool> = branch.spine.iter().map(|stub| stub.role == MessageRole::User).collect();
        let mut wanted = self.tree.up(Some(id));
        wanted.retain(|id| !self.tree.nodes[id].deleted);
        wanted.reverse();
        assert_eq!(roles, wanted.iter().map(|id| self.tree.nodes[id].user).collect::<Vec<_>>());
    }

    async fn check(&self) {
        let view = self.bench.app.get_conversation(&self.chat).await.unwrap();
        let spine: Vec<i64> = view.spine.iter().map(|stub| stub.id.parse().unwrap()).collect();
        assert_eq!(spine, self.tree.branch(), "{:?}", self.tree);
        let messages: Vec<i64> = view.messages.iter().map(|message| message.id.parse().unwrap()).collect();
        assert_eq!(messages, spine[spine.len().saturating_sub(40)..]);
        for message in &view.messages {
            let versions: Vec<i64> = message.versions.iter().map(|id| id.parse().unwrap()).collect();
            assert_eq!(versions, self.tree.versions(message.id.parse().unwrap()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_branch_is_what_the_tree_says(steps in prop::collection::vec(step(), 8..40)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut play = Play::new().await;
            for step in steps {
                play.take(step).await;
                play.check().await;
            }
            play.bench.app.close().await;
        });
    }
}
