import type { MessageView } from '$lib/ipc/bindings';

/** What an answer says, without its reasoning. */
export function answerText(message: MessageView): string {
  const texts = message.parts.filter((part) => part.kind === 'text' || part.kind === 'refusal');
  return texts.map((part) => part.text).join('');
}
