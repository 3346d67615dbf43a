import { fileCoordination } from '../../src/platform/file-coordination.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { coordinationContract } from './coordination.contract.ts';

coordinationContract('the workspace lock', () => {
  const folder = temporaryFolder();
  return () => fileCoordination(folder);
});
