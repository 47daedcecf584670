import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

// Serves a build under the policy of the app, so that what the window would refuse is refused here too.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

const [folder = 'dist-fake', port = '4173'] = argv.slice(2);
const root = fileURLToPath(new URL(`../${folder}`, import.meta.url));

try {
  statSync(join(root, 'index.html'));
} catch {
  console.error(`${folder} is not built`);
  exit(1);
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/favicon.ico') {
    response.writeHead(204).end();
    return;
  }
  const file = join(root, normalize(pathname === '/' ? '/index.html' : pathname));
  const stream = createReadStream(file);
  stream.on('open', () => {
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': policy,
      'cache-control': 'no-store',
    });
    stream.pipe(response);
  });
  stream.on('error', () => response.writeHead(404).end());
});
// Port 0 takes a free one; whoever asked for it reads here which.
server.listen(Number(port), '127.0.0.1', () => console.log(String(server.address().port)));
