import { vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import type { AttachmentView, ChatSetup, Draft, EstimateView, RunReceipt } from '$lib/ipc/bindings';
import { rowOf } from '$lib/ipc/rows';
import type { Outgoing, Surroundings } from '../composer.svelte';

export const emptyDraft: Draft = { text: '', attachments: [], queued: [] };
function receipt(id: string): RunReceipt {
  return { runId: 'r', summary: rowOf(id, { running: true }), messages: [] };
}

/** A window around a composer, whose replies begin and end when the test says so. */
export class Around implements Surroundings {
  sent = vi.fn();
  returned = vi.fn();
  complain = vi.fn();
  saved: [string | null, Draft][] = [];
  setups: [string, ChatSetup][] = [];
  delivered: Outgoing[] = [];
  asked: string[] = [];
  running = false;
  /** Sends wait for the test's word where this is set. */
  slow = false;
  refuse = false;
  #open: ((went: boolean) => void)[] = [];
  saveDraft = vi.fn(async (id: string | null, draft: Draft) => void this.saved.push([id, draft]));
  addAttachment = vi.fn(async (name: string): Promise<AttachmentView> => {
    const kind = name.endsWith('.png') ? 'image' : 'text';
    return { id: `f-${name}`, name, mediaType: '', bytes: 1, kind };
  });

  readonly backend = {
    saveDraft: (id: string | null, draft: Draft) => this.saveDraft(id, draft),
    setUpChat: async (id: string, setup: ChatSetup) => void this.setups.push([id, setup]),
    addAttachment: (name: string) => this.addAttachment(name),
    estimate: async ({ text }: { text: string }) => {
      this.asked.push(text);
      return { textTokens: text.length } as EstimateView;
    },
    describeTarget: async () => ({ can: {}, parameters: [], efforts: [] }),
  } as unknown as Backend;

  busy = () => this.running;

  deliver = async (_: unknown, message: Outgoing): Promise<RunReceipt | null> => {
    if (this.slow) {
      const went = await new Promise<boolean>((done) => this.#open.push(done));
      if (!went) return null;
    } else if (this.refuse) return null;
    this.delivered.push(message);
    this.running = true;
    return receipt('c');
  };

  async answer(went: boolean) {
    this.#open.shift()?.(went);
    await settle();
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
