//! What a person does to find something again.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{App, parse_id};
use crate::{
    chat::views,
    clock::Clock,
    error::Error,
    history::{
        StoreError, messages,
        search::{
            backfill,
            expression::Plan,
            find::{self, Facets, Found, Hit, Stop},
            index,
            query::{self, Query},
            show,
            snippet::Piece,
        },
    },
    registry::Registry,
    view::{
        ConversationKind, MessageRole, MessageStatus, MessageView, SearchChat, SearchCulprit, SearchFacets, SearchHit,
        SearchInput, SearchOrder, SearchPiece, SearchProgress, SearchProvider, SearchView,
    },
};

/// The longest query, in bytes.
const LONGEST: usize = 2_000;
/// Conversations of an answer.
const CHATS: usize = 20;
/// Hits shown of each.
const HITS: usize = 4;
/// Hits shown of one that is asked for alone.
const HITS_OF_ONE: usize = 100;
/// Hits counted for a filter that might be dropped.
const MOST_WITHOUT: usize = 1_000;
/// Messages of a preview at most, before and after the one that was found.
const AROUND: usize = 1;

/// The search that runs, so that a newer one can end it.
#[derive(Default)]
pub(crate) struct Searching {
    running: Mutex<Option<Stop>>,
    /// A damaged index is made anew once; if that does not help, it is said.
    mended: AtomicBool,
}

impl Searching {
    /// Ends what runs and takes its place.
    fn begin(&self) -> Stop {
        let stop = Stop::after(find::TIME);
        let before = self.running.lock().unwrap_or_else(PoisonError::into_inner).replace(stop.clone());
        if let Some(before) = before {
            before.supersede();
        }
        stop
    }
}

/// A group of hits, by their places among all.
struct Group {
    conversation_id: i64,
    newest: i64,
    hits: Vec<usize>,
}

/// Name and vendor of each provider.
type ProviderNames = HashMap<i64, (String, String)>;
/// A chat with those of its hits that are shown.
type FoundChat = (Group, show::Chat, Vec<(Hit, show::Shown)>);

/// What the store tells, before it becomes a view.
#[derive(Default)]
struct Rows {
    found: Found,
    facets: Option<(Facets, ProviderNames)>,
    chats: Vec<FoundChat>,
    more: bool,
    chat_count: usize,
    culprit: Option<SearchCulprit>,
    indexing: Option<index::Progress>,
}

impl App {
    /// Searches messages and titles. A search that still runs is ended by this one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an endless query, [`Error::Store`].
    pub async fn search(&self, input: SearchInput) -> Result<SearchView, Error> {
        if input.text.len() > LONGEST {
            return Err(Error::invalid("text", "too_long"));
        }
        let chat = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let inner = &self.inner;
        let (stop, start) = (inner.searching.begin(), Instant::now());
        let watch = tokio::spawn({
            let stop = stop.clone();
            async move {
                tokio::time::sleep(find::TIME + Duration::from_millis(50)).await;
                stop.stop();
            }
        });
        let query = query::parse(&input.text);
        let filters = query.filters.iter().map(|filter| input.text[filter.at.clone()].to_owned()).collect();
        let clock = std::sync::Arc::clone(&inner.clock);
        let asked =
            Asked { query, chat, stop: stop.clone(), skip: usize::try_from(input.skip).unwrap_or(usize::MAX), input };
        let read = inner.database.read(move |connection| asked.read(connection, &|day| day_start(&*clock, day))).await;
        watch.abort();
        let damaged = match &read {
            Ok(rows) => rows.indexing.is_some_and(|progress| progress.given_up),
            Err(error) => *error == StoreError::Corrupt,
        };
        let mend = damaged && !inner.searching.mended.swap(true, Ordering::SeqCst);
        let rows = if mend { self.mend().await? } else { read? };
        let mut view = view(&inner.registry, rows);
        view.filters = filters;
        view.superseded = stop.is_superseded();
        view.took_ms = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
        Ok(view)
    }

