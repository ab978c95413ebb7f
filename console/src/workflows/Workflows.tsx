import { Box, CircularProgress, Link, List, ListItem, ListItemText } from '@mui/material';
import { Title } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';

import type { Schema } from '../api/types';
import { useTenant } from '../auth/IdentityContext';
import { FormSection } from '../records/FormSection';
import { useRecords } from '../records/useRecords';
import { Empty } from '../shared/Empty';
import { Problem } from '../shared/Problem';

/** The workflows that there are. */
export default function Workflows() {
  const tenant = useTenant();
  const { data, error, refetch } = useRecords<Schema<'WorkflowAnswer'>>('listWorkflows');
  return (
    <Box sx={{ mt: 2, maxWidth: 820 }}>
      <Title title="Workflows" />
      <FormSection
        title="Workflows"
        about="The order of the steps that jobs take. A published version never changes."
      >
        {error && (
          <Problem error={error} title="The workflows cannot be shown" again={() => void refetch()} />
        )}
        {!data && !error && <CircularProgress aria-label="Loading" />}
        {data?.length === 0 && <Empty title="No workflows">The stack has published none.</Empty>}
        <List>
          {data?.map(({ name, live_version }) => (
            <ListItem key={name} divider>
              <ListItemText
                primary={
                  <Link component={RouterLink} to={`/t/${tenant}/workflows/${name}`}>
                    {name}
                  </Link>
                }
                secondary={`New jobs start on version ${String(live_version)}`}
              />
            </ListItem>
          ))}
        </List>
      </FormSection>
    </Box>
  );
}
