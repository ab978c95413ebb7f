import type { components } from '../api/schema';

export type Job = components['schemas']['JobAnswer'];
export type JobWithRuns = components['schemas']['JobWithRuns'];
export type Run = components['schemas']['RunAnswer'];
export type Step = components['schemas']['StepAnswer'];
export type Delivery = components['schemas']['Delivery'];
export type Action = components['schemas']['Action'];
export type Kept = components['schemas']['Kept'];

/** react-admin's record of a job. */
export type JobRecord = JobWithRuns & { id: string };

/** Whether nothing more happens by itself. */
export function isOver(status: Job['status']): boolean {
  return status !== 'RECEIVED' && status !== 'RUNNING';
}

export const EXECUTOR_NAMES: Record<Job['executor'], string> = {
  step_functions: 'Step Functions',
  worker: 'Worker',
};

/** The route's name; undefined where no route has taken the file. */
export function routeOf(job: Job): string | undefined {
  return job.revision > 0 ? job.route : undefined;
}

/** Where the sender has put the file: the end of `in/REGION/SHARD/TENANT/USER/PATH`. */
export function pathOfFile(job: Job): string {
  return job.object.key.split('/').slice(5).join('/') || job.filename;
}
