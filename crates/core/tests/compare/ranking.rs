//! From votes to the leaderboard, and weighted routes as experiments.

use parlance_core::view::{
    ChatTarget, CompareInput, JudgementInput, Leaderboard, LeaderboardFilter, ProviderView, RouteInput, RouteRules,
    RouteStrategy, RouteTargetInput, RouteTrial, SendInput, Shelf, ShelfChange, Target, Thumb, TrialMeasure,
};

use super::{Page, follow, input, lanes, model, priced, round, target};
use crate::common::{Bench, settled};

fn judgement(ranks: Vec<Vec<String>>, tags: &[&str]) -> JudgementInput {
    JudgementInput { ranks, note: String::new(), tags: tags.iter().map(|tag| (*tag).to_owned()).collect() }
}

fn shown(board: &Leaderboard) -> Vec<(&str, [u32; 3])> {
    board.rows.iter().map(|row| (row.target.model.as_str(), [row.wins, row.losses, row.ties])).collect()
}

#[tokio::test]
async fn votes_make_a_leaderboard_overall_by_tag_and_of_blind_ones_only() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut page = Page::of(&bench);
    assert!(bench.app.leaderboard(LeaderboardFilter::default()).await.unwrap().rows.is_empty());
    let mut receipt = round(&mut bench, &mut page, input("0", lanes(&provider, 3))).await;
    for nth in 0..6 {
        let ids: Vec<_> = receipt.turn.answers.iter().map(|answer| answer.message_id.clone()).collect();
        // The first wins four times, once against both of the others as equals; the last wins twice, in code.
        let (ranks, tags): (Vec<Vec<String>>, &[&str]) = match nth {
            0 => (vec![vec![ids[0].clone()], vec![ids[1].clone(), ids[2].clone()]], &[]),
            1..4 => (vec![vec![ids[0].clone()]], &["prose"]),
            _ => (vec![vec![ids[2].clone()]], &["code"]),
        };
        bench.app.judge(&receipt.turn.id, judgement(ranks, tags)).await.unwrap();
        let blind = nth == 4;
        let next = CompareInput { blind, ..follow(&receipt, &nth.to_string()) };
        receipt = round(&mut bench, &mut page, next).await;
    }
    let board = bench.app.leaderboard(LeaderboardFilter::default()).await.unwrap();
    assert_eq!((board.judgements, board.pairs), (6, 13));
    assert_eq!(shown(&board), [("m-0", [8, 2, 0]), ("m-2", [4, 4, 1]), ("m-1", [0, 6, 1])]);
    let tags: Vec<_> = board.tags.iter().map(|tag| (tag.tag.as_str(), tag.judgements)).collect();
    assert_eq!(tags, [("prose", 3), ("code", 2)]);
    let points: f64 = board.rows.iter().map(|row| row.points).sum();
    assert!((points - 3_000.0).abs() < 1e-6, "the average is a thousand");
    for row in &board.rows {
        assert!(row.low < row.points && row.points < row.high && row.rank >= 1, "{row:?}");
        assert_eq!(row.provider_name, "Bench");
    }
    // 12 tokens in and 3 out, each time.
    assert_eq!(board.rows[0].mean_nano, Some(42_000.0));

    let of = |tag: Option<&str>, blind_only| LeaderboardFilter { tag: tag.map(str::to_owned), blind_only };
    let code = bench.app.leaderboard(of(Some("code"), false)).await.unwrap();
    assert_eq!(shown(&code)[0], ("m-2", [4, 0, 0]));
    let blind = bench.app.leaderboard(of(None, true)).await.unwrap();
    assert_eq!(blind.judgements, 1);
    assert!(bench.app.leaderboard(of(Some("nothing"), false)).await.unwrap().rows.is_empty());

    // What is thrown away counts no more, and does again when it comes back.
    let id = vec![receipt.summary.id.clone()];
    bench.app.shelve(id.clone(), ShelfChange::Trash).await.unwrap();
    assert_eq!(bench.app.leaderboard(LeaderboardFilter::default()).await.unwrap().judgements, 0);
    bench.app.shelve(id.clone(), ShelfChange::Restore).await.unwrap();
    assert_eq!(bench.app.leaderboard(LeaderboardFilter::default()).await.unwrap().judgements, 6);
    bench.app.shelve(id.clone(), ShelfChange::Trash).await.unwrap();
    bench.app.shelve(id, ShelfChange::Purge).await.unwrap();
    assert!(bench.app.list_shelf(Shelf::Trash, None).await.unwrap().items.is_empty());
    assert!(bench.app.leaderboard(LeaderboardFilter::default()).await.unwrap().tags.is_empty());
}

