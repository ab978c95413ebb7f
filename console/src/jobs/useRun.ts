import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import type { components } from '../api/schema';
import { useTenant } from '../auth/IdentityContext';
import type { HistoryEvent } from '../workflow/path';
import type { JobRecord, Run } from './job';

type Workflow = components['schemas']['RunWorkflowAnswer'];
interface EventPage {
  items: HistoryEvent[];
  cursor: string | null;
}

const PAGE = 200;
const MOST_PAGES = 25;

/** A run's events, again and again until it is over; null where none are kept (yet). */
export function useHistory(job: JobRecord, run: Run) {
  const client = useClient();
  const tenant = useTenant();
  const queries = useQueryClient();
  const key = ['history', tenant, job.id, run.run];
  const live = !run.ended_at;
  const ended = run.ended_at;
  const known = JSON.stringify(key);
  // The last events come with the end, or shortly after it.
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: JSON.parse(known) as unknown[] });
  }, [ended, known, queries]);
  return useQuery<HistoryEvent[] | null, ApiError>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const events: HistoryEvent[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await client
          .call<EventPage>('readHistory', {
            path: { job_id: job.id, run: run.run },
            query: { limit: PAGE, cursor },
            signal,
          })
          .catch(nothing);
        if (!answer) return null;
        events.push(...answer.data.items);
        if (answer.data.cursor === null) break;
        cursor = answer.data.cursor;
      }
      return events;
    },
    refetchInterval: ({ state }) => (live || !isComplete(state.data) ? 2_500 : false),
    retry: false,
  });
}

/** The definition that a run runs; null where it is not known any more. */
export function useRunWorkflow(job: JobRecord, run: Run) {
  const client = useClient();
  const tenant = useTenant();
  return useQuery<Workflow | null, ApiError>({
    queryKey: ['run workflow', tenant, job.id, run.run],
    queryFn: async ({ signal }) => {
      const request = { path: { job_id: job.id, run: run.run }, signal };
      const answer = await client.call<Workflow>('readRunWorkflow', request).catch(nothing);
      return answer ? answer.data : null;
    },
    staleTime: Infinity,
    retry: false,
  });
}

/** What there is not is no mistake here. */
function nothing(error: unknown): null {
  if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
  throw error;
}

/** Whether no more events will come: the last one ends the execution, or there is no history to wait for. */
function isComplete(events: HistoryEvent[] | null | undefined): boolean {
  if (!events) return true;
  return /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(events[events.length - 1]?.type ?? '');
}
