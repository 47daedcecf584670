//! Vendors as data: one TOML file each, embedded at build time. Unknown fields are refused.

mod address;
mod load;
mod rules;
mod sign_in;
mod validate;
mod wires;

pub(crate) use address::segment;
pub use address::{Fields, Pasted, UnfitField};
pub use load::{Catalog, RejectedFile};
pub(crate) use rules::unplaced;
pub use rules::{Change, Fitted, ModelRule, ParameterName, ParameterRule, Thinking, ThinkingBudget, Why, apply};
pub(crate) use sign_in::domain;
pub use sign_in::{Enterprise, SignIn};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Abilities;

/// Which wire a vendor speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialectId {
    /// OpenAI chat completions and what is compatible with them.
    OpenaiChat,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Anthropic messages.
    Anthropic,
    /// Gemini, as Google AI Studio speaks it.
    Gemini,
    /// Ollama's own.
    Ollama,
    /// Cohere's own, version 2.
    Cohere,
    /// Amazon Bedrock: Converse.
    Bedrock,
    /// Replicate's predictions.
    Replicate,
    /// The lines of the installed `claude` program; no HTTP.
    ClaudeCode,
    /// A person who carries prompt and answer; no wire at all.
    HumanRelay,
    /// The built-in script; no wire at all.
    Demo,
}

impl DialectId {
    /// The stable name, as stored with opaque data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::Cohere => "cohere",
            Self::Bedrock => "bedrock",
            Self::Replicate => "replicate",
            Self::ClaudeCode => "claude-code",
            Self::HumanRelay => "human-relay",
            Self::Demo => "demo",
        }
    }

    /// Whether it is spoken to an address.
    pub fn has_address(self) -> bool {
        match self {
            Self::ClaudeCode | Self::HumanRelay | Self::Demo => false,
            Self::OpenaiChat
            | Self::OpenaiResponses
            | Self::Anthropic
            | Self::Gemini
            | Self::Ollama
            | Self::Cohere
            | Self::Bedrock
            | Self::Replicate => true,
        }
    }
}

/// What kind of vendor it is, which also decides the shape of its tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendorCategory {
    /// Runs its models on its own machines.
    Cloud,
    /// Runs on the user's machine or network; costs nothing.
    Local,
    /// Passes requests on to others.
    Aggregator,
    /// Anything else.
    Specialised,
}

impl VendorCategory {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Local => "local",
            Self::Aggregator => "aggregator",
            Self::Specialised => "specialised",
        }
    }
}

/// How the key travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthStyle {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
    /// `x-goog-api-key: KEY`.
    XGoogApiKey,
    /// `api-key: KEY`.
    ApiKey,
    /// AWS: a Bedrock API key as `Bearer`, else the request is signed (SigV4).
    Aws,
    /// Google Cloud: a token that a service account or a login of `gcloud` is exchanged for, or an API key.
    Google,
    /// GitHub Copilot: a token that a GitHub login is exchanged for.
    Copilot,
    /// No key at all.
    None,
}

impl AuthStyle {
    /// What a person enters.
    pub fn key_form(self) -> KeyForm {
        match self {
            Self::Aws => KeyForm::Aws,
            Self::Google => KeyForm::Google,
            Self::Copilot => KeyForm::SignIn,
            Self::Bearer | Self::XApiKey | Self::XGoogApiKey | Self::ApiKey | Self::None => KeyForm::Token,
        }
    }
}

/// What a person enters for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// One line: the key.
    Token,
    /// A Bedrock API key, an AWS access key pair, a profile, or what the environment says.
    Aws,
    /// The JSON file of a service account or of a login, a token, or an API key.
    Google,
    /// Nothing: they sign in at the vendor's page.
    SignIn,
}

/// Whether a key is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyNeed {
    /// Without one nothing works.
    Required,
    /// Some servers want one.
    Optional,
    /// Never.
    None,
}

/// Two letters and a hue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Two letters, like an element symbol.
    pub letters: String,
    /// A hue of the design.
    pub hue: String,
    /// True for the second holder of a hue.
    #[serde(default)]
    pub hatched: bool,
}

/// How long to wait for what, in seconds. Absent fields take the transport's defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct VendorTimeouts {
    /// To connect.
    pub connect_s: Option<u64>,
    /// From the request to the first parsed event.
    pub first_event_s: Option<u64>,
    /// Between parsed events.
    pub idle_s: Option<u64>,
    /// Between pieces of content.
    pub progress_s: Option<u64>,
}

/// A further usual address of a vendor: another region, another plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NamedAddress {
    /// What tells it from the others, for people: `China`.
    pub name: String,
    /// The address.
    pub url: String,
}

