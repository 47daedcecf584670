import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts an X server without a screen on a display number of its own; `stop()` ends it. */
export async function startDisplay({ width = 1440, height = 900 } = {}) {
  const screen = `${width}x${height}x24`;
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const number = await new Promise((resolve, reject) => {
    let said = "";
    server.stdio[3].on("data", (chunk) => {
      said += chunk;
      if (said.includes("\n")) resolve(said.trim());
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`Xvfb ended with exit code ${code} before it had a display`)));
  });
  return {
    display: `:${number}`,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
    },
  };
}
