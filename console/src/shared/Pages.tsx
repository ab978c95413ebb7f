import { TablePagination } from '@mui/material';
import { useListContext } from 'react-admin';

const SIZES = [25, 50, 100, 200];

/** Pages of a listing with cursors: which rows these are, and no count, since the API does not count. */
export function Pages({ whereOne = false }: { whereOne?: boolean }) {
  const { page, perPage, hasNextPage, data, setPage, setPerPage } = useListContext();
  if (!whereOne && page === 1 && !hasNextPage) return null;
  const first = (page - 1) * perPage + 1;
  const rows = data?.length ?? 0;
  const shown = `${String(first)}–${String(first + rows - 1)}${hasNextPage ? ' of more' : ''}`;
  return (
    <TablePagination
      component="div"
      count={-1}
      page={page - 1}
      rowsPerPage={perPage}
      rowsPerPageOptions={SIZES}
      labelDisplayedRows={() => (rows === 0 ? 'none' : shown)}
      slotProps={{ actions: { nextButton: { disabled: !hasNextPage } } }}
      onPageChange={(_, next) => {
        setPage(next + 1);
      }}
      onRowsPerPageChange={({ target }) => {
        setPerPage(Number(target.value));
      }}
    />
  );
}
