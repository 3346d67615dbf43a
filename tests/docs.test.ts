import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../src/cli/verbs.ts';
import { ERROR_CODES } from '../src/model/errors.ts';
import { cli } from './helpers/cli.ts';
import { study } from './helpers/study.ts';
import { writeFiles } from './helpers/temporary.ts';

const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const textOf = (path: string) => readFileSync(path, 'utf8');
const verbs = VERBS.map(({ usage }) => usage.split(' ')[0] as string);

/** Fenced blocks of a language, over all documents. */
function fences(language: string): readonly { readonly document: string; readonly text: string }[] {
  return DOCUMENTS.flatMap((document) =>
    [...textOf(document).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
      .filter(([, name]) => name === language)
      .map(([, , text = '']) => ({ document, text })),
  );
}

describe('the documents', () => {
  test('docs/errors.md has one heading for each code, in the order of the catalogue', () => {
    const headings = [...textOf('docs/errors.md').matchAll(/^## (LTX_\w+)$/gm)].map(
      ([, code]) => code,
    );

    expect(headings).toEqual(ERROR_CODES);
  });

  test.each(DOCUMENTS)('every link of %s to a file leads somewhere', (document) => {
    const links = [...textOf(document).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    const local = links.filter((target) => !/^[a-z]+:/.test(target));

    expect(local.filter((target) => !existsSync(join(dirname(document), target)))).toEqual([]);
  });

  test('every `lightex VERB` that is named exists', () => {
    const named = DOCUMENTS.flatMap((document) =>
      [
        ...textOf(document).matchAll(
          /(?<![\w/.-])lightex (?!is |looks|VERB|cd|sends|\d)([a-z]+)\b/g,
        ),
      ].map(([, verb]) => verb),
    );
    const inCode = named.filter(
      (verb) => verb !== undefined && !['help', 'does', 'reads', 'and'].includes(verb),
    );

    expect([...new Set(inCode)].filter((verb) => !verbs.includes(verb as string))).toEqual([]);
  });

  test('every experiment that is shown is valid, each of its cells', async () => {
    const shown = fences('jsonnet').filter(({ text }) => text.includes('command:'));
    const { folder } = study(
      Object.fromEntries(
        shown.map(({ text }, index) => [`experiments/shown${index}.jsonnet`, text]),
      ),
    );

    const end = await cli(folder, 'check');

    expect(shown.length).toBeGreaterThan(0);
    expect(end).toMatchObject({ code: 0 });
  });
});

describe('the command line', () => {
  test('the help of each verb has an example and exits with 0', async () => {
    const { folder } = study();
    const pages = await Promise.all(verbs.map((verb) => cli(folder, verb, '--help')));

    expect(pages.map(({ code }) => code)).toEqual(verbs.map(() => 0));
    expect(pages.filter(({ stdout }) => !stdout.includes('Example'))).toEqual([]);
    const help = [(await cli(folder, '--help')).stdout, ...pages.map(({ stdout }) => stdout)].join(
      '\n---\n',
    );
    await expect(help).toMatchFileSnapshot('golden/help.txt');
  });

  test('without a verb the help is shown and the exit code is 2', async () => {
    const { folder } = study();
    writeFiles(folder, {});

    expect(await cli(folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage: lightex'),
    });
  });
});
