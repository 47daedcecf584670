//! The person's own leaderboard, and weighted routes as experiments.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::App;
use crate::{
    costs::people::People,
    error::Error,
    history::{
        StoreError,
        ballots::{self, Judged, Pick},
    },
    ranking::{
        bradley_terry::{self, Prior, Results, Win},
        judgement,
        significance::Counts,
        trial::{self, Better, Finding},
    },
    registry::routes::{self, RouteRow},
    view::{
        LeaderRow, Leaderboard, LeaderboardFilter, Mark, RouteName, RouteStrategy, RouteTrial, TagCount, Target,
        TrialDifference, TrialMeasure, TrialTarget,
    },
};

/// Below it a difference counts as more than chance.
const LEVEL: f64 = 0.05;

/// Who answered: a provider and its model.
type Competitor = (i64, String);

/// What judgements come to, competitor by competitor.
#[derive(Default)]
struct Tally {
    competitors: Vec<Competitor>,
    known: HashMap<Competitor, usize>,
    wins: Vec<Win>,
    /// By competitor: pairs won, lost and tied.
    records: Vec<[u32; 3]>,
    /// By competitor: the answers that were judged.
    answers: Vec<Vec<Judged>>,
    judgements: u32,
    pairs: u32,
}

impl App {
    /// Models by how the person judged their answers.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn leaderboard(&self, filter: LeaderboardFilter) -> Result<Leaderboard, Error> {
        let LeaderboardFilter { tag, blind_only } = filter;
        let read = move |connection: &Connection| {
            let judged = ballots::judged(connection, tag.as_deref(), blind_only)?;
            Ok((judged, ballots::tags(connection)?, People::read(connection)?))
        };
        let (judged, tags, people) = self.inner.database.read(read).await?;
        let tally = Tally::of(judged)?;
        let rows = self.rows(&tally, &people)?;
        let tags = tags.into_iter().map(|(tag, judgements)| TagCount { tag, judgements }).collect();
        Ok(Leaderboard { rows, judgements: tally.judgements, pairs: tally.pairs, tags })
    }

    fn rows(&self, tally: &Tally, people: &People) -> Result<Vec<LeaderRow>, Error> {
        let results = Results::from_wins(tally.competitors.len(), &tally.wins).map_err(unranked)?;
        let board = bradley_terry::fit(&results, Prior::default()).map_err(unranked)?;
        let mut rows = Vec::with_capacity(tally.competitors.len());
        for (at, (strength, rank)) in board.strengths.iter().zip(board.ranks()).enumerate() {
            let (provider_id, model) = &tally.competitors[at];
            let (provider_name, mark, category) = self.seen(people, *provider_id);
            let [wins, losses, ties] = tally.records[at];
            let answers = &tally.answers[at];
            rows.push(LeaderRow {
                target: Target { provider_id: provider_id.to_string(), model: model.clone() },
                provider_name,
                mark,
                category,
                points: bradley_terry::points(strength.theta),
                low: bradley_terry::points(strength.low),
                high: bradley_terry::points(strength.high),
                rank: u32::try_from(rank).unwrap_or(u32::MAX),
                wins,
                losses,
                ties,
                mean_nano: mean(answers.iter().filter_map(|answer| answer.nano)),
                first_token_ms: median(answers.iter().filter_map(|answer| answer.first_token_ms).collect())
                    .and_then(|ms| u32::try_from(ms).ok()),
                tokens_per_second: median_of(answers.iter().filter_map(|a| a.tokens_per_second).collect()),
            });
        }
        rows.sort_by(|one, two| two.points.total_cmp(&one.points));
        Ok(rows)
    }

    /// How a provider is called and drawn.
    fn seen(&self, people: &People, provider_id: i64) -> (String, Mark, String) {
        let provider = people.provider(provider_id);
        let (mark, category) = self.inner.registry.mark_of(provider.vendor.as_deref().unwrap_or_default());
        (provider.name, mark, category)
    }

    /// Weighted routes as experiments, by name.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn route_trials(&self) -> Result<Vec<RouteTrial>, Error> {
        let read = |connection: &Connection| {
            let mut weighted = routes::list(connection)?;
            weighted.retain(|route| route.strategy == RouteStrategy::Weighted);
            let picks = weighted.iter().map(|route| ballots::picks(connection, route.id));
            let picks = picks.collect::<Result<Vec<_>, _>>()?;
            Ok((weighted, picks, ballots::judged(connection, None, false)?, People::read(connection)?))
        };
        let (weighted, picks, judged, people) = self.inner.database.read(read).await?;
        let trials = weighted.iter().zip(picks).map(|(route, picks)| self.trial(route, &picks, &judged, &people));
        trials.collect()
    }

    fn trial(&self, route: &RouteRow, picks: &[Pick], judged: &[Judged], people: &People) -> Result<RouteTrial, Error> {
        let whole: u32 = route.targets.iter().map(|target| target.weight).sum();
        let mut arms: Vec<Arm> = Vec::new();
        for target in &route.targets {
            let share = f64::from(target.weight) / f64::from(whole.max(1));
            // A model may be a target twice, with two accounts.
            let arm = Arm::at(&mut arms, (target.provider_id, target.model.clone()));
            arm.weight = Some(arm.weight.unwrap_or(0.0) + share);
        }
        for pick in picks {
            Arm::at(&mut arms, (pick.provider_id, pick.model.clone())).take(pick);
        }
        votes(&mut arms, route.id, judged)?;
        let view = |arm: &Arm| {
            let (provider_name, mark, category) = self.seen(people, arm.of.0);
            TrialTarget {
                target: arm.target(),
                provider_name,
                mark,
                category,
                weight: arm.weight,
                picked: arm.picked,
                answered: arm.answered,
                wins: arm.votes.successes,
                losses: arm.votes.failures,
                thumbs_up: arm.thumbs.successes,
                thumbs_down: arm.thumbs.failures,
                mean_nano: mean(arm.nanos.iter().copied()),
                first_token_ms: median(arm.waits.clone()).and_then(|ms| u32::try_from(ms).ok()),
            }
        };
        Ok(RouteTrial {
            route: RouteName { id: route.id.to_string(), name: route.name.clone() },
            targets: arms.iter().map(view).collect(),
            differences: if arms.len() < 2 { Vec::new() } else { differences(&arms) },
            since: picks.iter().map(|pick| pick.at).min().map(|at| at as f64),
        })
    }
}

