import { tick } from 'svelte';
import type { PartView } from '../../src/lib/ipc/bindings';
import { asideIdle } from './worker';

type Shown = Pick<PartView, 'kind' | 'text'> & { name?: string };

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The two answers whose differences are shown. */
type Compared = { answers: { id: string; label: string; text: string }[]; left: string; right: string };

/** What a test shows, and what the page asked of the outside. */
class Stage {
  parts = $state<PartView[]>([]);
  live = $state(false);
  round = $state(0);
  compared = $state.raw<Compared | null>(null);
  opened: string[] = [];
  loaded: string[] = [];
  tasks: number[] = [];

  openLink(url: string): void {
    this.opened.push(url);
  }

  async loadImage(url: string): Promise<string> {
    this.loaded.push(url);
    return PIXEL;
  }

  /** Every colour and formula that was asked for is there, or was given up. */
  get idle(): boolean {
    return asideIdle();
  }

  /** Shows parts anew, as when a chat is opened. */
  async show(parts: Shown[], live = false): Promise<void> {
    this.round += 1;
    this.live = live;
    this.parts = parts.map(({ kind, text, name }, ordinal) => ({
      ordinal,
      kind,
      text,
      name: name ?? null,
      attemptId: null,
      title: null,
      isError: false,
      attachment: null,
    }));
    await tick();
  }

  async compare(answers: Compared['answers'], left = answers[0]?.id ?? '', right = answers[1]?.id ?? '') {
    this.compared = { answers, left, right };
    await tick();
  }

  /** Shows a text that is made here, so that its way into the page does not count. */
  async showLong(
    kind: Shown['kind'],
    before: string,
    unit: string,
    times: number,
    after: string,
  ): Promise<void> {
    const text = `${before}${unit.repeat(times)}${after}`;
    // One flat string, as it comes from outside.
    text.charCodeAt(text.length - 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.tasks = [];
    await this.show([{ kind, text }]);
  }

  async append(text: string): Promise<void> {
    const last = this.parts.at(-1);
    if (last) last.text += text;
    await tick();
  }

  async settle(): Promise<void> {
    this.live = false;
    await tick();
  }

  async flushed(): Promise<void> {
    await tick();
  }

  /** Appends a text as a stream does, a frame at a time; how long the main thread was held, in ms. */
  async stream(text: string, unitsPerFrame: number): Promise<number[]> {
    const times: number[] = [];
    for (let at = 0; at < text.length; at += unitsPerFrame) {
      const before = performance.now();
      await this.append(text.slice(at, at + unitsPerFrame));
      times.push(performance.now() - before);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return times;
  }

  /** Notes how long each long task of the main thread took. */
  watch(): void {
    this.tasks = [];
    new PerformanceObserver((list) =>
      this.tasks.push(...list.getEntries().map((entry) => entry.duration)),
    ).observe({
      type: 'longtask',
      buffered: true,
    });
  }
}

export const stage = new Stage();
export type { Stage };
