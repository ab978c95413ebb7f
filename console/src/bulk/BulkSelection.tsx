import { Stack } from '@mui/material';
import { useState } from 'react';
import { useGetMany, useListContext } from 'react-admin';

import { useMay } from '../auth/IdentityContext';
import { ActionButton } from '../jobs/ActionButton';
import { ACTION_NAMES, courseOf, OPERATIONS } from '../jobs/actions';
import type { Action, JobRecord } from '../jobs/job';
import { SelectionDialog } from './SelectionDialog';

/** Actions on the jobs that are selected, of those that are possible for any of them. */
export function BulkSelection() {
  const may = useMay();
  const [chosen, setChosen] = useState<Action>();
  const { onUnselectItems } = useListContext();
  const jobs = useSelected();
  const offered = ACTION_NAMES.filter(
    (action) =>
      may(OPERATIONS[action]) && jobs.some((job) => courseOf(job, { action, revision: 'current' }).possible),
  );
  return (
    <Stack direction="row" sx={{ flexWrap: 'wrap' }}>
      {offered.map((action) => (
        <ActionButton key={action} action={action} onChoose={setChosen} />
      ))}
      {chosen && (
        <SelectionDialog
          jobs={jobs}
          action={chosen}
          onClose={(done) => {
            setChosen(undefined);
            if (done) onUnselectItems();
          }}
        />
      )}
    </Stack>
  );
}

/** The selected jobs; those of other pages are read one by one. */
function useSelected(): JobRecord[] {
  const { data, selectedIds } = useListContext<JobRecord>();
  const here = (data ?? []).filter(({ id }) => selectedIds.includes(id));
  const missing = selectedIds.filter((id) => !here.some((job) => job.id === id)).map(String);
  const { data: others } = useGetMany<JobRecord>('jobs', { ids: missing }, { enabled: missing.length > 0 });
  const elsewhere = missing.length > 0 ? (others ?? []) : [];
  return [...here, ...elsewhere.filter((job) => job?.status !== undefined)];
}