/// No judgement makes what the ranking cannot take, so this is a fault of ours.
fn unranked(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "judgements could not be ranked");
    StoreError::internal("a ranking").into()
}

impl Tally {
    fn of(judged: Vec<Judged>) -> Result<Self, Error> {
        let mut tally = Self::default();
        let mut by_turn: BTreeMap<i64, Vec<Judged>> = BTreeMap::new();
        for answer in judged {
            by_turn.entry(answer.turn_id).or_default().push(answer);
        }
        for answers in by_turn.into_values() {
            tally.judgement(answers)?;
        }
        Ok(tally)
    }

    fn judgement(&mut self, answers: Vec<Judged>) -> Result<(), Error> {
        let competitors: Vec<usize> = answers.iter().map(|a| self.competitor(a.provider_id, &a.model)).collect();
        let wins = judgement::wins(&groups(&answers), &competitors).map_err(unranked)?;
        for win in &wins {
            match win.weight < 1.0 {
                // Each tie is told from both sides.
                true => self.records[win.winner][2] += 1,
                false => {
                    self.records[win.winner][0] += 1;
                    self.records[win.loser][1] += 1;
                }
            }
        }
        let games: f64 = wins.iter().map(|win| win.weight).sum();
        self.pairs += games.round() as u32;
        self.judgements += 1;
        let discount = judgement::discount(&wins);
        self.wins.extend(wins.into_iter().map(|win| Win { weight: win.weight * discount, ..win }));
        for (competitor, answer) in competitors.into_iter().zip(answers) {
            self.answers[competitor].push(answer);
        }
        Ok(())
    }

    fn competitor(&mut self, provider_id: i64, model: &str) -> usize {
        let competitor = (provider_id, model.to_owned());
        if let Some(known) = self.known.get(&competitor) {
            return *known;
        }
        let at = self.competitors.len();
        self.known.insert(competitor.clone(), at);
        self.competitors.push(competitor);
        self.records.push([0; 3]);
        self.answers.push(Vec::new());
        at
    }
}