    /// Begins to make the index anew; nothing is found until it has come that far.
    async fn mend(&self) -> Result<Rows, Error> {
        tracing::error!("the search index is damaged and is made anew");
        let database = &self.inner.database;
        database.write(index::give_up).await?;
        tokio::spawn(backfill::run(database.clone()));
        let indexing = database.read(index::progress).await?;
        Ok(Rows { found: Found { all: true, ..Found::default() }, indexing, ..Rows::default() })
    }

    /// A message with its neighbours, on whatever branch it lies.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn preview_message(&self, message_id: &str) -> Result<Vec<MessageView>, Error> {
        let id = parse_id("messageId", message_id)?;
        let facts = self
            .inner
            .database
            .read(move |connection| {
                let found = messages::get(connection, id)?;
                let mut rows = Vec::new();
                let mut parent = found.parent_id;
                while let Some(id) = parent.filter(|_| rows.len() < AROUND) {
                    let Ok(before) = messages::get(connection, id) else { break };
                    parent = before.parent_id;
                    rows.insert(0, before);
                }
                let answered = found.role == MessageRole::User;
                rows.push(found);
                let sql = "SELECT id FROM message WHERE parent_id = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1";
                if answered && let Ok(child) = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)) {
                    rows.push(messages::get(connection, child)?);
                }
                rows.into_iter().map(|row| views::message_facts(connection, row)).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        Ok(facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect())
    }
}

/// A search on its way to the store.
struct Asked {
    query: Query,
    chat: Option<i64>,
    skip: usize,
    stop: Stop,
    input: SearchInput,
}

