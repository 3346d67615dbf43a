/**
 * The process that evaluates Jsonnet: one request on standard input, one answer a line on standard output, in order.
 * It holds no state and has no way out: whoever starts it limits its memory and time, and kills it.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Jsonnet } from '@hanazuki/node-jsonnet';
import { explainError, isSyntaxOf, type Program } from './jsonnet-error.ts';

export interface EvaluatorRequest {
  /** Absolute folder of the tree: what snippets import from. */
  readonly root: string;
  /** Folder with the shipped library, from there. */
  readonly library: string;
  readonly snippets: readonly string[];
}

// One evaluation costs 25 ms, and 25 ms more for each imported file, before it does anything: the interpreter
// reads its standard library anew. So all snippets are one program, in which each hands over its value as soon
// as it is known; after an error the rest starts again behind the guilty snippet.
async function answerAll(request: EvaluatorRequest): Promise<void> {
  const { snippets } = request;
  let isOneByOne = false;
  for (let next = 0; next < snippets.length; ) {
    const batch = snippets.slice(next, isOneByOne ? next + 1 : undefined);
    const program = programOf(batch);
    const end = await run(program, batch.length, request.library);
    next += end.answered;
    if (end.error === undefined) continue;
    if (end.isSyntax && batch.length > 1) {
      isOneByOne = true;
      continue;
    }
    print(JSON.stringify({ error: explainError(end.error, program) }));
    next += 1;
  }
}

interface RunEnd {
  readonly answered: number;
  readonly error?: string;
  /** The error is one of the program as a whole: it says nothing about which snippet is at fault. */
  readonly isSyntax?: boolean;
}

async function run(program: OwnProgram, count: number, library: string): Promise<RunEnd> {
  let answered = 0;
  const vm = new Jsonnet().addJpath(library).nativeCallback(
    program.answer,
    (text) => {
      print(String(text));
      answered += 1;
      return true;
    },
    'text',
  );
  try {
    await vm.evaluateSnippet(program.text, program.path);
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    return { answered, error, isSyntax: isSyntaxOf(error, program) };
  }
  if (answered === count) return { answered };
  return { answered, error: 'not one expression', isSyntax: true };
}

interface OwnProgram extends Program {
  readonly text: string;
  /** Name of the native function that takes the answers: a secret, so that no snippet can answer for another. */
  readonly answer: string;
}

/** An array that hands over the JSON of one snippet after the other: `'' + {…}` is the interpreter's quick way to it. */
function programOf(snippets: readonly string[]): OwnProgram {
  const secret = randomUUID();
  const lines: string[] = ['['];
  const own = new Map<number, number>();
  for (const snippet of snippets) {
    lines.push(`std.native('${secret}')('' + { value: (`);
    for (const [index, line] of snippet.split('\n').entries()) {
      lines.push(line);
      own.set(lines.length, index + 1);
    }
    lines.push(')}),');
  }
  lines.push(']');
  return {
    path: secret,
    text: lines.join('\n'),
    answer: secret,
    snippetLine: (line) => own.get(line),
  };
}

function print(line: string): void {
  writeFileSync(1, `${line}\n`);
}

const request: EvaluatorRequest = JSON.parse(readFileSync(0, 'utf8'));
// std.thisFile is then a path of the tree, the same in every evaluation.
process.chdir(request.root);
await answerAll(request);
