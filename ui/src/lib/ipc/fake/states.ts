import type { AttachmentView, MessageView, ProviderView } from '../bindings';
import { marks } from './catalogue';
import { failure } from './checks';
import { answer, attempt, chat, cost, part, userMessage, type StoredChat } from './data';
import { batching, longWord, reasoning } from './texts';

/** Turns of the huge chat; each is a question and its answer. */
const TURNS = 5000;

const sentence = 'The size of a message says how high it will be, more or less, until it is measured. ';

/** Bodies of very different heights, so that a guess is never quite right. */
function body(turn: number): string {
  if (turn % 17 === 3) return batching;
  if (turn % 11 === 5) return `\`\`\`text\n${'a line of code\n'.repeat(1 + (turn % 40))}\`\`\`\n`;
  return sentence.repeat(1 + ((turn * 7) % 13));
}

/** Ten thousand messages. */
export function hugeChat(all: ProviderView[]): StoredChat {
  const [openai] = all;
  if (!openai) throw new Error('the fake needs its providers');
  const messages: MessageView[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const asked = userMessage(`Question number ${turn}. ${'Why? '.repeat(turn % 9)}`);
    const by = attempt(openai, 'gpt-5.4');
    messages.push(asked, answer([by], [part(`Answer number ${turn}.\n\n${body(turn)}`, by.id)]));
  }
  return chat('Ten thousand messages', 0, marks.openai, 'cloud', messages, 812_000_000);
}

/** An answer in every state it can end in, and messages with files. */
export function statesChat(all: ProviderView[], files: AttachmentView[]): StoredChat {
  const [openai, groq, local] = all;
  if (!openai || !groq || !local) throw new Error('the fake needs its providers');
  const served = attempt(openai, 'gpt-5.4', {
    modelServed: 'gpt-5.4-2026-09-30',
    cost: cost({ cacheRead: 900, reasoning: 186 }),
  });
  const long = attempt(groq, 'llama-3.3-70b-versatile', {
    finishClass: 'length',
    finishReason: 'length',
    cost: cost({ source: 'estimated', totalNano: 400_000, tokensEstimated: true }),
  });
  const filtered = attempt(openai, 'gpt-5.4', {
    finishClass: 'content_filter',
    finishReason: 'content_filter',
  });
  const wordless = attempt(local, 'qwen3-14b', {
    cost: cost({ source: 'free', totalNano: 0, outputTotal: 0 }),
  });
  const gone = attempt(
    { ...openai, id: 'p-gone', name: 'A provider since deleted' },
    `an-old-model-${longWord}`,
  );
  const first = attempt(openai, 'gpt-5.4', {
    outcome: 'failed',
    firstTokenMs: null,
    durationMs: 3200,
    error: failure('overloaded', 529, 'overloaded', 'Overloaded.'),
    cost: null,
  });
  const second = attempt(groq, 'llama-3.3-70b-versatile');
  return chat(
    'Every state',
    0.05,
    marks.openai,
    'cloud',
    [
      userMessage('What is in these files?', files),
      answer(
        [served],
        [part(reasoning, served.id, 0, 'reasoning'), part('A picture and a table.', served.id, 1)],
      ),
      userMessage('Go on until you may not.'),
      answer([long], [part('It goes on and on, and then it', long.id)]),
      userMessage('Something the filter does not like.'),
      answer([filtered], [part('It begins', filtered.id)]),
      userMessage('Say nothing.'),
      answer([wordless], []),
      userMessage('Who was that?'),
      answer([gone], [part('Somebody who is not here any more.', gone.id)]),
      userMessage('Try twice.'),
      answer([first, second], [part('The second try went through.', second.id)]),
    ],
    15_000_000,
  );
}
