import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Only `--mode fake`, the dev server and the tests may hold the fake backend; a release build drops the branch.
  define: { __FAKE__: JSON.stringify(mode !== 'production') },
  resolve: {
    alias: {
      $lib: folder('./src/lib'),
      $features: folder('./src/features'),
      // Its browser build decodes entities through innerHTML; the other one has a table.
      'decode-named-character-reference': fileURLToPath(
        import.meta.resolve('decode-named-character-reference'),
      ),
    },
    // Component tests mount components, which only the browser entry of Svelte can do.
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  clearScreen: false,
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  build: {
    // The oldest engine that has light-dark(): WebKitGTK 2.46, Safari 17.5, any WebView2.
    target: ['es2022', 'safari17.5'],
    cssTarget: ['safari17.5'],
    // font-src is 'self': a font inlined as data: would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    // What the first screen needs comes in one file: each more would be a request of its own before the first paint.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['./tests/setup.ts'],
    restoreMocks: true,
    // Against a hang alone: the property tests take seconds, and more beside a compiler.
    testTimeout: 120_000,
  },
}));
