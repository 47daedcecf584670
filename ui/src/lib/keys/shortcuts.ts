/**
 * A chord is what is pressed at once, written as its modifiers in a fixed order and the key: `Mod+Shift+R`.
 * `Mod` is Cmd on a Mac and Ctrl elsewhere. Keys that print something else with Shift carry no Shift: `?`.
 */
export type Chord = string;

/** The keys an event can be read from. */
export type Pressed = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey' | 'isComposing'
> & { getModifierState?: (name: string) => boolean };

const ORDER = ['Mod', 'Ctrl', 'Alt', 'Shift', 'Meta'] as const;
type Modifier = (typeof ORDER)[number];

const MODIFIER_KEYS = new Set([
  ...['Control', 'Alt', 'AltGraph', 'Shift', 'Meta', 'OS', 'Hyper', 'Super', 'Fn', 'FnLock'],
  ...['CapsLock', 'NumLock', 'ScrollLock', 'Symbol', 'SymbolLock'],
]);
/** What a key says while a character is still being put together, or when nobody knows it. */
const NO_KEYS = new Set(['', 'Dead', 'Process', 'Unidentified', 'Compose']);

/** Keys that mean something everywhere, alone or with Shift: lists, fields, dialogs live on them. */
const KEPT = new Set([
  ...['Enter', 'Escape', 'Tab', 'Space', 'Backspace', 'Delete', 'Insert', 'Home', 'End'],
  ...['PageUp', 'PageDown', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'ContextMenu'],
]);
/** What every text field does with these. */
const EDITING = new Set([
  ...['Mod+A', 'Mod+C', 'Mod+V', 'Mod+X', 'Mod+Y', 'Mod+Z', 'Mod+Shift+Z', 'Mod+Shift+V'],
  ...['Mod+Backspace', 'Mod+Delete', 'Mod+ArrowLeft', 'Mod+ArrowRight', 'Mod+ArrowUp', 'Mod+ArrowDown'],
  ...['Mod+Home', 'Mod+End', 'Alt+Backspace', 'Alt+ArrowLeft', 'Alt+ArrowRight'],
  ...['Mod+Shift+ArrowLeft', 'Mod+Shift+ArrowRight', 'Mod+Shift+Home', 'Mod+Shift+End'],
]);

export function onMac(platform: string = navigator.platform): boolean {
  return /^(mac|iphone|ipad)/i.test(platform);
}

const letter = (key: string) => key.length > 0 && key.toLowerCase() !== key.toUpperCase();
const single = (key: string) => [...key].length === 1;

function written(modifiers: Iterable<Modifier>, key: string): Chord {
  const held = new Set(modifiers);
  return [...ORDER.filter((name) => held.has(name)), key].join('+');
}

/** Brings a chord into its one form; null where it is none. */
export function parseChord(text: string): Chord | null {
  // The plus key itself stands last: Mod++.
  const at = text === '+' || text.endsWith('++') ? text.length - 1 : text.lastIndexOf('+') + 1;
  const key = text.slice(at);
  const names = text.slice(0, at).split('+').filter(Boolean);
  if (key === '' || /\s/.test(key) || MODIFIER_KEYS.has(key) || NO_KEYS.has(key)) return null;
  const held = new Set<Modifier>();
  for (const name of names) {
    const known = ORDER.find((one) => one.toLowerCase() === name.toLowerCase());
    if (!known || held.has(known)) return null;
    held.add(known);
  }
  if (single(key) && !letter(key)) held.delete('Shift');
  return written(held, single(key) ? key.toUpperCase() : key);
}

function keyOfCode(code: string): string | null {
  return /^Key([A-Z])$/.exec(code)?.[1] ?? /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ?? null;
}

/**
 * The chords an event can stand for, the likelier first: by the letter that the layout gives, then by the place
 * of the key for layouts without Latin letters, or with figures behind Shift. Empty while text is being composed.
 */
