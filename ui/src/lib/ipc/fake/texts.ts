/** Scripted answers for design work and tests. */

export const batching = `## Where the p99 goes

Throughput and tail latency pull apart because waiting time grows with the *gap* between capacity and load, not with load itself. For a single queue with random arrivals the time a request stays is exponential, so $W_p = -\\ln(1 - p) / (\\mu - \\lambda)$.

- **Batching raises μ**, which moves the whole curve to the right.
- **It also delays the first item** by up to \`max_wait\`, a floor no spare capacity removes.

| Batch size | Capacity, req/s | Utilisation | p50, ms | p99, ms |
|---|---:|---:|---:|---:|
| 1 | 220 | 0.91 | 34 | **230** |
| 8 | 540 | 0.37 | 22 | **34** |
| 32 | 710 | 0.28 | 41 | **58** |

\`\`\`rust
// Close the batch on size or age, whichever comes first.
while batch.len() < 8 {
    let Ok(Some(job)) = timeout(left(), rx.recv()).await else { break };
    batch.push(job);
}
\`\`\`
`;

export const reasoning =
  'The numbers given are 230 ms before and 34 ms after. With one server the utilisation falls from 0.91 to 0.37.\n\nSo the queue explains nearly all of it; the service time itself hardly moved.';

export const rule =
  'Keep the batch at 8 and close it after 5 ms. Page when p99 stays above 60 ms for ten minutes *and* utilisation is below 0.8, because then the queue is not the cause and the first thing to check is';

export const everything = `# A heading of the first rank

Text with **strong**, *emphasised*, ~~struck~~ and \`code\`. A [link with words](https://example.org/a/long/path) and a bare one: https://example.org. A price of $5 and $6 is no formula.

1. First
2. Second, with a list
   - inner one
   - inner two
3. Third

- [x] A thing that is done
- [ ] A thing that is open

> A quotation that runs over more than one line, so that the rule at its left is seen to run along with it from the first to the last.

![A diagram](https://example.org/diagram.png)

<script>alert(1)</script>

$$
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
$$

---

\`\`\`
plain
\`\`\`
`;

export const longWord =
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);

export const answerTo = (prompt: string) =>
  `You asked: “${prompt.slice(0, 80)}”. Here is a scripted answer that comes word by word, so that streaming can be seen.

First, a short list:

- one thing
- another thing, with \`code\`

Then a closing paragraph, long enough to wrap over a few lines on most windows, so that the caret can be seen moving along and the scroll follows the end while the reader is there.`;