async fn weighted(bench: &Bench, provider: &ProviderView) -> String {
    let target = |at: usize| RouteTargetInput {
        target: Target { provider_id: provider.id.clone(), model: model(at) },
        account_id: None,
        weight: if at == 0 { 3 } else { 1 },
        overrides: Default::default(),
    };
    let input = RouteInput {
        id: None,
        name: "Trial".into(),
        strategy: RouteStrategy::Weighted,
        rules: RouteRules { sticky: false, ..RouteRules::default() },
        targets: vec![target(0), target(1)],
    };
    bench.app.save_route(input).await.unwrap().id
}

#[tokio::test]
async fn a_weighted_route_says_whom_it_asked_what_came_of_it_and_whether_that_is_chance() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let route = weighted(&bench, &provider).await;
    let on_route = || ChatTarget::Route { route_id: route.clone(), model: None };
    let first: Vec<RouteTrial> = bench.app.route_trials().await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].targets.iter().map(|target| target.weight).collect::<Vec<_>>(), [Some(0.75), Some(0.25)]);
    assert!(first[0].differences.iter().all(|difference| difference.p.is_none() && !difference.sure));

    let mut picked = [0_u32; 2];
    while picked.iter().any(|times| *times < 8) {
        let send = SendInput::text(None, "hello", on_route());
        let (snapshot, mut reader) = bench.app.attach("main");
        let receipt = bench.app.send(send).await.unwrap();
        let asked = bench.asked.recv().await.unwrap();
        let at = usize::from(asked.request.model == model(1));
        asked.text("hi");
        asked.finish();
        settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        picked[at] += 1;
        let thumb = if at == 0 { Thumb::Up } else { Thumb::Down };
        bench.app.set_thumb(&receipt.messages[1].id, Some(thumb)).await.unwrap();
    }
    let trial = &bench.app.route_trials().await.unwrap()[0];
    let [one, two] = &trial.targets[..] else { panic!("{:?}", trial.targets) };
    assert_eq!([one.picked, two.picked], picked);
    assert_eq!((one.answered, one.thumbs_up, two.thumbs_down), (picked[0], picked[0], picked[1]));
    assert_eq!((one.mean_nano, two.mean_nano), (Some(42_000.0), Some(84_000.0)));
    assert!(trial.since.is_some());
    let of = |measure: TrialMeasure| trial.differences.iter().find(|difference| difference.measure == measure).unwrap();
    for measure in [TrialMeasure::Thumbs, TrialMeasure::Cost] {
        assert!(of(measure).sure && of(measure).p.unwrap() < 0.01, "{:?}", of(measure));
        assert_eq!(of(measure).best, one.target);
    }
    assert!(!of(TrialMeasure::Answered).sure, "both always answer");
    assert_eq!(of(TrialMeasure::Votes).p, None, "nobody voted");

    // A vote in a comparison counts for whom the route asked.
    let mut page = Page::of(&bench);
    let mut wanted = lanes(&provider, 2);
    wanted[0].target = on_route();
    wanted[1].target = target(&provider, 5);
    let receipt = round(&mut bench, &mut page, input("vote", wanted)).await;
    let best = receipt.turn.answers[0].message_id.clone();
    bench.app.judge(&receipt.turn.id, judgement(vec![vec![best]], &[])).await.unwrap();
    let trial = &bench.app.route_trials().await.unwrap()[0];
    assert_eq!(trial.targets.iter().map(|target| target.wins).sum::<u32>(), 1);
    assert_eq!(trial.targets.iter().map(|target| target.losses).sum::<u32>(), 0);
}
