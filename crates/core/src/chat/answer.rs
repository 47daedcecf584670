//! One attempt's answer as it arrives: events into the parts of a message, and the facts of the attempt.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parlance_providers::{Category, ChatEvent, FinishClass, ProviderError, Usage, chat::MediaSource};
use tokio::time::Instant;

use super::{hub::StreamHub, seam::Seam};
use crate::{
    fallback::decision::Output,
    history::rows::PartMeta,
    view::{MessageStatus, PartKind},
};

/// More parts than any answer has; a vendor that opens them without end is cut off.
const MOST_PARTS: usize = 4_096;

/// The warning that a continuing model repeated what was there, and that it was taken out.
const OVERLAP_TRIMMED: &str = "overlap_trimmed";

/// The longest id, model name or finish reason kept, in characters; real ones have well under a hundred.
const LONGEST_NAME: usize = 300;

/// A vendor's name for something, which is hostile input: it has an end.
fn short(mut name: String) -> String {
    if let Some((end, _)) = name.char_indices().nth(LONGEST_NAME) {
        name.truncate(end);
    }
    name
}

/// What an attempt is known to be so far.
pub struct Answer {
    hub: Arc<StreamHub>,
    run_id: i64,
    started: Instant,
    parts: HashMap<(u32, PartKind), usize>,
    /// The part that a block began last, for opaque data.
    blocks: HashMap<u32, usize>,
    opened: usize,
    /// Takes out what a continuing model repeats, and the block whose text it holds back.
    seam: Option<Seam>,
    held: u32,
    output: Output,
    /// From the start to the first output.
    pub first_token: Option<Duration>,
    /// The model that serves, where the vendor says.
    pub model_served: Option<String>,
    /// The vendor's id of the answer.
    pub response_id: Option<String>,
    /// The last token counts.
    pub usage: Option<Usage>,
    /// Nano-USD as the vendor says, and its figure verbatim.
    pub reported_cost: Option<(i64, String)>,
    /// Why it ended.
    pub finish: Option<(FinishClass, Option<String>)>,
}

impl Answer {
    /// An attempt that starts now; `kept` is the text that it goes on with, empty for a new answer.
    pub fn new(hub: Arc<StreamHub>, run_id: i64, kept: &str) -> Self {
        Self {
            hub,
            run_id,
            started: Instant::now(),
            parts: HashMap::new(),
            blocks: HashMap::new(),
            opened: 0,
            seam: (!kept.is_empty()).then(|| Seam::after(kept)),
            held: 0,
            output: Output::Nothing,
            first_token: None,
            model_served: None,
            response_id: None,
            usage: None,
            reported_cost: None,
            finish: None,
        }
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes the next event.
    pub fn take(&mut self, event: ChatEvent) -> Result<(), ProviderError> {
        if self.first_token.is_none() && event.is_output() {
            self.first_token = Some(self.elapsed());
        }
        if event.is_output() && !matches!(event, ChatEvent::TextDelta { .. }) {
            self.end_seam()?;
        }
        match event {
            ChatEvent::TextDelta { block, text } => self.text(block, text)?,
            ChatEvent::ReasoningDelta { block, text } => self.append(block, PartKind::Reasoning, &text)?,
            ChatEvent::RefusalDelta { block, text } => {
                self.said(Output::Text);
                self.append(block, PartKind::Refusal, &text)?;
            }
            ChatEvent::ToolCallStart { block, id, name } => {
                self.said(Output::ToolCall);
                let meta = PartMeta { call_id: Some(id), ..PartMeta::named(name) };
                self.begin(block, PartKind::ToolCall, meta)?;
            }
            ChatEvent::ToolCallDelta { block, arguments } => self.append(block, PartKind::ToolCall, &arguments)?,
            ChatEvent::ToolCallEnd { .. } => {}
            ChatEvent::Opaque { block, data } => {
                let part = match self.blocks.get(&block) {
                    Some(part) => *part,
                    None => self.part(block, PartKind::Reasoning)?,
                };
                self.hub.keep_opaque(self.run_id, part, data);
            }
            ChatEvent::Started { id, model } => {
                self.response_id = id.map(short).or(self.response_id.take());
                self.model_served = model.map(short).or(self.model_served.take());
            }
            ChatEvent::Usage(usage) => self.usage = Some(usage),
            ChatEvent::ReportedCost { nano_usd, raw } => self.reported_cost = Some((nano_usd, raw)),
            ChatEvent::Finished { class, reason } => self.finish = Some((class, reason.map(short))),
            ChatEvent::Citation { .. }
            | ChatEvent::Media { .. }
            | ChatEvent::ServerTool { .. }
            | ChatEvent::Warning { .. } => self.standalone(event)?,
        }
        Ok(())
    }

    /// Pieces that come whole.
    fn standalone(&mut self, event: ChatEvent) -> Result<(), ProviderError> {
        let block = match event {
            ChatEvent::Media { block, .. } | ChatEvent::ServerTool { block, .. } => Some(block),
            _ => None,
        };
        let (kind, meta, text) = match event {
            ChatEvent::Citation { url, title, text } => {
                (PartKind::Citation, PartMeta { name: url, title, ..PartMeta::default() }, text.unwrap_or_default())
            }
            ChatEvent::Media { media_type, source: MediaSource::Url(url), .. } => {
                (PartKind::Media, PartMeta { media_type, ..PartMeta::named(url) }, String::new())
            }
            ChatEvent::Media { media_type, source: MediaSource::Inline(bytes), .. } => {
                // Kept as text until attachments have their store: nothing of an answer is dropped.
                let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
                (PartKind::Media, PartMeta { media_type, ..PartMeta::default() }, text)
            }
            ChatEvent::ServerTool { name, json, .. } => (PartKind::ServerTool, PartMeta::named(name), json),
            ChatEvent::Warning { code, message } => (PartKind::Warning, PartMeta::named(code), message),
            _ => return Ok(()),
        };
        if kind == PartKind::Media {
            self.said(Output::Text);
        }
        let part = match block {
            Some(block) => self.begin(block, kind, meta)?,
            None => self.open(kind, meta)?,
        };
        self.hub.append(self.run_id, part, &text);
        Ok(())
    }

    fn text(&mut self, block: u32, text: String) -> Result<(), ProviderError> {
        self.held = block;
        let text = match &mut self.seam {
            Some(seam) => seam.push(&text),
            None => Some(text),
        };
        self.say(block, text)
    }

    fn say(&mut self, block: u32, text: Option<String>) -> Result<(), ProviderError> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
        self.said(Output::Text);
        self.append(block, PartKind::Text, &text)
    }

