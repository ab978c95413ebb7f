import { useRecordContext } from 'react-admin';

export function RecordTitle({ kind }: { kind: string }) {
  const record = useRecordContext();
  return (
    <span>
      {kind} {record?.id}
    </span>
  );
}
