//! Comparisons as a whole: opening them, laying out their lanes, what they would cost, and what is kept for the next.

use rusqlite::{Connection, Transaction};

use super::{
    App,
    composer::Reckoned,
    parse_id,
    sending::{MOST_LANES, check_named, merging, wanted_lanes},
};
use crate::{
    capabilities,
    chat::views,
    costs::forecast::{self, Branch},
    error::Error,
    history::{StoreError, compare_sets, conversations, drafts, lanes, rows::AttachmentRow, turns},
    settings,
    view::{
        ChatSetup, CommandError, CompareDesk, CompareEstimate, CompareEstimateInput, CompareSet, CompareSetInput,
        CompareView, ConversationKind, LaneEstimate, LaneInput, MergeEstimateInput,
    },
};

/// The longest name of a set, in characters.
const LONGEST_NAME: usize = 80;

impl App {
    /// Opens a comparison.
    ///
    /// # Errors
    /// `not_found`, also for a plain chat; [`Error::Store`].
    pub async fn get_compare(&self, id: &str) -> Result<CompareView, Error> {
        self.comparison(parse_id("conversationId", id)?).await
    }

    async fn comparison(&self, id: i64) -> Result<CompareView, Error> {
        let read = move |connection: &Connection| {
            let row = conversations::get(connection, id)?;
            if row.kind != ConversationKind::Compare {
                return Err(StoreError::NotFound);
            }
            let turns = turns::of_conversation(connection, id)?;
            let last = turns.last().map(|turn| {
                let answers = turn.answers.iter().chain(&turn.merges).map(|answer| &answer.message_id);
                turn.prompts.first().into_iter().chain(answers).filter_map(|id| id.parse().ok()).collect::<Vec<i64>>()
            });
            let facts = views::messages_facts(connection, &last.unwrap_or_default())?;
            let spend = crate::costs::ledger::conversation_spend(connection, id)?;
            let draft = drafts::load(connection, Some(id))?;
            Ok((row, views::lanes(connection, id)?, turns, facts, spend, draft))
        };
        let (row, lanes, turns, facts, spend, draft) = self.inner.database.read(read).await?;
        Ok(CompareView {
            summary: self.summary(row),
            lanes,
            turns,
            messages: facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect(),
            spend: spend.into(),
            draft,
        })
    }

