import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const SINKS = ['innerHTML', 'outerHTML', 'srcdoc'];

/** What would turn text into markup, or run it. The allow-list is empty. */
const sinks = [
  ...SINKS.map((name) => ({
    selector: `AssignmentExpression > MemberExpression[property.name='${name}'].left`,
    message: `${name} turns text into markup; render a tree instead.`,
  })),
  ...SINKS.map((name) => ({
    selector: `SvelteAttribute[key.name=/^${name}$/i]`,
    message: `${name} turns text into markup; render a tree instead.`,
  })),
  {
    selector:
      'CallExpression[callee.property.name=/^(insertAdjacentHTML|setHTMLUnsafe|createContextualFragment)$/]',
    message: 'This turns text into markup; render a tree instead.',
  },
  {
    selector: "CallExpression[callee.object.name='document'][callee.property.name=/^write/]",
    message: 'This turns text into markup; render a tree instead.',
  },
];

const tauri = { group: ['@tauri-apps/*'], message: 'Only lib/ipc speaks to the shell.' };
const features = {
  group: ['$features/*', '**/features/*'],
  message: 'A feature imports no other feature; a view joins them.',
};
const views = { group: ['**/views/*'], message: 'Views stand above features and lib.' };
const imports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default ts.config(
  {
    ignores: [
      'dist',
      'dist-fake',
      'dist-rendering',
      'test-results',
      'playwright-report',
      'src/lib/ipc/bindings.ts',
    ],
  },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, __FAKE__: 'readonly' } },
    rules: {
      'no-restricted-syntax': ['error', ...sinks],
      // TypeScript knows its globals; the rule knows no types.
      'no-undef': 'off',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inline-styles': ['error', { allowTransitions: false }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      // A Map that nothing renders needs no signals.
      'svelte/prefer-svelte-reactivity': 'off',
      // {' '} is how a space survives at the edge of a block.
      'svelte/no-useless-mustaches': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      ...imports(tauri),
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  { files: ['src/lib/**'], rules: imports(tauri, features, views) },
  { files: ['src/features/**'], rules: imports(tauri, features, views) },
  { files: ['src/lib/ipc/**'], rules: imports(features, views) },
  {
    files: ['*.js', '*.ts', 'tests/**'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
);
