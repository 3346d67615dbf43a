import { type Checkout, openCheckout, type Snapshot } from '../git/simple-git/checkout.ts';
import { readSchemas } from '../namedconf/jsonnet/schemas.ts';
import { makeConfigVm } from '../namedconf/jsonnet/vm.ts';
import { loadProject, type Project } from '../namedconf/project.ts';
import type { SourceTree } from '../namedconf/source.ts';
import { makeValidator, type Validator } from '../namedconf/validate.ts';
import type { ConfigVm } from '../ports/system.ts';
import { sourceTree } from './source-tree.ts';
import { findWorkspace, type Workspace } from './workspace.ts';

/** What evaluates and validates configuration. */
export interface Config {
  readonly vm: ConfigVm;
  readonly validate: Validator;
}

/** The evaluator and the schemas that the package ships. */
export async function openConfig(): Promise<Config> {
  return { vm: makeConfigVm(), validate: makeValidator(await readSchemas()) };
}

/** The workspace as it lies in the working directory, committed or not. */
export interface WorkingCopy extends Config {
  readonly workspace: Workspace;
  readonly checkout: Checkout;
  readonly snapshot: Snapshot;
  readonly tree: SourceTree;
  readonly project: Project;
}

/** Reads the workspace around `folder`, gives it to `use`, and clears the snapshot away. @throws LTX_NO_WORKSPACE, LTX_CONFIG_… */
export async function withWorkingCopy<T>(
  folder: string,
  use: (copy: WorkingCopy) => Promise<T>,
): Promise<T> {
  const workspace = await findWorkspace(folder);
  const checkout = await openCheckout(workspace.root);
  const [snapshot, config] = await Promise.all([checkout.snapshot(), openConfig()]);
  try {
    const tree = await sourceTree(snapshot, snapshot.tree);
    const project = await loadProject(tree, config.vm, config.validate);
    return await use({ ...config, workspace, checkout, snapshot, tree, project });
  } finally {
    await snapshot.close();
  }
}
