//! A query as the index and the tables understand it.

use rusqlite::{Connection, types::Value};

use super::{
    index::{self, tag},
    needle::Needle,
    query::{Compare, Filter, Query, What},
    terms,
};
use crate::history::error::StoreError;

/// A query, ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the index is asked; without it, every message is looked at.
    pub matching: Option<String>,
    /// What must occur, to be highlighted and ranked by.
    pub needles: Vec<Needle>,
    /// Conditions on `search_doc d` and `conversation c`, each beginning with AND.
    pub conditions: String,
    /// Their parameters, in order.
    pub parameters: Vec<Value>,
    /// From this moment on, UTC milliseconds.
    pub after: Option<i64>,
    /// Before this moment.
    pub before: Option<i64>,
    /// What titles are asked; absent where the filters are about messages.
    pub titles: Option<String>,
    /// Conditions on `conversation c` alone.
    pub place: &'static str,
}

/// Money of a message, adjustments included.
const COST: &str =
    "(SELECT sum(l.total_nano + coalesce((SELECT sum(j.total_nano) FROM ledger j WHERE j.adjusts = l.id), 0))
    FROM run r JOIN attempt a ON a.run_id = r.id
    JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry' WHERE r.message_id = d.id)";

impl Plan {
    /// Plans a query. `day_start` tells the first millisecond of a local day.
    ///
    /// # Errors
    /// [`StoreError`] where the providers cannot be read.
    pub fn of(
        connection: &Connection,
        query: &Query,
        typing: bool,
        day_start: &dyn Fn(&str) -> i64,
    ) -> Result<Self, StoreError> {
        let mut plan = Self {
            matching: None,
            needles: Vec::new(),
            conditions: String::new(),
            parameters: Vec::new(),
            after: None,
            before: None,
            titles: None,
            place: "c.deleted_at IS NULL AND c.archived_at IS NULL",
        };
        let (mut all, mut none) = (Vec::new(), Vec::new());
        for word in &query.words {
            let Some(needle) = Needle::of(word, typing) else { continue };
            if word.excluded {
                none.push(needle.expression());
            } else {
                all.push(needle.expression());
                plan.needles.push(needle);
            }
        }
        let about_messages = query.filters.iter().any(|filter| !matches!(filter.what, What::Archive | What::Trash));
        if !about_messages && !all.is_empty() {
            plan.titles = Some(joined(&all, &none));
        }
        plan.authors(connection, &query.filters, &mut all, &mut none)?;
        for filter in &query.filters {
            plan.add(filter, &mut all, &mut none, day_start);
        }
        if all.is_empty() && !none.is_empty() {
            all.push(either(&[quoted(&tag("you")), quoted(&tag("model"))]));
        }
        plan.matching = (!all.is_empty()).then(|| joined(&all, &none));
        Ok(plan)
    }

    /// Several authors are alternatives: a message has only one.
    fn authors(
        &mut self,
        connection: &Connection,
        filters: &[Filter],
        all: &mut Vec<String>,
        none: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let wanted = |what: &What, negated| filters.iter().any(|f| f.what == *what && f.negated == negated);
        let mut any = Vec::new();
        for filter in filters {
            if let What::Provider(name) = &filter.what {
                let into = if filter.negated { &mut *none } else { &mut any };
                into.push(either(&provider_tags(connection, name)?));
            }
        }
        let (you, model) = (wanted(&What::You, false), wanted(&What::AnyModel, false));
        if any.is_empty() && you != model {
            // Half of all messages: cheaper to look at each hit than to walk through all of them in the index.
            self.conditions.push_str(if you { " AND d.flags & 1 = 1" } else { " AND d.flags & 1 = 0" });
        } else if !any.is_empty() && you {
            // A provider is a narrower word for a model, but not for the person.
            any.push(quoted(&tag("you")));
        }
        if wanted(&What::You, true) {
            self.conditions.push_str(" AND d.flags & 1 = 0");
        }
        if wanted(&What::AnyModel, true) {
            self.conditions.push_str(" AND d.flags & 1 = 1");
        }
        if !any.is_empty() {
            all.push(either(&any));
        }
        Ok(())
    }

