//! From what is known of a finished attempt to its ledger entry. Pure: no clock, no database, no network.

use parlance_providers::catalog::{DialectId, Vendor, VendorCategory};
use parlance_providers::{Category, ProviderError, Usage};

use super::guess::TextCount;
use super::price::{Amounts, price};
use super::quotes::{Names, Offer};
use super::rate::RateCard;
use super::saved;
use crate::view::{CostSource, CostView};

/// How a vendor charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tariff<'a> {
    /// By nature nothing: it runs on the user's machine, a person does it, or it is the demo.
    Free,
    /// By public prices, under this name in the price data.
    Catalogue(&'a str),
    /// We cannot know.
    Unknown,
}

impl<'a> Tariff<'a> {
    /// What the vendor's data says.
    pub fn of(vendor: &'a Vendor) -> Self {
        if matches!(vendor.dialect, DialectId::Demo | DialectId::HumanRelay) || vendor.category == VendorCategory::Local
        {
            return Self::Free;
        }
        vendor.prices.as_deref().map_or(Self::Unknown, Self::Catalogue)
    }
}

/// How far an attempt got, which decides what a vendor that reports nothing may have charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Never sent, or turned away: nothing was worked on, nothing is charged.
    TurnedAway,
    /// Sent, and then nothing came: the input may have been read and charged.
    Silent,
    /// At least a part of an answer came.
    Answered,
}

impl Reach {
    /// Reads it off the end of an attempt; `answered` says whether any event of an answer came.
    /// `docs/decisions/0007-costs-of-failed-attempts.md` has the reasons.
    pub fn of(error: Option<&ProviderError>, answered: bool) -> Self {
        let Some(error) = error.filter(|_| !answered) else { return Self::Answered };
        if error.status.is_some_and(|status| status >= 300) {
            return Self::TurnedAway;
        }
        match (error.category, error.cause) {
            // The request never reached a model: no connection, not the API, or it could not be built.
            (Category::Timeout, Some("connect_timeout"))
            | (Category::BrokenStream, Some("got_html" | "not_http"))
            | (Category::Internal, Some("bad_request" | "client")) => Self::TurnedAway,
            // Closed without an answer: the server may have been at work.
            (Category::Network, Some("reset")) => Self::Silent,
            (
                Category::MissingKey
                | Category::RejectedKey
                | Category::Forbidden
                | Category::NoCredit
                | Category::RateLimited
                | Category::Overloaded
                | Category::ContextTooLong
                | Category::BadRequest
                | Category::UnknownModel
                | Category::Network,
                _,
            ) => Self::TurnedAway,
            (
                Category::Timeout
                | Category::Refused
                | Category::BrokenStream
                | Category::Cancelled
                | Category::Internal,
                _,
            ) => Self::Silent,
        }
    }
}

/// All that is known of an attempt when it has ended.
#[derive(Clone, Copy, Debug)]
pub struct AttemptFacts<'a> {
    /// What the provider asks for its models.
    pub offer: Offer<'a>,
    /// What the model is called: the one that served is billed.
    pub names: Names<'a>,
    /// The last counts the vendor reported.
    pub usage: Option<Usage>,
    /// What the vendor says it charges: nano-USD, and its figure verbatim.
    pub reported_cost: Option<(i64, &'a str)>,
    /// How far the attempt got.
    pub reach: Reach,
    /// True where the terminal event was seen: then reported counts are final.
    pub finished: bool,
    /// The text that was sent; absent where nobody knows any more.
    pub sent: Option<TextCount>,
    /// The text that came, reasoning and tool calls included.
    pub received: TextCount,
}

/// Whose token counts they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokensSource {
    /// The vendor's.
    Reported,
    /// Ours, at least in part.
    Estimated,
    /// Nobody counted.
    Unknown,
}

impl TokensSource {
    /// The stable name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
            Self::Unknown => "unknown",
        }
    }

    /// From the stored name.
    pub fn from_stored(stored: &str) -> Self {
        match stored {
            "reported" => Self::Reported,
            "estimated" => Self::Estimated,
            _ => Self::Unknown,
        }
    }
}

/// What one attempt used and cost.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerEntry {
    /// Token counts.
    pub usage: Usage,
    /// Whose counts they are.
    pub tokens_source: TokensSource,
    /// Where the amount comes from.
    pub source: CostSource,
    /// Nano-USD by kind. The total is absent exactly where the source is unknown.
    pub amounts: Amounts,
    /// The vendor's figure, verbatim.
    pub reported_raw: Option<String>,
    /// The prices used.
    pub rates: Option<RateCard>,
    /// Nano-USD that an answer from the response cache did not cost; `None` where it was asked for, or unknown.
    pub saved_nano: Option<i64>,
    /// Nano-USD that the vendor's prompt cache saved, its writing paid; `None` where prices or counts are unknown.
    pub cache_saved_nano: Option<i64>,
}

