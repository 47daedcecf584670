/** Messages that want to be more than words. Each tries to set `window.pwned`, to fetch, or to break out. */
const hosts = 'https://canary.invalid';

export const hostile: Record<string, string> = {
  script: '<script>window.pwned = 1</script>\n\nafter',
  inlineScript: 'words <script src="https://canary.invalid/a.js"></script> words',
  handlers:
    '<img src=x onerror="window.pwned=1"> <b onclick="window.pwned=1" onmouseover=window.pwned=1>b</b>',
  block: '<div onpointerdown="window.pwned=1" style="position:fixed;inset:0">x</div>',
  svg: '<svg onload="window.pwned=1"><image href="https://canary.invalid/s.png"/><use href="data:x"/></svg>',
  mathml:
    '<math><mtext><img src onerror=window.pwned=1></mtext><maction actiontype="statusline" xlink:href="javascript:window.pwned=1">x</maction></math>',
  mutation:
    '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>"></noscript>\n\n' +
    '<math><mi><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=1&gt;"></style></mi></math>\n\n' +
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=1>',
  template:
    '<template><script>window.pwned=1</script></template> <iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  artifact:
    '<antArtifact type="text/html"><script>window.pwned=1</script></antArtifact>\n<artifact identifier="x">y</artifact>',
  images:
    `![a](${hosts}/a.png) ![b][ref] ![ref] ![ref][] [![c](${hosts}/c.png)](${hosts}/d) <img src="${hosts}/e.png">\n\n` +
    `<${hosts}/f.png> ${hosts}/g.png\n\n![h](<${hosts}/h.png> "t")\n\n[ref]: ${hosts}/r.png "title"`,
  styles: `<style>@import url(${hosts}/x.css); body{background:url(${hosts}/y.png)}</style><link rel=prefetch href="${hosts}/p"><link rel=dns-prefetch href="//canary.invalid">`,
  media: `<video src="${hosts}/v.mp4" autoplay></video><audio src=${hosts}/a></audio><object data="${hosts}/o"></object><embed src="${hosts}/m"><base href="${hosts}/">`,
  links:
    '[a](javascript:window.pwned=1) [b](JaVaScRiPt:window.pwned=1) [c](data:text/html,<script>pwned=1</script>) ' +
    '[d](vbscript:x) [e](file:///etc/passwd) [f](\\\\host\\share) [g](vscode://x) [h](  javascript:window.pwned=1) ' +
    '[i](java&#10;script:window.pwned=1) [j](&#x6A;avascript:window.pwned=1) <javascript:window.pwned=1> [k](//canary.invalid/x)',
  masked: `[https://bank.example](${hosts}/login) [bank.example](https://bank.example@canary.invalid/)`,
  mermaid:
    '```mermaid\ngraph TD; A["<img src=x onerror=window.pwned=1>"]-->B; click A "javascript:window.pwned=1"\n```',
  fence: '```html\n<script>window.pwned=1</script>\n```\n\n~~~js"onload=x\nwindow.pwned=1\n~~~',
  formulas:
    `$\\href{javascript:window.pwned=1}{x}$ $\\url{${hosts}/u}$ $\\includegraphics{${hosts}/i.png}$ ` +
    '$\\htmlData{x=<img src=x onerror=window.pwned=1>}{y}$ $\\htmlStyle{position:fixed}{y}$ $\\htmlClass{c}{z}$ $\\htmlId{app}{z}$ ' +
    '$\\text{<img src=x onerror=window.pwned=1>}$ $\\color{red;background:url(x)}{y}$ $\\class{x}{y}$',
  macros:
    '$$\n\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\def\\c{\\d\\d}\\def\\d{\\e\\e}\\def\\e{\\f\\f}\\def\\f{\\g\\g}\\def\\g{\\h\\h}\\def\\h{\\i\\i}\\def\\i{xxxxxxxx}\\a\\a\\a\\a\n$$',
  endless: '$\\def\\x{\\x\\x}\\x$ and $\\rule{99999em}{99999em}$ and $\\kern{99999em}x$',
  nested: '> - 1. > * **_~~[`a`](https://canary.invalid/x)~~_** <b>\n>   ```\n>   <script>\n',
  table:
    '| <script>window.pwned=1</script> | =cmd() |\n|---|---|\n| ![x](https://canary.invalid/t.png) | [y](javascript:pwned=1) |',
  notes:
    'a[^__proto__] b[^constructor] c[^app]\n\n[^__proto__]: <b>x\n[^app]: y\n[constructor]: javascript:window.pwned=1\n\n[constructor] [__proto__]',
  headings: '# <a name="app">x</a> {#app onclick=alert(1)}\n\nconstructor\n===',
  invisible:
    'a\u202Eb\u2066c\u200Bd\u{E0041}e\u00ADf \u{1F468}\u200D\u{1F469} `\u202Ecode` [\u202Eli\u200Bnk](https://canary.invalid/\u202E)',
  entities:
    '&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;img src=x onerror=window.pwned=1&#62; &NewLine;&colon;',
  mark: '\uFEFFa\n\n\uFEFF# b\n\n\uFEFF- c',
  nul: 'a\u0000b <scr\u0000ipt>window.pwned=1</scr\u0000ipt>\n\n```\n\u0000\n```',
};
