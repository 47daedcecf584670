import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds the page on which the tests of rendering show their messages; no build for people holds it. */
export async function buildStage(): Promise<void> {
  await build({
    configFile: here('../../vite.config.ts'),
    root: here('.'),
    mode: 'fake',
    logLevel: 'error',
    build: { outDir: here('../../dist-rendering'), emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  });
}
