//! A comparison as a file: Markdown to read, JSON to work on.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use super::{App, parse_id};
use crate::{
    chat::views,
    error::Error,
    history::{StoreError, files},
    view::{
        CompareFormat, CompareView, CostSource, ExportView, JudgementView, LaneAnswer, MergeMode, MessageStatus,
        MessageView, PartKind, TurnView,
    },
};

/// What is exported.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    title: String,
    exported_at: String,
    prompts: Vec<Prompt>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prompt {
    text: String,
    attachments: Vec<String>,
    sent_at: String,
    blind: bool,
    note: String,
    tags: Vec<String>,
    answers: Vec<Given>,
}

/// An answer, with what it took.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    /// A letter where names are still hidden.
    provider: String,
    model: String,
    route: Option<String>,
    status: MessageStatus,
    /// 1 is the best; absent where it was not ranked.
    rank: Option<usize>,
    merged: Option<Made>,
    /// Why it failed.
    failure: Option<String>,
    attempts: usize,
    first_token_ms: Option<u32>,
    duration_ms: Option<u32>,
    input_tokens: Option<u32>,
    output_tokens: Option<u32>,
    cost_source: Option<CostSource>,
    /// USD with all its digits; absent where it is not known.
    cost_usd: Option<String>,
    text: String,
}

/// What a merged answer was made of.
#[derive(Serialize)]
struct Made {
    mode: MergeMode,
    sources: Vec<String>,
}

impl App {
    /// Writes a comparison into a new file in the folder of exports: the answers that are shown, with their figures. Names
    /// that are hidden stay so.
    ///
    /// # Errors
    /// `not_found`; [`Error::Store`] where the file cannot be written.
    pub async fn export_compare(&self, id: &str, format: CompareFormat) -> Result<ExportView, Error> {
        let number = parse_id("conversationId", id)?;
        let view = self.get_compare(id).await?;
        let report = self.report(view).await?;
        let folder = self.inner.outside.exports.clone();
        let count = report.prompts.len();
        let write = move || -> io::Result<String> {
            let (content, ending) = match format {
                CompareFormat::Markdown => (report.to_markdown(), "md"),
                CompareFormat::Json => (serde_json::to_string_pretty(&report)?, "json"),
            };
            let (path, mut file) = files::new_numbered(&folder, &format!("parlance-compare-{number}"), ending)?;
            if let Err(error) = file.write_all(content.as_bytes()).and_then(|()| file.sync_all()) {
                files::remove_if_there(&path)?;
                return Err(error);
            }
            Ok(path.display().to_string())
        };
        let written = tokio::task::spawn_blocking(write).await;
        let path = written.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(StoreError::from)?;
        Ok(ExportView { path, count: u32::try_from(count).unwrap_or(u32::MAX), keys_missing: 0 })
    }

    async fn report(&self, view: CompareView) -> Result<Report, Error> {
        let mut prompts = Vec::with_capacity(view.turns.len());
        for turn in &view.turns {
            let answers: Vec<&LaneAnswer> = turn.answers.iter().chain(&turn.merges).collect();
            let prompt = turn.prompts.first();
            let wanted = prompt.into_iter().chain(answers.iter().map(|answer| &answer.message_id));
            let ids: Vec<i64> = wanted.filter_map(|id| id.parse().ok()).collect();
            let facts = self.inner.database.read(move |connection| views::messages_facts(connection, &ids)).await?;
            let mut messages: Vec<MessageView> =
                facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect();
            let asked = prompt.map(|_| messages.remove(0));
            prompts.push(prompt_of(turn, asked.as_ref(), &messages));
        }
        let exported_at = time(self.inner.clock.now_ms() as f64);
        Ok(Report { title: view.summary.title, exported_at, prompts })
    }
}

fn prompt_of(turn: &TurnView, asked: Option<&MessageView>, answers: &[MessageView]) -> Prompt {
    let hidden = turn.blind.as_ref().filter(|blind| !blind.revealed);
    let letter = |message: &MessageView| {
        let lane = turn.answers.iter().find(|answer| answer.message_id == message.id)?;
        let place = hidden?.order.iter().position(|id| *id == lane.lane_id)?;
        u8::try_from(place).ok().map(|place| char::from(b'A' + place).to_string())
    };
    let judged = turn.judgement.as_ref();
    let files = asked.iter().flat_map(|asked| &asked.parts).filter_map(|part| part.attachment.as_ref());
    Prompt {
        text: asked.map(text_of).unwrap_or_default(),
        attachments: files.map(|file| file.name.clone()).collect(),
        sent_at: time(turn.created_at),
        blind: turn.blind.is_some(),
        note: judged.map(|judged| judged.note.clone()).unwrap_or_default(),
        tags: judged.map(|judged| judged.tags.clone()).unwrap_or_default(),
        answers: answers.iter().map(|answer| given(answer, letter(answer), judged)).collect(),
    }
}