impl Asked {
    fn read(&self, connection: &Connection, day: &dyn Fn(&str) -> i64) -> Result<Rows, StoreError> {
        let plan = Plan::of(connection, &self.query, self.input.typing, day)?;
        let indexing = index::progress(connection)?;
        let nothing = plan.matching.is_none() && self.query.filters.is_empty();
        let found = if nothing {
            Found { all: true, ..Found::default() }
        } else {
            find::find(connection, &plan, self.chat, self.input.order == SearchOrder::Best, &self.stop)?
        };
        let groups = self.groups(&found);
        let chat_count = groups.len();
        let culprit = if groups.is_empty() { self.culprit(connection, day)? } else { None };
        let each = if self.chat.is_some() { HITS_OF_ONE } else { HITS };
        let mut budget = show::Budget::default();
        let mut chats = Vec::new();
        for group in groups.into_iter().skip(self.skip).take(CHATS) {
            let row = show::chat(connection, group.conversation_id, &plan.needles)?;
            let hits = group.hits.iter().take(each).filter_map(|at| found.hits.get(*at));
            let shown = hits
                .map(|hit| Ok((*hit, show::message(connection, hit.id, &plan.needles, &mut budget)?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
            chats.push((group, row, shown));
        }
        let facets = found.all.then(|| Facets::of(&found.hits));
        let facets = facets.map(|facets| Ok::<_, StoreError>((facets, provider_names(connection)?))).transpose()?;
        let more = chat_count > self.skip.saturating_add(CHATS);
        Ok(Rows { found, facets, chats, more, chat_count, culprit, indexing })
    }

    /// Hits by conversation: by the place of the first, or by time. Titles that match come first, or in their time.
    fn groups(&self, found: &Found) -> Vec<Group> {
        let mut groups: Vec<Group> =
            found.titles.iter().map(|(id, at)| Group { conversation_id: *id, newest: *at, hits: Vec::new() }).collect();
        let mut places: HashMap<i64, usize> =
            groups.iter().enumerate().map(|(at, g)| (g.conversation_id, at)).collect();
        for (nth, hit) in found.hits.iter().enumerate() {
            let place = *places.entry(hit.conversation_id).or_insert_with(|| {
                groups.push(Group { conversation_id: hit.conversation_id, newest: 0, hits: Vec::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                if group.hits.is_empty() {
                    group.newest = hit.at;
                }
                group.hits.push(nth);
            }
        }
        if self.input.order == SearchOrder::Newest {
            groups.sort_by_key(|group| std::cmp::Reverse(group.newest));
        }
        groups
    }

    /// With no hit: the filter without which there would be most.
    fn culprit(&self, connection: &Connection, day: &dyn Fn(&str) -> i64) -> Result<Option<SearchCulprit>, StoreError> {
        let mut worst: Option<SearchCulprit> = None;
        for (nth, filter) in self.query.filters.iter().enumerate() {
            let mut without = self.query.clone();
            without.filters.remove(nth);
            if without.words.is_empty() && without.filters.is_empty() {
                continue;
            }
            let plan = Plan::of(connection, &without, self.input.typing, day)?;
            let (hits, exact) = find::count(connection, &plan, MOST_WITHOUT, &self.stop)?;
            let hits = u32::try_from(hits).unwrap_or(u32::MAX);
            if hits > worst.as_ref().map_or(0, |worst| worst.hits) {
                let filter = self.input.text[filter.at.clone()].to_owned();
                worst = Some(SearchCulprit { filter, hits, exact });
            }
        }
        Ok(worst)
    }
}

fn provider_names(connection: &Connection) -> Result<ProviderNames, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, name, vendor FROM provider")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The first millisecond of a local day. Only the clock knows the zone, so it is asked until it is found.
fn day_start(clock: &dyn Clock, day: &str) -> i64 {
    const WIDEST_ZONE_MS: i64 = 26 * 3_600_000;
    let Ok(date) = day.parse::<chrono::NaiveDate>() else { return 0 };
    let utc = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
    let (mut before, mut from) = (utc - WIDEST_ZONE_MS, utc + WIDEST_ZONE_MS);
    while from - before > 1 {
        let middle = before + (from - before) / 2;
        if clock.local_day(middle).as_str() < day { before = middle } else { from = middle }
    }
    from
}

fn view(registry: &Registry, rows: Rows) -> SearchView {
    let Rows { found, facets, chats, more, chat_count, culprit, indexing } = rows;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    SearchView {
        more,
        hits: count(found.hits.len()),
        chat_count: count(chat_count),
        exact: found.all,
        ranked: found.ranked,
        took_ms: 0,
        filters: Vec::new(),
        facets: facets.map(|(facets, names)| facets_view(registry, facets, &names)),
        culprit,
        indexing: indexing.map(|progress| SearchProgress { done: progress.done, total: progress.total }),
        superseded: false,
        chats: chats
            .into_iter()
            .map(|(group, chat, hits)| SearchChat {
                id: group.conversation_id.to_string(),
                kind: if chat.compared { ConversationKind::Compare } else { ConversationKind::Chat },
                title: chat.title.into_iter().map(piece).collect(),
                updated_at: chat.updated_at as f64,
                archived: chat.archived,
                trashed: chat.trashed,
                hit_count: count(group.hits.len()),
                hits: hits.into_iter().map(|(hit, shown)| hit_view(registry, hit, shown)).collect(),
            })
            .collect(),
    }
}

fn piece(piece: Piece) -> SearchPiece {
    SearchPiece { text: piece.text, hit: piece.hit }
}

fn hit_view(registry: &Registry, hit: Hit, shown: show::Shown) -> SearchHit {
    let mark = shown.author.as_ref().map(|author| registry.mark_of(&author.vendor));
    let (mark, category) = mark.map_or((None, None), |(mark, category)| (Some(mark), Some(category)));
    let (model, provider) = shown.author.map_or((None, None), |author| (Some(author.model), Some(author.provider)));
    SearchHit {
        message_id: hit.id.to_string(),
        role: if hit.flags & index::YOU == 0 { MessageRole::Assistant } else { MessageRole::User },
        status: MessageStatus::from_stored(&shown.status).unwrap_or(MessageStatus::Failed),
        at: hit.at as f64,
        model,
        provider,
        mark,
        category,
        snippet: shown.snippet.into_iter().map(piece).collect(),
    }
}

fn facets_view(registry: &Registry, facets: Facets, names: &ProviderNames) -> SearchFacets {
    let provider = |(id, count): &(i64, u32)| {
        let (name, vendor) = names.get(id)?;
        let (mark, category) = registry.mark_of(vendor);
        Some(SearchProvider { name: name.clone(), mark, category, count: *count })
    };
    SearchFacets {
        you: facets.you,
        providers: facets.providers.iter().filter_map(provider).collect(),
        code: facets.code,
        image: facets.image,
        attachment: facets.attachment,
        failed: facets.failed,
    }
}
