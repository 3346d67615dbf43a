// Types of the files in schemas/ -> src/model/schema.generated.ts. `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const OUTPUT = 'src/model/schema.generated.ts';
const FILES = ['experiment', 'project', 'runner', 'report'];
const WORDS = ['executorKind', 'runStatus', 'runReason'];

const refs = [
  ...FILES.map((file) => [file, { $ref: `${file}.schema.json` }]),
  ...WORDS.map((word) => [word, { $ref: `defs.schema.json#/$defs/${word}` }]),
];
const schema = {
  title: 'SchemaFiles',
  type: 'object',
  properties: Object.fromEntries(refs),
  additionalProperties: false,
};
const code = await compile(schema as Parameters<typeof compile>[0], 'SchemaFiles', {
  cwd: `${process.cwd()}/schemas/`,
  bannerComment: '// From schemas/ by `npm run gen`. Do not edit.',
  additionalProperties: false,
  $refOptions: { resolve: { http: false } },
});

if (!process.argv.includes('--check')) {
  writeFileSync(OUTPUT, code);
} else if (readFileSync(OUTPUT, 'utf8') !== code) {
  process.stderr.write(`${OUTPUT} does not match schemas/. Run: npm run gen\n`);
  process.exitCode = 1;
}
