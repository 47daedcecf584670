import { writeFileSync } from "node:fs";
import { appBinary } from "./paths.mjs";
import { Explained, attached } from "./run.mjs";
import { isFresh, sourceStamp } from "./stamp.mjs";

/** Cargo's arguments that select the one feature set the app is built, linted and tested with. */
export const WORKSPACE = ["--workspace", "--locked", "--features", "custom-protocol"];

/** Builds the page and the optimised app unless the last build was made from the same sources; returns its path. */
export async function releaseApp() {
  const binary = appBinary("release");
  const stamp = sourceStamp();
  if (isFresh(binary, stamp)) return binary;
  console.log("Building Parlance. The first build takes some minutes; the next start opens at once.");
  await expect("npm", ["run", "--silent", "build", "--workspace", "ui"], "The page could not be built");
  await expect(
    "cargo",
    ["build", "--release", "--locked", "--package", "parlance", "--bin", "parlance", "--features", "custom-protocol"],
    "The app could not be built",
  );
  writeFileSync(`${binary}.built-from`, stamp);
  return binary;
}

async function expect(command, args, sentence) {
  const code = await attached(command, args);
  if (code !== 0) throw new Explained(`${sentence}: ${command} ended with exit code ${code}.`);
}
