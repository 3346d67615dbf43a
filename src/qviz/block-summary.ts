/** The tiles at the top: the best, how much better it is, what it cost, how the runs went. */

import { numberOf, rowsOf, textOf } from './answers.ts';
import type { Configuration } from './configurations.ts';
import { counted, formatCount, formatNumber, formatSample, formatSeconds, NBSP } from './format.ts';
import { type Html, html } from './html.ts';
import { labelOf, type ReportView, sampleText, toneOf } from './page.ts';
import { describe, quantile, type Sample } from './stats.ts';

/** The summary block: four tiles. */
export function summaryBlock(view: ReportView): Html {
  return html`<div class="kpis">${[bestTile(view), differenceTile(view), costTile(view), runsTile(view)]}</div>`;
}

function tile(label: string, value: Html, below: Html): Html {
  return html`<div class="kpi"><div class="l">${label}</div><div class="v">${value}</div><div class="s">${below}</div></div>\n`;
}

function bestTile({ definition, comparison }: ReportView): Html {
  const best = bestOf(comparison.configurations);
  if (definition.objective === undefined) {
    return tile('Best configuration', html`–`, html`the experiment declares no objective`);
  }
  const { metric } = definition.objective;
  if (best === undefined) {
    return tile(
      'Best configuration',
      html`–`,
      html`no run has succeeded with a value of ${metric}`,
    );
  }
  const { mean, sd } = formatSample(best.objective);
  const n = countText(best.objective);
  const spread = sd === undefined ? n : `±${NBSP}${sd} (${n})`;
  return tile(
    'Best configuration',
    html`${mean} <small>${spread}</small>`,
    html`${metric} of ${labelOf(best)}`,
  );
}

/** `n = 3` in one line. */
function countText({ n }: Sample): string {
  return `n${NBSP}=${NBSP}${n}`;
}

function differenceTile({ definition, comparison }: ReportView): Html {
  const { baseline, configurations } = comparison;
  const best = bestOf(configurations);
  const known = baseline?.objective.mean !== undefined;
  const label = known ? 'Against the baseline' : 'Against the median configuration';
  const means = configurations.flatMap(({ objective: { mean } }) =>
    mean === undefined ? [] : [mean],
  );
  const reference = known ? baseline.objective : describe([quantile(means, 0.5)]);
  if (best?.objective.mean === undefined || reference.mean === undefined) {
    return tile(label, html`–`, html`nothing to compare yet`);
  }
  if (best === baseline) return tile(label, html`±0`, html`the baseline is the best so far`);
  const difference = best.objective.mean - reference.mean;
  const gain = definition.objective?.goal === 'minimize' ? -difference : difference;
  const sign = difference < 0 ? '' : '+';
  const named = known
    ? html`baseline ${sampleText(reference)} (${countText(reference)}), ${labelOf(baseline)}`
    : html`median ${sampleText(reference)} of ${counted(means.length, 'configuration')}`;
  return tile(
    label,
    html`${sign}${formatNumber(difference, 3)} <small>${gain > 0 ? 'better' : 'no better'}</small>`,
    named,
  );
}

function costTile({ answers }: ReportView): Html {
  const totals = rowsOf(answers, 'totals');
  const sum = (column: string) =>
    totals.reduce((total, row) => total + (numberOf(row[column]) ?? 0), 0);
  const { value, unit } = formatSeconds(sum('seconds'));
  const invalid = sum('invalid_lines');
  return tile(
    'Cost so far',
    html`${value} <small>${unit} of run time</small>`,
    html`${counted(sum('points'), 'logged point')}${invalid > 0 && `, ${counted(invalid, 'invalid line')}`}`,
  );
}

function runsTile({ answers, comparison }: ReportView): Html {
  const totals = rowsOf(answers, 'totals').map((row) => ({
    status: textOf(row.status),
    runs: numberOf(row.runs) ?? 0,
    stale: numberOf(row.stale) ?? 0,
  }));
  const ordered = totals.sort((a, b) => b.runs - a.runs);
  const words = ordered.map(
    ({ status, runs, stale }) =>
      html`<li><i class="i-${toneOf(status)}"></i>${formatCount(runs)} ${status.replaceAll('_', ' ')}${stale > 0 && ` (${stale} silent)`}</li>`,
  );
  return tile(
    'Runs',
    html`${formatCount(comparison.total)} <small>in ${counted(comparison.configurations.length, 'configuration')}</small>`,
    html`${statusBar(ordered, comparison.total)}<ul class="slist">${words}</ul>`,
  );
}

function statusBar(
  counts: readonly { readonly status: string; readonly runs: number }[],
  total: number,
): Html {
  // Even one run of thousands must be seen: a part is at least 1.2 % wide.
  const least = total * 0.012;
  let x = 0;
  const parts = counts.map(({ status, runs }) => {
    const width = Math.max(runs, least);
    const part = html`<rect x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="8" fill="var(--${toneOf(status)})"/>`;
    x += width + total * 0.006;
    return part;
  });
  return html`<svg class="sbar" width="100%" height="8" viewBox="0 0 ${Math.max(x, 1).toFixed(2)} 8" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

function bestOf(configurations: readonly Configuration[]): Configuration | undefined {
  return configurations.find(({ rank }) => rank === 1);
}
