import { Chip, Stack } from '@mui/material';
import { DataTable, FunctionField, ListContextProvider, useListContext } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { labelOf } from '../schema/Field';
import { byPriority, matchText } from './route';

type Route = Schema<'Route'>;

export default function RouteList() {
  return (
    <RecordList
      title="Routes"
      resource="routes"
      create="createRoute"
      what="route"
      about="A route says which files go where, what is checked, and what is done to them. It needs a destination and a user first."
      perPage={200}
    >
      <Sorted />
    </RecordList>
  );
}

/** In the order in which routes are tried. */
function Sorted() {
  const context = useListContext<Route>();
  const data = context.data && [...context.data].sort(byPriority);
  return (
    <ListContextProvider value={{ ...context, data } as typeof context}>
      <DataTable<Route> bulkActionButtons={false} rowClick="edit" size="medium">
        <DataTable.NumberCol source="priority" disableSort />
        <DataTable.Col source="id" label="Route" disableSort>
          <FunctionField<Route> render={(route) => <strong>{route.id}</strong>} />
        </DataTable.Col>
        <DataTable.Col label="Takes">
          <FunctionField<Route> render={(route) => <code>{matchText(route.match)}</code>} />
        </DataTable.Col>
        <DataTable.Col label="Operations">
          <FunctionField<Route>
            render={(route) => (route.transform ?? []).map(({ op }) => labelOf(op)).join(' → ') || '–'}
          />
        </DataTable.Col>
        <DataTable.Col label="Destinations">
          <FunctionField<Route>
            render={(route) => (
              <Stack direction="row" sx={{ gap: 0.5, flexWrap: 'wrap' }}>
                {route.deliver.destinations.map((name) => (
                  <Chip key={name} size="small" label={name} />
                ))}
              </Stack>
            )}
          />
        </DataTable.Col>
        <DataTable.Col label="State">
          <FunctionField<Route>
            render={({ enabled }) =>
              enabled === false ? (
                <StatusChip label="Off" tone="neutral" />
              ) : (
                <StatusChip label="On" tone="good" />
              )
            }
          />
        </DataTable.Col>
        <DataTable.NumberCol source="revision" disableSort />
        <DataTable.Col label="Since">
          <FunctionField<Route> render={(route) => <Time at={route.created_at} />} />
        </DataTable.Col>
      </DataTable>
    </ListContextProvider>
  );
}
