// Writes ui/src/lib/ipc/bindings.ts anew from the Rust commands.
import { spawnSync } from 'node:child_process';

const made = spawnSync('cargo', ['test', '--locked', '-p', 'parlance', 'bindings'], {
  stdio: 'inherit',
  env: { ...process.env, PARLANCE_WRITE_BINDINGS: '1' },
});
process.exit(made.status ?? 1);
