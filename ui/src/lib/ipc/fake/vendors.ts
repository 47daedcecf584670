import type { Mark, VendorView } from '../bindings';
import { vendor } from './catalogue';

const mark = (letters: string, hue: string, hatched = false): Mark => ({ letters, hue, hatched });

type More = [id: string, name: string, category: string, mark: Mark];

const more: More[] = [
  ['azure-openai', 'Azure OpenAI', 'cloud', mark('Az', 'sky', true)],
  ['xai', 'xAI', 'cloud', mark('Xa', 'graphite')],
  ['together', 'Together', 'cloud', mark('To', 'plum', true)],
  ['fireworks', 'Fireworks', 'cloud', mark('Fw', 'rose', true)],
  ['perplexity', 'Perplexity', 'cloud', mark('Px', 'jade', true)],
  ['cerebras', 'Cerebras', 'cloud', mark('Ce', 'olive', true)],
  ['sambanova', 'SambaNova', 'cloud', mark('Sn', 'clay', true)],
  ['nvidia', 'NVIDIA NIM', 'cloud', mark('Nv', 'olive', true)],
  ['zai', 'Z.ai', 'cloud', mark('Za', 'jade', true)],
  ['qwen', 'Qwen (DashScope)', 'cloud', mark('Qw', 'plum', true)],
  ['minimax', 'MiniMax', 'cloud', mark('Mm', 'graphite', true)],
  ['ollama-cloud', 'Ollama Cloud', 'cloud', mark('Oc', 'graphite', true)],
  ['litellm', 'LiteLLM proxy', 'aggregator', mark('Ll', 'graphite')],
  ['vercel', 'Vercel AI Gateway', 'aggregator', mark('Vc', 'graphite', true)],
  ['huggingface', 'Hugging Face router', 'aggregator', mark('Hf', 'gold', true)],
  ['jan', 'Jan', 'local', mark('Ja', 'graphite')],
  ['localai', 'LocalAI', 'local', mark('La', 'graphite')],
  ['voyage', 'Voyage', 'specialised', mark('Vo', 'sky', true)],
  ['anthropic-compatible', 'Anthropic-compatible', 'specialised', mark('Ac', 'graphite')],
  ['gemini-compatible', 'Gemini-compatible', 'specialised', mark('Gc', 'graphite')],
  ['ollama-compatible', 'Ollama-compatible', 'specialised', mark('Oc', 'graphite')],
];

/** The long tail of the catalogue, with `?vendors=all`: one of them wants fields, one is the person's own. */
export function moreVendors(): VendorView[] {
  const plain = more.map(([id, name, category, its]) =>
    vendor({
      id,
      name,
      category,
      mark: its,
      baseUrl: `https://api.${id}.example/v1`,
      key: category === 'local' ? 'optional' : 'required',
    }),
  );
  const [azure] = plain;
  if (azure) {
    azure.addresses = [
      { name: 'Europe', url: 'https://eu.azure-openai.example/v1' },
      {
        name: 'Sweden, with data that does not leave the country',
        url: 'https://se.azure-openai.example/v1',
      },
    ];
    azure.fields = [
      {
        id: 'deployment',
        name: 'Deployment',
        help: 'As it is called in the portal.',
        choices: [],
        required: true,
        usual: null,
        addresses: {},
      },
      {
        id: 'version',
        name: 'API version',
        help: null,
        choices: ['2026-01-01', 'preview'],
        required: true,
        usual: null,
        addresses: {},
      },
      { id: 'group', name: 'Group', help: null, choices: [], required: false, usual: null, addresses: {} },
    ];
  }
  const own: VendorView = {
    ...(plain[1] as VendorView),
    id: 'harbor-lab',
    name: 'Harbor lab',
    mark: mark('Hl', 'graphite'),
    baseUrl: 'https://llm.harbor.example/v1',
    own: true,
  };
  return [...plain, own];
}
