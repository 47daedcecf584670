/** For each language: what people call it, and the words that stand after a fence. The first word names its grammar. */
const languages: [name: string, ...words: string[]][] = [
  ['Assembly', 'x86asm', 'asm', 'nasm'],
  ['AWK', 'awk', 'gawk'],
  ['Bash', 'bash', 'zsh'],
  ['C', 'c', 'h'],
  ['C++', 'cpp', 'c++', 'cc', 'cxx', 'hpp', 'arduino', 'ino'],
  ['C#', 'csharp', 'cs', 'c#'],
  ['Clojure', 'clojure', 'clj', 'cljs', 'edn'],
  ['CMake', 'cmake'],
  ['CSS', 'css'],
  ['Dart', 'dart'],
  ['Diff', 'diff', 'patch'],
  ['Dockerfile', 'dockerfile', 'docker'],
  ['Elixir', 'elixir', 'ex', 'exs'],
  ['Elm', 'elm'],
  ['Erlang', 'erlang', 'erl'],
  ['F#', 'fsharp', 'fs', 'f#'],
  ['Fortran', 'fortran', 'f90'],
  ['Go', 'go', 'golang'],
  ['GraphQL', 'graphql', 'gql'],
  ['Groovy', 'groovy', 'gradle'],
  ['Haskell', 'haskell', 'hs'],
  ['HTTP', 'http'],
  ['INI', 'ini', 'conf', 'cfg', 'editorconfig'],
  ['Java', 'java'],
  ['JavaScript', 'javascript', 'js', 'mjs', 'cjs'],
  ['JSON', 'json', 'jsonc', 'json5', 'jsonl', 'ndjson'],
  ['Julia', 'julia', 'jl'],
  ['Kotlin', 'kotlin', 'kt', 'kts'],
  ['LaTeX', 'latex', 'tex'],
  ['Less', 'less'],
  ['Lisp', 'lisp', 'elisp', 'scheme'],
  ['Lua', 'lua', 'luau'],
  ['Makefile', 'makefile', 'make', 'mk'],
  ['Markdown', 'markdown', 'md', 'mdx'],
  ['MATLAB', 'matlab', 'octave'],
  ['Nginx', 'nginx'],
  ['Nix', 'nix'],
  ['Objective-C', 'objectivec', 'objc', 'mm'],
  ['OCaml', 'ocaml', 'ml'],
  ['Perl', 'perl', 'pl'],
  ['PHP', 'php'],
  ['PowerShell', 'powershell', 'ps1', 'pwsh'],
  ['Properties', 'properties', 'env', 'dotenv'],
  ['Protocol Buffers', 'protobuf', 'proto'],
  ['Python', 'python', 'py', 'py3', 'python3', 'pycon'],
  ['R', 'r'],
  ['Ruby', 'ruby', 'rb', 'erb'],
  ['Rust', 'rust', 'rs'],
  ['Scala', 'scala', 'sc'],
  ['SCSS', 'scss', 'sass'],
  ['SQL', 'sql', 'postgres', 'postgresql', 'mysql', 'sqlite', 'plsql', 'psql'],
  ['Swift', 'swift'],
  ['TypeScript', 'typescript', 'ts', 'mts', 'cts'],
  ['Vim', 'vim', 'viml'],
  ['Visual Basic', 'vbnet', 'vb'],
  ['WebAssembly', 'wasm', 'wat'],
  ['XML', 'xml', 'svg', 'plist', 'xsl'],
  ['YAML', 'yaml', 'yml'],
];

/** Words with a name of their own and the grammar of another language, or none. */
const others: [name: string, grammar: string | null, ...words: string[]][] = [
  ['Console', 'bash', 'console', 'shell-session', 'terminal'],
  ['HCL', 'ini', 'hcl', 'terraform', 'tf'],
  ['HTML', 'xml', 'html', 'htm', 'xhtml'],
  ['JSX', 'javascript', 'jsx'],
  ['Math', null, 'math'],
  ['Mermaid', null, 'mermaid'],
  ['Shell', 'bash', 'sh', 'shell'],
  ['Solidity', 'javascript', 'solidity', 'sol'],
  ['Svelte', 'xml', 'svelte'],
  ['TOML', 'ini', 'toml'],
  ['TSX', 'typescript', 'tsx'],
  ['Vue', 'xml', 'vue'],
  ['Zig', 'rust', 'zig'],
];

const known = new Map<string, { name: string; grammar: string | null }>();
for (const [name, ...words] of languages) {
  for (const word of words) known.set(word, { name, grammar: words[0] ?? null });
}
for (const [name, grammar, ...words] of others) {
  for (const word of words) known.set(word, { name, grammar });
}

/** How a language is called by people; an unknown word stays as it was written. */
export function languageName(lang: string | null): string | null {
  if (!lang) return null;
  return known.get(lang.toLowerCase())?.name ?? lang;
}

/** The grammar that colours a language; null where there is none. */
export function grammarOf(lang: string | null): string | null {
  return lang === null ? null : (known.get(lang.toLowerCase())?.grammar ?? null);
}
