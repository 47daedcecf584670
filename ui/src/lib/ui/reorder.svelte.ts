import './reorder.css';

/** How far a press may tremble before it is a drag. */
const THRESHOLD = 5;

/** The list with one of it at another place. */
export function moved(ids: string[], id: string, to: number): string[] {
  const others = ids.filter((other) => other !== id);
  const at = Math.max(0, Math.min(others.length, to));
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** A list that is put in order by dragging its rows, marked `data-drag`, or by the keyboard. */
export class Reorder {
  /** The row under the pointer's power. */
  dragged = $state<string | null>(null);
  /** The row it would come to stand before; past the last where it is the length. */
  gap = $state(-1);

  readonly #ids: () => string[];
  readonly #commit: (ids: string[], id: string) => void;

  constructor(ids: () => string[], commit: (ids: string[], id: string) => void) {
    this.#ids = ids;
    this.#commit = commit;
  }

  /** True where the keys moved it. */
  keys(event: KeyboardEvent, id: string): boolean {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return false;
    event.preventDefault();
    event.stopPropagation();
    this.step(id, by);
    return true;
  }

  step(id: string, by: number): void {
    const ids = this.#ids();
    const to = ids.indexOf(id) + by;
    if (to >= 0 && to < ids.length) this.#commit(moved(ids, id, to), id);
  }

  press(event: PointerEvent, id: string, list: HTMLElement): void {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    const move = (now: PointerEvent) => {
      const far = Math.hypot(now.clientX - clientX, now.clientY - clientY) > THRESHOLD;
      if (this.dragged === null && !far) return;
      this.dragged = id;
      this.gap = gapAt(list, now.clientY);
      now.preventDefault();
    };
    const end = (now: Event) => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      removeEventListener('keydown', escape, true);
      if (this.dragged !== null && now.type === 'pointerup') {
        this.#drop(id);
        swallowClick();
      }
      this.dragged = null;
      this.gap = -1;
    };
    const escape = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.stopPropagation();
      end(key);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
    addEventListener('keydown', escape, true);
  }

  #drop(id: string): void {
    const ids = this.#ids();
    const from = ids.indexOf(id);
    const to = this.gap > from ? this.gap - 1 : this.gap;
    if (from >= 0 && to >= 0 && to !== from) this.#commit(moved(ids, id, to), id);
  }
}

function gapAt(list: HTMLElement, y: number): number {
  const rows = [...list.querySelectorAll<HTMLElement>('[data-drag]')];
  const at = rows.findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y < top + height / 2;
  });
  return at < 0 ? rows.length : at;
}

/** The press that ended a drag is no click on the row. */
function swallowClick(): void {
  const swallow = (event: Event) => event.stopPropagation();
  addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', swallow, { capture: true }));
}
