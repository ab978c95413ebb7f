import { DataTable, List, Pagination } from 'react-admin';

export default function JobList() {
  return (
    <List pagination={<Pagination />} perPage={25} exporter={false}>
      <DataTable bulkActionButtons={false}>
        <DataTable.Col source="filename" />
        <DataTable.Col source="route" />
        <DataTable.Col source="status" />
        <DataTable.Col source="created_at" />
      </DataTable>
    </List>
  );
}
