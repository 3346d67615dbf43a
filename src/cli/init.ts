import { resolve } from 'node:path';
import { initWorkspace } from '../app/init-workspace.ts';
import { print, printJson, say, styled } from './output.ts';
import type { Verb } from './verbs.ts';

/** Makes a workspace; says what was written, what was kept, and what comes next. */
export const run: Verb = async ([dir = '.'], { json }) => {
  const made = await initWorkspace(resolve(dir));
  if (json) {
    printJson(made);
    return 0;
  }
  for (const path of made.written) print(`${styled('green', 'wrote')}  ${path}`);
  for (const path of made.kept) print(`${styled('yellow', 'kept')}   ${path} (it was there)`);
  say(`
Next${dir === '.' ? '' : `, in ${dir}`}:
  lightex check                      # evaluates and validates everything
  git add --all && git commit -m 'first experiment'
  git remote add origin ADDRESS      # any git remote; a local one: git init --bare ../study.git
  git push -u origin ${made.branch}
  lightex runner start --once        # runs what was pushed, on this machine
  lightex runs penguins              # and: lightex sql, lightex report`);
  return 0;
};
