import { Box } from '@mui/material';
import type { ComponentProps } from 'react';

import { Section } from '../shared/Section';

/** A section among the parts of a record's page, which stand below each other. */
export function FormSection(props: ComponentProps<typeof Section>) {
  return (
    <Box sx={{ mb: 2 }}>
      <Section {...props} />
    </Box>
  );
}
