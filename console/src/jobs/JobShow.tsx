import { Show, SimpleShowLayout, TextField } from 'react-admin';

export default function JobShow() {
  return (
    <Show>
      <SimpleShowLayout>
        <TextField source="filename" />
        <TextField source="status" />
      </SimpleShowLayout>
    </Show>
  );
}