    fn said(&mut self, output: Output) {
        if self.output != Output::ToolCall {
            self.output = output;
        }
    }

    /// What was held back is said now, and that something was taken out.
    fn end_seam(&mut self) -> Result<(), ProviderError> {
        let Some(mut seam) = self.seam.take() else { return Ok(()) };
        let rest = seam.finish();
        self.say(self.held, rest)?;
        if seam.trimmed() > 0 {
            self.open(PartKind::Warning, PartMeta::named(OVERLAP_TRIMMED))?;
        }
        Ok(())
    }

    /// Nothing more comes.
    pub fn end(&mut self) {
        // It fails only where the run is gone, and then nobody is left to tell.
        let _gone = self.end_seam();
    }

    /// What came of it that a person would miss.
    pub fn output(&self) -> Output {
        self.output
    }

    fn append(&mut self, block: u32, kind: PartKind, text: &str) -> Result<(), ProviderError> {
        let part = self.part(block, kind)?;
        self.hub.append(self.run_id, part, text);
        Ok(())
    }

    fn part(&mut self, block: u32, kind: PartKind) -> Result<usize, ProviderError> {
        if let Some(part) = self.parts.get(&(block, kind)) {
            return Ok(*part);
        }
        self.begin(block, kind, PartMeta::default())
    }

    fn begin(&mut self, block: u32, kind: PartKind, meta: PartMeta) -> Result<usize, ProviderError> {
        let part = self.open(kind, meta)?;
        self.parts.insert((block, kind), part);
        self.blocks.insert(block, part);
        Ok(part)
    }

    fn open(&mut self, kind: PartKind, meta: PartMeta) -> Result<usize, ProviderError> {
        self.opened += 1;
        if self.opened > MOST_PARTS {
            return Err(ProviderError::because(Category::BrokenStream, "too_many_parts", "the answer never ends"));
        }
        self.hub
            .open_part(self.run_id, kind, meta)
            .ok_or_else(|| ProviderError::because(Category::Internal, "run_gone", "the run is no longer known"))
    }

    /// What the attempt comes to, with the error that ended it, if one did.
    pub fn outcome(&self, error: Option<&ProviderError>) -> MessageStatus {
        match error {
            None => MessageStatus::Complete,
            Some(error) if error.category == Category::Cancelled => MessageStatus::Cancelled,
            Some(_) if self.opened > 0 => MessageStatus::Interrupted,
            Some(_) => MessageStatus::Failed,
        }
    }
}