/// The ranks of a judgement by the places of its answers, which come in their order.
fn groups(answers: &[Judged]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(i64, Vec<usize>)> = Vec::new();
    for (at, place) in answers.iter().enumerate().filter_map(|(at, answer)| Some((at, answer.place?))) {
        match groups.last_mut() {
            Some((last, group)) if *last == place => group.push(at),
            _ => groups.push((place, vec![at])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// A target of a weighted route, as an arm of an experiment.
struct Arm {
    of: Competitor,
    weight: Option<f64>,
    picked: u32,
    answered: u32,
    votes: Counts,
    thumbs: Counts,
    nanos: Vec<i64>,
    waits: Vec<i64>,
}

const NONE: Counts = Counts { successes: 0, failures: 0 };

impl Arm {
    fn at(arms: &mut Vec<Self>, of: Competitor) -> &mut Self {
        let at = arms.iter().position(|arm| arm.of == of).unwrap_or_else(|| {
            let (votes, thumbs) = (NONE, NONE);
            arms.push(Self { of, weight: None, picked: 0, answered: 0, votes, thumbs, nanos: vec![], waits: vec![] });
            arms.len() - 1
        });
        &mut arms[at]
    }

    fn take(&mut self, pick: &Pick) {
        self.picked += 1;
        self.answered += u32::from(pick.answered);
        count(&mut self.thumbs, pick.thumb);
        if pick.answered {
            self.nanos.extend(pick.nano);
            self.waits.extend(pick.first_token_ms);
        }
    }

    fn target(&self) -> Target {
        Target { provider_id: self.of.0.to_string(), model: self.of.1.clone() }
    }
}

fn count(counts: &mut Counts, success: Option<bool>) {
    match success {
        Some(true) => counts.successes += 1,
        Some(false) => counts.failures += 1,
        None => {}
    }
}

/// Pairs of judged answers, from the side of those that a route asked for.
fn votes(arms: &mut Vec<Arm>, route_id: i64, judged: &[Judged]) -> Result<(), Error> {
    let mut by_turn: BTreeMap<i64, Vec<Judged>> = BTreeMap::new();
    for answer in judged {
        by_turn.entry(answer.turn_id).or_default().push(answer.clone());
    }
    for answers in by_turn.into_values() {
        // Two answers of one model are two here: one may have come over the route and the other not.
        let each: Vec<usize> = (0..answers.len()).collect();
        for win in judgement::wins(&groups(&answers), &each).map_err(unranked)? {
            for (at, won) in [(win.winner, true), (win.loser, false)] {
                let answer = &answers[at];
                if answer.route_id == Some(route_id) && win.weight >= 1.0 {
                    count(&mut Arm::at(arms, (answer.provider_id, answer.model.clone())).votes, Some(won));
                }
            }
        }
    }
    Ok(())
}

fn differences(arms: &[Arm]) -> Vec<TrialDifference> {
    let counts = |of: fn(&Arm) -> Counts| trial::compare_counts(&arms.iter().map(of).collect::<Vec<_>>());
    let values =
        |of: fn(&Arm) -> &[i64]| trial::compare_values(&arms.iter().map(of).collect::<Vec<_>>(), Better::Lower);
    let answered = |arm: &Arm| Counts { successes: arm.answered, failures: arm.picked - arm.answered };
    let found = [
        (TrialMeasure::Answered, counts(answered)),
        (TrialMeasure::Votes, counts(|arm| arm.votes)),
        (TrialMeasure::Thumbs, counts(|arm| arm.thumbs)),
        (TrialMeasure::Cost, values(|arm| &arm.nanos)),
        (TrialMeasure::Latency, values(|arm| &arm.waits)),
    ];
    let told = |(measure, finding): (TrialMeasure, Option<Finding>)| TrialDifference {
        measure,
        best: arms[finding.as_ref().map_or(0, |finding| finding.best)].target(),
        p: finding.as_ref().map(|finding| finding.p),
        sure: finding.is_some_and(|finding| finding.p < LEVEL),
    };
    found.into_iter().map(told).collect()
}

fn mean(values: impl Iterator<Item = i64>) -> Option<f64> {
    let (mut sum, mut count) = (0_i128, 0_i128);
    for value in values {
        sum += i128::from(value);
        count += 1;
    }
    // Whole nano-USD: the boundary knows no parts of them.
    (count > 0).then(|| (sum / count) as f64)
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

fn median_of(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