    fn add(&mut self, filter: &Filter, all: &mut Vec<String>, none: &mut Vec<String>, day: &dyn Fn(&str) -> i64) {
        let into = if filter.negated { none } else { all };
        match &filter.what {
            What::You | What::AnyModel | What::Provider(_) => {}
            What::Model(name) => into.push(model(name)),
            What::Code => into.push(quoted(&tag("code"))),
            What::Image => into.push(quoted(&tag("image"))),
            What::Attachment => into.push(quoted(&tag("attachment"))),
            What::Failed => into.push(quoted(&tag("failed"))),
            What::Before(text) | What::After(text) => {
                let start = day(text);
                if matches!(filter.what, What::After(_)) == filter.negated {
                    self.before = Some(self.before.map_or(start, |known| known.min(start)));
                } else {
                    self.after = Some(self.after.map_or(start, |known| known.max(start)));
                }
            }
            What::Archive if !filter.negated => self.place = "c.deleted_at IS NULL AND c.archived_at IS NOT NULL",
            What::Trash if !filter.negated => self.place = "c.deleted_at IS NOT NULL",
            // Neither is searched unless asked for.
            What::Archive | What::Trash => {}
            What::Cost(compare, nano) => {
                let sign = match compare {
                    Compare::Above => ">",
                    Compare::From => ">=",
                    Compare::Below => "<",
                    Compare::To => "<=",
                };
                let not = if filter.negated { "NOT " } else { "" };
                self.conditions.push_str(&format!(" AND {not}{COST} {sign} ?"));
                self.parameters.push(Value::Integer(*nano));
            }
        }
    }
}

fn provider_tags(connection: &Connection, name: &str) -> Result<Vec<String>, StoreError> {
    let wanted = terms::fold(name);
    let mut statement = connection.prepare_cached("SELECT id, name, vendor, slug FROM provider")?;
    let mut rows = statement.query([])?;
    let mut tags = Vec::new();
    while let Some(row) = rows.next()? {
        let names: [String; 3] = [row.get(1)?, row.get(2)?, row.get(3)?];
        if !wanted.is_empty() && names.iter().any(|name| terms::fold(name).starts_with(&wanted)) {
            tags.push(quoted(&tag(&format!("p{}", row.get::<_, i64>(0)?))));
        }
    }
    if tags.is_empty() {
        tags.push(quoted(&tag("nobody")));
    }
    Ok(tags)
}

/// The terms of a model's name in their order; the last may be a beginning.
fn model(name: &str) -> String {
    let tags: Vec<String> = terms::terms(name)
        .into_iter()
        .filter(|term| term.kind == terms::Kind::Body)
        .map(|term| format!("{} *", quoted(&tag(&format!("m{}", term.text)))))
        .collect();
    if tags.is_empty() { quoted(&tag("nobody")) } else { format!("({})", tags.join(" AND ")) }
}

fn quoted(term: &str) -> String {
    format!("\"{term}\"")
}

fn either(tags: &[String]) -> String {
    match tags {
        [one] => one.clone(),
        many => format!("({})", many.join(" OR ")),
    }
}

fn joined(all: &[String], none: &[String]) -> String {
    let all = all.join(" AND ");
    if none.is_empty() { all } else { format!("({all}) NOT ({})", none.join(" OR ")) }
}

/// Ids between which all messages of a time lie; the index need not look beyond.
///
/// # Errors
/// [`StoreError`].
pub fn id_bounds(connection: &Connection, plan: &Plan, chat: Option<i64>) -> Result<(i64, i64), StoreError> {
    let (mut first, mut last) = (1, i64::MAX);
    let block = |sql: &str, at: i64| -> Result<Option<i64>, StoreError> {
        Ok(connection.prepare_cached(sql)?.query_row([at], |row| row.get(0))?)
    };
    if let Some(after) = plan.after {
        let known = block("SELECT min(block) FROM search_span WHERE last_at >= ?1", after)?;
        first = known.map_or(i64::MAX, |block| (block << index::SPAN_BITS).max(1));
    }
    if let Some(before) = plan.before {
        let known = block("SELECT max(block) FROM search_span WHERE first_at < ?1", before)?;
        last = known.map_or(0, |block| ((block + 1) << index::SPAN_BITS) - 1);
    }
    if let Some(chat) = chat {
        let sql = "SELECT coalesce(min(m.id), 1), coalesce(max(m.id), 0) FROM lane l JOIN message m ON m.lane_id = l.id
                    WHERE l.conversation_id = ?1";
        let (low, high) = connection.prepare_cached(sql)?.query_row([chat], |row| Ok((row.get(0)?, row.get(1)?)))?;
        first = first.max(low);
        last = last.min(high);
    }
    Ok((first, last))
}
