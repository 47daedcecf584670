//! Every rule about a parameter shows in the body that goes out.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    ChatRequest, Message, Parameters, ReasoningEffort, Role,
    catalog::{Catalog, DialectId, ModelRule, ParameterName, ParameterRule, Thinking, Vendor},
    dialects,
};

fn body(vendor: &Vendor, model: &str, parameters: Parameters) -> String {
    let request = ChatRequest { parameters, ..ChatRequest::new(model, vec![Message::text(Role::User, "text")]) };
    dialects::dialect(vendor.dialect).unwrap().chat(vendor, &request, true).unwrap().body.unwrap()
}

/// The parameter with a value, and nothing else.
fn with(name: ParameterName, value: f64) -> Parameters {
    let mut parameters = Parameters::default();
    add(&mut parameters, name, value);
    parameters
}

fn add(parameters: &mut Parameters, name: ParameterName, value: f64) {
    match name {
        ParameterName::Stop => parameters.stop = vec!["END".into()],
        ParameterName::ReasoningEffort => parameters.reasoning_effort = Some(ReasoningEffort::High),
        _ => name.set_number(parameters, value),
    }
}

/// The vendor with this one rule: as it is, and without what it says of the parameter. Thinking rules out parameters
/// of its own accord, and what a model cannot do at all is no matter of the rule, so both are left out.
fn pair(vendor: &Vendor, rule: &ModelRule, name: ParameterName) -> (Vendor, Vendor) {
    let mut ruled = ModelRule { thinking: Thinking::Budget, can: Default::default(), ..rule.clone() };
    if ruled.thinking_budget.is_none() && ruled.thinking_levels.is_empty() {
        ruled.thinking_levels = vec![ReasoningEffort::Low, ReasoningEffort::High];
    }
    ruled.parameters.retain(|ruled, _| *ruled == name);
    let mut free = ruled.clone();
    free.parameters.clear();
    let of = |rule| Vendor { models: Vec::new(), rules: vec![rule], ..vendor.clone() };
    (of(ruled), of(free))
}

/// What a rule must do, seen in the body alone.
fn shows(vendor: &Vendor, rule: &ModelRule, name: ParameterName, said: &ParameterRule) {
    let (ruled, free) = pair(vendor, rule, name);
    let model = if rule.prefix.is_empty() { "model" } else { rule.prefix.as_str() };
    let told = format!("{} {model} {name:?} {said:?}", vendor.id);
    let sent = |parameters: Parameters| body(&ruled, model, parameters);
    let free = |parameters: Parameters| body(&free, model, parameters);
    let nothing = Parameters::default;
    assert_ne!(free(with(name, 3.0)), free(nothing()), "the wire has no place for it: {told}");
    let unasked = said.required.map_or_else(|| free(nothing()), |required| free(with(name, required)));
    assert_eq!(sent(nothing()), unasked, "required: {told}");
    if said.rejected {
        assert_eq!(sent(with(name, 1.0)), free(nothing()), "rejected: {told}");
        return;
    }
    if let Some(fixed) = said.fixed {
        assert_eq!(sent(with(name, fixed)), free(with(name, fixed)), "fixed: {told}");
        assert_eq!(sent(with(name, fixed + 1.0)), unasked, "another than the fixed one: {told}");
        return;
    }
    for (bound, beyond) in [(said.least, 0.5), (said.most, 2.0)] {
        let Some(bound) = bound else { continue };
        assert_eq!(sent(with(name, bound)), free(with(name, bound)), "the bound itself: {told}");
        assert_eq!(sent(with(name, bound * beyond)), free(with(name, bound)), "beyond the bound: {told}");
    }
    for other in &said.excludes {
        let mut both = with(name, 1.0);
        add(&mut both, *other, 1.0);
        assert_eq!(sent(both), free(with(*other, 1.0)), "excludes: {told}");
        assert_eq!(sent(with(name, 1.0)), free(with(name, 1.0)), "alone: {told}");
    }
}

#[test]
fn every_rule_of_the_catalogue_shows_in_what_goes_out() {
    let mut looked_at = 0;
    for vendor in Catalog::bundled().iter() {
        for rule in &vendor.rules {
            for (name, said) in &rule.parameters {
                shows(vendor, rule, *name, said);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

fn own(dialect: &str, rules: &str) -> Result<Vendor, String> {
    let text = format!(
        "id = \"mine\"\nname = \"Mine\"\ncategory = \"cloud\"\ndialect = \"{dialect}\"\nauth = \"none\"\nkey = \"none\"\n\
         mark = {{ letters = \"Mi\", hue = \"sky\" }}\n\n[[rules]]\nprefix = \"m\"\n[rules.parameters]\n{rules}\n"
    );
    Vendor::from_toml("mine", &text)
}

#[test]
fn every_kind_of_rule_shows_on_every_wire() {
    for dialect in
        [DialectId::OpenaiChat, DialectId::Anthropic, DialectId::Gemini, DialectId::Ollama, DialectId::Cohere]
    {
        for rules in [
            "temperature = { rejected = true }\ntop_p = { rejected = true }\nstop = { rejected = true }",
            "reasoning_effort = { rejected = true }",
            "temperature = { fixed = 0.5 }\ntop_p = { fixed = 0.95 }\nmax_tokens = { fixed = 300 }",
            "temperature = { fixed = 0.25, required = 0.25 }\ntop_p = { required = 0.5 }",
            "temperature = { least = 0.25, most = 0.75 }\nmax_tokens = { least = 16, most = 32000 }",
            "top_p = { excludes = [\"temperature\"] }\nstop = { excludes = [\"max_tokens\", \"temperature\"] }",
            "max_tokens = { least = 16, required = 64 }",
        ] {
            let vendor = own(dialect.as_str(), rules).unwrap();
            let rule = &vendor.rules[0];
            rule.parameters.iter().for_each(|(name, said)| shows(&vendor, rule, *name, said));
        }
    }
}

#[test]
fn rules_that_contradict_themselves_are_refused() {
    for (rules, reason) in [
        ("temperature = { rejected = true, fixed = 1 }", "rejected, and something else"),
        ("temperature = { rejected = true, excludes = [\"top_p\"] }", "rejected, and something else"),
        ("temperature = { least = 1, most = 0.5 }", "ends before it begins"),
        ("temperature = { excludes = [\"temperature\"] }", "excluded by itself"),
        ("temperature = { excludes = [\"top_p\"], required = 1 }", "excluded by another"),
        ("temperature = { fixed = 1, required = 0.5 }", "another value than the one"),
        ("temperature = { fixed = 1, most = 0.5 }", "outside its own range"),
        ("temperature = { required = 0, least = 0.1 }", "outside its own range"),
        ("temperature = { least = -1 }", "no parameter can have"),
        ("temperature = { most = inf }", "no parameter can have"),
        ("stop = { most = 4 }", "a number for what is none"),
        ("reasoning_effort = { fixed = 1 }", "a number for what is none"),
        ("max_tokens = { most = 0.5 }", "no count"),
        ("seed = { fixed = 4294967296 }", "no count"),
        ("temperature = { odd = 1 }", "unknown field"),
        ("top_k = { fixed = 1 }", "unknown variant"),
    ] {
        let refused = own("openai-chat", rules).expect_err(rules);
        assert!(refused.contains(reason), "{rules}: {refused}");
    }
    for rules in ["temperature = {}", "max_tokens = { least = 1, most = 1 }", "stop = { excludes = [\"seed\"] }"] {
        assert!(own("openai-chat", rules).is_ok(), "{rules}");
    }
}
