import { Box } from '@mui/material';

import { RecordCreate } from '../records/RecordCreate';
import { RouteFields } from './RouteFields';

export default function RouteCreate() {
  return (
    <Box sx={{ maxWidth: 960 }}>
      <RecordCreate schema="route" title="New route" bare>
        <RouteFields />
      </RecordCreate>
    </Box>
  );
}
