import type { Backend } from '$lib/ipc/backend';
import type { AttachmentKind, AttachmentView, Capabilities } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** Larger files are not read at all. */
export const LARGEST_FILE = 20_000_000;

export type FileFault = 'tooLarge' | 'empty' | 'folder' | 'unreadable' | BackendError;

let last = 0;

/** A file in the composer: on its way into the store, kept there, or refused. */
export class Attached {
  readonly key = ++last;
  readonly name: string;
  readonly bytes: number;
  /** What is kept; absent while it is read, and when that failed. */
  view = $state.raw<AttachmentView | null>(null);
  fault = $state.raw<FileFault | null>(null);
  /** The address of a small picture of it. */
  preview = $state<string | null>(null);

  constructor(name: string, bytes: number) {
    this.name = name;
    this.bytes = bytes;
  }

  get busy(): boolean {
    return this.view === null && this.fault === null;
  }

  /** What is in the store already, from a draft. */
  static kept(view: AttachmentView): Attached {
    const file = new Attached(view.name, view.bytes);
    file.view = view;
    return file;
  }

  static refused(name: string, fault: FileFault): Attached {
    const file = new Attached(name, 0);
    file.fault = fault;
    return file;
  }

  /** Reads the file and has it kept. Never rejects: the fault stands on the file. */
  async read(file: File, backend: Backend): Promise<void> {
    if (file.size > LARGEST_FILE) this.fault = 'tooLarge';
    else if (file.size === 0) this.fault = 'empty';
    if (this.fault !== null) return;
    let base64: string;
    try {
      base64 = await base64Of(file);
    } catch {
      this.fault = 'unreadable';
      return;
    }
    try {
      this.view = await backend.addAttachment(this.name, base64);
      if (this.view.kind === 'image') this.preview = URL.createObjectURL(file);
    } catch (thrown) {
      const error = asBackendError(thrown);
      this.fault = error.reason === 'too_large' ? 'tooLarge' : error.reason === 'empty' ? 'empty' : error;
    }
  }

  /** The picture of a file that came from a draft. */
  async show(backend: Backend): Promise<void> {
    const { view } = this;
    if (view?.kind !== 'image' || this.preview !== null) return;
    try {
      const { mediaType, base64 } = await backend.readAttachment(view.id);
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      this.preview ??= URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    } catch {
      // Without its picture the chip still has its name.
    }
  }

  forget(): void {
    if (this.preview !== null) URL.revokeObjectURL(this.preview);
    this.preview = null;
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => {
      const address = String(reader.result);
      done(address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => failed(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}

/** Whether a model is known not to take a file. What is not known is tried. */
export function cannotTake(kind: AttachmentKind, can: Capabilities | null): boolean {
  if (kind === 'text') return false;
  if (kind === 'other') return true;
  if (can === null) return false;
  return { image: can.images, pdf: can.pdf, audio: can.audio }[kind] === false;
}
