import { execFileSync } from 'node:child_process';

/** Children run from dist/: what is tested is what was written. */
export function setup(): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
    stdio: 'inherit',
  });
}
