import { Box, CircularProgress } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { Edit, useEditContext, useNotify, type RaRecord } from 'react-admin';

import { ApiError } from '../api/client';
import type { OperationId } from '../auth/roles';
import { useMay } from '../auth/IdentityContext';
import { prepared } from '../schema/prepared';
import { useSchema, type SchemaName } from '../schema/SchemaContext';
import { ConflictDialog, type Conflict } from './ConflictDialog';
import { RecordTitle } from './RecordTitle';
import { SchemaForm } from './SchemaForm';

interface Props {
  schema?: SchemaName;
  /** What saving performs; who may not do it reads only. */
  operation: OperationId;
  kind: string;
  toolbar?: ReactNode;
  bare?: boolean;
  /** Of `bare`: as narrow as a form without cards of its own. */
  narrow?: boolean;
  /** What stands above the form: actions, warnings. */
  above?: ReactNode;
  /** What stands below the form, outside of it. */
  below?: ReactNode;
  /** What saving sends beside what the schema knows. */
  added?: (values: Record<string, unknown>) => Record<string, unknown>;
  children: ReactNode;
}

/** A record that is there: read anew when it is opened, and saved only if nobody else has changed it meanwhile. */
export function RecordEdit({
  schema: name,
  operation,
  kind,
  toolbar,
  bare,
  narrow = !bare,
  above,
  below,
  added,
  children,
}: Props) {
  const may = useMay();
  const notify = useNotify();
  const { data: schema } = useSchema(name);
  const [conflict, setConflict] = useState<Conflict>();
  return (
    <Edit
      title={<RecordTitle kind={kind} />}
      mutationMode="pessimistic"
      redirect={false}
      actions={false}
      component="div"
      sx={{ mt: 2, maxWidth: narrow ? 820 : undefined, '& .RaEdit-noActions': { mt: 0 } }}
      queryOptions={{ staleTime: 0, refetchOnMount: 'always' }}
      transform={(values: Record<string, unknown>) => ({
        ...withoutId(schema ? prepared(schema, values) : values),
        ...added?.(values),
      })}
      mutationOptions={{
        onSuccess: () => {
          notify('Saved', { type: 'success' });
        },
        onError: (error: Error, variables: { data?: unknown; previousData?: unknown }) => {
          if (error instanceof ApiError && error.status === 412) {
            setConflict({ mine: variables.data, before: variables.previousData as RaRecord });
          } else if (!(error instanceof ApiError) || error.mistakes.length === 0) {
            notify(error.message, { type: 'error' });
          }
        },
      }}
    >
      <>
        {above}
        <Fresh>
          <SchemaForm schema={name} readOnly={!may(operation)} toolbar={toolbar} bare={bare}>
            {children}
          </SchemaForm>
        </Fresh>
        {below && <Box sx={{ mt: 3 }}>{below}</Box>}
        <ConflictDialog
          conflict={conflict}
          close={() => {
            setConflict(undefined);
          }}
        />
      </>
    </Edit>
  );
}

/** Waits until the record was read anew: what is written before would be lost when it arrives. */
function Fresh({ children }: { children: ReactNode }) {
  const { isFetching } = useEditContext();
  const [fresh, setFresh] = useState(!isFetching);
  if (!fresh && !isFetching) setFresh(true);
  return fresh ? <>{children}</> : <CircularProgress aria-label="Loading" sx={{ m: 4 }} />;
}

function withoutId(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'id'));
}
