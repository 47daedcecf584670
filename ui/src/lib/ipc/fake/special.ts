import type { AccountView, Mark, ProviderView, VendorField, VendorView } from '../bindings';
import { account, model, noSettings, provider, vendor } from './catalogue';
import { answer, attempt, chat, cost, part, userMessage, type StoredChat } from './data';
import { someFiles } from './composing';
import { longWord } from './texts';

const mark = (letters: string, hue: string, hatched = false): Mark => ({ letters, hue, hatched });

const field = (part: Partial<VendorField> & Pick<VendorField, 'id' | 'name'>): VendorField => ({
  help: null,
  choices: [],
  required: false,
  usual: null,
  addresses: {},
  ...part,
});

const marks = {
  bedrock: mark('Ab', 'gold', true),
  azure: mark('Az', 'sky', true),
  vertex: mark('Vx', 'sky', true),
  copilot: mark('Gh', 'graphite', true),
  replicate: mark('Rp', 'rose', true),
  claude: mark('Cc', 'clay', true),
  relay: mark('Hr', 'jade', true),
  bridge: mark('Vs', 'sky', true),
};

/** Vendors that a key alone does not open, with `?vendors=special`. */
export function specialVendors(env: string[]): VendorView[] {
  const variables = (...names: string[]) => names.map((name) => ({ name, set: env.includes(name) }));
  return [
    vendor({
      id: 'amazon-bedrock',
      name: 'Amazon Bedrock',
      mark: marks.bedrock,
      baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
      dialect: 'bedrock',
      keyForm: 'aws',
      keyUrl: 'https://console.aws.amazon.com/bedrock/home#/api-keys',
      env: variables('AWS_BEARER_TOKEN_BEDROCK', 'AWS_ACCESS_KEY_ID'),
      keyPrefixes: ['ABSK'],
      fields: [
        field({
          id: 'region',
          name: 'Region',
          required: true,
          usual: 'us-east-1',
          help: 'As in eu-central-1.',
        }),
      ],
    }),
    vendor({
      id: 'azure-openai',
      name: 'Azure OpenAI',
      mark: marks.azure,
      keyHeader: 'api-key',
      env: variables('AZURE_OPENAI_API_KEY'),
      fields: [
        field({
          id: 'api_version',
          name: 'API version',
          help: 'Only for addresses of deployments, e.g. 2024-10-21.',
        }),
      ],
    }),
    vendor({
      id: 'vertex',
      name: 'Google Vertex AI',
      mark: marks.vertex,
      baseUrl: 'https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}',
      dialect: 'gemini',
      keyForm: 'google',
      env: variables('GOOGLE_CREDENTIALS'),
      fields: [
        field({ id: 'project', name: 'Project', required: true, help: 'Its id, not its number.' }),
        field({
          id: 'location',
          name: 'Location',
          required: true,
          usual: 'global',
          help: 'global, us, eu, or a region such as europe-west4.',
          addresses: {
            global: 'https://aiplatform.googleapis.com/v1/projects/{project}/locations/global',
          },
        }),
      ],
    }),
    vendor({
      id: 'copilot',
      name: 'GitHub Copilot',
      mark: marks.copilot,
      baseUrl: 'https://api.githubcopilot.com',
      keyForm: 'signIn',
      keyUrl: 'https://github.com/settings/copilot/features',
      fields: [
        field({
          id: 'enterprise_domain',
          name: 'Enterprise domain',
          help: 'Only for GitHub Enterprise Cloud with a domain of its own, such as acme.ghe.com.',
        }),
      ],
      hasBalance: true,
      notice:
        "Copilot has no public API for programs like this one. Parlance signs in and asks as GitHub's own extension for VS Code does, with its client id and version; how that works was observed and may change any day. GitHub may object: people who used Copilot this way were warned, slowed down or shut out of it. Whether your plan and your organisation allow it is for you to judge.",
    }),
    vendor({
      id: 'replicate',
      name: 'Replicate',
      mark: marks.replicate,
      category: 'aggregator',
      baseUrl: 'https://api.replicate.com/v1',
      dialect: 'replicate',
      keyPrefixes: ['r8_'],
    }),
    vendor({
      id: 'claude-code',
      name: 'Claude Code',
      mark: marks.claude,
      category: 'specialised',
      dialect: 'claude-code',
      key: 'none',
      needsBaseUrl: false,
      notice:
        "Parlance starts the claude program of this computer: `claude`, with the login that it has. Install it from https://claude.com/claude-code (version 2 or later) and sign in there once. It starts anew for each message, which takes a second or two. Its tools, settings and sessions are switched off. What a subscription may be used for is up to Anthropic's terms.",
      fields: [field({ id: 'program', name: 'Program', help: 'Its path, where it is not found by itself.' })],
    }),
    vendor({
      id: 'human-relay',
      name: 'Human Relay',
      mark: marks.relay,
      category: 'specialised',
      dialect: 'human-relay',
      key: 'none',
      needsBaseUrl: false,
    }),
    vendor({
      id: 'vscode-lm',
      name: 'VS Code LM',
      mark: marks.bridge,
      category: 'specialised',
      baseUrl: 'http://127.0.0.1:4321/v1',
      env: variables('VSCODE_LM_TOKEN'),
      notice:
        'The models inside VS Code can be asked only by an extension of VS Code. This provider talks to such a bridge on this computer: an extension that you install yourself and that keeps to docs/vscode-lm.md. Parlance brings none. VS Code has to be running, and asks you once whether the extension may use its models. Without a bridge nothing can be reached; GitHub Copilot has most of the same models.',
    }),
  ];
}