/// A setting that this vendor has and others have not. The form of a provider is drawn from these. A value that is not
/// empty goes out as a header or a query, or stands for `{id}` in the vendor's usual address; one that does neither is
/// for the vendor's wire or its way in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VendorField {
    /// Its name in the store and in configuration files: `a-z`, digits, underscores.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// One sentence on what it is for.
    #[serde(default)]
    pub help: Option<String>,
    /// The header that carries it.
    #[serde(default)]
    pub header: Option<String>,
    /// The query parameter that carries it, on every request.
    #[serde(default)]
    pub query: Option<String>,
    /// What may be chosen; empty where anything may be typed.
    #[serde(default)]
    pub choices: Vec<String>,
    /// What most people need, offered at the start: `us-east-1`.
    #[serde(default)]
    pub usual: Option<String>,
    /// Values at which the vendor has another usual address than the one with `{id}`.
    #[serde(default)]
    pub addresses: BTreeMap<String, String>,
    /// Nothing can be asked without it.
    #[serde(default)]
    pub required: bool,
}

/// A free request that tells what is left of an account's money. The members are found by JSON pointers (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceLookup {
    /// Joined to the base address; where it begins with `/`, to its origin.
    pub path: String,
    /// Where the amount is: a number, or a number in a string.
    pub amount: String,
    /// Where what is spent of that amount is, for vendors that tell the two apart.
    #[serde(default)]
    pub less: Option<String>,
    /// Where the currency's code is; without it the amount is in `currency`.
    #[serde(default)]
    pub currency_at: Option<String>,
    /// The currency's code (ISO 4217).
    #[serde(default)]
    pub currency: Option<String>,
}

/// A model the catalogue knows of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    /// The name to ask for.
    pub id: String,
    /// A name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// Context window in tokens.
    #[serde(default)]
    pub context: Option<u64>,
    /// Most output tokens.
    #[serde(default)]
    pub max_output: Option<u64>,
    /// What it can do.
    #[serde(default)]
    pub can: Abilities,
}

/// One vendor of the catalogue. Behaviour follows from these fields, never from the id.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// The stable id, and the file's name.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What kind it is.
    pub category: VendorCategory,
    /// Its wire, and that of the models whose rules name no other; see [`Self::dialect_of`].
    pub dialect: DialectId,
    /// The usual address; absent where the user must give one. `{id}` stands for the value of the field of that id.
    #[serde(default)]
    pub base_url: Option<String>,
    /// How the key travels.
    pub auth: AuthStyle,
    /// Whether a key is wanted.
    pub key: KeyNeed,
    /// Conventional environment variables of the key.
    #[serde(default)]
    pub env: Vec<String>,
    /// Where a person gets a key.
    #[serde(default)]
    pub key_url: Option<String>,
    /// How its keys begin, where no other vendor's begin so: a pasted key names its vendor.
    #[serde(default)]
    pub key_prefixes: Vec<String>,
    /// The path of the free request that proves the key, where the model list is open to everybody. At the vendor's own
    /// addresses it may be a whole address of a domain that these belong to.
    #[serde(default)]
    pub check_path: Option<String>,
    /// Further usual addresses.
    #[serde(default)]
    pub addresses: Vec<NamedAddress>,
    /// Settings of its own.
    #[serde(default)]
    pub fields: Vec<VendorField>,
    /// How its balance is asked for.
    #[serde(default)]
    pub balance: Option<BalanceLookup>,
    /// Most texts in one request for embeddings; absent where it is not known.
    #[serde(default)]
    pub embed_batch: Option<u32>,
    /// Where a person signs in, for vendors whose keys are had that way.
    #[serde(default)]
    pub sign_in: Option<SignIn>,
    /// What a person should know before they choose it, e.g. what a vendor may object to.
    #[serde(default)]
    pub notice: Option<String>,
    /// How it is drawn.
    pub mark: Mark,
    /// Its place where vendors are offered: the lowest first, those without one behind, by name.
    #[serde(default)]
    pub rank: Option<u32>,
    /// Declared peculiarities of its wire.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// How long to wait for what.
    #[serde(default)]
    pub timeouts: VendorTimeouts,
    /// The vendor's name in the price data, where it has prices there.
    #[serde(default)]
    pub prices: Option<String>,
    /// The vendor's name in the data of models.dev, where that is neither its id nor its name in the price data.
    #[serde(default)]
    pub models_dev: Option<String>,
    /// Models known without asking.
    #[serde(default)]
    pub models: Vec<KnownModel>,
    /// What its models take and refuse.
    #[serde(default)]
    pub rules: Vec<ModelRule>,
}

