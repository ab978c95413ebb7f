import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useEditContext, useResourceContext, type RaRecord } from 'react-admin';

import { useClient } from '../api/useClient';
import { RESOURCES } from '../api/resources';
import { JsonDiff } from '../diff/JsonDiff';
import { Problem } from '../shared/Problem';

export interface Conflict {
  mine: unknown;
  before: RaRecord;
}

/** After a 412: what somebody else has changed since the record was read. */
export function ConflictDialog({ conflict, close }: { conflict: Conflict | undefined; close: () => void }) {
  const client = useClient();
  const resource = useResourceContext() ?? '';
  const { refetch } = useEditContext();
  const map = RESOURCES[resource];
  const { data, error } = useQuery({
    queryKey: ['conflict', resource, conflict?.before.id],
    queryFn: async () => {
      if (!map?.read) throw new Error(`${resource} cannot be read`);
      return (await client.call(map.read, { path: { [map.part]: String(conflict?.before.id) } })).data;
    },
    enabled: conflict !== undefined,
    gcTime: 0,
  });
  return (
    <Dialog open={conflict !== undefined} onClose={close} maxWidth="lg" fullWidth aria-labelledby="conflict">
      <DialogTitle id="conflict">Somebody else has changed this meanwhile</DialogTitle>
      <DialogContent>
        <Typography sx={{ mb: 2 }}>
          Nothing of yours was saved. This is what changed since you opened it:
        </Typography>
        {error && <Problem error={error} />}
        {data !== undefined && (
          <JsonDiff before={conflict?.before} after={data} names={['As you opened it', 'Now']} />
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Keep my text to copy from it</Button>
        <Button
          variant="contained"
          onClick={() => {
            void refetch();
            close();
          }}
        >
          Reload, without my changes
        </Button>
      </DialogActions>
    </Dialog>
  );
}
