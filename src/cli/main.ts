#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { LightexError } from '../model/errors.ts';
import { describeError, printJson, say } from './output.ts';
import { VERBS } from './verbs.ts';

/** Runs one command line. The exit code: 0 ok, 1 a run failed, 2 usage or configuration, 3 surroundings, 70 our bug. */
async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('lightex')
    .description('Experiments as files in git, results as Parquet, reports as HTML')
    .version(await version())
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('Try: lightex help');
  for (const verb of VERBS) {
    const command = program
      .command(verb.usage)
      .description(verb.summary)
      .addHelpText('after', `\n${verb.help}`);
    for (const [flags, description, initial] of verb.options)
      command.option(flags, description, initial);
    command.action(async (...args: unknown[]) => {
      const { run } = await verb.load();
      const [options, ...rest] = args.slice(0, -1).reverse() as [
        Record<string, never>,
        ...string[],
      ];
      exitCode = await run(rest.reverse().flat(), options);
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (cause) {
    return report(cause, argv.includes('--json'));
  }
}

function report(cause: unknown, asJson: boolean): number {
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 2;
  if (cause instanceof LightexError) {
    if (asJson)
      printJson({
        error: {
          code: cause.code,
          message: cause.message,
          hint: cause.hint,
          problems: cause.problems,
        },
      });
    say(describeError(cause));
    if (cause.fault === 'bug') say(cause.stack ?? '');
    return cause.exitCode;
  }
  say(
    `error: this is a defect of LightEx: ${cause instanceof Error ? cause.stack : String(cause)}`,
  );
  return 70;
}

async function version(): Promise<string> {
  const { readPackageVersion } = await import('./version.ts');
  return readPackageVersion();
}

// A reader that goes away (`lightex runs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : 70),
);
process.exitCode = await main(process.argv.slice(2));
