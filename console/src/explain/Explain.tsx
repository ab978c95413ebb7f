import { Box, Typography } from '@mui/material';
import { Title } from 'react-admin';
import { useSearchParams } from 'react-router-dom';

import { FormSection } from '../records/FormSection';
import { ExplainBox } from './ExplainBox';
import { queryOf, questionOf } from './question';

/** Why a file goes where it goes. */
export default function Explain() {
  const [query, setQuery] = useSearchParams();
  return (
    <Box sx={{ mt: 2, maxWidth: 1100 }}>
      <Title title="Explain" />
      <FormSection title="What becomes of a file?">
        <Typography variant="body2" color="text.secondary" sx={{ mb: 2 }}>
          Write a user and a path as the user sees it, or a key of the ingest bucket without a user. Nothing
          is changed; these are the router’s own decisions.
        </Typography>
        <ExplainBox
          initial={questionOf(query)}
          onAsk={(question) => {
            setQuery(queryOf(question), { replace: true });
          }}
        />
      </FormSection>
    </Box>
  );
}
