import ErrorIcon from '@mui/icons-material/Report';
import { Box, Button } from '@mui/material';
import { Title, type ErrorProps } from 'react-admin';

import { Empty } from '../shared/Empty';

/** A view that broke: the rest of the console goes on. */
export function ErrorPage({ error, errorInfo }: ErrorProps) {
  return (
    <Box role="alert" sx={{ maxWidth: '50rem', mx: 'auto' }}>
      <Title title="This view is broken" />
      <Empty
        Icon={ErrorIcon}
        title="This view is broken"
        action={
          <Button variant="contained" onClick={() => window.location.reload()}>
            Load it anew
          </Button>
        }
      >
        It is a mistake in the console, not in your data. If it stays, tell whoever runs Fileferry what is
        written below.
      </Empty>
      <Box component="details" sx={{ px: 2, color: 'text.secondary' }}>
        <summary>Details</summary>
        <Box component="pre" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: 12 }}>
          {error instanceof Error ? `${error.name}: ${error.message}` : String(error)}
          {errorInfo?.componentStack}
        </Box>
      </Box>
    </Box>
  );
}