fn given(message: &MessageView, letter: Option<String>, judged: Option<&JudgementView>) -> Given {
    let last = message.attempts.last();
    let hidden = letter.is_some();
    let costs = || message.attempts.iter().filter_map(|attempt| attempt.cost.as_ref());
    let known: Option<f64> = costs().map(|cost| cost.total_nano).sum::<Option<f64>>().filter(|_| costs().count() > 0);
    let cost = last.and_then(|attempt| attempt.cost.as_ref());
    let refused = message.refused.as_ref().map(|refused| refused.message.clone());
    let failure = last.and_then(|attempt| attempt.error.as_ref()).map(|error| error.message.clone());
    let seen = |value: Option<String>| value.filter(|_| !hidden);
    Given {
        provider: letter.unwrap_or_else(|| last.map(|a| a.provider_name.clone()).unwrap_or_default()),
        model: seen(last.map(|a| a.model_served.clone().unwrap_or_else(|| a.model.clone()))).unwrap_or_default(),
        route: seen(last.and_then(|attempt| attempt.route.as_ref()).map(|route| route.name.clone())),
        status: message.status,
        rank: judged.and_then(|j| j.ranks.iter().position(|g| g.contains(&message.id))).map(|at| at + 1),
        merged: message.merged.as_ref().map(|merged| Made {
            mode: merged.mode,
            sources: merged.sources.iter().map(|s| format!("{} {}", s.provider_name, s.model)).collect(),
        }),
        failure: seen(failure.or(refused)),
        attempts: message.attempts.len(),
        first_token_ms: last.and_then(|attempt| attempt.first_token_ms),
        duration_ms: last.and_then(|attempt| attempt.duration_ms),
        input_tokens: cost.and_then(|cost| cost.input_total),
        output_tokens: cost.and_then(|cost| cost.output_total),
        cost_source: cost.map(|cost| cost.source).filter(|_| !hidden),
        cost_usd: seen(known.map(|nano| usd(nano as i64))),
        text: text_of(message),
    }
}

fn text_of(message: &MessageView) -> String {
    let said = message.parts.iter().filter(|part| matches!(part.kind, PartKind::Text | PartKind::Refusal));
    said.map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n")
}

fn time(at_ms: f64) -> String {
    let moment = DateTime::from_timestamp_millis(at_ms as i64).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Nano-USD as USD, with as many digits as it has.
fn usd(nano: i64) -> String {
    let digits = format!("{}.{:09}", nano / 1_000_000_000, (nano % 1_000_000_000).abs());
    let short = digits.trim_end_matches('0').trim_end_matches('.');
    short.to_owned()
}

impl Report {
    fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\nExported {}\n", one_line(&self.title), self.exported_at);
        for (number, prompt) in (1..).zip(&self.prompts) {
            prompt.write(&mut text, number);
        }
        text
    }
}

impl Prompt {
    fn write(&self, text: &mut String, number: usize) {
        // Writing to a string does not fail.
        let _ = write!(text, "\n## Prompt {number}\n\nSent {}\n\n{}\n", self.sent_at, quoted(&self.text));
        for name in &self.attachments {
            let _ = writeln!(text, "\n- File: {}", one_line(name));
        }
        if !self.tags.is_empty() {
            let _ = writeln!(text, "\nTags: {}", self.tags.join(", "));
        }
        if !self.note.is_empty() {
            let _ = writeln!(text, "\nNote: {}", self.note);
        }
        self.table(text);
        for answer in &self.answers {
            let _ = write!(text, "\n### {}\n\n", answer.heading());
            if let Some(failure) = &answer.failure {
                let _ = write!(text, "Failed: {}\n\n", one_line(failure));
            }
            let _ = writeln!(text, "{}", answer.text);
        }
    }

    fn table(&self, text: &mut String) {
        text.push_str(
            "\n| Answer | Rank | First token (ms) | Time (ms) | Tokens in | Tokens out | Attempts | Cost (USD) |\n",
        );
        text.push_str("|---|---:|---:|---:|---:|---:|---:|---:|\n");
        for answer in &self.answers {
            let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                answer.heading().replace('|', "\\|"),
                answer.rank.map(|rank| rank.to_string()).unwrap_or_default(),
                number(answer.first_token_ms),
                number(answer.duration_ms),
                number(answer.input_tokens),
                number(answer.output_tokens),
                answer.attempts,
                answer.cost_usd.as_deref().unwrap_or("unknown"),
            );
        }
    }
}

impl Given {
    fn heading(&self) -> String {
        let name = format!("{} {}", self.provider, self.model);
        let name = one_line(&name);
        match &self.merged {
            Some(made) => format!("{name}, merged from {}", made.sources.join(", ")),
            None => name,
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A prompt as a quotation, so that headings in it are not ours.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_all_its_digits_and_no_more() {
        assert_eq!(usd(0), "0");
        assert_eq!(usd(1), "0.000000001");
        assert_eq!(usd(3_900_000), "0.0039");
        assert_eq!(usd(12_000_000_000), "12");
    }

    #[test]
    fn a_prompt_cannot_pass_for_a_heading() {
        assert_eq!(quoted("# One\n\n## Two"), "> # One\n>\n> ## Two");
    }
}
