//! Answers made of answers.

use rusqlite::{Connection, Transaction};

use super::{Ask, Trigger, begin_run, consent, insert_reply};
use crate::{
    app::{App, parse_id, plan::Need},
    chat::{merge, party::Purpose},
    costs::guess,
    error::Error,
    history::{
        StoreError, conversations, lanes, messages,
        rows::{LaneKind, MessageRow},
    },
    view::{MergeInput, MergeMode, MessageRole, MessageStatus, RunReceipt},
};

/// One answer needs no merging.
const FEWEST: usize = 2;
/// As many as a comparison has lanes, with other versions among them.
const MOST: usize = 24;

/// What a merge is made of.
pub(in crate::app) struct Material {
    conversation: i64,
    /// The prompt that all of them answer, as it stands in the lane of the first.
    prompt: MessageRow,
    /// Their ids, in the order the model reads them.
    sources: Vec<i64>,
    /// Tokens of all that the model reads.
    pub(in crate::app) tokens: u64,
}

impl App {
    /// Has a model make one answer of several to the same prompt. It is an answer like others: it has its attempts and
    /// its cost, and a chat can go on from it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the sources are too few, are not answers to one prompt, or are being written;
    /// `not_found`, [`Error::OverBudget`], or why the model cannot be asked. Nothing is stored then.
    pub async fn merge(&self, input: MergeInput) -> Result<RunReceipt, Error> {
        let MergeInput { sources, mode, target, over_budget } = input;
        let material = self.material(&sources, mode).await?;
        let need = Need { input_tokens: material.tokens, output_tokens: ANSWER, ..Need::default() };
        let asked = target.clone();
        let purpose = Purpose { asked, fallback: None, need, avoid: Vec::new(), consent: consent(over_budget) };
        let now = self.inner.clock.now_ms();
        let leaving = self.inner.leaving(purpose, now, true).await?;
        let begin = move |tx: &Transaction<'_>, ask: &Ask| {
            let Material { conversation, prompt, sources, .. } = material;
            let lane = lanes::begin_merge(tx, conversation, mode, &sources)?;
            let reply = insert_reply(tx, lane.id, prompt.turn_id, Some(prompt.id), now)?;
            begin_run(tx, &lane, reply, vec![reply], Trigger::Send, ask, now)
        };
        Ok(self.inner.drive(self.inner.depart(begin, leaving, Trigger::Send, now).await?))
    }

    /// What a merge would be made of.
    ///
    /// # Errors
    /// As [`App::merge`].
    pub(in crate::app) async fn material(&self, sources: &[String], mode: MergeMode) -> Result<Material, Error> {
        let mut ids = Vec::with_capacity(sources.len());
        for source in sources {
            let id = parse_id("sources", source)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.len() < FEWEST {
            return Err(Error::invalid("sources", "too_few"));
        }
        if ids.len() > MOST {
            return Err(Error::invalid("sources", "too_many"));
        }
        self.inner.database.read(move |connection| gather(connection, ids, mode)).await?
    }
}

/// Tokens a merged answer is reckoned with.
pub(in crate::app) const ANSWER: u64 = 700;

fn gather(connection: &Connection, ids: Vec<i64>, mode: MergeMode) -> Result<Result<Material, Error>, StoreError> {
    let answers = messages::get_all(connection, &ids)?;
    let Some(first) = answers.first() else { return Ok(Err(Error::invalid("sources", "too_few"))) };
    let lane = conversations::lane_of(connection, first.id)?;
    let is_answer = |answer: &MessageRow| answer.role == MessageRole::Assistant && answer.turn_id == first.turn_id;
    if lane.kind == LaneKind::Chat || !answers.iter().all(is_answer) {
        return Ok(Err(Error::invalid("sources", "not_of_one_prompt")));
    }
    let says = |answer: &MessageRow| answer.status != MessageStatus::Streaming && !merge::text_of(answer).is_empty();
    if !answers.iter().all(says) {
        return Ok(Err(Error::invalid("sources", "not_answered")));
    }
    let Some(prompt) = first.parent_id else { return Ok(Err(Error::invalid("sources", "prompt_deleted"))) };
    let prompt = match messages::get(connection, prompt) {
        Ok(prompt) => prompt,
        Err(StoreError::NotFound) => return Ok(Err(Error::invalid("sources", "prompt_deleted"))),
        Err(error) => return Err(error),
    };
    let texts: Vec<String> = answers.iter().map(merge::text_of).collect();
    let before = match prompt.parent_id {
        Some(parent) => messages::branch(connection, parent)?,
        None => Vec::new(),
    };
    let history: u64 = before.iter().map(|message| guess::message(&merge::text_of(message))).sum();
    let tokens = guess::message(&merge::words(mode, &merge::text_of(&prompt), &texts)).saturating_add(history);
    Ok(Ok(Material { conversation: lane.conversation_id, prompt, sources: ids, tokens }))
}
