import type { AttachmentKind, ParameterName, ParameterRefusal, ReasoningEffort } from '$lib/ipc/bindings';
import { whyNot } from './providers.en';
import { many } from './words';

const parameterNames: Record<ParameterName, string> = {
  temperature: 'Temperature',
  topP: 'Top p',
  maxTokens: 'Longest answer',
  stop: 'Stop texts',
  seed: 'Seed',
  reasoningEffort: 'Reasoning',
};

const efforts: Record<ReasoningEffort, string> = {
  none: 'Off',
  minimal: 'Minimal',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  max: 'Max',
};

const kindWords: Record<AttachmentKind, string> = {
  image: 'pictures',
  text: 'text files',
  pdf: 'PDF files',
  audio: 'sound',
  other: 'files of this kind',
};

/** "a, b and c". */
function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The field a message is written in, and all around it. */
export const composerEn = {
  label: 'Message',
  placeholder: 'Ask anything',
  placeholderMore: 'Ask a follow-up',
  noModel: 'Choose a model first',
  send: (keys: string) => `Send (${keys})`,
  queue: (keys: string) => `Send after this answer (${keys})`,
  keepChange: (keys: string) => `Keep the change (${keys})`,
  sending: 'Sending',
  stop: 'Stop (Esc)',
  chooseModel: 'Choose a model',
  otherModel: 'Choose another model',
  model: (model: string, provider: string) => `Model: ${model} through ${provider}`,
  keys: { enter: 'Enter', modEnter: (mac: boolean) => (mac ? '⌘ Enter' : 'Ctrl Enter') },
  hint: {
    enter: 'Shift Enter for a new line',
    modEnter: (keys: string) => `${keys} sends`,
    recalled: 'Sent before. Esc goes back',
    editing: 'Waits in line. Esc leaves it as it was',
  },
  whyNot,
  nothing: 'No model is connected. Add a provider to ask something.',
  nothingChosen: 'No model is chosen. Choose one to ask something.',
  add: 'Add a provider',
  openProvider: 'Open provider',
  tooLong: (model: string, used: string, limit: string) =>
    `This chat would take about ${used} tokens, and ${model} reads ${limit}. Shorten it, or choose a model that reads more.`,

  attach: 'Attach files',
  files: {
    label: 'Attached files',
    remove: (name: string) => `Remove ${name}`,
    reading: 'Reading',
    added: (name: string) => `${name} attached`,
    removed: (name: string) => `${name} removed`,
    notAdded: (name: string) => `${name} could not be attached`,
    tooLarge: (limit: string) => `Too large, the limit is ${limit}`,
    empty: 'The file is empty',
    folder: 'A folder. Drop the files in it',
    unreadable: 'It cannot be read',
    never: 'No model is sent this kind',
    notTaken: (kind: AttachmentKind) => `This model takes no ${kindWords[kind]}`,
    size: (bytes: number) => {
      if (bytes < 1000) return `${bytes} B`;
      if (bytes < 999_500) return `${Math.round(bytes / 1000)} KB`;
      return `${(bytes / 1e6).toFixed(bytes < 9_950_000 ? 1 : 0).replace('.0', '')} MB`;
    },
    waiting: 'A file is still being read',
  },
  cannot: {
    model: (model: string, kinds: AttachmentKind[]) =>
      `${model} takes no ${listed(kinds.map((kind) => kindWords[kind]))}. Remove what it cannot take, or choose another model.`,
    never: (names: string[]) =>
      `${listed(names)} ${many(names.length, 'is', 'are')} of a kind that no model is sent. Remove ${many(names.length, 'it', 'them')} to send.`,
    broken: (names: string[]) =>
      `${listed(names)} could not be attached. Remove ${many(names.length, 'it', 'them')} to send.`,
    short: 'What is attached cannot be sent to this model',
  },
  drop: {
    title: 'Drop to attach',
    kinds: (kinds: AttachmentKind[]) => `This model takes ${listed(kinds.map((kind) => kindWords[kind]))}.`,
    not: (kinds: AttachmentKind[]) => `Not ${listed(kinds.map((kind) => kindWords[kind]))}.`,
  },
  pasted: {
    name: 'pasted.txt',
    asFile: (characters: string) => `${characters} characters pasted as a file.`,
    asText: 'Paste as text',
  },

  line: {
    label: 'Messages that wait for the answer',
    next: 'Sent after this answer',
    paused: {
      failed: 'The answer failed, so what you typed ahead waits.',
      stopped: 'You stopped the answer, so what you typed ahead waits.',
      cutOff: 'The answer was cut off, so what you typed ahead waits.',
      notSent: 'A message did not go out, so what you typed ahead waits.',
      waiting: 'What you typed ahead waits.',
    },
    goOn: 'Go on',
    item: (text: string, at: number, of: number) => `${at} of ${of} in line: ${text}`,
    files: (count: number) => `${count} ${many(count, 'file', 'files')}`,
    onlyFiles: 'Only files',
    remove: (text: string) => `Remove “${text}”`,
    removed: 'Removed what you typed ahead.',
    undo: 'Undo',
    queued: (count: number) => `In line, ${count} ${many(count, 'message waits', 'messages wait')}`,
    moved: (at: number, of: number) => `Now ${at} of ${of}`,
    keys: 'Enter changes, Delete removes, Alt and the arrows move',
  },

  setup: {
    open: 'Parameters and system prompt',
    openSet: (count: number) => `Parameters and system prompt: ${count} set`,
    title: 'Parameters',
    resetAll: 'Reset all',
    system: 'System prompt',
    systemHint: 'Said to the model before the chat. Empty for none.',
    tokens: (count: string) => `≈ ${count} tokens`,
    names: parameterNames,
    default: 'Default',
    reset: (name: ParameterName) => `Reset ${parameterNames[name].toLowerCase()}`,
    between: (least: string, most: string) => `${least} to ${most}`,
    atLeast: (least: string) => `${least} or more`,
    atMost: (most: string) => `${most} at most`,
    wholeNumber: 'A whole number',
    count: (tokens: string) => `${tokens} tokens`,
    faults: {
      notANumber: 'This is no number.',
      notWhole: 'This takes whole numbers only.',
      outside: (range: string) => `Outside of what the model takes: ${range}.`,
    },
    refused: (why: ParameterRefusal, name: ParameterName, model: string) =>
      ({
        byModel: `${model} does not take this.`,
        byWire: 'The provider’s interface has no place for this.',
        withOther: `Taken only without ${name === 'topP' ? 'temperature' : 'top p'}.`,
      })[why],
    kept: 'Your value is kept and not sent.',
    stopAdd: 'Add a stop text',
    stopHint: 'Enter adds. \\n is a line break.',
    stopRemove: (text: string) => `Remove the stop text ${text}`,
    efforts,
    effortKept: (effort: ReasoningEffort, model: string) =>
      `${efforts[effort]} is kept and not sent: ${model} does not have it.`,
    saved: 'Kept with this chat.',
    savedLater: 'Kept with this chat once it begins.',
  },

  context: {
    of: (used: string, limit: string, percent: string) =>
      `Context: about ${used} of ${limit} tokens, ${percent} percent`,
    unknown: (used: string) => `Context: about ${used} tokens, the limit is not known`,
    guessing: 'Context: not known yet',
    title: 'Context',
    noLimit: 'limit unknown',
    system: 'System prompt',
    history: 'Messages so far',
    cached: 'of these, from the cache',
    text: 'This text',
    files: 'Attachments',
    together: 'Together',
    answer: 'Answer, as usual here',
    room: 'Room for the answer',
    limit: 'Limit',
    cost: 'Cost of the next answer',
    prompt: 'The prompt alone',
    usual: (tokens: string) => `Usual answer, ${tokens} tokens`,
    most: (tokens: string | null) => (tokens === null ? 'At most' : `At most, ${tokens} tokens`),
    upTo: (amount: string) => `up to ${amount.replace('≈ ', '')}`,
    mostTitle: 'Where the answer is as long as it may be',
    free: 'free',
    noCost: 'cost unknown',
    costTitle: 'Estimate for the next answer',
    noCostTitle: 'No price is known for this model',
    guess: 'Guessed from the text. The provider counts for itself.',
  },
};
