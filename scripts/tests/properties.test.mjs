import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../lib/paths.mjs";
import { namesIn, propertyTests } from "../lib/properties.mjs";

test("property tests are those inside proptest! blocks", () => {
  const source = `
#[test]
fn plain() {}

proptest! {
    #[test]
    fn first(text: String) {
        if text.is_empty() {
        }
    }

    #[test]
    fn second(
        number: u8,
    ) {}
}

#[test]
fn after() {}
`;
  assert.deepEqual(namesIn(source), ["first", "second"]);
});

test("the project's own are found", () => {
  const found = propertyTests([join(root, "crates"), join(root, "tests")]);
  assert.ok(found.length >= 4, `only ${found.length} were found: ${found}`);
  assert.equal(new Set(found).size, found.length);
});
