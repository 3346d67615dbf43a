import { styleText } from 'node:util';
import type { LightexError, Problem } from '../model/errors.ts';
import type { Json } from '../model/experiment.ts';

/** Standard output is data, standard error is talk. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One JSON document. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

type Style = Parameters<typeof styleText>[0];

/** Styled on a terminal, plain when piped or when NO_COLOR is set. */
export function styled(
  style: Style,
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const isPlain = !stream.isTTY || (process.env.NO_COLOR ?? '') !== '';
  return isPlain ? text : styleText(style, text);
}

const STATUS_STYLE: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  failed: 'red',
  timed_out: 'red',
  lost: 'red',
  cancelled: 'yellow',
  running: 'blue',
};

/** A status word in its colour. */
export function styledStatus(status: string, stream?: NodeJS.WriteStream): string {
  const style = STATUS_STYLE[status];
  return style === undefined ? status : styled(style, status, stream);
}

/**
 * Columns two spaces apart under their headings, as wide as their longest cell; numbers to the right.
 * A cell that is longer than the room on a terminal is not cut: a line may wrap, but nothing is hidden.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const plain = (cell: string) => stripStyle(cell);
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => NUMBER.test(plain(row[column] ?? ''))),
  );
  const lines = [headings.map((heading) => styled('bold', heading)), ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => plain(line[column] ?? '').length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          pad(cell, (widths[column] ?? 0) - plain(cell).length, isNumeric[column] === true),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const NUMBER = /^(|–|-?\d[\d.,e+-]*%?|NaN|-?Infinity)$/;

function pad(cell: string, missing: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, missing));
  return isRight ? space + cell : cell + space;
}

function stripStyle(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes that styleText writes
  return text.replace(/\u001b\[\d+m/g, '');
}

/** A value of a table as people read it: numbers with six significant digits, nothing for null. */
export function cell(value: Json | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  // One line: what a run wrote must not draw on the terminal.
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\p{Cc}+/gu, ' ');
}

/** An error for people: what is wrong, each problem with its place, what to do next. */
export function describeError(error: LightexError): string {
  const [first, ...rest] = describeProblems(error.problems);
  // The message of a file's problems is their heading: said once.
  const heading = first?.startsWith(error.message) ? first : undefined;
  const message = heading ?? error.message;
  const head = `${styled('red', 'error', process.stderr)}: ${message}  ${styled('dim', error.code, process.stderr)}`;
  const lines = heading !== undefined || first === undefined ? rest : [first, ...rest];
  return [head, ...lines, ...(error.hint === undefined ? [] : [error.hint])].join('\n');
}

/** Problems under a heading for each file. */
export function describeProblems(problems: readonly Problem[]): readonly string[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return files.flatMap((file) => {
    const inFile = problems.filter((problem) => problem.file === file);
    const count = `${inFile.length} problem${inFile.length === 1 ? '' : 's'}`;
    return [`${file}: ${count}`, ...inFile.flatMap(describeProblem)];
  });
}

function describeProblem({ at, message, source }: Problem): readonly string[] {
  const line = at === '' ? `  ${message}` : `  ${at}  ${message}`;
  return source === undefined ? [line] : [line, `    | ${source}`];
}
