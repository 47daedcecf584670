/** Scripted answers of a comparison: of different lengths and manners, as models have them. */

const story = `Picture a customer tapping **Pay** on a train. The request goes out, the signal drops, and the phone never hears back. The app retries, because that is what a good app does.

Without an idempotency key the server sees two payments. With one, it sees the same payment twice and answers the second time with the first result.

The key is a label the app makes up *before* the first try, for example \`order-8841-pay\`, and sends with every retry of that one action.

Three things to agree on with the team:

- How long the server remembers a key. A day is common.
- What happens when the same key arrives with a different amount. It should be refused.
- Which actions need one. Everything that moves money or sends a message.`;

const brief = `An **idempotency key** is a unique ID that your app attaches to a request so the server can recognise a retry.

Say a shopper presses **Pay** and the network fails. The app sends the request again with the same key. The server finds the key, skips the second charge, and returns the original receipt.

In short: same key, same result, no matter how many times it is sent. It is cheap insurance against double charges, duplicate orders and repeated emails.`;

const seat = `When a network hiccup makes an app send the same request twice, an idempotency key lets the server notice and act only once.

**Example.** A user books seat 14C. The app attaches the key \`b7f2-14C\`. The confirmation is lost, so the app tries again with the same key. The server replies with the existing booking instead of creating a second one.

What it gives the product:

- Retries become safe by default
- Support sees fewer duplicates
- Engineers can add automatic retries without asking anybody`;

const table = `## Idempotency keys in one minute

| Without a key | With a key |
|---|---|
| Two taps, two charges | Two taps, one charge |
| Support refunds by hand | Nothing to refund |
| Retries are dangerous | Retries are free |

1. The app makes a key: \`refund-2217\`.
2. It sends the key with the request.
3. The server stores the key beside the result.
4. The same key again gives the stored result.

> Think of a coat check: the same ticket never gives you two coats.`;

const long = `Think of a vending machine that swallowed your coin and showed nothing. You would press again, and you would not want two drinks.

An idempotency key is the number on your coin. The machine writes it down. When the same number comes again it says: *I know this one, here is your drink*, and takes nothing more.

\`\`\`http
POST /payments
Idempotency-Key: order-8841-pay
\`\`\`

For a product manager the effect matters more than the header. A checkout with keys can retry by itself, so fewer people see an error page. A checkout without them has to choose between losing orders and charging twice, and both end in a ticket.

Ask two questions in the next planning round. Which of our actions would hurt if they happened twice? And for how long do we remember that they did?`;

const bank = [story, brief, seat, table, long];

const hash = (text: string) => [...text].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) >>> 0, 7);

/** What a model answers to a prompt; the same each time. */
export function answerOf(model: string, prompt: string, turn: number): string {
  const places: [RegExp, string][] = [
    [/claude/, story],
    [/llama|oss/, brief],
    [/deepseek/, seat],
    [/gemini/, table],
    [/gpt/, long],
  ];
  const own = places.find(([name]) => name.test(model))?.[1];
  if (turn === 0 && own) return own;
  if (turn === 0) return bank[hash(model) % bank.length] ?? brief;
  return `On “${prompt.slice(0, 60)}”: ${bank[hash(model + prompt) % bank.length] ?? brief}`;
}

export function mergedText(mode: 'fuse' | 'checklist' | 'table', names: string[]): string {
  if (mode === 'table')
    return `| Point | ${names.join(' | ')} |\n|---|${names.map(() => '---').join('|')}|\n| Same key, same result | ${names.map(() => 'yes').join(' | ')} |\n| How long it is kept | ${names.map((_, at) => (at === 0 ? 'a day' : 'not said')).join(' | ')} |\n| An example | ${names.map(() => 'a payment').join(' | ')} |`;
  if (mode === 'checklist')
    return `${names.map((name, at) => `- [x] ${['A key is made before the first try', 'The server gives the stored result', 'Retries become safe'][at % 3]} (${name})`).join('\n')}\n- [ ] How long a key is kept: they do not agree`;
  return `An idempotency key is a label that the app makes up before the first try and sends with every retry of that one action. The server stores it beside the result, so the same key always gives the same result.\n\n**Example.** A shopper taps **Pay** on a train and the signal drops. The app tries again with \`order-8841-pay\`. The server knows the key, charges nothing and returns the first receipt.\n\nAgree with the team how long a key is kept, and that the same key with another amount is refused.`;
}
