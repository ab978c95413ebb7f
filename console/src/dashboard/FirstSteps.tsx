import CheckCircle from '@mui/icons-material/CheckCircle';
import RadioButtonUnchecked from '@mui/icons-material/RadioButtonUnchecked';
import { Box, Button, Card, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router-dom';

import { useMay, useTenant } from '../auth/IdentityContext';
import type { OperationId } from '../auth/roles';
import { useLive } from '../shared/useLive';

interface Step {
  title: string;
  why: string;
  resource: string;
  list: OperationId;
  create: OperationId;
  button: string;
}

const STEPS: readonly Step[] = [
  {
    title: 'Create a user',
    why: 'The login with which a partner uploads over SFTP. It needs the partner’s public SSH key.',
    resource: 'users',
    list: 'listUsers',
    create: 'createUser',
    button: 'Create a user',
  },
  {
    title: 'Create a destination',
    why: 'Where files go: an SFTP server, an S3 bucket or an HTTPS address. Test the connection when it is there.',
    resource: 'destinations',
    list: 'listDestinations',
    create: 'createDestination',
    button: 'Create a destination',
  },
  {
    title: 'Create a route',
    why: 'Which files it takes, what is checked and changed, and to which destinations it delivers.',
    resource: 'routes',
    list: 'listRoutes',
    create: 'createRoute',
    button: 'Create a route',
  },
];

/** What to do in a tenant in which no file ever came. */
export function FirstSteps() {
  const tenant = useTenant();
  return (
    <Card variant="outlined" component="section" aria-labelledby="first-steps" sx={{ p: 3, maxWidth: 720 }}>
      <Typography id="first-steps" component="h2" variant="h6">
        First steps
      </Typography>
      <Typography color="text.secondary" sx={{ mb: 2 }}>
        No file has come to {tenant} yet. Three records are needed, and then a file:
      </Typography>
      <Box component="ol" sx={{ listStyle: 'none', p: 0, m: 0, display: 'grid', gap: 2.5 }}>
        {STEPS.map((step) => (
          <StepItem key={step.resource} step={step} />
        ))}
        <Item
          done={false}
          title="Send a file"
          why="Log in over SFTP as the user and upload a file that the route takes. It is shown here within seconds."
        />
      </Box>
    </Card>
  );
}

function StepItem({ step }: { step: Step }) {
  const may = useMay();
  const path = useCreatePath();
  const { data } = useLive<{ items: unknown[] }>(
    step.list,
    { query: { limit: 1 } },
    { enabled: may(step.list) },
  );
  const done = (data?.items.length ?? 0) > 0;
  return (
    <Item done={done} title={step.title} why={step.why}>
      {!done && may(step.create) && (
        <Button
          component={RouterLink}
          to={path({ resource: step.resource, type: 'create' })}
          variant="outlined"
          size="small"
        >
          {step.button}
        </Button>
      )}
      {!done && !may(step.create) && (
        <Typography variant="body2" color="text.secondary">
          This takes the role of a tenant admin.
        </Typography>
      )}
    </Item>
  );
}

interface ItemProps {
  done: boolean;
  title: string;
  why: string;
  children?: ReactNode;
}

function Item({ done, title, why, children }: ItemProps) {
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1.5 }}>
      {done ? (
        <CheckCircle color="success" titleAccess="Done" />
      ) : (
        <RadioButtonUnchecked color="disabled" titleAccess="To do" />
      )}
      <Box sx={{ flex: 1 }}>
        <Typography sx={{ fontWeight: 600 }}>{title}</Typography>
        <Typography variant="body2" color="text.secondary" sx={{ mb: children ? 1 : 0 }}>
          {why}
        </Typography>
        {children}
      </Box>
    </Box>
  );
}
