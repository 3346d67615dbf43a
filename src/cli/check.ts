import { relative, resolve } from 'node:path';
import { type Checked, checkWorkspace } from '../app/check-workspace.ts';
import { withWorkingCopy } from '../app/working-copy.ts';
import { LightexError } from '../model/errors.ts';
import { describeProblems, print, printJson, say, styled } from './output.ts';
import type { Verb } from './verbs.ts';

/** Evaluates and validates everything, cells too; exit 2 when something is wrong. */
export const run: Verb = (files, { json }) =>
  withWorkingCopy(process.cwd(), async (copy) => {
    const wanted = files.map((file) => relative(copy.workspace.root, resolve(String(file))));
    const found = chosen(await checkWorkspace(copy), wanted);
    if (json) printJson(found);
    else printChecked(found);
    return found.problems.length === 0 ? 0 : 2;
  });

/** What was found about the named files, or about all. @throws LTX_NOT_FOUND for a file that nothing reads */
function chosen({ files, problems }: Checked, wanted: readonly string[]): Checked {
  const unknown = wanted.find((path) => !files.some(({ file }) => file === path));
  if (unknown !== undefined) {
    throw new LightexError('LTX_NOT_FOUND', `${unknown} is not a file that lightex reads`, {
      hint: 'It reads lightex.jsonnet and files under experiments/, runners/ and reports/',
    });
  }
  const isWanted = ({ file }: { readonly file: string }) =>
    wanted.length === 0 || wanted.includes(file);
  return { files: files.filter(isWanted), problems: problems.filter(isWanted) };
}

function printChecked({ files, problems }: Checked): void {
  const broken = new Set(problems.map(({ file }) => file));
  for (const { file, summary } of files) {
    if (!broken.has(file)) print(`${styled('green', 'ok')}  ${file}  ${summary}`);
  }
  for (const line of describeProblems(problems)) say(line);
  if (problems.length > 0) say('Check again with: lightex check');
  else if (files.length === 0)
    say('nothing to check: there is no experiment here. Make one with: lightex init');
}
