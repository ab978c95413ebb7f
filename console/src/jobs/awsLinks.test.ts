import { describe, expect, it } from 'vitest';

import type { Config } from '../config';
import { awsLinks } from './awsLinks';
import { runWith } from './samples';

const LOCAL: Config = { apiUrl: '', issuer: '', clientId: '', scope: '', rolesClaim: '' };
const AWS: Config = {
  ...LOCAL,
  region: 'eu-central-1',
  awsConsole: 'https://eu-central-1.console.aws.amazon.com',
  logGroups: { stage: '/aws/lambda/fileferry-stage' },
};
const ARN = 'arn:aws:states:eu-central-1:123456789012:execution:fileferry-transfer-v1:j1-1';

describe('awsLinks', () => {
  it('are none outside of AWS', () => {
    expect(awsLinks(LOCAL, 'j1', runWith({ execution_arn: ARN }))).toEqual([]);
  });

  it('lead to the execution, its traces and its log lines', () => {
    const links = awsLinks(AWS, 'j1', runWith({ execution_arn: ARN }));
    expect(links.map(({ name }) => name)).toEqual(['Execution', 'X-Ray traces', 'Logs']);
    expect(links[0]?.href).toBe(
      `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${ARN}`,
    );
    expect(links[1]?.href).toContain('fileferry-transfer-v1');
    expect(links[2]?.href).toContain('#logsV2:logs-insights$3FqueryDetail$3D~(end~$27');
  });

  it('leave out the execution of the worker’s runs', () => {
    expect(awsLinks(AWS, 'j1', runWith({ executor: 'worker' })).map(({ name }) => name)).toEqual(['Logs']);
  });
});