const known = (id: string, label: string, identity: string, store = 'keyring'): AccountView => ({
  ...account(id, label, { store, endsWith: store === 'keyring' ? 'x0vE' : null }),
  identity,
});

/** One of each, with accounts of every kind. */
export function specialProviders(): ProviderView[] {
  return [
    provider({
      id: 'p-openai',
      vendor: 'openai',
      name: 'OpenAI',
      mark: mark('Oa', 'jade'),
      baseUrl: 'https://api.openai.com/v1',
      accounts: [account('a-openai', '', { store: 'keyring', endsWith: 'Tb3A' })],
      models: [model('gpt-5.4-mini', 'GPT-5.4 mini', 400_000, 0.25, 2)],
    }),
    provider({
      id: 'p-bedrock',
      vendor: 'amazon-bedrock',
      name: 'Amazon Bedrock',
      mark: marks.bedrock,
      dialect: 'bedrock',
      baseUrl: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      settings: { ...noSettings(), fields: { region: 'eu-central-1' } },
      accounts: [
        known('a-pair', 'Work', 'AKIAIOSFODNN7EXAMPLE'),
        known('a-profile', '', 'harbor-team-production-readers', 'none'),
        known('a-env', 'Shell', 'AWS_ACCESS_KEY_ID', 'none'),
        account('a-absk', 'API key', { store: 'keyring', endsWith: '81d2' }),
      ],
      models: [model('eu.anthropic.claude-sonnet-4-5', 'Claude Sonnet 4.5', 200_000, 3, 15)],
    }),
    provider({
      id: 'p-vertex',
      vendor: 'vertex',
      name: 'Google Vertex AI',
      mark: marks.vertex,
      dialect: 'gemini',
      baseUrl: 'https://aiplatform.googleapis.com/v1/projects/harbor-lab/locations/global',
      settings: { ...noSettings(), fields: { project: 'harbor-lab', location: 'global' } },
      accounts: [known('a-sa', '', 'parlance-chat@harbor-lab-research-project.iam.gserviceaccount.com')],
      models: [model('gemini-3-pro', 'Gemini 3 Pro', 1_000_000, 2, 12)],
    }),
    provider({
      id: 'p-copilot',
      vendor: 'copilot',
      name: 'GitHub Copilot',
      mark: marks.copilot,
      baseUrl: 'https://api.githubcopilot.com',
      accounts: [known('a-ada', '', 'ada-lovelace')],
      models: [model('gpt-5.4', 'GPT-5.4', 264_000, null, null)],
    }),
    provider({
      id: 'p-claude',
      vendor: 'claude-code',
      name: 'Claude Code',
      mark: marks.claude,
      category: 'specialised',
      dialect: 'claude-code',
      baseUrl: '',
      keyNeed: 'none',
      models: [model('sonnet', 'Sonnet', 200_000, null, null), model('opus', 'Opus', 200_000, null, null)],
    }),
    provider({
      id: 'p-relay',
      vendor: 'human-relay',
      name: 'Human Relay',
      mark: marks.relay,
      category: 'specialised',
      dialect: 'human-relay',
      baseUrl: '',
      keyNeed: 'none',
      models: [
        model('web chat A', null, null, 0, 0),
        model('The assistant of the library', null, null, 0, 0),
      ],
    }),
  ];
}

/** Chats that wait for a person since before the app was started. */
export function specialChats(all: ProviderView[]): StoredChat[] {
  const relay = all.find(({ id }) => id === 'p-relay');
  const [openai] = all;
  if (!relay || !openai) throw new Error('the fake needs its providers');
  const running = (by: string) =>
    attempt(relay, by, {
      outcome: 'streaming',
      firstTokenMs: null,
      durationMs: null,
      finishClass: null,
      finishReason: null,
      cost: null,
      startedAt: Date.now() - 3_900_000,
    });
  const first = attempt(openai, 'gpt-5.4-mini');
  const free = attempt(relay, 'web chat A', {
    firstTokenMs: null,
    durationMs: 912_000,
    cost: cost({ source: 'free', totalNano: 0, inputTotal: null, outputTotal: null }),
  });
  const waits = running('web chat A');
  const long = running(`The assistant with ${longWord.slice(0, 70)}`);
  const waiting = answer([waits], [], 'streaming');
  waiting.createdAt = Date.now() - 3_900_000;
  return [
    chat('Questions for the web chat', 0.01, marks.relay, 'specialised', [
      userMessage('What does a p99 of 34 ms say, and what does it not say?'),
      answer([first], [part('That 99 of 100 requests were done within 34 ms.', first.id)]),
      userMessage('And the hundredth?'),
      answer([free], [part('Nothing at all: it may have taken a minute.', free.id)]),
      userMessage('Explain it with the picture and the table.', someFiles()),
      waiting,
    ]),
    chat(`Long words for ${longWord.slice(0, 60)}`, 0.02, marks.relay, 'specialised', [
      userMessage(
        `${longWord}\n\n${'A long question goes on and on. '.repeat(120)}\n\n\`\`\`\n${longWord}\n\`\`\``,
      ),
      answer([long], [], 'streaming'),
    ]),
  ];
}
