import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, html, trusted } from './html.ts';

test('a value is escaped, a fragment is not, a list is joined', () => {
  const items = ['a<b', html`<b>${'"x"'}</b>`];

  const page = html`<p title="${"it's"}">${items}${null}${false}${0}</p>`;

  expect(String(page)).toBe('<p title="it&#39;s">a&lt;b<b>&quot;x&quot;</b>0</p>');
});

test('an attribute without quotes is refused', () => {
  expect(() => html`<p title=${'x onload'}>`).toThrow('without quotes');
  expect(String(html`<p>lr=${0.1}</p>`)).toBe('<p>lr=0.1</p>');
});

test('text that is trusted stays as it is', () => {
  expect(String(html`${trusted('<svg/>')}`)).toBe('<svg/>');
});

test('no text can open a tag, close an attribute or start an entity', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = escapeHtml(text);

      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
  );
});
