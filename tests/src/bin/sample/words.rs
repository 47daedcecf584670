//! What is said in the sample chats.

pub(crate) const QUESTION: &str = "Why did p99 fall from 230 ms to 34 ms when we only raised the batch size to 8?";

pub(crate) const SHORTER: &str = "Shorter: a rule of thumb for the pager runbook.";

pub(crate) const SHORT: &str = "The short answer is yes, with one condition.\n\n- **Measure first**, on the machine it will run on.\n\
                         - Keep `max_wait` below what a reader notices.\n";

pub(crate) const REASONING: &str = "The queue is what is slow, not the work. Compare the capacity before and after, then the \
                             utilisation, and only then the tail.";

pub(crate) const ANSWER: &str = r"### Where the p99 goes

Throughput and tail latency pull apart because waiting time grows with the *gap* between capacity and load, not with load itself. For a single queue with random arrivals the time a request stays is exponential, so

$$W_p = \frac{-\ln(1-p)}{\mu - \lambda} \qquad \text{so } W_{0.99} = \frac{4.605}{\mu(1-\rho)}$$

- **Batching raises μ**, which moves the whole curve to the right.
- **It also delays the first item** by up to `max_wait`, a floor no spare capacity removes.

| Batch size | Capacity, req/s | Utilisation | p50, ms | p99, ms |
|---|---:|---:|---:|---:|
| 1 | 220 | 0.91 | 34 | **230** |
| 8 | 540 | 0.37 | 22 | **34** |
| 32 | 710 | 0.28 | 41 | 58 |

```rust
// Close the batch on size or age, whichever comes first.
while batch.len() < 8 {
    let Ok(Some(job)) = timeout(left(), rx.recv()).await else { break };
    batch.push(job);
}
```
";

pub(crate) const CUT: &str = "Keep the batch at 8 and close it after 5 ms. Page when p99 stays above 60 ms for ten minutes *and* \
                       utilisation is below 0.8, because then the queue is not the cause and the first thing to check is";
