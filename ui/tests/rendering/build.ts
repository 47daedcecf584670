import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the page on which tests show what has no screen of its own, and serves it; no build for people holds it.
 * Specs run at the same time: each has a folder of its own, named after it.
 */
export async function serveStage(spec: string): Promise<{ origin: string; close: () => void }> {
  const folder = `dist-rendering/${spec}`;
  await build({
    configFile: here('../../vite.config.ts'),
    root: here('.'),
    mode: 'fake',
    logLevel: 'error',
    build: { outDir: here(`../../${folder}`), emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  });
  const server = spawn(process.execPath, [here('../serve.mjs'), folder, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    server.once('exit', (code) => reject(new Error(`the server of the stage ended with ${code}`)));
  });
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.kill() };
}
