import type { Backend } from '../backend';
import type {
  AttachmentKind,
  AttachmentView,
  Draft,
  FileData,
  LinkView,
  ParameterName,
  RouteView,
} from '../bindings';
import type { FakeBudgets } from './costs/budgets';
import type { Folder } from './folder';
import { unknownCan } from '../unknownCan';
import { refuse } from './refuse';
import { askedFirst } from './routing';

const files = new Map<string, { view: AttachmentView; data: FileData }>();

export const emptyDraft = (): Draft => ({ text: '', attachments: [], queued: [] });

export function keptFile(id: string): AttachmentView {
  return files.get(id)?.view ?? refuse('not_found');
}

const types: [RegExp, string, AttachmentKind][] = [
  [/\.(png)$/i, 'image/png', 'image'],
  [/\.(jpe?g)$/i, 'image/jpeg', 'image'],
  [/\.pdf$/i, 'application/pdf', 'pdf'],
  [/\.(mp3|wav)$/i, 'audio/mpeg', 'audio'],
  [/\.(zip|exe|bin)$/i, 'application/octet-stream', 'other'],
];

/** Four characters are a token here. */
const tokens = (text: string) => Math.ceil(text.length / 4);

const names: ParameterName[] = ['temperature', 'topP', 'maxTokens', 'stop', 'seed', 'reasoningEffort'];

function link(address: string): LinkView {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return refuse('invalid', { field: 'address', cause: 'not_an_address' });
  }
  const scheme = url.protocol.slice(0, -1);
  if (!['http', 'https', 'mailto'].includes(scheme)) refuse('invalid', { field: 'address', cause: 'scheme' });
  const doubts: LinkView['doubts'] = [];
  if (scheme === 'http') doubts.push('plain');
  if (url.username !== '') doubts.push('credentials');
  if (url.hostname.startsWith('xn--')) doubts.push('lookalike');
  return { address: url.href, host: url.hostname, shownHost: url.hostname, scheme, doubts };
}

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Files that messages of a scene carry. */
export function someFiles(): AttachmentView[] {
  const file = (
    id: string,
    name: string,
    mediaType: string,
    kind: AttachmentKind,
    bytes: number,
    base64 = '',
  ) => {
    const view = { id, name, mediaType, bytes, kind };
    files.set(id, { view, data: { mediaType, base64 } });
    return view;
  };
  return [
    file('f-picture', 'diagram.png', 'image/png', 'image', 68, pixel),
    file('f-table', 'latency-nov.csv', 'text/csv', 'text', 18_400),
  ];
}

type Composing = Pick<
  Backend,
  | 'saveDraft'
  | 'setUpChat'
  | 'describeTarget'
  | 'estimate'
  | 'addAttachment'
  | 'readAttachment'
  | 'inspectLink'
  | 'openLink'
  | 'fetchImage'
>;

export function fakeComposing(
  folder: () => Folder,
  routes: () => RouteView[],
  budgets: FakeBudgets,
): Composing {
  const model = (providerId: string, id: string) =>
    folder()
      .providers.find((provider) => provider.id === providerId)
      ?.models.find((known) => known.id === id);
  return {
    async saveDraft(conversationId, draft) {
      if (conversationId === null) folder().draft = structuredClone(draft);
      else folder().chat(conversationId).draft = structuredClone(draft);
    },
    async setUpChat(id, setup) {
      folder().chat(id).setup = structuredClone(setup);
    },
    async describeTarget(target) {
      const { providerId, model: id } = askedFirst(folder(), routes(), target).target;
      const known = model(providerId, id);
      const thinks = /^(gpt-5|claude|o\d)/.test(id);
      return {
        context: known?.context ?? null,
        maxOutput: known?.context ? 64_000 : null,
        can: known?.can ?? unknownCan,
        inputNano: known?.inputNano ?? null,
        cacheReadNano: known?.inputNano ? known.inputNano / 10 : null,
        outputNano: known?.outputNano ?? null,
        parameters: names.map((name) => ({
          name,
          refused:
            thinks && (name === 'temperature' || name === 'topP')
              ? 'byModel'
              : !thinks && name === 'reasoningEffort'
                ? 'byModel'
                : null,
          least: name === 'temperature' || name === 'topP' ? 0 : null,
          most: name === 'temperature' ? 2 : name === 'topP' ? 1 : name === 'maxTokens' ? 64_000 : null,
        })),
        efforts: thinks ? ['low', 'medium', 'high'] : [],
      };
    },
    async estimate({ conversationId, target, text, attachments, setup }) {
      const stored = conversationId === null ? null : folder().chat(conversationId);
      const said = stored?.messages.flatMap(({ parts }) => parts.map((part) => part.text)).join('') ?? '';
      const { target: asked, route } = askedFirst(folder(), routes(), target);
      const known = model(asked.providerId, asked.model);
      const history = tokens(said);
      const attached = attachments.reduce((sum, id) => sum + Math.ceil(keptFile(id).bytes / 4), 0);
      const system = tokens(setup.systemPrompt);
      const input = system + history + tokens(text) + attached;
      const prices = known && known.inputNano !== null && known.outputNano !== null ? known : null;
      const costOf = (answer: number) =>
        prices && Math.round((input * (prices.inputNano ?? 0) + answer * (prices.outputNano ?? 0)) / 1e6);
      const most = known?.context ? 64_000 : null;
      const mostNano = most === null ? null : costOf(most);
      const limit = folder().settings.messageLimitNano;
      const warnings = budgets.warnings(
        { providerId: asked.providerId, routeId: route?.id ?? null },
        costOf(500),
      );
      if (limit !== null && mostNano !== null && mostNano > limit)
        warnings.unshift({ kind: 'overMessageLimit' });
      if (known?.context && input + 500 > known.context) warnings.unshift({ kind: 'overWindow' });
      return {
        systemTokens: system,
        historyTokens: history,
        cachedTokens: Math.floor(history / 2),
        textTokens: tokens(text),
        attachmentTokens: attached,
        answerTokens: 500,
        context: known?.context ?? null,
        costNano: costOf(500),
        promptNano: costOf(0),
        mostNano,
        mostAnswerTokens: most,
        warnings,
      };
    },
    async addAttachment(name, base64) {
      const bytes = Math.floor((base64.length * 3) / 4);
      if (bytes > 20_000_000) refuse('invalid', { field: 'base64', cause: 'too_large' });
      const [, mediaType, kind] = types.find(([ending]) => ending.test(name)) ?? [
        null,
        'text/plain',
        'text' as const,
      ];
      const id = `f-${files.size + 1}`;
      const view = { id, name, mediaType, bytes, kind };
      files.set(id, { view, data: { mediaType, base64 } });
      return structuredClone(view);
    },
    async readAttachment(id) {
      return structuredClone(files.get(id)?.data ?? refuse('not_found'));
    },
    async inspectLink(address) {
      return link(address);
    },
    async openLink(address) {
      (window as { openedLinks?: string[] }).openedLinks ??= [];
      (window as { openedLinks?: string[] }).openedLinks?.push(link(address).address);
    },
    async fetchImage(address) {
      if (address.includes('missing')) refuse('provider', { category: 'network', message: 'not found' });
      return { mediaType: 'image/png', base64: pixel };
    },
  };
}