    /// Lays a comparison out anew: these lanes in this order. One that is left out keeps what was said in it.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, `not_found`.
    pub async fn set_lanes(&self, id: &str, inputs: Vec<LaneInput>) -> Result<CompareView, Error> {
        let id = parse_id("conversationId", id)?;
        let wanted = wanted_lanes(&inputs, 1)?;
        let now = self.inner.clock.now_ms();
        let lay = move |tx: &Transaction<'_>| {
            if conversations::get(tx, id)?.kind != ConversationKind::Compare {
                return Err(StoreError::NotFound);
            }
            wanted.iter().try_for_each(|lane| check_named(tx, lane))?;
            lanes::lay(tx, id, &wanted, now)
        };
        self.inner.database.write(lay).await?;
        self.comparison(id).await
    }

    /// What a prompt to many lanes would take. A lane that cannot be asked says why; the others are reckoned all the
    /// same.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, [`Error::Store`].
    pub async fn estimate_compare(&self, input: CompareEstimateInput) -> Result<CompareEstimate, Error> {
        if input.lanes.len() > MOST_LANES {
            return Err(Error::invalid("lanes", "too_many"));
        }
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let shared = input.shared_from.as_deref().map(|id| parse_id("sharedFrom", id)).transpose()?;
        let files = self.files(input.attachments.clone()).await?;
        let mut lanes = Vec::with_capacity(input.lanes.len());
        for lane in &input.lanes {
            let branch = self.lane_branch(conversation, lane, shared).await?;
            let reckoned = self.reckon(&lane.target, &lane.setup, &input.text, &input.attachments, branch).await;
            lanes.push(self.lane_estimate(reckoned, &files)?);
        }
        let asked = || input.lanes.iter().zip(&lanes).filter(|(lane, _)| lane.asked).map(|(_, estimate)| estimate);
        let sum = |of: fn(&LaneEstimate) -> Option<f64>| asked().filter(|e| e.refused.is_none()).filter_map(of).sum();
        Ok(CompareEstimate {
            cost_nano: sum(|estimate| estimate.cost_nano),
            most_nano: sum(|estimate| estimate.most_nano),
            unknown: asked().filter(|e| e.refused.is_none() && e.cost_nano.is_none()).count() as u32,
            lanes,
        })
    }

    /// What a merge would take.
    ///
    /// # Errors
    /// As [`App::merge`], but for what only asking shows.
    pub async fn estimate_merge(&self, input: MergeEstimateInput) -> Result<LaneEstimate, Error> {
        let material = self.material(&input.sources, input.mode).await?;
        let branch = Branch { tokens: material.tokens, answer: Some(merging::ANSWER), ..Branch::default() };
        let reckoned = self.reckon(&input.target, &ChatSetup::default(), "", &[], branch).await;
        self.lane_estimate(reckoned, &[])
    }

    async fn lane_branch(
        &self,
        conversation: Option<i64>,
        lane: &LaneInput,
        shared: Option<i64>,
    ) -> Result<Branch, Error> {
        let (Some(conversation), id) = (conversation, lane.id.as_deref()) else { return Ok(Branch::default()) };
        let id = id.map(|id| parse_id("lanes", id)).transpose()?;
        let read = move |connection: &Connection| {
            let leaf = match (shared, id) {
                (Some(shared), _) => Some(shared),
                (None, Some(id)) => conversations::lane_at(connection, id)?.active_leaf,
                (None, None) => None,
            };
            forecast::branch(connection, conversation, leaf)
        };
        Ok(self.inner.database.read(read).await?)
    }

    fn lane_estimate(&self, reckoned: Result<Reckoned, Error>, files: &[AttachmentRow]) -> Result<LaneEstimate, Error> {
        let reckoned = match reckoned {
            Ok(reckoned) => reckoned,
            Err(error @ Error::Store(StoreError::NotFound))
            | Err(error @ (Error::Provider(_) | Error::Invalid { .. })) => {
                return Ok(LaneEstimate { refused: Some(error.into()), ..LaneEstimate::default() });
            }
            Err(error) => return Err(error),
        };
        let Reckoned { vendor, sent, said, .. } = &reckoned;
        let can = reckoned.any.unwrap_or_else(|| capabilities::of(vendor, sent, Some(said)));
        let refused = capabilities::accepts_with(vendor, sent, &can, files).err();
        let view = reckoned.view;
        let input = [view.system_tokens, view.history_tokens, view.text_tokens, view.attachment_tokens];
        Ok(LaneEstimate {
            refused: refused.map(CommandError::from),
            input_tokens: input.into_iter().fold(0, u32::saturating_add),
            cost_nano: view.cost_nano,
            most_nano: view.most_nano,
            input_rate: reckoned.input_rate,
            output_rate: reckoned.output_rate,
            over_window: reckoned.over_window,
        })
    }

    /// All sets of lanes, by name.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_compare_sets(&self) -> Result<Vec<CompareSet>, Error> {
        Ok(self.inner.database.read(compare_sets::list).await?)
    }

    /// Keeps lanes under a name.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is empty, too long or taken, for lanes that cannot be, and where there is no
    /// room for one more; `not_found`.
    pub async fn save_compare_set(&self, input: CompareSetInput) -> Result<CompareSet, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let name = super::chats::one_line(&input.name);
        if name.is_empty() {
            return Err(Error::invalid("name", "empty"));
        }
        if name.chars().count() > LONGEST_NAME {
            return Err(Error::invalid("name", "too_long"));
        }
        let lanes: Vec<LaneInput> =
            input.lanes.into_iter().map(|lane| LaneInput { id: None, asked: true, ..lane }).collect();
        wanted_lanes(&lanes, 1)?;
        let now = self.inner.clock.now_ms();
        let (kept, called) = (lanes.clone(), name.clone());
        let saved = self.inner.database.write(move |tx| compare_sets::save(tx, id, &called, &kept, now)).await?;
        let id = saved.map_err(|reason| Error::invalid("name", reason))?;
        Ok(CompareSet { id: id.to_string(), name, lanes })
    }

    /// Removes a set.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_compare_set(&self, id: &str) -> Result<(), Error> {
        let id = parse_id("id", id)?;
        Ok(self.inner.database.write(move |tx| compare_sets::remove(tx, id)).await?)
    }

    /// The comparison that is not begun.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn compare_desk(&self) -> Result<CompareDesk, Error> {
        let read = |connection: &Connection| {
            let desk = settings::desk(connection)?;
            let draft = drafts::readable(connection, desk.draft)?;
            Ok(CompareDesk { draft, ..desk })
        };
        Ok(self.inner.database.read(read).await?)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming what is too large or cannot be.
    pub async fn save_compare_desk(&self, desk: CompareDesk) -> Result<(), Error> {
        desk.set_id.as_deref().map(|id| parse_id("setId", id)).transpose()?;
        wanted_lanes(&desk.lanes, 0)?;
        super::drafts::check_draft(&desk.draft)?;
        let now = self.inner.clock.now_ms();
        Ok(self.inner.database.write(move |tx| settings::keep_desk(tx, &desk, now)).await?)
    }
}
