import { findRuns, type RunRow } from '../app/find-run.ts';
import { findStore } from '../app/find-store.ts';
import { type Difference, differences } from '../model/differences.ts';
import type { Json, JsonObject } from '../model/experiment.ts';
import { cell, print, printJson, say, styled, table } from './output.ts';
import type { Verb } from './verbs.ts';

/** What of a run, besides parameters and metrics, can explain a difference. */
const FACTS = [
  'experiment',
  'command',
  'image',
  'tree',
  'commit',
  'branch',
  'author',
  'runner',
  'host',
  'executor',
  'links',
];

/** Only what differs between two runs: what was asked for, where it ran, what came out. */
export const run: Verb = async ([first = '', second = ''], { json }) => {
  const { store } = await findStore(process.cwd());
  const [a = {}, b = {}] = await findRuns(store, [first, second]);
  const found = {
    params: differences(a.params as JsonObject, b.params as JsonObject),
    facts: differences(factsOf(a), factsOf(b)),
    results: differences(resultsOf(a), resultsOf(b)),
  };
  if (json) {
    printJson({ a: a.run_id, b: b.run_id, ...found });
    return 0;
  }
  print(`${styled('bold', 'a')}  ${cell(a.run_id)}  ${cell(a.experiment)} ${cell(a.trial)}`);
  print(`${styled('bold', 'b')}  ${cell(b.run_id)}  ${cell(b.experiment)} ${cell(b.trial)}`);
  section('Parameters', found.params);
  section('Surroundings', found.facts);
  section('Results', found.results);
  if (a.tree !== b.tree) say(`the code differs: git diff ${short(a.commit)} ${short(b.commit)}`);
  return 0;
};

function factsOf(row: RunRow): JsonObject {
  return Object.fromEntries(FACTS.map((name) => [name, row[name] ?? null]));
}

/** Metric names hold slashes and dots: they are leaves here. */
function resultsOf({ status, reason, objective, metrics, duration_s }: RunRow): JsonObject {
  const values = { status, reason, objective, duration_s, ...(metrics as JsonObject | null) };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function section(title: string, found: readonly Difference[]): void {
  print(`\n${styled('bold', title)}`);
  if (found.length === 0) print('no difference');
  else
    print(
      table(
        ['', 'A', 'B'],
        found.map(({ key, a, b }) => [cell(key), cell(a), cell(b)]),
      ),
    );
}

const short = (commit: Json | undefined) => String(commit).slice(0, 12);
