import Add from '@mui/icons-material/Add';
import { Button } from '@mui/material';
import type { ReactNode } from 'react';
import { CreateButton, List, TopToolbar, useListContext } from 'react-admin';
import { Link } from 'react-router-dom';

import type { OperationId } from '../auth/roles';
import { useMay, useTenant } from '../auth/IdentityContext';
import { Empty } from '../shared/Empty';
import { Pages } from '../shared/Pages';
import { Problem } from '../shared/Problem';

interface Props {
  title: string;
  resource: string;
  create?: OperationId;
  /** What such a record is for; the first step when there is none. */
  about: string;
  what: string;
  perPage?: number;
  actions?: ReactNode;
  children: ReactNode;
}

/** A tenant's records of one kind. */
export function RecordList({ title, resource, create, about, what, perPage = 50, actions, children }: Props) {
  const mayCreate = useMay();
  const offered = create !== undefined && mayCreate(create);
  return (
    <List
      title={title}
      perPage={perPage}
      exporter={false}
      pagination={<Pages />}
      empty={<First resource={resource} about={about} what={what} offered={offered} />}
      actions={
        <TopToolbar>
          {actions}
          {offered && <CreateButton label={`New ${what}`} />}
        </TopToolbar>
      }
      disableSyncWithLocation
    >
      <Shown>{children}</Shown>
    </List>
  );
}

function Shown({ children }: { children: ReactNode }) {
  const { error, refetch } = useListContext();
  if (error) return <Problem error={error} title="The list cannot be shown" again={() => void refetch()} />;
  return <>{children}</>;
}

interface EmptyProps {
  resource: string;
  about: string;
  what: string;
  offered: boolean;
}

function First({ resource, about, what, offered }: EmptyProps) {
  const tenant = useTenant();
  return (
    <Empty
      title={`No ${what} yet`}
      action={
        offered && (
          <Button
            component={Link}
            to={`/t/${tenant}/${resource}/create`}
            variant="contained"
            startIcon={<Add />}
          >
            Create the first {what}
          </Button>
        )
      }
    >
      {about} {!offered && 'An administrator of the tenant can create one.'}
    </Empty>
  );
}