export function chordsOf(event: Pressed, mac: boolean): Chord[] {
  const { key, code } = event;
  if (event.isComposing || NO_KEYS.has(key) || MODIFIER_KEYS.has(key)) return [];
  // AltGr writes characters. On a Mac nothing is called so, although some engines name Option that way.
  if (!mac && event.getModifierState?.('AltGraph')) return [];
  const held: Modifier[] = [];
  if (mac ? event.metaKey : event.ctrlKey) held.push('Mod');
  if (mac && event.ctrlKey) held.push('Ctrl');
  if (event.altKey) held.push('Alt');
  if (event.shiftKey) held.push('Shift');
  if (!mac && event.metaKey) held.push('Meta');
  const named = key === ' ' ? 'Space' : key;
  const found = [parseChord(written(held, named))];
  const placed = keyOfCode(code);
  // Option writes special letters on a Mac, so only the place tells there.
  const foreign = single(key) && !/^[a-z]$/i.test(key);
  if (placed && foreign && held.some((name) => name !== 'Shift')) found.push(written(held, placed));
  return [...new Set(found.filter((chord) => chord !== null))];
}

const split = (chord: Chord): { held: string[]; key: string } => {
  const at = chord.endsWith('+') ? chord.length - 1 : chord.lastIndexOf('+') + 1;
  return { held: chord.slice(0, at).split('+').filter(Boolean), key: chord.slice(at) };
};

/** Whether a key types something, so that it must never act in a text field. */
export function plain(chord: Chord): boolean {
  const { held, key } = split(chord);
  return held.every((name) => name === 'Shift') && !/^F\d+$/.test(key);
}

/** Whether a text field has its own use for it. */
export const editing = (chord: Chord): boolean => EDITING.has(chord);

/** Whether it can be given to an action. */
export function assignable(chord: Chord): boolean {
  const { key } = split(chord);
  if (plain(chord) && KEPT.has(key)) return false;
  // Leaving the page's keys to the system: closing the window, and moving among fields.
  return !EDITING.has(chord) || chord === 'Mod+Z';
}

const LABELS: Record<string, string> = {
  Escape: 'Esc',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Delete: 'Del',
};
const ON_MAC: Record<string, string> = { Mod: 'Cmd', Alt: 'Option' };
const ELSEWHERE: Record<string, string> = { Mod: 'Ctrl', Meta: 'Super' };

/** As it stands on the keys: Ctrl Shift R. */
export function chordLabel(chord: Chord, mac: boolean): string {
  const { held, key } = split(chord);
  const names = mac ? ON_MAC : ELSEWHERE;
  return [...held.map((name) => names[name] ?? name), LABELS[key] ?? key].join(' ');
}

/** Which chords an action has. */
export type Bindings = ReadonlyMap<string, readonly Chord[]>;

export const preferenceOf = (action: string): string => `key.${action}`;

/**
 * The keys of every action: as the person chose, else as they come. What cannot be read of a choice is left
 * out; an empty choice is an action without keys. A chord that the person gave to one action is taken from
 * those that would only have it by default.
 */
export function bindingsOf(
  actions: readonly { id: string; keys: readonly Chord[] }[],
  preferences: Readonly<Record<string, string>>,
): Bindings {
  const chosen = new Map<string, Chord[]>();
  for (const { id } of actions) {
    const name = preferenceOf(id);
    if (!Object.hasOwn(preferences, name)) continue;
    const chords = (preferences[name] ?? '').split(' ').map(parseChord);
    chosen.set(id, [
      ...new Set(chords.filter((chord): chord is Chord => chord !== null && assignable(chord))),
    ]);
  }
  const given = new Set([...chosen.values()].flat());
  return new Map(
    actions.map(({ id, keys }) => [id, chosen.get(id) ?? keys.filter((chord) => !given.has(chord))]),
  );
}

/** The action that already has a chord. */
export function holderOf(bindings: Bindings, chord: Chord, except: string): string | null {
  for (const [id, chords] of bindings) if (id !== except && chords.includes(chord)) return id;
  return null;
}

/** What text a chord would type into is no place for plain keys. */
export function inField(target: EventTarget | null): HTMLElement | null {
  if (!(target instanceof HTMLElement)) return null;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return target;
  if (target instanceof HTMLSelectElement) return target;
  if (!(target instanceof HTMLInputElement)) return null;
  return ['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'file', 'color'].includes(target.type)
    ? null
    : target;
}

/** Whether a chord may act where the focus is. An empty field has nothing to edit. */
export function mayAct(chord: Chord, target: EventTarget | null): boolean {
  const field = inField(target);
  if (!field) return true;
  if (plain(chord)) return false;
  const empty = 'value' in field && field.value === '';
  return !editing(chord) || (chord === 'Mod+Z' && empty);
}
