import type { Backend } from '../backend';
import type { ImportView, TrafficView } from '../bindings';
import { marks } from './catalogue';
import { refuse } from './refuse';

type Part = Pick<
  Backend,
  'previewImport' | 'importConfig' | 'exportConfig' | 'traffic' | 'exportTraffic' | 'clearTraffic'
>;

/** Configuration in and out, and recorded traffic. */
export function fakeExchange(recording: () => boolean): Part {
  const kept: Omit<TrafficView, 'recording'> = { exchanges: 48, bytes: 3_400_000, mostBytes: 268_435_456 };
  const read = (text: string, done: boolean): ImportView => {
    if (text.trim() === '') refuse('invalid', { field: 'text', cause: 'empty' });
    if (text.startsWith('age-encryption') || text.includes('BEGIN AGE')) {
      refuse('invalid', { field: 'passphrase', cause: 'needed' });
    }
    if (!text.includes('providers')) {
      refuse('invalid', { field: 'text', cause: 'not_a_config', message: 'line 3: unknown key `colour`' });
    }
    return {
      format: text.trimStart().startsWith('{') ? 'providersJson' : 'parlance',
      providers: [
        {
          name: 'work-openai',
          vendor: 'openai',
          vendorName: 'OpenAI',
          mark: marks.openai,
          category: 'cloud',
          baseUrl: 'https://api.openai.com/v1',
          keys: 2,
          replaces: true,
        },
        {
          name: 'harbor',
          vendor: 'openai-compatible',
          vendorName: 'OpenAI-compatible',
          mark: marks.compatible,
          category: 'specialised',
          baseUrl: 'https://llm.harbor.example/v1',
          keys: 1,
          replaces: false,
        },
      ],
      notes: [
        { path: 'providers[0].accounts[1].key', code: 'variableUnset', detail: 'OPENAI_API_KEY_WORK' },
        { path: 'providers[1].type', code: 'unknownVendor', detail: 'OpenAI-compatible' },
        { path: 'token_refresh_interval', code: 'leftOut', detail: null },
      ],
      done,
    };
  };
  return {
    async previewImport({ text }) {
      return read(text, false);
    },
    async importConfig({ text }) {
      return read(text, true);
    },
    async exportConfig({ passphrase }) {
      const path = `/home/person/Downloads/parlance-config.toml${passphrase === null ? '' : '.age'}`;
      return { path, count: 4, keysMissing: passphrase === null ? 0 : 1 };
    },
    async traffic() {
      return { recording: recording(), ...kept };
    },
    async exportTraffic() {
      return { path: '/home/person/Downloads/parlance-traffic', count: kept.exchanges, keysMissing: 0 };
    },
    async clearTraffic() {
      Object.assign(kept, { exchanges: 0, bytes: 0 });
      return { recording: recording(), ...kept };
    },
  };
}
