import { Button } from '@mui/material';
import { DataTable, FunctionField } from 'react-admin';
import { Link } from 'react-router-dom';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type Tenant = Schema<'Tenant'>;

export default function TenantList() {
  return (
    <RecordList
      title="Tenants"
      resource="tenants"
      create="createTenant"
      what="tenant"
      about="A tenant has users, destinations and routes of its own, and nothing of another's."
    >
      <DataTable<Tenant> bulkActionButtons={false} rowClick="edit">
        <DataTable.Col label="Tenant">
          <FunctionField<Tenant> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col source="name" disableSort />
        <DataTable.Col source="description" disableSort />
        <DataTable.Col label="State">
          <FunctionField<Tenant>
            render={({ enabled }) =>
              enabled ? <StatusChip label="On" tone="good" /> : <StatusChip label="Off" tone="neutral" />
            }
          />
        </DataTable.Col>
        <DataTable.Col label="Changed">
          <FunctionField<Tenant> render={({ updated_at }) => <Time at={updated_at} />} />
        </DataTable.Col>
        <DataTable.Col label="Console">
          <FunctionField<Tenant>
            render={({ id }) => (
              <Button
                size="small"
                component={Link}
                to={`/t/${id}/`}
                aria-label={`Open ${id}`}
                onClick={(event) => {
                  event.stopPropagation();
                }}
              >
                Open
              </Button>
            )}
          />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}
