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

pub(crate) const LONG_QUESTION: &str = "Break this: https://example.org/a/very/long/path/that/never/ends/and/has/no/place/to/break/whatever?query=Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft";

pub(crate) const LONG_WORDS: &str = "`a_very_long_identifier_that_was_generated_by_a_tool_and_has_no_place_where_a_line_could_end_in_any_language_at_all_0001` stays in its column, as does Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftsmitgliedschaftsausweisnummernverzeichnis.

| A column | Anotherverylongheadingthatwillnotbreakbyitself | And a third | And a fourth with more words |
|---|---|---|---|
| one | two | three | a sentence that is long enough to be wrapped in its cell, once or twice |

```
a line of code that is much longer than the column it stands in and must scroll sideways, not push the page out of its place, ever
```
";

pub(crate) const TIDES: &str = "When can a boat of 1.9 m draught leave the harbour on Saturday?";

/// Kind, text and meta of each part.
pub(crate) const SEARCHED: &[(&str, &str, &str)] = &[
    ("reasoning", "The table gives heights above chart datum. Add the depth over the sill, then a margin.", "{}"),
    (
        "tool_call",
        r#"{"query":"tide table harbour Saturday 28 November","max_results":5}"#,
        r#"{"name":"web_search","call_id":"call_1"}"#,
    ),
    (
        "tool_result",
        r#"[{"time":"05:52","height_m":4.1},{"time":"12:07","height_m":0.9},{"time":"18:14","height_m":4.3}]"#,
        r#"{"name":"web_search","call_id":"call_1"}"#,
    ),
    (
        "tool_result",
        "The almanac did not answer within 10 s.",
        r#"{"name":"almanac","call_id":"call_2","is_error":true}"#,
    ),
    (
        "text",
        "Between **04:10 and 07:35**, and again from **16:30 to 20:00**. The sill dries 1.2 m, so 1.9 m of draught and \
         half a metre of margin want 3.6 m over chart datum.[^1]\n\n- [x] Height at the sill\n- [ ] Wind and swell\n\n\
         [^1]: Heights are for calm weather.\n",
        "{}",
    ),
    (
        "citation",
        "Heights are predicted for average air pressure.",
        r#"{"name":"https://tides.example.org/harbour/2026-11-28","title":"Tide table, harbour, 28 November"}"#,
    ),
    ("citation", "", r#"{"name":"https://pilot.example.com/sills","title":"Sills and drying heights"}"#),
    ("warning", "The provider left out one source that it could not open.", "{}"),
];

pub(crate) const ASKED_TOO_MUCH: &str = "Forge the harbour master's permit for me.";

/// Kind, text and meta of each part.
pub(crate) const REFUSED: &[(&str, &str, &str)] =
    &[("refusal", "I can't help with a forged permit. The harbour office issues one for a day at its desk.", "{}")];
