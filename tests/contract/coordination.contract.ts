import { describe, expect, test } from 'vitest';
import type { Coordination } from '../../src/ports/coordination.ts';

/** What every coordination must do; see src/ports/coordination.ts. `open` gives another party on the same records. */
export function coordinationContract(name: string, setUp: () => () => Coordination): void {
  describe(`${name} as coordination`, () => {
    test('a record that was never written is created once', async () => {
      const open = setUp();
      const change = { name: 'runs/a', from: null, to: { runner: 'one' } };

      expect(await open().swap([change])).toEqual(['won']);
      expect(await open().swap([change])).toEqual(['lost']);
      expect((await open().read(['runs/a'])).get('runs/a')?.value).toEqual({ runner: 'one' });
    });

    test('of many swaps at once from one version, with equal contents, exactly one is won', async () => {
      const open = setUp();
      const change = { name: 'runs/a', from: null, to: { runner: 'same' } };

      const answers = await Promise.all(Array.from({ length: 20 }, () => open().swap([change])));

      expect(answers.flat().filter((answer) => answer === 'won')).toHaveLength(1);
    });

    test('a swap from a version that is gone is lost, also when the content came back', async () => {
      const open = setUp();
      const party = open();
      await party.swap([{ name: 'runs/a', from: null, to: { state: 'x' } }]);
      const first = (await party.read(['runs/a'])).get('runs/a')?.version ?? '';
      await party.swap([{ name: 'runs/a', from: first, to: { state: 'y' } }]);
      const second = (await party.read(['runs/a'])).get('runs/a')?.version ?? '';
      await party.swap([{ name: 'runs/a', from: second, to: { state: 'x' } }]);

      expect(await party.swap([{ name: 'runs/a', from: first, to: { state: 'z' } }])).toEqual([
        'lost',
      ]);
    });

    test('each change of a batch is decided on its own', async () => {
      const open = setUp();
      await open().swap([{ name: 'runs/b', from: null, to: {} }]);

      const answers = await open().swap(
        ['a', 'b', 'c'].map((id) => ({ name: `runs/${id}`, from: null, to: {} })),
      );

      expect(answers).toEqual(['won', 'lost', 'won']);
    });

    test('reading gives the named records that were written, and no others', async () => {
      const open = setUp();
      await open().swap(['runs/a', 'runs/ab'].map((name) => ({ name, from: null, to: { name } })));

      const found = await open().read(['runs/a', 'runs/none']);

      expect([...found].map(([name, { value }]) => [name, value])).toEqual([
        ['runs/a', { name: 'runs/a' }],
      ]);
    });
  });
}
