// Everything that is checked before a commit, in parallel: `npm run check`.
import { spawn } from 'node:child_process';

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  types: ['tsc', '-p', 'tsconfig.check.json'],
  schemas: ['tsx', 'scripts/gen.ts', '--check'],
  imports: ['tsx', 'scripts/check-imports.ts'],
  style: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  unused: ['knip'],
};

async function check([name, argv]: [string, readonly string[]]): Promise<boolean> {
  const child = spawn('npx', ['--no-install', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n${code === 0 ? '' : output}`);
  return code === 0;
}

const results = await Promise.all(Object.entries(CHECKS).map(check));
process.exitCode = results.every(Boolean) ? 0 : 1;
