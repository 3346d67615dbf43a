import { normalize } from 'node:path/posix';
import type { Evaluated } from '../../ports/system.ts';

/** A program around snippets; the interpreter runs in the tree's root, so its paths are those of the tree. */
export interface Program {
  /** The name under which it was evaluated. */
  readonly path: string;
  /** The line (from 1) in a snippet that a line of the program is, undefined for lines around snippets. */
  snippetLine(line: number): number | undefined;
}

type EvaluationError = Extract<Evaluated, { readonly error: unknown }>['error'];
type Place = { readonly file?: string; readonly line: number; readonly column: number };

// Places are `file:2:5`, `file:2:5-9` or `file:(2:5)-(3:1)`; a frame adds a tab and the name of what was evaluated.
const STATIC = /^STATIC ERROR: (.+?):\(?(\d+):(\d+)\)?(?:-\(?[\d:]+\)?)?: ([\s\S]*)$/;
const FRAME = /^\t(.+?):\(?(\d+):(\d+)[^\t]*\t/;

/** The interpreter's message without its stack; the place is the innermost one in a file of the tree, else in the snippet. */
export function explainError(text: string, program: Program): EvaluationError {
  const fixed = STATIC.exec(text);
  if (fixed !== null) {
    const [, file = '', line, column, message = ''] = fixed;
    return {
      message: message.trim(),
      ...placeIn(program, file, Number(line), Number(column)),
    };
  }
  const lines = text.trimEnd().split('\n');
  const stack = lines.findLastIndex((line) => !line.startsWith('\t')) + 1;
  const message = lines.slice(0, stack).join('\n');
  const places = lines.slice(stack).flatMap((line) => {
    const [, file, row, column] = FRAME.exec(`${line}\t`) ?? [];
    const place = file && placeIn(program, file, Number(row), Number(column));
    return place ? [place] : [];
  });
  return {
    message: message.replace(/^RUNTIME ERROR: /, ''),
    ...(places.find(({ file }) => file !== undefined) ?? places[0]),
  };
}

/** True for a message about the program's own syntax: then it says nothing about which snippet is at fault. */
export function isSyntaxOf(text: string, program: Program): boolean {
  return text.startsWith(`STATIC ERROR: ${program.path}:`);
}

function placeIn(program: Program, file: string, line: number, column: number): Place | undefined {
  if (file === program.path) {
    const own = program.snippetLine(line);
    return own === undefined ? undefined : { line: own, column };
  }
  // Imports come as `experiments/../lib/x`; what is still outside is the shipped library.
  const path = normalize(file);
  return path.startsWith('..') || path === 'std.jsonnet' ? undefined : { file: path, line, column };
}
