import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import { formatBytes } from '../../model/quantity.ts';
import { type ChildEnd, type ChildLimits, runLimited } from '../../platform/limited-child.ts';
import { packageFile } from '../../platform/package-files.ts';
import type { ConfigVm, Evaluated, SourceFiles } from '../../ports/system.ts';
import { LIBRARY, resolveImport } from '../imports.ts';
import type { EvaluatorRequest } from './evaluator.ts';
import { importGuard } from './import-guard.ts';

/** For one child, which evaluates at most 250 snippets. Bare, it takes about 100 MiB. */
const LIMITS: ChildLimits = {
  memoryBytes: 2 ** 30,
  cpuSeconds: 30,
  timeoutMs: 60_000,
  outputBytes: 2 ** 28,
};
const CHILDREN = 2;
// Starting a child costs as much as some hundred cells: large enough to forget that, small enough that the
// interpreter's garbage collection, which grows faster than the work, does not count.
const CHUNK = { least: 16, most: 250 };

/** Jsonnet in child processes of its own, two at a time, in a private folder that is gone afterwards. */
export function makeConfigVm(limits: Partial<ChildLimits> = {}): ConfigVm {
  return { evaluate: (files, snippets) => evaluate(files, snippets, { ...LIMITS, ...limits }) };
}

async function evaluate(
  files: SourceFiles,
  snippets: readonly string[],
  limits: ChildLimits,
): Promise<readonly Evaluated[]> {
  const refusal = importGuard(files);
  const answers = snippets.map((snippet): Evaluated | undefined => {
    const message = refusal(snippet);
    return message === undefined ? undefined : { error: { message } };
  });
  const open = [...snippets.keys()].filter((index) => answers[index] === undefined);
  if (open.length === 0) return answers as readonly Evaluated[];
  const folder = await mkdtemp(join(tmpdir(), 'lightex-config-'));
  try {
    const request = await prepare(folder, files);
    const chunks = chunksOf(open);
    const work = async () => {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        const texts = chunk.map((index) => snippets[index] as string);
        const found = await evaluateChunk(texts, (some) =>
          ask({ ...request, snippets: some }, limits),
        );
        for (const [place, index] of chunk.entries()) answers[index] = found[place];
      }
    };
    await Promise.all(Array.from({ length: CHILDREN }, work));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return answers as readonly Evaluated[];
}

function chunksOf(indices: readonly number[]): number[][] {
  const size = Math.min(CHUNK.most, Math.max(CHUNK.least, Math.ceil(indices.length / CHILDREN)));
  const count = Math.ceil(indices.length / size);
  return Array.from({ length: count }, (_, n) => indices.slice(n * size, (n + 1) * size));
}

async function prepare(
  folder: string,
  files: SourceFiles,
): Promise<Pick<EvaluatorRequest, 'root' | 'library'>> {
  const request = { root: join(folder, 'tree'), library: '../library' };
  await mkdir(request.root);
  for (const [path, text] of files) {
    // The paths come from a tree that somebody pushed.
    if (resolveImport('', path) !== path)
      throw new LightexError('LTX_INTERNAL', `"${path}" is no path of a tree`);
    await write(join(request.root, path), text);
  }
  const library = await readFile(packageFile('src/namedconf/jsonnet/v1.libsonnet'), 'utf8');
  await write(join(request.root, request.library, LIBRARY), library);
  return request;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

interface Reply {
  /** For the first snippets, in order; fewer than asked when the child died. */
  readonly answers: readonly Evaluated[];
  /** What ended the child before it had answered everything. */
  readonly death?: string;
}

/**
 * A child that dies leaves the snippet that it was at without an answer. Others may have used up what it was
 * given, so the suspect gets a child of its own before it is blamed, and the rest goes on in another.
 */
async function evaluateChunk(
  snippets: readonly string[],
  askFor: (snippets: readonly string[]) => Promise<Reply>,
): Promise<readonly Evaluated[]> {
  const answers: Evaluated[] = [];
  while (answers.length < snippets.length) {
    const asked = snippets.slice(answers.length);
    const reply = await askFor(asked);
    answers.push(...reply.answers);
    if (reply.death === undefined) continue;
    const suspect = snippets[answers.length] as string;
    const alone = asked.length === 1 ? reply : await askFor([suspect]);
    answers.push(alone.answers[0] ?? { error: { message: alone.death ?? '', limited: true } });
  }
  return answers;
}

async function ask(request: EvaluatorRequest, limits: ChildLimits): Promise<Reply> {
  const end = await runLimited('namedconf/jsonnet/evaluator', JSON.stringify(request), limits);
  // A last line without an end was cut by the child's death.
  const lines = end.stdout.split('\n').slice(0, -1);
  const answers = lines
    .slice(0, request.snippets.length)
    .map((line): Evaluated => JSON.parse(line));
  if (answers.length === request.snippets.length) return { answers };
  return { answers, death: deathOf(end, limits) };
}

/** Which limit a child died of. @throws LTX_CHILD_FAILED when it was none: then it could not work at all. */
function deathOf(end: ChildEnd, limits: ChildLimits): string {
  if (end.stopped === 'timeout') return `evaluation took longer than ${limits.timeoutMs / 1_000} s`;
  if (end.stopped === 'output')
    return `evaluation gave more than ${formatBytes(limits.outputBytes)} of values`;
  if (end.signal === 'SIGXCPU' || end.signal === 'SIGKILL')
    return `evaluation needed more than ${limits.cpuSeconds} s of CPU time`;
  if (end.signal === 'SIGSEGV') return 'evaluation is nested too deeply';
  if (end.signal !== null)
    return `evaluation needed more than ${formatBytes(limits.memoryBytes)} of memory`;
  throw new LightexError('LTX_CHILD_FAILED', `the Jsonnet evaluator failed: ${lastLine(end)}`, {
    hint: 'Install again with: npm ci (the Jsonnet addon needs cmake and a C++ compiler)',
  });
}

function lastLine(end: ChildEnd): string {
  const lines = end.stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => line.includes('Error')) ?? lines.at(-1) ?? `exit code ${end.code}`;
}