impl Vendor {
    /// Whether its wire has this peculiarity.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}

/// A peculiarity of a wire, named. The list grows with the vendors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quirk {
    /// The stream carries usage only when asked with `stream_options.include_usage`.
    AskForUsage,
    /// The output limit is named `max_completion_tokens`.
    MaxCompletionTokens,
    /// Files may be sent as parts of their own. Without it text files are written out, and others are refused where
    /// the wire itself has no place for them.
    NativeFiles,
    /// Reasoning text goes back as `reasoning_content`: on assistant messages with tool calls, and where the request
    /// offers tools on every assistant message, empty where there was none.
    ReplayReasoningContent,
    /// Output counts leave reasoning out, whatever the totals say.
    ReasoningOutsideCompletion,
    /// Text may begin with reasoning between `<think>` and `</think>`.
    ThinkTags,
    /// Answers may hold inline images: events and messages may be 64 MiB.
    InlineMedia,
    /// Prompt caching is asked for with `cache_control` on parts of text, four at most.
    CacheMarks,
    /// Prompt caching is asked for, or helped, with a `prompt_cache_key` that a conversation keeps.
    CacheKey,
    /// The size of embeddings is asked for as `output_dimension`.
    OutputDimension,
    /// Embeddings come as base64 of floats when asked for with `encoding_format`: a third of the bytes.
    Base64Vectors,
    /// What embeddings are for goes out as `input_type`: `document` or `query`.
    EmbedDocuments,
    /// As `EmbedDocuments`, but in the words `passage` and `query`; `passage` where nothing was said, for the vendor
    /// insists on one.
    EmbedPassages,
    /// Texts too long to embed are cut without a word unless `truncation` is false.
    EmbedTruncation,
    /// Ids of tool calls must be nine characters of `[a-zA-Z0-9]`; others are exchanged for such ones.
    ShortToolIds,
    /// Tool results repeat the name of the function.
    NamedToolResults,
    /// The seed is named `random_seed`.
    RandomSeed,
    /// PDF files go as `document_url` parts.
    DocumentUrls,
    /// Of structured output the vendor knows only `json_object`: the schema goes into the system prompt.
    SchemaInPrompt,
    /// Reasoning is switched by `thinking: {"type"}`; its effort goes from `low` to `max`.
    ThinkingSwitch,
    /// Reasoning is switched by `thinking: {"type"}`, where on is `adaptive`.
    AdaptiveSwitch,
    /// Reasoning is switched by `reasoning: {"enabled"}`.
    ReasoningSwitch,
    /// Reasoning is switched by `enable_thinking`.
    EnableThinking,
    /// Reasoning is switched by `chat_template_kwargs`, where some models read `thinking` and others `enable_thinking`.
    TemplateSwitch,
    /// How hard to think is said only to models whose rule has `thinking_levels`; others are switched on or off.
    EffortByLevels,
    /// Models that think take sampling parameters all the same.
    SamplesWhileThinking,
    /// The effort of reasoning is `low`, `medium` or `high`: others go as the nearest of these.
    ThreeEfforts,
    /// Schemas go out in the words of OpenAPI 3.0 (`parameters`, `responseSchema`): the server knows no JSON Schema.
    OpenapiSchemas,
    /// There is no list of models: those of the catalogue are the ones there are.
    NoModelList,
    /// The API stands right at the address, without a version: OpenAI's paths lie below a bare origin.
    Unversioned,
    /// Requests say whether a person or a tool's result makes them (`X-Initiator`), and whether they hold pictures
    /// (`Copilot-Vision-Request`): without that pictures are refused.
    SaysWhoAsks,
    /// The list of models says by which wires each may be asked (`supported_endpoints`), which of them people choose
    /// from, and how long a prompt may be.
    ListedWires,
    /// What an answer cost comes beside it, in AI credits (`copilot_usage`).
    AiCredits,
    /// One answer may come as several choices: text in one, calls in another.
    ManyChoices,
    /// Reasoning comes as `reasoning_text`, with a `reasoning_opaque` that goes back with it.
    ReasoningText,
    /// Names of models may say first where they run: `us.`, `global.`, the front of an ARN. What the rules and the list
    /// here say of the rest of the name holds for them.
    PlacedNames,
    /// No request that proves a key is free. An empty one is sent to `check_path` (else to the chat): to refuse it for
    /// its form, the vendor has to accept the key first.
    EmptyCheck,
    /// What stands after the last colon of a model's name says who serves it (`owner/name:groq`); the field `routing` says
    /// it of names without.
    RoutingSuffixes,
    /// Embeddings are made beside the API, at `/hf-inference/models/NAME/pipeline/feature-extraction`.
    FeatureExtraction,
    /// Addresses are pasted as Azure's portal shows them: with a version, a deployment, a project. Which of Azure's APIs
    /// is meant follows from them, and from the version.
    AzureAddresses,
    /// Chats and embeddings lie below `deployments/NAME`, where the name is that of the model.
    DeploymentPaths,
    /// The list of models is that of the deployments; an old request, so that where it is refused those of the catalogue
    /// stand.
    DeploymentList,
    /// Models lie below their publishers, as on Vertex AI: `publishers/google/models/NAME`. Claude is asked there by
    /// `rawPredict`, models of others by `endpoints/openapi`, vectors by `predict`; counting tokens proves the way in.
    PublisherPaths,
}
