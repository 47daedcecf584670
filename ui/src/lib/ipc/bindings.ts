// The types and commands of crates/core/src/view.rs and src-tauri, as tauri-specta writes them.

import { invoke, type Channel } from '@tauri-apps/api/core';

export const commands = {
  async bootstrap(): Promise<Result<Bootstrap, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('bootstrap') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async openDemo(): Promise<Result<Bootstrap, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('open_demo') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async leaveDemo(): Promise<Result<Bootstrap, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('leave_demo') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async attach(channel: Channel<Frame>): Promise<Result<Snapshot, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('attach', { channel }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async ack(attachment: string, frame: number): Promise<Result<null, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('ack', { attachment, frame }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async setVisible(attachment: string, visible: boolean): Promise<Result<null, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('set_visible', { attachment, visible }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async listConversations(before: number | null): Promise<Result<ConversationPage, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('list_conversations', { before }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async getConversation(id: string): Promise<Result<ConversationView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('get_conversation', { id }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async renameConversation(id: string, title: string): Promise<Result<ConversationSummary, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('rename_conversation', { id, title }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async deleteConversation(id: string): Promise<Result<null, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('delete_conversation', { id }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async restoreConversation(id: string): Promise<Result<ConversationSummary, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('restore_conversation', { id }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async send(input: SendInput): Promise<Result<RunReceipt, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('send', { input }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async stop(runId: string): Promise<Result<null, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('stop', { runId }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async retry(messageId: string, target: Target | null): Promise<Result<RunReceipt, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('retry', { messageId, target }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async continueMessage(messageId: string): Promise<Result<RunReceipt, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('continue_message', { messageId }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async selectVersion(messageId: string): Promise<Result<ConversationView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('select_version', { messageId }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async listVendors(): Promise<Result<VendorView[], CommandError>> {
    try {
      return { status: 'ok', data: await invoke('list_vendors') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async listProviders(): Promise<Result<ProviderView[], CommandError>> {
    try {
      return { status: 'ok', data: await invoke('list_providers') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async saveProvider(input: ProviderInput): Promise<Result<ProviderView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('save_provider', { input }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async removeProvider(id: string): Promise<Result<null, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('remove_provider', { id }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async setKey(providerId: string, input: KeyInput): Promise<Result<ProviderView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('set_key', { providerId, input }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async checkProvider(id: string): Promise<Result<CheckView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('check_provider', { id }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async listModels(providerId: string): Promise<Result<ModelView[], CommandError>> {
    try {
      return { status: 'ok', data: await invoke('list_models', { providerId }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async changeSetting(change: SettingChange): Promise<Result<Settings, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('change_setting', { change }) };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
  async spend(): Promise<Result<SpendView, CommandError>> {
    try {
      return { status: 'ok', data: await invoke('spend') };
    } catch (e) {
      if (e instanceof Error) throw e;
      return { status: 'error', error: e as CommandError };
    }
  },
};

/** All a page needs to paint itself for the first time. */
export type Bootstrap = {
  /** Version of the app. */
  version: string;
  /** True in the demo's own data folder. */
  demo: boolean;
  /** Where the data lies. */
  dataDir: string;
  /** The user's settings. */
  settings: Settings;
  /** Configured providers, in their order. */
  providers: ProviderView[];
  /** The first page of the list. */
  conversations: ConversationPage;
  /** Replies found half-written at this start. */
  interrupted: number;
  /** This month's spend. */
  spend: SpendView;
};

/** What the user chose. */
export type Settings = {
  /** Light, dark or as the system. */
  theme: Theme;
  /** The model last sent to. */
  lastTarget: Target | null;
  /** False until the first-run screen was left. */
  onboarded: boolean;
};

/** One change of a setting. */
export type SettingChange = { theme: Theme } | { onboarded: boolean };

/** The look. */
export type Theme = 'system' | 'light' | 'dark';

/** A model of a configured provider. */
export type Target = {
  /** The provider's id. */
  providerId: string;
  /** The vendor's model name. */
  model: string;
};

/** How a vendor is drawn: two letters, a hue, a shape by category. */
export type Mark = {
  /** Two letters, like an element symbol. */
  letters: string;
  /** `clay`, `sky`, `gold`, `jade`, `plum`, `rose`, `olive` or `graphite`. */
  hue: string;
  /** True for the second holder of a hue. */
  hatched: boolean;
};

/** A vendor of the catalogue. */
export type VendorView = {
  /** The catalogue id. */
  id: string;
  /** Its name. */
  name: string;
  /** `cloud`, `local`, `aggregator` or `specialised`. */
  category: string;
  /** How it is drawn. */
  mark: Mark;
  /** The usual address, where there is one. */
  baseUrl: string | null;
  /** Whether the address must be given by the user. */
  needsBaseUrl: boolean;
  /** `required`, `optional` or `none`. */
  key: KeyNeed;
  /** Conventional environment variables, and whether each is set now. Never their values. */
  env: EnvName[];
  /** Where a person gets a key. */
  keyUrl: string | null;
};

/** Whether a vendor wants a key. */
export type KeyNeed = 'required' | 'optional' | 'none';

/** An environment variable a key may be in. */
export type EnvName = {
  /** Its name. */
  name: string;
  /** Whether it is set and not empty. */
  set: boolean;
};

/** A configured provider. It never carries a key. */
export type ProviderView = {
  /** Its id. */
  id: string;
  /** The vendor's catalogue id. */
  vendor: string;
  /** The user's name for it. */
  name: string;
  /** `cloud`, `local`, `aggregator` or `specialised`. */
  category: string;
  /** How it is drawn. */
  mark: Mark;
  /** The address it is asked at. */
  baseUrl: string;
  /** Whether it is offered. */
  enabled: boolean;
  /** Whether a key is there. */
  key: KeyState;
  /** Whether the vendor wants one. */
  keyNeed: KeyNeed;
  /** The model that is offered first. */
  defaultModel: string | null;
  /** Models known so far, from the last fetched list or the catalogue. */
  models: ModelView[];
};

/** What is known of a key, without the key. */
export type KeyState = {
  /** `none`, `session`, `env`, `keyring` or `vault`. */
  store: string;
  /** Whether it can be used now: a session key is gone after a restart, a variable may be unset. */
  usable: boolean;
  /** The variable's name for `env`. */
  envName: string | null;
  /** The last four characters of a key of at least 16. */
  endsWith: string | null;
  /** scheme://host:port it was given for. */
  origin: string | null;
};

/** A model on offer. */
export type ModelView = {
  /** The name to ask for. */
  id: string;
  /** A name for people. */
  name: string | null;
  /** Context window in tokens. */
  context: number | null;
  /** Nano-USD per million input tokens; 0 is free, `None` unknown. */
  inputNano: number | null;
  /** Nano-USD per million output tokens. */
  outputNano: number | null;
};

/** A provider to add or change. */
export type ProviderInput = {
  /** Absent to add one. */
  id: string | null;
  /** The vendor's catalogue id. */
  vendor: string;
  /** Empty takes the vendor's name. */
  name: string;
  /** Empty takes the vendor's usual address. */
  baseUrl: string;
  /** Whether it is offered. */
  enabled: boolean;
  /** The model that is offered first. */
  defaultModel: string | null;
};

/** Where a key comes from. A key goes in here and never comes back out. */
export type KeyInput = { kind: 'session'; key: string } | { kind: 'env'; name: string } | { kind: 'none' };

/** The result of a free check. */
export type CheckView = {
  /** Works. */
  ok: boolean;
  /** Why not. */
  error: FailureView | null;
  /** Models found. */
  models: number;
  /** How long it took. */
  durationMs: number;
};

/** A row of the chat list. */
export type ConversationSummary = {
  /** Its id. */
  id: string;
  /** Its title, may be empty. */
  title: string;
  /** Last change. */
  updatedAt: number;
  /** The list's order and the cursor of its pages. */
  touched: number;
  /** Who answered last. */
  mark: Mark | null;
  /** The category of who answered last, for the shape of the tile. */
  category: string | null;
  /** Known cost so far. */
  costNano: number;
  /** True while a reply runs. */
  running: boolean;
};

/** A page of the list. */
export type ConversationPage = {
  /** Newest first. */
  items: ConversationSummary[];
  /** Pass it for the next page; absent at the end. */
  next: number | null;
};

/** A chat, opened. */
export type ConversationView = {
  /** Its row. */
  summary: ConversationSummary;
  /** What its next message goes to. */
  target: Target | null;
  /** The active branch, oldest first. */
  messages: MessageView[];
  /** Money of all its attempts. */
  spend: SpendView;
};

/** A message of the active branch. */
export type MessageView = {
  /** Its id. */
  id: string;
  /** Who speaks. */
  role: MessageRole;
  /** Where it stands. */
  status: MessageStatus;
  /** When it was begun. */
  createdAt: number;
  /** Its pieces. */
  parts: PartView[];
  /** Every time a provider was asked for it, oldest first. */
  attempts: AttemptView[];
  /** The ids of all versions of this message, oldest first; itself among them. */
  versions: string[];
};

/** Who speaks. */
export type MessageRole = 'user' | 'assistant';

/** Where a message stands. */
export type MessageStatus = 'streaming' | 'complete' | 'interrupted' | 'failed' | 'cancelled';

/** A piece of a message. */
export type PartView = {
  /** Its place; deltas name it. */
  ordinal: number;
  /** What it is. */
  kind: PartKind;
  /** Who wrote it; a seam is where this changes. Absent in user messages. */
  attemptId: string | null;
  /** Text, reasoning, refusal; for a tool call the JSON text of its arguments. */
  text: string;
  /** The function of a tool call, the address of a citation or medium, the code of a warning. */
  name: string | null;
};

/** What a piece is. */
export type PartKind = 'text' | 'reasoning' | 'refusal' | 'toolCall' | 'citation' | 'media' | 'serverTool' | 'warning';

/** One time a provider was asked. */
export type AttemptView = {
  /** Its id. */
  id: string;
  /** The provider's id. */
  providerId: string;
  /** Its name now. */
  providerName: string;
  /** How it is drawn. */
  mark: Mark;
  /** `cloud`, `local`, `aggregator` or `specialised`. */
  category: string;
  /** The model asked for. */
  model: string;
  /** The model that served, where the vendor says. */
  modelServed: string | null;
  /** When it began. */
  startedAt: number;
  /** From its start to the first output. */
  firstTokenMs: number | null;
  /** From its start to its end. */
  durationMs: number | null;
  /** Where it stands. */
  outcome: MessageStatus;
  /** Our reading of why it ended. */
  finishClass: FinishClass | null;
  /** The vendor's word. */
  finishReason: string | null;
  /** Why it failed or broke. */
  error: FailureView | null;
  /** What it used and cost; absent while it runs. */
  cost: CostView | null;
};

/** A failure, for a sentence in the reader's language. */
export type FailureView = {
  /** Our reading. */
  category: Category;
  /** HTTP status. */
  status: number | null;
  /** The vendor's code, or our cause such as `redirected`, `got_html`, `idle_timeout`. */
  code: string | null;
  /** The vendor's words, or technical detail. */
  message: string;
};

/** What an attempt used and cost. */
export type CostView = {
  /** Every input token. */
  inputTotal: number | null;
  /** Of these, from the prompt cache. */
  cacheRead: number | null;
  /** Of these, written to it. */
  cacheWrite: number | null;
  /** Every output token. */
  outputTotal: number | null;
  /** Of these, reasoning. */
  reasoning: number | null;
  /** True where the counts are our guess. */
  tokensEstimated: boolean;
  /** Where the amount comes from. */
  source: CostSource;
  /** Nano-USD; `None` is unknown. */
  totalNano: number | null;
};

/** Where an amount comes from. */
export type CostSource = 'reported' | 'priced' | 'estimated' | 'free' | 'unknown';

/** A sum of money that says how sure it is. */
export type SpendView = {
  /** Nano-USD of all entries that are known, estimated ones too. */
  totalNano: number;
  /** Of these, estimated. */
  estimatedNano: number;
  /** Entries without a known amount. */
  unknown: number;
  /** All entries. */
  entries: number;
};

/** A message to send. */
export type SendInput = {
  /** Absent to begin a chat. */
  conversationId: string | null;
  /** The prompt. */
  text: string;
  /** Who shall answer. */
  target: Target;
};

/** What was committed before the request left. */
export type RunReceipt = {
  /** The run, for Stop. */
  runId: string;
  /** The chat's row. */
  summary: ConversationSummary;
  /** New messages, oldest first; the last is the assistant's. */
  messages: MessageView[];
};

/** A window's view of everything that runs, at one moment. */
export type Snapshot = {
  /** Names this attachment in `ack` and `set_visible`: random, good for this page only. */
  attachment: string;
  /** All running replies. */
  runs: RunSnapshot[];
};

/** One running reply with its text so far. */
export type RunSnapshot = {
  /** The run. */
  runId: string;
  /** Its chat. */
  conversationId: string;
  /** What this snapshot holds; deltas up to and including it are old. */
  seq: number;
  /** The message with its parts so far. */
  message: MessageView;
};

/** All that changed since the last acknowledged frame. */
export type Frame = {
  /** To acknowledge. */
  frame: number;
  /** Changes, run by run. */
  runs: RunDelta[];
};

/** What changed in one run. */
export type RunDelta = {
  /** The run. */
  runId: string;
  /** Its chat. */
  conversationId: string;
  /** Its message. */
  messageId: string;
  /** Rises with each delta of the run; the page drops what it has. */
  seq: number;
  /** Text to append. */
  parts: PartDelta[];
  /** Set once, with the last text of the run. */
  settled: Settled | null;
};

/** Text to append to a part; the part is new where its ordinal is. */
export type PartDelta = {
  /** Its place. */
  ordinal: number;
  /** What it is. */
  kind: PartKind;
  /** Who writes. */
  attemptId: string;
  /** As in [`PartView::name`], when the part begins. */
  name: string | null;
  /** What to append. */
  append: string;
};

/** A run came to its end and everything is on disk. */
export type Settled = {
  /** How. */
  status: MessageStatus;
  /** The attempts with their figures. */
  attempts: AttemptView[];
  /** The chat's row. */
  summary: ConversationSummary;
  /** The chat's money. */
  spend: SpendView;
};

/** Our reading of a failure. */
export type Category =
  | 'missing_key'
  | 'rejected_key'
  | 'forbidden'
  | 'no_credit'
  | 'rate_limited'
  | 'overloaded'
  | 'timeout'
  | 'network'
  | 'context_too_long'
  | 'bad_request'
  | 'unknown_model'
  | 'refused'
  | 'broken_stream'
  | 'cancelled'
  | 'internal';

/** Our reading of why an answer ended. */
export type FinishClass = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'error' | 'pause' | 'pending' | 'other';

/** How a command fails. */
export type CommandError = {
  code: string;
  category: Category | null;
  message: string;
  field: string | null;
  status: number | null;
};

export type Result<T, E> = { status: 'ok'; data: T } | { status: 'error'; error: E };
