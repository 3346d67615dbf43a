import { distance } from 'fastest-levenshtein';

/** At most three of `names` that `word` may have meant, nearest first; the last part of a dotted name counts as near. */
function nearest(word: string, names: Iterable<string>): readonly string[] {
  const reach = Math.max(1, Math.ceil(word.length * 0.4));
  return [...new Set(names)]
    .map((name) => ({ name, far: name.endsWith(`.${word}`) ? 0 : distance(word, name) }))
    .filter(({ far }) => far <= reach)
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** ` Did you mean "memory"?` with the nearest names, or nothing when none is near. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const found = nearest(word, names).map((name) => `"${name}"`);
  return found.length === 0 ? '' : ` Did you mean ${found.join(' or ')}?`;
}
