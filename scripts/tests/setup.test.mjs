import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { atLeast } from "../lib/prerequisites.mjs";
import { isFresh, sourceStamp } from "../lib/stamp.mjs";
import { hasDisplay, packager } from "../lib/system.mjs";

test("versions compare by number, not by letter", () => {
  assert.ok(atLeast([20, 19, 0], [20, 19, 0]));
  assert.ok(atLeast([22, 0, 0], [20, 19, 0]));
  assert.ok(!atLeast([20, 9, 9], [20, 19, 0]));
  assert.ok(!atLeast([], [1, 95]));
});

test("the family of a distribution comes from its own words", () => {
  assert.equal(packager("ID=debian\n"), "apt");
  assert.equal(packager('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), "apt");
  assert.equal(packager('ID="fedora"\n'), "dnf");
  assert.equal(packager("ID=manjaro\nID_LIKE=arch\n"), "pacman");
  assert.equal(packager("ID=nixos\n"), null);
});

test("on Linux a window needs a display", { skip: process.platform !== "linux" && "Linux only" }, () => {
  assert.ok(!hasDisplay({}));
  assert.ok(hasDisplay({ DISPLAY: ":1" }));
  assert.ok(hasDisplay({ WAYLAND_DISPLAY: "wayland-0" }));
});

test("the stamp changes with a source and only with a source", () => {
  const base = mkdtempSync(join(tmpdir(), "parlance-stamp-"));
  const put = (file, text) => {
    mkdirSync(join(base, file, ".."), { recursive: true });
    writeFileSync(join(base, file), text);
  };
  put("Cargo.toml", "[package]");
  put("crates/core/src/lib.rs", "one");
  const first = sourceStamp(base, "rustc 1");
  put("ui/node_modules/x/index.js", "ignored");
  put("ui/dist/index.html", "ignored");
  put("README.md", "ignored");
  assert.equal(sourceStamp(base, "rustc 1"), first);
  assert.notEqual(sourceStamp(base, "rustc 2"), first);
  put("crates/core/src/lib.rs", "two");
  const second = sourceStamp(base, "rustc 1");
  assert.notEqual(second, first);
  put("ui/src/App.svelte", "page");
  assert.notEqual(sourceStamp(base, "rustc 1"), second);

  const binary = join(base, "parlance");
  assert.ok(!isFresh(binary, "s"));
  put("parlance", "binary");
  put("parlance.built-from", "s");
  assert.ok(isFresh(binary, "s"));
  assert.ok(!isFresh(binary, "t"));
  rmSync(binary);
  assert.ok(!isFresh(binary, "s"));
  rmSync(base, { recursive: true });
});
