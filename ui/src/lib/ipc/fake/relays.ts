import type { MessageView, ProviderView, RelayView } from '../bindings';
import type { StoredChat } from './data';
import { refuse } from './refuse';
import type { FakeStream } from './stream';

const LONGEST = 2_000_000;

const said = ({ parts }: MessageView) =>
  parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('\n\n');

/** Prompts that wait for a person. */
export class FakeRelays {
  items: RelayView[] = [];
  readonly #stream: FakeStream;
  readonly #finish: (messageId: string, status: 'complete') => void;
  readonly #runs = new Map<string, MessageView>();

  constructor(stream: FakeStream, finish: (messageId: string, status: 'complete') => void) {
    this.#stream = stream;
    this.#finish = finish;
  }

  /** Whether a message is carried by a person; it waits from now on. */
  takes(stored: StoredChat, message: MessageView, providers: ProviderView[]): boolean {
    const last = message.attempts.at(-1);
    const provider = providers.find(({ id }) => id === last?.providerId);
    if (!last || provider?.dialect !== 'human-relay') return false;
    const before = stored.messages.filter((known) => known !== message);
    const asked = before.findLast(({ role }) => role === 'user');
    const headings = { user: 'User', assistant: 'Assistant' } as Record<string, string>;
    this.#runs.set(message.id, message);
    this.items.push({
      messageId: message.id,
      conversationId: stored.summary.id,
      conversationTitle: stored.summary.title,
      providerId: provider.id,
      model: last.model,
      last: asked ? said(asked) : '',
      whole: before.map((known) => `## ${headings[known.role] ?? known.role}\n\n${said(known)}`).join('\n\n'),
      wholeFirst: before.some(({ attempts }) => attempts.some(({ model }) => model !== last.model)),
      attachments: asked?.parts.flatMap(({ attachment }) => (attachment ? [attachment.name] : [])) ?? [],
      since: message.createdAt,
    });
    return true;
  }

  carries(messageId: string): boolean {
    return this.#runs.has(messageId);
  }

  drop(messageId: string): void {
    this.items = this.items.filter((relay) => relay.messageId !== messageId);
  }

  answer(messageId: string, text: string): void {
    const relay = this.items.find((known) => known.messageId === messageId);
    const message = this.#runs.get(messageId);
    if (!relay || !message) return refuse('invalid', { field: 'messageId', cause: 'not_found' });
    if (text.trim() === '') refuse('invalid', { field: 'text', cause: 'empty' });
    if (text.length > LONGEST) refuse('invalid', { field: 'text', cause: 'too_long' });
    if (text.trim() === relay.last || text.trim() === relay.whole) {
      refuse('invalid', { field: 'text', cause: 'same' });
    }
    this.drop(messageId);
    const run = this.#stream.runOf(messageId);
    if (!run) return;
    this.#stream.append(run, {
      ordinal: 0,
      kind: 'text',
      attemptId: message.attempts.at(-1)?.id ?? '',
      name: null,
      title: null,
      append: text,
    });
    this.#finish(messageId, 'complete');
  }
}
