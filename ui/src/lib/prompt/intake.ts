/** Longer pasted texts become a file. */
export const LONG_PASTE = 8000;

export type Dropped = { files: File[]; folders: string[] };

/** What a drag or a paste brought. Must be asked within its event: afterwards it is gone. */
export function dropped(data: DataTransfer): Dropped {
  const out: Dropped = { files: [], folders: [] };
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) {
      out.folders.push(entry.name);
      continue;
    }
    const file = item.getAsFile();
    if (file) out.files.push(file);
  }
  return out;
}

/** Pictures of a paste; text that comes along is what was meant. */
export function pastedFiles(data: DataTransfer): File[] {
  return data.getData('text/plain') === '' ? dropped(data).files : [];
}
