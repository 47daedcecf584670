//! What is said of a message before it is sent.

use parlance_core::view::{
    AtLimit, BudgetInput, BudgetScope, ChatSetup, EstimateInput, EstimateWarning, SettingChange,
};

use super::{DOLLAR, budget, provider, spend, target};
use crate::common::Bench;

#[tokio::test]
async fn what_a_message_would_break_is_known_before_it_is_sent() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let input = |text: &str, most: Option<u32>| EstimateInput {
        conversation_id: None,
        target: target(&one).into(),
        text: text.into(),
        attachments: Vec::new(),
        setup: ChatSetup { max_tokens: most, ..ChatSetup::default() },
    };
    let guess = bench.app.estimate(input("hello", None)).await.unwrap();
    assert_eq!((guess.most_answer_tokens, guess.warnings.as_slice()), (Some(16_384), [].as_slice()));
    let (prompt, usual, most) = (guess.prompt_nano.unwrap(), guess.cost_nano.unwrap(), guess.most_nano.unwrap());
    assert!(prompt > 0.0 && prompt < usual && usual < most, "{prompt} {usual} {most}");
    assert_eq!(most - prompt, 0.163_84 * DOLLAR, "at ten dollars a million");
    let short = bench.app.estimate(input("hello", Some(100))).await.unwrap();
    assert_eq!((short.most_answer_tokens, short.most_nano), (Some(100), Some(prompt + 0.001 * DOLLAR)));

    let warns = BudgetInput { warn_at: vec![50, 90], ..budget(BudgetScope::All, 1.0, AtLimit::Ask) };
    let made = bench.app.save_budget(warns).await.unwrap();
    spend(&mut bench, &one, 0.499).await;
    bench.app.change_setting(SettingChange::MessageLimit(Some(usual - 1.0))).await.unwrap();
    let near = EstimateWarning::NearBudget { budget_id: made.id.clone(), share: 50 };
    let guess = bench.app.estimate(input("hello", None)).await.unwrap();
    assert_eq!(guess.warnings, [EstimateWarning::OverMessageLimit, near]);
    spend(&mut bench, &one, 0.5).await;
    let over = EstimateWarning::OverBudget { budget_id: made.id.clone(), may_pass: true };
    let long = "a word or two ".repeat(100_000);
    let guess = bench.app.estimate(input(&long, None)).await.unwrap();
    assert_eq!(guess.warnings, [over, EstimateWarning::OverWindow, EstimateWarning::OverMessageLimit]);
    let stop = budget(BudgetScope::Provider { provider_id: one.id.clone() }, 0.5, AtLimit::Stop);
    bench.app.save_budget(stop).await.unwrap();
    let guess = bench.app.estimate(input("hello", None)).await.unwrap();
    let may: Vec<_> = guess
        .warnings
        .iter()
        .map(|warning| matches!(warning, EstimateWarning::OverBudget { may_pass: false, .. }))
        .collect();
    assert_eq!(may, [true, true, false], "one lets nobody pass, so there is nobody to ask");
}
