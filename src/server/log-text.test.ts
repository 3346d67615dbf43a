import { expect, test } from 'vitest';
import { lastLines } from './log-text.ts';

test.each([
  ['the codes of terminals go', '\u001b[31mred\u001b[0m \u001b]0;title\u0007x\n', ['red x']],
  ['of a line written over, its last state stays', ' 10%\r 90%\rdone\r\nnext\n', ['done', 'next']],
  ['other control characters are shown as dots, tabs stay', 'a\u0000b\tc\u0085', ['a·b\tc·']],
  ['an empty line stays one', 'a\n\nb\n', ['a', '', 'b']],
  ['nothing is nothing', '', []],
])('%s', (_name, text, lines) => {
  expect(lastLines(text)).toEqual(lines);
});

test('the last two hundred lines are kept, each cut where it is too long to read', () => {
  const lines = lastLines(
    Array.from({ length: 250 }, (_, i) => `${i} ${'x'.repeat(5_000)}`).join('\n'),
  );

  expect(lines).toHaveLength(200);
  expect(lines[0]).toMatch(/^50 x+…$/);
  expect(lines[0]).toHaveLength(4_001);
});
