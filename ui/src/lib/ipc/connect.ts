import type { Backend } from './backend';
import { insideTauri, tauriBackend } from './tauri';

/** The backend of this page. Builds for people hold only the real one: the other branch is compiled away. */
export async function connect(): Promise<Backend> {
  if (__FAKE__ && !insideTauri()) {
    const { fakeBackend } = await import('./fake/backend');
    return fakeBackend(new URLSearchParams(location.search));
  }
  return tauriBackend();
}
