import type { JobRecord, Run, Step } from './job';

/** Records for tests: what is not told is as of a file that has just come in. */
export function jobWith(told: Partial<JobRecord>): JobRecord {
  return {
    id: 'j1',
    job_id: 'j1',
    tenant: 'acme',
    user: 'sender',
    route: 'orders',
    revision: 3,
    filename: 'a.csv',
    object: {
      bucket: 'in',
      key: 'in/eu-central-1/06/acme/sender/orders/a.csv',
      version_id: 'v',
      size: 10,
      etag: '',
    },
    status: 'RUNNING',
    run: 1,
    executor: 'step_functions',
    executor_reason: '',
    executor_facts: null,
    home_region: 'eu-central-1',
    created_at: '2026-11-29T12:00:00Z',
    updated_at: '2026-11-29T12:00:00Z',
    ended_at: null,
    reason: null,
    reasons: [],
    waiting_for: null,
    sha256: null,
    first_job: null,
    rejected_at: null,
    runs: [],
    ...told,
  };
}

export function runWith(told: Partial<Run>): Run {
  return {
    run: 1,
    status: 'RUNNING',
    revision: 3,
    action: null,
    requested_by: null,
    comment: null,
    source: null,
    accepted: null,
    decision: null,
    executor: 'step_functions',
    execution_arn: null,
    workflow: null,
    started_at: '2026-11-29T12:00:00Z',
    ended_at: null,
    declared: {},
    steps: {},
    deliveries: {},
    error: null,
    outcome: null,
    wake_at: null,
    trouble: null,
    history: null,
    ...told,
  };
}

export function stepWith(result: Step['result'], told: Partial<Step> = {}): Step {
  return {
    status: 'SUCCEEDED',
    attempt: 0,
    started_at: '2026-11-29T12:00:00Z',
    ended_at: '2026-11-29T12:00:01Z',
    result,
    error: null,
    ...told,
  };
}