impl LedgerEntry {
    /// An answer that was told again: nothing was used, and nothing paid. `saved_nano` is what it cost when it was asked
    /// for, where that is known.
    pub fn told_again(saved_nano: Option<i64>) -> Self {
        Self {
            usage: Usage { input_total: Some(0), output_total: Some(0), ..Usage::default() },
            tokens_source: TokensSource::Reported,
            source: CostSource::Free,
            amounts: Amounts { total: Some(0), ..Amounts::default() },
            reported_raw: None,
            rates: None,
            saved_nano,
            cache_saved_nano: None,
        }
    }

    /// For the screen.
    pub fn to_view(&self) -> CostView {
        let tokens = |count: Option<u64>| count.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        CostView {
            input_total: tokens(self.usage.input_total),
            cache_read: tokens(self.usage.cache_read),
            cache_write: tokens(self.usage.cache_write),
            output_total: tokens(self.usage.output_total),
            reasoning: tokens(self.usage.reasoning),
            tokens_estimated: self.tokens_source == TokensSource::Estimated,
            source: self.source,
            total_nano: self.amounts.total.map(|nano| nano as f64),
            saved_nano: self.saved_nano.map(|nano| nano as f64),
        }
    }
}

/// Settles tokens and money: the vendor's own cost, else reported tokens at the price, else guessed tokens at the
/// price, else unknown.
pub fn decide(facts: &AttemptFacts<'_>) -> LedgerEntry {
    let (usage, tokens_source) = settle_tokens(facts);
    let entry = |source, amounts| LedgerEntry {
        usage,
        tokens_source,
        source,
        amounts,
        reported_raw: None,
        rates: None,
        saved_nano: None,
        cache_saved_nano: None,
    };
    let flat = |nano| Amounts { total: Some(nano), ..Amounts::default() };

    if let Some((nano, raw)) = facts.reported_cost.filter(|(nano, _)| *nano >= 0) {
        return LedgerEntry { reported_raw: Some(raw.to_owned()), ..entry(CostSource::Reported, flat(nano)) };
    }
    if facts.offer.is_free() {
        return entry(CostSource::Free, flat(0));
    }
    if facts.reach == Reach::TurnedAway && facts.usage.is_none() {
        return entry(CostSource::Estimated, flat(0));
    }
    let Some(card) = facts.offer.card(&facts.names, usage.input_total.unwrap_or(0)) else {
        return entry(CostSource::Unknown, Amounts::default());
    };
    let amounts = price(usage, &card).unwrap_or_default();
    let source = match (amounts.total, tokens_source) {
        (None, _) => CostSource::Unknown,
        (Some(_), TokensSource::Reported) => CostSource::Priced,
        (Some(_), _) => CostSource::Estimated,
    };
    let cache_saved_nano = saved::by_prompt_cache(&usage, &card);
    LedgerEntry { rates: Some(card), cache_saved_nano, ..entry(source, amounts) }
}

/// The vendor's counts, with our guess where it said nothing.
fn settle_tokens(facts: &AttemptFacts<'_>) -> (Usage, TokensSource) {
    let mut usage = facts.usage.unwrap_or_default();
    let mut guessed = false;
    let sent = facts.sent.map(|sent| sent.tokens());
    let (sent, received) = match facts.reach {
        Reach::TurnedAway => (Some(0), 0),
        Reach::Silent => (sent, 0),
        Reach::Answered => (sent, facts.received.tokens()),
    };
    if usage.input_total.is_none() {
        let known_parts = usage.cache_read.unwrap_or(0).saturating_add(usage.cache_write.unwrap_or(0));
        usage.input_total = sent.map(|sent| sent.max(known_parts));
        guessed = true;
    }
    // Some vendors count up while they stream: after a cut, the last count may be older than the text, and what was
    // made after it is charged, too. So the larger of both stands, and never as the vendor's word.
    let cut_off = !facts.finished && facts.reach == Reach::Answered;
    if usage.output_total.is_none() || cut_off {
        let counted = usage.output_total.or(usage.reasoning).unwrap_or(0);
        usage.output_total = Some(received.max(counted));
        guessed = true;
    }
    let source = match (usage.input_total, guessed) {
        (None, _) => TokensSource::Unknown,
        (_, true) => TokensSource::Estimated,
        (_, false) => TokensSource::Reported,
    };
    (usage, source)
}
